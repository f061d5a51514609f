"""The lane that all calls take: what it keeps between them, and when it leaves them to a session."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial, partialmethod
from typing import Any, Self
from uuid import UUID

import aiohttp
import pytest
from aiohttp.streams import DataQueue
from cases import IDS, PLAIN, Case, golden
from raw_server import RawRequest, RawServer, json_reply, reply
from tracing import entered
from waiting import LONG, until

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConnectionLostError,
    ConversationClient,
    DeadlineExceededError,
    InvalidArgumentError,
    Material,
    ProtocolError,
    RetryPolicy,
)
from conversation_client._http import connection, lane
from conversation_client._http.connection import Handler
from conversation_client.operations import ASSOCIATE_ASSET
from conversation_client.testing import STARTING_CONVERSATION, Emulator

POLICY = RetryPolicy(wait_initial=0.001, wait_max=0.001)
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


async def associate(client: AsyncConversationClient, count: int, **options: int):
    return await associate_to(client, STARTING_CONVERSATION, count, **options)


async def associate_to(
    client: AsyncConversationClient, conversation: str, count: int, **options: int
):
    ids = (f"a{number}" for number in range(count))
    return await client.associate_many(conversation, Material.ASSET, ids, **options)


async def test_aiohttp_is_as_expected_and_calls_do_without_its_sessions(
    server: Emulator, client: AsyncConversationClient
) -> None:
    """Fails where a new aiohttp has other internals than `_http/connection.py` uses."""
    report = await associate(client, 200)
    assert report.succeeded == 200
    assert not isinstance(client._transport.session.open(), aiohttp.ClientSession)
    assert len(server.associations(STARTING_CONVERSATION, Material.ASSET)) == 200


async def keyword_only(self, req, *, traces, timeout):  # noqa: ASYNC109  # aiohttp's
    return await CONNECT(self, req, traces, timeout)


CONNECT = aiohttp.TCPConnector.connect
REQUEST = aiohttp.ClientSession._request


@pytest.mark.parametrize(
    ("of", "name", "other"),
    [
        (aiohttp.TCPConnector, "connect", keyword_only),
        (Handler, "_payload", property()),
        (Handler, "read", None),
        (DataQueue, "set_exception", lambda *_: None),
    ],
    ids=["another signature", "an attribute less", "a method less", "another waiter"],
)
async def test_on_an_aiohttp_with_other_internals_everything_goes_through_a_session(
    server: Emulator, monkeypatch: pytest.MonkeyPatch, of: type, name: str, other: object
) -> None:
    monkeypatch.setattr(of, name, other, raising=False)
    async with AsyncConversationClient(server.url) as client:
        assert isinstance(client._transport.session.open(), aiohttp.ClientSession)
        assert (await client.get_conversation(STARTING_CONVERSATION)).id == STARTING_CONVERSATION
        report = await associate(client, 200, concurrency=8)
        missing = await associate_to(client, "no-such-conversation", 1)
    assert (report.succeeded, report.failed, missing.failed) == (200, 0, 1)


class Recorder:
    """Replaces a method of aiohttp's sessions, as mocks, recorders and instrumentations do."""

    def __init__(self, patch: pytest.MonkeyPatch, name: str, wrap: Callable[..., object]) -> None:
        self.count = 0
        self._patch = patch
        self._name = name
        original = getattr(aiohttp.ClientSession, name)

        def counted(session: object, *args: object, **options: object) -> object:
            self.count += 1
            return original(session, *args, **options)

        self._wrapped = wrap(original, counted)

    def __enter__(self) -> "Recorder":
        self._patch.setattr(aiohttp.ClientSession, self._name, self._wrapped)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


class Proxy:
    """Shows everything of a function as its own, as the wrappers of the library `wrapt` do."""

    def __init__(self, wrapped: object, call: Callable[..., object]) -> None:
        self.wrapped = wrapped
        self.call = call

    def __getattr__(self, name: str) -> object:
        return getattr(self.wrapped, name)

    def __get__(self, owner: object, kind: type) -> object:
        return self if owner is None else partial(self.call, owner)


plainly = pytest.mark.parametrize(
    "wrap", [lambda _, call: call, Proxy], ids=["a function", "a proxy"]
)


@plainly
async def test_a_session_patched_while_connections_are_kept_sees_the_next_call(
    monkeypatch: pytest.MonkeyPatch, wrap: Callable[..., object]
) -> None:
    async def both(client: AsyncConversationClient) -> None:
        await client.associate_asset("c1", "a1")
        assert (await associate_to(client, "c1", 4, concurrency=2)).succeeded == 4

    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await both(client)
            with Recorder(monkeypatch, "_request", wrap) as recorder:
                await both(client)
                assert recorder.count == 5
            await both(client)
            assert recorder.count == 5
            with recorder:
                await both(client)
            assert recorder.count == 10


@plainly
def test_a_session_patched_under_a_blocking_client_sees_the_next_call(
    monkeypatch: pytest.MonkeyPatch, wrap: Callable[..., object]
) -> None:
    with RawServer(NO_CONTENT) as server, ConversationClient(server.url) as client:
        client.associate_asset("c1", "a1")
        with Recorder(monkeypatch, "_request", wrap) as recorder:
            client.associate_asset("c1", "a1")
            assert client.associate_many("c1", Material.ASSET, ["a1", "a2"]).succeeded == 2
        client.associate_asset("c1", "a1")
        assert recorder.count == 3


@plainly
async def test_an_instrumentation_of_sessions_sees_that_of_the_client(
    monkeypatch: pytest.MonkeyPatch, wrap: Callable[..., object]
) -> None:
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            with Recorder(monkeypatch, "__init__", wrap) as recorder:
                await client.associate_asset("c1", "a1")
            assert recorder.count == 1


async def test_a_patched_session_and_kept_connections_are_no_more_than_the_client_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Counting() as server:
        async with AsyncConversationClient(server.url, max_connections=2) as client:
            await associate_to(client, "c1", 10)
            with Recorder(monkeypatch, "_request", lambda _, call: call):
                await associate_to(client, "c1", 10)
            await associate_to(client, "c1", 10)
    assert server.most == 2


async def test_a_get_through_a_session_of_our_own_is_not_sent_twice_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aiohttp.ClientSession, "_request", partialmethod(REQUEST))
    document = json_reply(golden("samples/2.2.0/Conversation.minimal"))
    replies = iter([document, [], document])  # the second request gets no reply
    with RawServer(lambda _: next(replies)) as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            await client.get_conversation("c1")
            with pytest.raises(ConnectionLostError):
                await client.get_conversation("c1")
    assert len(server.requests) == 2


async def test_debug_log_has_a_line_for_each_item(
    client: AsyncConversationClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "conversation_client"):
        await associate(client, 20)
    assert (
        len([record for record in caplog.records if "associate_asset" in record.msg % record.args])
        == 20
    )


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.method)
async def test_a_request_is_the_same_whether_its_head_is_new_or_known(case: Case) -> None:
    headers = {"X-Application-ID": "100 % %s caf\xe9"}
    with RawServer() as server:
        async with AsyncConversationClient(f"{server.url}/pre%20fix", headers=headers) as client:
            for _ in range(2):
                with contextlib.suppress(ProtocolError):  # an empty reply is not what most promise
                    await case.call(client, {name: f"{name}.1~_-" for name in IDS})
    assert len(server.requests) == 2
    assert server.requests[0] == server.requests[1]


@pytest.mark.parametrize("material", Material)
@pytest.mark.parametrize("verb", ["associate", "disassociate"])
async def test_request_of_a_batch_is_that_of_a_call(verb: str, material: Material) -> None:
    headers = {"X-Application-ID": "app"}
    with RawServer() as server:
        async with AsyncConversationClient(f"{server.url}/prefix", headers=headers) as client:
            await getattr(client, f"{verb}_{material}")("c/1", "a.1~_-")
            ids = ["a.1~_-"] * 3
            await getattr(client, f"{verb}_many")("c/1", material, ids, concurrency=1)
    assert len(server.requests) == 4
    assert all(request == server.requests[0] for request in server.requests)


async def test_ids_that_need_a_closer_look_get_it(
    server: Emulator, client: AsyncConversationClient
) -> None:
    ids = ["plain", "a/b", "\N{SNOWMAN}", "..", "", UUID(int=1), "also-plain"]
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, ids)
    held = server.associations(STARTING_CONVERSATION, Material.ASSET)
    assert sorted(held) == sorted(["plain", "a/b", "\N{SNOWMAN}", str(UUID(int=1)), "also-plain"])
    assert [failure.item for failure in report.failures] == ["..", ""]


@pytest.mark.parametrize(
    ("ids", "options"),
    [
        (("c1",), {}),
        (("c1", "a1", "a2"), {}),
        (("c1", ".."), {}),
        (("c1", None), {}),
        (("c1", "a\n"), {}),
        (("c1", "a1"), {"transferables": 1}),
        (("c1", "a1"), {"body": object()}),
    ],
)
async def test_what_cannot_be_sent_is_refused_on_a_kept_connection_too(
    ids: tuple[Any, ...], options: dict[str, Any]
) -> None:
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            with pytest.raises(InvalidArgumentError) as caught:
                await client.call(ASSOCIATE_ASSET, *ids, **options)
            assert caught.value.operation == ASSOCIATE_ASSET.id
    assert len(server.requests) == 1


def counting(*replies: bytes) -> Callable[[RawRequest], bytes]:
    """Answer with each of the replies in turn, and then with the last."""
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


DATED = tuple(NO_CONTENT.replace(b"\r\n\r\n", b"\r\nDate: %d\r\n\r\n" % day) for day in range(4))


async def one_by_one(client: AsyncConversationClient, ids: list[str]) -> None:
    for id_ in ids:
        await client.associate_asset("c1", id_)


async def as_a_batch(client: AsyncConversationClient, ids: list[str]) -> None:
    report = await client.associate_many("c1", Material.ASSET, ids, concurrency=1)
    assert report.succeeded == len(ids)


async def as_a_stream(client: AsyncConversationClient, ids: list[str]) -> None:
    await client._items(ASSOCIATE_ASSET, "c1").stream(iter(ids))


Way = Callable[[AsyncConversationClient, list[str]], Awaitable[None]]
WAYS: dict[str, Way] = {way.__name__: way for way in (one_by_one, as_a_batch, as_a_stream)}


@pytest.mark.parametrize(
    ("replies", "requests"),
    [
        ((NO_CONTENT, NO_CONTENT, reply(500), NO_CONTENT), 6),
        ((NO_CONTENT, reply(503), reply(503), NO_CONTENT), 7),
        ((*DATED, DATED[0]), 5),
        ((NO_CONTENT, b"HTTP/1.1 100 Continue\r\n\r\n" + NO_CONTENT, NO_CONTENT), 5),
        ((NO_CONTENT, b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", NO_CONTENT), 5),
        ((NO_CONTENT, reply(200), NO_CONTENT), 5),
        ((NO_CONTENT, NO_CONTENT + NO_CONTENT, NO_CONTENT), 5),
        ((NO_CONTENT, NO_CONTENT + b"HTTP/1.1 204 No", NO_CONTENT), 5),
        ((NO_CONTENT, NO_CONTENT + reply(500), NO_CONTENT), 5),
    ],
)
@pytest.mark.parametrize("way", WAYS)
async def test_every_reply_on_a_kept_connection_counts_for_what_it_is(
    way: str, replies: tuple[bytes, ...], requests: int
) -> None:
    with RawServer(counting(*replies)) as server:
        async with AsyncConversationClient(server.url, retry=POLICY) as client:
            await WAYS[way](client, [f"a{number}" for number in range(5)])
    assert len(server.requests) == requests
    assert {request.target.rpartition("/")[2] for request in server.requests} == {
        f"a{number}" for number in range(5)
    }


async def test_refusal_after_successes_is_told() -> None:
    with RawServer(counting(NO_CONTENT, NO_CONTENT, reply(404, b"no"), NO_CONTENT)) as server:
        async with AsyncConversationClient(server.url) as client:
            report = await associate(client, 5, concurrency=1)
    (failure,) = report.failures
    assert (failure.item, failure.error.attempts, failure.error.effect) == ("a2", 1, "answered")
    assert str(failure.error).endswith("404 Not Found: 'no'")


async def test_the_plain_reply_is_no_document(server: Emulator) -> None:
    with RawServer(NO_CONTENT) as raw:
        async with AsyncConversationClient(raw.url) as client:
            await one_by_one(client, ["a1", "a2"])
            with pytest.raises(ProtocolError, match="204 No Content, where a Conversation"):
                await client.get_conversation("c1")


class Counting(RawServer):
    """Counts the connections that are open."""

    def __init__(self) -> None:
        super().__init__(NO_CONTENT)
        self.now = self.most = 0

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await super()._converse(reader, writer)
        finally:
            self.now -= 1


async def test_connections_are_kept_for_all_kinds_of_calls_and_all_views() -> None:
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await associate(client, 100, concurrency=3)
            view = client.with_options(headers={"X-Application-ID": "view"}, timeout=None)
            for caller in (client, view, client):
                await caller.associate_asset("c1", "a1")
                with pytest.raises(ProtocolError):
                    await caller.get_conversation("c1")
                await caller.increment_scores("c1")
                await associate(caller, 20, concurrency=3)
    assert server.connections == 3
    told = [request.header("X-Application-ID") for request in server.requests[100:]]
    assert told == [None] * 23 + ["view"] * 23 + [None] * 23


def test_a_blocking_client_keeps_its_connection() -> None:
    with RawServer(NO_CONTENT) as server, ConversationClient(server.url) as client:
        for number in range(10):
            client.associate_asset("c1", f"a{number}")
        client.associate_many("c1", Material.ASSET, ["a1", "a2"], concurrency=1)
    assert server.connections == 1


async def test_connections_that_nobody_uses_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "KEPT_FOR", 0.2)
    with Counting() as server:
        async with AsyncConversationClient(server.url) as client:
            await associate(client, 100, concurrency=3)
            assert server.now == 3
            await until(lambda: server.now == 0)
            await client.associate_asset("c1", "a1")
    assert (server.most, server.connections) == (3, 4)


async def test_connections_beyond_those_that_are_used_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lane, "KEPT_FOR", 0.2)
    with Counting() as server:
        async with AsyncConversationClient(server.url) as client:
            await associate(client, 100, concurrency=3)
            async with asyncio.timeout(LONG):
                while server.now > 1:
                    await client.associate_asset("c1", "a1")
    assert (server.most, server.connections) == (3, 3)


def test_a_blocking_client_takes_no_connection_that_waited_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lane, "KEPT_FOR", 0.01)
    with RawServer(NO_CONTENT) as server, ConversationClient(server.url) as client:
        for number in range(3):
            client.associate_asset("c1", f"a{number}")
            time.sleep(0.05)
    assert server.connections == 3


async def test_a_closed_client_keeps_nothing() -> None:
    with Counting() as server:
        client = AsyncConversationClient(server.url)
        view = client.with_options(timeout=1)
        await associate(client, 20, concurrency=4)
        await client.aclose()
        await until(lambda: server.now == 0)
        for closed in (client, view):
            with pytest.raises(ClientClosedError):
                await closed.associate_asset("c1", "a1")
    assert server.connections == 4


class Silent:
    """Answers those for the asset `slow` after a while, and those for `silent` never."""

    def __init__(self) -> None:
        self.held = asyncio.Event()
        """Set when there is one without an answer."""
        self._ends = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ends.set()
        self._server.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while b"/silent " not in (head := await reader.readuntil(b"\r\n\r\n")):
                await asyncio.sleep(0.4 if b"/slow " in head else 0)
                writer.write(NO_CONTENT)
            self.held.set()
            await self._ends.wait()
        writer.close()


@pytest.mark.parametrize("way", ["one_by_one", "as_a_stream"])
async def test_closing_ends_calls_on_kept_connections(way: str) -> None:
    async with Silent() as server:
        client = AsyncConversationClient(server.url)
        call = asyncio.create_task(WAYS[way](client, ["a1", "a2", "silent"]))
        await server.held.wait()
        await client.aclose()
        with pytest.raises(ClientClosedError) as caught:
            await call
    assert (caught.value.effect, caught.value.attempts) == ("unknown", 1)


@pytest.mark.parametrize("way", ["one_by_one", "as_a_stream"])
async def test_time_is_up_for_one_call_and_not_for_the_others(way: str) -> None:
    async with (
        Silent() as server,
        AsyncConversationClient(server.url, timeout=LONG, max_connections=3) as client,
    ):
        hasty = client.with_options(timeout=0.2)
        await asyncio.gather(*(WAYS[way](client, [f"a{number}"]) for number in range(3)))
        began = time.monotonic()
        late, *others = await asyncio.gather(
            WAYS[way](hasty, ["a1", "a2", "silent"]),
            *(WAYS[way](caller, ["a3", "a4", "a5"]) for caller in (client, hasty)),
            return_exceptions=True,
        )
        elapsed = time.monotonic() - began
        await client.associate_asset("c1", "a6")
    assert others == [None, None]
    assert isinstance(late, DeadlineExceededError)
    assert (late.effect, late.attempts, late.ids["asset"]) == ("unknown", 1, "silent")
    assert "time is up after 0.2 s, waiting for the reply" in str(late)
    assert 0.2 <= elapsed < LONG / 2


async def test_a_deadline_is_kept_after_a_while_in_which_nothing_was_sent() -> None:
    """When there is nothing to look after, the timer that does rests."""
    async with (
        Silent() as server,
        AsyncConversationClient(server.url, timeout=0.1) as client,
    ):
        for _ in range(2):
            await client.associate_asset("c1", "a1")
            await asyncio.sleep(3 * connection.LOOK_INTERVAL)
            with pytest.raises(DeadlineExceededError):
                await client.associate_asset("c1", "silent")


async def test_connections_are_looked_after_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one that has been in use for long is to be closed before the others."""
    monkeypatch.setattr(lane, "KEPT_FOR", 0.5)
    looks, look = list[object](), connection._look
    monkeypatch.setattr(connection, "_look", lambda owner: (looks.append(owner), look(owner)))
    async with Silent() as server, AsyncConversationClient(server.url) as client:
        slow = asyncio.create_task(client.associate_asset("c1", "slow"))
        await asyncio.sleep(0.2)
        await client.associate_asset("c1", "a1")
        await slow
        await asyncio.sleep(0.6)
    assert 4 <= len(looks) <= 15


async def test_cancelled_calls_give_back_what_they_waited_for() -> None:
    async with (
        Silent() as server,
        AsyncConversationClient(server.url, max_connections=1) as client,
    ):
        await client.associate_asset("c1", "a1")
        calls = [asyncio.create_task(client.associate_asset("c1", "silent"))]
        await server.held.wait()
        calls += [asyncio.create_task(client.associate_asset("c1", "a2")) for _ in range(3)]
        await asyncio.sleep(0)
        calls[2].cancel()  # one that waits
        calls[0].cancel()  # the one that is under way
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [
            *(asyncio.CancelledError, type(None)),
            *(asyncio.CancelledError, type(None)),
        ]
        turns = [asyncio.create_task(client.associate_asset("c1", "a2")) for _ in range(3)]
        await asyncio.sleep(0)
        turns[0].cancel()
        turns[1].cancel()
        await asyncio.wait(turns)
        await client.associate_asset("c1", "a3")


async def test_a_call_gets_one_of_the_connections_that_a_batch_keeps(server: Emulator) -> None:
    waits, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[str]:
        yield "a1"
        waits.set()
        await goes_on.wait()
        yield "a2"

    async with AsyncConversationClient(server.url, max_connections=1, timeout=5) as client:
        batch = asyncio.ensure_future(
            client.associate_many(STARTING_CONVERSATION, Material.ASSET, slowly(), concurrency=1)
        )
        await waits.wait()
        await client.get_conversation(STARTING_CONVERSATION)
        goes_on.set()
        assert (await batch).succeeded == 2


async def test_more_workers_than_connections_share_them(server: Emulator) -> None:
    async with AsyncConversationClient(server.url, max_connections=2) as client:
        report = await associate(client, 100, concurrency=10)
    assert report.succeeded == 100


async def test_closing_the_client_ends_a_batch(server: Emulator) -> None:
    async with AsyncConversationClient(server.url) as client:

        async def closing() -> AsyncIterator[str]:
            for number in range(1_000):
                if number == 500:
                    await client.aclose()
                yield f"a{number}"

        report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, closing())
    assert 450 < report.succeeded <= report.succeeded + report.failed <= 500
    assert report.not_started is None
    assert isinstance(report.ended_by, ClientClosedError)
    assert {type(failure.error) for failure in report.failures} <= {ClientClosedError}


@pytest.mark.parametrize(
    ("call", "most"),
    [
        (lambda client: client.associate_asset("c1", "a1"), 25),
        (lambda client: client.increment_scores("c1"), 25),
    ],
)
async def test_a_warm_call_enters_few_functions(
    call: Callable[[AsyncConversationClient], Awaitable[None]], most: int
) -> None:
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            for _ in range(3):
                await call(client)
            with entered() as functions:
                await call(client)
    assert 0 < len(functions) <= most, functions
