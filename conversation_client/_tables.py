"""Small HTML tables, as notebooks show them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

ROWS = 20
"""Rows of a long list that are shown."""
TEXT = 200
"""Characters of a cell that are shown."""


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], *, of: int | None = None) -> str:
    """Make a table, its cells escaped.

    Args:
        headers: Of the columns; none for a table of names and values.
        rows: The cells of each row; `None` is shown as nothing.
        of: How many rows there are, if these are only the first.
    """
    from html import escape  # noqa: PLC0415  # only notebooks need it

    def cell(tag: str, value: object) -> str:
        text = "" if value is None else str(value)
        shown = text if len(text) <= TEXT else f"{text[:TEXT]}\u2026"
        return f"<{tag}>{escape(shown)}</{tag}>"

    head = "".join(cell("th", header) for header in headers)
    lines = ["".join(cell("td", value) for value in row) for row in rows]
    more = 0 if of is None else of - len(lines)
    if more > 0:
        lines.append(f"<td colspan={len(headers)}>{more:,} more</td>")
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return (
        f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"
    )


def moment_of(stamp: object) -> datetime | None:
    """Return the time of a timestamp, if there is one."""
    return cast("datetime | None", getattr(stamp, "value", None))


def count_of(collection: object) -> int | None:
    """Return how many references there are in a collection, if there is one."""
    found: list[object] | None = getattr(collection, "iterable", None)
    return None if found is None else len(found)
