"""A batch and a server that fails it: what waits, what is sent again, and when it gives up."""

import asyncio
import math
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import listening
import pytest
from fickle_server import (
    CUT,
    DONE,
    Site,
    cut,
    generated,
    good,
    names,
    serving,
    shapes,
    silence,
)
from raw_server import reply
from waiting import LONG, until

from conversation_client import (
    AsyncConversationClient,
    BatchError,
    BatchFailure,
    BatchOutcome,
    BatchProgress,
    ClientClosedError,
    ConnectionLostError,
    DeadlineExceededError,
    InvalidArgumentError,
    Material,
    RetryPolicy,
    ServerError,
    ServerNotRunningError,
    StatusError,
)
from conversation_client._batch import outage
from conversation_client.testing import STARTING_CONVERSATION, Emulator

POLICY = RetryPolicy(wait_initial=0.001)


pytestmark = pytest.mark.usefixtures("fast_probes")


# The server goes and comes back


def start_emulator(port: int, db: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "conversation_client.testing"]
    command += ["--port", str(port), "--db", str(db)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_a_batch_goes_on_by_itself_when_the_server_is_killed_and_restarted(
    tmp_path: Path,
) -> None:
    ids = names(3_000)
    reports: list[BatchProgress] = []
    process = start_emulator(0, tmp_path / "db")
    try:
        url = first_line(process)
        async with AsyncConversationClient(url) as client:
            batch = asyncio.create_task(
                client.associate_many(
                    STARTING_CONVERSATION, Material.ASSET, ids, on_progress=reports.append
                )
            )
            await until(lambda: reports and reports[-1].done > 100)
            process.kill()
            with process:
                pass
            await until(lambda: reports[-1].waiting)
            process = start_emulator(int(url.rpartition(":")[2]), tmp_path / "db")
            report = await batch
            conversation = await client.get_conversation(STARTING_CONVERSATION)
    finally:
        process.kill()
        with process:
            pass
    assert (report.succeeded, report.failed, report.not_started) == (len(ids), 0, 0)
    assert report.ended_by is None
    report.raise_if_failed()
    assert conversation.assets is not None
    assert {asset.id for asset in conversation.assets.iterable or ()} == set(ids)
    assert not reports[-1].waiting


async def down_by_refusing(site: Site) -> bytes:
    """Be gone for a while, as far as this one and all later requests are concerned."""

    async def go_and_come_back() -> None:
        await site.stop()
        await asyncio.sleep(0.05)
        site.answer = good
        await site.start()

    site.answer = silence
    site.background = asyncio.create_task(go_and_come_back())
    return await silence("")


async def down_by_cutting(site: Site) -> bytes:
    if len(site.requests) > 32:
        site.answer = good
    return CUT


async def down_by_silence(site: Site) -> bytes:
    if len(site.requests) > 24:
        site.answer = good
    return await silence("")


@shapes
@pytest.mark.parametrize("concurrency", [1, 2, 8])
@pytest.mark.parametrize("down", [down_by_refusing, down_by_cutting, down_by_silence])
async def test_no_item_fails_because_the_server_is_away_for_a_while(
    shape: Any, concurrency: int, down: Callable[[Site], Awaitable[bytes]]
) -> None:
    ids = names(100)

    async def answer(_: str) -> bytes:
        return await down(site) if len(site.requests) > 20 else DONE

    async with serving(answer) as site:
        timeout = 0.1 if down is down_by_silence else LONG
        async with AsyncConversationClient(site.url, timeout=timeout, retry=POLICY) as client:
            report = await client.associate_many(
                "c", Material.ASSET, shape(ids), concurrency=concurrency
            )
    assert (report.succeeded, report.failed, report.not_started) == (len(ids), 0, 0)
    assert set(site.requests) == set(ids)
    if down is not down_by_silence:  # of which the server has more than the client
        assert site.most <= concurrency
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_progress_tells_that_the_batch_waits_and_that_it_goes_on() -> None:
    reports: list[BatchProgress] = []

    async def answer(_: str) -> bytes:
        if reports and len(site.requests) < 1000:
            return CUT
        await asyncio.sleep(0.02)
        return DONE

    def on_progress(progress: BatchProgress) -> None:
        reports.append(progress)
        if progress.waiting and len(reports) > 4:
            site.answer = good

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=POLICY) as client:
        await client.associate_many(
            "c", Material.ASSET, names(500), concurrency=4, on_progress=on_progress
        )
    waiting = [progress.waiting for progress in reports]
    first = waiting.index(True)
    assert waiting[-1] is False
    assert sum(waiting) > 1
    assert all(waiting[first : first + sum(waiting)])
    assert {progress.done for progress in reports if progress.waiting} <= {reports[first].done}


async def test_a_server_that_is_away_is_asked_less_and_less_often() -> None:
    """Ten times a minute at last; here a minute has 0.6 seconds."""
    async with serving(cut) as site, AsyncConversationClient(site.url, retry=None) as client:
        report = await client.associate_many(
            "c", Material.ASSET, names(1000), concurrency=8, give_up_after=1.2
        )
    assert isinstance(report.ended_by, ConnectionLostError)
    probes = len(site.requests) - 8
    assert 3 < probes <= 6 + 20


async def test_what_is_refused_to_a_probe_is_repeated_like_any_other_call() -> None:
    answers = [CUT, CUT, CUT, reply(503), reply(503), DONE]

    async def answer(_: str) -> bytes:
        return answers[len(site.requests) - 1]

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=POLICY) as client:
        report = await client.associate_many("c", Material.ASSET, ["a"])
    assert (report.succeeded, report.failed, len(site.requests)) == (1, 0, 6)


async def test_the_error_of_an_item_counts_all_its_requests() -> None:
    answers = [CUT, CUT, CUT, reply(503), *3 * [reply(500, "no")]]

    async def answer(_: str) -> bytes:
        return answers[len(site.requests) - 1]

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=POLICY) as client:
        report = await client.associate_many("c", Material.ASSET, ["a"])
    (failure,) = report.failures
    assert isinstance(failure.error, ServerError)
    assert (failure.error.attempts, failure.error.effect) == (7, "unknown")


async def test_an_item_that_is_gone_after_an_uncertain_removal_was_removed() -> None:
    seen: Counter[str] = Counter()

    async def answer(item: str) -> bytes:
        seen[item] += 1
        return CUT if seen[item] == 1 else reply(404 if item == "no-route" else 410)

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=None) as client:
        removed = await client.disassociate_many("c", Material.ASSET, ["a"])
        lacking = await client.disassociate_many("c", Material.ASSET, ["no-route"])
        added = await client.associate_many("c", Material.ASSET, ["b"])
        outcomes = [
            outcome async for outcome in client.iter_disassociate_many("c", Material.ASSET, ["d"])
        ]
    assert (removed.succeeded, removed.failed) == (1, 0)
    assert (lacking.succeeded, lacking.failed) == (0, 1)
    assert (added.succeeded, added.failed) == (0, 1)
    assert outcomes == [BatchOutcome("d", None)]


@pytest.mark.parametrize("concurrency", [1, 2, 8])
async def test_what_an_input_gives_during_an_outage_waits_with_the_others(
    concurrency: int,
) -> None:
    async def ids() -> AsyncIterator[str]:
        yield "a"
        await until(lambda: len(site.requests) > 2)
        yield "b"
        yield "c"

    async def answer(_: str) -> bytes:
        return DONE if site.requests.count("b") > 1 else CUT

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=None) as client:
        report = await client.associate_many("c", Material.ASSET, ids(), concurrency=concurrency)
    assert (report.succeeded, report.failed) == (3, 0)
    assert site.most <= concurrency


# An item that the server cannot stand


@shapes
@pytest.mark.parametrize("concurrency", [1, 2, 8])
@pytest.mark.parametrize("place", [0, 20, 39])
@pytest.mark.parametrize("retry", [POLICY, None], ids=["retries", "no-retries"])
async def test_a_poisonous_item_neither_stalls_nor_ends_the_batch(
    shape: Any, concurrency: int, place: int, retry: RetryPolicy | None
) -> None:
    ids = names(40)

    async def answer(item: str) -> bytes:
        return CUT if item == ids[place] else DONE

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=retry) as client:
        report = await client.associate_many(
            "c", Material.ASSET, shape(ids), concurrency=concurrency
        )
    (failure,) = report.failures
    assert (report.succeeded, report.failed, report.ended_by) == (39, 1, None)
    assert failure.item == ids[place]
    assert isinstance(failure.error, ConnectionLostError)
    assert failure.error.effect == "unknown"
    runs = [item for item, _ in groupby(site.requests)]
    assert failure.error.attempts == site.requests.count(ids[place])
    assert runs.count(ids[place]) <= 9  # a slow input has it probe in a row
    assert site.most <= concurrency


@shapes
@pytest.mark.parametrize("concurrency", [1, 2, 8])
@pytest.mark.parametrize(
    "places",
    [{0, 1}, set(range(5)), set(range(3, 20)), {10, 20, 21, 22}, {7, 39}, {38, 39}, {37, 38, 39}],
    ids=str,
)
async def test_poisonous_items_that_wait_together_neither_stall_nor_end_the_batch(
    shape: Any, concurrency: int, places: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "LONGEST_WAIT", outage.FIRST_WAIT)
    ids = names(40)

    async def answer(item: str) -> bytes:
        return CUT if ids.index(item) in places else DONE

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=None) as client:
        report = await client.associate_many(
            "c", Material.ASSET, shape(ids), concurrency=concurrency, give_up_after=LONG
        )
    assert {ids.index(str(failure.item)) for failure in report.failures} == places
    assert (report.succeeded, report.ended_by) == (40 - len(places), None)
    assert site.most <= concurrency


@shapes
@pytest.mark.parametrize("count", [1, 3])
async def test_items_that_are_all_poisonous_end_the_batch(shape: Any, count: int) -> None:
    async with serving(cut) as site, AsyncConversationClient(site.url, retry=None) as client:
        report = await client.associate_many(
            "c", Material.ASSET, shape(names(count)), concurrency=4, give_up_after=0.2
        )
    assert (report.succeeded, report.failed, report.not_started) == (0, count, 0)
    assert {failure.error.effect for failure in report.failures} == {"unknown"}


async def test_an_invalid_witness_fails_alone() -> None:
    async def answer(item: str) -> bytes:
        return CUT if item == "poison" else DONE

    ids = ["poison", "", "..", "good"]
    async with serving(answer) as site, AsyncConversationClient(site.url, retry=None) as client:
        report = await client.associate_many("c", Material.ASSET, ids, concurrency=1)
    assert report.succeeded == 1
    assert sorted(str(failure.item) for failure in report.failures) == ["", "..", "poison"]


@pytest.mark.parametrize("shape", [iter, generated], ids=["iterator", "async generator"])
async def test_an_error_of_the_input_ends_the_batch_during_an_outage_too(shape: Any) -> None:
    def failing() -> Iterator[str]:
        yield "a"
        raise LookupError("no more")

    async with serving(cut) as site, AsyncConversationClient(site.url, retry=None) as client:
        with pytest.raises(LookupError, match="no more") as caught:
            await client.associate_many("c", Material.ASSET, shape(failing()), concurrency=1)
    assert caught.value.__notes__ == ["batch: 0 succeeded, 1 failed"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


# Giving up


def is_cut_off(failure: BatchFailure) -> bool:
    """Tell whether it is of the probe that was under way, of which there is at most one."""
    return isinstance(failure.error, DeadlineExceededError) and "gave up" in str(failure.error)


@pytest.mark.parametrize(
    ("shape", "count", "not_started"),
    [(list, 100, 100), (iter, 100, None), (generated, 100, None), (iter, 5, 5), (generated, 5, 5)],
)
async def test_a_batch_gives_up_and_tells_what_was_not_started(
    shape: Any, count: int, not_started: int | None
) -> None:
    async with serving(good) as site:
        await site.stop()
        async with AsyncConversationClient(site.url, retry=POLICY) as client:
            report = await client.associate_many(
                "c", Material.ASSET, shape(names(count)), concurrency=8, give_up_after=0.3
            )
    assert (report.succeeded, report.failed, report.not_started) == (0, 0, not_started)
    assert isinstance(report.ended_by, ServerNotRunningError)
    rest = "the rest were" if not_started is None else f"{not_started} were"
    known = not_started or 0
    with pytest.raises(BatchError, match=f"0 of {known} items failed and {rest} not started") as e:
        report.raise_if_failed()
    assert e.value.exceptions == (report.ended_by,)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_giving_up_counts_what_was_yet_to_be_connected_as_not_started() -> None:
    """Of a server that lets the first connection down, and all others wait for its handshake."""
    connections: list[asyncio.StreamWriter] = []

    def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not connections:
            writer.transport.abort()
        connections.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with AsyncConversationClient(url, retry=None) as client:
        report = await client.associate_many(
            "c", Material.ASSET, names(9), concurrency=4, give_up_after=0.3
        )
    assert len(connections) > 1
    assert (report.succeeded, report.failed, report.not_started) == (0, 0, 9)
    for writer in connections:
        writer.close()
    await listening.close(server)


@shapes
async def test_giving_up_fails_what_the_server_may_have_acted_on(shape: Any) -> None:
    ids = names(100)

    async def answer(_: str) -> bytes:
        return DONE if len(site.requests) <= 20 else CUT

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=POLICY) as client:
        report = await client.associate_many(
            "c", Material.ASSET, shape(ids), concurrency=8, give_up_after=0.6
        )
    assert report.succeeded == 20
    assert report.failed == len({*site.requests[20:]}) == len(report.failures)
    assert report.not_started == (80 - report.failed if shape is list else None)
    for failure in report.failures:
        assert failure.error.effect == "unknown"
        if not is_cut_off(failure):
            assert isinstance(failure.error, ConnectionLostError)
            assert failure.error.attempts == site.requests.count(str(failure.item))
    assert sum(map(is_cut_off, report.failures)) <= 1
    with pytest.raises(BatchError, match=f"{report.failed} of .* were not started"):
        report.raise_if_failed()


@shapes
async def test_giving_up_ends_calls_that_would_wait_for_ever(shape: Any) -> None:
    async def answer(item: str) -> bytes:
        return await (cut if item == "a0" else silence)(item)

    async with (
        serving(answer) as site,
        AsyncConversationClient(site.url, timeout=None, retry=None) as client,
    ):
        report = await client.associate_many(
            "c", Material.ASSET, shape(names(9)), concurrency=4, give_up_after=0.2
        )
    # Those at once, and one that was to tell whether the first is to blame.
    assert report.failed == 5
    assert report.not_started == (4 if shape is list else None)
    assert {type(failure.error) for failure in report.failures} == {
        ConnectionLostError,
        DeadlineExceededError,
    }
    assert {failure.error.effect for failure in report.failures} == {"unknown"}
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_giving_up_does_not_wait_for_an_input_that_has_nothing() -> None:
    async def one_and_no_more() -> AsyncIterator[str]:
        yield "a"
        await asyncio.Event().wait()

    async with serving(cut) as site, AsyncConversationClient(site.url, retry=None) as client:
        report = await client.associate_many(
            "c", Material.ASSET, one_and_no_more(), concurrency=2, give_up_after=0.1
        )
    assert (report.failed, report.not_started) == (1, None)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_batch_that_never_gives_up_is_possible() -> None:
    async with serving(cut) as site, AsyncConversationClient(site.url, retry=None) as client:
        batch = asyncio.create_task(
            client.associate_many("c", Material.ASSET, names(9), give_up_after=math.inf)
        )
        await until(lambda: len(site.requests) > 12)
        site.answer = good
        assert (await batch).succeeded == 9


@pytest.mark.parametrize("value", [0, -1, math.nan, True, "3", None])
async def test_giving_up_after_no_time_at_all_is_refused(value: Any) -> None:
    async with AsyncConversationClient("http://127.0.0.1:1") as client:
        with pytest.raises(InvalidArgumentError, match=r"^give_up_after: "):
            await client.associate_many("c", Material.ASSET, ["a"], give_up_after=value)
        with pytest.raises(InvalidArgumentError, match=r"^give_up_after: "):
            client.iter_associate_many("c", Material.ASSET, ["a"], give_up_after=value)
        with pytest.raises(InvalidArgumentError, match=r"^give_up_after: "):
            await client.apply([], give_up_after=value)


# Other ends


async def test_cancelling_during_an_outage_leaves_exact_counts_and_nothing_running() -> None:
    reports: list[BatchProgress] = []

    async def answer(_: str) -> bytes:
        if len(site.requests) > 26:
            await asyncio.sleep(LONG)
        return DONE if len(site.requests) <= 20 else CUT

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=None) as client:
        batch = asyncio.create_task(
            client.associate_many(
                "c", Material.ASSET, names(99), concurrency=4, on_progress=reports.append
            )
        )
        await until(lambda: len(site.requests) > 26)
        await asyncio.sleep(0.1)  # what had been sent by then has come
        batch.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await batch
        assert asyncio.all_tasks() - site.tasks == {asyncio.current_task()}
    failed = len({*site.requests[20:]})
    assert caught.value.__notes__ == [f"batch: 20 succeeded, {failed} failed"]


async def test_an_error_of_the_callback_ends_an_outage() -> None:
    def on_progress(progress: BatchProgress) -> None:
        if progress.waiting:
            raise LookupError("mine")

    async with serving(cut) as site, AsyncConversationClient(site.url, retry=None) as client:
        with pytest.raises(LookupError, match="mine"):
            await client.associate_many("c", Material.ASSET, names(9), on_progress=on_progress)
        assert asyncio.all_tasks() - site.tasks == {asyncio.current_task()}


async def test_closing_the_client_ends_an_outage() -> None:
    async with serving(cut) as site:
        client = AsyncConversationClient(site.url, retry=None)
        batch = asyncio.create_task(
            client.associate_many("c", Material.ASSET, names(99), concurrency=4)
        )
        await until(lambda: len(site.requests) > 8)
        await client.aclose()
        report = await batch
    failed = len({*site.requests})
    assert (report.succeeded, report.failed, report.not_started) == (0, failed, 99 - failed)
    assert isinstance(report.ended_by, ClientClosedError)
    with pytest.raises(BatchError, match=f"{failed} of 99 items failed and {99 - failed} were not"):
        report.raise_if_failed()


# Overload


@pytest.mark.parametrize("status", [429, 503])
async def test_nothing_fails_because_the_server_asks_to_wait_for_a_while(
    server: Emulator, client: AsyncConversationClient, status: int
) -> None:
    server.delay = 0.02
    server.fail_next(status, times=32)
    reports: list[BatchProgress] = []
    report = await client.associate_many(
        STARTING_CONVERSATION, Material.ASSET, names(600), on_progress=reports.append
    )
    assert (report.succeeded, report.failed, report.not_started) == (600, 0, 0)
    assert any(progress.waiting for progress in reports)
    assert sum(server.counts.values()) == 600 + 32


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_always_asks_to_wait_ends_the_batch_and_fails_nothing(
    server: Emulator,
    client: AsyncConversationClient,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It gives up long before the next probe would leave.
    monkeypatch.setattr(outage, "FIRST_WAIT", 0.1)
    monkeypatch.setattr(outage, "LONGEST_WAIT", LONG)
    server.fail_next(status, times=10_000)
    report = await client.associate_many(
        STARTING_CONVERSATION, Material.ASSET, names(200), give_up_after=1.1
    )
    assert (report.succeeded, report.failed, report.not_started) == (0, 0, 200)
    assert isinstance(report.ended_by, StatusError)
    assert report.ended_by.status == status
    assert sum(server.counts.values()) < 50
    with pytest.raises(BatchError, match="0 of 200 items failed and 200 were not started"):
        report.raise_if_failed()


async def test_calls_that_time_out_halve_the_concurrency() -> None:
    reports: list[BatchProgress] = []

    async def answer(item: str) -> bytes:
        return DONE if len(site.requests) > 16 else await silence(item)

    async with (
        serving(answer) as site,
        AsyncConversationClient(site.url, timeout=0.2, retry=None) as client,
    ):
        report = await client.associate_many(
            "c", Material.ASSET, names(30), concurrency=16, on_progress=reports.append
        )
    assert (report.succeeded, report.failed) == (30, 0)
    assert 8 <= reports[-1].concurrency < 16


async def test_waiting_for_a_connection_is_no_outage_and_halves_the_concurrency() -> None:
    reports: list[BatchProgress] = []

    async with serving(silence) as site:
        client = AsyncConversationClient(site.url, timeout=None, max_connections=8)
        async with client:
            others = [asyncio.create_task(client.increment_scores("c")) for _ in range(8)]
            await until(lambda: len(site.requests) == 8)
            batch = asyncio.create_task(
                client.with_options(timeout=0.5).associate_many(
                    "c", Material.ASSET, names(8), concurrency=8, on_progress=reports.append
                )
            )
            await until(lambda: reports and reports[-1].concurrency == 4)
            site.answer = good
            for other in others:
                other.cancel()
            report = await batch
    assert (report.succeeded, report.failed) == (8, 0)
    assert sorted(site.requests[8:]) == names(8)
    assert not any(progress.waiting for progress in reports)


async def test_an_item_does_not_wait_for_a_connection_for_ever() -> None:
    async with serving(silence) as site:
        client = AsyncConversationClient(site.url, timeout=None, max_connections=1)
        async with client:
            other = asyncio.create_task(client.increment_scores("c"))
            await until(lambda: site.requests)
            report = await client.with_options(timeout=0.05).associate_many(
                "c", Material.ASSET, ["a"]
            )
            other.cancel()
    (failure,) = report.failures
    assert isinstance(failure.error, DeadlineExceededError)
    assert (failure.error.effect, failure.error.attempts) == ("none", 0)
    assert len(site.requests) == 1


# Outcomes one by one


async def test_outcomes_tell_that_the_batch_gave_up() -> None:
    async def answer(_: str) -> bytes:
        return DONE if len(site.requests) <= 5 else CUT

    outcomes: list[BatchOutcome] = []

    async def take_all() -> None:
        iterator = client.iter_associate_many(
            "c", Material.ASSET, names(50), concurrency=4, give_up_after=0.1
        )
        async for outcome in iterator:
            outcomes.append(outcome)  # noqa: PERF401  # an error is to lose none

    async with serving(answer) as site, AsyncConversationClient(site.url, retry=None) as client:
        with pytest.raises(ConnectionLostError):
            await take_all()
    assert sum(outcome.succeeded for outcome in outcomes) == 5
    assert {outcome.item for outcome in outcomes if not outcome.succeeded} == {*site.requests[5:]}
