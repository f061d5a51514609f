"""Watching conversations: what is told, when it ends, and that nothing else waits for it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import aclosing, suppress

import aiohttp
import children
import pytest
from command import run
from machines import nobody
from needs import needs_signals
from raw_server import RawServer
from raw_websocket import told
from test_watch_faults import then
from waiting import LONG, until
from watch_runs import runs

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConversationChange,
    ConversationClient,
    InvalidArgumentError,
    ServerNotRunningError,
)
from conversation_client.testing import Emulator
from conversation_client.testing.emulator import STARTING_CONVERSATION

RUNS = int(os.environ.get("CONVERSATION_CLIENT_WATCH_RUNS", "1"))
CHANGES = int(os.environ.get("CONVERSATION_CLIENT_WATCH_CHANGES", "200"))
"""Of each run; the whole takes 200 of 500, and 3 of 10,000."""
HERE = ConversationChange(STARTING_CONVERSATION, deleted=False)


class Watcher:
    """A task that watches."""

    def __init__(self, client: AsyncConversationClient, **options: float) -> None:
        self.told: list[ConversationChange] = []
        self.task = asyncio.create_task(self._watch(client, options))

    async def _watch(self, client: AsyncConversationClient, options: dict[str, float]) -> None:
        async for change in client.conversations.watch(**options):
            self.told.append(change)

    async def tells(self, *changes: ConversationChange) -> None:
        await until(lambda: self.task.done() or self.told[-len(changes) :] == list(changes))


def port_of(server: Emulator) -> int:
    return int(server.url.rpartition(":")[2])


async def stopped(server: Emulator) -> None:
    await asyncio.to_thread(server.__exit__)


async def started(port: int) -> Emulator:
    return await asyncio.to_thread(Emulator(port=port).__enter__)


async def test_what_there_is_comes_first_and_then_every_change(
    server: Emulator, client: AsyncConversationClient
) -> None:
    watcher = Watcher(client)
    await watcher.tells(HERE)
    made = (await client.conversations.create("a name")).id
    await watcher.tells(HERE, ConversationChange(made, deleted=False))
    count = len(watcher.told)
    await client.associate_asset(made, "a")
    await client.messages.add(made, "hello")
    await client.set_name(made, "another")
    await until(lambda: len(watcher.told) == count + 3)
    await client.conversations.delete(made)
    await watcher.tells(ConversationChange(made, deleted=True))
    assert {change.id for change in watcher.told} == {STARTING_CONVERSATION, made}
    assert server.counts["conversations_stream_identifiers"] == 1
    await client.aclose()
    await asyncio.wait_for(watcher.task, LONG)


async def test_after_an_outage_all_come_again_and_those_that_are_gone_as_deleted() -> None:
    first = await asyncio.to_thread(Emulator().__enter__)
    port = port_of(first)
    async with AsyncConversationClient(first.url) as client:
        watcher = Watcher(client)
        gone = first.seed()
        await until(lambda: len(watcher.told) == 2)
        await stopped(first)
        second = await started(port)
        try:
            await watcher.tells(ConversationChange(gone, deleted=True), HERE)
            made = second.seed()
            await watcher.tells(ConversationChange(made, deleted=False))
        finally:
            await stopped(second)
        assert not watcher.task.done()
    await asyncio.wait_for(watcher.task, LONG)


async def test_nobody_there_at_first_is_told_at_once() -> None:
    async with RawServer() as server:
        pass
    async with AsyncConversationClient(server.url) as client:
        began = time.monotonic()
        with pytest.raises(ServerNotRunningError) as caught:
            await anext(client.conversations.watch())
        assert (caught.value.effect, caught.value.attempts) == ("none", 0)
        assert time.monotonic() - began < LONG / 4


async def test_an_outage_beyond_give_up_after_ends_it() -> None:
    server = await asyncio.to_thread(Emulator().__enter__)
    async with AsyncConversationClient(server.url) as client:
        watcher = Watcher(client, give_up_after=0.3)
        await watcher.tells(HERE)
        began = time.monotonic()
        await stopped(server)
        with pytest.raises(ServerNotRunningError):
            await asyncio.wait_for(watcher.task, LONG)
        assert time.monotonic() - began > 0.25
        assert watcher.told == [HERE]


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), True, "1"])
async def test_give_up_after_is_seconds_above_0(
    client: AsyncConversationClient, seconds: float
) -> None:
    with pytest.raises(InvalidArgumentError, match="give_up_after"):
        client.conversations.watch(give_up_after=seconds)


async def test_a_closed_client_watches_nothing(client: AsyncConversationClient) -> None:
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await anext(client.conversations.watch())


async def test_the_connection_is_beside_those_of_max_connections(server: Emulator) -> None:
    async with AsyncConversationClient(server.url, max_connections=1) as client:
        watchers = [Watcher(client) for _ in range(3)]
        for watcher in watchers:
            await watcher.tells(HERE)
        await client.conversations.delete(STARTING_CONVERSATION)
        for watcher in watchers:
            await watcher.tells(ConversationChange(STARTING_CONVERSATION, deleted=True))


async def test_headers_and_path_of_the_client_are_used() -> None:
    async with RawServer(then(told("a"))) as server:
        url = f"{server.url.replace('//', '//me:secret@')}/below"
        async with AsyncConversationClient(url, headers={"X-Application-ID": "mine"}) as client:
            await anext(client.conversations.watch())
        request = server.request
        assert request.target == "/below/conversations/stream/identifiers"
        assert request.header("X-Application-ID") == "mine"
        assert (request.header("Authorization") or "").startswith("Basic ")
        assert (request.header("User-Agent") or "").startswith("conversation-client/")


async def test_a_session_that_is_passed_in_is_used_and_stays_open(server: Emulator) -> None:
    async with aiohttp.ClientSession(headers={"X-Mine": "1"}) as session:
        async with AsyncConversationClient(server.url, session=session) as client:
            watcher = Watcher(client)
            await watcher.tells(HERE)
        await asyncio.wait_for(watcher.task, LONG)
        assert not session.closed
        assert server.requests[-1].headers["X-Mine"] == "1"
        async with AsyncConversationClient(server.url, session=session) as client:
            watcher = Watcher(client)
            await watcher.tells(HERE)
            await session.close()
            await asyncio.wait_for(watcher.task, LONG)


async def test_closing_the_client_leaves_neither_task_nor_socket() -> None:
    before = asyncio.all_tasks()
    async with RawServer(then(told("a"))) as server:
        client = AsyncConversationClient(server.url)
        async with aclosing(client.conversations.watch()) as changes:
            await anext(changes)
            waiting = asyncio.ensure_future(anext(changes, None))
            await asyncio.sleep(0)
            await client.aclose()
            assert await waiting is None
            assert await anext(changes, None) is None
        assert asyncio.all_tasks() == before
        await until(lambda: server.open_now == 0)


@pytest.mark.parametrize("how", ["break", "cancel"])
async def test_a_loop_that_is_left_leaves_neither_task_nor_socket(how: str) -> None:
    async def loop(client: AsyncConversationClient) -> None:
        async for _ in client.conversations.watch():
            if how == "break":
                break

    before = asyncio.all_tasks()
    async with RawServer(then(told("a"))) as server, AsyncConversationClient(server.url) as client:
        task = asyncio.create_task(loop(client))
        await until(lambda: task.done() or (how == "cancel" and server.open_now))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await until(lambda: server.open_now == 0 and asyncio.all_tasks() == before)


async def test_a_cancelled_connection_attempt_leaves_nothing() -> None:
    before = asyncio.all_tasks()
    async with RawServer(b"") as server, AsyncConversationClient(server.url) as client:
        task = asyncio.ensure_future(anext(client.conversations.watch()))
        await until(lambda: server.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: server.open_now == 0 and asyncio.all_tasks() == before)


async def test_one_who_is_slow_holds_nothing_up_and_is_told_the_latest(
    server: Emulator, client: AsyncConversationClient
) -> None:
    async with aclosing(client.conversations.watch()) as changes:
        assert await anext(changes) == HERE
        quick = Watcher(client)
        await quick.tells(HERE)
        ids = [server.seed() for _ in range(10)]
        for number in range(1_000):
            await client.associate_asset(ids[number % 10], f"{number}")
        await client.conversations.delete(ids[0])
        await quick.tells(ConversationChange(ids[0], deleted=True))
        latest: dict[str, bool] = {}
        count = 0
        while latest != {name: name == ids[0] for name in ids}:
            change = await anext(changes)
            latest[change.id] = change.deleted
            count += 1
        # What the quick one knows may still be on its way to the slow one, but not much of it.
        assert count <= 2 * len(ids)


@pytest.mark.parametrize("waits", [True, False])
def test_closing_from_another_thread_ends_a_blocking_loop(server: Emulator, waits: bool) -> None:
    client = ConversationClient(server.url)
    found: list[ConversationChange] = []
    for change in client.conversations.watch():
        found.append(change)
        other = threading.Timer(0.1 if waits else 0, client.close)
        other.start()
        if not waits:
            other.join()
    assert found == [HERE]
    with pytest.raises(ClientClosedError):
        next(client.conversations.watch())


def test_closing_before_anything_has_come_ends_a_blocking_loop() -> None:
    with RawServer(then(told())) as server, ConversationClient(server.url) as client:
        timer = threading.Timer(0.1, client.close)
        timer.start()
        assert list(client.conversations.watch()) == []
        timer.join()


def test_a_slow_blocking_loop_is_told_of_what_came_meanwhile(
    server: Emulator, blocking_client: ConversationClient
) -> None:
    changes = blocking_client.conversations.watch()
    assert next(changes) == HERE
    ids = [server.seed() for _ in range(3)]
    blocking_client.conversations.delete(ids[0])
    assert {next(changes).id for _ in ids} == set(ids)
    changes.close()


@needs_signals
def test_ctrl_c_ends_a_blocking_loop_soon_and_leaves_the_client_usable(
    server: Emulator, blocking_client: ConversationClient
) -> None:
    pressed = 0.0

    def press() -> None:
        nonlocal pressed
        time.sleep(0.2)
        pressed = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    for _ in range(2):
        thread = threading.Thread(target=press)
        changes = blocking_client.conversations.watch()
        assert next(changes) == HERE
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            next(changes)
        assert time.monotonic() - pressed < 5.0  # where one that waits takes longer
        thread.join()
    assert blocking_client.conversations.identifiers().iterable[0].id == STARTING_CONVERSATION


ENDINGS = {
    "amid": "import sys\nit = c.conversations.watch(); next(it); sys.exit()",
    "global": "it = c.conversations.watch(); next(it)",
    "thread": "import threading\n"
    "t = threading.Thread(target=lambda: list(c.conversations.watch()), daemon=True)\n"
    "t.start(); import time; time.sleep(.3)",
}


@pytest.mark.parametrize("how", ENDINGS)
def test_a_program_that_ends_while_it_watches_is_silent(server: Emulator, how: str) -> None:
    code = (
        "from conversation_client import ConversationClient\n"
        f"c = ConversationClient({server.url!r})\n{ENDINGS[how]}\n"
    )
    command = [sys.executable, "-W", "always", "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONG)
    assert (ended.returncode, ended.stderr) == (0, "")


@needs_signals
@pytest.mark.parametrize(
    ("options", "spelled"),
    [
        ([], lambda name, gone: f"{name}\t{'deleted' if gone else 'changed'}\n"),
        (["--json"], lambda name, gone: json.dumps({"id": name, "deleted": gone}) + "\n"),
    ],
)
def test_the_command_prints_a_line_a_change_until_ctrl_c(
    server: Emulator, options: list[str], spelled: Callable[[str, bool], str]
) -> None:
    with children.started(None, "watch", "--server", server.url, *options) as process:
        assert process.stdout.readline() == spelled(STARTING_CONVERSATION, False)
        with ConversationClient(server.url) as client:
            client.conversations.delete(STARTING_CONVERSATION)
        assert process.stdout.readline() == spelled(STARTING_CONVERSATION, True)
        process.send_signal(signal.SIGINT)
        assert process.wait(LONG) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_the_command_tells_that_nobody_is_there() -> None:
    with nobody() as free:
        ended = run("watch", "--server", f"http://127.0.0.1:{free}")
    assert ended.returncode == 3
    assert "nobody answers there" in ended.stderr


async def test_a_run_through_restarts_and_cuts_misses_and_invents_nothing() -> None:
    outcomes = [outcome async for outcome in runs(RUNS, CHANGES)]
    assert len(outcomes) == RUNS
    for outcome in outcomes:
        assert outcome.equal, outcome
        assert (outcome.missed, outcome.invented, outcome.left) == (0, 0, 0), outcome
        assert outcome.changes >= CHANGES, outcome
