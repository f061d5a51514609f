"""Where the released clients live: each in an environment of its own, made when it is first needed.

Environments are kept below the directory that `CONVERSATION_CLIENT_INTEROP_ENVS` names, or else
below a temporary one, which the processes of one run of the tests share.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from children import with_authorities

UNREACHABLE = re.compile(
    r"Max retries exceeded|\(from versions: none\)|ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT"
)
"""What pip or npm says where there is no index that it can ask."""
LIMIT = 300
"""Seconds that an installation may take."""


class Environments:
    """The released clients' environments, below one directory."""

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        parent.mkdir(parents=True, exist_ok=True)

    def python(self, name: str, version: str) -> Path:
        """Return the interpreter of an environment that has a release of a package."""

        def make(folder: Path) -> None:
            venv.create(folder, clear=True)
            pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
            _install([*pip, "install", "--quiet", "--retries", "1", f"{name}=={version}"])

        folder = f"{name}-{version}-{sys.implementation.cache_tag}"
        return self._made(folder, make) / "bin" / "python"

    def node(self, name: str, version: str) -> Path:
        """Return a directory in which Node finds a release of a package; skips without Node."""
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            pytest.skip("there is no Node here")

        def make(folder: Path) -> None:
            folder.mkdir(exist_ok=True)
            options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
            _install([npm, "install", *options, f"{name}@{version}"])

        return self._made(f"{name.rsplit('/', maxsplit=1)[-1]}-{version}-node", make)

    def _made(self, name: str, make: Callable[[Path], None]) -> Path:
        folder = self._parent / name
        with _only_one(folder.with_name(f"{name}.lock")):
            if not (folder / "complete").exists():
                make(folder)
                (folder / "complete").touch()
        return folder


def kept_environments(temporary: Path) -> Environments:
    """Return the environments that are kept, or those below a temporary directory."""
    kept = os.environ.get("CONVERSATION_CLIENT_INTEROP_ENVS")
    return Environments(Path(kept) if kept else temporary)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Keep other processes out; ends with the process, whatever becomes of it."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(command: list[str]) -> None:
    done = subprocess.run(
        command, env=with_authorities(), capture_output=True, text=True, check=False, timeout=LIMIT
    )
    if done.returncode and (found := UNREACHABLE.search(done.stderr)):
        pytest.skip(f"the package index cannot be reached: {found[0]}")
    assert done.returncode == 0, done.stderr
