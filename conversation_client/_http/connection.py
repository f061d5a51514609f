"""aiohttp's connections, driven without its session: our own bytes out, its parser's messages in.

A session merges URLs, keeps cookies, follows redirects and traces; the client needs none of that,
and it costs more than all the rest of a call. Some of what is used here is not documented, so
`is_as_expected` looks at it first; where it finds something else, requests go through a session.
"""

import asyncio
import inspect
import math
import select
import ssl
import weakref
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, cast

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import BadStatusLine, HttpProcessingError
from aiohttp.streams import StreamReader
from yarl import URL

from conversation_client._http.framing import end_of_reply
from conversation_client._http.wire import PLAIN, Reply

CONNECT_TIMEOUT = 10.0
OWN_DEADLINE = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
"""One deadline of our own bounds the whole call; aiohttp only tells when connecting takes long."""
KEPT_FOR = 15.0
"""Seconds after which a connection that waits for another request is closed."""
LOOK_INTERVAL = 0.1
"""Seconds between two looks at the requests under way: how late one may end."""
READ_SIZE = 64 * 1024
"""Bytes read at a time; asyncio's own 256 KiB are a mapping of memory that is made for each read."""
SMALL_READ_SIZE = 440
"""Bytes that are enough for a plain reply, and few enough for Python's own allocator."""
HEAD_START = 0.05
"""Seconds that one address of a host is tried alone: on some systems it takes two to be refused."""
FIRST_LOOK = 0.001
"""Seconds that the first connections of all are given to show that their server speaks unasked."""
ROUNDS = 4
"""Rounds of the loop that all others are given for it."""
BEGINNING = b"HTTP/1."
"""Of every reply; aiohttp's pure-Python parser would wait for the end of anything else."""
SWITCHING_PROTOCOLS = 101

Feed = Callable[[], bytes | None]
"""Called when the last request has had the plain reply, it returns another one, or `None`."""


class Late(TimeoutError):  # noqa: N818
    """The time of a request is up."""


class SpokeFirst(BadStatusLine):
    """There was an answer before there was a question."""


class NotWelcome(aiohttp.ClientConnectionError):
    """The server has refused the client's certificate, which TLS 1.3 tells after the handshake."""

    def __init__(self, reason: ssl.SSLError) -> None:
        super().__init__(reason)
        self.reason = reason


class Handler(ResponseHandler):
    """One connection: what was sent on it, and whether what comes back begins like a reply."""

    is_used = False
    sent = 0
    """Requests so far."""
    deadline = math.inf
    """Until when, in the loop's time, the request under way may take."""
    timeout = math.inf
    """Seconds that each request of a feed may take."""
    feed: Feed | None = None
    """What has the next request sent by the plain reply to the one under way."""
    kept_until = 0.0
    """Until when, in the loop's time, another request may be sent."""
    seen = 0
    """How many requests there were at the last look."""
    _begun: bytes | None = b""
    """The first bytes of the reply, until they are known to be those of one."""
    _is_parser_new = False
    refusal: NotWelcome | None = None
    """Why the connection was lost, if that was for the client's certificate."""
    spoke_first = False
    """Whether the server has said anything before the first request."""
    _first: bytes | None = None
    """The first piece of the reply, as long as no other has come."""
    _plain: bytes | None = None
    """The last such reply that was a 204 with no length."""
    plain: Reply = PLAIN
    """What it says."""
    _arrival: "asyncio.Future[Any] | None" = None
    """What waits for a reply to begin, or has waited last."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prepare for reads of a size that fits replies."""
        super().connection_made(transport)
        self._read_by(READ_SIZE)
        self._is_readable = _readability_of(transport.get_extra_info("socket").fileno())

    def _read_by(self, size: int) -> None:
        transport: Any = self.transport
        if hasattr(transport, "max_size"):  # not uvloop's, nor one of TLS
            transport.max_size = size

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell a server that refuses the client from one that is gone."""
        if isinstance(exc, ssl.SSLError) and self.sent <= 1:
            exc = self.refusal = NotWelcome(exc)
        super().connection_lost(exc)

    def ask(self, head: bytes, body: bytes | None) -> "asyncio.Future[Any]":
        """Send a request, and return what waits for the reply to it.

        That is true if the reply is the plain one, which is over then; otherwise `reply` tells what
        has come.

        Raises:
            ClientConnectionResetError: The connection was lost before; nothing is sent.
            SpokeFirst: What comes would be no answer; nothing is sent.
        """
        transport = self.transport
        if transport is None:
            if self.spoke_first:
                raise SpokeFirst
            if self.is_used:
                raise aiohttp.ClientConnectionResetError
            # A moment later it would have been closed with the request on its way.
            lost = self._loop.create_future()
            lost.set_exception(self.refusal or aiohttp.ServerDisconnectedError())
            return lost
        if not self._is_parser_new:
            # None of what came before may become a part of this reply.
            self.set_response_params(read_until_eof=True)
        self.sent += 1
        transport.write(head)
        if body:
            transport.write(body)
        self._waiter = self._arrival = arrival = self._loop.create_future()
        return arrival

    async def reply(self) -> tuple[RawResponseMessage, StreamReader]:
        """Return the head of the reply, and its content, which may be yet to come."""
        while True:
            message, content = await self.read()
            if not 100 <= message.code < 200 or message.code == SWITCHING_PROTOCOLS:
                self._remember(message)
                return message, content

    def _remember(self, message: RawResponseMessage) -> None:
        first, headers = self._first, message.headers
        if message.code != 204 or first is None or end_of_reply(first) != len(first):
            return
        if hdrs.CONTENT_LENGTH not in headers and hdrs.TRANSFER_ENCODING not in headers:
            self._plain, self.plain = first, Reply(204, headers, b"", message.reason)
            self._read_by(SMALL_READ_SIZE if len(first) < SMALL_READ_SIZE else READ_SIZE)

    def set_response_params(self, **params: Any) -> None:
        """Prepare for a reply."""
        self.is_used = True
        self._begun = b""
        self._is_parser_new = True
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take what the server sent, if it can be a reply.

        One that is the same as the last plain one, byte for byte, means the same: nearly every one
        to a request for which nothing is promised. In a batch it has the next request sent.
        """
        feed, waiter, transport = self.feed, self._arrival, self.transport
        if (
            feed is not None
            and data == self._plain
            and waiter is not None
            and not waiter.done()
            and transport is not None
        ):
            request = feed()
            if request is not None:
                self.sent += 1
                transport.write(request)
                return
        self.feed = None
        if self._begun is not None:
            if (
                data == self._plain
                and waiter is not None
                and waiter is self._waiter
                and not self._begun
            ):
                self._waiter = None
                if not waiter.done():
                    waiter.set_result(True)
                return
            if not self.is_used:
                self.spoke_first = True
                self.close()
                return
            begun = self._begun + data[: len(BEGINNING)]
            if begun.startswith(BEGINNING):
                self._first = None if self._begun else data
                self._begun = None
            elif BEGINNING.startswith(begun):
                self._begun = begun
            else:
                self._first = None
                self.close()
                self.set_exception(BadStatusLine())
                return
        else:
            self._first = None
        self._is_parser_new = False
        if len(data) == SMALL_READ_SIZE:  # there is more
            self._read_by(READ_SIZE)
        super().data_received(data)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """Fail the reply under way; aiohttp itself lets the reader of its body wait for ever."""
        if isinstance(exc, HttpProcessingError) and self._is_saved():
            return
        self._is_parser_new = False
        self.feed = None
        super().set_exception(exc, *(() if exc_cause is None else (exc_cause,)))
        body = self._payload
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(exc)

    def _is_saved(self) -> bool:
        """Read the reply again without what came after its end, which broke the connection alone."""
        first, self._first = self._first, None
        end = 0 if first is None else end_of_reply(first)
        if first is None or not 0 < end < len(first):
            return False
        super().set_response_params(read_until_eof=True)
        self.force_close()
        super().data_received(first[:end])
        return True

    @property
    def should_close(self) -> bool:
        """Whether it is not to be used again, as when a part of the request has yet to be sent."""
        transport = self.transport
        is_sending = transport is not None and transport.get_write_buffer_size() > 0
        return is_sending or super().should_close

    def close(self) -> None:
        """Close at once, even if not everything was sent: a server may never read the rest."""
        if self.transport is not None and self.transport.get_write_buffer_size():
            self.abort()
        super().close()

    def is_stale(self) -> bool:
        """Tell whether the server has done anything since its last reply."""
        return (
            self.transport is None
            # Where the parser has had nothing to do, nothing has come that forbids another request.
            or (not self._is_parser_new and self.should_close)
            or bool(self._is_readable())
        )

    def deadline_of_last(self) -> float:
        """Return until when the last request may take; one that no look has found is new."""
        return self.deadline if self.seen == self.sent else self._loop.time() + self.timeout

    def look(self, now: float) -> None:
        """Fail the request under way if it is late, and let a feed end with the next reply."""
        if self.feed is not None and self.sent != self.seen:
            self.seen = self.sent
            self.deadline = now + self.timeout
            self.kept_until = now + KEPT_FOR
            self.feed = None
        elif self.deadline <= now:
            self.set_exception(Late())


class Connector(aiohttp.TCPConnector):
    """Connections to one server: those that are kept for the next request, and those in use."""

    def __init__(self, url: str, tls: ssl.SSLContext | bool = True) -> None:  # aiohttp's
        super().__init__(limit=0, happy_eyeballs_delay=HEAD_START, ssl=tls)  # pyright: ignore[reportUnknownMemberType]
        loop = asyncio.get_running_loop()
        self.kept: list[Handler] = []
        """Those that wait for a request, the one that was used last at the end."""
        self.in_use: set[Handler] = set()
        """Those whose deadlines are looked after."""
        self.is_looking = False
        """Whether there will be another look soon."""
        self._timer: asyncio.TimerHandle | None = None
        self._address: str | None = None
        """Where the server has answered, of the addresses of its host."""
        self._has_listened = asyncio.Event()
        """Set once the server would have been heard if it spoke unasked."""
        self.is_as_expected = _is_as_expected(self, loop)
        """Whether `take` can be used; a session over this connector always can."""
        if self.is_as_expected:
            self._factory = partial[ResponseHandler](Handler, loop=loop)  # type: ignore[assignment]
            self._destination = aiohttp.ClientRequest("GET", URL(url, encoded=True), loop=loop)
            self.host = self._destination.headers[hdrs.HOST]
            self.prefix = self._destination.url.raw_path.rstrip("/")

    async def take(self) -> Handler:
        """Return a connection on which the server has done nothing since its last reply.

        The loop may not have seen yet that it has been closed, or that there is a reply which
        nobody asked for; a request would be lost, or get the reply to another one.
        """
        while True:
            if self.closed:
                raise aiohttp.ClientConnectionError
            handler = self.kept.pop() if self.kept else await self._connected()
            is_new = not handler.is_used
            if is_new or (self._loop.time() < handler.kept_until and not handler.is_stale()):
                return handler
            self.drop(handler)

    async def _connected(self) -> Handler:
        connection = await self.connect(self._destination, [], OWN_DEADLINE)
        handler = cast("Handler", connection.protocol)
        handler.kept_until = math.inf  # which is aiohttp's business so far
        # Or it would be closed, with a complaint, when what has brought it is collected.
        connection._protocol = None  # pyright: ignore[reportPrivateUsage]
        if self._address is None:
            self._loop.call_later(FIRST_LOOK, self._has_listened.set)
        self._remember_address(handler)
        try:
            await self._has_listened.wait()
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
            if handler.spoke_first:  # and so may the next one, for which this is the time again
                self._address = None
                self._has_listened.clear()
            if self.closed:
                raise aiohttp.ClientConnectionError  # noqa: TRY301  # as in `take`
        except BaseException:
            self.drop(handler)
            raise
        return handler

    def _remember_address(self, handler: Handler) -> None:
        peer = handler.transport and handler.transport.get_extra_info("peername")
        if peer:  # not gone again already
            self._address = peer[0]

    async def _resolve_host(self, *args: Any, **options: Any) -> list[Any]:
        """Return the addresses of a host, first the one where the server has answered."""
        found = await super()._resolve_host(*args, **options)
        return sorted(found, key=lambda each: each["host"] != self._address)

    def drop(self, handler: Handler) -> None:
        """Close a connection."""
        handler.close()
        self._release(self._destination.connection_key, handler, should_close=True)

    def drop_kept(self) -> None:
        """Close the connections that nobody uses."""
        while self.kept:
            self.drop(self.kept.pop())

    def begin_looking(self) -> None:
        """Look after the deadlines of all connections in use, with one timer for all."""
        self.is_looking = True
        self._look_in(LOOK_INTERVAL)

    def look(self) -> None:
        """Look after deadlines; once nothing is in use, after connections that nobody wants."""
        now = self._loop.time()
        for handler in self.in_use:
            handler.look(now)
        for handler in [handler for handler in self.kept if handler.kept_until <= now]:
            self.kept.remove(handler)
            self.drop(handler)
        self.is_looking = bool(self.in_use)
        if self.is_looking:
            self._look_in(LOOK_INTERVAL)
        elif self.kept:
            self._look_in(max(handler.kept_until for handler in self.kept) - now)

    def _look_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        owner: weakref.ref[Connector] = weakref.ref(self)
        self._timer = self._loop.call_later(seconds, _look, owner)

    def _close(self, *, abort_ssl: bool = False) -> list[Any]:
        if self._timer is not None and not self._loop.is_closed():
            self._timer.cancel()
        self.kept.clear()
        return super()._close(abort_ssl=abort_ssl)

    def close_at_once(self) -> None:
        """Close all connections without waiting for their ends."""
        self._close()

    def close_sockets(self) -> None:
        """Do so where the loop does not run, and so closes nothing: what it has open is its own.

        uvloop lets nobody else close what it has; it does so as it is closed or runs again.
        """
        handlers = [*self._acquired, *(each for kept in self._conns.values() for each, _ in kept)]
        transports = [handler.transport for handler in handlers if handler.transport is not None]
        self._close(abort_ssl=True)  # lest the loop goes on to look at a socket that is closed
        for transport in transports:
            socket = getattr(transport.get_extra_info("socket"), "_sock", None)
            if socket is not None:
                socket.close()

    def disown(self) -> None:
        """Count as closed without closing anything: the connections belong to another process."""
        self._closed = True


def _look(owner: "weakref.ref[Connector]") -> None:
    connector = owner()
    if connector is not None and not connector.closed:
        connector.look()


def _is_as_expected(connector: Connector, loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether this aiohttp has what is used here beyond its documentation."""
    try:
        handler = Handler(loop)
        handler.set_response_params(read_until_eof=True)
        arrival = handler._waiter = loop.create_future()  # pyright: ignore[reportPrivateUsage]
        handler.set_exception(ConnectionError())
        handler.close()
        kind = aiohttp.TCPConnector
        _check_signatures(kind.connect, kind._release)  # pyright: ignore[reportPrivateUsage]
        key = aiohttp.ClientRequest("GET", URL("http://localhost"), loop=loop).connection_key
        connection = Connection(connector, key, handler, loop)
        connection._protocol = None  # pyright: ignore[reportPrivateUsage]
    except (AttributeError, TypeError):
        return False
    has_come = arrival.done() and isinstance(arrival.exception(), ConnectionError)
    is_let_go = connection.protocol is None
    return has_come and is_let_go and inspect.iscoroutinefunction(handler.read)


@lru_cache(1)
def _check_signatures(connect: Callable[..., object], release: Callable[..., object]) -> None:
    """Raise `TypeError` if they do not take what they are given here."""
    inspect.signature(connect).bind(None, None, [], OWN_DEADLINE)
    inspect.signature(release).bind(None, None, None, should_close=True)


def _readability_of(descriptor: int) -> Callable[[], object]:
    """Return what tells whether there is something to read; when idle, that is the end."""
    if not hasattr(select, "poll"):  # pragma: no cover  # Windows
        return lambda: select.select([descriptor], [], [], 0)[0]
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return partial(poll.poll, 0)
