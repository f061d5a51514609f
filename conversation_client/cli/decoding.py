"""The bytes of a file of ids, as the tools that have written it leave them, turned into UTF-8.

What says by itself what it is, is read as that: gzip, and UTF-16 and UTF-32 by their byte order
marks. What surely is no text is refused as a whole, before anything is sent.
"""

import codecs
import zlib
from collections.abc import Mapping
from typing import Protocol

from conversation_client.errors import InvalidArgumentError

ENOUGH = 16
"""Bytes of a file that tell what it is; less, if a line ends within them."""
_GZIP = b"\x1f\x8b"
_FORMATS: Mapping[bytes, str] = {
    b"PK\x03\x04": "a ZIP archive, as spreadsheets (.xlsx) are: save its sheet as CSV",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\xd0\xcf\x11\xe0": "a document of Microsoft Office: save it as CSV",
    b"\xfd7zXZ\x00": "compressed with xz: pass what `xz -dc` gives, as -",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: pass what `zstd -dc` gives, as -",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"SQLite format 3\x00": "an SQLite database; if it is the journal of a batch, `resume` it",
    b"PAR1": "a Parquet file: pass the column of ids as text",
    b"%PDF-": "a PDF document",
    b"{\\rtf": "a document of a word processor: save it as plain text",
    **{
        b"BZh%d1AY&SY" % level: "compressed with bzip2: pass what `bzip2 -dc` gives, as -"
        for level in range(1, 10)
    },
}
"""How files begin that are no text, and what they are."""
_WIDE: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnusableFileError(InvalidArgumentError):
    """A file from which no ids can be taken."""


class Stage(Protocol):
    """Turns chunks of bytes into others."""

    def feed(self, chunk: bytes, /) -> bytes:
        """Return what a chunk gives."""
        ...

    def finish(self) -> bytes:
        """Return what is left at the end."""
        ...


class Decoder:
    """Turns the bytes of a file into UTF-8, chunk by chunk.

    Both methods raise an `UnusableFileError` if the file is refused.
    """

    def __init__(self) -> None:
        self._head = b""
        self._stage: Stage | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Return the UTF-8 that a chunk gives; none as long as it is not clear what the file is."""
        if self._stage is None:
            chunk = self._head = self._head + chunk
            if len(chunk) < ENOUGH and b"\n" not in chunk:
                return b""
            self._stage = _stage_of(chunk)
        return self._stage.feed(chunk)

    def finish(self) -> bytes:
        """Return the rest."""
        if self._stage is None:
            self._stage = _stage_of(self._head)
            return self._stage.feed(self._head) + self._stage.finish()
        return self._stage.finish()


def _stage_of(head: bytes) -> Stage:
    for beginning, what in _FORMATS.items():
        if head.startswith(beginning):
            raise UnusableFileError(f"it is {what}")
    if head.startswith(_GZIP):
        return _Gunzip()
    for mark, name in _WIDE:
        if head.startswith(mark):
            return _Wide(name)
    if _is_wide(head):
        raise UnusableFileError("it looks like UTF-16 without a byte order mark: save it as UTF-8")
    return _AsItIs()


def _is_wide(head: bytes) -> bool:
    """Tell whether every other byte is zero, as in the UTF-16 of ASCII."""
    first, second = head[:ENOUGH:2], head[1:ENOUGH:2]
    return len(second) > 1 and any(first) != any(second)


class _AsItIs:
    def feed(self, chunk: bytes) -> bytes:
        return chunk

    def finish(self) -> bytes:
        return b""


class _Wide:
    def __init__(self, name: str) -> None:
        self._name = name.upper()
        self._decoder = codecs.getincrementaldecoder(name)()

    def feed(self, chunk: bytes) -> bytes:
        return self._decode(chunk, final=False)

    def finish(self) -> bytes:
        return self._decode(b"", final=True)

    def _decode(self, chunk: bytes, *, final: bool) -> bytes:
        try:
            return self._decoder.decode(chunk, final).encode()
        except UnicodeError:
            text = f"it begins as {self._name} and is damaged or cut off: save it as UTF-8"
            raise UnusableFileError(text) from None


class _Gunzip:
    """Decompresses one or more members of gzip, and decodes what is in them."""

    def __init__(self) -> None:
        self._inner = Decoder()
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def feed(self, chunk: bytes) -> bytes:
        parts: list[bytes] = []
        try:
            while chunk:
                if self._member.eof:
                    chunk = chunk.lstrip(b"\0")  # as tapes and some tools fill up with
                    if not chunk:
                        break
                    self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                parts.append(self._inner.feed(self._member.decompress(chunk)))
                chunk = self._member.unused_data
        except zlib.error:
            raise UnusableFileError("it begins as gzip and is damaged") from None
        return b"".join(parts)

    def finish(self) -> bytes:
        if not self._member.eof:
            raise UnusableFileError("it is compressed with gzip and cut off")
        return self._inner.finish()
