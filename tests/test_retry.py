"""When a failed call is sent again, and that nobody is told otherwise than the server saw it."""

import asyncio
import logging
import math
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import pytest
from cases import IDS, PLAIN, Case, seed
from waiting import LONG

from conversation_client import (
    AsyncConversationClient,
    ConnectionLostError,
    ConversationClientError,
    DeadlineExceededError,
    DecodeError,
    GoneError,
    InvalidArgumentError,
    Material,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RedirectError,
    RetryPolicy,
    ServerError,
    ServerNotRunningError,
    StatusError,
    operations,
)
from conversation_client.testing import Emulator

QUICK = RetryPolicy(wait_initial=0.001, wait_max=0.002)
REPEATED = [case for case in PLAIN if case.operation.repeatable]

every_case = pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.id)


@pytest.fixture
async def client(server: Emulator) -> AsyncIterator[AsyncConversationClient]:
    """A client that retries at once."""
    seed(server)
    async with AsyncConversationClient(server.url, retry=QUICK) as made:
        yield made


Fault = Callable[[Emulator], None]


def status(number: int, text: str = "no", **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda server: server.fail_next(number, text=text, headers=named)


def drop(server: Emulator) -> None:
    server.drop_next()


def drop_after(server: Emulator) -> None:
    server.drop_next(after=True)


# What is repeated


@every_case
@pytest.mark.parametrize(
    "fault",
    [*map(status, (429, 500, 502, 503, 504)), drop, drop_after],
    ids=["429", "500", "502", "503", "504", "drop", "drop_after"],
)
async def test_only_what_a_repeat_does_not_change_is_sent_again(
    server: Emulator, client: AsyncConversationClient, case: Case, fault: Fault
) -> None:
    fault(server)
    if case in REPEATED:
        await case.call(client, IDS)
        assert server.counts[case.operation.id] == 2
        return
    cut = fault in (drop, drop_after)
    with pytest.raises(ConnectionLostError if cut else StatusError) as caught:
        await case.call(client, IDS)
    assert caught.value.attempts == server.counts[case.operation.id] == 1
    assert caught.value.effect == ("unknown" if cut else "answered")


Sequence = tuple[list[Fault], type[ConversationClientError] | None, int]
"""Faults one after another, the error that a call ends in, if any, and the requests it takes."""
SEQUENCES: list[Sequence] = [
    ([], None, 1),
    ([status(503), status(503)], None, 3),
    ([status(503), status(503), status(503)], ServerError, 3),
    ([drop, status(429)], None, 3),
    ([drop, drop, drop], ConnectionLostError, 3),
    ([drop_after, drop], None, 3),
    # The reference knows no other status for an unknown id, so that a second one is believed.
    ([status(500)], None, 2),
    ([status(500), status(500)], ServerError, 2),
    ([status(503), status(500)], ServerError, 2),
    ([status(500), status(503)], None, 3),
    *(
        ([fault], kind, 1)
        for fault, kind in [
            (status(302, Location="/"), RedirectError),
            (status(400), StatusError),
            (status(404), NotFoundError),
            (status(410), GoneError),
            (status(501), ServerError),
            (status(505), ServerError),
            (status(202, "<html>"), ProtocolError),
        ]
    ),
    ([status(503), status(410)], GoneError, 2),
]


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("case", REPEATED[:3], ids=lambda case: case.id)
async def test_attempts_told_are_requests_seen(
    server: Emulator, client: AsyncConversationClient, case: Case, sequence: Sequence
) -> None:
    faults, kind, requests = sequence
    for fault in faults:
        fault(server)
    if kind is None:
        await case.call(client, IDS)
    else:
        with pytest.raises(kind) as caught:
            await case.call(client, IDS)
        assert caught.value.attempts == requests
        assert (f"after {requests} attempts" in str(caught.value)) == (requests > 1)
    assert server.counts[case.operation.id] == requests


async def test_a_document_that_is_none_is_not_asked_for_again(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.fail_next(200, text="{}")
    with pytest.raises(DecodeError) as caught:
        await client.get_messages(IDS["conversation"])
    assert caught.value.attempts == sum(server.counts.values()) == 1


async def test_what_an_earlier_attempt_may_have_done_makes_the_effect_unknown(
    server: Emulator, client: AsyncConversationClient
) -> None:
    for first, effect in ((drop, "unknown"), (status(503), "answered")):
        first(server)
        server.fail_next(503, times=2)
        with pytest.raises(ServerError) as caught:
            await client.associate_asset(IDS["conversation"], "a")
        assert caught.value.effect == effect


async def test_what_an_earlier_attempt_removed_is_removed(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.drop_next(after=True)
    server.fail_next(410)
    await client.disassociate_asset(IDS["conversation"], "a")
    assert sum(server.counts.values()) == 2
    for fault, call in ((drop, client.associate_asset), (status(503), client.disassociate_asset)):
        fault(server)
        server.fail_next(410)
        with pytest.raises(GoneError):
            await call(IDS["conversation"], "a")


async def test_a_missing_route_tells_nothing_of_what_an_earlier_attempt_removed(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.drop_next(after=True)
    server.fail_next(404)
    with pytest.raises(NotFoundError) as caught:
        await client.disassociate_website(IDS["conversation"], "a")
    assert (caught.value.effect, caught.value.attempts) == ("unknown", 2)
    server.drop_next(after=True)
    server.fail_next(404, times=2)  # on both paths
    with pytest.raises(NotFoundError) as caught:
        await client.disassociate_asset(IDS["conversation"], "a")
    assert (caught.value.effect, caught.value.attempts) == ("unknown", 3)


@every_case
async def test_a_refused_connection_is_tried_again_for_every_operation(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "conversation_client")
    with socket.socket() as taken:  # nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with AsyncConversationClient(url, retry=QUICK) as client:
            with pytest.raises(ServerNotRunningError) as caught:
                await case.call(client, IDS)
    assert (caught.value.effect, caught.value.attempts) == ("none", 0)
    tries = [record for record in caplog.records if record.name.startswith("conversation_client")]
    assert len(tries) == 3


async def test_a_call_waits_for_a_server_that_is_about_to_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    policy = RetryPolicy(attempts=10_000, wait_initial=0.1, wait_max=0.1)
    async with AsyncConversationClient(f"http://127.0.0.1:{port}", retry=policy) as client:
        call = asyncio.create_task(client.increment_scores(IDS["conversation"]))
        await asyncio.sleep(0.05)
        assert not call.done()
        with Emulator(port=port) as server:
            server.seed({"id": IDS["conversation"]})
            await call
            assert server.counts == {operations.INCREMENT_SCORES.id: 1}


# How often, and when not


async def test_no_policy_means_no_retry(server: Emulator) -> None:
    async with AsyncConversationClient(server.url, retry=None) as client:
        for case in REPEATED:
            server.fail_next(503)
            with pytest.raises(ServerError) as caught:
                await case.call(client, IDS)
            assert caught.value.attempts == server.counts[case.operation.id] == 1


@pytest.mark.parametrize("attempts", [1, 2, 5])
async def test_attempts_bound_the_requests(
    server: Emulator, client: AsyncConversationClient, attempts: int
) -> None:
    server.fail_next(503, times=10)
    with pytest.raises(ServerError) as caught:
        await client.with_options(retry=attrs.evolve(QUICK, attempts=attempts)).get_messages("c")
    assert caught.value.attempts == sum(server.counts.values()) == attempts


async def test_refused_arguments_are_not_tried_again(
    server: Emulator, client: AsyncConversationClient
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await client.get_messages("..")
    assert caught.value.attempts == 0
    assert not server.counts


async def test_the_budget_is_used_up_by_retries_and_refilled_by_successes(
    server: Emulator, client: AsyncConversationClient
) -> None:
    asset = (IDS["conversation"], "a")
    twice = client.with_options(retry=attrs.evolve(QUICK, attempts=2))

    async def requests_of_a_failing_call() -> int:
        before = sum(server.counts.values())
        server.fail_next(503, times=2)
        with pytest.raises(ServerError):
            await twice.with_options(timeout=LONG).associate_asset(*asset)
        made = sum(server.counts.values()) - before
        if made == 1:  # what is left of the fault
            with pytest.raises(ServerError):
                await client.with_options(retry=None).associate_asset(*asset)
        return made

    made = [await requests_of_a_failing_call() for _ in range(103)]
    assert made == [2] * 100 + [1] * 3
    for _ in range(5):
        await client.associate_asset(*asset)
    assert [await requests_of_a_failing_call() for _ in range(2)] == [2, 1]
    async with AsyncConversationClient(server.url, retry=QUICK) as another:
        server.fail_next(503)
        await another.associate_asset(*asset)


async def test_items_of_a_batch_are_repeated_like_calls(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.fail_next(503, times=4)
    server.drop_next(4, after=True)
    ids = [f"a{n}" for n in range(40)]
    report = await client.associate_many(IDS["conversation"], Material.ASSET, ids, concurrency=8)
    assert (report.succeeded, report.failed) == (40, 0)
    assert sum(server.counts.values()) == 48


# Waiting


async def test_the_wait_that_the_server_asks_for_is_kept(
    server: Emulator, client: AsyncConversationClient
) -> None:
    begun = asyncio.get_running_loop().time()
    status(503, Retry_After="0.2")(server)
    await client.get_messages(IDS["conversation"])
    tick = time.get_clock_info("monotonic").resolution  # by which a loop may be early
    assert asyncio.get_running_loop().time() - begun >= 0.2 - tick


@pytest.mark.parametrize("value", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-5", "nan"])
async def test_a_wait_that_is_over_or_makes_no_sense_is_no_obstacle(
    server: Emulator, client: AsyncConversationClient, value: str
) -> None:
    status(429, Retry_After=value)(server)
    await client.get_messages(IDS["conversation"])
    assert sum(server.counts.values()) == 2


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({"retry": attrs.evolve(QUICK, retry_after_max=2)}, 2.1),
        ({"timeout": 1}, 1.1),
        ({"timeout": None}, 121),
        ({}, 1e9),
    ],
)
async def test_a_call_that_would_wait_too_long_fails_at_once(
    server: Emulator, client: AsyncConversationClient, options: Any, seconds: float
) -> None:
    status(429, Retry_After=str(seconds))(server)
    with pytest.raises(RateLimitedError) as caught:
        await client.with_options(**options).get_messages(IDS["conversation"])
    assert caught.value.retry_after == seconds
    assert caught.value.attempts == sum(server.counts.values()) == 1


async def test_the_deadline_bounds_all_attempts_together(
    server: Emulator, client: AsyncConversationClient
) -> None:
    await client.get_health()  # so that there is a connection, whatever else the machine does
    before = sum(server.counts.values())
    server.fail_next(503)
    call = asyncio.create_task(client.with_options(timeout=0.3).get_messages(IDS["conversation"]))
    async with asyncio.timeout(LONG):
        while sum(server.counts.values()) == before:  # noqa: ASYNC110  # it is in another thread
            await asyncio.sleep(0)
        server.delay = LONG
        with pytest.raises(DeadlineExceededError) as caught:
            await call
    assert caught.value.attempts == sum(server.counts.values()) - before
    assert caught.value.effect == "unknown"


def test_waits_double_up_to_their_maximum_and_are_drawn_from_zero_on() -> None:
    policy = RetryPolicy(wait_initial=0.1, wait_max=0.5)
    for attempt, bound in ((1, 0.1), (2, 0.2), (3, 0.4), (4, 0.5), (2000, 0.5)):
        waits = [policy.wait(attempt, None) or 0.0 for _ in range(300)]
        assert 0 <= min(waits) < bound / 10
        assert bound * 0.9 < max(waits) <= bound
    assert policy.wait(1, 120.0) == 120.0
    assert policy.wait(1, 120.1) is None


def test_waits_are_drawn_beside_the_random_numbers_of_the_program() -> None:
    random.seed(0)
    drawn = random.getstate()
    waits = [RetryPolicy().wait(1, None)]
    assert random.getstate() == drawn
    random.seed(0)
    assert RetryPolicy().wait(1, None) not in waits


# The policy's own values


@pytest.mark.parametrize("name", ["attempts", "wait_initial", "wait_max", "retry_after_max"])
@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, True, "3", None])
def test_values_that_make_no_policy_are_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=f"^{name}: "):
        RetryPolicy(**{name: value})


@pytest.mark.parametrize("value", [1.5, 3.0])
def test_attempts_are_a_whole_number(value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^attempts: "):
        RetryPolicy(attempts=value)


def test_a_policy_is_a_value() -> None:
    assert RetryPolicy() == RetryPolicy(
        attempts=3, wait_initial=0.1, wait_max=5.0, retry_after_max=120.0
    )
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        RetryPolicy().attempts = 5  # type: ignore[misc]
