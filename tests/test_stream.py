"""Streams of items: each is sent by the reply that confirms the one before it."""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from loops import Factory, every_loop
from raw_server import RawServer, reply
from tracing import entered

from conversation_client import (
    AsyncConversationClient,
    ConnectionLostError,
    ConversationClientError,
    GoneError,
    InvalidArgumentError,
    JournalError,
    NotFoundError,
    RetryPolicy,
    ServerError,
    StatusError,
)
from conversation_client._http import connection
from conversation_client.operations import ASSOCIATE_ASSET

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
POLICY = RetryPolicy(wait_initial=0.001, wait_max=0.001)
COUNT = 20


class Source:
    """Gives items, and notes which were confirmed, as being asked for the next one tells.

    Args:
        items: What to give.
        at: Called with each item before it is given.
    """

    def __init__(self, items: Iterator[Any], at: Callable[[Any], object] = lambda _: None) -> None:
        self.confirmed: list[Any] = []
        self.given: list[Any] = []
        self._items = items
        self._at = at

    def __iter__(self) -> "Source":
        return self

    def __next__(self) -> Any:
        self.confirmed[:] = self.given
        item = next(self._items)
        self._at(item)
        self.given.append(item)
        return item


def numbered(count: int = COUNT) -> Iterator[str]:
    return (f"a{number}" for number in range(count))


async def stream(client: AsyncConversationClient, source: Iterator[Any], **options: Any) -> None:
    await client._items(ASSOCIATE_ASSET, "c1").stream(source, **options)


def sent(server: RawServer) -> list[str]:
    return [request.target.rpartition("/")[2] for request in server.requests]


def refusing(item: str, *answers: bytes) -> Callable[[Any], bytes]:
    """Answer an item with these in turn, and everything else as promised."""
    left = list(answers)

    def answer(request: Any) -> bytes:
        return left.pop(0) if left and request.target.endswith(f"/{item}") else NO_CONTENT

    return answer


async def test_all_items_are_sent_in_order_and_confirmed() -> None:
    source = Source(numbered())
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await stream(client, source)
    assert sent(server) == source.confirmed == list(numbered())
    assert server.connections == 1


async def test_a_source_without_items_is_no_request() -> None:
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await stream(client, iter(()))
    assert not server.requests


@pytest.mark.parametrize("at", range(4))
async def test_the_error_of_an_item_ends_the_stream_at_that_item(at: int) -> None:
    source, failures = Source(numbered()), list[ConversationClientError]()
    with RawServer(refusing(f"a{at}", reply(404, b"no"))) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(NotFoundError, match="404 Not Found: 'no'") as caught:
                await stream(client, source, on_repeat=failures.append)
            assert caught.value.ids == {"conversation": "c1", "asset": f"a{at}"}
            assert (caught.value.attempts, failures) == (1, [])
            assert sent(server) == source.given == list(numbered(at + 1))
            assert source.confirmed == list(numbered(at))
            await stream(client, source)  # goes on with what is left
    assert sent(server) == source.confirmed == list(numbered())
    assert server.connections == 1


@pytest.mark.parametrize("at", range(4))
async def test_an_item_is_repeated_like_a_call_and_the_stream_goes_on(at: int) -> None:
    source, failures = Source(numbered()), list[ConversationClientError]()
    with RawServer(refusing(f"a{at}", reply(502), reply(502))) as server:
        async with AsyncConversationClient(server.url, retry=POLICY) as client:
            await stream(client, source, on_repeat=failures.append)
    wanted = list(numbered())
    assert sent(server) == [*wanted[:at], *[wanted[at]] * 3, *wanted[at + 1 :]]
    assert source.confirmed == wanted
    assert [type(error) for error in failures] == [ServerError, ServerError]


@pytest.mark.parametrize("status", [429, 503])
async def test_what_the_server_wants_later_is_left_to_whoever_began_the_stream(status: int) -> None:
    source = Source(numbered())
    with RawServer(refusing("a5", reply(status))) as server:
        async with AsyncConversationClient(server.url, retry=POLICY) as client:
            with pytest.raises(StatusError) as caught:
                await stream(client, source)
            assert sent(server) == source.given == list(numbered(6))
    assert (caught.value.status, caught.value.attempts) == (status, 1)


async def test_a_connection_that_is_lost_costs_its_own_item_alone() -> None:
    source = Source(numbered())
    answer = refusing("a7", b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"[:30])
    with RawServer(lambda request: [got] if len(got := answer(request)) == 30 else got) as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            with pytest.raises(ConnectionLostError) as caught:
                await stream(client, source)
            await stream(client, source)
    assert (caught.value.ids["asset"], caught.value.effect) == ("a7", "unknown")
    assert sent(server) == list(numbered())


class Bug(BaseException):
    """What no handler of exceptions is to swallow."""


@pytest.mark.parametrize("at", ["a0", "a1", "a2", "a9"])
@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad"),
        RuntimeError("bad"),
        OSError("bad"),
        aiohttp.ClientError("bad"),
        GoneError("of another client"),
        InvalidArgumentError("bad"),
        JournalError("bad"),
        Bug(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_the_source_raises_reaches_whoever_began_the_stream(
    error: BaseException, at: str
) -> None:
    def fail(item: str) -> None:
        if item == at:
            raise error

    source, failures = Source(numbered(), fail), list[ConversationClientError]()
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url, retry=POLICY) as client:
            with pytest.raises(type(error)) as caught:
                await stream(client, source, on_repeat=failures.append)
            assert caught.value is error
            assert error.__cause__ is error.__context__ is None
            assert sent(server) == source.confirmed == list(numbered(int(at[1:])))
            await client.associate_asset("c1", "a1")
    assert failures == []
    assert server.connections == 1


@pytest.mark.parametrize("odd", ["..", "", None, 5, "a\n", b"a"])
@pytest.mark.parametrize("at", [0, 1, 5])
async def test_an_item_that_cannot_be_sent_is_refused_by_itself(odd: Any, at: int) -> None:
    items = list(numbered())
    source = Source(iter([*items[:at], odd, *items[at:]]))
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(InvalidArgumentError, match="asset: "):
                await stream(client, source)
            assert source.given == [*items[:at], odd]
            assert source.confirmed == items[:at]
            await stream(client, source)
    assert sent(server) == items


async def test_ids_that_need_a_closer_look_are_sent_all_the_same() -> None:
    items = ["a0", UUID(int=1), "a/b", "\N{SNOWMAN}", "a1", "a2", UUID(int=2)]
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await stream(client, Source(iter(items)))
    encoded = ["a0", str(UUID(int=1)), "a%2Fb", "%E2%98%83", "a1", "a2", str(UUID(int=2))]
    assert sent(server) == encoded


async def test_the_source_is_asked_in_the_context_of_the_stream() -> None:
    variable = ContextVar[str]("variable", default="nobody's")
    seen: set[str] = set()
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")  # in whose context the connection was made
            variable.set("the stream's")
            await stream(client, Source(numbered(), lambda _: seen.add(variable.get())))
    assert seen == {"the stream's"}


async def test_a_call_that_waits_for_a_connection_goes_before_the_rest_of_a_stream() -> None:
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url, max_connections=1) as client:
            calls: list[asyncio.Task[None]] = []

            def call(item: str) -> None:
                if item in ("a5", "a9"):
                    calls.append(asyncio.create_task(client.associate_asset("c1", f"for-{item}")))

            await stream(client, Source(numbered(), call))
            await asyncio.gather(*calls)
    order = sent(server)
    assert order.index("for-a5") <= order.index("a5") + 3
    assert order.index("for-a9") <= order.index("a9") + 3
    assert sorted(order) == sorted([*numbered(), "for-a5", "for-a9"])
    assert server.connections == 1


async def test_streams_share_what_connections_there_are() -> None:
    shared = numbered(200)
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url, max_connections=2) as client:
            await asyncio.gather(*(stream(client, shared) for _ in range(5)))
    assert sorted(sent(server)) == sorted(numbered(200))
    assert server.connections == 2


async def test_a_session_that_is_patched_meanwhile_sees_the_items_that_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original, seen = aiohttp.ClientSession._request, list[str]()

    async def record(self: Any, method: str, url: Any, **options: Any) -> Any:
        seen.append(str(url).rpartition("/")[2])
        return await original(self, method, url, **options)

    def patch(item: str) -> None:
        if item == "a5":
            monkeypatch.setattr(aiohttp.ClientSession, "_request", record)
        elif item == "a15":
            monkeypatch.undo()

    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await stream(client, Source(numbered(), patch))
    assert sent(server) == list(numbered())
    assert seen == list(numbered())[5:15]


async def test_a_log_that_is_asked_for_meanwhile_soon_has_a_line_for_each_item(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ends = asyncio.Event()
    asyncio.get_running_loop().call_later(5 * connection.LOOK_INTERVAL, ends.set)
    items = iter(lambda: None if ends.is_set() else "a1", None)
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url) as client:
            await stream(client, numbered(5))
            assert not caplog.records
            loop = asyncio.get_running_loop()
            loop.call_soon(caplog.set_level, logging.DEBUG, "conversation_client")
            await stream(client, items)
    lines = [record for record in caplog.records if record.name == "conversation_client"]
    assert len(lines) > len(server.requests) / 10


async def test_a_stream_that_is_cancelled_takes_no_item_and_leaves_nothing() -> None:
    source = Source(numbered(100_000))
    with RawServer(NO_CONTENT) as server:
        async with AsyncConversationClient(server.url, max_connections=1) as client:
            await client.associate_asset("c1", "between")
            for _ in range(20):
                task = asyncio.create_task(stream(client, source))
                for _ in range(40):
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                given = list(source.given)
                await client.associate_asset("c1", "between")
                assert source.given == given
    assert [item for item in sent(server) if item != "between"] == source.given
    assert len(source.confirmed) >= len(source.given) - 21
    gc.collect()


@every_loop
def test_a_warm_item_enters_few_functions(factory: Factory) -> None:
    """Those of asyncio are counted, too, but not what it does once for all that has come.

    Nor is what is done each tenth of a second, of which fewest is seen where the machine is quick.
    """

    async def run(url: str) -> tuple[int, int]:
        async with AsyncConversationClient(url) as client:
            await stream(client, numbered(100))
            counts: dict[int, list[int]] = {200: [], 400: []}
            for items, counted in [*counts.items()] * 5:
                with entered("") as functions:
                    await stream(client, numbered(items))
                rounds = ("_run_once", "select", "_process_events", "time")
                counted.append(sum(not name.endswith(rounds) for name in functions))
            return min(counts[200]), min(counts[400])

    with RawServer(NO_CONTENT) as server, asyncio.Runner(loop_factory=factory) as runner:
        fewer, more = runner.run(run(server.url))
    assert (more - fewer) / 200 <= 8
