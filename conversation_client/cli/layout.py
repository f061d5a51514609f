"""Formats of files of ids: one a line, the first column of a CSV, JSON Lines, a JSON array."""

import json
import os
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from os import PathLike
from pathlib import PurePath
from typing import cast

import attrs

from conversation_client.cli.columns import FirstColumn
from conversation_client.cli.decoding import UnusableFileError
from conversation_client.cli.records import Reader, Record, UnreadableError

MAX_ARRAY = 64 * 1024 * 1024
"""Bytes of a JSON array, which is read as a whole."""


class Format(StrEnum):
    """What a file of ids looks like."""

    LINES = "lines"
    CSV = "csv"
    JSONL = "jsonl"


_SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".json": Format.JSONL,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
}
_COMPRESSED = (".gz", ".gzip")


@attrs.frozen(kw_only=True)
class Layout:
    """Where in a file the ids are."""

    format: Format
    is_asked: bool = False
    """Whether somebody has said that this is the format; if not, the file may show another."""
    field: str | None = None
    """The field of each JSON object; None if each line is a JSON string."""
    header: bool | None = None
    """Whether the first record of a CSV is to be skipped; None to look at it."""
    delimiter: str | None = None
    """What separates the columns of a CSV; None to look at its first line."""

    @classmethod
    def of(
        cls,
        name: "str | bytes | PathLike[str] | int",
        asked: str | None,
        field: str | None,
        *,
        header: bool | None = None,
        delimiter: str | None = None,
    ) -> "Layout":
        """Choose the format that was asked for, else what a field needs, else by the file's name.

        A file that was opened by its descriptor has the number of that for a name.
        """
        path = PurePath("" if isinstance(name, int) else os.fsdecode(name))
        suffix = (path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path).suffix
        by_name = _SUFFIXES.get(suffix.lower(), Format.LINES)
        chosen = Format(asked) if asked else Format.JSONL if field is not None else by_name
        return cls(
            format=chosen,
            is_asked=asked is not None,
            field=field,
            header=header,
            delimiter=delimiter,
        )

    def may_be_array(self, beginning: bytes) -> bool:
        """Tell whether a file that begins so is a JSON array."""
        is_possible = self.format is not Format.CSV and not self.is_asked
        return is_possible and _ARRAY.match(beginning) is not None

    def reader(self, name: str) -> "Reader":
        """Make what finds the ids in the lines of one file.

        Args:
            name: What they are ids of.
        """
        if self.format is Format.CSV:
            return FirstColumn(name, header=self.header, delimiter=self.delimiter)
        if self.format is Format.JSONL:
            return _LineByLine(partial(_json_id, self.field))
        return _LineByLine(str) if self.is_asked else _LineByLine(_plain_id, _refuse_other_formats)


@attrs.frozen(kw_only=True)
class Listed(Layout):
    """Conversations as `ls` prints them: an id, and what a tab separates from it, or an object."""

    format: Format = Format.LINES
    field: str | None = "id"

    def reader(self, name: str) -> "Reader":
        """Make what finds the ids in the lines."""
        return _LineByLine(_listed_id)


_ARRAY = re.compile(rb'\s*\[\s*(?:["\[{\]]|$)')


@attrs.define
class _LineByLine:
    """Each line holds an id."""

    parse: Callable[[str], str]
    check_first: Callable[[str], object] | None = None
    """Looks at the first line that is not empty."""

    def feed(self, number: int, line: str) -> Iterable[Record]:
        if not line.strip():
            return [(number, UnreadableError("empty"))]
        if self.check_first is not None:
            self.check_first(line)
            self.check_first = None
        try:
            return [(number, self.parse(line))]
        except UnreadableError as error:
            return [(number, error)]

    def finish(self) -> Iterable[Record]:
        return ()


def _refuse_other_formats(first: str) -> None:
    """Refuse a file that nobody has said anything about, and that is not of ids one a line."""
    first = first.strip()
    if first.startswith("<"):
        raise UnusableFileError("it is HTML or XML: pass ids, one a line")
    if first.startswith("{"):
        raise UnusableFileError("it is JSON: --field NAME says which field holds the id")
    separator = _separator_in(first)
    if separator is not None:
        raise UnusableFileError(
            f"it looks like a table, with {separator!r} between its columns: say --format csv, or"
            " --format lines if the ids hold that"
        )


_QUOTED = re.compile(r"""(["'])(?P<text>(?:(?!\1).)+)\1""")
_SEPARATORS = re.compile("[,;\t]")


def _separator_in(text: str) -> str | None:
    found = _SEPARATORS.search(text)
    return found[0] if found else None


def _plain_id(line: str) -> str:
    """Return the id of a line of which nobody has said that it is to be taken as it is."""
    line = line.strip()
    quoted = _QUOTED.fullmatch(line)
    if quoted is not None:
        return quoted["text"]
    separator = _separator_in(line)
    if separator is not None:
        raise UnreadableError(f"{separator!r} within; --format lines takes lines as they are")
    if '"' in line:
        raise UnreadableError("a quotation mark within; --format lines takes lines as they are")
    return line


def _listed_id(line: str) -> str:
    if line.lstrip().startswith("{"):
        return _json_id("id", line)
    return line.partition("\t")[0]


def _json_id(field: str | None, line: str) -> str:
    try:
        document: object = json.loads(line)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"not JSON: {error.msg}, at column {error.colno}") from None
    except (ValueError, RecursionError):  # a number of too many digits, too many brackets
        raise UnreadableError("JSON beyond what can be read") from None
    return _id_in(document, field)


def _id_in(document: object, field: str | None) -> str:
    if field is None:
        return _string(document, "not a JSON string; --field names the field of an object")
    if not isinstance(document, dict):
        raise UnreadableError("not a JSON object")
    found = cast(dict[str, object], document)
    if field not in found:
        raise UnreadableError(f"no field {field!r}")
    return _string(found[field], f"field {field!r} is not a string")


def _string(value: object, otherwise: str) -> str:
    if not isinstance(value, str):
        raise UnreadableError(otherwise)
    return value


def array_records(text: bytes | bytearray, field: str | None) -> Iterable[Record]:
    """Return the ids of a JSON array, with the number of the element in place of a line's.

    Raises:
        UnusableFileError: It is none.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableFileError(f"it begins as a JSON array and is none: {error}") from None
    for number, element in enumerate(cast(list[object], document), 1):
        try:
            yield number, _id_in(element, field)
        except UnreadableError as error:
            yield number, error
