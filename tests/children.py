"""Processes that tests start: the command, and programs that use the package.

Importing costs a process more than most tests have it do. So where nothing is asked for that a new
process reads as it begins, it is forked from one that has imported all there is.
"""

import atexit
import functools
import gc
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
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from fork_server import COMMAND, NUMBER, STREAMS
from waiting import LONG

VARIABLE = "CONVERSATION_CLIENT_BASE_URL"
READ_AT_START = (
    *("PYTHON", "LANG", "LC_", "LD_", "MALLOC_", "COVERAGE"),
    *("AIOHTTP_", "CONVERSATION_CLIENT_LOG"),
)
"""How variables begin that are read as Python begins, or as the package is imported."""
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each compiles all that it imports
NO_AUTHORITIES = ("SSL_CERT_FILE", os.devnull)
"""What spares each process the certificates that aiohttp reads as it is imported."""
os.environ.setdefault(*NO_AUTHORITIES)
_USUAL = dict(os.environ)
"""The variables before any test has changed them."""


def without_coverage() -> dict[str, str]:
    """The environment of a process that may be unable to write down what coverage has seen."""
    return {name: value for name, value in os.environ.items() if "COVERAGE" not in name}


def with_authorities() -> dict[str, str]:
    """The environment of a process that trusts those whom the system trusts."""
    return {name: value for name, value in os.environ.items() if (name, value) != NO_AUTHORITIES}


def run(code: str, *arguments: str, **environment: str) -> str:
    """Run a program and return what it prints."""
    inherited = {name: value for name, value in os.environ.items() if name != VARIABLE}
    ended = completed(code, *arguments, environment=inherited | environment)
    assert ended.returncode == 0, ended.stderr
    return str(ended.stdout)


def completed(
    code: str | None,
    *arguments: str,
    stdin: str | bytes = "",
    seconds: float = LONG,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """Run a program to its end, or its time's, with the options of `started`."""
    with started(code, *arguments, **options) as process:
        try:
            output, errors = process.communicate(stdin, seconds)
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.wait(), output, errors)


def started(
    code: str | None,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    wrapper: Sequence[str] = (),
    without: str = "",
    text: bool = True,
    is_new: bool = False,
) -> "New | Piped":
    """Start a program, the command if it is None, on three pipes.

    Args:
        code: The program.
        arguments: What comes after it on its command line.
        environment: All of its variables; by default those of this process.
        wrapper: What is to start it; it gets the command line as its last arguments.
        without: Names of streams that it is to have closed, such as "stdin stdout".
        text: Whether the pipes take and give texts rather than bytes.
        is_new: Whether it matters that nothing is imported as it begins.
    """
    variables = dict(os.environ if environment is None else environment)
    if not wrapper and not is_new and can_be_forked(variables):
        return Piped(code, arguments, variables, without, text=text)
    return New(
        [*wrapper, *closing(without), *new(code), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=text,
        env=variables,
    )


def new(code: str | None) -> list[str]:
    """What starts a program, the command if it is None, in a process that is new indeed."""
    return [sys.executable, *(("-m", COMMAND) if code is None else ("-c", code))]


def closing(streams: str) -> list[str]:
    """What starts the program of the arguments after it without some streams."""
    closed = [f"{STREAMS.index(name)}>&-" for name in streams.split()]
    return ["sh", "-c", " ".join(('exec "$@"', *closed)), "-"] if closed else []


def can_be_forked(environment: Mapping[str, str]) -> bool:
    """Tell whether a fork is as good as a new process with that environment."""
    # Elsewhere libraries of the system may not live through it; PyPy shares no memory so.
    is_possible = sys.platform == "linux" and hasattr(os, "fork") and hasattr(gc, "freeze")
    return is_possible and _at_start(environment) == _at_start(_USUAL)


class New(subprocess.Popen[Any]):
    """A process that is new indeed, on three pipes."""

    stdin: IO[Any]
    stdout: IO[Any]
    stderr: IO[Any]


class Forked:
    """A process that is as a new one, but has imported what it needs; used as a `Popen`."""

    def __init__(
        self,
        code: str | None,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        streams: tuple[int, int, int],
        without: str = "",
        *,
        has_terminal: bool = False,
    ) -> None:
        asked = {
            "code": code,
            "arguments": arguments,
            "environment": dict(environment),
            "directory": str(Path.cwd()),
            "network": f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net",
            "without": without,
            "has_terminal": has_terminal,
        }
        self.args = [*new(code), *arguments]
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
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self._end()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self) -> int:
        if self.returncode is None:
            with self._socket:
                self.returncode = self._heard()
        return self.returncode

    def _heard(self) -> int:
        (number,) = NUMBER.unpack(self._socket.recv(NUMBER.size))
        return int(number)


class Piped(Forked):
    """Such a process on pipes."""

    def __init__(
        self,
        code: str | None,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        without: str,
        *,
        text: bool,
    ) -> None:
        (its_input, to_it), (output, its_output), (errors, its_errors) = (
            os.pipe() for _ in range(3)
        )
        streams = (its_input, its_output, its_errors)
        super().__init__(code, arguments, environment, streams, without)
        for descriptor in streams:
            os.close(descriptor)
        kind = "" if text else "b"
        self.stdin: IO[Any] = open(to_it, f"w{kind}")  # noqa: PTH123, SIM115
        self.stdout: IO[Any] = open(output, f"r{kind}")  # noqa: PTH123, SIM115
        self.stderr: IO[Any] = open(errors, f"r{kind}")  # noqa: PTH123, SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close(self.stdin)
        self.stdout.close()
        self.stderr.close()
        self.wait()

    def communicate(self, stdin: Any = None, timeout: float | None = None) -> tuple[Any, Any]:
        with ThreadPoolExecutor(3) as threads:
            told = [threads.submit(stream.read) for stream in (self.stdout, self.stderr)]
            writing = threads.submit(self._close, self.stdin, stdin)
            try:
                self.wait(timeout)
            except BaseException:
                self.kill()
                raise
            writing.result()
            output, errors = (each.result() for each in told)
        return output, errors

    @staticmethod
    def _close(stream: IO[Any], content: Any = None) -> None:
        """Close what the process may read no more."""
        with suppress(BrokenPipeError):
            try:
                if content:
                    stream.write(content)
            finally:
                stream.close()


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
