"""What aiohttp does not tell: whether a connection is still good, and when a request leaves."""

import select
from collections.abc import Callable
from contextvars import ContextVar

import aiohttp
from aiohttp.connector import Connection

on_send: ContextVar[Callable[[], None]] = ContextVar("on_send")
"""Called when the request of the current task is about to leave."""


class StaleConnectionError(Exception):
    """The server has closed an idle connection; nothing was sent on it."""


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
        """Look at the connection before sending on it.

        Raises:
            StaleConnectionError: Its end has been reached, though the loop may not have seen that
                yet; aiohttp would send on it and fail.
        """
        if conn.transport is None or _is_readable(conn.transport.get_extra_info("socket").fileno()):
            raise StaleConnectionError
        on_send.get()()
        return await super().send(conn)


def _is_readable(descriptor: int) -> bool:
    """Tell whether there is something to read; on an idle connection that is its end."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])  # Windows
