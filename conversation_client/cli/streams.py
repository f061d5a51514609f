"""The standard streams as the command finds them: closed, replaced, or unable to show a text."""

import os
import sys
from contextlib import suppress
from typing import IO, Any, BinaryIO, cast

import click


def prepare() -> None:
    """Make the standard streams fit to be used.

    A terminal is written to in its own encoding, which may lack what a server sends. Programs and
    files get UTF-8, unless Python has been told otherwise: on Windows it would be another one.
    """
    _fill_descriptors()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and not is_closed(stream):
            is_told = "PYTHONIOENCODING" in os.environ
            encoding = None if is_told or stream.isatty() else "utf-8"
            reconfigure(encoding=encoding, errors="backslashreplace")


def _fill_descriptors() -> None:
    """Let nothing else get the numbers of standard streams that were closed.

    uvloop ends the process rather than to close what it has under one of them.
    """
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)


def is_closed(stream: IO[Any] | None) -> bool:
    """Tell whether a stream is closed, by who has run this program or by the program around it."""
    return stream is None or getattr(stream, "closed", False)


def check_output() -> None:
    """See to it that what is to be printed can be.

    Raises:
        UsageError: The standard output is closed.
    """
    if is_closed(sys.stdout):
        raise click.UsageError("standard output is closed, and the answer could not be printed")


def write_json(text: str) -> None:
    """Print a JSON document on standard output, in UTF-8 whatever its encoding."""
    write_bytes(f"{text}\n".encode())


def write_bytes(data: bytes) -> None:
    """Print bytes on standard output as they are; as text, where another program takes only that."""
    is_binary = getattr(sys.stdout, "buffer", None) is not None
    click.echo(data if is_binary else data.decode(errors="backslashreplace"), nl=False)


class StandardOrFile(click.File):
    """A file, or a standard stream as `-`, which may be closed or no real one."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> IO[Any]:
        """Open it.

        Raises:
            BadParameter: It cannot be.
        """
        reads = "r" in self.mode
        stream = sys.stdin if reads else sys.stdout
        name = f"standard {'input' if reads else 'output'}"
        if value == "-" and is_closed(stream):
            self.fail(f"{name} is closed", param, ctx)
        if value == "-" and not reads:
            return stream
        try:
            return super().convert(value, param, ctx)
        except RuntimeError:  # another program's, such as a notebook's
            self.fail(f"{name} is none that bytes can be read from", param, ctx)


def standard_input() -> BinaryIO:
    """Return the standard input for bytes.

    Raises:
        BadParameter: There is none.
    """
    return cast(BinaryIO, StandardOrFile("rb").convert("-", None, click.get_current_context()))
