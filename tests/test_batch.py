"""The batch engine: what it counts, what it bounds, and what it leaves when it is stopped."""

import asyncio
import gc
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import pytest
from needs import needs_proc
from stub_server import stub
from waiting import LONG, until

from conversation_client import (
    Association,
    AsyncConversationClient,
    BatchError,
    BatchFailure,
    BatchOutcome,
    BatchProgress,
    BatchReport,
    ConversationClient,
    ConversationClientError,
    Disassociation,
    InvalidArgumentError,
    Material,
    ServerError,
    ServerNotRunningError,
)
from conversation_client.batch import KEPT_FAILURES, PROGRESS_INTERVAL
from conversation_client.testing import STARTING_CONVERSATION, Emulator


async def generated(ids: Iterable[Any]) -> AsyncIterator[Any]:
    for id_ in ids:
        await asyncio.sleep(0)
        yield id_


def assets(server: Emulator) -> tuple[str, ...]:
    return server.associations(STARTING_CONVERSATION, Material.ASSET)


SHAPES: dict[str, Callable[[list[Any]], Any]] = {
    "list": lambda ids: ids,
    "generator": lambda ids: (id_ for id_ in ids),
    "async generator": generated,
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


# Counting


@shapes
@pytest.mark.parametrize("count", [0, 1, 100])
@pytest.mark.parametrize("concurrency", [1, 32])
async def test_every_item_is_done_and_counted(
    server: Emulator, client: AsyncConversationClient, shape: Any, count: int, concurrency: int
) -> None:
    ids = [f"a{n}" for n in range(count)]
    report = await client.associate_many(
        STARTING_CONVERSATION, Material.ASSET, shape(ids), concurrency=concurrency
    )
    assert (report.succeeded, report.failed, report.failures, report.skipped) == (count, 0, (), 0)
    assert report.elapsed > 0
    report.raise_if_failed()
    assert set(assets(server)) == set(ids)
    assert sum(server.counts.values()) == count


@pytest.mark.parametrize("material", Material)
@pytest.mark.parametrize("spelled", [Material, str])
async def test_every_material_is_associated_and_taken_out_again(
    server: Emulator, client: AsyncConversationClient, material: Material, spelled: Any
) -> None:
    ids = [str(uuid.uuid4()) for _ in range(5)]
    done = await client.associate_many(STARTING_CONVERSATION, spelled(material), ids)
    assert set(server.associations(STARTING_CONVERSATION, material)) == set(ids)
    undone = await client.disassociate_many(STARTING_CONVERSATION, spelled(material), ids[1:])
    assert server.associations(STARTING_CONVERSATION, material) == (ids[0],)
    assert (done.succeeded, undone.succeeded) == (5, 4)


def test_the_blocking_client_has_batches_too(
    server: Emulator, blocking_client: ConversationClient
) -> None:
    for number, shape in enumerate(SHAPES.values()):
        reports: list[BatchProgress] = []
        ids = [f"{number}-{n}" for n in range(20)]
        report = blocking_client.associate_many(
            STARTING_CONVERSATION, Material.ASSET, shape(ids), on_progress=reports.append
        )
        assert report.succeeded == reports[-1].done == 20
        assert set(ids) <= set(assets(server))
    report = blocking_client.disassociate_many(
        STARTING_CONVERSATION, Material.ASSET, list(assets(server))
    )
    assert (report.succeeded, assets(server)) == (60, ())


async def test_duplicates_count_as_often_as_they_come(
    server: Emulator, client: AsyncConversationClient
) -> None:
    same = uuid.uuid4()
    ids: list[str | uuid.UUID] = [same, str(same), "a", "a", "a"]
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, ids, concurrency=1)
    assert (report.succeeded, assets(server)) == (5, (str(same), "a"))


@shapes
async def test_an_invalid_id_fails_alone(
    server: Emulator, client: AsyncConversationClient, shape: Any
) -> None:
    invalid = ["", "..", "a\nb", "x" * 1025, None, 7, b"bytes"]
    ids = ["first", *invalid, "last"]
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, shape(ids))
    assert (report.succeeded, report.failed) == (2, len(invalid))
    assert [failure.item for failure in report.failures] == invalid
    assert {type(failure.error) for failure in report.failures} == {InvalidArgumentError}
    assert set(assets(server)) == {"first", "last"}


# Failures


@pytest.fixture
def failing(server: Emulator) -> Emulator:
    """A server that refuses the next five requests."""
    server.fail_next(500, times=5, text="not today")
    return server


async def test_what_the_server_refuses_is_reported_with_its_error(
    failing: Emulator, client: AsyncConversationClient
) -> None:
    ids = [f"a{n}" for n in range(20)]
    report = await client.with_options(retry=None).associate_many(
        STARTING_CONVERSATION, Material.ASSET, ids
    )
    assert (report.succeeded, report.failed) == (15, 5)
    assert len({failure.item for failure in report.failures}) == 5
    for failure in report.failures:
        assert isinstance(failure.error, ServerError)
        assert failure.error.text == "not today"
        assert failure.error.ids == {"conversation": STARTING_CONVERSATION, "asset": failure.item}
    assert {failure.item for failure in report.failures} | set(assets(failing)) == set(ids)


async def test_failures_raise_a_group_that_splits_and_is_caught_like_one(
    failing: Emulator, client: AsyncConversationClient
) -> None:
    report = await client.with_options(retry=None).associate_many(
        STARTING_CONVERSATION, Material.ASSET, ["", *map(str, range(9))]
    )
    with pytest.raises(BatchError, match="6 of 10 items failed") as caught:
        report.raise_if_failed()
    error = caught.value
    assert isinstance(error, ExceptionGroup)
    assert isinstance(error, ConversationClientError)
    assert list(error.exceptions) == [failure.error for failure in report.failures]
    refused, invalid = error.split(ServerError)
    assert type(refused) is type(invalid) is BatchError
    assert (len(refused.exceptions), len(invalid.exceptions)) == (5, 1)
    assert error.subgroup(KeyError) is None
    seen = []
    try:
        report.raise_if_failed()
    except* ServerError as group:
        seen.append(len(group.exceptions))
    except* InvalidArgumentError as group:
        seen.append(len(group.exceptions))
    assert seen == [5, 1]


async def test_all_failures_are_counted_and_the_first_thousand_kept(
    server: Emulator, client: AsyncConversationClient
) -> None:
    ids = [f"{n}\n" for n in range(KEPT_FAILURES + 500)]
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, ids)
    assert (report.succeeded, report.failed) == (0, KEPT_FAILURES + 500)
    assert [failure.item for failure in report.failures] == ids[:KEPT_FAILURES]
    with pytest.raises(BatchError, match=f"{len(ids)} of {len(ids)} items failed") as caught:
        report.raise_if_failed()
    assert len(caught.value.exceptions) == KEPT_FAILURES
    assert not server.counts


def told(count: int, **others: Any) -> BatchReport:
    failures = tuple(BatchFailure(f"{count} {n}", ServerError("no")) for n in range(count))
    failed = {"failed": count, "failures": failures[:KEPT_FAILURES]}
    return BatchReport(**{"succeeded": 7, "elapsed": 0.5, **failed, **others})


def test_reports_add_up() -> None:
    ends = [ServerNotRunningError("first"), ServerNotRunningError("second")]
    parts = [
        told(2, skipped=3),
        told(KEPT_FAILURES - 3, not_started=4, ended_by=ends[0]),
        told(8, not_started=1, ended_by=ends[1]),
    ]
    added = parts[0] + parts[1] + parts[2]
    assert added == sum(parts)
    assert (added.succeeded, added.failed, added.skipped) == (21, KEPT_FAILURES + 7, 3)
    assert (added.not_started, added.ended_by, added.elapsed) == (5, ends[0], 1.5)
    assert [each.item for each in added.failures[-2:]] == ["997 996", "8 0"]
    assert (added + told(0, not_started=None)).not_started is None
    assert sum([parts[0]]) == parts[0]
    with pytest.raises(BatchError, match="1007 of 1036 items failed and 5 were not started"):
        added.raise_if_failed()
    for other in (1, None, "report"):
        with pytest.raises(TypeError):
            parts[0] + other  # type: ignore[operator]
        with pytest.raises(TypeError):
            other + parts[0]  # type: ignore[operator]


# Arguments


async def test_arguments_that_make_no_batch_are_refused_before_anything_is_read_or_sent(
    server: Emulator, client: AsyncConversationClient
) -> None:
    read: list[str] = []

    def ids() -> Iterator[str]:
        read.append("a")
        yield "a"

    good: dict[str, Any] = {"conversation": "c", "material": "asset"}
    wrong: list[tuple[str, dict[str, Any]]] = [
        *(("concurrency", {"concurrency": value}) for value in (0, -1, True, 1.5, "3", None)),
        *(("ids", {"ids": value}) for value in ("abc", b"abc", 7, None, object())),
        *(("conversation", {"conversation": value}) for value in ("", "..", "a\x00", None, 7)),
        *(("material", {"material": value}) for value in ("assets", "ASSET", "", None, 7)),
    ]
    for method in (client.associate_many, client.disassociate_many):
        for name, argument in wrong:
            with pytest.raises(InvalidArgumentError, match=f"^{name}: "):
                await method(**good | {"ids": ids()} | argument)
    assert not read
    assert not server.counts


# Progress


@shapes
async def test_progress_comes_at_intervals_and_at_the_end(
    server: Emulator, client: AsyncConversationClient, shape: Any
) -> None:
    server.delay = 0.02
    reports: list[BatchProgress] = []
    ids = ["", *(f"a{n}" for n in range(100))]
    report = await client.associate_many(
        STARTING_CONVERSATION,
        Material.ASSET,
        shape(ids),
        concurrency=4,
        on_progress=reports.append,
    )
    assert len(reports) > 1
    done = [progress.done for progress in reports]
    assert done == sorted(done)  # on a busy machine nothing may end between two of them
    assert (reports[-1].done, reports[-1].failed) == (report.succeeded, report.failed) == (100, 1)
    assert {progress.total for progress in reports} == {101 if shape(ids) is ids else None}
    times = [0.0, *(progress.elapsed for progress in reports[:-1])]
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) >= PROGRESS_INTERVAL * 0.999  # rounding


async def test_an_empty_batch_has_a_final_report(client: AsyncConversationClient) -> None:
    reports: list[BatchProgress] = []
    await client.associate_many("c", Material.ASSET, [], on_progress=reports.append)
    assert [(progress.done, progress.failed, progress.total) for progress in reports] == [(0, 0, 0)]


# Bounds


@asynccontextmanager
async def meeting_point(size: int) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that answers as soon as so many requests have met, and notes how many there are."""
    held: set[object] = set()
    counts: list[int] = []
    barrier = asyncio.Barrier(size)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                held.add(writer)
                counts.append(len(held))
                await barrier.wait()
                await asyncio.sleep(0.005)  # in which one too many may come
                held.remove(writer)
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", counts


@shapes
@pytest.mark.parametrize("concurrency", [1, 7, 50])
async def test_so_many_calls_are_under_way_and_never_more(shape: Any, concurrency: int) -> None:
    async with meeting_point(concurrency) as (url, counts), AsyncConversationClient(url) as client:
        ids = [f"a{n}" for n in range(4 * concurrency)]
        await client.associate_many("c", Material.ASSET, shape(ids), concurrency=concurrency)
    assert (len(counts), max(counts)) == (len(ids), concurrency)


MILLIONS = """
import asyncio, os, sys
from conversation_client import AsyncConversationClient, Material

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

def ids(count):
    for number in range(count):
        yield f"{number:036}"

async def async_ids(count):
    for id_ in ids(count):
        yield id_

async def run(url, ids):
    async with AsyncConversationClient(url) as client:
        await client.associate_many("c", Material.ASSET, ids(5_000))
        before = resident()
        peak = [before]
        report = await client.associate_many(
            "c", Material.ASSET, ids(20_000), on_progress=lambda _: peak.append(resident())
        )
    print(report.succeeded, max(peak) - before)

asyncio.run(run(sys.argv[1], ids if sys.argv[2] == "generator" else async_ids))
"""


@pytest.mark.heavy
@needs_proc
@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_memory_does_not_follow_the_number_of_items(kind: str) -> None:
    with stub() as url:
        command = [sys.executable, "-c", MILLIONS, url, kind]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    succeeded, growth = ended.stdout.split()
    assert int(succeeded) == 20_000
    assert float(growth) < 1  # MiB: the ids alone would take more


# Being stopped


def failing_at(count: int) -> Iterator[str]:
    for number in range(count):
        yield f"a{number}"
    raise LookupError("no more")


class Recovering:
    """An async iterator that raises once and would go on."""

    def __init__(self, count: int) -> None:
        self._ids = failing_at(count)

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        await asyncio.sleep(0)
        return next(self._ids, "more")


@pytest.mark.parametrize(
    "ids",
    [failing_at, lambda count: generated(failing_at(count)), Recovering],
    ids=["generator", "async generator", "async iterator"],
)
async def test_an_error_of_the_input_lets_calls_finish_and_starts_no_more(
    server: Emulator, client: AsyncConversationClient, ids: Any
) -> None:
    server.delay = 0.01
    reports: list[BatchProgress] = []
    with pytest.raises(LookupError, match="no more") as caught:
        await client.associate_many(
            STARTING_CONVERSATION,
            Material.ASSET,
            ids(50),
            concurrency=8,
            on_progress=reports.append,
        )
    assert caught.value.__notes__ == ["batch: 50 succeeded, 0 failed"]
    assert (reports[-1].done, reports[-1].failed) == (50, 0)
    assert set(assets(server)) == {f"a{n}" for n in range(50)}
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def slowly(ids: Iterable[str]) -> AsyncIterator[str]:
    for id_ in ids:
        await asyncio.sleep(0.02)
        yield id_


@pytest.mark.parametrize("shape", [iter, slowly], ids=["iterator", "slow async iterator"])
async def test_an_error_of_the_callback_lets_calls_finish_and_starts_no_more(
    server: Emulator, client: AsyncConversationClient, shape: Any
) -> None:
    server.delay = 0.01
    reports: list[BatchProgress] = []

    def on_progress(progress: BatchProgress) -> None:
        reports.append(progress)
        if len(reports) == 1:
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine") as caught:
        await client.associate_many(
            STARTING_CONVERSATION,
            Material.ASSET,
            shape(map(str, range(10**9))),
            concurrency=4,
            on_progress=on_progress,
        )
    first, last = reports
    assert first.done <= last.done <= first.done + 4
    assert last.done == len(assets(server)) == sum(server.counts.values())
    assert caught.value.__notes__ == [f"batch: {last.done} succeeded, 0 failed"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


@shapes
async def test_cancelling_leaves_exact_counts_and_nothing_running(
    server: Emulator, client: AsyncConversationClient, shape: Any
) -> None:
    reports: list[BatchProgress] = []
    task = asyncio.create_task(
        client.associate_many(
            STARTING_CONVERSATION,
            Material.ASSET,
            shape([f"a{n}" for n in range(10_000)]),
            concurrency=8,
            on_progress=reports.append,
        )
    )
    await until(lambda: len(assets(server)) > 50)
    server.delay = LONG  # whoever waited for the calls under way would wait for that
    await asyncio.sleep(0.05)
    task.cancel()
    async with asyncio.timeout(LONG / 2):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert asyncio.all_tasks() == {asyncio.current_task()}
    last = reports[-1]
    assert 1 <= last.failed <= 8  # fewer if the server seems to do few at a time
    await until(lambda: sum(server.counts.values()) == last.done + last.failed)
    for _ in range(2):
        assert last.done <= len(assets(server)) <= last.done + last.failed
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("items", [8, 9], ids=["all under way", "more to come"])
async def test_what_a_cancelled_batch_cuts_off_is_told_of_last(
    server: Emulator, client: AsyncConversationClient, items: int
) -> None:
    loop, reports = asyncio.get_running_loop(), list[BatchProgress]()
    server.delay = LONG
    batch = asyncio.create_task(
        client.associate_many(
            STARTING_CONVERSATION,
            Material.ASSET,
            map(str, range(items)),
            concurrency=8,
            on_progress=reports.append,
        )
    )
    await until(lambda: len(server.requests) == 8)

    def be_slow(steps: int) -> None:
        time.sleep(PROGRESS_INTERVAL)
        if steps:
            loop.call_soon(be_slow, steps - 1)

    batch.cancel()
    be_slow(8)
    with pytest.raises(asyncio.CancelledError):
        await batch
    *before, last = [report.failed for report in reports]
    assert not any(before)
    assert last == 8


async def test_an_input_that_keeps_a_cancellation_to_itself_does_not_hold_the_batch(
    client: AsyncConversationClient,
) -> None:
    began = asyncio.Event()

    async def deaf() -> AsyncIterator[str]:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(LONG)
        while True:
            yield "a1"

    batch = asyncio.create_task(
        client.associate_many(STARTING_CONVERSATION, Material.ASSET, deaf())
    )
    await began.wait()
    batch.cancel()
    async with asyncio.timeout(LONG):
        with pytest.raises(asyncio.CancelledError):
            await batch


# Outcomes one by one


@shapes
@pytest.mark.parametrize("concurrency", [1, 8])
async def test_outcomes_come_once_for_each_item(
    server: Emulator, client: AsyncConversationClient, shape: Any, concurrency: int
) -> None:
    ids = ["", *(f"a{n}" for n in range(100)), ".."]
    outcomes = [
        outcome
        async for outcome in client.iter_associate_many(
            STARTING_CONVERSATION, Material.ASSET, shape(ids), concurrency=concurrency
        )
    ]
    assert sorted(str(outcome.item) for outcome in outcomes) == sorted(ids)
    failed = {outcome.item: outcome.error for outcome in outcomes if not outcome.succeeded}
    assert failed.keys() == {"", ".."}
    assert {type(error) for error in failed.values()} == {InvalidArgumentError}
    assert set(assets(server)) == set(ids[1:-1])
    removed = client.iter_disassociate_many(STARTING_CONVERSATION, Material.ASSET, ids[1:-1])
    assert all([outcome.succeeded async for outcome in removed])
    assert assets(server) == ()


async def test_outcomes_come_in_order_of_completion() -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/slow " in head:
            await others.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    others = asyncio.Event()
    items: list[object] = []
    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, AsyncConversationClient(url) as client:
        ids = ["slow", *map(str, range(9))]
        async for outcome in client.iter_associate_many("c", Material.ASSET, ids, concurrency=2):
            items.append(outcome.item)
            if len(items) == len(ids) - 1:
                others.set()
    assert items[-1] == "slow"


@shapes
async def test_outcomes_that_nobody_takes_hold_the_batch_up(
    server: Emulator, client: AsyncConversationClient, shape: Any
) -> None:
    ids = [f"a{n}" for n in range(500)]
    outcomes = client.iter_associate_many(
        STARTING_CONVERSATION, Material.ASSET, shape(ids), concurrency=4
    )
    await anext(outcomes)
    await until(lambda: sum(server.counts.values()) == 1 + 4 + 4)
    await asyncio.sleep(0.05)  # in which one too many may come
    assert sum(server.counts.values()) == 9
    assert len([outcome async for outcome in outcomes]) == 499


async def next_ids_of(outcomes: list[BatchOutcome]) -> AsyncIterator[str]:
    for number in range(20):
        while len(outcomes) < number:  # noqa: ASYNC110  # that is what a queue of work does
            await asyncio.sleep(0.001)
        yield f"a{number}"


async def test_outcomes_may_lead_to_new_items(client: AsyncConversationClient) -> None:
    taken: list[BatchOutcome] = []
    async for outcome in client.iter_associate_many(
        STARTING_CONVERSATION, Material.ASSET, next_ids_of(taken)
    ):
        taken.append(outcome)  # noqa: PERF401  # the input looks at it
    assert [outcome.item for outcome in taken] == [f"a{number}" for number in range(20)]


@shapes
@pytest.mark.parametrize("taken", [0, 1, 30])
async def test_outcomes_that_are_left_early_leave_nothing(
    server: Emulator, client: AsyncConversationClient, shape: Any, taken: int
) -> None:
    ids = [f"a{n}" for n in range(10_000)]
    outcomes = client.iter_associate_many(
        STARTING_CONVERSATION, Material.ASSET, shape(ids), concurrency=4
    )
    async with aclosing(outcomes):
        for _ in range(taken):
            assert (await anext(outcomes)).succeeded
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert sum(server.counts.values()) <= taken + 8


async def test_outcomes_that_are_forgotten_leave_nothing(
    server: Emulator, client: AsyncConversationClient
) -> None:
    async for _ in client.iter_associate_many(
        STARTING_CONVERSATION, Material.ASSET, map(str, range(10**9))
    ):
        break
    gc.collect()
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
    assert sum(server.counts.values()) <= 65


@pytest.mark.parametrize(
    "ids", [failing_at, lambda count: generated(failing_at(count))], ids=["sync", "async"]
)
async def test_an_error_of_the_input_comes_after_the_outcomes(
    client: AsyncConversationClient, ids: Any
) -> None:
    outcomes: list[BatchOutcome] = []

    async def take_all() -> None:
        iterator = client.iter_associate_many(STARTING_CONVERSATION, Material.ASSET, ids(50))
        async for outcome in iterator:
            outcomes.append(outcome)  # noqa: PERF401  # an error is to lose none

    with pytest.raises(LookupError, match="no more"):
        await take_all()
    assert len(outcomes) == 50
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_arguments_of_an_iterator_are_refused_at_once(
    server: Emulator, client: AsyncConversationClient
) -> None:
    good: dict[str, Any] = {"conversation": "c", "material": "asset", "ids": ["a"]}
    wrong: dict[str, Any] = {"conversation": "", "material": "x", "ids": "abc", "concurrency": 0}
    for method in (client.iter_associate_many, client.iter_disassociate_many):
        for name, value in wrong.items():
            with pytest.raises(InvalidArgumentError, match=f"^{name}: "):
                method(**good | {name: value})
    assert not server.counts


# Pairs


@shapes
async def test_one_at_a_time_come_to_their_end(
    server: Emulator, client: AsyncConversationClient, shape: Any
) -> None:
    ids = [f"a{number}" for number in range(50)]
    async with asyncio.timeout(10):
        report = await client.associate_many(
            STARTING_CONVERSATION, Material.ASSET, shape(ids), concurrency=1
        )
        assert (report.succeeded, set(assets(server))) == (50, set(ids))
        pairs = [Association(STARTING_CONVERSATION, Material.ASSET, id_) for id_ in ids]
        assert (await client.apply(shape(pairs), concurrency=1)).succeeded == 50


@shapes
async def test_pairs_over_many_conversations_are_applied(
    server: Emulator, client: AsyncConversationClient, shape: Any
) -> None:
    conversations = [server.seed() for _ in range(3)]
    pairs = [
        Association(conversation, material, f"{material}-{number}")
        for conversation in conversations
        for material in Material
        for number in range(3)
    ]
    reports: list[BatchProgress] = []
    report = await client.apply(shape(pairs), on_progress=reports.append)
    assert (report.succeeded, reports[-1].done) == (len(pairs), len(pairs))
    for pair in pairs:
        assert pair.id in server.associations(str(pair.conversation), pair.material)
    undone = [Disassociation(pair.conversation, pair.material, pair.id) for pair in pairs]
    assert (await client.apply(shape(undone), concurrency=2)).succeeded == len(pairs)
    for pair in pairs:
        assert server.associations(str(pair.conversation), pair.material) == ()


async def test_a_pair_that_cannot_be_sent_fails_alone(
    server: Emulator, client: AsyncConversationClient
) -> None:
    material: Any = "assets"
    wrong: list[Any] = [
        Association("", Material.ASSET, "a"),
        Association(STARTING_CONVERSATION, material, "a"),
        Disassociation(STARTING_CONVERSATION, Material.ASSET, ".."),
        "a",
        None,
        (STARTING_CONVERSATION, Material.ASSET, "a"),
    ]
    pairs = [*wrong, Association(STARTING_CONVERSATION, Material.ASSET, uuid.UUID(int=7))]
    report = await client.apply(pairs)
    assert (report.succeeded, report.failed) == (1, len(wrong))
    assert [failure.item for failure in report.failures] == wrong
    assert {type(failure.error) for failure in report.failures} == {InvalidArgumentError}
    names = [
        str(failure.error).partition("): ")[2] or str(failure.error) for failure in report.failures
    ]
    assert [name.partition(": ")[0] for name in names] == [
        *("conversation", "material", "asset"),
        *3 * ["associations"],
    ]
    assert assets(server) == (str(uuid.UUID(int=7)),)


async def test_pairs_have_to_be_iterable(client: AsyncConversationClient) -> None:
    for value in ("abc", 7, None, Association("c", Material.ASSET, "a")):
        pairs: Any = value
        with pytest.raises(InvalidArgumentError, match=r"^associations: an iterable is needed"):
            await client.apply(pairs)
