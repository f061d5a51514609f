"""Ids read from a file or a pipe; a line that holds none is reported and the others go on."""

import asyncio
import codecs
import io
import os
import re
import stat
from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO, Protocol

from conversation_client._http.wire import check_id, without_blanks
from conversation_client.cli.decoding import Decoder, UnusableFileError
from conversation_client.cli.layout import MAX_ARRAY, Format, Layout, array_records
from conversation_client.cli.records import Reader, Record, UnreadableError

CHUNK = 64 * 1024
MAX_LINE = 1024 * 1024
"""Bytes of a line that is read; ids are far shorter, but JSON objects need not be."""
BEGINNING = 64
"""Bytes that tell a JSON array from lines; less, if a line ends within them."""

OnProblem = Callable[[int, str], object]
"""Told the number of a line, from 1, and why there is no id in it."""
Line = tuple[int, str | UnreadableError]
"""Its number, and its text or why it cannot be read."""

_HIDDEN = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class IdFile:
    """The ids in a file, read as they are needed; memory does not follow its size.

    A JSON array is the exception: it is read as a whole.

    Args:
        file: Opened for reading bytes.
        layout: Where in it the ids are.
        name: What the ids are ids of, for what is said about one that cannot be sent.
        on_problem: Called for each line without a usable id.
    """

    def __init__(self, file: BinaryIO, layout: Layout, *, name: str, on_problem: OnProblem) -> None:
        self._file = file
        self._decoder = Decoder()
        self._layout = layout
        self._name = name
        self._on_problem = on_problem
        self._beginning = b""
        self._records: _Records | None = None

    def as_they_come(self) -> Iterable[str] | AsyncIterable[str]:
        """Return the ids, to be awaited if the file is a pipe or a terminal that may be slow.

        Going through them raises an `UnusableFileError` if the file is refused as a whole.
        """
        descriptor = _may_keep_waiting(self._file)
        return self.read() if descriptor is None else self._awaited(descriptor)

    async def awaited(self) -> AsyncIterator[str]:
        """Read the ids to the end of the file, waiting for those of a pipe without holding others up.

        Raises:
            UnusableFileError: The file is refused as a whole.
        """
        ids = self.as_they_come()
        if isinstance(ids, AsyncIterable):
            async for text in ids:
                yield text
        else:
            for text in ids:
                yield text

    def read(self) -> Iterator[str]:
        """Read the ids to the end of the file.

        Raises:
            UnusableFileError: The file is refused as a whole.
        """
        with _refused_by_name(self._file):
            for chunk in iter(partial(self._file.read, CHUNK), b""):
                yield from self._checked(self._found(self._decoder.feed(chunk)))
            yield from self._checked(self._found_at_end())

    def count(self) -> int:
        """Read to the end of the file, and return how many lines or records there are.

        Raises:
            UnusableFileError: The file is refused as a whole.
        """
        with _refused_by_name(self._file):
            records, lines, last = 0, 0, b""
            for chunk in iter(partial(self._file.read, CHUNK), b""):
                text = self._decoder.feed(chunk)
                lines += text.count(b"\n")
                last = text[-1:] or last
                if not records or not self._has_line_each:
                    records += sum(1 for _ in self._found(text))
            if records and self._has_line_each:
                self._decoder.finish()
                return lines + (last not in (b"\n", b""))
            return records + sum(1 for _ in self._found_at_end())

    @property
    def _has_line_each(self) -> bool:
        """Whether each line is a record, so that there is no need to look at it."""
        return isinstance(self._records, _OfLines) and self._layout.format is not Format.CSV

    async def _awaited(self, descriptor: int) -> AsyncIterator[str]:
        with _refused_by_name(self._file):
            while chunk := await _read_available(self._file, descriptor):
                for text in self._checked(self._found(self._decoder.feed(chunk))):
                    yield text
            for text in self._checked(self._found_at_end()):
                yield text

    def _found(self, text: bytes) -> Iterator[Record]:
        if self._records is None:
            text = self._beginning = self._beginning + text
            begun = text.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
            if b"\n" not in begun and len(begun) < BEGINNING:
                return
            self._records = self._records_of(text)
        yield from self._records.feed(text)

    def _found_at_end(self) -> Iterator[Record]:
        yield from self._found(self._decoder.finish())
        if self._records is None:
            self._records = self._records_of(self._beginning)
            yield from self._records.feed(self._beginning)
        yield from self._records.finish()

    def _records_of(self, beginning: bytes) -> "_Records":
        if self._layout.may_be_array(beginning.lstrip(codecs.BOM_UTF8)):
            return _OfArray(self._layout.field)
        return _OfLines(self._layout.reader(self._name))

    def _checked(self, records: Iterable[Record]) -> Iterator[str]:
        is_exact = self._layout.format is Format.JSONL
        for number, found in records:
            try:
                if not isinstance(found, str):
                    raise found
                text = check_id(self._name, found if is_exact else _bare(found))
            except ValueError as problem:
                self._on_problem(number, str(problem))
            else:
                yield text


def survey(file: BinaryIO, layout: Layout, name: str) -> int | None:
    """Look through a regular file without moving in it.

    Args:
        file: Opened for reading bytes.
        layout: Where in it the ids are.
        name: What they are ids of.

    Returns:
        How many lines or records it has; None for a pipe or a terminal.

    Raises:
        UnusableFileError: The file is refused as a whole.
    """
    descriptor = _descriptor_of(file)
    if descriptor is None or not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return None
    start = file.tell()
    try:
        return IdFile(file, layout, name=name, on_problem=lambda _, __: None).count()
    finally:
        file.seek(start)


@contextmanager
def _refused_by_name(file: BinaryIO) -> Generator[None, None, None]:
    """Name the file in the error that refuses it."""
    try:
        yield
    except UnusableFileError as error:
        name = getattr(file, "name", None)
        shown = name if isinstance(name, str) and name != "<stdin>" else "standard input"
        raise UnusableFileError(f"{shown}: {error}") from None


def _bare(text: str) -> str:
    """Take off what nobody sees at the ends of an id.

    Raises:
        UnreadableError: There is more of it within.
    """
    if text.isascii() and text[:1].isalnum() and text[-1:].isalnum():
        return text
    bare = without_blanks(text)
    hidden = _HIDDEN.search(bare)
    if hidden is not None:
        raise UnreadableError(f"invisible character U+{ord(hidden[0]):04X} in {bare!r:.200}")
    return bare


def _descriptor_of(file: BinaryIO) -> int | None:
    try:
        return file.fileno()
    except (io.UnsupportedOperation, AttributeError):  # a file in memory, in another program
        return None


def _may_keep_waiting(file: BinaryIO) -> int | None:
    """Return the descriptor of a file that may be long in coming, if it is one of these."""
    descriptor = _descriptor_of(file)
    if descriptor is None:
        return None
    mode = os.fstat(descriptor).st_mode
    may_wait = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or file.isatty()
    return descriptor if may_wait else None


async def _read_available(file: BinaryIO, descriptor: int) -> bytes:
    """Wait until there is something to read, or the end, and read what there is.

    An event loop that cannot await files, as on Windows, is held up meanwhile.
    """
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    try:
        loop.add_reader(descriptor, readable.set)
    except NotImplementedError:
        read: Callable[[int], bytes] = getattr(file, "read1", file.read)
        return read(CHUNK)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, CHUNK)


class _Records(Protocol):
    """Makes records of chunks of UTF-8."""

    def feed(self, text: bytes, /) -> Iterable[Record]: ...

    def finish(self) -> Iterable[Record]: ...


class _OfArray:
    """Records of a JSON array, all of them at its end."""

    def __init__(self, field: str | None) -> None:
        self._field = field
        self._text = bytearray()

    def feed(self, text: bytes) -> Iterable[Record]:
        self._text += text
        if len(self._text) > MAX_ARRAY:
            raise UnusableFileError(
                f"it is a JSON array of more than {MAX_ARRAY:,} bytes: make it JSON Lines, as"
                " `jq -c '.[]'` does"
            )
        return ()

    def finish(self) -> Iterable[Record]:
        return array_records(self._text.removeprefix(codecs.BOM_UTF8), self._field)


class _OfLines:
    """Records of lines, as a reader finds them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lines = _Lines()

    def feed(self, text: bytes) -> Iterator[Record]:
        return self._of(self._lines.feed(text))

    def finish(self) -> Iterator[Record]:
        yield from self._of(self._lines.finish())
        yield from self._reader.finish()

    def _of(self, lines: Iterable[Line]) -> Iterator[Record]:
        for number, line in lines:
            if isinstance(line, str):
                yield from self._reader.feed(number, line)
            else:
                yield number, line


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
        raw = raw.removeprefix(codecs.BOM_UTF8)  # in the midst, too, where files were joined
        if self._is_too_long or len(raw) > MAX_LINE:
            self._is_too_long = False
            return self._number, UnreadableError(f"longer than {MAX_LINE:,} bytes")
        try:
            return self._number, raw.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            return self._number, UnreadableError(f"not UTF-8 from byte {error.start + 1} on")
