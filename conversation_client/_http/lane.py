"""The fast lane of a batch: one request after the other on connections that it keeps meanwhile.

All requests of a batch are the same but for one id, and nearly all replies are a plain 204. So the
bytes around the id are made once, a connection does not go back to the pool in between, and one
timer looks after the deadlines of all. Whatever is no plain 204 becomes the first attempt of an
ordinary call, which judges it, and repeats it or not.
"""

import asyncio
import logging
from collections.abc import Awaitable
from types import TracebackType
from typing import Self
from uuid import uuid4

import attrs
from aiohttp.connector import Connection

from conversation_client._http.connection import Connector, Handler
from conversation_client._http.exchange import read_reply
from conversation_client._http.transport import Attempt, Late, Options, Phase, Transport
from conversation_client._http.wire import PLAIN_ID, Id, build_head, build_request
from conversation_client._logging import logger
from conversation_client.operations import Operation
from conversation_client.retry import OnFailure

WATCH_INTERVAL = 0.1
"""Seconds between two looks at what is under way: how late a call may end."""

Kept = tuple[Connection, Handler]


class Lane:
    """Sends the items of a batch; leaving it gives its connections back."""

    def __init__(
        self, transport: Transport, options: Options, operation: Operation[None], conversation: Id
    ) -> None:
        self._transport = transport
        self._options = options
        self._once = attrs.evolve(options, retry=None)
        self._operation = operation
        self._conversation = conversation
        self._session = transport.session
        self._slots = transport.session.connections
        self._loop = asyncio.get_running_loop()
        self._kept: list[Kept] = []
        self._under_way: dict[Handler, float] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._connector = self._usable_connector()

    def _usable_connector(self) -> Connector | None:
        way = self._transport.session.open()
        if not isinstance(way, Connector) or logger.isEnabledFor(logging.DEBUG):
            return None  # a line for each attempt is the ordinary way's business
        marker = uuid4().hex
        request = build_request(self._operation, (self._conversation, marker))
        lines = self._options.lines_for(self._operation, way.host)
        head = build_head(request, way.prefix, lines)
        self._before, _, self._after = head.partition(marker.encode())
        return way

    def __enter__(self) -> Self:
        """Begin to look after what is under way."""
        if self._connector is not None:
            self._look_after()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the connections back."""
        if self._watch is not None:
            self._watch.cancel()
        for connection, _ in self._kept:
            self._release(connection)

    def send(
        self, item: Id, on_failure: OnFailure | None = None, repeat: bool = True
    ) -> Awaitable[None]:
        """Send the request for an item.

        Args:
            item: The id of what is associated.
            on_failure: Called with the error of each attempt that fails, repeated or not.
            repeat: Whether to send it again where that may help.

        Raises:
            ConversationClientError: As `Transport.send`.
        """
        if isinstance(item, str) and PLAIN_ID.fullmatch(item) and (self._kept or self._has_room()):
            return self._send_quickly(item, on_failure, repeat)
        return self._send_ordinarily(item, on_failure, repeat)

    def _has_room(self) -> bool:
        """Tell whether one more connection may be opened, without waiting for it."""
        return self._connector is not None and not self._slots.locked()

    async def _send_ordinarily(
        self, item: Id, on_failure: OnFailure | None, repeat: bool, first: Attempt | None = None
    ) -> None:
        request = build_request(self._operation, (self._conversation, item))
        options = self._options if repeat else self._once
        await self._transport.send(request, options, on_failure, first)

    async def _send_quickly(self, item: str, on_failure: OnFailure | None, repeat: bool) -> None:
        """Send once; whatever that comes to but the plain success is the ordinary way's."""
        began = self._loop.time()
        kept = self._kept.pop() if self._kept else None
        if kept is None or kept[1].is_stale():
            try:
                kept = await self._open(kept, began)
            except Exception as error:  # the ordinary way tells which it may be
                first = Attempt(began, Phase.CONNECTING, error)
                return await self._send_ordinarily(item, on_failure, repeat, first)
        connection, handler = kept
        phase = Phase.CONNECTING
        self._under_way[handler] = began
        try:
            handler.send(self._before + item.encode() + self._after, None)
            phase = Phase.SENT
            if await handler.arrival():
                return self._transport.budget.earn()
            message, content = await handler.reply()
            reply = await read_reply(self._operation, message.code, message.headers, content)
            first = Attempt(began, phase, reply)
        except BaseException as error:
            connection.close()
            if not isinstance(error, Exception):
                raise
            first = Attempt(began, phase, error)
        finally:
            del self._under_way[handler]
            if handler.transport is None or self._session.queued:  # or others want to send, too
                self._release(connection)
            else:
                self._kept.append(kept)
        return await self._send_ordinarily(item, on_failure, repeat, first)

    async def _open(self, stale: Kept | None, began: float) -> Kept:
        """Open a connection; it has one of the client's slots until it is let go."""
        assert self._connector is not None  # noqa: S101
        if stale is None:
            await self._slots.acquire()
        else:
            stale[0].close()
        timeout = self._options.timeout
        deadline = asyncio.timeout_at(None if timeout is None else began + timeout)
        try:
            async with deadline:
                return await self._connector.take()
        except BaseException as error:
            self._slots.release()
            if isinstance(error, TimeoutError) and deadline.expired():
                raise Late from None
            raise

    def _release(self, connection: Connection) -> None:
        connection.release()
        self._slots.release()

    def _look_after(self) -> None:
        """Fail what is late, let others have what is idle, and look again in a while."""
        interval = WATCH_INTERVAL
        timeout = self._options.timeout
        if timeout is not None:
            interval = min(interval, timeout)
            late = self._loop.time() - timeout
            for handler, began in self._under_way.items():
                if began <= late:
                    handler.set_exception(Late())
        while self._session.queued and self._kept:
            self._release(self._kept.pop()[0])
        self._watch = self._loop.call_later(interval, self._look_after)
