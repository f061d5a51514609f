"""The blocking client: wherever it is called from, however it ends."""

import asyncio
import concurrent.futures
import contextlib
import gc
import inspect
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cases import CASES, IDS, Case, seed
from children import started
from needs import INTERRUPTED, needs_forks, needs_signals
from waiting import LONG, wait_until

from conversation_client import (
    Association,
    AsyncConversationClient,
    AsyncConversationsResource,
    AsyncMessagesResource,
    BatchProgress,
    BatchReport,
    ClientClosedError,
    ConversationClient,
    ConversationClientError,
    ConversationsResource,
    DeadlineExceededError,
    GoneError,
    Material,
    MessagesResource,
    RetryPolicy,
    ServerError,
    encode,
    operations,
)
from conversation_client.models.base import Document
from conversation_client.operations import BY_ID
from conversation_client.testing import STARTING_CONVERSATION, Emulator

THREAD = "conversation-client"

MODES = pytest.mark.parametrize("mode", ["caller", "thread"])
"""Whose thread runs the client's loop."""
CALLS_TO_SETTLE = {"caller": 1, "thread": 2}


@pytest.fixture(autouse=True)
def _leaves_no_thread() -> Iterator[None]:
    yield
    assert THREAD not in {thread.name for thread in threading.enumerate()}


def settle(client: ConversationClient, mode: str) -> None:
    """Bring a client into a mode, which for a thread of its own takes a running loop."""
    client.get_conversation(STARTING_CONVERSATION)
    if mode == "thread":

        async def call() -> None:
            client.get_conversation(STARTING_CONVERSATION)

        asyncio.run(call())
    assert (THREAD in {thread.name for thread in threading.enumerate()}) == (mode == "thread")


# The same client as the async one


TWINS: dict[str, tuple[type, type]] = {
    "": (ConversationClient, AsyncConversationClient),
    "conversations.": (ConversationsResource, AsyncConversationsResource),
    "messages.": (MessagesResource, AsyncMessagesResource),
}
"""The classes that have the same methods, by what goes before the names of these."""


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


@pytest.mark.parametrize("group", TWINS)
def test_both_clients_have_the_same_methods(group: str) -> None:
    ours, theirs = map(public, TWINS[group])
    assert ours - theirs == (set() if group else {"close"})
    assert theirs - ours == (set() if group else {"aclose"})
    for case in CASES:
        before, dot, name = case.method.rpartition(".")
        assert f"{before}{dot}" != group or name in ours


@pytest.mark.parametrize(
    ("group", "name"),
    [
        *(
            (group, name)
            for group, (_, theirs) in TWINS.items()
            for name in sorted(public(theirs) - {"aclose"})
            if f"{name}." not in TWINS
        ),
        ("", "__init__"),
    ],
)
def test_both_clients_have_the_same_signatures_and_docstrings(group: str, name: str) -> None:
    ours, theirs = (getattr(cls, name) for cls in TWINS[group])
    assert inspect.signature(ours) == inspect.signature(theirs)
    assert not inspect.iscoroutinefunction(ours)
    if name not in ("__init__", "with_options"):
        is_iterator = "AsyncGenerator" in str(inspect.signature(theirs).return_annotation)
        assert inspect.iscoroutinefunction(theirs) != is_iterator
        assert inspect.getdoc(ours) == inspect.getdoc(theirs)
        assert ours.__name__ == name


@pytest.mark.parametrize("group", ["conversations", "messages"])
def test_groups_are_those_of_the_view_that_they_are_taken_from(
    server: Emulator,
    client: AsyncConversationClient,
    blocking_client: ConversationClient,
    group: str,
) -> None:
    for made in (client, blocking_client):
        view = made.with_options(headers={"X-View": "1"})
        assert isinstance(getattr(view, group), TWINS[f"{group}."])
        assert inspect.getdoc(getattr(type(made), group))
    getattr(blocking_client.with_options(headers={"X-View": "1"}), group).list()
    assert server.requests[-1].headers["X-View"] == "1"
    getattr(blocking_client, group).list()
    assert "X-View" not in server.requests[-1].headers


def test_there_is_a_case_for_every_operation() -> None:
    assert {case.operation for case in CASES} == set(BY_ID.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_both_clients_send_and_return_the_same(case: Case) -> None:
    async def call() -> Any:
        async with AsyncConversationClient(server.url) as client:
            return await case.call(client, IDS)

    with seeded_server() as server, ConversationClient(server.url) as client:
        blocking = (outcome(lambda: case.call(client, IDS)), sent(server))
    with seeded_server() as server:
        awaited = (outcome(lambda: asyncio.run(call())), sent(server))
    assert awaited == blocking
    assert server.counts[case.operation.id] >= 1


@contextmanager
def seeded_server() -> Iterator[Emulator]:
    with Emulator() as server:
        seed(server)
        yield server


def outcome(call: Callable[[], object]) -> tuple[type, str]:
    """Describe a result or an error without the ids and times that are made anew each time."""
    try:
        result = call()
    except ConversationClientError as error:
        result = error
    shown = encode(result).decode() if isinstance(result, Document) else str(result)
    return type(result), re.sub(VOLATILE, "*", shown)


VOLATILE = r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[^\"]*"


def sent(server: Emulator) -> list[object]:
    return [
        (request.method, request.target, request.body, dict(request.headers) | {"Host": ""})
        for request in server.requests
    ]


# Where it may be called from


async def test_it_works_where_a_loop_is_running(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        for _ in range(3):
            assert client.get_conversation(STARTING_CONVERSATION).id == STARTING_CONVERSATION
        assert client.associate_many(STARTING_CONVERSATION, Material.ASSET, ["a"]).succeeded == 1
    with pytest.raises(ClientClosedError):
        client.get_conversation(STARTING_CONVERSATION)


def test_it_works_in_an_async_cell_of_a_notebook(
    server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """
        from IPython.core.interactiveshell import InteractiveShell

        CELLS = [
            "client = ConversationClient(url); names = [client.get_conversation(ID).id]",
            "import asyncio; await asyncio.sleep(0); names += [client.get_conversation(ID).id]",
            "names += [client.get_conversation(ID).id]",
        ]
        shell = InteractiveShell.instance()
        shell.push({"ID": ID, "url": sys.argv[1], "ConversationClient": ConversationClient})
        for cell in CELLS:
            shell.run_cell(cell).raise_error()
        print(shell.user_ns["names"])
    """
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    ended = run_child(script, server.url)
    assert ended.stdout.splitlines()[-1] == str([STARTING_CONVERSATION] * 3)
    assert (ended.stderr, ended.returncode) == ("", 0)


def test_each_of_many_threads_gets_its_own_answers(server: Emulator) -> None:
    threads, calls = 32, 10
    names = {
        server.seed({"name": f"conversation {n}"}): f"conversation {n}" for n in range(threads)
    }
    barrier = threading.Barrier(threads)

    def work(conversation: str) -> set[str | None]:
        barrier.wait()
        return {client.get_conversation(conversation).name for _ in range(calls)}

    with (
        ConversationClient(server.url) as client,
        concurrent.futures.ThreadPoolExecutor(threads) as pool,
    ):
        assert list(pool.map(work, names)) == [{name} for name in names.values()]
        assert work_of_caller(client, names) == list(names.values())


def work_of_caller(client: ConversationClient, names: dict[str, str]) -> list[str | None]:
    return [client.get_conversation(conversation).name for conversation in names]


@MODES
def test_a_call_from_a_coroutine_on_the_clients_loop_is_told_to_use_the_async_client(
    server: Emulator, mode: str
) -> None:
    with ConversationClient(server.url) as client:
        settle(client, mode)
        view = client.with_options(timeout=1)

        async def nested() -> AsyncIterator[str]:
            yield view.get_conversation(STARTING_CONVERSATION).id

        async def closing() -> AsyncIterator[str]:
            client.close()
            yield "a"

        for ids in (nested(), closing()):
            with pytest.raises(ConversationClientError, match="AsyncConversationClient"):
                client.associate_many(STARTING_CONVERSATION, Material.ASSET, ids)
        assert client.get_conversation(STARTING_CONVERSATION).id == STARTING_CONVERSATION


# Inputs and callbacks


@MODES
def test_inputs_and_callbacks_run_in_the_callers_thread_and_may_use_the_client(
    server: Emulator, mode: str
) -> None:
    threads: set[int] = set()
    names: list[str | None] = []

    def ids() -> Iterator[str]:
        for n in range(100):
            threads.add(threading.get_ident())
            yield f"{client.get_conversation(STARTING_CONVERSATION).id}-{n}" if n % 10 else f"{n}"

    def on_progress(_: BatchProgress) -> None:
        threads.add(threading.get_ident())
        names.append(client.get_conversation(STARTING_CONVERSATION).name)

    with ConversationClient(server.url) as client:
        settle(client, mode)
        report = client.associate_many(
            STARTING_CONVERSATION, Material.ASSET, ids(), on_progress=on_progress
        )
        outcomes = list(client.iter_disassociate_many(STARTING_CONVERSATION, Material.ASSET, ids()))
        applied = client.apply(Association(STARTING_CONVERSATION, Material.ASSET, i) for i in ids())
    assert (report.succeeded, len(outcomes), applied.succeeded) == (100, 100, 100)
    assert threads == {threading.get_ident()}
    assert names


@MODES
def test_a_cursor_of_the_callers_thread_is_an_input(
    server: Emulator, mode: str, tmp_path: Path
) -> None:
    database = sqlite3.connect(":memory:")  # used in this thread alone, as sqlite3 sees to
    database.execute("CREATE TABLE asset (id)")
    database.executemany("INSERT INTO asset VALUES (?)", ((f"a{n}",) for n in range(700)))
    with contextlib.closing(database), ConversationClient(server.url) as client:
        settle(client, mode)
        for journal in (None, tmp_path / "journal"):
            rows = (row[0] for row in database.execute("SELECT id FROM asset"))
            report = client.associate_many(
                STARTING_CONVERSATION, Material.ASSET, rows, journal=journal
            )
            assert report.succeeded == 700


@MODES
def test_ids_that_come_slowly_are_sent_as_they_come(server: Emulator, mode: str) -> None:
    sent: list[int] = []

    def ids() -> Iterator[str]:
        for n in range(4):
            sent.append(server.counts[operations.ASSOCIATE_ASSET.id])
            time.sleep(0.02)
            yield f"a{n}"
            with contextlib.suppress(GoneError):  # lets the loop run, wherever it does
                client.get_conversation("none")

    with ConversationClient(server.url) as client:
        settle(client, mode)
        before = server.counts[operations.ASSOCIATE_ASSET.id]
        client.associate_many(STARTING_CONVERSATION, Material.ASSET, ids())
    assert [count - before for count in sent[1:]] == [0, 1, 2] or sent[-1] - before >= 2


@MODES
@pytest.mark.parametrize("where", ["input", "callback"])
def test_closing_within_a_batch_ends_it_with_a_report(
    server: Emulator, mode: str, where: str
) -> None:
    client = ConversationClient(server.url)
    settle(client, mode)

    def close(_: object) -> None:
        client.close()
        client.close()

    def ids() -> Iterator[str]:
        for n in range(10**9):
            if where == "input" and n == 1000:
                close(n)
            yield f"a{n}"

    report = client.associate_many(
        STARTING_CONVERSATION,
        Material.ASSET,
        ids(),
        on_progress=close if where == "callback" else None,
    )
    assert isinstance(report.ended_by, ClientClosedError)
    with pytest.raises(ClientClosedError):
        client.get_conversation(STARTING_CONVERSATION)


def test_a_coroutine_function_may_be_told_of_progress(server: Emulator) -> None:
    told: list[int] = []

    async def on_progress(progress: BatchProgress) -> None:
        await asyncio.sleep(0)
        told.append(progress.done)

    with ConversationClient(server.url) as client:
        client.associate_many(
            STARTING_CONVERSATION, Material.ASSET, ["a", "b"], on_progress=on_progress
        )
    assert told == [2]


# What a call may end in


@MODES
@pytest.mark.parametrize(
    "ending",
    [
        SystemExit,
        KeyboardInterrupt,
        ZeroDivisionError,
        asyncio.CancelledError,
        concurrent.futures.CancelledError,
        GeneratorExit,
        TimeoutError,
    ],
)
@pytest.mark.parametrize("where", ["input", "callback", "iterator"])
def test_whatever_an_input_or_a_callback_raises_reaches_the_caller(
    server: Emulator, mode: str, where: str, ending: type[BaseException]
) -> None:
    mine = ending("mine")

    def end(_: BatchProgress) -> None:
        raise mine

    def ids() -> Iterator[str]:
        yield from map(str, range(40))
        raise mine

    with ConversationClient(server.url) as client:
        settle(client, mode)
        to = STARTING_CONVERSATION, Material.ASSET
        call: dict[str, Callable[[], object]] = {
            "callback": lambda: client.associate_many(*to, ["a"], on_progress=end),
            "input": lambda: client.associate_many(*to, ids()),
            "iterator": lambda: list(client.iter_associate_many(*to, ids())),
        }
        with pytest.raises(ending, match="mine") as caught:
            call[where]()
        assert caught.value is mine
        if (where, ending) != ("iterator", KeyboardInterrupt):  # which leaves the batch to close()
            assert len(mine.__notes__) == 1
        assert client.get_conversation(STARTING_CONVERSATION).id == STARTING_CONVERSATION


@MODES
def test_errors_and_deadlines_are_those_of_the_async_client(server: Emulator, mode: str) -> None:
    with ConversationClient(server.url, retry=None) as client:
        settle(client, mode)
        with pytest.raises(GoneError) as caught:
            client.get_conversation("nobody")
        assert caught.value.ids == {"conversation": "nobody"}
        server.delay = LONG
        with pytest.raises(DeadlineExceededError) as late:
            client.with_options(timeout=0.05).get_conversation(STARTING_CONVERSATION)
        assert (late.value.effect, late.value.attempts) == ("unknown", 1)
        server.delay = 0
        assert client.get_conversation(STARTING_CONVERSATION).id == STARTING_CONVERSATION


def test_views_have_options_of_their_own_and_close_nothing(server: Emulator) -> None:
    with ConversationClient(server.url, retry=None, headers={"X-A": "1"}) as client:
        view = client.with_options(retry=RetryPolicy(wait_initial=0.001), headers={"X-B": "2"})
        assert type(view) is ConversationClient
        for each, attempts in ((client, 1), (view, 3)):
            server.fail_next(503, times=attempts)
            with pytest.raises(ServerError) as caught:
                each.get_conversation(STARTING_CONVERSATION)
            assert caught.value.attempts == attempts
        with view:
            view.get_conversation(STARTING_CONVERSATION)
        assert {"X-A": "1", "X-B": "2"}.items() <= dict(server.requests[-1].headers).items()
        view.close()
        view.get_conversation(STARTING_CONVERSATION)
        client.get_conversation(STARTING_CONVERSATION)
        assert "X-B" not in server.requests[-1].headers
    with pytest.raises(ClientClosedError):
        view.get_conversation(STARTING_CONVERSATION)


def test_a_view_outlives_the_name_of_its_client(server: Emulator) -> None:
    view = ConversationClient(server.url).with_options(timeout=5)
    gc.collect()
    assert view.get_conversation(STARTING_CONVERSATION).id == STARTING_CONVERSATION


@MODES
def test_a_connection_that_the_server_closed_while_idle_fails_no_call(mode: str) -> None:
    closed = threading.Semaphore(0)

    def serve() -> None:
        for _ in range(CALLS_TO_SETTLE[mode] + 10):
            with next_request(listener) as connection:
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")  # a promise to keep it
            closed.release()

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        concurrent.futures.ThreadPoolExecutor(1) as pool,
        ConversationClient(url_of(listener), retry=None) as client,
    ):
        listener.settimeout(LONG)
        serving = pool.submit(serve)

        def call() -> None:
            client.increment_scores("c")
            assert closed.acquire(timeout=LONG)

        async def call_within_a_loop() -> None:
            call()

        call()
        if mode == "thread":
            asyncio.run(call_within_a_loop())
        for _ in range(10):
            call()
        serving.result()


def url_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def next_request(listener: socket.socket) -> socket.socket:
    """Accept a connection and read the head of its request."""
    connection, _ = listener.accept()
    connection.settimeout(LONG)
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        request += connection.recv(65536)
    return connection


# Outcomes one by one


def numbers() -> Iterator[str]:
    return map(str, range(10**9))


@MODES
def test_outcomes_come_one_by_one(server: Emulator, mode: str) -> None:
    with ConversationClient(server.url) as client:
        settle(client, mode)
        ids = ["", *map(str, range(50))]
        outcomes = list(client.iter_associate_many(STARTING_CONVERSATION, Material.ASSET, ids))
        assert sorted(str(outcome.item) for outcome in outcomes) == sorted(ids)
        assert [outcome.item for outcome in outcomes if not outcome.succeeded] == [""]
        outcomes = list(
            client.iter_disassociate_many(STARTING_CONVERSATION, Material.ASSET, ids[1:])
        )
        assert all(outcome.succeeded for outcome in outcomes)
        assert server.associations(STARTING_CONVERSATION, Material.ASSET) == ()


@pytest.mark.parametrize("how", ["break", "close", "forget", "error"])
def test_leaving_outcomes_early_ends_the_batch(server: Emulator, how: str) -> None:
    with ConversationClient(server.url) as client:

        def take() -> None:
            outcomes = client.iter_associate_many(
                STARTING_CONVERSATION, Material.ASSET, numbers(), concurrency=4
            )
            for _, outcome in zip(range(5), outcomes, strict=False):
                assert outcome.succeeded
                if how == "error":
                    raise LookupError("mine")
                if how == "break":
                    break
            if how == "close":
                outcomes.close()

        with contextlib.suppress(LookupError):
            take()
        gc.collect()
        loop = client._runner._loop
        assert loop is not None
        # The call that closes the iterator wakes its caller just before its own task ends.
        wait_until(lambda: not asyncio.all_tasks(loop))
        client.get_conversation(STARTING_CONVERSATION)
        sent = server.counts["conversation_associate_asset"]
        client.get_conversation(STARTING_CONVERSATION)
        assert server.counts["conversation_associate_asset"] == sent <= 5 + 8


def test_the_batch_goes_on_while_the_program_does_something_else(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        outcomes = client.iter_associate_many(
            STARTING_CONVERSATION, Material.ASSET, numbers(), concurrency=4
        )
        next(outcomes)
        wait_until(lambda: server.counts[operations.ASSOCIATE_ASSET.id] == 9)
        outcomes.close()


async def test_outcomes_come_where_a_loop_is_running(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        ids = list(map(str, range(9)))
        outcomes = client.iter_associate_many(STARTING_CONVERSATION, Material.ASSET, ids)
        assert {outcome.item for outcome in outcomes} == set(ids)


def test_outcomes_end_with_their_client(server: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    client = ConversationClient(server.url)
    outcomes = client.iter_associate_many(
        STARTING_CONVERSATION, Material.ASSET, numbers(), concurrency=4
    )
    next(outcomes)
    wait_until(lambda: server.counts[operations.ASSOCIATE_ASSET.id] == 9)  # it waits to be asked
    client.close()
    with pytest.raises(ClientClosedError):
        list(outcomes)
    outcomes.close()
    gc.collect()  # warns of connections that were not given back
    assert caplog.records == []


def test_an_iterator_that_nobody_asks_does_nothing(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        client.iter_associate_many(STARTING_CONVERSATION, Material.ASSET, numbers())
        gc.collect()
    assert not server.counts


@needs_signals
def test_ctrl_c_ends_a_batch_whose_outcomes_are_awaited(server: Emulator) -> None:
    script = """
        client = ConversationClient(sys.argv[1], timeout=None)
        ids = map(str, range(10**9))
        try:
            for outcome in client.iter_associate_many(ID, Material.ASSET, ids, concurrency=8):
                print("one", flush=True)
                sys.stdin.readline()
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        while asyncio.all_tasks(client._runner._loop):  # that of the last call is about to end
            time.sleep(0.001)
        client.increment_scores(ID)
        print("works")
    """
    process = child(script, server.url)
    assert read_line(process) == "one"
    server.delay = LONG
    sent = server.counts[operations.ASSOCIATE_ASSET.id]
    for _ in range(sent + 8):
        go_on(process)
    wait_until(lambda: server.counts[operations.ASSOCIATE_ASSET.id] > sent)
    server.delay = 0
    process.send_signal(signal.SIGINT)
    ended = finish(process)
    assert ended.stdout.endswith("interrupted\nworks\n")  # a print may be cut in two
    assert (ended.stderr, ended.returncode) == ("", 0)


# Closing


@MODES
def test_a_closed_client_says_so(server: Emulator, mode: str) -> None:
    client = ConversationClient(server.url)
    settle(client, mode)
    client.close()
    client.close()
    before = server.counts
    with pytest.raises(ClientClosedError):
        client.get_conversation(STARTING_CONVERSATION)
    with pytest.raises(ClientClosedError):
        client.with_options(timeout=1).get_conversation(STARTING_CONVERSATION)
    assert server.counts == before


def test_an_unused_client_closes_without_ado() -> None:
    client = ConversationClient("http://127.0.0.1:1")
    client.close()
    with pytest.raises(ClientClosedError):
        client.get_conversation("c")


@pytest.mark.parametrize("calls", [1, 8])
def test_closing_ends_the_calls_of_other_threads(server: Emulator, calls: int) -> None:
    server.delay = LONG
    client = ConversationClient(server.url)

    def work(number: int) -> ConversationClientError:
        with pytest.raises(ClientClosedError) as caught:
            client.associate_asset(STARTING_CONVERSATION, f"a{number}")
        return caught.value

    with concurrent.futures.ThreadPoolExecutor(calls) as pool:
        results = [pool.submit(work, number) for number in range(calls)]
        wait_until(lambda: sum(server.counts.values()) == calls)
        client.close()
        errors = [result.result() for result in results]
    assert [error.ids.get("asset") for error in errors] == [f"a{n}" for n in range(calls)]
    assert {(error.attempts, error.effect) for error in errors} == {(1, "unknown")}
    assert sum(server.counts.values()) == calls


@MODES
def test_closing_ends_a_batch_of_another_thread(server: Emulator, mode: str) -> None:
    client = ConversationClient(server.url)
    settle(client, mode)
    server.delay = LONG

    def work() -> BatchReport:
        return client.associate_many(
            STARTING_CONVERSATION, Material.ASSET, numbers(), concurrency=4
        )

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        result = pool.submit(work)
        wait_until(lambda: server.counts[operations.ASSOCIATE_ASSET.id] == 4)
        client.close()
        report = result.result()
    assert (report.succeeded, report.failed, report.not_started) == (0, 4, None)
    assert isinstance(report.ended_by, ClientClosedError)
    assert server.counts[operations.ASSOCIATE_ASSET.id] == 4


@MODES
def test_closing_ends_what_does_not_notice_it(server: Emulator, mode: str) -> None:
    client = ConversationClient(server.url)
    settle(client, mode)
    reached = threading.Event()

    async def endless() -> AsyncIterator[str]:
        reached.set()
        await asyncio.sleep(LONG)
        yield ""

    def work() -> None:
        with pytest.raises(ClientClosedError):
            client.associate_many(STARTING_CONVERSATION, Material.ASSET, endless())

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        result = pool.submit(work)
        assert reached.wait(LONG)
        client.close()
        result.result()


@MODES
def test_a_forgotten_client_goes_silently(
    server: Emulator, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = ConversationClient(server.url)
    settle(client, mode)
    del client
    gc.collect()
    assert THREAD not in {thread.name for thread in threading.enumerate()}
    assert not caplog.records


def test_an_iterator_keeps_its_client_alive(server: Emulator) -> None:
    outcomes = ConversationClient(server.url).iter_associate_many(
        STARTING_CONVERSATION, Material.ASSET, ["a", "b"]
    )
    gc.collect()
    assert [outcome.item for outcome in outcomes if outcome.error is None] == ["a", "b"]
    del outcomes
    gc.collect()
    assert THREAD not in {thread.name for thread in threading.enumerate()}


# Processes

PREAMBLE = f"""
import asyncio, os, sys, threading, time, warnings
from conversation_client import *

warnings.simplefilter("ignore", DeprecationWarning)  # of a fork in a process with threads
ID = {STARTING_CONVERSATION!r}

def settle(client, mode):
    client.increment_scores(ID)
    async def call():
        client.increment_scores(ID)
    if mode == "thread":
        asyncio.run(call())
"""
DONE = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
SOON = 3.0
"""Seconds within which a program that waits for nothing has ended, on a machine that is busy."""


def child(script: str, *arguments: str, is_new: bool = False) -> Any:
    lines = script.strip("\n").splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    source = PREAMBLE + "\n".join(line[indent:] for line in lines)
    return started(source, *arguments, is_new=is_new)


def read_line(process: Any) -> str:
    return str(process.stdout.readline().rstrip("\n"))


def go_on(process: Any) -> None:
    """Give a child the line that it waits for."""
    process.stdin.write("\n")
    process.stdin.flush()


def finish(process: Any, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    with process:
        try:
            out, err = process.communicate(stdin, timeout=LONG)
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run_child(
    script: str, *arguments: str, is_new: bool = False
) -> "subprocess.CompletedProcess[str]":
    return finish(child(script, *arguments, is_new=is_new))


EXIT = """
    client = ConversationClient(sys.argv[1])
    settle(client, sys.argv[2])
    print(time.monotonic(), flush=True)
    if sys.argv[3] == "exit":
        sys.exit(3)
    if sys.argv[3] == "error":
        raise LookupError("mine")
    if sys.argv[3] == "interrupt":
        raise KeyboardInterrupt
"""


@MODES
@pytest.mark.parametrize(
    ("how", "code", "last_line"),
    [
        ("return", 0, None),
        ("exit", 3, None),
        ("error", 1, "LookupError: mine"),
        ("interrupt", INTERRUPTED, "KeyboardInterrupt"),
    ],
)
def test_a_program_that_closes_nothing_ends_silently_and_soon(
    server: Emulator, mode: str, how: str, code: int, last_line: str | None
) -> None:
    ended = run_child(EXIT, server.url, mode, how, is_new=True)
    assert time.monotonic() - float(ended.stdout) < SOON
    assert ended.returncode == code
    if last_line is None:
        assert ended.stderr == ""
    else:
        assert ended.stderr.splitlines()[-1] == last_line
        assert ended.stderr.count("Traceback") == 1
        assert "conversation_client" not in ended.stderr


@MODES
@pytest.mark.parametrize("how", ["close", "call", "iterate"])
def test_what_uses_a_client_as_the_interpreter_ends_does_not_hang(
    server: Emulator, mode: str, how: str
) -> None:
    """By then Python has stopped the thread that would run the loop."""
    script = """
        class Application:
            def __init__(self, url, mode, how):
                self.client = ConversationClient(url)
                self.how = how
                settle(self.client, mode)
                if how == "iterate":
                    self.outcomes = self.client.iter_associate_many(
                        ID, Material.ASSET, map(str, range(1000))
                    )
                    next(self.outcomes)

            def __del__(self):
                if self.how == "call":
                    try:
                        self.client.increment_scores(ID)
                    except ConversationClientError:
                        pass
                self.client.close()

        application = Application(*sys.argv[1:])
        print(time.monotonic(), flush=True)
    """
    ended = run_child(script, server.url, mode, how, is_new=True)
    assert time.monotonic() - float(ended.stdout) < SOON
    assert (ended.stderr, ended.returncode) == ("", 0)


@MODES
def test_a_program_ends_while_a_daemon_thread_waits_for_a_reply(
    server: Emulator, mode: str
) -> None:
    script = """
        client = ConversationClient(sys.argv[1])
        settle(client, sys.argv[2])
        print("settled", flush=True)
        sys.stdin.readline()

        def call():
            try:
                client.get_messages(ID)
            except ClientClosedError:
                pass

        threading.Thread(target=call, daemon=True).start()
        sys.stdin.readline()
        print(time.monotonic(), flush=True)
    """
    process = child(script, server.url, mode)
    assert read_line(process) == "settled"
    server.delay = LONG
    go_on(process)
    wait_until(lambda: server.counts[operations.GET_MESSAGES.id] == 1)
    ended = finish(process, "\n")
    assert time.monotonic() - float(ended.stdout) < SOON
    assert (ended.stderr, ended.returncode) == ("", 0)


@needs_signals
@MODES
def test_ctrl_c_cancels_the_call_and_leaves_the_client_usable(mode: str) -> None:
    script = """
        client = ConversationClient(sys.argv[1], timeout=None, retry=None)
        settle(client, sys.argv[2])
        try:
            client.increment_scores(ID)
        except KeyboardInterrupt:
            print("interrupted")
        client.increment_scores(ID)
        print("works")
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LONG)
        process = child(script, url_of(listener), mode)
        for _ in range(CALLS_TO_SETTLE[mode]):
            with next_request(listener) as connection:
                connection.sendall(DONE)
        with next_request(listener) as connection:
            process.send_signal(signal.SIGINT)
            assert connection.recv(1) == b""  # given up, although the client lives on
        with next_request(listener) as connection:
            connection.sendall(DONE)
            ended = finish(process)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("interrupted\nworks\n", "", 0)


@needs_signals
@MODES
def test_ctrl_c_ends_a_whole_batch(server: Emulator, mode: str) -> None:
    script = """
        client = ConversationClient(sys.argv[1], timeout=None)
        settle(client, sys.argv[2])
        print("settled", flush=True)
        sys.stdin.readline()
        try:
            client.associate_many(ID, Material.ASSET, map(str, range(10**9)), concurrency=8)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        sys.stdin.readline()
        client.increment_scores(ID)
        print("works")
    """
    process = child(script, server.url, mode)
    assert read_line(process) == "settled"
    server.delay = LONG
    go_on(process)
    wait_until(lambda: server.counts[operations.ASSOCIATE_ASSET.id] == 8)
    server.delay = 0
    process.send_signal(signal.SIGINT)
    assert read_line(process) == "interrupted"
    ended = finish(process, "\n")
    assert (ended.stdout, ended.stderr, ended.returncode) == ("works\n", "", 0)
    assert server.counts[operations.ASSOCIATE_ASSET.id] == 8


FORK = """
    client = ConversationClient(sys.argv[1], retry=None)
    view = client.with_options(timeout=20)
    settle(client, sys.argv[2])
    child_calls, how = int(sys.argv[3]), sys.argv[4]
    pid = os.fork()
    own = "parent" if pid else "child"
    for n in range(60 if pid else child_calls):
        assert (client, view)[n % 2].get_conversation(own).name == own
    if not pid:
        if how == "close":
            client.close()
        elif how == "_exit":
            os._exit(0)
        sys.exit()  # with all that happens at exit
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
    for each in (client, view):
        assert each.get_conversation(own).name == own
    settle(client, "thread")
    client.close()
    print("done")
"""


@needs_forks
@MODES
@pytest.mark.parametrize("child_calls", [0, 60])
@pytest.mark.parametrize("how", ["exit", "close", "_exit"])
def test_after_a_fork_parent_and_child_go_their_own_ways(
    server: Emulator, mode: str, child_calls: int, how: str
) -> None:
    for name in ("parent", "child"):
        server.seed({"id": name, "name": name})
    ended = run_child(FORK, server.url, mode, str(child_calls), how)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("done\n", "", 0)
