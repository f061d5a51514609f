"""Processes that tests start: the command, and programs that use the package.

Importing costs a process more than most tests have it do. So where nothing that a new process reads
as it begins is asked for, it is forked from one of each pytest process that has imported all there is.
"""

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fork_server import COMMAND, NUMBER
from waiting import LONG

VARIABLE = "CONVERSATION_CLIENT_BASE_URL"
READ_AT_START = ("PYTHON", "LANG", "LC_", "LD_", "COVERAGE", "CONVERSATION_CLIENT_LOG")
"""How variables begin that are read as Python begins, or as the package is imported."""
_USUAL = dict(os.environ)
"""The variables before any test has changed them."""


def without_coverage() -> dict[str, str]:
    """The environment of a process that may be unable to write down what coverage has seen."""
    return {name: value for name, value in os.environ.items() if "COVERAGE" not in name}


def run(code: str, *arguments: str, **environment: str) -> str:
    """Run a program and return what it prints."""
    inherited = {name: value for name, value in os.environ.items() if name != VARIABLE}
    ended = completed(code, arguments, inherited | environment)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def completed(
    code: str | None,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    stdin: bytes = b"",
    *,
    wrapper: Sequence[str] = (),
    seconds: float = LONG,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program, the command if it is None, on pipes to its end.

    A wrapper is what starts the program with its command line as last arguments.
    """
    if wrapper or not can_be_forked(environment):
        return subprocess.run(
            [*wrapper, *new(code), *arguments],
            input=stdin,
            env=environment,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    pipes = [os.pipe() for _ in range(3)]
    (theirs, to_input), (output, theirs_too), (errors, theirs_as_well) = pipes
    given = (theirs, theirs_too, theirs_as_well)
    process = Forked(code, arguments, environment, given)
    for descriptor in given:
        os.close(descriptor)
    with ThreadPoolExecutor(3) as threads:
        threads.submit(_write, to_input, stdin)
        told = [threads.submit(_read, descriptor) for descriptor in (output, errors)]
        try:
            returncode = process.wait(seconds)
        finally:
            process.end()
    return subprocess.CompletedProcess(arguments, returncode, *(each.result() for each in told))


def new(code: str | None) -> list[str]:
    """What starts a program, or the command, in a process that is new indeed."""
    return [sys.executable, *(("-m", COMMAND) if code is None else ("-c", code))]


def can_be_forked(environment: Mapping[str, str]) -> bool:
    """Tell whether a fork is as good as a new process with that environment."""
    if sys.platform != "linux" or not hasattr(
        os, "fork"
    ):  # elsewhere libraries of the system may not live through it
        return False
    return _at_start(environment) == _at_start(_USUAL)


class Forked:
    """A process that is as a new one, but has imported what it needs; used as a `Popen`."""

    def __init__(
        self,
        code: str | None,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        streams: tuple[int, int, int],
        *,
        has_terminal: bool = False,
    ) -> None:
        asked = {
            "code": code,
            "arguments": arguments,
            "environment": dict(environment),
            "directory": str(Path.cwd()),
            "network": f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net",
            "has_terminal": has_terminal,
        }
        self._socket, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(_server(), [b"+"], [*streams, theirs.fileno()])
        self._socket.sendall(json.dumps(asked).encode() + b"\n")
        self.pid = self._heard()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._socket], [], [], 0)[0]:
            self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None and not select.select([self._socket], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._end()

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> None:
        self.kill()
        self.wait()

    def _end(self) -> int:
        if self.returncode is None:
            with self._socket:
                self.returncode = self._heard()
        return self.returncode

    def _heard(self) -> int:
        (number,) = NUMBER.unpack(self._socket.recv(NUMBER.size))
        return int(number)


@functools.cache
def _server() -> socket.socket:
    """Start what forks, which ends as this process does, and return its socket."""
    mine, its = socket.socketpair()
    program = Path(__file__).with_name("fork_server.py")
    with its:
        process = subprocess.Popen(
            [sys.executable, str(program), str(its.fileno())],
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            cwd=program.parents[1],
            env=_USUAL,
        )

    def end() -> None:
        mine.close()
        process.wait()

    atexit.register(end)
    return mine


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(content)


def _read(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as pipe:
        return pipe.read()
