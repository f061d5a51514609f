"""What the emulator answers: where an operation is asked for, and what it does."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import attrs

from conversation_client.operations import FIRST, OPERATIONS, ApiVersion, Operation
from conversation_client.testing.backend import Backend
from conversation_client.testing.calls import Call
from conversation_client.testing.documents import JsonObject
from conversation_client.testing.streams import STREAMS, Subject, Tell

Answer = JsonObject | str | None
"""A document, a text, or nothing at all."""


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


def stored(backend: Callable[[], Backend], version: ApiVersion | None) -> Iterator[Route]:
    """Return the operations of a backend on each path that a version has them on.

    Args:
        backend: Gives the backend, each time that there is something for it to do.
        version: The version; None stands for all there are.
    """
    streams = {stream.operation: stream for stream in STREAMS}
    for row in OPERATIONS:
        act = partial(_run, backend, row)
        stream = streams.pop(row.id, None)
        socket = None if stream is None else _socket(backend, stream.subject)
        for path in row.paths_in(version):
            yield Route(row.id, row.method, path, act, row.body is not None, socket=socket)
    for stream in streams.values():  # those without a row
        said = partial(_identifiers, backend, stream.subject)
        socket = _socket(backend, stream.subject)
        yield Route(stream.operation, "GET", stream.path, said, since=stream.since, socket=socket)


def _run(backend: Callable[[], Backend], row: Operation[object], call: Call) -> Answer:
    return backend().run(row, call)


def _identifiers(backend: Callable[[], Backend], subject: Subject, _: Call) -> Answer:
    return backend().identifiers(subject)


def _socket(backend: Callable[[], Backend], subject: Subject) -> Socket:
    return Socket(
        begin=lambda tell: backend().listen(subject, tell),
        end=lambda tell: backend().leave(subject, tell),
    )


def known_in(version: ApiVersion | None, routes: Iterable[Route]) -> Iterator[Route]:
    """Return the routes that a version has; None stands for all versions."""
    return (route for route in routes if version is None or version >= route.since)
