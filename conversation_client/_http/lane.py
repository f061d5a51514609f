"""The lane that every request takes: on connections that are kept, with heads that are made once.

Nearly all requests are ids between bytes that are always the same, and nearly all replies to those
that promise nothing are one plain 204. So the head is made once for each row, a connection that
waits is taken after one look whether the server has closed it, one timer looks after all deadlines,
and a reply that has been seen before is not parsed again.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from conversation_client._http.call import Call, Phase
from conversation_client._http.connection import KEPT_FOR, Connector, Handler, Late
from conversation_client._http.exchange import exchange, receive
from conversation_client._http.session import Session
from conversation_client._http.wire import Reply

SENT = Phase.SENT


class Lane:
    """How the calls of a client are sent.

    Args:
        session: That of the client.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def attempt(
        self, call: Call[Any], on_sent: Callable[[Handler], None] | None = None
    ) -> Reply:
        """Send a call once, and return the reply.

        Args:
            call: What to send.
            on_sent: Told on which connection it has been sent, to which it may give a feed.

        Raises:
            InvalidArgumentError: It cannot be sent.
            ClientClosedError: The client is closed.
            Late: The call's time was up.
            Exception: Whatever aiohttp raises.
        """
        connector = self._session.open(call.loop)
        if not isinstance(connector, Connector):
            return await self._attempt_through(connector, call)
        head, body = call.spelled(connector.host, connector.prefix)
        slots, kept = self._session.slots, connector.kept
        if slots.free and kept and call.began < kept[-1].kept_until and not kept[-1].is_stale():
            slots.free -= 1
            handler = kept.pop()
        else:
            handler = await self._take(connector, call)
        handler.kept_until = call.began + KEPT_FOR
        handler.deadline = call.deadline
        connector.in_use.add(handler)
        if not connector.is_looking:
            connector.begin_looking()
        try:
            arrival = handler.ask(head, body)
            call.sent += 1
            call.phase = SENT
            if on_sent is not None:
                on_sent(handler)
            if await arrival:
                return handler.plain
            return await receive(handler, call.operation, body)
        except BaseException:
            handler.close()
            raise
        finally:
            connector.in_use.discard(handler)
            if handler.transport is None or (body and handler.should_close):
                connector.drop(handler)
            else:
                kept.append(handler)
            if slots.line:
                slots.release()
            else:
                slots.free += 1

    async def _take(self, connector: Connector, call: Call[Any]) -> Handler:
        """Return a connection, when there is one for this call; it has one of the slots then."""
        slots = self._session.slots
        async with _in_time(call):
            await slots.acquire()
            call.phase = Phase.CONNECTING
            try:
                return await connector.take()
            except BaseException:
                slots.release()
                raise

    async def _attempt_through(self, session: aiohttp.ClientSession, call: Call[Any]) -> Reply:
        """Send through a session, which does not say when a request leaves."""
        request, headers = call.request, call.options.headers_for(call.operation)
        slots = self._session.slots
        async with _in_time(call):
            await slots.acquire()
            try:
                # Let the loop see, in two rounds, what the server has closed.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                call.sent += 1
                call.phase = SENT
                return await exchange(session, self._session.url, request, headers)
            finally:
                slots.release()


@asynccontextmanager
async def _in_time(call: Call[Any]) -> AsyncGenerator[None, None]:
    """Bound what the timer of the connections in use does not see to."""
    deadline = asyncio.timeout_at(call.deadline if math.isfinite(call.deadline) else None)
    try:
        async with deadline:
            yield
    except TimeoutError:
        if deadline.expired():
            raise Late from None
        raise
    except asyncio.CancelledError as cancelled:
        call.cancelled(cancelled)
        raise
