"""aiohttp's connections, driven without its session: our own bytes out, its parser's messages in.

A session merges URLs, keeps cookies, follows redirects and traces; the client needs none of that,
and it costs more than all the rest of a call. Some of what is used here is not documented, so
`is_as_expected` looks at it first; where it finds something else, requests go through a session.
"""

import asyncio
import inspect
import select
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import BadStatusLine
from aiohttp.streams import EMPTY_PAYLOAD, StreamReader
from yarl import URL

CONNECT_TIMEOUT = 10.0
OWN_DEADLINE = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT)
"""One deadline of our own bounds the whole call; aiohttp only tells when connecting takes long."""
READ_SIZE = 64 * 1024
BEGINNING = b"HTTP/1."
"""Of every reply; aiohttp's pure-Python parser would wait for the end of anything else."""
END = b"\r\n\r\n"
SWITCHING_PROTOCOLS = 101


class Handler(ResponseHandler):
    """One connection: whether it has been used, and whether what comes back begins like a reply."""

    is_used = False
    _begun: bytes | None = b""
    """The first bytes of the reply, until they are known to be those of one."""
    _is_parser_new = False
    _only: bytes | None = None
    """The reply, if it came in one piece that ends with its head."""
    _plain_only: bytes | None = None
    _plain: RawResponseMessage | None = None
    """The last such reply that was a 204 with no length, as the parser made it of those bytes."""
    _arrival: "asyncio.Future[Any] | None" = None
    """What `arrival` returned last."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prepare for reads of a size that fits replies."""
        super().connection_made(transport)
        # asyncio's own 256 KiB are a mapping of memory that is made and given back at each read.
        if hasattr(transport, "max_size"):
            transport.max_size = READ_SIZE  # pyright: ignore[reportAttributeAccessIssue]
        self._is_readable = _readability_of(transport.get_extra_info("socket").fileno())

    def send(self, head: bytes, body: bytes | None) -> None:
        """Send a request.

        Raises:
            ClientConnectionResetError: The connection was lost before; nothing is sent.
        """
        transport = self.transport
        if transport is None:
            raise aiohttp.ClientConnectionResetError
        self.is_used = True
        if not self._is_parser_new:
            # None of what came before may become a part of this reply.
            self.set_response_params(read_until_eof=True)
        transport.write(head)
        if body:
            transport.write(body)

    def arrival(self) -> "asyncio.Future[Any]":
        """Return what waits for the reply to the request that was just sent.

        It is true if that is the plain one, which is over then; otherwise `reply` tells what came.
        """
        self._waiter = self._arrival = self._loop.create_future()
        return self._arrival

    async def reply(self) -> tuple[RawResponseMessage, StreamReader]:
        """Return the head of the reply, and its content, which may be yet to come."""
        if not (self._buffer or self._eof) and await self.arrival() and self._plain is not None:
            return self._plain, EMPTY_PAYLOAD
        while True:
            message, content = await self.read()
            if not 100 <= message.code < 200 or message.code == SWITCHING_PROTOCOLS:
                self._remember(message)
                return message, content

    def _remember(self, message: RawResponseMessage) -> None:
        is_plain = message.code == 204 and hdrs.CONTENT_LENGTH not in message.headers
        if is_plain and self._only is not None:
            self._plain_only = self._only
            self._plain = message

    def set_response_params(self, **params: Any) -> None:
        """Prepare for a reply."""
        self._begun = b""
        self._is_parser_new = True
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take what the server sent, if it can be a reply.

        One that is the same as the last plain one, byte for byte, means the same; in a batch that
        is nearly all of them.
        """
        if self._begun is not None:
            waiter = self._arrival
            if (
                data == self._plain_only
                and waiter is not None
                and waiter is self._waiter
                and not self._begun
            ):
                self._waiter = None
                if not waiter.done():
                    waiter.set_result(True)
                return
            begun = self._begun + data[: len(BEGINNING)]
            if begun.startswith(BEGINNING):
                self._only = None if self._begun or data.find(END) != len(data) - 4 else data
                self._begun = None
            elif BEGINNING.startswith(begun):
                self._begun = begun
            else:
                self.close()
                self.set_exception(BadStatusLine())
                return
        else:
            self._only = None
        self._is_parser_new = False
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
        return self.transport is None or self.should_close or bool(self._is_readable())


class Connector(aiohttp.TCPConnector):
    """Connections to one server, which can be closed where nobody can wait for it."""

    def __init__(self, url: str) -> None:
        super().__init__(limit=0)  # pyright: ignore[reportUnknownMemberType]
        loop = asyncio.get_running_loop()
        self.is_as_expected = _is_as_expected(loop)
        """Whether `take` can be used; a session over this connector always can."""
        if self.is_as_expected:
            self._factory = partial[ResponseHandler](Handler, loop=loop)  # type: ignore[assignment]
            self._destination = aiohttp.ClientRequest("GET", URL(url, encoded=True), loop=loop)
            self.host = self._destination.headers[hdrs.HOST]
            self.prefix = self._destination.url.raw_path.rstrip("/")

    async def take(self) -> tuple[Connection, Handler]:
        """Return a connection on which the server has done nothing since its last reply.

        The loop may not have seen yet that it has been closed, or that there is a reply which
        nobody asked for; a request would be lost, or get the reply to another one.
        """
        while True:
            if self.closed:
                raise aiohttp.ClientConnectionError
            connection = await self.connect(self._destination, [], OWN_DEADLINE)
            handler = cast("Handler", connection.protocol)
            if not handler.is_used or not handler.is_stale():
                return connection, handler
            connection.close()

    def close_at_once(self) -> None:
        """Close all connections without waiting for their ends."""
        self._close()

    def disown(self) -> None:
        """Count as closed without closing anything: the connections belong to another process."""
        self._closed = True


def _is_as_expected(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether this aiohttp has what is used here beyond its documentation."""
    try:
        handler = Handler(loop)
        handler.set_response_params(read_until_eof=True)
        arrival = handler.arrival()
        handler.set_exception(ConnectionError())
        handler.close()
        inspect.signature(aiohttp.TCPConnector.connect).bind(None, None, [], OWN_DEADLINE)
        aiohttp.ClientRequest("GET", URL("http://localhost"), loop=loop)
    except (AttributeError, TypeError):
        return False
    has_come = arrival.done() and isinstance(arrival.exception(), ConnectionError)
    return has_come and inspect.iscoroutinefunction(handler.read)


def _readability_of(descriptor: int) -> Callable[[], object]:
    """Return what tells whether there is something to read; when idle, that is the end."""
    if not hasattr(select, "poll"):  # pragma: no cover  # Windows
        return lambda: select.select([descriptor], [], [], 0)[0]
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return partial(poll.poll, 0)
