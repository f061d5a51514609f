"""Formats of files of ids: one a line, the first column of a CSV, JSON Lines."""

import csv
import json
import re
from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from pathlib import PurePath
from typing import Protocol, cast

import attrs

MAX_RECORD = 1000
"""Lines that one record of a CSV may span."""


class UnreadableError(ValueError):
    """There is no id in a line of the input."""


Record = tuple[int, str | UnreadableError]
"""The number of the line that it begins on, and its id or why there is none."""


class Format(StrEnum):
    """What a file of ids looks like."""

    LINES = "lines"
    CSV = "csv"
    JSONL = "jsonl"


_SUFFIXES = {".csv": Format.CSV, ".jsonl": Format.JSONL, ".ndjson": Format.JSONL}


@attrs.frozen(kw_only=True)
class Layout:
    """Where in a file the ids are."""

    format: Format
    field: str | None = None
    """The field of each JSON object; None if each line is a JSON string."""
    header: bool = False
    """Whether the first record of a CSV is to be skipped."""

    @classmethod
    def of(cls, name: str, asked: str | None, field: str | None, *, header: bool) -> "Layout":
        """Choose the format that was asked for, else what a field needs, else by the file's name."""
        by_name = _SUFFIXES.get(PurePath(name).suffix.lower(), Format.LINES)
        chosen = Format(asked) if asked else Format.JSONL if field is not None else by_name
        return cls(format=chosen, field=field, header=header)

    def reader(self) -> "Reader":
        """Make what finds the ids in the lines of one file."""
        if self.format is Format.CSV:
            return _FirstColumn(skip_first=self.header)
        return _LineByLine(partial(_json_id, self.field) if self.format is Format.JSONL else str)


class Reader(Protocol):
    """Finds the ids in lines."""

    def feed(self, number: int, line: str, /) -> Iterable[Record]:
        """Return the records that this line completes."""
        ...

    def finish(self) -> Iterable[Record]:
        """Return what is left at the end."""
        ...


@attrs.frozen
class _LineByLine:
    """Each line holds an id."""

    parse: Callable[[str], str]

    def feed(self, number: int, line: str) -> Iterable[Record]:
        if not line.strip():
            return [(number, UnreadableError("empty"))]
        try:
            return [(number, self.parse(line))]
        except UnreadableError as error:
            return [(number, error)]

    def finish(self) -> Iterable[Record]:
        return ()


def _json_id(field: str | None, line: str) -> str:
    try:
        document: object = json.loads(line)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"not JSON: {error.msg}, at column {error.colno}") from None
    except (ValueError, RecursionError):  # a number of too many digits, too many brackets
        raise UnreadableError("JSON beyond what can be read") from None
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


class _FirstColumn:
    """Each record of a CSV holds an id in its first column.

    A record may span lines, but not within the first column, where an id is. When it turns out to
    be no CSV it fails with the line that it begins on, and the next line begins another: a stray
    quotation mark must not swallow the rest of the file.
    """

    _COLUMN = re.compile(r'(?:"(?:[^"]|"")*"|[^",]*)(?:,|$)')
    _OPEN = "unexpected end of data"
    """What the csv module says when a quoted field has not ended."""

    def __init__(self, *, skip_first: bool) -> None:
        self._skip = skip_first
        self._begun: list[tuple[int, str]] = []

    def feed(self, number: int, line: str) -> Iterable[Record]:
        if self._begun and '"' not in line and len(self._begun) < MAX_RECORD:
            self._begun.append((number, line))  # only a quotation mark can end the record
            return ()
        return self._parsed([*self._begun, (number, line)], at_end=False)

    def finish(self) -> Iterable[Record]:
        return self._parsed(self._begun, at_end=True)

    def _parsed(self, lines: Iterable[tuple[int, str]], *, at_end: bool) -> Iterable[Record]:
        waiting = deque(lines)
        self._begun = []
        while waiting:
            self._begun.append(waiting.popleft())
            is_last = at_end and not waiting
            found = self._parse(is_last or len(self._begun) > MAX_RECORD)
            if found is None:
                continue
            if isinstance(found, UnreadableError):
                waiting.extendleft(reversed(self._begun[1:]))
            number, _ = self._begun[0]
            self._begun = []
            if not self._skip:
                yield number, found
            self._skip = False

    def _parse(self, is_all: bool) -> str | UnreadableError | None:
        """Return the id of the record begun; None if it goes on, which it may unless this is all."""
        lines = [f"{line}\n" for _, line in self._begun]
        if not lines[0].strip():
            return UnreadableError("empty")
        if not self._COLUMN.match(lines[0]):
            return UnreadableError("not CSV: a quotation mark out of place in the first column")
        try:
            (row,) = csv.reader(lines, strict=True)
        except csv.Error as error:
            is_open = str(error) == self._OPEN
            if is_open and not is_all:
                return None
            return UnreadableError(
                f"not CSV: {'a quoted field does not end' if is_open else error}"
            )
        return row[0]
