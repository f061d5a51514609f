"""What the emulator answers: where an operation is asked for, and what it does."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import attrs

from conversation_client.operations import FIRST, ApiVersion, Operation
from conversation_client.testing.backend import ROWS
from conversation_client.testing.calls import Call
from conversation_client.testing.documents import JsonObject

Answer = JsonObject | str | None
"""A document, a text, or nothing at all."""


Tell = Callable[[str], object]
"""Takes a frame; it does not wait."""


def _nothing(*_: object) -> None:
    pass


@attrs.frozen
class Socket:
    """What is said on a websocket."""

    begin: Callable[[Tell], object] = _nothing
    """Called with what takes frames, as soon as there is somebody to hear them."""
    end: Callable[[Tell], object] = _nothing
    """Called with the same when that is no more."""
    hear: Callable[[str, Tell], object] = _nothing
    """Called with each frame that comes from the other side."""


@attrs.frozen
class Route:
    """An operation at one place."""

    operation: str
    """Its id, in the table or, beside it, in the official SDK."""
    method: str
    path: str
    """Path template with its parameters in braces."""
    act: Callable[[Call], Answer]
    takes_body: bool = False
    since: ApiVersion = FIRST
    """The first API version that has it."""
    socket: Socket | None = None
    """What it is where a websocket is asked for, if it is one then."""


Run = Callable[[Operation[object], Call], JsonObject | None]
"""Carries out an operation on the conversations that there are."""


def of_rows(run: Run, version: ApiVersion | None) -> Iterator[Route]:
    """Return the rows that a backend knows, on each path that a version has them on."""
    for row in ROWS:
        for path in row.paths_in(version):
            yield Route(row.id, row.method, path, partial(run, row), row.body is not None)


def known_in(version: ApiVersion | None, routes: Iterable[Route]) -> Iterator[Route]:
    """Return the routes that a version has; None stands for all versions."""
    return (route for route in routes if version is None or version >= route.since)
