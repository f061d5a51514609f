"""The aiohttp session of a client: when it opens, whose it is, and how it ends."""

import asyncio
import sys
import warnings
from types import CodeType

import aiohttp

from conversation_client._fork import call_after_fork
from conversation_client._http.connection import Connector
from conversation_client.errors import ClientClosedError, ConversationClientError


class Session:
    """A session of our own, opened on first use, or one that the user brought and keeps."""

    def __init__(
        self, url: str, borrowed: aiohttp.ClientSession | None, max_connections: int
    ) -> None:
        self.is_borrowed = borrowed is not None
        self.warns = True
        """Whether it is worth a warning that nobody has closed this."""
        self._url = url
        self._session = borrowed
        self._connector: Connector | None = None
        """Our own, while it is open."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self.max_connections = sys.maxsize if borrowed else max_connections
        self._is_closed = False
        # Ours rather than the connector's, to tell waiting for a connection from a slow server.
        self.connections = asyncio.Semaphore(self.max_connections)
        self.queued = 0
        """Calls that wait for a connection."""
        call_after_fork(self)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._session is not None and self._session.closed)

    def open(self) -> Connector | aiohttp.ClientSession:
        """Return what to send with in the running loop; it is opened if it is not yet.

        That is a connector, or a session where one was brought, where aiohttp's connections are
        not as expected, or where a mock or a recorder has patched aiohttp's sessions and is to see
        every request.

        Raises:
            ClientClosedError: It is closed.
            ConversationClientError: It belongs to another loop than the running one.
        """
        loop = asyncio.get_running_loop()
        if self.is_closed:
            raise ClientClosedError("this client is closed")
        self._loop = self._loop or loop
        if loop is not self._loop:
            raise ConversationClientError(
                f"this client belongs to {self._loop!r}, not to {loop!r}: use one for each event"
                " loop, or ConversationClient, which works from any thread"
            )
        if self.is_borrowed and self._session is not None:
            return self._session
        if self._connector is None:
            self._connector = Connector(self._url)
        if self._connector.is_as_expected and _sessions_are_original():
            return self._connector
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector,
                connector_owner=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            # A GET that fails on a reused connection would be sent again behind our back.
            self._session._retry_connection = False  # pyright: ignore[reportPrivateUsage]
        return self._session

    async def acquire(self) -> None:
        """Wait for one of the connections that there may be at the same time."""
        self.queued += 1
        try:
            await self.connections.acquire()
        finally:
            self.queued -= 1

    async def aclose(self) -> None:
        """Close the session if it is our own. Calls under way end in `ClientClosedError`."""
        self._is_closed = True
        if self._connector is not None:
            await self._connector.close()

    def __del__(self) -> None:
        """Close what nobody has closed, quietly but for a warning that says whose fault it is."""
        if self._connector is None or self._connector.closed:
            return
        if self.warns:
            text = f"a client of {self._url} was never closed: use `async with`, or await aclose()"
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)
        self._connector.close_at_once()

    def after_fork(self) -> object:
        """Leave session and connections to the parent process and start without any."""
        if self._connector is None:
            return None
        inherited = (self._connector, self._session)
        self._connector.disown()
        self._session = self._connector = self._loop = None
        self.connections = asyncio.Semaphore(self.max_connections)
        return inherited


def _sessions_are_original() -> bool:
    session = aiohttp.ClientSession
    return _is_original(session.__init__) and _is_original(session._request)  # pyright: ignore[reportPrivateUsage]


def _is_original(method: object) -> bool:
    code = getattr(method, "__code__", None)
    return isinstance(code, CodeType) and code.co_filename == aiohttp.client.__file__
