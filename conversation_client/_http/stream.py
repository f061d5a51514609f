"""Calls that differ in one id alone, in a stream where each reply sends the next."""

import logging
import math
from collections.abc import Generator, Iterator
from contextvars import copy_context
from functools import partial
from typing import cast

import aiohttp
import attrs

from conversation_client._http.call import Call, Options
from conversation_client._http.connection import Feed, Handler
from conversation_client._http.lane import Lane
from conversation_client._http.transport import Transport
from conversation_client._http.wire import MAX_ID, Id, Reply, is_plain
from conversation_client._logging import logger
from conversation_client.operations import Operation
from conversation_client.retry import OnRepeat


class Items:
    """Sends calls of one row, of whose ids the last one is that of the item.

    Args:
        transport: The way to the server.
        lane: How that makes attempts.
        operation: The row, which promises nothing.
        fixed: The ids before that of the item, checked.
        options: The deadline of each call, the headers, and whether to send again.
    """

    def __init__(
        self,
        transport: Transport,
        lane: Lane,
        operation: Operation[None],
        fixed: tuple[str, ...],
        options: Options,
    ) -> None:
        self.transport = transport
        self.lane = lane
        self.fixed = fixed
        self._operation = operation
        self._options = options
        self._once = attrs.evolve(options, retry=None)

    async def stream(
        self, source: Iterator[Id], on_repeat: OnRepeat | None = None, *, repeat: bool = True
    ) -> None:
        """Send the calls for items one after the other, until there are none or one fails.

        As long as the server confirms each item by the plain reply, that reply sends the next one,
        without a task or a future for it.

        Args:
            source: Gives the items. To be asked for the next one is to be told that the one before
                is confirmed; to stop, it ends. It is asked within the loop, as a rule by a callback,
                in a copy of the current context.
            on_repeat: Called with the error of each attempt that is repeated.
            repeat: Whether any is to be, where that may help.

        Raises:
            ConversationClientError: As `Transport.send`, for the item that was given last.
            BaseException: What the source raised; all that it has given are confirmed then.
        """
        options = self._options if repeat else self._once
        stream = _Stream(self, source)
        for item in stream.items():
            call = Call(self._operation, (*self.fixed, item), options, on_repeat=on_repeat)
            await self.transport.send(call, stream.attempt)

    def around(self, row: Operation[None]) -> tuple[bytes, bytes] | None:
        """Return the bytes around the id, once a request has been sent that they are known from."""
        template = self._options.heads.get(row)
        return None if template is None else template.around(self.fixed)


class _Stream:
    """What has been taken from a source, and how it ended."""

    def __init__(self, sender: Items, source: Iterator[Id]) -> None:
        self._sender = sender
        self._source = source
        self._taken: list[Id] = []
        """Items that are yet to be sent: one at most."""
        self._sent: Id | None = None
        """The item that a callback sent last."""
        self._error: BaseException | None = None
        """What the source raised while a callback asked it."""

    def items(self) -> Iterator[Id]:
        """Iterate over the items that take a call of their own."""
        while True:
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            if self._taken:
                yield self._taken.pop()
                continue
            try:
                item = next(self._source)
            except StopIteration:
                return
            yield item

    async def attempt(self, call: Call[None]) -> Reply:
        """Make an attempt of a call that becomes that of each of the further items in turn."""
        around = self._sender.around(call.route or call.operation)
        if around is None or logger.isEnabledFor(logging.DEBUG):
            return await self._sender.lane.attempt(call)
        # The context of a callback is that of whoever opened the connection.
        feed = cast("Feed", partial(copy_context().run, next, self._requests(*around), None))
        timeout = math.inf if call.options.timeout is None else call.options.timeout
        sent_on: list[Handler] = []

        def begin(handler: Handler) -> None:
            handler.feed, handler.timeout = feed, timeout
            sent_on.append(handler)

        self._sent = None
        try:
            return await self._sender.lane.attempt(call, begin)
        finally:
            if self._sent is not None:
                call.become((*self._sender.fixed, self._sent), sent_on[0].deadline_of_last())

    def _requests(self, before: bytes, after: bytes) -> Generator[bytes, None, None]:
        """Yield the request for each further item, asked when the one before is confirmed."""
        transport = self._sender.transport
        budget, slots = transport.budget, transport.session.slots
        kind, init, send, request = transport.session.originals
        while not slots.line:
            try:
                item = next(self._source)
            except StopIteration:
                return
            except BaseException as error:  # raised where the stream was begun
                self._error = error
                return
            raw = item.encode() if type(item) is str and item.isascii() else b""
            # Of a UUID that is seen without a call.
            is_usual = len(raw) <= MAX_ID and raw.replace(b"-", b"").isalnum()
            sessions = aiohttp.ClientSession
            if (
                not (is_usual or is_plain(item))
                or sessions is not kind
                or sessions.__init__ is not init
                or sessions._request is not send  # pyright: ignore[reportPrivateUsage]
                or sessions.request is not request
            ):
                self._taken.append(item)
                return
            if budget.spent:
                budget.earn()
            self._sent = item
            yield before + raw + after
