"""The virtual environments of the clients, which cannot all live in one.

They stay below the directory that `CONVERSATION_CLIENT_BENCH_ENVS` names, or else in the user's
cache, until what they need changes.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
import venv
import zlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent
VARIABLE = "CONVERSATION_CLIENT_BENCH_ENVS"

CLIENTS = "clients"
HTTPX2, PYCURL, PYDANTIC, WREQ = "httpx2", "pycurl", "pydantic", "wreq"
SDK_5 = "official SDK 5.0.1"
SDK_2 = "official SDK 2.2.0"
DASK = "distributed"
PICTURE = "picture"

LIGHT = {
    CLIENTS: ("aiohttp", "cattrs", "orjson", "uvloop"),
    DASK: ("aiohttp", "cattrs", "orjson", "uvloop", "distributed"),
    **{name: (name,) for name in (HTTPX2, PYCURL, PYDANTIC, WREQ)},
}
"""Environments that are quickly made, and the modules that an interpreter needs to do for one."""
TOLD = "aiohttp attrs cattrs distributed httpx2 multidict orjson pieces_os_client pycurl pydantic urllib3 uvloop wreq"


def requirements(name: str) -> list[str]:
    """List what an environment has to hold; for ourselves what `pyproject.toml` says."""
    if name in (CLIENTS, DASK):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        needs = [*project["dependencies"], *project["optional-dependencies"]["speed"]]
        return needs if name == CLIENTS else [*needs, name]
    if name in (SDK_5, SDK_2):
        return [f"pieces_os_client=={name.removeprefix('official SDK ')}"]
    return ["matplotlib" if name == PICTURE else name]


def interpreters(names: Iterable[str], *, quick: bool) -> dict[str, Path]:
    """Return the interpreter of each environment, made where there is none.

    A quick run makes only those that are quickly made, uses the running interpreter where that
    will do, and leaves out what it cannot have.
    """
    found = {}
    for name in names:
        python = _cached(name)
        if python is None and quick:
            python = _makeshift(name)
        elif python is None:
            python = _make(name)
        if python is not None:
            found[name] = python
    return found


def versions(python: Path) -> dict[str, str]:
    """Return the versions of what counts in an environment."""
    code = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({d.name.replace('-', '_'): d.version for d in m.distributions()}))"
    )
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    installed = json.loads(run.stdout)
    return {name: installed[name] for name in TOLD.split() if name in installed}


def _folder(name: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parent = Path(os.environ.get(VARIABLE) or cache / "conversation-client-benchmarks")
    needs = requirements(name)
    label = f"benchmark-{zlib.crc32(repr(needs).encode()):08x}" if len(needs) > 1 else needs[0]
    return parent / f"{label.replace('==', '-')}-{sys.implementation.cache_tag}"


def _cached(name: str) -> Path | None:
    folder = _folder(name)
    return folder / "bin" / "python" if (folder / "complete").exists() else None


def _makeshift(name: str) -> Path | None:
    if name in LIGHT and all(importlib.util.find_spec(module) for module in LIGHT[name]):
        return Path(sys.executable)
    try:
        if name in LIGHT:
            return _make(name)
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr)
    print(f"left out, for want of an environment: {name}", file=sys.stderr)
    return None


def _make(name: str) -> Path:
    print(f"making an environment: {name}", file=sys.stderr)
    folder = _folder(name)
    venv.create(folder, clear=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    install = [*pip, "install", "--quiet", "--retries", "1", *requirements(name)]
    subprocess.run(install, stderr=subprocess.PIPE, text=True, check=True)
    (folder / "complete").touch()
    return python
