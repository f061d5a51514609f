"""What a batch does while the server gives no answer: it waits, and asks now and then."""

import asyncio
import math
import random
from collections import deque
from collections.abc import Awaitable
from operator import attrgetter
from typing import Protocol

from conversation_client.batch import Item
from conversation_client.errors import (
    ConversationClientError,
    DeadlineExceededError,
    TransportError,
)

FIRST_WAIT = 0.1
LONGEST_WAIT = 6.0
"""Seconds before a probe; they double from the first to the longest."""
JITTER = 0.2
"""By how much of itself a wait may be longer."""
STRIKES = 3
"""Calls without an answer after which it may be the item that is to blame."""
FEW = 8
"""Items of which it is likely that all are to blame, rather than the server."""


class Held:
    """An item that has been taken from the input and has to wait."""

    def __init__(self, position: int, item: Item) -> None:
        self.position = position
        self.item = item
        self.error: TransportError | None = None
        """The latest."""
        self.strikes = 0
        """Calls that got no answer and that the server may have acted on."""
        self._delays = 0
        """Calls that were not sent because the client had no connection free."""
        self._answers = 0
        """How many answers the server had given at the first strike."""
        self._attempts = 0

    def count(self, error: ConversationClientError) -> None:
        """Have the error of a call tell how often the item was sent in all."""
        self._attempts += error.attempts
        error.attempts = self._attempts

    def strike(self, error: TransportError, answers: int) -> bool:
        """Keep the error of a call without an answer; tell whether the item may be to blame."""
        self.error = error.with_traceback(None)  # whose frames would be kept for as long
        if error.effect == "unknown":
            self._answers = self._answers if self.strikes else answers
            self.strikes += 1
        elif isinstance(error, DeadlineExceededError):
            self._delays += 1
        else:
            return False
        return True

    def is_to_blame(self, answers: int, *, is_last: bool) -> bool:
        """Tell whether the server answers, or would, if it were not for this item."""
        if self._delays >= STRIKES:
            return True
        return self.strikes >= STRIKES and (answers > self._answers or is_last)


class Sender(Protocol):
    """What an outage needs of its batch."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be sent any more."""
        ...

    @property
    def calls(self) -> int:
        """How many calls are under way."""
        ...

    def settle(self) -> None:
        """Let those go on who may, after something has changed."""

    def give_up(self) -> None:
        """End the batch."""

    def fetch_witness(self) -> None:
        """Have another item wait, at once or when the input has one."""

    def probe(self, held: Held) -> Awaitable[None]:
        """Send an item once."""
        ...


class Outage:
    """A gate that closes when a call gets no answer, and the one prober who opens it again.

    Args:
        batch: The batch.
        give_up_after: Seconds without any answer after which the batch is to end.
    """

    def __init__(self, batch: Sender, give_up_after: float) -> None:
        self.is_on = False
        self.was_on = False
        """Whether it was on since this was last set to false."""
        self.waiting: deque[Held] = deque()
        """Items that go before all others; while the gate is closed, through the prober alone."""
        self.error: TransportError | None = None
        """The latest."""
        self._batch = batch
        self._give_up_after = give_up_after
        self._timer: asyncio.TimerHandle | None = None
        self.news = asyncio.Event()
        """Set when anything may have changed."""
        self._begun, self._ended = asyncio.Event(), asyncio.Event()

    @property
    def has_tried_all(self) -> bool:
        """Whether each waiting item has had as many calls as it takes to blame it."""
        return all(held.strikes >= STRIKES for held in self.waiting)

    def begin(self, error: TransportError) -> None:
        """Close the gate, or note that there still is no answer."""
        self.error = error
        if self.is_on:
            return
        self.is_on = self.was_on = True
        self._begun.set()
        self._ended.clear()
        if math.isfinite(self._give_up_after):
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._give_up_after, self._batch.give_up)

    def end(self) -> None:
        """Open the gate, if it is closed."""
        self.is_on = False
        self._begun.clear()
        self._ended.set()
        if self._timer is not None:
            self._timer.cancel()

    def stop(self) -> None:
        """Have the prober end."""
        self.end()
        self._begun.set()

    async def probe(self) -> None:
        """Send waiting items one by one until the server answers, each time that it does not."""
        while not self._batch.is_over:
            await self._begun.wait()
            wait = FIRST_WAIT
            while self.is_on:
                if len(self.waiting) < 2 and self._batch.calls:
                    self.news.clear()
                    await self.news.wait()  # their answers may tell enough
                    continue
                await self._probe_once(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    async def _probe_once(self, wait: float) -> None:
        if not self.waiting:  # all of them have ended, by their own fault
            self.end()
            self._batch.settle()
            return
        if self._needs_witness:
            self._batch.fetch_witness()
        try:
            async with asyncio.timeout(wait * random.uniform(1, 1 + JITTER)):  # noqa: S311
                await self._ended.wait()
        except TimeoutError:
            if self.is_on and self.waiting:  # an answer may have come just as the time was up
                await self._batch.probe(self._least_suspect())

    @property
    def _needs_witness(self) -> bool:
        """Whether no item that waits could tell its own fault from the server's."""
        if len(self.waiting) + self._batch.calls < FEW:
            return all(held.strikes for held in self.waiting)
        return self.has_tried_all

    def _least_suspect(self) -> Held:
        held = min(self.waiting, key=attrgetter("strikes"))
        self.waiting.remove(held)
        return held
