"""The command as a user runs it: in a process of its own, on pipes or in a terminal."""

import os
import re
import select
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from children import Forked, can_be_forked, completed, new

try:
    import fcntl
    import termios
except ImportError:
    HAS_TERMINALS = False
else:
    HAS_TERMINALS = True

PROGRAM = new(None)
IN_TERMINAL = [
    *(sys.executable, "-ISc"),
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"  # so that Ctrl-C on it is a signal
    "os.execv(sys.argv[1], sys.argv[1:])",
    *PROGRAM,
]
LIMIT = 30
"""Seconds after which a test fails rather than waits."""


def run(
    *arguments: str,
    stdin: str | bytes = b"",
    wrapper: Sequence[str] = (),
    without: str = "",
    separator: str = "",
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run the command on pipes, which nothing but text and line feeds may go through.

    So may what separates the fields of its lines.
    """
    ended = completed(
        None,
        *arguments,
        stdin=stdin.encode() if isinstance(stdin, str) else stdin,
        seconds=LIMIT,
        environment=os.environ | environment,
        wrapper=wrapper,
        without=without,
        text=False,
    )
    text = ended.stdout.replace(separator.encode(), b" ") if separator else ended.stdout
    for output in (text, ended.stderr):
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", output), output
    assert b"Traceback" not in ended.stderr, ended.stderr.decode()
    return subprocess.CompletedProcess(
        ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode()
    )


class Screen:
    """What a terminal shows after some output; knows what rich sends, and refuses the rest.

    As in any terminal, a line's last column is followed by the first of the next one, once there is
    something to show there.
    """

    _TOKEN = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|(\r)|(\n)|([^\x00-\x1f\x7f]+)")

    def __init__(self, output: str, columns: int) -> None:
        self.lines = [""]
        self._columns = columns
        self._row = self._column = 0
        place = 0
        for token in self._TOKEN.finditer(output):
            assert token.start() == place, output[place : token.start()]
            place = token.end()
            numbers, order, back, down, text = token.groups()
            if order:
                self._obey(numbers, order)
            elif back:
                self._column = 0
            elif down:
                self._row += 1
            else:
                self._write(text)
        assert place == len(output), output[place:]

    def __str__(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)

    def _obey(self, numbers: str, order: str) -> None:
        match order, numbers:
            case "A", _:
                self._row -= int(numbers or 1)
            case "K", "2":
                self._at_row()
                self.lines[self._row] = ""
            case ("m", _) | ("h" | "l", "?25"):  # colours, the cursor's visibility
                pass
            case _:
                raise AssertionError(f"unknown order {numbers}{order}")

    def _at_row(self) -> None:
        self.lines += [""] * (self._row + 1 - len(self.lines))

    def _write(self, text: str) -> None:
        while text:
            if self._column == self._columns:
                self._row, self._column = self._row + 1, 0
            fits, text = text[: self._columns - self._column], text[self._columns - self._column :]
            self._at_row()
            end = self._column + len(fits)
            line = self.lines[self._row].ljust(self._column)
            self.lines[self._row] = line[: self._column] + fits + line[end:]
            self._column = end


def begun(
    arguments: Sequence[str], environment: Mapping[str, str], terminal: int
) -> subprocess.Popen[bytes] | Forked:
    """Begin the command in a session of its own that has a terminal."""
    if can_be_forked(environment):
        streams = (terminal, terminal, terminal)
        return Forked(None, arguments, environment, streams, has_terminal=True)
    return subprocess.Popen(
        [*IN_TERMINAL, *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=environment,
        start_new_session=True,
    )


class Terminal:
    """The command in a terminal of its own, whose keyboard and screen a test has."""

    def __init__(self, *arguments: str, columns: int = 100, **environment: str) -> None:
        self._keyboard, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        inherited = {name: os.environ[name] for name in os.environ.keys() - {"COLUMNS", "LINES"}}
        self._process = begun(arguments, {**inherited, "TERM": "xterm", **environment}, theirs)
        os.close(theirs)
        self._columns = columns
        self._output = b""

    @property
    def screen(self) -> str:
        return str(Screen(self._output.decode(), self._columns))

    def type(self, keys: str) -> None:
        os.write(self._keyboard, keys.encode())

    def wait_for(self, pattern: str) -> None:
        """Wait until the output so far matches a pattern."""
        while not re.search(pattern, self._output.decode(errors="replace")):
            assert self._read(), f"ended without {pattern}:\n{self.screen}"

    def wait(self) -> int:
        """Wait for the command's end and return its exit code."""
        while self._read():
            pass
        return self._process.wait(LIMIT)

    def close(self) -> None:
        os.close(self._keyboard)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _read(self) -> bool:
        ready, _, _ = select.select([self._keyboard], [], [], LIMIT)
        assert ready, f"nothing for {LIMIT} seconds:\n{self.screen}"
        try:
            chunk = os.read(self._keyboard, 65536)
        except OSError:  # as Linux says that nobody has the terminal open any more
            return False
        self._output += chunk
        return bool(chunk)


@contextmanager
def terminal(*arguments: str, columns: int = 100, **environment: str) -> Iterator[Terminal]:
    if not HAS_TERMINALS:
        pytest.skip("there are no terminals here that a test could have")
    opened = Terminal(*arguments, columns=columns, **environment)
    try:
        yield opened
    finally:
        opened.close()
