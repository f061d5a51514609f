"""A batch on a plan, without loop, sockets and waiting: the engine, as far as the plan sees it."""

import heapq
from collections import Counter
from collections.abc import Callable
from itertools import count

from conversation_client._batch.held import Held
from conversation_client._batch.plan import Plan
from conversation_client.errors import ConversationClientError, StatusError

Answer = tuple[float, ConversationClientError | None]
"""After how many seconds it comes, and the error that it means."""


def status(number: int, retry_after: float | None = None) -> ConversationClientError:
    return StatusError.of(number, "no", retry_after=retry_after)


class Batch:
    """Runs items against a function that answers, in time that only goes on in thought.

    Args:
        items: The input.
        answer: Told the item and the time.
        asked: Answers whether the conversation is there.
    """

    def __init__(
        self,
        items: range,
        answer: Callable[[int, float], Answer],
        asked: Callable[[float], Answer] | None = None,
        *,
        concurrency: int = 32,
        give_up_after: float = 300.0,
    ) -> None:
        self.now = 0.0
        self.plan = Plan(concurrency, give_up_after, 0.0, can_ask=asked is not None)
        self.requests: Counter[int] = Counter()
        self.asked_at: list[float] = []
        self.failed: dict[int, ConversationClientError] = {}
        self.not_started: int | None = 0
        self.slow = 0
        """How often the plan was told of a success."""
        self._answer = answer
        self._asked = asked
        self._input = ((position, str(item)) for position, item in enumerate(items, 1))
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()

    def run(self) -> "Batch":
        """Run until it is over."""
        self._fill()
        while not self.plan.is_over or (self.plan.under_way and not self.plan.has_given_up):
            wakes_at = max(self.now, self.plan.wakes_at)
            if self._events and self._events[0][0] <= wakes_at:
                self.now, _, event = heapq.heappop(self._events)
                event()
            else:
                assert wakes_at < float("inf"), "nothing will ever happen"
                self.now = wakes_at
                self.plan.wake(self.now)
                self._fill()
                assert self.plan.wakes_at > self.now, "it would be woken again and again"
            self._fill()
        failed, self.not_started = self.plan.close()
        self.failed |= {held.position: held.error for held in failed if held.error}
        return self

    def _at(self, moment: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._number), event))

    def _fill(self) -> None:
        """Send what is to be sent."""
        while True:
            if (held := self.plan.take(self.now)) is not None:
                self._send(held)
            elif self.plan.wants_item:
                taken = next(self._input, None)
                if taken is None:
                    self.plan.exhausted(self.now)
                else:
                    self.plan.add(*taken)
            elif self._asked is not None and self.plan.ask(self.now):
                self.asked_at.append(self.now)
                self._question(*self._asked(self.now))
            else:
                return

    def _question(self, delay: float, error: ConversationClientError | None) -> None:
        self._at(self.now + delay, lambda: self.plan.told(error, self.now))

    def _send(self, held: Held) -> None:
        position = held.position
        self.requests[position] += 1
        delay, error = self._answer(position, self.now)
        if error is not None:
            error.attempts = 1
        self._at(self.now + delay, lambda: self._end(held, error))

    def _end(self, held: Held, error: ConversationClientError | None) -> None:
        plan = self.plan
        if error is not None:
            if plan.unconfirmed(held, error, self.now):
                self.failed[held.position] = error
        elif plan.is_calm and (taken := next(self._input, None)) is not None:
            plan.succeeded += 1
            self._send(Held(*taken))
        else:
            self.slow += 1
            plan.confirmed(self.now, held)
