"""What stands for the official SDK against the SDK itself: names, arguments and what is raised."""

import importlib
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cases import golden
from raw_server import RawRequest, RawServer, reply

from conversation_client import compat

from .environments import Environments

pytestmark = pytest.mark.interop

LIMIT = 120
"""Seconds after which a test fails rather than waits."""


@pytest.fixture(scope="module", params=["5.0.1", "2.2.0"])
def sdk_release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sdk_python(sdk_release: str, environments: Environments) -> Path:
    """The interpreter that has the release."""
    return environments.python("pieces_os_client", sdk_release)


def told_by(python: str | Path, program: str, *arguments: str) -> Any:
    """Return what a program of this folder prints."""
    command = [python, Path(__file__).with_name(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_recorded_of_the_release_is_what_it_has(sdk_python: Path, sdk_release: str) -> None:
    assert told_by(sdk_python, "describe_sdk.py") == golden(f"sdk/{sdk_release}")


def test_models_are_in_the_modules_of_the_release(sdk_python: Path) -> None:
    theirs = told_by(sdk_python, "find_models.py")
    known = {module: name for module, name in theirs.items() if hasattr(compat, name)}
    assert len(known) > 200
    for module, name in known.items():
        found = importlib.import_module(f"conversation_client.compat.models.{module}")
        assert getattr(found, name) is getattr(compat, name)


def refuse(request: RawRequest) -> bytes:
    """Answer with the status that is the last part of the path, or with a page."""
    last = request.target.rpartition("/")[2]
    if last == "page":
        return reply(200, "<html>", content_type="text/html")
    return reply(f"{last} For A Reason", f"text of {last}", x_told=last)


def test_what_the_release_raises_is_raised_with_the_same_status(sdk_python: Path) -> None:
    with RawServer(refuse) as server, socket.socket() as silent, socket.socket() as unused:
        silent.bind(("127.0.0.1", 0))
        unused.bind(("127.0.0.1", 0))
        silent.listen()
        ports = [taken.getsockname()[1] for taken in (silent, unused)]
        urls = [server.url, *(f"http://127.0.0.1:{port}" for port in ports)]
        theirs = told_by(sdk_python, "provoke.py", "pieces_os_client", *urls)
        ours = told_by(sys.executable, "provoke.py", compat.__name__, *urls)
    assert theirs.keys() == ours.keys()
    assert sum(error is not None for error in theirs.values()) > 590
    for call, error in ours.items():
        assert error["classes"][-1] == "ApiException"
        if isinstance(theirs[call], dict):
            assert set(theirs[call].pop("classes")) <= set(error.pop("classes"))
            assert error == theirs[call], call
        else:  # an exception of another library's, or a page that it takes for a success
            assert error["status"] == 0
            assert call.split()[1] in ("page", "silent", "refused")
