"""Batches in shards: what is cut, what travels, and what running one does."""

import asyncio
import json
import pickle
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from fickle_server import generated, names
from needs import needs_resource
from raw_server import RawServer
from waiting import until

from conversation_client import (
    InvalidArgumentError,
    JournalLockedError,
    JournalMismatchError,
    Material,
    operations,
    read_journal,
)
from conversation_client.shards import Shard, run_shard, run_shard_async, split
from conversation_client.testing import STARTING_CONVERSATION, Emulator

C = STARTING_CONVERSATION
ASSET = Material.ASSET
URLS = ["http://one:1000", "https://two:2000/path"]


def ids_of(shard: Shard) -> list[str]:
    return Path(shard.ids).read_text("utf-8").split("\n")[:-1]


def test_shards_hold_all_ids_once_and_are_dealt_in_turn(tmp_path: Path) -> None:
    ids: list[str | UUID] = ["caf\u00e9 \u2028 x", UUID(int=7), *names(8)]
    shards = list(split(C, ASSET, iter(ids), directory=tmp_path / "d", size=4, base_urls=URLS))
    assert [ids_of(shard) for shard in shards] == [
        list(map(str, ids[start : start + 4])) for start in (0, 4, 8)
    ]
    assert [shard.base_url for shard in shards] == [*URLS, URLS[0]]
    assert {(shard.conversation, shard.material) for shard in shards} == {(C, ASSET)}
    assert len({shard.journal for shard in shards}) == 3
    assert sorted(file.name for file in (tmp_path / "d").iterdir()) == sorted(
        Path(shard.ids).name for shard in shards
    )
    assert list(split(C, ASSET, [], directory=tmp_path)) == []


def test_input_is_read_as_shards_are_asked_for(tmp_path: Path) -> None:
    read: list[str] = []

    def ids() -> Iterator[str]:
        for id_ in names(9):
            read.append(id_)
            yield id_
        raise OSError("the input's own")

    shards = split(C, ASSET, ids(), directory=tmp_path, size=3)
    assert read == []
    for count in (3, 6, 9):
        next(shards)
        assert len(read) == count
    with pytest.raises(OSError, match="the input's own"):
        next(shards)


@needs_resource
def test_memory_does_not_follow_the_input(tmp_path: Path) -> None:
    program = """
import resource, sys
from conversation_client.shards import split
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
ids = (f"{n:036}" for n in range(300_000))
shards = split("c", "asset", ids, directory=sys.argv[1], size=10_000)
next(shards)
before = peak()
print(sum(1 for _ in shards), peak() - before)
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    count, mebibytes = map(int, ended.stdout.split())
    assert count == 29
    assert mebibytes < 10


def test_what_travels_is_small_and_the_same_afterwards(tmp_path: Path) -> None:
    (shard,) = split(C, ASSET, ["a"], directory=tmp_path, base_urls=URLS)
    assert pickle.loads(pickle.dumps(shard)) == shard
    assert len(pickle.dumps(shard)) < 1000
    assert hash(shard) == hash(attrs.evolve(shard))
    sent = json.dumps(attrs.asdict(shard))  # as a queue does it
    assert Shard(**json.loads(sent)) == shard
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        shard.ids = "other"  # type: ignore[misc]


def test_shards_go_where_a_client_would_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", "http://there:5")
    assert next(split(C, ASSET, ["a"], directory=tmp_path)).base_url == "http://there:5"
    monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", "http://name:word@there:5")
    with pytest.raises(InvalidArgumentError, match="credentials are not to") as caught:
        split(C, ASSET, ["a"], directory=tmp_path)
    assert "word" not in str(caught.value)


BAD_SPLITS: dict[str, Any] = {
    "credentials": {"base_urls": ["http://user:secret@host:1"]},
    "a name alone": {"base_urls": ["http://user@host:1"]},
    "a URL that is none": {"base_urls": ["host"]},
    "a text of URLs": {"base_urls": "http://host:1"},
    "no URLs": {"base_urls": []},
    "no list of URLs": {"base_urls": 5},
    "no size": {"size": 0},
    "a material that is none": {"material": "assets"},
    "a conversation that is none": {"conversation": ""},
    "a text of ids": {"ids": "abc"},
    "ids to be awaited": {"ids": generated([])},
    "a directory below a file": {"directory": Path(__file__) / "below"},
    "no directory": {"directory": None},
}


@pytest.mark.parametrize("bad", BAD_SPLITS.values(), ids=BAD_SPLITS)
def test_what_cannot_be_cut_is_refused_at_once(bad: dict[str, Any], tmp_path: Path) -> None:
    read: list[str] = []

    def ids() -> Iterator[str]:
        for id_ in names(3):
            read.append(id_)
            yield id_

    options: dict[str, Any] = {"conversation": C, "material": ASSET, "ids": ids()}
    with pytest.raises(InvalidArgumentError) as caught:
        split(**options | {"directory": tmp_path} | bad)
    assert read == []
    assert "secret" not in str(caught.value)


def test_shard_made_by_hand_holds_no_credentials_either() -> None:
    with pytest.raises(InvalidArgumentError, match="credentials"):
        Shard("http://user:secret@host:1", C, ASSET, "ids", "journal")


def test_id_that_cannot_be_sent_is_told_by_its_place(tmp_path: Path) -> None:
    shards = split(C, ASSET, [*names(4), "two\nlines"], directory=tmp_path, size=2)
    assert len([next(shards), next(shards)]) == 2
    with pytest.raises(InvalidArgumentError, match="asset 5: control character"):
        next(shards)


def test_directory_serves_several_batches_but_no_other_ids_of_one(tmp_path: Path) -> None:
    of_one = list(split("one", ASSET, names(4), directory=tmp_path, size=2))
    for conversation, material in (("two", ASSET), ("one", Material.ANCHOR)):
        assert not {each.ids for each in of_one}.intersection(
            each.ids for each in split(conversation, material, names(4), directory=tmp_path, size=2)
        )
    assert list(split("one", ASSET, iter(names(4)), directory=tmp_path, size=2)) == of_one
    elsewhere = split("one", ASSET, names(4), directory=tmp_path, size=2, base_urls=URLS)
    assert not {each.journal for each in elsewhere}.intersection(each.journal for each in of_one)
    before = Path(of_one[1].ids).read_bytes()
    others = split("one", ASSET, [*names(2), "other"], directory=tmp_path, size=2)
    next(others)
    with pytest.raises(InvalidArgumentError, match="holds other ids"):
        next(others)
    assert Path(of_one[1].ids).read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


# Running


def shards_at(server: Emulator, directory: Path, count: int = 50) -> list[Shard]:
    return list(split(C, ASSET, names(count), directory=directory, size=20, base_urls=[server.url]))


def test_shards_are_run_once_and_their_reports_add_up(server: Emulator, tmp_path: Path) -> None:
    shards = shards_at(server, tmp_path)
    total = sum(map(run_shard, shards))
    assert not isinstance(total, int)
    total.raise_if_failed()
    assert (total.succeeded, total.skipped) == (50, 0)
    assert set(server.associations(C, ASSET)) == set(names(50))
    again = sum(map(run_shard, shards))
    assert not isinstance(again, int)
    assert (again.succeeded, again.skipped) == (0, 50)
    assert server.counts[operations.ASSOCIATE_ASSET.id] == 50
    assert read_journal(shards[0].journal).done == 20


async def test_shards_are_run_where_a_loop_runs(server: Emulator, tmp_path: Path) -> None:
    first, second, _ = shards_at(server, tmp_path)
    report = await run_shard_async(first)
    assert report.succeeded == 20
    assert run_shard(second).succeeded == 20  # as in a notebook
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_shard_leaves_no_thread_and_no_file_open(server: Emulator, tmp_path: Path) -> None:
    (shard, *_) = shards_at(server, tmp_path)
    before = threading.enumerate()
    run_shard(shard)
    assert threading.enumerate() == before
    with sqlite3.connect(shard.journal) as journal:
        journal.execute("BEGIN EXCLUSIVE")
    journal.close()


def test_journal_is_kept_where_the_worker_says(server: Emulator, tmp_path: Path) -> None:
    (shard, *_) = shards_at(server, tmp_path / "shared")
    local = tmp_path / "local" / "journals"
    run_shard(shard, journal_directory=local)
    assert [file.name for file in local.iterdir()] == [Path(shard.journal).name]
    assert not Path(shard.journal).exists()
    assert run_shard(shard, journal_directory=str(local)).skipped == 20


def test_options_and_credentials_are_the_worker_s(tmp_path: Path) -> None:
    with RawServer() as server:
        (shard,) = split("c", ASSET, names(3), directory=tmp_path, base_urls=[server.url])
        secret = {"Authorization": "Bearer secret"}
        report = run_shard(shard, headers=secret, max_connections=1, concurrency=2, timeout=5)
    assert report.succeeded == 3
    assert {request.header("Authorization") for request in server.requests} == {"Bearer secret"}
    assert server.open_at_most == 1
    for file in tmp_path.iterdir():
        assert b"secret" not in file.read_bytes()


async def test_journal_in_use_is_waited_for(server: Emulator, tmp_path: Path) -> None:
    (shard, *_) = shards_at(server, tmp_path)
    server.delay = 0.02
    first = asyncio.create_task(run_shard_async(shard, concurrency=1))
    await until(lambda: server.counts[operations.ASSOCIATE_ASSET.id])
    second = await run_shard_async(shard)
    assert first.done()
    assert (await first).succeeded == second.skipped == 20


async def test_journal_that_stays_in_use_is_told(server: Emulator, tmp_path: Path) -> None:
    (shard, *_) = shards_at(server, tmp_path)
    server.delay = 2
    first = asyncio.create_task(run_shard_async(shard))
    await until(lambda: server.counts[operations.ASSOCIATE_ASSET.id])
    with pytest.raises(JournalLockedError):
        await run_shard_async(shard, give_up_after=0.3)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.parametrize("content", [None, b"\xff\xfe\n"])
def test_ids_that_cannot_be_read_are_told(
    server: Emulator, tmp_path: Path, content: bytes | None
) -> None:
    (shard, *_) = shards_at(server, tmp_path)
    Path(shard.ids).unlink() if content is None else Path(shard.ids).write_bytes(content)
    with pytest.raises(InvalidArgumentError, match=r"shard: .*\.ids: "):
        run_shard(shard)
    assert not server.counts
    with pytest.raises(InvalidArgumentError, match="journal_directory"):
        run_shard(shard, journal_directory=Path(__file__) / "below")


@pytest.mark.parametrize("given", ["x", None, {"ids": "x"}, Path("x")], ids=repr)
def test_what_is_no_shard_is_told(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=f"shard: a Shard.*{type(given).__name__}$"):
        run_shard(given)


def test_journal_of_another_shard_is_refused(server: Emulator, tmp_path: Path) -> None:
    first, second, _ = shards_at(server, tmp_path)
    run_shard(first)
    with pytest.raises(JournalMismatchError):
        run_shard(attrs.evolve(second, journal=first.journal))


def test_several_may_split_the_same_at_once(tmp_path: Path) -> None:
    ids = list(names(3_000))
    found: list[list[str]] = []

    def work() -> None:
        shards = split(C, ASSET, ids, directory=tmp_path, size=100, base_urls=URLS)
        found.append([id_ for shard in shards for id_ in ids_of(shard)])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert found == [ids] * 4


def test_a_size_that_no_list_has_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="size"):
        split(C, ASSET, ["a"], directory=tmp_path, size=10**30)
