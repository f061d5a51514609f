"""The async client: its lifecycle, its options, its deadline, what it refuses and what it keeps."""

import asyncio
import inspect
import json
import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from cases import minimal
from loops import needs_uvloop, uvloop
from waiting import LONG, until
from yarl import URL

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConversationClient,
    ConversationClientError,
    DeadlineExceededError,
    GoneError,
    InvalidArgumentError,
    Material,
    RetryPolicy,
    ServerError,
    ServerNotRunningError,
    decode,
    operations,
)
from conversation_client.models.common import SeededScoreIncrement
from conversation_client.models.conversation import ConversationSummarizeInput
from conversation_client.models.message import FragmentFormat
from conversation_client.operations import OPERATIONS, Operation
from conversation_client.testing import STARTING_CONVERSATION, Emulator


def held(server: Emulator) -> int:
    """Requests that a server with a delay is holding, if it has answered none."""
    return sum(server.counts.values())


# Lifecycle


def test_session_opens_on_first_use(server: Emulator) -> None:
    client = AsyncConversationClient(server.url)  # no loop is running, and a session needs one

    async def use() -> str | None:
        async with client:
            return (await client.get_conversation(STARTING_CONVERSATION)).name

    assert asyncio.run(use())


async def test_unused_client_closes_without_ado() -> None:
    client = AsyncConversationClient("http://127.0.0.1:1")
    await client.aclose()
    await client.aclose()


async def test_use_after_close_sends_nothing(server: Emulator) -> None:
    async with AsyncConversationClient(server.url) as client:
        await client.get_conversation(STARTING_CONVERSATION)
    await client.aclose()
    with pytest.raises(ClientClosedError) as caught:
        await client.associate_asset(STARTING_CONVERSATION, "a")
    assert (caught.value.attempts, caught.value.effect) == (0, "none")
    assert caught.value.operation == operations.ASSOCIATE_ASSET.id
    assert server.counts[operations.ASSOCIATE_ASSET.id] == 0


async def test_borrowed_session_is_used_and_stays_open(server: Emulator) -> None:
    async with aiohttp.ClientSession(headers={"X-Lender": "me"}) as session:
        async with AsyncConversationClient(server.url, session=session) as client:
            await client.get_conversation(STARTING_CONVERSATION)
        assert server.requests[-1].headers["X-Lender"] == "me"
        assert not session.closed
        with pytest.raises(ClientClosedError):
            await client.get_conversation(STARTING_CONVERSATION)
        async with AsyncConversationClient(server.url, session=session) as another:
            await another.get_conversation(STARTING_CONVERSATION)
    with pytest.raises(ClientClosedError):
        await another.with_options().get_conversation(STARTING_CONVERSATION)


@pytest.mark.parametrize("calls", [1, 5])
@pytest.mark.parametrize("borrowed", [False, True])
async def test_closing_ends_calls_in_flight_and_none_is_repeated(
    server: Emulator, calls: int, borrowed: bool
) -> None:
    session = aiohttp.ClientSession() if borrowed else None
    client = AsyncConversationClient(server.url, session=session)
    server.delay = LONG
    tasks = [
        asyncio.create_task(client.associate_asset(STARTING_CONVERSATION, f"a{n}"))
        for n in range(calls)
    ]
    await until(lambda: held(server) == calls)
    await client.aclose()
    if session is not None:
        await session.close()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(error) for error in errors] == [ClientClosedError] * calls
    for error in errors:
        assert isinstance(error, ClientClosedError)
        assert (error.attempts, error.effect) == (1, "unknown")  # the server has them
    assert held(server) == calls


def test_a_client_tells_that_it_belongs_to_another_loop(server: Emulator) -> None:
    client = AsyncConversationClient(server.url)
    with asyncio.Runner() as own, asyncio.Runner() as other:
        own.run(client.get_conversation(STARTING_CONVERSATION))
        with pytest.raises(ConversationClientError, match="event loop"):
            other.run(client.get_conversation(STARTING_CONVERSATION))
        own.run(client.get_conversation(STARTING_CONVERSATION))
        own.run(client.aclose())
    assert held(server) == 2


# Options


async def test_view_shares_the_session_and_closing_it_closes_nothing(server: Emulator) -> None:
    async with aiohttp.ClientSession(headers={"X-Lender": "me"}) as session:
        client = AsyncConversationClient(server.url, session=session)
        view = client.with_options(timeout=5)
        assert type(view) is AsyncConversationClient
        async with view:
            await view.get_conversation(STARTING_CONVERSATION)
        await view.aclose()
        await view.get_conversation(STARTING_CONVERSATION)
        await client.get_conversation(STARTING_CONVERSATION)
        assert [request.headers.get("X-Lender") for request in server.requests] == ["me"] * 3
        await client.aclose()
        with pytest.raises(ClientClosedError):
            await view.get_conversation(STARTING_CONVERSATION)


async def test_view_of_a_client_that_was_never_used_opens_its_session(server: Emulator) -> None:
    async with AsyncConversationClient(server.url) as client:
        view = client.with_options()
        await view.get_conversation(STARTING_CONVERSATION)
        await client.get_conversation(STARTING_CONVERSATION)
    with pytest.raises(ClientClosedError):
        await view.get_conversation(STARTING_CONVERSATION)


async def test_headers_of_a_view_add_to_and_replace_those_of_its_client(server: Emulator) -> None:
    async with AsyncConversationClient(server.url, headers={"X-A": "1", "X-B": "2"}) as client:
        view = client.with_options(headers={"x-b": "3", "X-C": "4"})
        nested = view.with_options(timeout=9).with_options(headers={"X-A": "5"})
        for each in (client, view, nested, client):
            await each.get_conversation(STARTING_CONVERSATION)
    sent = [
        [value for name in ("X-A", "X-B", "X-C") for value in values_of(request.headers, name)]
        for request in server.requests
    ]
    assert sent == [["1", "2"], ["1", "3", "4"], ["5", "3", "4"], ["1", "2"]]


def values_of(headers: Any, name: str) -> list[str]:
    return list(headers.getall(name, []))


async def test_timeout_and_retry_of_a_view_are_its_own(server: Emulator) -> None:
    client = AsyncConversationClient(server.url, timeout=LONG, retry=None)
    async with client:
        hasty = client.with_options(timeout=0.05)
        tenacious = client.with_options(retry=RetryPolicy(wait_initial=0.001))
        await client.get_health()  # so that there is a connection, whatever else the machine does
        server.delay = 0.2
        with pytest.raises(DeadlineExceededError):
            await hasty.with_options(headers={"X-A": "1"}).get_messages(STARTING_CONVERSATION)
        await client.get_messages(STARTING_CONVERSATION)
        await hasty.with_options(timeout=None).get_messages(STARTING_CONVERSATION)
        server.delay = 0
        for each, attempts in (
            (client, 1),
            (tenacious, 3),
            (tenacious.with_options(retry=None), 1),
        ):
            server.fail_next(503, times=attempts)
            with pytest.raises(ServerError) as caught:
                await each.get_messages(STARTING_CONVERSATION)
            assert caught.value.attempts == attempts


@pytest.mark.parametrize("make", [AsyncConversationClient, ConversationClient])
def test_url_comes_from_the_argument_then_the_environment(
    make: Any, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONVERSATION_CLIENT_BASE_URL", raising=False)
    assert repr(make()) == f"{make.__name__}('http://localhost:1000')"
    monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", server.url)
    assert repr(make()) == f"{make.__name__}('{server.url}')"
    assert repr(make("http://other:5/")) == f"{make.__name__}('http://other:5')"
    assert repr(make(URL("http://other:5/a"))) == f"{make.__name__}('http://other:5/a')"
    with ConversationClient() as client:
        assert client.get_conversation(STARTING_CONVERSATION).id == STARTING_CONVERSATION


@pytest.mark.parametrize("make", [AsyncConversationClient, ConversationClient])
def test_options_out_of_range_are_refused(make: Any) -> None:
    url = "http://127.0.0.1:1"
    for timeout in (0, -1, float("nan"), float("-inf"), True, "3"):
        with pytest.raises(InvalidArgumentError, match="timeout"):
            make(url, timeout=timeout)
        with pytest.raises(InvalidArgumentError, match="timeout"):
            make(url).with_options(timeout=timeout)
    for connections in (0, -1, True, 1.5, "3", None):
        with pytest.raises(InvalidArgumentError, match="max_connections"):
            make(url, max_connections=connections)
    for headers in ({"A b": "1"}, {"X-A": "1\r\nX-B: 2"}, {"Content-Length": "1"}, {"X-A": 1}):
        with pytest.raises(InvalidArgumentError, match="headers"):
            make(url, headers=headers)
        with pytest.raises(InvalidArgumentError, match="headers"):
            make(url).with_options(headers=headers)
    for base_url in ("localhost:1000", "ftp://x", "http://", "http://x/?a=1", "http://x:y", "/"):
        with pytest.raises(InvalidArgumentError, match="base_url"):
            make(base_url)


# Deadline


@pytest.mark.parametrize("make", [AsyncConversationClient, ConversationClient])
def test_a_call_has_thirty_seconds_unless_told_otherwise(make: Any) -> None:
    assert inspect.signature(make).parameters["timeout"].default == 30.0


@pytest.mark.parametrize(
    "operation", [operations.GET_CONVERSATION, operations.INCREMENT_SCORES], ids=lambda o: o.method
)
async def test_deadline_leaves_the_effect_unknown(
    server: Emulator, client: AsyncConversationClient, operation: Operation[object]
) -> None:
    await client.get_health()  # so that there is a connection, whatever else the machine does
    server.delay = LONG
    with pytest.raises(DeadlineExceededError, match=r"0\.05 s") as caught:
        await client.with_options(timeout=0.05).call(operation, STARTING_CONVERSATION)
    error = caught.value
    assert isinstance(error, TimeoutError)
    assert (error.effect, error.attempts, error.operation) == ("unknown", 1, operation.id)
    assert error.ids == {"conversation": STARTING_CONVERSATION}
    assert server.counts[operation.id] == 1


async def test_a_deadline_before_a_connection_is_free_has_no_effect(server: Emulator) -> None:
    server.delay = LONG
    async with AsyncConversationClient(server.url, max_connections=1) as client:
        first = asyncio.create_task(client.increment_scores(STARTING_CONVERSATION))
        await until(lambda: held(server) == 1)
        with pytest.raises(DeadlineExceededError) as caught:
            await client.with_options(timeout=0.05).increment_scores(STARTING_CONVERSATION)
        first.cancel()
        await asyncio.wait([first])
    assert (caught.value.effect, caught.value.attempts) == ("none", 0)
    assert held(server) == 1


async def test_no_timeout_waits_for_a_slow_server(server: Emulator) -> None:
    server.delay = 0.2
    async with AsyncConversationClient(server.url, timeout=None) as client:
        assert (await client.get_conversation(STARTING_CONVERSATION)).id == STARTING_CONVERSATION


async def test_own_timeout_passes_through_and_leaves_the_client_usable(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.delay = LONG
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.05):
            await client.get_conversation(STARTING_CONVERSATION)
    assert not isinstance(caught.value, ConversationClientError)
    server.delay = 0
    assert (await client.get_conversation(STARTING_CONVERSATION)).id == STARTING_CONVERSATION


async def test_cancellation_passes_through_and_leaves_the_client_usable(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.delay = LONG
    tasks = [asyncio.create_task(client.get_messages(STARTING_CONVERSATION)) for _ in range(100)]
    await until(lambda: held(server) == 64)  # the others wait for a connection
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] * 100
    server.delay = 0
    assert (await client.get_conversation(STARTING_CONVERSATION)).id == STARTING_CONVERSATION
    assert held(server) == 65


# The server's answers


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, so that nobody else gets it, but not listened to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_refused_connection_says_where_and_what_to_try(closed_port: int) -> None:
    url = f"http://127.0.0.1:{closed_port}"
    async with AsyncConversationClient(url, retry=None) as client:
        with pytest.raises(ServerNotRunningError) as caught:
            await client.get_conversation("c")
    assert url in str(caught.value)
    assert "CONVERSATION_CLIENT_BASE_URL" in str(caught.value)
    assert (caught.value.effect, caught.value.attempts) == ("none", 0)
    assert isinstance(caught.value.__cause__, aiohttp.ClientConnectorError)


GETS: dict[Operation[Any], str] = {
    operations.GET_CONVERSATION: "conversation",
    operations.GET_MESSAGE: "message",
}
"""Operations that get one thing, and what it is."""
ON_ONE = [
    *((row, name) for row in OPERATIONS for name in GETS.values() if row.parameters[:1] == (name,)),
    (operations.UPDATE_CONVERSATION, "conversation"),
    (operations.UPDATE_MESSAGE, "message"),
    (operations.UPDATE_MESSAGE_VALUE, "message"),
]
"""Operations on one thing that is there already, and what it is."""


@pytest.mark.parametrize(("operation", "kind"), ON_ONE, ids=lambda value: getattr(value, "id", ""))
async def test_unknown_conversation_or_message_is_the_servers_no(
    operation: Operation[object], kind: str, server: Emulator, client: AsyncConversationClient
) -> None:
    body: Any = None
    if operation.body is not None:
        body = decode(json.dumps(minimal(operation.body.__name__)), operation.body)
        if operation.returns is operation.body:
            body.id = "nobody"
            if kind == "message":
                body.fragment = FragmentFormat()
    ids = tuple("nobody" if name == kind else "m" for name in operation.parameters)
    view = client.with_options(retry=None)
    with pytest.raises(ConversationClientError) as caught:
        await view.call(operation, *ids, body=body)
    error = caught.value
    assert isinstance(error, GoneError if operation in GETS else ServerError)
    assert error.status == (410 if operation in GETS else 500)
    assert error.text == f"there is no {kind} 'nobody'"
    assert error.text in str(error)
    assert (error.effect, error.attempts) == ("answered", 1)
    assert (error.operation, tuple(error.ids.values())) == (operation.id, ids)
    assert server.counts[operation.id] == 1


WRONG_BODIES = [
    (operations.UPDATE_CONVERSATION, (), "the conversation's id"),
    (operations.UPDATE_CONVERSATION, (), ConversationSummarizeInput()),
    (operations.UPDATE_CONVERSATION, (), {"id": "c"}),
    (operations.SUMMARIZE_CONVERSATION, ("c",), SeededScoreIncrement()),
    (operations.INCREMENT_SCORES, ("c",), ConversationSummarizeInput()),
    (operations.INCREMENT_SCORES, ("c",), 1),
    (operations.RENAME_CONVERSATION, ("c",), SeededScoreIncrement()),
]


@pytest.mark.parametrize(("operation", "ids", "body"), WRONG_BODIES)
async def test_wrong_body_is_refused_before_anything_is_sent(
    operation: Any, ids: Any, body: Any, server: Emulator, client: AsyncConversationClient
) -> None:
    with pytest.raises(InvalidArgumentError, match=operation.id):
        await client.call(operation, *ids, body=body)
    assert not server.counts


@pytest.mark.parametrize("ids", [(), ("c",), ("c", "a", "b")])
async def test_wrong_number_of_ids_is_refused(
    ids: Any, server: Emulator, client: AsyncConversationClient
) -> None:
    with pytest.raises(InvalidArgumentError, match="conversation, asset"):
        await client.call(operations.ASSOCIATE_ASSET, *ids)
    assert not server.counts


# Reading and writing back


async def test_changing_one_field_changes_nothing_else(
    server: Emulator, client: AsyncConversationClient
) -> None:
    stamp = {"value": "2024-02-29T12:30:45.123456+00:00", "readable": "leap day", "zone": "UTC"}
    server.seed(
        {
            "id": "c",
            "name": "before",
            "type": "A_TYPE_OF_LATER",
            "created": stamp,
            "later": {"deep": [1, 2.5, None, {"x": True}], "huge": 2**70},
            "application": {
                "id": "app",
                "name": "NO_SUCH_APPLICATION",
                "version": "1",
                "platform": "WEB",
                "onboarded": False,
                "privacy": "OPEN",
                "laterStill": "kept",
            },
            "messages": {"iterable": [{"id": "m", "mark": 1, "score": {"manual": 1, "auto": 2}}]},
            "anchors": {"iterable": [{"id": "p", "more": {"a": []}}], "indices": {"p": 0, "q": -1}},
            "annotations": {"iterable": [{"id": "n", "unheardOf": "kept"}]},
        },
    )
    before = await raw_conversation(server, "c")
    conversation = await client.get_conversation("c")
    conversation.name = "after"
    await client.update_conversation(conversation)
    sent = json.loads(server.requests[-1].body)
    after = await raw_conversation(server, "c")
    assert sent.pop("name") == after.pop("name") == "after"
    before.pop("name")
    assert comparable(sent) == comparable(before)
    for document in (before, after):
        document.pop("updated")  # the server's own business
    assert comparable(after) == comparable(before)
    assert before["later"]["huge"] == 2**70
    assert before["application"]["laterStill"] == "kept"


async def raw_conversation(server: Emulator, conversation: str) -> Any:
    url = f"{server.url}/conversation/{conversation}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.json()


def comparable(value: Any) -> Any:
    """Spell times alike; whole numbers and fractions stay different."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return (type(value), value)


@needs_uvloop
def test_client_works_on_uvloop(server: Emulator) -> None:
    async def call() -> list[str]:
        async with AsyncConversationClient(server.url) as client:
            report = await client.associate_many(
                STARTING_CONVERSATION, Material.ASSET, ["a1", "a2"]
            )
            assert report.succeeded == 2
            assets = (await client.get_conversation(STARTING_CONVERSATION)).assets
            return [asset.id for asset in (assets and assets.iterable) or ()]

    with asyncio.Runner(loop_factory=uvloop) as runner:
        assert sorted(runner.run(call())) == ["a1", "a2"]
