"""Thousands of conversations, read and deleted: through restarts of the server, and kills of ours."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from children import started, without_coverage
from needs import needs_signals
from waiting import LONG, wait_until

from conversation_client import ConversationClient, operations
from conversation_client.testing import STARTING_CONVERSATION, Emulator

MANY = int(os.environ.get("CONVERSATION_CLIENT_MANY", "300"))
KILLS = 3
MIB = 1024 * 1024

READ = """
import asyncio, json, sys, tracemalloc
from contextlib import aclosing
from conversation_client import AsyncConversationClient
from conversation_client._batch import outage

outage.FIRST_WAIT /= 20

async def main(url, count):
    met = bytearray(count)
    passes, peak = 0, 0

    def ids():
        nonlocal passes
        passes += 1
        for number in range(count):
            yield f"c{number}"

    async with AsyncConversationClient(url) as client:
        async with aclosing(client.conversations.iter_get(ids(), concurrency=32)) as outcomes:
            taken = 0
            async for outcome in outcomes:
                number = int(outcome.id[1:])
                assert outcome.error is None and outcome.value.id == outcome.id
                assert outcome.value.name == f"n{number}"
                met[number] += 1
                taken += 1
                if taken == count // 4:
                    tracemalloc.start()
                if taken == count // 2:
                    print("half", flush=True)
                    input()
        peak = tracemalloc.get_traced_memory()[1]
    print(json.dumps({"once": met == bytearray([1]) * count, "passes": passes, "peak": peak}))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""
DELETE = """
import json, sys
from conversation_client import ConversationClient

url, count, journal = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with ConversationClient(url) as client:
    ids = (f"c{number}" for number in range(count))
    report = client.conversations.delete_many(ids, journal=journal, concurrency=32)
counts = (report.succeeded + report.skipped, report.failed, report.not_started)
print(json.dumps(counts))
"""


def child(program: str, *arguments: object) -> Any:
    return started(program, *map(str, arguments), environment=without_coverage())


def result(process: Any) -> Any:
    out, err = process.communicate("\n", timeout=LONG + MANY / 50)
    assert (process.returncode, err) == (0, "")
    return json.loads(out.splitlines()[-1])


def seeded(server: Emulator) -> None:
    for number in range(MANY):
        server.seed({"id": f"c{number}", "name": f"n{number}"})


def test_all_are_read_once_in_one_pass_and_little_memory_though_the_server_is_restarted(
    tmp_path: Path,
) -> None:
    pytest.importorskip("tracemalloc")
    path = tmp_path / "emulator.db"
    with Emulator(db=path) as server:
        seeded(server)
        port = int(server.url.rpartition(":")[2])
        reader = child(READ, server.url, MANY)
        try:
            assert reader.stdout
            assert reader.stdout.readline() == "half\n"
        except BaseException:
            reader.kill()
            raise
    with reader, Emulator(db=path, port=port) as server:
        told = result(reader)
        asked_again = server.counts[operations.GET_CONVERSATION.id]
    assert (told["once"], told["passes"]) == (True, 1)
    assert told["peak"] < 2 * MIB
    assert asked_again <= MANY / 2 + 3 * 32


@needs_signals
def test_all_are_deleted_though_the_process_is_killed(server: Emulator, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    seeded(server)
    server.delay = 0.01
    for number in range(KILLS):
        enough = (number + 1) * MANY // (KILLS + 1)
        with child(DELETE, server.url, MANY, journal) as process:
            try:
                wait_until(lambda: server.counts[operations.DELETE_CONVERSATION.id] >= enough)  # noqa: B023
            finally:
                process.kill()
        assert process.returncode == -9
    with child(DELETE, server.url, MANY, journal) as process:
        done, failed, not_started = result(process)
    assert (done, failed, not_started) == (MANY, 0, 0)
    with ConversationClient(server.url) as client:
        left = [each.id for each in client.conversations.identifiers().iterable]
    assert left == [STARTING_CONVERSATION]
