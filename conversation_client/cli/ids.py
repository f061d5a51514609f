"""Ids read from a file or a pipe; a line that holds none is reported and the others go on."""

import asyncio
import codecs
import os
import stat
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from typing import BinaryIO

from conversation_client._http.wire import check_id
from conversation_client.cli.layout import Layout, Record, UnreadableError

CHUNK = 64 * 1024
MAX_LINE = 1024 * 1024
"""Bytes of a line that is read; ids are far shorter, but JSON objects need not be."""

OnProblem = Callable[[int, str], object]
"""Told the number of a line, from 1, and why there is no id in it."""
Line = tuple[int, str | UnreadableError]
"""Its number, and its text or why it cannot be read."""


def count_lines(file: BinaryIO) -> int | None:
    """Count the lines of a regular file without moving in it; None for a pipe or a terminal."""
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return None
    start, lines, last = file.tell(), 0, b"\n"
    for chunk in iter(partial(file.read, CHUNK), b""):
        lines += chunk.count(b"\n")
        last = chunk[-1:]
    file.seek(start)
    return lines + (last != b"\n")


class IdFile:
    """The ids in a file, read as they are needed; memory does not follow its size.

    Args:
        file: Opened for reading bytes.
        layout: Where in it the ids are.
        name: What the ids are ids of, for what is said about one that cannot be sent.
        on_problem: Called for each line without a usable id.
    """

    def __init__(self, file: BinaryIO, layout: Layout, *, name: str, on_problem: OnProblem) -> None:
        self._file = file
        self._lines = _Lines()
        self._reader = layout.reader()
        self._name = name
        self._on_problem = on_problem

    def as_they_come(self) -> Iterable[str] | AsyncIterable[str]:
        """Return the ids, to be awaited if the file is a pipe or a terminal that may be slow."""
        return self._awaited() if _may_keep_waiting(self._file) else self.read()

    def read(self) -> Iterator[str]:
        """Read the ids to the end of the file."""
        for chunk in iter(partial(self._file.read, CHUNK), b""):
            yield from self._found(self._lines.feed(chunk))
        yield from self._found_at_end()

    async def _awaited(self) -> AsyncIterator[str]:
        while chunk := await _read_available(self._file.fileno()):
            for text in self._found(self._lines.feed(chunk)):
                yield text
        for text in self._found_at_end():
            yield text

    def _found(self, lines: Iterable[Line]) -> Iterator[str]:
        for number, line in lines:
            if isinstance(line, str):
                yield from self._checked(self._reader.feed(number, line))
            else:
                yield from self._checked([(number, line)])

    def _found_at_end(self) -> Iterator[str]:
        yield from self._found(self._lines.finish())
        yield from self._checked(self._reader.finish())

    def _checked(self, records: Iterable[Record]) -> Iterator[str]:
        for number, found in records:
            try:
                if not isinstance(found, str):
                    raise found
                text = check_id(self._name, found)
            except ValueError as problem:
                self._on_problem(number, str(problem))
            else:
                yield text


def _may_keep_waiting(file: BinaryIO) -> bool:
    mode = os.fstat(file.fileno()).st_mode
    return os.name == "posix" and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or file.isatty())


async def _read_available(descriptor: int) -> bytes:
    """Wait until there is something to read, or the end, and read what there is."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(descriptor, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, CHUNK)


class _Lines:
    """Chunks of a file, cut into lines."""

    def __init__(self) -> None:
        self._number = 0
        self._begun = b""
        self._is_too_long = False

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Return the lines that end in this chunk."""
        *complete, begun = chunk.split(b"\n")
        for part in complete:
            yield self._line(self._begun + part)
            self._begun = b""
        self._begun += begun
        if len(self._begun) > MAX_LINE:
            self._begun, self._is_too_long = b"", True

    def finish(self) -> Iterator[Line]:
        """Return the last line, if the file does not end with a line's end."""
        if self._begun not in (b"", codecs.BOM_UTF8) or self._is_too_long:
            yield self._line(self._begun)

    def _line(self, raw: bytes) -> Line:
        self._number += 1
        if self._number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if self._is_too_long or len(raw) > MAX_LINE:
            self._is_too_long = False
            return self._number, UnreadableError(f"longer than {MAX_LINE:,} bytes")
        try:
            return self._number, raw.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            return self._number, UnreadableError(f"not UTF-8 from byte {error.start + 1} on")
