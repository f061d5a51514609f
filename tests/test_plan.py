"""The plan of a batch: whatever happens in whatever order, its promises hold."""

import os
import random
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from simulated_batch import Answer, Batch, status

from conversation_client._batch.held import STRIKES, Held
from conversation_client._batch.plan import FEW, REFUSALS, Plan
from conversation_client.errors import (
    ClientClosedError,
    ConnectionLostError,
    ContentTypeError,
    ConversationClientError,
    DeadlineExceededError,
    GoneError,
    InvalidArgumentError,
    NotFoundError,
    RateLimitedError,
    RedirectError,
    ServerError,
    ServerNotRunningError,
    ServerUnresponsiveError,
    StatusError,
    TransportError,
)

SEQUENCES = int(os.environ.get("CONVERSATION_CLIENT_PLAN_SEQUENCES", "150"))


def unsent(error: ConversationClientError) -> ConversationClientError:
    error.effect = "none"
    return error


UNANSWERED = {
    "cut": lambda: ConnectionLostError("cut"),
    "gone": lambda: ServerNotRunningError("gone"),
    "deaf": lambda: ServerUnresponsiveError("deaf"),
    "late": lambda: DeadlineExceededError("late"),
    "unsent": lambda: unsent(DeadlineExceededError("no connection")),
}
NOT_NOW = {
    "503": lambda: status(503),
    "429": lambda: status(429),
    "429 for a second": lambda: status(429, 1.0),
    "503 for an hour": lambda: status(503, 3600.0),
}
REFUSED = {
    "500": lambda: status(500),
    "404": lambda: status(404),
    "410": lambda: status(410),
    "page": lambda: ContentTypeError("a page"),
}
OTHERS = {
    "invalid": lambda: InvalidArgumentError("id: empty"),
    "closed": lambda: ClientClosedError("closed"),
}
ERRORS: dict[str, Any] = UNANSWERED | NOT_NOW | REFUSED | OTHERS
FREQUENT = [*UNANSWERED, *NOT_NOW, *REFUSED, "invalid"] * 4 + ["closed"]


class PlanMachine(RuleBasedStateMachine):
    """An engine that a server answers anyhow, and what it has seen."""

    @initialize(
        concurrency=st.sampled_from([1, 2, 3, 9, 20, 70]),
        give_up_after=st.sampled_from([5.0, 300.0, float("inf")]),
        can_ask=st.booleans(),
        items=st.sampled_from([0, 1, 2, 5, 30, 300]),
        is_slow=st.booleans(),
    )
    def begin(
        self, concurrency: int, give_up_after: float, can_ask: bool, items: int, is_slow: bool
    ) -> None:
        self.now = 100.0
        self.plan = Plan(concurrency, give_up_after, now=self.now, can_ask=can_ask)
        self.concurrency, self.can_ask, self.is_slow = concurrency, can_ask, is_slow
        self.input = iter(range(1, items + 1))
        self.items = items
        self.is_exhausted = False
        self.calls: list[Held] = []
        self.handed_over = 0
        self.done: list[int] = []
        self.failed: list[int] = []
        self.met: dict[int, list[ConversationClientError]] = {}
        self.not_now: list[int] = []
        self.refused = 0
        self.is_proven = self.is_asked = False
        self.hold_until = 0.0
        self.go_on()

    # What an engine does

    def go_on(self) -> None:
        """Send what is to be sent, and have the plan look at the time where it wants to."""
        self.send_all()
        if self.plan.wakes_at <= self.now:
            self.plan.wake(self.now)
            self.cut_off()
            self.send_all()
        assert self.plan.wakes_at > self.now, "it would be woken again and again"

    def send_all(self) -> None:
        plan = self.plan
        while True:
            was_down, before = plan.is_down, len(self.calls)
            if (held := plan.take(self.now)) is not None:
                self.check_taken(held, was_down, before)
                self.calls.append(held)
            elif plan.wants_item and not self.is_slow:
                self.hand_over()
            elif plan.ask(self.now):
                assert self.can_ask
                assert not (self.is_asked or self.calls or plan.is_over)
                assert self.now >= self.hold_until
                self.is_asked = True
            else:
                break

    def check_taken(self, held: Held, was_down: bool, before: int) -> None:
        plan = self.plan
        assert not plan.is_over
        assert self.now >= self.hold_until
        assert held.is_probe == was_down
        if was_down:
            assert not any(call.is_probe for call in self.calls)
        else:
            assert before < plan.limit.value

    def hand_over(self) -> None:
        plan = self.plan
        number = next(self.input, None)
        if number is None:
            self.is_exhausted = True
            plan.exhausted(self.now)
            return
        taken = len(self.calls) + len(plan.waiting)
        has_room = taken < max(self.concurrency, FEW)
        assert has_room or all(held.tries >= STRIKES for held in plan.waiting)
        assert self.is_proven or self.refused + taken < REFUSALS
        self.handed_over += 1
        plan.add(number, f"a{number}")

    def end(self, held: Held, error: ConversationClientError | None) -> None:
        self.calls.remove(held)
        if error is None:
            self.done.append(held.position)
            self.is_proven = True
            self.plan.confirmed(self.now, held)
            return
        error.attempts = 1
        self.met.setdefault(held.position, []).append(error)
        is_not_now = isinstance(error, StatusError) and error.status in (429, 503)
        if is_not_now:
            self.not_now.append(held.position)
            self.hold_until = max(self.hold_until, self.now + (error.retry_after or 0))
        was_over = self.plan.is_over
        if self.plan.unconfirmed(held, error, self.now):
            self.failed.append(held.position)
            self.refused += isinstance(error, StatusError | ContentTypeError) and not is_not_now
            self.check_failed(held.position, error)
        if isinstance(error, ClientClosedError) and not was_over:
            assert self.plan.is_over
            assert self.plan.ended_by is error

    def check_failed(self, position: int, error: ConversationClientError) -> None:
        """It is the item that is to blame, as far as can be told."""
        met = self.met[position]
        assert error.attempts == len(met)
        if isinstance(error, TransportError):
            of_kind = [each for each in met if isinstance(each, TransportError)]
            assert sum(each.effect == error.effect for each in of_kind) >= STRIKES
        elif position in self.not_now[-1:] and error is met[-1] and not self.is_refusal(error):
            assert self.not_now[-STRIKES:] == [position] * STRIKES

    @staticmethod
    def is_refusal(error: ConversationClientError) -> bool:
        return not isinstance(error, StatusError) or error.status not in (429, 503)

    def choose(self, number: int) -> Held:
        return self.calls[number % len(self.calls)]

    # What happens

    @precondition(lambda self: self.calls)
    @rule(number=st.integers(0, 99))
    def succeed(self, number: int) -> None:
        plan, held = self.plan, self.choose(number)
        if plan.is_calm and not self.is_slow and (following := next(self.input, None)):
            self.calls.remove(held)
            self.done.append(held.position)
            self.handed_over += 1
            plan.succeeded += 1
            self.calls.append(Held(following, f"a{following}"))
        else:
            self.end(held, None)
        self.go_on()

    @precondition(lambda self: self.calls)
    @rule(number=st.integers(0, 99), kind=st.sampled_from(FREQUENT))
    def fail(self, number: int, kind: str) -> None:
        self.end(self.choose(number), ERRORS[kind]())
        self.go_on()

    @precondition(lambda self: self.calls)
    @rule(kind=st.sampled_from([None, *FREQUENT]), times=st.integers(1, 70))
    def end_many_alike(self, kind: str | None, times: int) -> None:
        for _ in range(times):
            if self.calls:
                self.end(self.calls[0], ERRORS[kind]() if kind else None)
                self.go_on()

    @precondition(lambda self: self.calls)
    @rule(kind=st.sampled_from(["cut", "deaf", "500", "page"]))
    def repeat(self, kind: str) -> None:
        self.plan.attempted(ERRORS[kind](), self.now)
        self.go_on()

    @rule(seconds=st.sampled_from([0.001, 0.05, 0.2, 1.0, 7.0, 400.0]))
    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        for _ in range(10_000):
            if self.plan.wakes_at > until:
                break
            self.now = max(self.now, self.plan.wakes_at)
            self.plan.wake(self.now)
            self.cut_off()
            self.go_on()
        self.now = until

    @rule(seconds=st.sampled_from([0.01, 3.0, 500.0]))
    def oversleep(self, seconds: float) -> None:
        self.now += seconds
        self.plan.wake(self.now)
        self.cut_off()
        self.go_on()

    def cut_off(self) -> None:
        if self.plan.has_given_up:
            for held in list(self.calls):
                self.end(held, DeadlineExceededError("no answer when the batch gave up"))

    @precondition(lambda self: self.is_slow and self.plan.wants_item)
    @rule()
    def get_item(self) -> None:
        self.hand_over()
        self.go_on()

    @precondition(lambda self: self.is_asked)
    @rule(kind=st.sampled_from([None, None, None, *FREQUENT]))
    def tell(self, kind: str | None) -> None:
        self.answer_question(ERRORS[kind]() if kind else None)

    def answer_question(self, error: ConversationClientError | None) -> None:
        self.is_asked = False
        self.is_proven = self.is_proven or error is None
        is_over = self.plan.is_over
        if isinstance(error, StatusError) and error.status in (429, 503) and not is_over:
            self.hold_until = max(self.hold_until, self.now + (error.retry_after or 0))
        self.plan.told(error, self.now)
        if isinstance(error, NotFoundError | GoneError | ContentTypeError):
            assert self.plan.is_over
        self.go_on()

    @precondition(lambda self: self.calls)
    @rule(number=st.integers(0, 99))
    def abort(self, number: int) -> None:
        held = self.choose(number)
        self.calls.remove(held)
        self.failed.append(held.position)
        self.plan.aborted(held)
        self.plan.stop(self.now)
        self.go_on()

    # What always holds

    @invariant()
    def each_item_is_in_one_place(self) -> None:
        if not hasattr(self, "plan"):
            return
        plan = self.plan
        waiting = [held.position for held in plan.waiting]
        under_way = [held.position for held in self.calls]
        places = waiting + under_way + self.done + self.failed
        assert sorted(places) == list(range(1, self.handed_over + 1))
        assert plan.under_way == len(self.calls)
        assert (plan.succeeded, plan.failed) == (len(self.done), len(self.failed))

    @invariant()
    def something_will_happen(self) -> None:
        if not hasattr(self, "plan"):
            return
        plan = self.plan
        assert 1 <= plan.limit.value <= self.concurrency
        if plan.is_over:
            assert not (plan.is_calm or plan.wants_item or plan.is_down)
        else:
            assert plan.ended_by is None
            assert self.calls or plan.wants_item or self.is_asked or plan.wakes_at < float("inf")
        if plan.is_calm:
            assert self.is_proven
            assert not (plan.is_down or plan.waiting)
            assert len(self.calls) <= plan.limit.value

    def teardown(self) -> None:
        """With a server that does what it is asked, every batch ends, and its books are right."""
        if not hasattr(self, "plan"):
            return
        plan = self.plan
        self.is_slow = False
        for _ in range(3_000):
            if plan.is_over and not self.calls:
                break
            self.go_on()
            if self.calls:
                self.end(self.calls[0], None)
            elif self.is_asked:
                self.answer_question(None)
            elif not plan.is_over:
                self.now = max(self.now, plan.wakes_at)
                plan.wake(self.now)
            self.each_item_is_in_one_place()
        assert plan.is_over
        waiting = {held.position: held for held in plan.waiting}
        failed, not_started = plan.close()
        assert plan.succeeded + plan.failed + len(waiting) - len(failed) == self.handed_over
        for held in failed:
            assert any(error.effect == "unknown" for error in self.met[held.position])
            assert held.error is not None
        if self.is_exhausted:
            assert plan.succeeded + plan.failed + (not_started or 0) == self.items
        else:
            assert not_started is None


def test_the_promises_of_a_plan_hold_in_any_order_of_events() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        PlanMachine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
