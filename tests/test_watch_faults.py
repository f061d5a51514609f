"""The fault matrix of websockets: every lie of a server, when it is told, and what a watcher does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, closing

import attrs
import pytest
from raw_server import RawRequest, RawServer, reply
from raw_websocket import BINARY, CLOSE, PING, accept, message, told
from waiting import wait_until

from conversation_client import (
    AsyncConversationClient,
    BodyTooLargeError,
    ConnectionLostError,
    ConversationChange,
    ConversationClient,
    ConversationClientError,
    DeadlineExceededError,
    DecodeError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RedirectError,
    ServerError,
    _watch,
)

Answer = Callable[[RawRequest], bytes | Iterable[bytes]]
SHORT = 0.3
"""Seconds of `timeout` of clients that meet a server that hangs."""
TOO_LARGE = 64 * 1024 * 1024 + 1


@attrs.frozen
class Fault:
    answer: Answer
    error: type[ConversationClientError]


def always(answer: bytes | Iterable[bytes]) -> Answer:
    return lambda _: answer


def then(*parts: bytes, closes: bool = False) -> Answer:
    """Accept the websocket, and send something."""

    def answer(request: RawRequest) -> bytes | Iterable[bytes]:
        content = accept(request) + b"".join(parts)
        return [content] if closes else content

    return answer


def cut(size: int) -> Answer:
    """Send the beginning of what is right, and close."""
    return lambda request: [(accept(request) + told("a"))[:size]]


def halt(size: int) -> Answer:
    """Send the beginning of what is right, and nothing more."""
    return lambda request: (accept(request) + told("a"))[:size]


RUBBISH: dict[str, tuple[bytes, type[ConversationClientError]]] = {
    "no-json": (message("signed out"), DecodeError),
    "empty": (message(""), DecodeError),
    "a-list": (message("[]"), DecodeError),
    "no-list": (message('{"iterable":3}'), DecodeError),
    "nothing": (message("{}"), DecodeError),
    "no-entry": (message('{"iterable":[3]}'), DecodeError),
    "no-id": (message('{"iterable":[{"conversation":{}}]}'), DecodeError),
    "empty-id": (message('{"iterable":[{"conversation":{"id":""}}]}'), DecodeError),
    "a-number-as-id": (message('{"iterable":[{"conversation":{"id":3}}]}'), DecodeError),
    "deep": (message("[" * 100_000), DecodeError),
    "binary": (message(b'{"iterable":[]}', BINARY), ProtocolError),
    "no-utf-8": (message(b"\xff\xfe"), ProtocolError),
    "too-large": (message(b"{", length=TOO_LARGE), BodyTooLargeError),
    "unknown-kind": (message("{}", 5), ProtocolError),
    "reserved-bits": (b"\xf1\x02{}", ProtocolError),
    "part-of-nothing": (message("{}", 0), ProtocolError),
    "http-again": (reply(200, "{}"), ProtocolError),
    "end": (message(b"\x03\xe8", CLOSE), ConnectionLostError),
    "end-with-a-lie": (message(b"\x00", CLOSE), ProtocolError),
}

FAULTS = {
    "404": Fault(always(reply(404)), NotFoundError),
    "429": Fault(always(reply(429, retry_after="3")), RateLimitedError),
    "500": Fault(always(reply(500, "no")), ServerError),
    "503": Fault(always(reply(503)), ServerError),
    "302": Fault(always(reply(302, location="/conversations")), RedirectError),
    "304": Fault(always(reply(304)), RedirectError),
    "200": Fault(always(reply(200, '{"iterable":[]}')), ProtocolError),
    "200-page": Fault(always(reply(200, "<html>", content_type="text/html")), ProtocolError),
    "204": Fault(always(reply(204)), ProtocolError),
    "101-alone": Fault(always(b"HTTP/1.1 101 X\r\n\r\n"), ProtocolError),
    "101-for-another": Fault(lambda r: accept(r, sec_websocket_accept="x"), ProtocolError),
    "not-http": Fault(always(b"220 mail.example.org ready\r\n"), ProtocolError),
    "closes": Fault(always([b""]), ConnectionLostError),
    "cut-in-head": Fault(cut(30), ConnectionLostError),
    "cut-after-head": Fault(then(closes=True), ConnectionLostError),
    "cut-in-message": Fault(cut(-5), ConnectionLostError),
    "silent": Fault(always(b""), DeadlineExceededError),
    "silent-in-head": Fault(halt(30), DeadlineExceededError),
    "silent-after-head": Fault(then(), DeadlineExceededError),
    "silent-in-message": Fault(halt(-5), DeadlineExceededError),
    **{name: Fault(then(content), error) for name, (content, error) in RUBBISH.items()},
}

GOOD = {
    "at-once": then(told("a")),
    "in-parts": then(
        message('{"iterable":[{"conver', final=False), message('sation":{"id":"a"}}]}', 0)
    ),
    "between-pings": then(message(b"p", PING), told("a"), message(b"", PING)),
    "a-part-a-ping-a-part": then(
        message('{"iterable":[{"conver', final=False),
        message(b"", PING),
        message('sation":{"id":"a"}}]}', 0),
    ),
    "with-null": then(message('{"iterable":[{"conversation":{"id":"a"},"deleted":null}]}')),
    "among-others": then(
        message(
            json.dumps(
                {"iterable": [{"asset": {"id": "x"}}, {"conversation": {"id": "a"}, "new": [1]}]}
            )
        )
    ),
}


@pytest.fixture(autouse=True)
def quick_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_watch, "FIRST_WAIT", 0.001)


def in_turn(*answers: Answer) -> Answer:
    """Answer the first request with the first, and all after the last with the last."""
    left = list(answers)

    def answer(request: RawRequest) -> bytes | Iterable[bytes]:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def timeout_for(fault: Fault) -> float:
    return SHORT if fault.error is DeadlineExceededError else 20.0


async def watched(client: AsyncConversationClient, count: int) -> AsyncIterator[tuple[str, bool]]:
    async with aclosing(client.conversations.watch()) as changes:
        for _ in range(count):
            change = await anext(changes)
            yield change.id, change.deleted


@pytest.mark.parametrize("name", FAULTS)
async def test_a_first_connection_that_fails_is_told_at_once(name: str) -> None:
    fault = FAULTS[name]
    before = asyncio.all_tasks()
    async with (
        RawServer(fault.answer) as server,
        AsyncConversationClient(server.url, timeout=timeout_for(fault)) as client,
    ):
        with pytest.raises(ConversationClientError) as caught:
            await anext(client.conversations.watch())
        assert type(caught.value) is fault.error
        assert caught.value.operation == "conversations_stream_identifiers"
        assert caught.value.attempts == len(server.requests) == 1
        assert asyncio.all_tasks() == before


@pytest.mark.parametrize("name", FAULTS)
def test_the_blocking_client_tells_the_same(name: str) -> None:
    fault = FAULTS[name]
    with (
        RawServer(fault.answer) as server,
        ConversationClient(server.url, timeout=timeout_for(fault)) as client,
    ):
        with pytest.raises(ConversationClientError) as caught:
            next(client.conversations.watch())
        assert type(caught.value) is fault.error
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", FAULTS)
async def test_a_later_connection_that_fails_is_followed_by_another(name: str) -> None:
    fault = FAULTS[name]
    answer = in_turn(then(told("a"), closes=True), fault.answer, then(told("b")))
    async with (
        RawServer(answer) as server,
        AsyncConversationClient(server.url, timeout=timeout_for(fault)) as client,
    ):
        found = [change async for change in watched(client, 3)]
        assert found == [("a", False), ("a", True), ("b", False)]
        assert len(server.requests) == 3


@pytest.mark.parametrize("name", RUBBISH)
async def test_rubbish_after_a_first_frame_ends_a_connection(name: str) -> None:
    answer = in_turn(then(told("a"), RUBBISH[name][0]), then(told("a", "b")))
    async with RawServer(answer) as server, AsyncConversationClient(server.url) as client:
        found = [change async for change in watched(client, 3)]
        assert found == [("a", False), ("a", False), ("b", False)]
        assert len(server.requests) == 2


@pytest.mark.parametrize("name", ["500", "not-http", "closes", "silent", "no-json"])
async def test_the_last_error_is_raised_when_it_takes_too_long(name: str) -> None:
    fault = FAULTS[name]
    answer = in_turn(then(told("a"), closes=True), fault.answer)
    async with (
        RawServer(answer) as server,
        AsyncConversationClient(server.url, timeout=timeout_for(fault)) as client,
    ):
        changes = client.conversations.watch(give_up_after=2 * SHORT)
        assert await anext(changes) == ConversationChange("a", deleted=False)
        with pytest.raises(ConversationClientError) as caught:
            await anext(changes)
        assert type(caught.value) is fault.error


@pytest.mark.parametrize("name", GOOD)
async def test_what_is_right_is_read_however_it_is_sent(name: str) -> None:
    async with RawServer(GOOD[name]) as server, AsyncConversationClient(server.url) as client:
        assert [change async for change in watched(client, 1)] == [("a", False)]


async def test_what_comes_byte_by_byte_is_read() -> None:
    def answer(request: RawRequest) -> Iterable[bytes]:
        return (bytes([byte]) for byte in accept(request) + told("a") + told("b", deleted=True))

    async with RawServer(answer) as server, AsyncConversationClient(server.url) as client:
        assert [each async for each in watched(client, 2)] == [("a", False), ("b", True)]


async def test_a_redirect_is_not_followed() -> None:
    async with RawServer(then(told("a"))) as other:
        redirect = reply(302, location=f"{other.url}/conversations/stream/identifiers")
        async with RawServer(redirect) as server, AsyncConversationClient(server.url) as client:
            with pytest.raises(RedirectError):
                await anext(client.conversations.watch())
            assert other.requests == []


async def test_a_server_that_is_gone_without_a_word_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conversation_client._http.websocket.HEARTBEAT", 0.1)
    answer = in_turn(then(told("a")), then(told("b")))
    async with RawServer(answer) as server, AsyncConversationClient(server.url) as client:
        found = [change async for change in watched(client, 3)]
        assert found == [("a", False), ("a", True), ("b", False)]


def test_a_loop_that_is_left_leaves_nothing_open() -> None:
    with RawServer(then(told("a"))) as server, ConversationClient(server.url) as client:
        with closing(client.conversations.watch()) as changes:
            next(changes)
            assert server.open_now == 1
        wait_until(lambda: server.open_now == 0)
