"""Journals: what they hold, whatever ends the batch, and what happens to files that are none."""

import asyncio
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from children import started, without_coverage
from machines import nobody
from needs import needs_fifos, needs_proc, needs_resource, needs_signals
from stub_server import stub
from waiting import LONG, until, wait_until

import conversation_client
from conversation_client import (
    AsyncConversationClient,
    BatchProgress,
    ClientClosedError,
    ConversationClient,
    InvalidArgumentError,
    JournalCorruptError,
    JournalError,
    JournalFailure,
    JournalLockedError,
    JournalMismatchError,
    JournalVersionError,
    Material,
    ServerNotRunningError,
    _journal,
    journal_failures,
    operations,
    read_journal,
)
from conversation_client._journal_file import BLOCK
from conversation_client.testing import STARTING_CONVERSATION, Emulator

ASSET = Material.ASSET


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path for a journal, in a directory of its own."""
    directory = tmp_path / "journals"
    directory.mkdir()
    return directory / "a b?#%.journal"


async def generated(ids: Iterable[Any]) -> AsyncIterator[Any]:
    for id_ in ids:
        await asyncio.sleep(0)
        yield id_


SHAPES: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "generator": lambda ids: (id_ for id_ in ids),
    "async generator": generated,
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def names(count: int) -> list[str]:
    return [f"a{number}" for number in range(count)]


def assets(server: Emulator) -> set[str]:
    return set(server.associations(STARTING_CONVERSATION, ASSET))


def requests(server: Emulator) -> int:
    return sum(server.counts.values())


def counts(path: Path) -> tuple[int, int, int]:
    summary = read_journal(path)
    assert summary.total == summary.done + summary.failed + summary.queued
    return summary.done, summary.failed, summary.queued


def files(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir()]


def contents(path: Path) -> dict[str, bytes]:
    """Return all files beside a journal, and itself."""
    return {file.name: file.read_bytes() for file in path.parent.iterdir()}


def rows(path: Path) -> list[tuple[int, str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = lambda text: text.decode(errors="replace")
        return connection.execute("SELECT * FROM item ORDER BY position").fetchall()


# What it holds


@shapes
@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3])
async def test_every_item_is_done_and_written_down(
    server: Emulator, client: AsyncConversationClient, path: Path, shape: Any, count: int
) -> None:
    ids = names(count)
    for attempt in range(2):
        report = await client.associate_many(STARTING_CONVERSATION, ASSET, shape(ids), journal=path)
        done = 0 if attempt else count
        assert (report.succeeded, report.skipped, report.failed) == (done, count - done, 0)
        assert (requests(server), assets(server)) == (count, set(ids))
        assert counts(path) == (count, 0, 0)
    assert rows(path) == [(number, id_, "done") for number, id_ in enumerate(ids, 1)]
    assert files(path) == [path.name]


async def test_its_summary_says_what_the_job_is(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    ids: list[str | uuid.UUID] = [uuid.uuid4(), "b"]
    with_password = client.__class__(server.url.replace("//", "//me:secret@"))
    async with with_password:
        await with_password.disassociate_many("c/d", Material.RANGE, ids, journal=path)
    summary = read_journal(str(path))
    assert (summary.operation, summary.verb) == (operations.DISASSOCIATE_RANGE.id, "disassociate")
    assert (summary.conversation, summary.material) == ("c/d", Material.RANGE)
    assert (summary.base_url, summary.complete) == (server.url, True)
    assert [row[1] for row in rows(path)] == [str(ids[0]), "b"]
    assert not any(b"secret" in content for content in contents(path).values())


def test_only_its_owner_may_read_it(blocking_client: ConversationClient, path: Path) -> None:
    modes: set[int] = set()

    def look(_: BatchProgress) -> None:
        modes.update(stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir())

    previous = os.umask(0)
    try:
        blocking_client.associate_many("c", ASSET, names(3), journal=path, on_progress=look)
        assert modes == {0o600}
        path.unlink()
        path.touch()
        blocking_client.associate_many("c", ASSET, names(3), journal=path, on_progress=look)
    finally:
        os.umask(previous)
    assert modes == {0o600}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_failures_are_kept_and_sent_again(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    ids = names(600)
    server.fail_next(500, times=3, text="not today")
    once = client.with_options(retry=None)
    report = await once.associate_many(STARTING_CONVERSATION, ASSET, ids, journal=path)
    assert (report.succeeded, report.failed, counts(path)) == (597, 3, (597, 3, 0))
    failures = list(journal_failures(path))
    assert [failure.position for failure in failures] == sorted(f.position for f in failures)
    assert {(f.item, f.error) for f in failures} == {
        (f.item, str(f.error)) for f in report.failures
    }
    assert all(ids[failure.position - 1] == failure.item for failure in failures)

    server.fail_next(500, text="nor tomorrow")
    report = await once.resume(path)
    assert (report.succeeded, report.skipped, report.failed) == (2, 597, 1)
    (left,) = journal_failures(path)
    assert "nor tomorrow" in left.error

    report = await once.associate_many(STARTING_CONVERSATION, ASSET, ids, journal=path)
    assert (report.succeeded, report.skipped, report.failed) == (1, 599, 0)
    assert (counts(path), list(journal_failures(path))) == ((600, 0, 0), [])
    assert (requests(server), assets(server)) == (604, set(ids))


class Odd:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


INVALID = ["", "..", "a\nb", "\0", "x" * 1025, "\ud800", "\ud83d\ude00", None, True, 7, b"c", [1]]


@shapes
async def test_an_invalid_id_fails_alone_and_comes_back_as_it_was(
    server: Emulator, client: AsyncConversationClient, path: Path, shape: Any
) -> None:
    ids = ["first", "é😀", *INVALID, Odd(), "last"]
    for attempt in range(2):
        report = await client.associate_many(STARTING_CONVERSATION, ASSET, shape(ids), journal=path)
        assert report.failed == len(ids) - 3
        assert report.skipped == 3 * attempt
        assert {type(failure.error) for failure in report.failures} == {InvalidArgumentError}
        items = [failure.item for failure in report.failures]
        assert items[:-7] == INVALID[:-6]
        assert [repr(item) for item in items[-7:-1]] == [repr(item) for item in INVALID[-6:]]
    assert assets(server) == {"first", "é😀", "last"}
    failures = list(journal_failures(path))
    assert [failure.position for failure in failures] == [*range(3, len(ids))]
    assert failures[0] == JournalFailure(3, "", str(report.failures[0].error))
    assert len(rows(path)) == len(ids)


async def test_duplicates_count_as_often_as_they_come(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    report = await client.associate_many(
        STARTING_CONVERSATION, ASSET, ["a", "a", "a"], journal=path
    )
    assert (report.succeeded, counts(path)) == (3, (3, 0, 0))


async def test_progress_begins_before_the_first_call_and_counts_what_was_done_before(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    async def slow(ids: list[str]) -> AsyncIterator[str]:
        for id_ in ids:
            await asyncio.sleep(0.0005)
            yield id_

    ids = names(BLOCK + 50)
    first: list[BatchProgress] = []
    second: list[BatchProgress] = []
    for reports in (first, second):
        await client.associate_many(
            STARTING_CONVERSATION, ASSET, slow(ids), journal=path, on_progress=reports.append
        )
    assert (first[0].done, first[0].total, first[0].elapsed >= 0.1) == (0, None, True)
    assert (first[-1].done, first[-1].skipped, first[-1].total) == (len(ids), 0, len(ids))
    assert (second[-1].done, second[-1].skipped, second[-1].total) == (0, len(ids), len(ids))


# Going on


def test_a_job_is_resumed_from_its_journal_alone(server: Emulator, path: Path) -> None:
    ids = names(300)
    with ConversationClient(server.url, retry=None) as client:
        server.fail_next(500, times=60)
        client.associate_many(STARTING_CONVERSATION, ASSET, ids, journal=path)
        assert counts(path) == (240, 60, 0)
        server.fail_next(500, times=59)
        assert client.resume(path).succeeded == 1
    reports: list[BatchProgress] = []
    # More than one might be fewer in the end, where the server gains nothing from more.
    report = conversation_client.resume(path, on_progress=reports.append, concurrency=1)
    assert (report.succeeded, report.skipped, assets(server)) == (59, 241, set(ids))
    assert (reports[-1].done, reports[-1].skipped, reports[-1].concurrency) == (59, 241, 1)


def test_a_job_is_resumed_on_another_server(path: Path) -> None:
    with Emulator() as first, ConversationClient(first.url) as client:
        ids = [*names(9), ""]
        client.associate_many(STARTING_CONVERSATION, ASSET, ids, journal=path)
        gone = first.url
    report = conversation_client.resume(path, give_up_after=0.1)
    assert (report.skipped, report.failed) == (9, 1)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE state SET states = x'71717171717171717171'")
    connection.close()
    with nobody(int(gone.rpartition(":")[2])):
        report = conversation_client.resume(path, give_up_after=0.1)
    assert isinstance(report.ended_by, ServerNotRunningError)
    with Emulator() as second:
        report = conversation_client.resume(path, second.url)
        assert (report.succeeded, assets(second)) == (9, set(names(9)))
    assert read_journal(path).base_url == gone


def test_what_was_not_started_stays_queued(path: Path) -> None:
    with (
        nobody() as free,
        ConversationClient(f"http://127.0.0.1:{free}", retry=None) as client,
    ):
        report = client.associate_many("c", ASSET, names(50), journal=path, give_up_after=0.1)
    assert (report.not_started, counts(path)) == (50, (0, 0, 50))


async def test_what_a_closed_client_did_not_send_stays_queued(server: Emulator, path: Path) -> None:
    client = AsyncConversationClient(server.url)
    server.delay = 0.01
    async with asyncio.TaskGroup() as group:
        batch = group.create_task(
            client.associate_many(
                STARTING_CONVERSATION, ASSET, names(9_999), journal=path, concurrency=4
            )
        )
        await until(lambda: server.counts)
        await client.aclose()
    report = batch.result()
    assert isinstance(report.ended_by, ClientClosedError)
    assert report.succeeded + report.failed < 100
    assert report.not_started == 9_999 - report.succeeded - report.failed
    assert counts(path) == (report.succeeded, report.failed, report.not_started)


CHILD = """
import asyncio, os, signal, sys, time
from conversation_client import *
from conversation_client.testing import STARTING_CONVERSATION as C

url, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
ids = [f"a{number}" for number in range(count)]
client = ConversationClient(url)
"""


@contextmanager
def child(
    script: str,
    *arguments: object,
    prefix: Iterable[str] = (),
    env: dict[str, str] | None = None,
    is_new: bool = False,
) -> "Iterator[Any]":
    """Run a script after `CHILD`; the process is killed in the end."""
    with started(
        CHILD + script, *map(str, arguments), environment=env, wrapper=[*prefix], is_new=is_new
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run_child(
    script: str,
    *arguments: object,
    prefix: Iterable[str] = (),
    timeout: float = LONG,
    env: dict[str, str] | None = None,
    is_new: bool = False,
) -> str:
    """Run a script after `CHILD` to its end, and return what it prints."""
    with child(script, *arguments, prefix=prefix, env=env, is_new=is_new) as process:
        out, err = process.communicate(timeout=timeout)
    assert not err
    assert process.returncode == 0
    return str(out)


@pytest.mark.parametrize("concurrency", [4, 32])
def test_a_kill_loses_nothing_and_repeats_little(
    server: Emulator, path: Path, concurrency: int
) -> None:
    ids = names(2_500)
    script = "client.associate_many(C, Material.ASSET, ids, journal=path, concurrency={})"
    with child(script.format(concurrency), server.url, path, len(ids)) as process:
        wait_until(lambda: len(assets(server)) > 1_000)
        process.kill()
        process.wait()
    before = contents(path)
    done, failed, queued = counts(path)
    assert 1 <= done <= len(assets(server))
    assert (failed, done + queued) == (0, len(ids))
    assert contents(path) == before
    assert conversation_client.resume(path).skipped == done
    assert (assets(server), counts(path)) == (set(ids), (len(ids), 0, 0))
    assert len(ids) <= requests(server) <= len(ids) + 256 + concurrency
    assert files(path) == [path.name]


@needs_signals
def test_what_is_done_is_written_soon_even_if_nothing_follows(server: Emulator, path: Path) -> None:
    script = "client.associate_many(C, Material.ASSET, ids, journal=path, concurrency=1)"
    log = Path(f"{path}-wal")
    server.delay = 0.3
    with child(script, server.url, path, 3):
        wait_until(lambda: log.exists() and b"dqq" in log.read_bytes())
    assert counts(path)[0] >= 1


KILLED_WHILE_READING = """
import conversation_client._journal
conversation_client._journal.TURN = 2

def killing():
    yield from ids
    os.kill(os.getpid(), signal.SIGKILL)

client.associate_many(C, Material.ASSET, killing(), journal=path)
"""


@needs_signals
@shapes
def test_a_job_that_was_killed_while_its_input_was_read_is_begun_again(
    server: Emulator, blocking_client: ConversationClient, path: Path, shape: Any
) -> None:
    ids = names(10 * BLOCK)
    with child(KILLED_WHILE_READING, server.url, path, 5 * BLOCK) as process:
        process.wait()
    summary = read_journal(path)
    assert (summary.complete, summary.queued) == (False, summary.total)
    assert 0 < summary.total < 5 * BLOCK
    before = contents(path)
    with pytest.raises(JournalError, match="repeat the call that began it"):
        blocking_client.resume(path)
    for other in (ids[: BLOCK + 1], [*ids[:BLOCK], "x"], ["x", *ids]):
        with pytest.raises(JournalMismatchError, match=r"item (257|258|1) is"):
            blocking_client.associate_many(STARTING_CONVERSATION, ASSET, shape(other), journal=path)
    assert contents(path) == before
    assert requests(server) == 0
    report = blocking_client.associate_many(
        STARTING_CONVERSATION, ASSET, shape(ids[: 6 * BLOCK - 7]), journal=path
    )
    assert report.succeeded == requests(server) == 6 * BLOCK - 7
    assert assets(server) == set(ids[: 6 * BLOCK - 7])


async def test_an_error_of_the_input_leaves_a_journal_to_go_on_with(
    server: Emulator,
    client: AsyncConversationClient,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_journal, "TURN", 2)
    ids = names(5 * BLOCK)

    def failing() -> Iterator[str]:
        yield from ids
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        await client.associate_many(STARTING_CONVERSATION, ASSET, failing(), journal=path)
    assert not read_journal(path).complete
    assert files(path) == [path.name]
    report = await client.associate_many(STARTING_CONVERSATION, ASSET, ids, journal=path)
    assert report.succeeded == requests(server) == len(ids)


# Being stopped


async def test_cancelling_writes_exactly_what_was_done(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    reports: list[BatchProgress] = []
    batch = asyncio.create_task(
        client.associate_many(
            STARTING_CONVERSATION,
            ASSET,
            names(2_000),
            concurrency=8,
            journal=path,
            on_progress=reports.append,
        )
    )
    async with asyncio.timeout(LONG):
        while len(assets(server)) < 500:  # noqa: ASYNC110  # the server is in another thread
            await asyncio.sleep(0.001)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    done, failed, queued = counts(path)
    assert (done, failed) == (reports[-1].done, 0)
    assert done <= len(assets(server)) <= done + 8
    assert files(path) == [path.name]
    report = await client.resume(path)
    assert (report.skipped, report.succeeded) == (done, queued)
    assert assets(server) == set(names(2_000))


async def test_an_error_of_the_callback_writes_what_was_done(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    def on_progress(progress: BatchProgress) -> None:
        if progress.done:
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await client.associate_many(
            STARTING_CONVERSATION, ASSET, names(9_000), journal=path, on_progress=on_progress
        )
    assert counts(path)[0] == len(assets(server)) == requests(server)
    assert files(path) == [path.name]


@needs_signals
def test_ctrl_c_writes_what_was_done(server: Emulator, path: Path) -> None:
    script = """
try:
    client.associate_many(C, Material.ASSET, ids, journal=path)
except KeyboardInterrupt:
    print("interrupted")
"""
    with child(script, server.url, path, 20_000) as process:
        wait_until(lambda: len(assets(server)) > 500)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONG)
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)
    assert len(assets(server)) - 32 <= counts(path)[0] <= len(assets(server))
    assert files(path) == [path.name]


# Refusals


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The journal of 1,000 assets that are done."""
    path = tmp_path_factory.mktemp("ended") / "journal"
    with Emulator() as server, ConversationClient(server.url) as client:
        client.associate_many(STARTING_CONVERSATION, ASSET, names(1000), journal=path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What is appended to the path of a journal and what is there: 1,000 assets, some done."""
    path = tmp_path_factory.mktemp("killed") / "journal"
    with Emulator(delay=0.01) as server:
        script = "client.associate_many(C, Material.ASSET, ids, journal=path)"
        with child(script, server.url, path, 1000) as process:
            wait_until(lambda: len(assets(server)) > 800)
    assert process.returncode  # it was killed
    return {end: Path(f"{path}{end}").read_bytes() for end in ("", "-wal")}


@pytest.fixture
def used(path: Path, ended: bytes) -> Path:
    """A journal as `ended`."""
    path.write_bytes(ended)
    return path


def patched(at: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda whole: whole[:at] + value + whole[at + len(value) :]


def other_database(_: bytes) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE job (operation)")
        return connection.serialize()


def changed_by(*statements: str) -> Callable[[bytes], bytes]:
    def change(whole: bytes) -> bytes:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            connection.deserialize(whole)
            for statement in statements:
                connection.execute(statement)
            return connection.serialize()

    return change


NO_JOURNALS: dict[str, tuple[Callable[[bytes], bytes], type[JournalError], str]] = {
    "text": (lambda _: b"a,b,c\n" * 99, JournalCorruptError, "no journal of this library"),
    "one byte": (lambda _: b"S", JournalCorruptError, "no journal of this library"),
    "another database": (other_database, JournalCorruptError, "no journal of this library"),
    "newer": (patched(60, b"\0\0\0\x02"), JournalVersionError, "format 2.*upgrade"),
    "header alone": (lambda whole: whole[:100], JournalCorruptError, "damaged"),
    "half": (lambda whole: whole[: len(whole) // 2], JournalCorruptError, "damaged"),
    "overwritten": (patched(4096, b"\xff" * 9000), JournalCorruptError, "damaged"),
    "no table": (changed_by("DROP TABLE state"), JournalCorruptError, "damaged"),
    "no job": (changed_by("DELETE FROM job"), JournalCorruptError, "damaged.*no job"),
    "job unknown": (changed_by("UPDATE job SET operation = 'x'"), JournalCorruptError, "no job"),
    "block missing": (
        changed_by("DELETE FROM block WHERE number = 1"),
        JournalCorruptError,
        "items are missing",
    ),
    "state missing": (
        changed_by("UPDATE state SET states = x'71' WHERE number = 1"),
        JournalCorruptError,
        "items are missing",
    ),
}


@pytest.mark.parametrize("name", NO_JOURNALS)
def test_what_is_no_journal_is_refused_and_left_as_it_is(
    server: Emulator, blocking_client: ConversationClient, used: Path, name: str
) -> None:
    change, kind, match = NO_JOURNALS[name]
    used.write_bytes(change(used.read_bytes()))
    before, sent = contents(used), requests(server)
    uses: list[Callable[[], object]] = [
        lambda: blocking_client.associate_many(
            STARTING_CONVERSATION, ASSET, names(1000), journal=used
        ),
        lambda: blocking_client.resume(used),
        lambda: conversation_client.resume(used),
        lambda: read_journal(used),
        lambda: journal_failures(used),
    ]
    for use in uses:
        with pytest.raises(kind, match=match) as caught:
            use()
        assert type(caught.value) is kind
        assert str(caught.value).startswith(f"{used}: ")
        assert contents(used) == before
    assert requests(server) == sent


@pytest.mark.parametrize("text", ["", "{", "{}", "7", "[1", '[{"x":1}]', "[" * 10**5, '["a"]'])
def test_a_block_that_is_none_is_an_error_that_says_so(
    blocking_client: ConversationClient, used: Path, text: str
) -> None:
    with closing(sqlite3.connect(used, isolation_level=None)) as connection:
        connection.execute("UPDATE block SET ids = ? WHERE number = 2", [text])
        connection.execute("UPDATE state SET states = replace(states, 'd', 'q')")
    with pytest.raises(JournalCorruptError, match=r"damaged.*block 2"):
        blocking_client.resume(used)
    if text != '["a"]':
        with pytest.raises(JournalCorruptError, match=r"damaged.*block 2"):
            blocking_client.associate_many(STARTING_CONVERSATION, ASSET, names(1000), journal=used)


def test_a_block_that_somebody_has_spelled_anew_is_the_same(
    blocking_client: ConversationClient, used: Path
) -> None:
    with closing(sqlite3.connect(used, isolation_level=None)) as connection:
        connection.execute("UPDATE block SET ids = replace(ids, ',', ', ')")
        connection.execute("UPDATE state SET states = CAST(states AS TEXT)")
    report = blocking_client.associate_many(STARTING_CONVERSATION, ASSET, names(1000), journal=used)
    assert report.skipped == 1000


def test_a_failure_of_no_item_is_an_error_that_says_so(used: Path) -> None:
    with closing(sqlite3.connect(used, isolation_level=None)) as connection:
        connection.execute("INSERT INTO failure VALUES (1001, 'x')")
    with pytest.raises(JournalCorruptError, match="damaged"):
        list(journal_failures(used))


OTHER_JOBS: dict[str, tuple[dict[str, Any], str]] = {
    "conversation": ({"conversation": "c2"}, "journal of .* on '0.*, not of .* on 'c2'"),
    "material": ({"material": Material.ANCHOR}, "associate_asset on .*_associate_anchor on"),
    "first": ({"ids": ["x", *names(1000)]}, "item 1 is 'a0' there and 'x' here"),
    "one": ({"ids": [*names(600), "x", *names(1000)[601:]]}, "item 601 is 'a600' .* 'x' here"),
    "last": ({"ids": [*names(999), "x"]}, "item 1000 is 'a999' there and 'x' here"),
    "kind": ({"ids": [*names(999), b"a999"]}, "item 1000 is 'a999' there and b'a999' here"),
    "fewer": ({"ids": names(512)}, "item 513 is 'a512' there and missing here"),
    "none": ({"ids": []}, "item 1 is 'a0' there and missing here"),
    "more": ({"ids": names(1001)}, "item 1001 is missing there and 'a1000' here"),
}


async def test_one_item_more_is_another_job(client: AsyncConversationClient, path: Path) -> None:
    ids = names(2 * BLOCK)
    await client.associate_many(STARTING_CONVERSATION, ASSET, ids, journal=path)
    before = contents(path)
    with pytest.raises(JournalMismatchError, match="item 513 is missing there and 'x' here"):
        await client.associate_many(STARTING_CONVERSATION, ASSET, [*ids, "x"], journal=path)
    assert contents(path) == before


@pytest.fixture(params=["ended", "killed"])
def begun(request: pytest.FixtureRequest, path: Path) -> Path:
    """A journal of 1,000 assets, of a batch that is over."""
    made = request.getfixturevalue(request.param)
    for end, content in {"": made}.items() if isinstance(made, bytes) else made.items():
        Path(f"{path}{end}").write_bytes(content)
    return path


@pytest.mark.parametrize("shape", [list, generated], ids=["list", "async generator"])
@pytest.mark.parametrize("name", OTHER_JOBS)
def test_the_journal_of_another_job_is_refused_and_left_as_it_is(
    server: Emulator, blocking_client: ConversationClient, begun: Path, name: str, shape: Any
) -> None:
    before = contents(begun)
    others, match = OTHER_JOBS[name]
    plain: dict[str, Any] = {"conversation": STARTING_CONVERSATION, "material": ASSET}
    arguments = plain | {"ids": names(1000)} | others
    arguments["ids"] = shape(arguments["ids"])
    with pytest.raises(JournalMismatchError, match=match):
        blocking_client.associate_many(**arguments, journal=begun)
    with pytest.raises(JournalMismatchError, match="disassociate_asset"):
        blocking_client.disassociate_many(STARTING_CONVERSATION, ASSET, [], journal=begun)
    assert (contents(begun), requests(server)) == (before, 0)
    assert blocking_client.resume(begun).failed == 0
    assert counts(begun) == (1000, 0, 0)


# In use

HOLDING = """
def hold(progress):
    print("holding", flush=True)
    sys.stdin.readline()

client.associate_many(C, Material.ASSET, ids, journal=path, on_progress=hold)
"""


def test_a_journal_in_use_is_refused(
    server: Emulator, blocking_client: ConversationClient, path: Path
) -> None:
    server.delay = 0.2
    with child(HOLDING, server.url, path, 100) as process:
        assert process.stdout.readline() == "holding\n"
        before = contents(path)
        uses: list[Callable[[], object]] = [
            lambda: blocking_client.associate_many(
                STARTING_CONVERSATION, ASSET, names(100), journal=path
            ),
            lambda: blocking_client.resume(path),
            lambda: read_journal(path),
            lambda: journal_failures(path),
        ]
        for use in uses:
            with pytest.raises(JournalLockedError, match="in use"):
                use()
        assert contents(path) == before
        server.delay = 0
        process.kill()
    assert blocking_client.resume(path).failed == 0
    assert assets(server) == set(names(100))


async def test_a_journal_in_use_by_the_same_process_is_refused_and_stays_locked(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    script = """
try:
    read_journal(path)
except JournalLockedError:
    print("locked")
"""
    told: list[str] = []

    def on_progress(_: BatchProgress) -> None:
        if not told:
            with pytest.raises(JournalLockedError, match="in use"):
                read_journal(path)
            told.append(run_child(script, server.url, path, 0))

    server.delay = 0.02
    batch = asyncio.create_task(
        client.associate_many(
            STARTING_CONVERSATION, ASSET, names(500), journal=path, on_progress=on_progress
        )
    )
    async with asyncio.timeout(LONG):
        while not told:  # noqa: ASYNC110  # progress has no event
            await asyncio.sleep(0.001)
    with pytest.raises(JournalLockedError, match="in use"):
        await client.resume(path)
    with pytest.raises(JournalLockedError, match="in use"):
        await client.associate_many(STARTING_CONVERSATION, ASSET, names(500), journal=path)
    assert (await batch).succeeded == 500
    assert told == ["locked\n"]
    assert counts(path) == (500, 0, 0)


async def test_of_two_batches_that_begin_a_journal_one_is_refused(
    server: Emulator, path: Path
) -> None:
    async with AsyncConversationClient(server.url) as client:
        batch = client.associate_many(STARTING_CONVERSATION, ASSET, names(99), journal=path)
        other = client.associate_many(STARTING_CONVERSATION, ASSET, names(99), journal=path)
        results = await asyncio.gather(batch, other, return_exceptions=True)
    assert {type(result).__name__ for result in results} == {"BatchReport", "JournalLockedError"}
    assert (requests(server), counts(path)) == (99, (99, 0, 0))


def test_a_journal_that_is_being_read_is_not_written(
    server: Emulator, blocking_client: ConversationClient, path: Path
) -> None:
    blocking_client.associate_many(STARTING_CONVERSATION, ASSET, ["", ".."], journal=path)
    failures = journal_failures(path)
    assert next(failures).position == 1
    with pytest.raises(JournalLockedError, match="in use"):
        blocking_client.resume(path)
    assert [failure.position for failure in failures] == [2]
    assert blocking_client.resume(path).failed == 2


# Disks

NAMESPACE = ("unshare", "--map-root-user", "--mount")
FILE_SYSTEM = """mount -t tmpfs -o size={size} tmpfs "$0" && exec "$@" """


def has_namespaces() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    script = f"{FILE_SYSTEM.format(size='64k')} true"
    command = [*NAMESPACE, "sh", "-c", script, "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


own_disks = pytest.mark.skipif(not has_namespaces(), reason="needs mounts of its own")


def on_own_disk(directory: Path, size: str) -> tuple[str, ...]:
    return (*NAMESPACE, "sh", "-c", FILE_SYSTEM.format(size=size), str(directory))


FULL = """
try:
    client.associate_many(C, Material.ASSET, ids, journal=path)
except JournalFullError as error:
    print(error)
    print(os.listdir(os.path.dirname(path)))
"""


@own_disks
@pytest.mark.parametrize("size", ["4k", "16k", "128k"])
def test_a_disk_too_small_for_the_input_is_named(server: Emulator, path: Path, size: str) -> None:
    out = run_child(FULL, server.url, path, 100_000, prefix=on_own_disk(path.parent, size))
    error, left = out.splitlines()
    assert error.startswith(f"{path}: there is no space left for it")
    assert (left == "[]") == (size != "128k")
    assert requests(server) == 0


FULL_MEANWHILE = """
directory = os.path.dirname(path)

def fill(progress):
    if progress.done and not os.path.exists(directory + "/ballast"):
        with open(directory + "/ballast", "wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 4096):
                    pass
            except OSError:
                pass

try:
    client.associate_many(C, Material.ASSET, ids, journal=path, on_progress=fill)
except JournalFullError as error:
    print(error.__notes__)
try:
    read_journal(path)
except JournalFullError:
    print("full")
os.unlink(directory + "/ballast")
print(read_journal(path).done)
report = resume(path)
print(report.succeeded + report.skipped, report.failed, read_journal(path).done)
print(os.listdir(directory))
"""


@own_disks
def test_a_disk_that_fills_up_stops_the_batch_which_goes_on_once_there_is_room(
    server: Emulator, path: Path
) -> None:
    count = 3_000
    server.delay = 0.01
    prefix = on_own_disk(path.parent, "8m")  # the log alone may grow to half of it
    out = run_child(FULL_MEANWHILE, server.url, path, count, prefix=prefix, timeout=3 * LONG)
    note, full, done, ended, left = out.splitlines()
    assert full == "full"
    succeeded = int(note.split()[1])
    assert 0 < int(done) <= succeeded < count
    assert ended == f"{count} 0 {count}"
    assert left == f"[{path.name!r}]"
    assert assets(server) == set(names(count))
    assert count < requests(server) <= count + 2 * 256 + 32


QUOTA = """
import resource

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
"""


@needs_resource
def test_a_quota_is_as_good_as_a_full_disk(server: Emulator, path: Path) -> None:
    out = run_child(QUOTA + FULL, server.url, path, 100_000, env=without_coverage(), is_new=True)
    assert out.startswith(f"{path}: there is no space left for it")
    assert not read_journal(path).complete
    assert requests(server) == 0


REFUSED = """
for use in (
    lambda: client.associate_many(C, Material.ASSET, ids, journal=path),
    lambda: client.resume(path),
    lambda: resume(path, url),
):
    try:
        use()
    except JournalReadOnlyError as error:
        print(error)
print(read_journal(path).done)
"""


@own_disks
def test_a_disk_that_cannot_be_written_to_is_named(server: Emulator, path: Path) -> None:
    script = f"""
client.associate_many(C, Material.ASSET, ids, journal=path)
assert os.system("mount -o remount,ro '" + os.path.dirname(path) + "'") == 0
{REFUSED}
try:
    client.associate_many(C, Material.ASSET, ids, journal=path + "2")
except JournalReadOnlyError as error:
    print(error)
"""
    out = run_child(script, server.url, path, 9, prefix=on_own_disk(path.parent, "1m"))
    *refused, done, other = out.splitlines()
    assert len(refused) == 3
    assert {error.partition(" cannot be written")[0] for error in refused} == {
        f"{path}: it or its directory"
    }
    assert done == "9"
    assert other.startswith(f"{path}2: it or its directory cannot be written to")
    assert requests(server) == 9


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("which", ["file", "directory"])
def test_a_journal_of_somebody_else_is_refused_and_left_as_it_is(
    server: Emulator, used: Path, which: str
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755 if which == "directory" else 0o777)
        theirs = Path(directory) / "journal"
        theirs.write_bytes(used.read_bytes())
        theirs.chmod(0o666 if which == "directory" else 0o444)
        before = contents(theirs)
        script = f"os.setuid(65534){REFUSED}sys.stdout.flush(); os._exit(0)"
        out = run_child(script, server.url, theirs, 1000, is_new=True)
        assert contents(theirs) == before
    *refused, done = out.splitlines()
    assert len(refused) == 3
    assert {error.partition(" cannot be written")[0] for error in refused} == {
        f"{theirs}: it or its directory"
    }
    assert done == "1000"


# Arguments


async def test_what_is_no_path_is_refused(client: AsyncConversationClient) -> None:
    for wrong in (7, b"bytes", "", "a\0b", object(), ["a"]):
        journal: Any = wrong
        with pytest.raises(InvalidArgumentError, match=r"^journal: "):
            await client.associate_many("c", ASSET, ["a"], journal=journal)
        with pytest.raises(InvalidArgumentError, match=r"^journal: "):
            await client.resume(journal)
        with pytest.raises(InvalidArgumentError, match=r"^journal: "):
            read_journal(journal)
        with pytest.raises(InvalidArgumentError, match=r"^journal: "):
            journal_failures(journal)


async def test_where_there_is_no_journal_there_is_none_afterwards(
    server: Emulator, client: AsyncConversationClient, path: Path
) -> None:
    for use in (client.resume, read_journal, journal_failures):
        with pytest.raises(JournalError, match="there is no journal") as caught:
            await made if asyncio.iscoroutine(made := use(path)) else None
        assert type(caught.value) is JournalError
    wrong: list[dict[str, Any]] = [
        *({"conversation": value} for value in ("", None)),
        *({"concurrency": 0}, {"give_up_after": 0}, {"ids": "abc"}, {"material": "x"}),
    ]
    for arguments in wrong:
        good: dict[str, Any] = {"conversation": "c", "material": ASSET, "ids": ["a"]}
        with pytest.raises(InvalidArgumentError):
            await client.associate_many(**good | arguments, journal=path)
    assert files(path) == []
    with pytest.raises(JournalError, match="its directory does not exist"):
        await client.associate_many("c", ASSET, ["a"], journal=path / "journal")
    assert requests(server) == 0


@pytest.mark.parametrize("kind", ["directory", "device", pytest.param("fifo", marks=needs_fifos)])
async def test_what_is_no_file_is_refused(
    client: AsyncConversationClient, path: Path, kind: str
) -> None:
    target = {"directory": path.parent, "device": Path(os.devnull), "fifo": path}[kind]
    if kind == "fifo":
        os.mkfifo(path)
    mode = target.stat().st_mode
    with pytest.raises(JournalCorruptError, match="it is no file"):
        await client.associate_many("c", ASSET, ["a"], journal=target)
    with pytest.raises(JournalCorruptError, match="it is no file"):
        read_journal(target)
    assert target.stat().st_mode == mode


# Much

MANY = """
ids = (f"{number:036}" for number in range(count))

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

async def run():
    async with AsyncConversationClient(url) as client:
        await client.associate_many(C, "asset", [f"x{n}" for n in range(5000)], journal=path + "1")
        before = resident()
        peak = [before]
        look = lambda _: peak.append(resident())
        await client.associate_many(C, "asset", ids, journal=path, on_progress=look)
    print(max(peak) - before)

asyncio.run(run())
"""


@pytest.mark.heavy
@needs_proc
def test_memory_does_not_follow_the_number_of_items_of_a_journal(path: Path) -> None:
    with stub() as url:
        growth = run_child(MANY, url, path, 50_000, timeout=10 * LONG, is_new=True)
    assert counts(path) == (50_000, 0, 0)
    assert float(growth) < 4  # MiB: the ids alone would take more
