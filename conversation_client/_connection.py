"""What aiohttp does not tell: whether a connection is still good, and when a request leaves."""

import select
from collections.abc import Callable
from contextvars import ContextVar
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

on_send: ContextVar[Callable[[], None]] = ContextVar("on_send")
"""Called when the request of the current task is about to leave."""


_used: WeakSet[ResponseHandler] = WeakSet()
"""Connections that a request has been sent on."""


class StaleConnectionError(Exception):
    """The server has closed an idle connection, or spoken unasked; nothing was sent on it."""


class Connector(aiohttp.TCPConnector):
    """A connector that can be closed where nobody can wait for it."""

    def close_at_once(self) -> None:
        """Close all connections without waiting for their ends."""
        self._close()

    def disown(self) -> None:
        """Count as closed without closing anything: the connections belong to another process."""
        self._closed = True


class WatchedRequest(aiohttp.ClientRequest):
    """A request that is not sent where the server has already hung up."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Look at a connection before sending on it again.

        Raises:
            StaleConnectionError: Its end has been reached, though the loop may not have seen that
                yet, or a reply that nobody asked for; aiohttp would fail or take that for its own.
        """
        protocol = conn.protocol
        if protocol is None or (protocol in _used and _is_stale(protocol)):
            raise StaleConnectionError
        _used.add(protocol)
        on_send.get()()
        return await super().send(conn)


def _is_stale(protocol: ResponseHandler) -> bool:
    transport = protocol.transport
    if transport is None or protocol.should_close:
        return True
    return _is_readable(transport.get_extra_info("socket").fileno())


def _is_readable(descriptor: int) -> bool:
    """Tell whether there is something to read; on an idle connection that is its end."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])  # Windows
