"""What of a document is shown: all of a small one, and the outline of a large one."""

import typing
from typing import Any

from conversation_client.models.base import Document, fields

LIMIT = 1_500
"""Characters that are shown of a document."""
LIMIT_OF_PART = 100
"""Characters that are shown of a part of one, in a view that has a line for each."""
WHOLE = 600
"""Length up to which a document is shown in full where each value has a line."""

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
            self._members(f"{type(value).__name__}(", set_fields(value), ")", "fields", levels)
        elif type(value) is list:
            shown = [(None, item) for item in value[: self._shape.items + 1]]
            self._members("[", shown, "]", "items", levels, len(value))
        elif isinstance(value, dict):
            few = zip(value, range(self._shape.items + 1))
            shown = [(f"{self._text(key)}: ", value[key]) for key, _ in few]
            self._members("{", shown, "}", "items", levels, len(value))
        else:
            self.put(self._text(value))

    def _members(
        self,
        opening: str,
        shown: list[tuple[str | None, Any]],
        closing: str,
        what: str,
        levels: int,
        count: int | None = None,
    ) -> None:
        self.put(opening)
        total = len(shown) if count is None else count
        few = shown if count is None else shown[: self._shape.items]
        if total and levels <= 0:
            self.put(f"... {total} {what if total > 1 else what[:-1]}")
            few = []
        for number, (name, item) in enumerate(few):
            self.put(f"{', ' if number else ''}{name or ''}")
            self.write(item, levels - 1)
        if few and total > len(few):
            self.put(f", ... {total - len(few)} more")
        self.put(closing)

    def _text(self, value: Any) -> str:
        if isinstance(value, str) and len(value) > self._shape.text:
            return f"{value[: self._shape.text]!r}... {len(value) - self._shape.text} more"
        if isinstance(value, str) and len(value) > self._room:
            raise _TooLong
        return repr(value)


def set_fields(document: Document) -> list[tuple[str | None, Any]]:
    """List what is set, each with its name as an argument."""
    values = ((field.argument, getattr(document, field.name)) for field in fields(type(document)))
    return [
        (f"{name}=", value)
        for name, value in values
        if value is not None and (name != "extra" or value)
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
    named = [((name or "").rstrip("="), value) for name, value in set_fields(document)]
    if _written(document, SHAPES[0], WHOLE) is not None:
        return named
    return [(name, Shown(value)) for name, value in named]
