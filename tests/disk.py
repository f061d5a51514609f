"""A disk that a program writes to: what it does there, and what a power cut would leave of it."""

import random
import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

SECTOR = 512
"""Bytes that a disk writes at once or not at all."""
_HEAD = struct.Struct("=5Q")


def compiled(folder: Path) -> Path | None:
    """Return `disk.c` as a library to preload, None where there is no compiler for it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = folder / "disk.so"
    source = Path(__file__).with_name("disk.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl", "-lpthread"]
    ended = subprocess.run([*map(str, command)], capture_output=True, check=False)
    return library if ended.returncode == 0 else None


def watching(library: Path, directory: Path, log: Path | None = None) -> dict[str, str]:
    """Return the variables for a program whose writes to a directory are to be seen."""
    told = {"LD_PRELOAD": str(library), "DISK_DIRECTORY": str(directory)}
    return told if log is None else told | {"DISK_LOG": str(log)}


@attrs.frozen
class Operation:
    """Something that was done to a file: created, written, truncated, synced, renamed, unlinked."""

    kind: str
    time: float
    """When it had been done, by the monotonic clock."""
    inode: int
    offset: int
    content: bytes

    @property
    def names(self) -> list[str]:
        return self.content.decode().split("\0")


def operations(log: Path) -> Iterator[Operation]:
    records = log.read_bytes()
    place = 0
    while place < len(records):
        kind, time, inode, offset, size = _HEAD.unpack_from(records, place)
        place += _HEAD.size + size
        content = records[place - size : place]
        yield Operation(chr(kind), time / 1e9, inode, offset, content)


class _File:
    """What is certainly on the disk, and what may be."""

    def __init__(self) -> None:
        self.certain = bytearray()
        self.pending: list[Operation] = []

    def sync(self) -> None:
        for change in self.pending:
            _apply(change, self.certain, range(0, len(change.content), SECTOR))
        self.pending.clear()

    def after_cut(self, choose: random.Random) -> bytes:
        content = bytearray(self.certain)
        share = choose.choice((0.0, 0.5, 0.9, 1.0))
        for change in self.pending:
            sectors = range(0, max(len(change.content), 1), SECTOR)
            kept: Sequence[int]
            if choose.random() < 0.8:  # as a whole or not at all
                kept = sectors if choose.random() < share else ()
            else:
                kept = [sector for sector in sectors if choose.random() < share]
            if kept:
                _apply(change, content, kept)
        return bytes(content)


def _apply(change: Operation, content: bytearray, sectors: Iterable[int]) -> None:
    if change.kind == "t":
        content[change.offset :] = bytes(max(change.offset - len(content), 0))
        return
    for sector in sectors:
        piece = change.content[sector : sector + SECTOR]
        place = change.offset + sector
        content.extend(bytes(max(place - len(content), 0)))
        content[place : place + len(piece)] = piece


class Disk:
    """Replays operations, and knows which of them a sync has made certain.

    What is not certain yet may be lost, done in part or done before what came earlier, and so may
    be the names of files.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._inode = directory.stat().st_ino
        self._by_inode: dict[int, _File] = {}
        self._by_name: dict[str, _File] = {}
        self._certain: dict[str, _File] = {}
        self._pending: list[dict[str, _File | None]] = []

    def do(self, operation: Operation) -> None:
        match operation.kind:
            case "c":
                file = self._by_inode[operation.inode] = _File()
                self._name({operation.names[0]: file})
            case "w" | "t":
                self._by_inode[operation.inode].pending.append(operation)
            case "s" if operation.inode == self._inode:
                for changes in self._pending:
                    _rename(self._certain, changes)
                self._pending.clear()
            case "s":
                self._by_inode[operation.inode].sync()
            case "r":
                before, after = operation.names
                self._name({before: None, after: self._by_name[before]})
            case "u":
                self._name({operation.names[0]: None})

    def _name(self, changes: "dict[str, _File | None]") -> None:
        _rename(self._by_name, changes)
        self._pending.append(changes)

    def now(self) -> dict[str, bytes]:
        """Return what a program sees that looks."""
        for file in self._by_name.values():
            file.sync()
        return {Path(name).name: bytes(file.certain) for name, file in self._by_name.items()}

    def after_cut(self, choose: random.Random) -> dict[str, bytes]:
        """Return what may be left after a power cut now."""
        names = dict(self._certain)
        share = choose.choice((0.0, 0.5, 1.0))
        for changes in self._pending:
            if choose.random() < share:
                _rename(names, changes)
        return {Path(name).name: file.after_cut(choose) for name, file in names.items()}


def _rename(names: dict[str, _File], changes: "dict[str, _File | None]") -> None:
    for name, file in changes.items():
        if file is None:
            names.pop(name, None)
        else:
            names[name] = file
