"""The lane that all calls take: what it keeps between them, and when it leaves them to a session."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partialmethod
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import aiohttp
import pytest
from aiohttp.streams import DataQueue
from cases import IDS, PLAIN, Case, golden
from raw_server import EMPTY, RawRequest, RawServer, Reply, json_reply, reply
from silent_server import Silent
from tracing import entered
from waiting import LONG
from ways import WAYS, associate, one_by_one

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConnectionLostError,
    DeadlineExceededError,
    InvalidArgumentError,
    Material,
    ProtocolError,
    RetryPolicy,
)
from conversation_client._http import connection
from conversation_client._http.connection import SMALL_READ_SIZE, Handler
from conversation_client.operations import ASSOCIATE_ASSET
from conversation_client.testing import STARTING_CONVERSATION, Emulator

POLICY = RetryPolicy(wait_initial=0.001, wait_max=0.001)


async def test_aiohttp_is_as_expected_and_calls_do_without_its_sessions(
    server: Emulator, client: AsyncConversationClient
) -> None:
    """Fails where a new aiohttp has other internals than `_http/connection.py` uses."""
    report = await associate(client, 200)
    assert report.succeeded == 200
    assert not isinstance(
        client._transport.session.open(asyncio.get_running_loop()), aiohttp.ClientSession
    )
    assert len(server.associations(STARTING_CONVERSATION, Material.ASSET)) == 200


async def keyword_only(
    self: aiohttp.TCPConnector,
    req: aiohttp.ClientRequest,
    *,
    traces: list[Any],
    timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  # aiohttp's
) -> Any:
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
        assert isinstance(
            client._transport.session.open(asyncio.get_running_loop()), aiohttp.ClientSession
        )
        assert (await client.get_conversation(STARTING_CONVERSATION)).id == STARTING_CONVERSATION
        report = await associate(client, 200, concurrency=8)
        missing = await associate(client, 1, "no-such-conversation")
    assert (report.succeeded, report.failed, missing.failed) == (200, 0, 1)


async def test_a_get_through_a_session_of_our_own_is_not_sent_twice_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aiohttp.ClientSession, "_request", partialmethod(REQUEST))
    document = json_reply(golden("samples/2.2.0/Conversation.minimal"))
    answers: list[Reply] = [document, [], document]
    replies = iter(answers)  # the second request gets no reply
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
    ids: list[str | UUID] = ["plain", "a/b", "\N{SNOWMAN}", "..", "", UUID(int=1), "also-plain"]
    report = await client.associate_many(STARTING_CONVERSATION, Material.ASSET, ids)
    held = server.associations(STARTING_CONVERSATION, Material.ASSET)
    assert sorted(held) == sorted(["plain", "a/b", "\N{SNOWMAN}", str(UUID(int=1)), "also-plain"])
    assert [failure.item for failure in report.failures] == ["..", ""]


class Uncased(str):
    """A text that compares without its case."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    __hash__ = str.__hash__


async def test_each_call_is_for_its_own_conversation() -> None:
    conversations: list[str | UUID] = ["c1", "c1", "c2", Uncased("C2"), "c2", Uncased("c2"), "c/3"]
    conversations += [UUID(int=4), "c/3", "c1", "".join(["c", "1"]), "c1"]
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            for conversation in conversations:
                await client.associate_asset(conversation, "a1")
    sent = [unquote(request.target.split("/")[2]) for request in server.requests]
    assert sent == [str(conversation) for conversation in conversations]


@pytest.mark.parametrize(
    ("ids", "options"),
    [
        (("c1",), {}),
        (("c1", "a1", "a2"), {}),
        (("c1", ".."), {}),
        (("c1", None), {}),
        ((None, "a1"), {}),
        ((None, None), {}),
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
            await client.associate_asset("c1", "a2")  # on the same one: there is no part on its way
    assert (server.connections, len(server.requests)) == (1, 2)


def counting(*replies: bytes) -> Callable[[RawRequest], bytes]:
    """Answer with each of the replies in turn, and then with the last."""
    left = list(replies)
    return lambda request: left.pop(0) if len(left) > 1 else left[0]


def padded(size: int) -> bytes:
    """Return a plain reply of so many bytes."""
    return EMPTY.replace(b"\r\n\r\n", b"\r\nX-Pad: %b\r\n\r\n" % (b"x" * (size - len(EMPTY) - 9)))


DATED = tuple(EMPTY.replace(b"\r\n\r\n", b"\r\nDate: %d\r\n\r\n" % day) for day in range(4))


@pytest.mark.parametrize(
    ("replies", "requests"),
    [
        ((EMPTY, EMPTY, reply(500), EMPTY), 6),
        ((EMPTY, reply(502), reply(502), EMPTY), 7),
        ((*DATED, DATED[0]), 5),
        ((EMPTY, b"HTTP/1.1 100 Continue\r\n\r\n" + EMPTY, EMPTY), 5),
        ((EMPTY, b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", EMPTY), 5),
        ((EMPTY, reply(200), EMPTY), 5),
        ((EMPTY, EMPTY + EMPTY, EMPTY), 5),
        ((EMPTY, EMPTY + b"HTTP/1.1 204 No", EMPTY), 5),
        ((EMPTY, EMPTY + reply(500), EMPTY), 5),
        ((EMPTY, EMPTY + b"x" * 100_000, EMPTY), 5),
        ((EMPTY, EMPTY + b"x" * (SMALL_READ_SIZE - len(EMPTY)), EMPTY), 5),
        ((EMPTY, reply(500, "x" * 100_000), EMPTY), 6),
        *(
            ((EMPTY, padded(size), padded(size), EMPTY, padded(size)), 5)
            for edge in (SMALL_READ_SIZE, 2 * SMALL_READ_SIZE)
            for size in (edge - 1, edge, edge + 1)
        ),
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
    with RawServer(counting(EMPTY, EMPTY, reply(404, b"no"), EMPTY)) as server:
        async with AsyncConversationClient(server.url) as client:
            report = await associate(client, 5, concurrency=1)
    (failure,) = report.failures
    assert (failure.item, failure.error.attempts, failure.error.effect) == ("a2", 1, "answered")
    assert "404 Not Found: 'no'" in str(failure.error)


@pytest.mark.parametrize("size", [0, SMALL_READ_SIZE, 1_000_000])
async def test_documents_and_plain_replies_take_turns_on_a_connection(size: int) -> None:
    document = golden("samples/2.2.0/Conversation.minimal") | {"name": "x" * size}
    answers = {"GET": json_reply(document), "POST": EMPTY}
    with RawServer(lambda request: answers[request.method]) as server:
        async with AsyncConversationClient(server.url) as client:
            for _ in range(3):
                await client.associate_asset("c1", "a1")
                await associate(client, 3, "c1", concurrency=1)
                assert (await client.get_conversation("c1")).name == "x" * size
    assert (server.connections, len(server.requests)) == (1, 15)


async def test_the_plain_reply_is_no_document(server: Emulator) -> None:
    with RawServer() as raw:
        async with AsyncConversationClient(raw.url) as client:
            await one_by_one(client, ["a1", "a2"])
            with pytest.raises(ProtocolError, match="204 No Content, where a Conversation"):
                await client.get_conversation("c1")


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
        hasty = client.with_options(timeout=0.5)
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
    assert "time is up after 0.5 s, waiting for the reply" in str(late)
    assert 0.5 <= elapsed < LONG / 2


async def test_a_deadline_is_kept_after_a_while_in_which_nothing_was_sent() -> None:
    """When there is nothing to look after, the timer that does rests."""
    async with (
        Silent() as server,
        AsyncConversationClient(server.url, timeout=LONG) as client,
    ):
        hasty = client.with_options(timeout=0.1)
        for _ in range(2):
            await client.associate_asset("c1", "a1")
            await asyncio.sleep(3 * connection.LOOK_INTERVAL)
            with pytest.raises(DeadlineExceededError):
                await hasty.associate_asset("c1", "silent")


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
