"""The limit of a batch: no more under way than the server gains from, against simulated servers."""

import math
from collections.abc import Callable
from statistics import mean

import pytest
from simulated_server import Server, Simulation, best_fixed, fixed

from conversation_client._batch.limit import FEW, LOOK, QUICK, START, Limit

MANY = math.inf
WRITES = Server(1, 0.001)
"""One write at a time, a millisecond each; what others ask for waits in the same queue."""


def limit(maximum: int = 32) -> Callable[[float], Limit]:
    return lambda now: Limit(maximum, now)


# What it is for


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("jitter", [0.0, 0.3, 0.5])
def test_others_wait_a_quarter_as_long_beside_a_server_that_does_one_thing_at_a_time(
    jitter: float, seed: int
) -> None:
    server = Server(1, 0.001, jitter)
    run = Simulation(limit(), server, others_every=0.02, seed=seed).go(5_000)
    flooded = Simulation(fixed(32), server, others_every=0.02, seed=seed).go(5_000)
    assert run.p95 <= 0.25 * flooded.p95
    assert run.throughput >= 0.9 * flooded.throughput
    assert run.limits[-1][1] <= 4


@pytest.mark.parametrize("seconds", [0.0003, 0.005])
def test_it_is_so_where_one_thing_takes_another_time(seconds: float) -> None:
    server = Server(1, seconds)
    items = int(6 / seconds)
    run = Simulation(limit(), server, others_every=20 * seconds).go(items)
    flooded = Simulation(fixed(32), server, others_every=20 * seconds).go(items)
    assert run.p95 <= 0.25 * flooded.p95
    assert run.throughput >= 0.97 * flooded.throughput


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("jitter", [0.0, 0.5])
@pytest.mark.parametrize("seconds", [0.002, 0.02])
@pytest.mark.parametrize("at_a_time", [4, 16, MANY])
def test_a_server_that_does_many_things_at_a_time_is_used(
    at_a_time: float, seconds: float, jitter: float, seed: int
) -> None:
    server = Server(at_a_time, seconds, jitter)
    run = Simulation(limit(), server, seed=seed).go(5_000)
    assert run.throughput >= 0.9 * best_fixed(server, 5_000)


def test_a_server_whose_time_varies_much_is_used() -> None:
    server = Server(MANY, 0.02, 1.0)
    runs = [Simulation(limit(), server, seed=seed).go(5_000) for seed in range(5)]
    best = best_fixed(server, 5_000)
    assert mean(run.throughput for run in runs) >= 0.9 * best
    assert min(run.throughput for run in runs) >= 0.8 * best


@pytest.mark.parametrize("at_a_time", [1, MANY])
def test_a_server_that_is_quicker_than_the_client_gets_all_that_is_allowed(
    at_a_time: float,
) -> None:
    server = Server(at_a_time, 0.000005)
    run = Simulation(limit(), server).go(20_000)
    best = max(Simulation(fixed(value), server).go(20_000).throughput for value in (8, 16, 32))
    assert run.throughput >= 0.97 * best
    assert run.limits[-1][1] == 32
    assert run.limits[-1][0] < 0.1
    assert run.measured < 500


def test_it_wants_to_hear_of_few_replies_once_it_knows_the_server() -> None:
    run = Simulation(limit(), Server(MANY, 0.002, 0.3)).go(50_000)
    assert run.measured < 0.1 * run.ended


@pytest.mark.parametrize(("jitter", "share"), [(0.0, 0.95), (0.3, 0.85)], ids=["even", "uneven"])
@pytest.mark.parametrize("at_a_time", [16, MANY])
def test_a_short_batch_takes_hardly_longer_than_without(
    at_a_time: float, jitter: float, share: float
) -> None:
    server = Server(at_a_time, 0.02, jitter)
    shares = [
        Simulation(fixed(32), server, seed=seed).go(100).elapsed
        / Simulation(limit(), server, seed=seed).go(100).elapsed
        for seed in range(40)
    ]
    assert mean(shares) >= share


@pytest.mark.parametrize("connections", [1, 4, 8])
def test_connections_that_are_few_make_no_queue(connections: int) -> None:
    server = Server(16, 0.002)
    run = Simulation(limit(), server, connections=connections).go(5_000)
    assert run.throughput >= 0.9 * best_fixed(server, 5_000, connections)
    assert run.limits[-1][1] <= 3 * connections


@pytest.mark.parametrize("maximum", [1, 2, 5, 8, 100])
def test_it_is_never_more_than_it_may_be(maximum: int) -> None:
    for server in (WRITES, Server(MANY, 0.002, 0.3), Server(MANY, 0.000005)):
        run = Simulation(limit(maximum), server).go(3_000)
        assert {1 <= value <= maximum for _, value in run.limits} == {True}
        best = Simulation(fixed(maximum), server).go(3_000)
        assert run.throughput >= 0.88 * best.throughput


# A server that is another one than before


def test_a_server_that_gets_slow_is_left_to_others() -> None:
    run = Simulation(
        limit(), lambda now: WRITES if now > 1 else Server(16, 0.002), others_every=0.01
    ).go(15_000)
    waits = [wait for since, wait in zip(run.requested, run.waits, strict=True) if since > 2]
    assert len(waits) > 100
    assert sorted(waits)[int(0.95 * len(waits))] < 0.008
    assert max(value for moment, value in run.limits if moment > 2) <= 2 * FEW


@pytest.mark.parametrize("seconds", [0.002, 0.02])
def test_a_server_that_gets_better_is_used(seconds: float) -> None:
    better = Server(16, seconds)
    run = Simulation(limit(), lambda now: better if now > 1 else WRITES).go(
        1_000 + int(36 / seconds)
    )
    soon = sum(2 < moment <= 3 for moment in run.replies)
    assert soon >= 0.9 * 16 / seconds


def test_a_server_that_stops_in_the_middle_of_a_trial_gets_as_many_as_before() -> None:
    tested = Limit(32, 0.0)
    now, ended, before = 0.0, 0, 0
    for _ in range(2_000):
        now, ended = now + 0.001, ended + 1
        if tested.is_measuring:
            tested.replied(now, tested.value)
        if now >= tested.looks_at:
            tested.look(now, ended, tested.value)
        if tested.is_measuring and ended > 300 and tested.value != before:
            break
        before = tested.value
    assert tested.is_measuring
    for _ in range(1_000):
        now += LOOK
        tested.look(now, ended, tested.value)
    assert (tested.value, tested.is_measuring) == (before, False)


@pytest.mark.parametrize("slow", [16, 50, 70, 90])
def test_a_client_that_was_slow_at_first_only_gets_all_that_is_allowed(slow: int) -> None:
    """As where each of the first replies had to wait for a connection to be made."""
    tested = Limit(32, 0.0)
    reply(tested, slow, seconds=QUICK, since=QUICK)
    assert tested.value <= FEW
    reply(tested, 2_000, seconds=QUICK / 100, since=QUICK * (slow + 1))
    assert (tested.value, tested.is_measuring) == (32, False)


# Where nothing can be learned


def test_a_server_that_takes_its_time_gets_more_and_more() -> None:
    tested = Limit(100, 0.0)
    values = [tested.value]
    for number in range(1, 5):
        tested.look(number * LOOK, 0, tested.value)
        values.append(tested.value)
    assert values == [START, 2 * START, 4 * START, 100, 100]


def test_an_input_that_is_slow_tells_nothing_about_the_server() -> None:
    run = Simulation(limit(), Server(MANY, 0.02), items_every=0.005).go(2_000)
    assert run.limits[-1][1] >= START
    assert run.elapsed < 2_000 * 0.005 + 0.1


def test_one_at_a_time_is_nothing_to_adapt() -> None:
    run = Simulation(limit(1), WRITES).go(300)
    assert (run.limits, run.measured) == ([(0.0, 1)], 0)


# Overload


def overloaded(value: int = 32) -> Limit:
    """Return a limit that was once halved, at a server too quick for trials."""
    tested = Limit(value, 0.0)
    reply(tested, 20)
    assert tested.value == value
    tested.overloaded(1_000, value)
    return tested


def reply(tested: Limit, times: int, seconds: float = 0.0, since: float = QUICK / 100) -> None:
    for number in range(times):
        if tested.is_measuring:
            tested.replied(since + number * seconds, tested.value)


def test_too_much_halves_it_once_for_all_that_is_under_way() -> None:
    tested = overloaded()
    assert tested.value == 16
    tested.overloaded(1_031, 16)
    assert tested.value == 16
    tested.overloaded(1_032, 16)
    assert tested.value == 8
    for number in range(9):
        tested.overloaded(2_000 + 100 * number, 8)
    assert tested.value == 1


def test_after_too_much_each_round_adds_one() -> None:
    tested = overloaded()
    reply(tested, 15)
    assert tested.value == 16
    reply(tested, 1)
    assert tested.value == 17
    reply(tested, 17 + 18)
    assert tested.value == 19
    reply(tested, 1_000)
    assert (tested.value, tested.is_measuring) == (32, False)
