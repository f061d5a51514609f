"""What aiohttp does not tell: whether a connection is still good, and when a request leaves."""

import asyncio
import select
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, cast

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_exceptions import BadStatusLine
from multidict import CIMultiDict

on_send: ContextVar[Callable[[], None]] = ContextVar("on_send")
"""Called when the request of the current task is about to leave."""

READ_SIZE = 64 * 1024
BEGINNING = b"HTTP/1."
"""Of every reply; aiohttp's pure-Python parser would wait for the end of anything else."""


class StaleConnectionError(Exception):
    """The server has closed an idle connection, or spoken unasked; nothing was sent on it."""


class Handler(ResponseHandler):
    """One connection: whether it has been used, and whether what comes back begins like a reply."""

    is_used = False
    _begun = b""
    _is_readable: Callable[[], bool]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prepare for reads of a size that fits replies."""
        super().connection_made(transport)
        # asyncio's own 256 KiB are a mapping of memory that is made and given back at each read.
        if hasattr(transport, "max_size"):
            transport.max_size = READ_SIZE  # pyright: ignore[reportAttributeAccessIssue]
        self._is_readable = _readability_of(transport.get_extra_info("socket").fileno())

    def set_response_params(self, **params: Any) -> None:
        """Prepare for the next reply."""
        self._begun = b""
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take what the server sent, if it can be a reply."""
        missing = len(BEGINNING) - len(self._begun)
        if missing:
            self._begun += data[:missing]
            if not BEGINNING.startswith(self._begun):
                self.close()
                self.set_exception(BadStatusLine())
                return
        super().data_received(data)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """Fail the reply under way; aiohttp itself lets the reader of its body wait for ever."""
        super().set_exception(exc, *(() if exc_cause is None else (exc_cause,)))
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(exc)

    def close(self) -> None:
        """Close at once, even if not everything was sent: a server may never read the rest."""
        if self.transport is not None and self.transport.get_write_buffer_size():
            self.abort()
        super().close()

    def is_stale(self) -> bool:
        """Tell whether the server has done anything since its last reply."""
        return self.transport is None or self.should_close or self._is_readable()


class Connector(aiohttp.TCPConnector):
    """A connector of our own handlers, which can be closed where nobody can wait for it."""

    def __init__(self) -> None:
        super().__init__(limit=0)  # pyright: ignore[reportUnknownMemberType]
        loop = asyncio.get_running_loop()
        self._factory = partial[ResponseHandler](Handler, loop=loop)  # type: ignore[assignment]

    def close_at_once(self) -> None:
        """Close all connections without waiting for their ends."""
        self._close()

    def disown(self) -> None:
        """Count as closed without closing anything: the connections belong to another process."""
        self._closed = True


class WatchedRequest(aiohttp.ClientRequest):
    """A request that is not sent where the server has already hung up."""

    # Without it aiohttp would call an empty body `application/octet-stream`.
    _skip_auto_headers = CIMultiDict[None]({hdrs.CONTENT_TYPE: None})

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Look at a connection before sending on it again.

        Raises:
            StaleConnectionError: Its end has been reached, though the loop may not have seen that
                yet, or a reply that nobody asked for; aiohttp would fail or take that for its own.
        """
        protocol = cast("Handler", conn.protocol)
        if protocol.is_used and protocol.is_stale():
            raise StaleConnectionError
        protocol.is_used = True
        on_send.get()()
        return await super().send(conn)


def _readability_of(descriptor: int) -> Callable[[], bool]:
    """Return what tells whether there is something to read; when idle, that is the end."""
    if not hasattr(select, "poll"):  # pragma: no cover  # Windows
        return lambda: bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return lambda: bool(poll.poll(0))
