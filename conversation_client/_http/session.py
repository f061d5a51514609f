"""The aiohttp session of a client: when it opens, whose it is, and how it ends."""

import asyncio
import ssl
import sys
import warnings
from collections import deque
from types import FunctionType
from typing import Any

import aiohttp

from conversation_client._fork import call_after_fork
from conversation_client._http.connection import Connector
from conversation_client._interpreter import is_done_in, running_loop
from conversation_client.errors import ClientClosedError, ConversationClientError

METHODS = ("__init__", "_request", "request")
"""What mocks, recorders and instrumentations of sessions replace, or one of these."""


class Slots:
    """How many calls may be under way at the same time; those beyond wait in line.

    A slot that is given back goes to the first in line, so that none is `free` while anybody waits.
    """

    def __init__(self, count: int) -> None:
        self.free = count
        self.line: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Take a slot, or wait for one."""
        if self.free:
            self.free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.line.append(turn)
        try:
            await turn
        except BaseException:
            if turn.cancelled():
                self.line = deque(other for other in self.line if other is not turn)
            else:  # it has come all the same
                self.release()
            raise

    def release(self) -> None:
        """Give a slot back."""
        while self.line:
            turn = self.line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1


class Session:
    """A session of our own, opened on first use, or one that the user brought and keeps."""

    def __init__(
        self,
        url: str,
        borrowed: aiohttp.ClientSession | None,
        max_connections: int,
        tls: ssl.SSLContext | bool,
    ) -> None:
        self.url = url
        self.is_borrowed = borrowed is not None
        self.warns = True
        """Whether it is worth a warning that nobody has closed this."""
        self.tls = tls
        self.max_connections = sys.maxsize if borrowed else max_connections
        # Ours rather than the connector's, to tell waiting for a connection from a slow server.
        self.slots = Slots(self.max_connections)
        self._session = borrowed
        self._connector: Connector | None = None
        """Our own, while it is open."""
        self._usable: Connector | None = None
        """The same, if it was what to send with when `open` last looked at everything."""
        self.originals: tuple[object, ...] = (None,) * (1 + len(METHODS))
        """The class of aiohttp's sessions and its methods, as they were then."""
        self._made_of: tuple[object, object] = (None, None)
        """The class of `_session` and its `__init__`, which may be an instrumentation's."""
        self._old_sessions: list[aiohttp.ClientSession] = []
        """Those that calls may still be under way on; they end with the connector."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False
        self.readers: set[asyncio.Task[None]] = set()
        """What reads on connections of its own, and is cancelled when this closes."""
        call_after_fork(self)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        if self.is_borrowed and self._session is not None:
            return self._is_closed or self._session.closed
        return self._is_closed

    def another(self) -> "Session":
        """Return one of the same configuration, on which nothing is open; a user's is shared."""
        borrowed = self._session if self.is_borrowed else None
        return Session(self.url, borrowed, self.max_connections, self.tls)

    def open(self, loop: asyncio.AbstractEventLoop) -> Connector | aiohttp.ClientSession:
        """Return what to send with in the loop, which is running; it is opened if it is not yet.

        That is a connector, or a session where one was brought, where aiohttp's connections are
        not as expected, or where something has patched aiohttp's sessions (a mock, a recorder, an
        instrumentation) and is to see every request.

        Raises:
            ClientClosedError: It is closed.
            ConversationClientError: It belongs to another loop than the running one.
        """
        sessions = aiohttp.ClientSession
        kind, init, send, request = self.originals
        if (
            self._usable is not None
            and sessions is kind
            and sessions.__init__ is init
            and sessions._request is send  # pyright: ignore[reportPrivateUsage]
            and sessions.request is request
            and loop is self._loop
        ):
            return self._usable
        return self._open(loop)

    def _open(self, loop: asyncio.AbstractEventLoop) -> Connector | aiohttp.ClientSession:
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
            self._connector = Connector(self.url, self.tls)
        kind: Any = aiohttp.ClientSession
        methods = [getattr(kind, name, None) for name in METHODS]
        self.originals = (kind, *methods)
        if self._connector.is_as_expected and _is_plain(kind) and all(map(_is_original, methods)):
            self._usable = self._connector
            return self._connector
        self._usable = None
        self._connector.drop_kept()
        return self._session_of(kind, self._connector)

    def _session_of(self, kind: Any, connector: Connector) -> aiohttp.ClientSession:
        """Return a session over the connector that whatever patches sessions has seen made."""
        init = getattr(kind, "__dict__", {}).get("__init__")
        if self._session is not None and self._made_of[0] is kind and self._made_of[1] is init:
            return self._session
        made: aiohttp.ClientSession = kind(
            connector=connector, connector_owner=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        # A GET that fails on a reused connection would be sent again behind our back.
        made._retry_connection = False  # pyright: ignore[reportPrivateUsage]
        if self._session is not None:
            self._old_sessions.append(self._session)
        self._session, self._made_of = made, (kind, init)
        return made

    async def aclose(self) -> None:
        """Close the session if it is our own. Calls under way end in `ClientClosedError`.

        Raises:
            ConversationClientError: Its loop runs in another thread, and is too busy to do it.
        """
        self._is_closed = True
        self._usable = None
        if self._loop is None:
            return
        if self._loop is running_loop():
            await self._end()
        elif not await is_done_in(self._loop, self._end):
            self._end_without_loop(self._loop)

    async def _end(self) -> None:
        for reader in self.readers:
            reader.cancel()
        if self._connector is not None:
            await self._connector.close()
        if self.readers:
            await asyncio.wait(self.readers)

    def _end_without_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what a loop has that does not run, and may never run again."""
        for reader in () if loop.is_closed() else self.readers:
            reader.cancel()
        if self._connector is not None:
            self._connector.close_sockets()

    def __del__(self) -> None:
        """Close what nobody has closed, quietly but for a warning that says whose fault it is."""
        if self._connector is None or self._connector.closed:
            return
        if self.warns:
            text = f"a client of {self.url} was never closed: use `async with`, or await aclose()"
            warnings.warn(text, ResourceWarning, stacklevel=2, source=self)
        self._connector.close_at_once()

    def after_fork(self) -> object:
        """Leave session and connections to the parent process and start without any."""
        readers, self.readers = self.readers, set()
        if self._connector is None:
            return readers
        inherited = (self._connector, self._session, *self._old_sessions, readers)
        self._connector.disown()
        self._old_sessions = []
        self._session = self._connector = self._usable = self._loop = None
        self.slots = Slots(self.max_connections)
        return inherited


def _is_plain(kind: object) -> bool:
    """Tell whether a class is one itself: neither a proxy of one nor derived from it."""
    return type(kind) is type and kind.__bases__ == (object,)


def _is_original(method: object) -> bool:
    # A wrapper may show the code of what it wraps as its own, but then it is no plain function.
    return type(method) is FunctionType and method.__code__.co_filename == aiohttp.client.__file__
