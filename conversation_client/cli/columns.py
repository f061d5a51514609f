"""The first column of a CSV, as spreadsheets and databases write it."""

import csv
import re
from collections import deque
from collections.abc import Iterable

from conversation_client.cli.decoding import UnusableFileError
from conversation_client.cli.records import Record, UnreadableError

MAX_RECORD = 1000
"""Lines that one record may span."""
DELIMITERS = ",;\t|"
"""What separates columns, and is told by the first line."""
_QUOTED = re.compile(r'"(?:[^"]|"")*(?:"|$)')
_TOLD = re.compile(r"sep=(.)", re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""


class FirstColumn:
    """Each record of a CSV holds an id in its first column.

    A record may span lines, but not within the first column, where an id is. When it turns out to
    be no CSV it fails with the line that it begins on, and the next line begins another: a stray
    quotation mark must not swallow the rest of the file.

    Args:
        name: What the ids are ids of.
        header: Whether to skip the first record; None to refuse one that looks like a header.
        delimiter: What separates columns; None for what the first line shows.
    """

    _OPEN = "unexpected end of data"
    """What the csv module says when a quoted field has not ended."""

    def __init__(self, name: str, *, header: bool | None, delimiter: str | None) -> None:
        self._name = name
        self._header = header
        self._is_first = True
        self._begun: list[tuple[int, str]] = []
        self._delimiter = ","
        self._is_known = False
        if delimiter is not None:
            self._know(delimiter)

    def feed(self, number: int, line: str) -> Iterable[Record]:
        """Return the records that this line completes."""
        if not self._is_known and line.strip():
            told = _TOLD.fullmatch(line)
            self._know(told[1] if told else _delimiter_of(line))
            if told:
                return ()
        if self._begun and '"' not in line and len(self._begun) < MAX_RECORD:
            self._begun.append((number, line))  # only a quotation mark can end the record
            return ()
        return self._parsed([*self._begun, (number, line)], at_end=False)

    def finish(self) -> Iterable[Record]:
        """Return what is left at the end."""
        return self._parsed(self._begun, at_end=True)

    def _know(self, delimiter: str) -> None:
        self._is_known = True
        self._delimiter = delimiter
        self._column = re.compile(
            rf'(?:"(?:[^"]|"")*"|[^"{re.escape(delimiter)}]*)(?:{re.escape(delimiter)}|$)'
        )

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
            if not (self._is_first and self._is_header(found)):
                yield number, found
            self._is_first = False

    def _is_header(self, found: str | UnreadableError) -> bool:
        if (
            self._header is None
            and isinstance(found, str)
            and _looks_like_header(found, self._name)
        ):
            raise UnusableFileError(
                f"its first record looks like a header ({found.strip()!r:.50}): say --header to skip"
                " it, or --no-header to take it"
            )
        return bool(self._header)

    def _parse(self, is_all: bool) -> str | UnreadableError | None:
        """Return the id of the record begun; None if it goes on, which it may unless this is all."""
        lines = [f"{line}\n" for _, line in self._begun]
        first = lines[0]
        if not first.strip():
            return UnreadableError("empty")
        column = self._column.match(first)
        if column is None:
            return UnreadableError("not CSV: a quotation mark out of place in the first column")
        try:
            (row,) = csv.reader(lines, strict=True, delimiter=self._delimiter)
        except csv.Error as error:
            is_open = str(error) == self._OPEN
            if is_open and not is_all:
                return None
            return UnreadableError(
                f"not CSV: {'a quoted field does not end' if is_open else error}"
            )
        other = re.search(f"[{DELIMITERS}]", row[0])
        if other is not None and not first.startswith('"'):
            return UnreadableError(
                f"{other[0]!r} in the first column, where {self._delimiter!r} separates columns"
            )
        return row[0]


def _delimiter_of(first: str) -> str:
    """Return what separates the columns in a line.

    Raises:
        UnusableFileError: It may be one or another.
    """
    bare = _QUOTED.sub("", first)
    found = [delimiter for delimiter in DELIMITERS if delimiter in bare]
    if len(found) > 1:
        either = " or ".join(map(repr, found))
        raise UnusableFileError(
            f"its columns may be separated by {either}: --delimiter says by which"
        )
    return found[0] if found else DELIMITERS[0]


def _looks_like_header(text: str, name: str) -> bool:
    letters = re.sub(r"[\W_]", "", text.lower())
    kind = name.replace("_", "")
    ids = {f"{owner}{ending}" for owner in ("", kind) for ending in ("id", "ids", "uuid", "guid")}
    return letters in {*ids, kind, f"{kind}s", "identifier", "identifiers"}
