"""The plan of a batch: whatever happens in whatever order, its promises hold."""

import ast
import importlib.util
import os
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path
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

from conversation_client._batch import outage
from conversation_client._batch.held import FEW, STRIKES, Held
from conversation_client._batch.plan import Plan
from conversation_client._batch.proof import ENOUGH
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


def lacking() -> ConversationClientError:
    error = TransportError("no file descriptor left")
    error.effect, error.is_local = "none", True
    return error


UNANSWERED = {
    "lacking": lacking,
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
        self.plan = Plan(concurrency, give_up_after, self.now, can_ask=can_ask)
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
        for _ in range(1_000):
            was_down, before = plan.is_down, len(self.calls)
            if (held := plan.take(self.now)) is not None:
                self.check_taken(held, was_down, before)
                self.calls.append(held)
            elif plan.wants_item and not self.is_slow:
                self.hand_over()
            elif plan.ask(self.now):
                assert self.can_ask
                assert not any((self.is_asked, self.calls, plan.is_over))
                assert self.now >= self.hold_until
                self.is_asked = True
            else:
                return
        raise AssertionError("there is always more to send")

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
        assert has_room or min(held.tries for held in plan.waiting) >= STRIKES
        is_decided = self.refused >= ENOUGH and not self.can_ask
        assert self.is_proven or is_decided or self.refused + taken < ENOUGH
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
        if isinstance(error, StatusError) and is_not_now:
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
        for _ in range(100):
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
        is_denied = isinstance(error, NotFoundError | GoneError)
        if is_denied or (isinstance(error, ContentTypeError) and not self.is_proven):
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
            assert not any((plan.is_calm, plan.wants_item, plan.is_down))
        else:
            assert plan.ended_by is None
            assert self.calls or plan.wants_item or self.is_asked or plan.wakes_at < float("inf")
        if plan.is_calm:
            assert self.is_proven or (self.refused >= ENOUGH and not self.can_ask)
            assert not any((plan.is_down, plan.waiting))
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
    run_state_machine_as_test(
        PlanMachine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# A server that asks to wait

ITEMS = 5_000


def quickly(error: ConversationClientError | None = None) -> Answer:
    return random.uniform(0.001, 0.003), error


def is_away(seconds: float) -> bool:
    return seconds < 30


def comes_and_goes(seconds: float) -> bool:
    return seconds % 4 < 2


@pytest.mark.parametrize("concurrency", [1, 4, 32])
@pytest.mark.parametrize("is_busy", [is_away, comes_and_goes])
@pytest.mark.parametrize("number", [429, 503])
def test_no_item_fails_because_the_server_asks_to_wait(
    concurrency: int, is_busy: Any, number: int
) -> None:
    def answer(_: int, now: float) -> Answer:
        return quickly(status(number) if is_busy(now) else None)

    batch = Batch(range(ITEMS), answer, lambda now: answer(0, now), concurrency=concurrency).run()
    assert (batch.plan.succeeded, batch.plan.failed, batch.not_started) == (ITEMS, 0, 0)
    assert batch.requests.total() <= 1.1 * ITEMS


@pytest.mark.parametrize("concurrency", [1, 4, 32])
def test_the_wait_that_a_server_wants_is_kept_by_all(concurrency: int) -> None:
    sent_at: list[float] = []

    def answer(_: int, now: float) -> Answer:
        sent_at.append(now)
        return quickly(status(429, 20.0) if len(sent_at) == 3 else None)

    batch = Batch(range(ITEMS), answer, lambda _: quickly(), concurrency=concurrency).run()
    assert (batch.plan.succeeded, batch.plan.failed) == (ITEMS, 0)
    assert batch.requests.total() == ITEMS + 1
    gap = max(after - before for before, after in pairwise(sent_at))
    assert 19.9 < gap < 20.1


@pytest.mark.parametrize("wait", [5.1, 3600.0])
def test_a_wait_beyond_what_the_batch_would_give_ends_it_at_once(wait: float) -> None:
    def answer(item: int, now: float) -> Answer:
        return quickly(status(429, wait) if now > 0.1 else None)

    batch = Batch(range(ITEMS), answer, give_up_after=5.0).run()
    assert batch.now < 0.2
    assert isinstance(batch.plan.ended_by, RateLimitedError)
    assert batch.plan.failed == 0
    assert batch.plan.succeeded > 0


def test_calls_that_hang_while_a_batch_ends_early_are_cut_off() -> None:
    def answer(item: int, now: float) -> Answer:
        if item == 1:
            return 1e9, None
        return quickly(status(429, 3600.0))

    batch = Batch(range(ITEMS), answer, give_up_after=5.0).run()
    assert batch.plan.has_given_up
    assert (batch.plan.under_way, batch.plan.failed) == (1, 0)
    assert batch.now < 5.1


def test_items_that_the_server_wanted_later_count_as_not_started() -> None:
    batch = Batch(range(9), lambda *_: quickly(status(503)), give_up_after=20.0).run()
    assert (batch.plan.failed, batch.not_started) == (0, 9)
    assert isinstance(batch.plan.ended_by, ServerError)
    assert 20 <= batch.now < 20.01


def test_an_item_that_the_server_may_have_acted_on_before_has_failed() -> None:
    errors = [ConnectionLostError("cut"), *(status(503) for _ in range(99))]
    batch = Batch(range(1), lambda *_: quickly(errors.pop(0)), give_up_after=20.0).run()
    assert (batch.plan.failed, batch.not_started) == (1, 0)


@pytest.mark.parametrize("concurrency", [1, 2, 4, 32])
@pytest.mark.parametrize("order", ["in turn", "at random"])
def test_a_server_that_asks_every_second_request_to_wait_gets_everything_done(
    concurrency: int, order: str
) -> None:
    requests = 0

    def answer(*_: Any) -> Answer:
        nonlocal requests
        requests += 1
        is_refused = requests % 2 if order == "in turn" else random.random() < 0.5
        return quickly(status(503) if is_refused else None)

    random.seed(concurrency)
    batch = Batch(range(ITEMS), answer, answer, concurrency=concurrency).run()
    assert batch.plan.succeeded >= ITEMS - (order == "at random")
    assert batch.requests.total() <= 2.6 * ITEMS
    assert batch.now < 300


@pytest.mark.parametrize("concurrency", [1, 2, 4, 32])
@pytest.mark.parametrize("place", [1, 2, 500, 990, 999, 1001])
def test_an_item_that_the_server_never_wants_fails_alone(concurrency: int, place: int) -> None:
    def answer(item: int, _: float) -> Answer:
        return quickly(status(503) if item == place else None)

    batch = Batch(range(1001), answer, lambda _: quickly(), concurrency=concurrency).run()
    assert (batch.plan.succeeded, [*batch.failed], batch.not_started) == (1000, [place], 0)
    assert batch.plan.ended_by is None
    assert STRIKES <= batch.requests[place] <= 2 * STRIKES + 1
    assert batch.now < 20


def test_the_last_item_waits_where_the_server_wants_to_be_asked_nothing() -> None:
    def answer(item: int, _: float) -> Answer:
        return quickly(status(503) if item == 9 else None)

    def busy(_: float) -> Answer:
        return quickly(status(503))

    batch = Batch(range(9), answer, busy, give_up_after=60.0).run()
    assert (batch.plan.succeeded, batch.plan.failed, batch.not_started) == (8, 0, 1)
    assert isinstance(batch.plan.ended_by, ServerError)
    unable = Batch(range(9), answer, None, give_up_after=60.0).run()
    assert (unable.plan.succeeded, unable.plan.failed, unable.not_started) == (8, 0, 1)


@pytest.mark.parametrize("error", [status(403), ContentTypeError("page")], ids=str)
def test_an_answer_that_does_not_deny_the_conversation_shows_that_the_server_is_well(
    error: ConversationClientError,
) -> None:
    def answer(item: int, _: float) -> Answer:
        return quickly(status(503) if item == 9 else None)

    batch = Batch(range(10), answer, lambda _: quickly(error)).run()
    assert (batch.plan.succeeded, [*batch.failed], batch.plan.ended_by) == (9, [9], None)


@pytest.mark.parametrize("error", [status(404), status(410)], ids=str)
def test_a_conversation_that_is_gone_meanwhile_ends_the_batch(
    error: ConversationClientError,
) -> None:
    def answer(item: int, _: float) -> Answer:
        return quickly(status(503) if item == 9 else None)

    batch = Batch(range(10), answer, lambda _: quickly(error)).run()
    assert (batch.plan.succeeded, batch.plan.failed, batch.not_started) == (9, 0, 1)
    assert batch.plan.ended_by is error


def test_who_waits_for_an_answer_about_the_conversation_is_not_woken_for_its_items() -> None:
    sent: Counter[int] = Counter()

    def answer(item: int, _: float) -> Answer:
        sent[item] += 1
        is_busy = item >= 8 and sent[8] <= STRIKES and sent[9] < STRIKES
        return quickly(status(503) if is_busy else None)

    batch = Batch(range(9), answer, lambda _: (5.0, None), concurrency=1).run()
    assert (batch.plan.succeeded, batch.plan.failed, len(batch.asked_at)) == (9, 0, 1)


# Silence


@pytest.mark.parametrize("concurrency", [16, 32, 100])
@pytest.mark.parametrize("seed", range(20))
def test_a_server_that_dies_harms_no_more_than_what_was_under_way(
    concurrency: int, seed: int
) -> None:
    random.seed(seed)

    def answer(_: int, now: float) -> Answer:
        return quickly(ConnectionLostError("reset") if now > 0.05 else None)

    batch = Batch(range(10_000), answer, concurrency=concurrency, give_up_after=30.0).run()
    assert 0 < batch.plan.failed <= concurrency
    # A probe now and then, and what is sent again since an answer came late.
    probes = batch.requests.total() - batch.plan.succeeded - batch.plan.failed
    assert probes <= 12 + concurrency
    assert isinstance(batch.plan.ended_by, ConnectionLostError)


@pytest.mark.parametrize("concurrency", [1, 2, 8, 32])
@pytest.mark.parametrize(
    "poison", [{1}, {40}, {1, 2, 3}, {7, 39}, set(range(3, 20)), {38, 39, 40}], ids=str
)
def test_items_that_the_server_cannot_stand_fail_alone(
    concurrency: int, poison: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "LONGEST_WAIT", 1.0)

    def answer(item: int, _: float) -> Answer:
        return quickly(ConnectionLostError("cut") if item in poison else None)

    batch = Batch(range(40), answer, concurrency=concurrency).run()
    assert {*batch.failed} == poison
    assert (batch.plan.succeeded, batch.plan.ended_by) == (40 - len(poison), None)


@pytest.mark.parametrize("concurrency", [4, 32])
def test_a_call_that_hangs_does_not_keep_items_that_the_server_cannot_stand_from_being_told(
    concurrency: int,
) -> None:
    def answer(item: int, _: float) -> Answer:
        if item == 1:
            return 200.0, None
        return quickly(ConnectionLostError("cut") if item in (2, 3) else None)

    batch = Batch(range(100), answer, concurrency=concurrency, give_up_after=100.0).run()
    assert ({*batch.failed}, batch.plan.succeeded) == ({2, 3}, 98)
    assert batch.plan.ended_by is None


def test_a_probe_that_an_answer_overtakes_is_still_one() -> None:
    """Else its success would pass for that of any call, and none were ever sent again."""
    plan = Plan(2, 300.0, 0.0, can_ask=False)
    for position in (1, 2, 3):
        plan.add(position, f"a{position}")
    first, second = plan.take(0.0), plan.take(0.0)
    assert first is not None
    assert second is not None
    plan.unconfirmed(second, ConnectionLostError("cut"), 0.1)
    probe = plan.take(1.0)
    assert probe is not None
    assert probe.is_probe
    plan.confirmed(1.0, first)
    again = plan.take(1.0)
    assert again is second
    assert not again.is_probe
    assert not plan.is_calm
    plan.confirmed(1.1, probe)
    assert plan.is_calm


def test_an_item_that_never_gets_a_connection_fails_after_three_tries() -> None:
    def answer(*_: Any) -> Answer:
        return quickly(unsent(DeadlineExceededError("no connection free")))

    batch = Batch(range(5), answer, concurrency=2).run()
    assert (batch.plan.failed, batch.plan.was_down) == (5, False)
    assert {*batch.requests.values()} == {STRIKES}


@pytest.mark.parametrize("others", [0, 1, 7, 40], ids="{} connections".format)
def test_what_this_side_lacks_harms_no_item_and_is_asked_for_no_more_than_it_may_help(
    others: int,
) -> None:
    """There are but so many connections; with none at all, there are some after a while."""
    ends: list[float] = []

    def answer(_: int, now: float) -> Answer:
        ends[:] = [end for end in ends if end > now]
        if len(ends) >= (others or (3 if now > 10 else 0)):
            return 0.0001, lacking()
        ends.append(now + 0.01)
        return 0.01, None

    batch = Batch(range(5_000), answer, concurrency=1000).run()
    assert (batch.plan.succeeded, batch.plan.failed, batch.not_started) == (5_000, 0, 0)
    assert batch.plan.was_down == (others == 0)
    assert batch.requests.total() < 3 * 5_000


def test_a_lack_that_does_not_pass_ends_the_batch_with_nothing_started() -> None:
    batch = Batch(range(5), lambda *_: (0.0001, lacking()), give_up_after=20.0).run()
    assert (batch.plan.failed, batch.not_started) == (0, 5)
    assert isinstance(batch.plan.ended_by, TransportError)
    assert batch.plan.ended_by.is_local
    assert batch.now == pytest.approx(20, abs=0.01)


@pytest.mark.parametrize("is_sent", [False, True], ids=["unsent", "sent"])
def test_a_client_that_is_closed_ends_the_batch(is_sent: bool) -> None:
    def answer(_: int, now: float) -> Answer:
        error = ClientClosedError("closed")
        error.effect = "unknown" if is_sent else "none"
        return quickly(error if now > 0.05 else None)

    batch = Batch(range(10_000), answer).run()
    assert isinstance(batch.plan.ended_by, ClientClosedError)
    under_way = batch.requests.total() - batch.plan.succeeded
    assert 0 < under_way <= 32
    assert batch.plan.failed == (under_way if is_sent else 0)


# All refused


@pytest.mark.parametrize("concurrency", [1, 32, 100])
@pytest.mark.parametrize("error", [status(404), status(410), ContentTypeError("page")], ids=str)
def test_a_conversation_that_does_not_exist_ends_the_batch(
    concurrency: int, error: ConversationClientError
) -> None:
    def answer(*_: Any) -> Answer:
        return quickly(error)

    batch = Batch(range(1_000_000), answer, answer, concurrency=concurrency).run()
    assert batch.plan.ended_by is error
    assert batch.requests.total() == batch.plan.failed == ENOUGH
    assert len(batch.asked_at) == 1


def test_a_conversation_that_is_there_is_asked_for_once() -> None:
    batch = Batch(range(1_000), lambda *_: quickly(status(500)), lambda _: quickly()).run()
    assert (batch.plan.failed, batch.plan.ended_by, len(batch.asked_at)) == (1_000, None, 1)


def test_one_success_is_proof_enough() -> None:
    def answer(item: int, _: float) -> Answer:
        return quickly(None if item == 60 else status(404))

    batch = Batch(range(1_000), answer, lambda _: quickly(status(404))).run()
    assert (batch.plan.failed, batch.plan.ended_by, batch.asked_at) == (999, None, [])


@pytest.mark.parametrize("trouble", [status(500), status(503), ConnectionLostError("cut")], ids=str)
def test_a_server_in_trouble_is_asked_for_the_conversation_until_it_says(
    trouble: ConversationClientError,
) -> None:
    def asked(now: float) -> Answer:
        return quickly(trouble if now < 10 else status(410))

    batch = Batch(range(1_000), lambda *_: quickly(status(500)), asked).run()
    assert isinstance(batch.plan.ended_by, GoneError)
    assert batch.plan.failed == ENOUGH
    assert 5 < len(batch.asked_at) < 12
    assert 10 < batch.now < 20


@pytest.mark.parametrize("seconds", [60.0, 5.0])
def test_a_server_that_stays_in_trouble_is_given_up(seconds: float) -> None:
    def answer(*_: Any) -> Answer:
        return quickly(status(500))

    batch = Batch(range(1_000), answer, answer, give_up_after=seconds).run()
    assert isinstance(batch.plan.ended_by, ServerError)
    assert batch.plan.failed == ENOUGH
    assert seconds < batch.now < seconds + 0.1


@pytest.mark.parametrize(
    "error",
    [
        ContentTypeError("page"),
        RedirectError("there", status=302),
        StatusError("", status=405, text=" <html>"),
    ],
    ids=repr,
)
def test_where_there_is_no_conversation_to_ask_for_foreign_answers_end_the_batch(
    error: ConversationClientError,
) -> None:
    batch = Batch(range(1_000_000), lambda *_: quickly(error)).run()
    assert batch.plan.ended_by is error
    assert batch.requests.total() == ENOUGH
    mixed = Batch(range(1_000), lambda item, _: quickly(error if item % 2 else status(404))).run()
    assert (mixed.plan.failed, mixed.plan.ended_by) == (1_000, None)


# What it costs


def test_a_plan_is_told_of_few_successes_where_all_is_well() -> None:
    batch = Batch(range(20_000), lambda *_: (random.uniform(0.0001, 0.0003), None)).run()
    assert batch.plan.succeeded == 20_000
    assert batch.slow < 300


def imported_by(module: str) -> set[str]:
    """Return the modules that a module of the batch and those below it import."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    found: set[str] = set()
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    below = [name for name in found if name.startswith("conversation_client._batch.")]
    return found.union(*map(imported_by, below))


def test_the_plan_knows_no_loop_no_clock_and_no_connection() -> None:
    found = imported_by("conversation_client._batch.plan")
    assert "conversation_client._batch.limit" in found
    ours = {name for name in found if name.startswith("conversation_client.")}
    assert {name for name in ours if "._batch." not in name} == {
        "conversation_client.batch",
        "conversation_client.errors",
    }
    assert found - ours == {"collections.abc", "math", "operator", "random", "typing"}
