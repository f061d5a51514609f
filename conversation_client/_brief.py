"""What of a document is shown: all of a small one, and the outline of a large one."""

import typing
from collections.abc import Iterable
from itertools import islice
from typing import Any

from conversation_client._values import is_list, is_object
from conversation_client.models.base import Document, fields

LIMIT = 1_500
"""Characters that are shown of a document."""
LIMIT_OF_PART = 100
"""Characters that are shown of a part of one, in a view that has a line for each."""
WHOLE = 600
"""Length up to which a document is shown in full where each value has a line."""

Members = Iterable[tuple[str, Any]]

_NO_END = 1 << 30


class _TooLong(Exception):  # noqa: N818  # never reaches a user
    pass


class _Shape(typing.NamedTuple):
    """How much is shown: levels, items of a list, characters of a text."""

    levels: int = _NO_END
    items: int = _NO_END
    text: int = _NO_END


SHAPES = (
    _Shape(),
    _Shape(levels=4, items=5, text=200),
    *(_Shape(levels, items=3, text=60) for levels in (3, 2, 1)),
    _Shape(levels=1, items=1, text=20),
)
"""From all to little; the first that is short enough counts."""


class _Writer:
    """Writes a value, as long as there is room for it."""

    def __init__(self, shape: _Shape, limit: int) -> None:
        self._shape = shape
        self._room = limit
        self.parts: list[str] = []

    def put(self, text: str) -> None:
        self._room -= len(text)
        if self._room < 0:
            raise _TooLong
        self.parts.append(text)

    def write(self, value: Any, levels: int) -> None:
        if isinstance(value, Document):
            members = set_fields(value)
            named = ((f"{name}=", item) for name, item in members)
            self.put(type(value).__name__)
            self._put_within("()", named, f"{len(members)} fields", levels)
        elif is_list(value):
            items = (("", item) for item in value)
            self._put_some("[]", items, len(value), levels)
        elif is_object(value):
            pairs = ((f"{self._text(key)}: ", item) for key, item in value.items())
            self._put_some("{}", pairs, len(value), levels)
        else:
            self.put(self._text(value))

    def _put_some(self, around: str, members: Members, count: int, levels: int) -> None:
        few = islice(members, self._shape.items)
        self._put_within(around, few, f"{count} items", levels, count - self._shape.items)

    def _put_within(
        self, around: str, members: Members, told: str, levels: int, more: int = 0
    ) -> None:
        self.put(around[0])
        if levels > 0:
            for number, (name, item) in enumerate(members):
                self.put(f", {name}" if number else name)
                self.write(item, levels - 1)
            if more > 0:
                self.put(f", ... {more} more")
        elif not told.startswith("0 "):
            self.put(f"... {told}")
        self.put(around[1])

    def _text(self, value: Any) -> str:
        if isinstance(value, str) and len(value) > self._shape.text:
            return f"{value[: self._shape.text]!r}... {len(value) - self._shape.text} more"
        if isinstance(value, str) and len(value) > self._room:
            raise _TooLong
        return repr(value)


def set_fields(document: Document) -> list[tuple[str, Any]]:
    """List what is set, each with its name as an argument."""
    values = ((field.argument, getattr(document, field.name)) for field in fields(type(document)))
    return [
        (name, value) for name, value in values if value is not None and (name != "extra" or value)
    ]


def brief(value: object, limit: int = LIMIT) -> str:
    """Show a value in at most this many characters."""
    shown = (_written(value, shape, limit) for shape in SHAPES)
    return next((text for text in shown if text is not None), f"{type(value).__name__}(...)")


def _written(value: object, shape: _Shape, limit: int) -> str | None:
    writer = _Writer(shape, limit)
    try:
        writer.write(value, shape.levels)
    except _TooLong:
        return None
    return "".join(writer.parts)


class Shown:
    """Stands for a value where a library shows `repr` of it."""

    def __init__(self, value: object) -> None:
        self._text = brief(value, LIMIT_OF_PART)

    def __repr__(self) -> str:
        """Show the value."""
        return self._text


def lines(document: Document) -> list[tuple[str, Any]]:
    """List what is set for a view that has a line for each, bounded unless the whole is small."""
    named = set_fields(document)
    if _written(document, SHAPES[0], WHOLE) is not None:
        return named
    return [(name, Shown(value)) for name, value in named]
