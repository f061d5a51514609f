"""The fast lane of batches: what it keeps of the ordinary way, and when it leaves it to that."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from functools import partialmethod
from uuid import UUID

import aiohttp
import pytest
from aiohttp.streams import DataQueue
from cases import golden
from raw_server import RawRequest, RawServer, json_reply, reply

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConnectionLostError,
    DeadlineExceededError,
    Material,
    RetryPolicy,
)
from conversation_client._http.connection import Handler
from conversation_client._http.lane import Lane
from conversation_client._http.transport import Transport
from conversation_client.operations import ASSOCIATE_ASSET
from conversation_client.testing import STARTING_CONVERSATION, Emulator

POLICY = RetryPolicy(wait_initial=0.001, wait_max=0.001)
PLAIN = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets of the requests that go the ordinary way."""
    targets: list[str] = []
    original = Transport._exchange

    async def exchange(self, call):
        if call.first is None:
            targets.append(call.request.target)
        return await original(self, call)

    monkeypatch.setattr(Transport, "_exchange", exchange)
    return targets


async def associate(client: AsyncConversationClient, count: int, **options: int):
    return await associate_to(client, STARTING_CONVERSATION, count, **options)


async def associate_to(
    client: AsyncConversationClient, conversation: str, count: int, **options: int
):
    ids = (f"a{number}" for number in range(count))
    return await client.associate_many(conversation, Material.ASSET, ids, **options)


async def test_aiohttp_is_as_expected_and_batches_take_the_lane(
    server: Emulator, client: AsyncConversationClient, ordinary: list[str]
) -> None:
    """Fails where a new aiohttp has other internals than `_connection.py` and `_lane.py` use."""
    report = await associate(client, 200)
    assert (report.succeeded, ordinary) == (200, [])
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


async def test_a_patched_session_sees_every_item(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a mock or a recorder patches it, which is not to be passed by."""
    seen: list[str] = []
    original = aiohttp.ClientSession._request

    async def record(self, method, url, **options):
        seen.append(str(url))
        return await original(self, method, url, **options)

    async with AsyncConversationClient(server.url) as client:
        await associate(client, 3)
        monkeypatch.setattr(aiohttp.ClientSession, "_request", record)
        await associate(client, 5)
        monkeypatch.undo()
        await associate(client, 3)
    assert len(seen) == 5


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


@pytest.mark.parametrize("material", Material)
@pytest.mark.parametrize("verb", ["associate", "disassociate"])
async def test_request_of_the_lane_is_that_of_a_call(verb: str, material: Material) -> None:
    headers = {"X-Application-ID": "app"}
    with RawServer() as server:
        async with AsyncConversationClient(f"{server.url}/prefix", headers=headers) as client:
            await getattr(client, f"{verb}_{material}")("c/1", "a.1~_-")
            await getattr(client, f"{verb}_many")("c/1", material, ["a.1~_-"])
    assert server.requests[0] == server.requests[1]


async def test_ids_that_need_a_closer_look_go_the_ordinary_way(
    server: Emulator, client: AsyncConversationClient, ordinary: list[str]
) -> None:
    ids = ["plain", "a/b", "\N{SNOWMAN}", "..", "", UUID(int=1), "also-plain"]
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, ids)
    held = server.associations(STARTING_CONVERSATION, Material.ASSET)
    assert sorted(held) == sorted(["plain", "a/b", "\N{SNOWMAN}", str(UUID(int=1)), "also-plain"])
    assert [failure.item for failure in report.failures] == ["..", ""]
    assert len(ordinary) == 3


def counting(*replies: bytes) -> Callable[[RawRequest], bytes]:
    """Answer with each of the replies in turn, and then with the last."""
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


DATED = tuple(PLAIN.replace(b"\r\n\r\n", b"\r\nDate: %d\r\n\r\n" % day) for day in range(4))


@pytest.mark.parametrize(
    ("replies", "requests"),
    [
        ((PLAIN, PLAIN, reply(500), PLAIN), 6),
        ((PLAIN, reply(503), reply(503), PLAIN), 7),
        ((*DATED, DATED[0]), 5),
        ((PLAIN, b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, PLAIN), 5),
        ((PLAIN, b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", PLAIN), 5),
        ((PLAIN, reply(200), PLAIN), 5),
        ((PLAIN, PLAIN + PLAIN, PLAIN), 5),
        ((PLAIN, PLAIN + b"HTTP/1.1 204 No", PLAIN), 5),
        ((PLAIN, PLAIN + reply(500), PLAIN), 5),
    ],
)
async def test_every_reply_on_a_kept_connection_counts_for_what_it_is(
    replies: tuple[bytes, ...], requests: int
) -> None:
    with RawServer(counting(*replies)) as server:
        async with AsyncConversationClient(server.url, retry=POLICY) as client:
            report = await associate(client, 5, concurrency=1)
    assert (report.succeeded, report.failed) == (5, 0)
    assert len(server.requests) == requests


async def test_refusal_after_successes_is_told() -> None:
    with RawServer(counting(PLAIN, PLAIN, reply(404, b"no"), PLAIN)) as server:
        async with AsyncConversationClient(server.url) as client:
            report = await associate(client, 5, concurrency=1)
    (failure,) = report.failures
    assert (failure.item, failure.error.attempts, failure.error.effect) == ("a2", 1, "answered")
    assert str(failure.error).endswith("404 Not Found: 'no'")


async def test_connections_are_kept() -> None:
    with RawServer(PLAIN) as server:
        async with AsyncConversationClient(server.url) as client:
            await associate(client, 100, concurrency=3)
            await client.associate_asset("c1", "a1")
    assert server.connections == 3


async def test_time_is_up_for_one_item_and_not_for_the_others() -> None:
    never = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while b"/a3 " not in await reader.readuntil(b"\r\n\r\n"):
            writer.write(PLAIN)
        await never.wait()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AsyncConversationClient(f"http://127.0.0.1:{port}", timeout=0.2) as client:
        with Lane(client._transport, client._options, ASSOCIATE_ASSET, "c1") as lane:
            results = await asyncio.gather(
                *(lane.send(f"a{number}") for number in range(6)), return_exceptions=True
            )
    never.set()
    server.close()
    (late,) = [result for result in results if result is not None]
    assert isinstance(late, DeadlineExceededError)
    assert (late.effect, late.attempts, late.ids["asset"]) == ("unknown", 1, "a3")
    assert "time is up after 0.2 s, waiting for the reply" in str(late)


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
