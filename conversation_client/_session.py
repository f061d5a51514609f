"""The aiohttp session of a client: when it opens, whose it is, and how it ends."""

import asyncio
import warnings

import aiohttp

from conversation_client._connection import Connector, WatchedRequest
from conversation_client._fork import call_after_fork
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
        """Of a session of our own, while it is open."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._max_connections = max_connections
        self._is_closed = False
        # Ours rather than the connector's, to tell waiting for a connection from a slow server.
        self.connections = asyncio.Semaphore(max_connections)
        call_after_fork(self)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_closed or (self._session is not None and self._session.closed)

    def open(self) -> aiohttp.ClientSession:
        """Return the session, which is opened in the running loop if it is not yet.

        Raises:
            ClientClosedError: It is closed.
            ConversationClientError: It belongs to another loop than the running one.
        """
        loop = asyncio.get_running_loop()
        if self.is_closed:
            raise ClientClosedError("this client is closed")
        if self._session is None:
            self._connector = Connector()
            self._session = aiohttp.ClientSession(
                connector=self._connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=WatchedRequest,
            )
            # A GET that fails on a reused connection would be sent again behind our back.
            self._session._retry_connection = False  # pyright: ignore[reportPrivateUsage]
        self._loop = self._loop or loop
        if loop is not self._loop:
            raise ConversationClientError(
                f"this client belongs to {self._loop!r}, not to {loop!r}: use one for each event"
                " loop, or ConversationClient, which works from any thread"
            )
        return self._session

    async def aclose(self) -> None:
        """Close the session if it is our own. Calls under way end in `ClientClosedError`."""
        self._is_closed = True
        if self._session is not None and not self.is_borrowed:
            await self._session.close()

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
        inherited = self._session
        self._connector.disown()
        self._session = self._connector = self._loop = None
        self.connections = asyncio.Semaphore(self._max_connections)
        return inherited
