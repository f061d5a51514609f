"""Conversations as a table that is no wider than the terminal."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

import click
from rich.cells import cell_len, set_cell_size

from conversation_client._tables import moment_of
from conversation_client.cli.text import cell
from conversation_client.cli.views import local
from conversation_client.models.conversation import Conversation

SHORT = 8
"""Characters of an id that are shown at least."""
TIME = len("2024-05-01 12:00")
NAME = 20
"""Columns that a name has at least, before an id is cut; half of them, before there is no time."""
GAP = "  "
CUT = "..."
"""In place of what has no room, in characters that any terminal has."""


def table(conversations: Sequence[Conversation], width: int, encoding: str) -> Iterator[str]:
    """Return the lines of a table: id, when it was changed last, and name.

    An id is whole where there is room, else as much of it as tells it from the others.

    Args:
        conversations: At least one.
        width: Columns of the terminal.
        encoding: What the terminal can show.
    """
    ids = [_shown(conversation.id, encoding) for conversation in conversations]
    length = max(cell_len(id_) for id_ in ids)
    if length + TIME + NAME + 2 * len(GAP) > width:
        length = min(length, _telling(ids))
    has_time = length + TIME + NAME // 2 + 2 * len(GAP) <= width
    head = ["ID", "CHANGED", "NAME"]
    yield click.style(_row(head, length, width, has_time=has_time), dim=True)
    for id_, conversation in zip(ids, conversations, strict=True):
        moment = moment_of(conversation.updated)
        changed = local(moment).isoformat(" ", "minutes")[:TIME] if moment else ""
        name = _shown(conversation.name or "(no name)", encoding)
        yield _row([id_, changed, name], length, width, has_time=has_time)


def _telling(ids: Sequence[str]) -> int:
    """Return how many characters tell the ids from each other."""
    alike = (_alike(*pair) for pair in pairwise(sorted(set(ids))))
    return max(SHORT, max(alike, default=0) + 1)


def _alike(one: str, other: str) -> int:
    """Return with how many of the same characters two texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _shown(text: str, encoding: str) -> str:
    return cell(text).encode(encoding, "backslashreplace").decode(encoding)


def _row(cells: Sequence[str], length: int, width: int, *, has_time: bool) -> str:
    id_, changed, name = cells
    columns = [set_cell_size(id_, length)]
    if has_time:
        columns.append(set_cell_size(changed, TIME))
    begun = GAP.join((*columns, ""))
    return _fit(begun + _fit(name, max(width - cell_len(begun), len(CUT))), width)


def _fit(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - len(CUT), 0)).rstrip() + CUT[:width]
