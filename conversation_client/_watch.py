"""Watching the conversations of a server: connections that follow each other, and one picture."""

import asyncio
import math
from collections.abc import AsyncGenerator

import attrs

from conversation_client import operations
from conversation_client._http.call import Call, Options
from conversation_client._http.session import Session
from conversation_client._http.websocket import connected
from conversation_client._http.wire import check_seconds
from conversation_client._interpreter import running_loop
from conversation_client._logging import logger
from conversation_client._picture import Picture, changes_in
from conversation_client._readiness import OUT_OF_TIME
from conversation_client.changes import ConversationChange
from conversation_client.errors import ConversationClientError, ResponseError
from conversation_client.models.stream import StreamedIdentifiers

FIRST_WAIT = 0.1
"""Seconds from the end of a connection to the next try."""
LONGEST_WAIT = 5.0
"""Seconds between two tries; each wait is twice the one before."""

TICK = 0.02
"""Seconds that some clocks do not tell apart; a try that ends so soon before its end is the last."""

ROW = operations.STREAM_CONVERSATION_IDENTIFIERS


class Tries:
    """When to try for another connection, and when to give up.

    Args:
        give_up_after: Seconds without a connection after which to do so.
    """

    def __init__(self, give_up_after: float) -> None:
        self._give_up_after = give_up_after
        self._has_succeeded = False
        self._until: float | None = None
        """When to give up; `None` while there is a connection."""
        self._last: ConversationClientError | None = None
        """Why the connection is not there, as far as it is known."""
        self._wait = FIRST_WAIT

    def succeed(self) -> None:
        """Note that there is a connection, of which the first frame has come."""
        self._has_succeeded = True
        self._until = self._last = None

    def left(self, now: float) -> float:
        """Return how many seconds a connection may take to begin."""
        return math.inf if self._until is None else self._until - now

    def wait_after(self, error: ConversationClientError, now: float) -> float:
        """Return the seconds until the next try.

        What sends rubbish is not asked for more as soon as what has been cut.

        Raises:
            ConversationClientError: It was the last one.
        """
        if not self._has_succeeded:
            raise error
        if self._until is None:
            self._until = now + self._give_up_after
            if not isinstance(error, ResponseError):
                self._wait = FIRST_WAIT
        if now >= self._until - TICK:
            if self._last is not None and isinstance(error, OUT_OF_TIME):
                raise self._last  # the latest had less time than others have
            raise error
        self._last = error
        wait, self._wait = self._wait, min(2 * self._wait, LONGEST_WAIT)
        return min(wait, self._until - now)


class Watch:
    """One who watches.

    Args:
        session: That of the client.
        options: The deadline of each connection's beginning, and the headers.
        give_up_after: Seconds without a connection after which to end.

    Raises:
        InvalidArgumentError: An argument is out of range.
    """

    def __init__(self, session: Session, options: Options, give_up_after: float) -> None:
        check_seconds("give_up_after", give_up_after)
        self._session = session
        self._options = options
        self._tries = Tries(give_up_after)
        self._picture = Picture()
        self._has_news = asyncio.Event()

    async def changes(self) -> AsyncGenerator[ConversationChange, None]:
        """Yield the changes as they come, until the client is closed.

        A task of its own reads them, so that the server never waits for who takes them.

        Raises:
            ConversationClientError: There is no first connection, or none again in time.
        """
        self._session.open(running_loop())  # which tells whether that can be
        reader = asyncio.create_task(self._read())
        self._session.readers.add(reader)
        reader.add_done_callback(self._end)
        try:
            while not reader.cancelled():
                change = self._picture.take()
                if change is not None:
                    yield change
                elif reader.done():
                    reader.result()
                    return
                else:
                    self._has_news.clear()
                    await self._has_news.wait()
        finally:
            reader.cancel()
            await asyncio.wait([reader])

    def _end(self, reader: asyncio.Task[None]) -> None:
        self._session.readers.discard(reader)
        self._has_news.set()
        if not reader.cancelled():
            reader.exception()  # or asyncio would tell of one that nobody has seen

    async def _read(self) -> None:
        """Read from one connection after the other, until the client is closed.

        Raises:
            ConversationClientError: There is no first one, or none again in time.
        """
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self._read_from_one(self._tries.left(loop.time()))
            except ConversationClientError as error:
                if self._session.is_closed:
                    return
                wait = self._tries.wait_after(error, loop.time())
                logger.debug("%s: %s; again in %.1f s", ROW.id, type(error).__name__, wait)
                await asyncio.sleep(wait)
                if self._tries.left(loop.time()) <= 0:
                    raise

    async def _read_from_one(self, left: float) -> None:
        """Read until the connection ends.

        Args:
            left: Seconds that its beginning may take, if the client's `timeout` is not less.

        Raises:
            ConversationClientError: Why it has ended, or could not begin.
        """
        limit = round(min(left, self._options.timeout or math.inf), 3)
        timeout = limit if math.isfinite(limit) else None
        call = Call(ROW, (), attrs.evolve(self._options, timeout=timeout))
        bound = asyncio.timeout(timeout)
        try:
            async with bound, connected(self._session, call) as socket:
                self._picture.begin(changes_in(await socket.receive(StreamedIdentifiers)))
                bound.reschedule(None)
                self._tries.succeed()
                while True:
                    self._has_news.set()
                    await asyncio.sleep(0)  # so that who is quick is told of each change
                    self._picture.go_on(changes_in(await socket.receive(StreamedIdentifiers)))
        except ConversationClientError as error:
            raise call.named(error)  # noqa: B904  # it has its cause
        except TimeoutError:
            if not bound.expired():
                raise
            raise call.named(call.late()) from None
