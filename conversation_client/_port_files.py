"""The files in which Pieces OS notes its port, by operating system."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

MOST = 32
"""Bytes of a file that holds a port and nothing else."""

_PORT = re.compile(rb"\s*([0-9]{1,5})\s*")
_FILE = ("com.pieces.os", "production", "Config", ".port.txt")


def port_files(platform: str, home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return where the file may be, the likeliest place first.

    Args:
        platform: As `sys.platform` has it.
        home: The user's directory.
        environment: The variables of the process.
    """
    kind: type[PurePath] = PureWindowsPath if platform == "win32" else PurePosixPath
    user = kind(home)
    data: PurePath | None = user / ".local" / "share"
    if platform == "darwin":
        data = user / "Library"
    elif platform == "win32":
        local = environment.get("LOCALAPPDATA")
        data = kind(local) / "Mesh Intelligent Technologies, Inc" / "Pieces OS" if local else None
    roots = (data, user / "Documents")
    places = (root.joinpath(*_FILE) for root in roots if root is not None)
    return tuple(str(place) for place in places if place.is_absolute())


def read_port(path: str) -> int | None:
    """Return the port that a file holds; `None` for whatever else is there, which is not waited for."""
    try:
        if not _is_small_file(Path(path).stat()):  # a pipe's writer must not notice anything
            return None
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            if not _is_small_file(os.fstat(descriptor)):
                return None
            return parse_port(os.read(descriptor, MOST + 1))
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        return None


def parse_port(content: bytes) -> int | None:
    """Read a port, which may have white space around it."""
    found = _PORT.fullmatch(content) if len(content) <= MOST else None
    port = int(found[1]) if found else 0
    return port if 0 < port < 65536 else None


def _is_small_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_size <= MOST
