"""The emulator's websockets beside the identifier streams: questions, health, the user."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from conversation_client.testing import STARTING_CONVERSATION, Emulator

ASK = "/qgpt/stream"
HEALTH = "/.well-known/stream/health"
USER = "/user/stream"
VISION = "/workstream_pattern_engine/processors/vision/status/stream"
LONG = 20
"""Seconds after which a test fails rather than waits."""


@pytest.fixture
async def session(server: Emulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as made:
        yield made


async def document(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as response:
        assert response.status == 200
        return json.loads(await response.read())


async def messages(session: aiohttp.ClientSession, conversation: str) -> list[tuple[str, str]]:
    read = await document(session, f"/conversation/{conversation}/messages")
    return [(each["role"], each["fragment"]["string"]["raw"]) for each in read["iterable"]]


async def answer(socket: ClientWebSocketResponse, asked: object) -> list[Any]:
    """Ask; return the frames up to the one that ends the answer."""
    await socket.send_str(asked if isinstance(asked, str) else json.dumps(asked))
    frames: list[Any] = []
    while not frames or frames[-1]["status"] == "IN-PROGRESS":
        frames.append(json.loads(await socket.receive_str(timeout=LONG)))
    return frames


def text_of(frames: list[Any]) -> str:
    parts = (frame["question"]["answers"]["iterable"][0]["text"] for frame in frames[:-1])
    return "".join(parts)


def as_relevance(query: str, **rest: object) -> dict[str, object]:
    return {"relevance": {"query": query, "options": {"question": True}}, **rest}


def as_question(query: str, **rest: object) -> dict[str, object]:
    """Return a question as the SDK asked it until version 3."""
    return {"question": {"query": query, "relevant": {"iterable": []}}, **rest}


@pytest.mark.parametrize("asked", [as_relevance, as_question])
async def test_question_and_answer_become_messages_of_the_conversation(
    session: aiohttp.ClientSession, asked: Any
) -> None:
    before = await messages(session, STARTING_CONVERSATION)
    query = "What is it that is longer than one part of an answer?"
    async with session.ws_connect(ASK) as socket:
        frames = await answer(socket, asked(query, conversation=STARTING_CONVERSATION))
    assert len(frames) > 2
    assert {frame["conversation"] for frame in frames} == {STARTING_CONVERSATION}
    assert len({frame["request"] for frame in frames}) == 1
    assert {frame["statusCode"] for frame in frames} == {200}
    assert frames[-1]["status"] == "COMPLETED"
    assert query in text_of(frames)
    after = await messages(session, STARTING_CONVERSATION)
    assert after == [*before, ("USER", query), ("ASSISTANT", text_of(frames))]


async def test_a_question_without_a_conversation_begins_one(session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(ASK) as socket:
        first = await answer(socket, as_relevance("one?", request="mine"))
        second = await answer(socket, as_relevance("two?", conversation=first[-1]["conversation"]))
        third = await answer(socket, as_relevance("three?"))
    assert {frame["request"] for frame in first} == {"mine"}
    made = first[-1]["conversation"]
    assert made not in (STARTING_CONVERSATION, third[-1]["conversation"])
    roles_and_texts = await messages(session, made)
    assert [text for role, text in roles_and_texts if role == "USER"] == ["one?", "two?"]
    assert [text for role, text in roles_and_texts if role == "ASSISTANT"] == [
        text_of(first),
        text_of(second),
    ]


async def test_a_long_question_has_an_answer_of_a_few_long_parts(
    session: aiohttp.ClientSession,
) -> None:
    query = "x" * 400_000
    async with session.ws_connect(ASK, max_msg_size=0) as socket:
        frames = await answer(socket, as_relevance(query))
    assert query in text_of(frames)
    assert len(frames) < 100


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        *(("{", "FAILED"), ("[]", "FAILED"), ({}, "FAILED"), ({"question": "x"}, "FAILED")),
        (as_relevance("x", conversation="nowhere"), "FAILED"),
        (as_relevance("x", conversation=1), "FAILED"),
        (as_relevance("x", conversation="\ud800"), "FAILED"),
        *((as_relevance("\ud800"), "FAILED"), (as_relevance("x", request="\ud800"), "FAILED")),
        ({"stop": True}, "STOPPED"),
        ({"reset": True}, "RESET"),
    ],
)
async def test_what_asks_nothing_is_told_so_and_the_socket_goes_on(
    session: aiohttp.ClientSession, asked: object, status: str
) -> None:
    async with session.ws_connect(ASK) as socket:
        (frame,) = await answer(socket, asked)
        assert frame["status"] == status
        assert bool(frame.get("errorMessage")) == (status == "FAILED")
        assert (await answer(socket, as_relevance("x")))[-1]["status"] == "COMPLETED"
    assert len((await document(session, "/conversations"))["iterable"]) == 2


async def test_streams_say_at_once_what_there_is(
    session: aiohttp.ClientSession, server: Emulator
) -> None:
    async with session.get("/.well-known/health") as response:
        health = await response.text()
    user = (await document(session, "/user"))["user"]
    for path, said in ((HEALTH, health), (USER, json.dumps(user)), (VISION, "{}")):
        async with session.ws_connect(path) as socket:
            frame = await socket.receive_str(timeout=LONG)
        assert frame == said if path == HEALTH else json.loads(frame) == json.loads(said)
        async with session.get(path) as response:
            assert (response.status, await response.text()) == (200, frame)
    counts = ("get_well_known_stream_health", "stream_user")
    assert [server.counts[name] for name in counts] == [2, 2]


async def test_questions_are_asked_over_a_websocket_alone(session: aiohttp.ClientSession) -> None:
    async with session.get(ASK) as response:
        assert (response.status, "websocket" in await response.text()) == (500, True)


async def test_pages_from_elsewhere_may_not_listen(session: aiohttp.ClientSession) -> None:
    for origin, status in (("https://evil.example", 403), ("null", 403)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(HEALTH, origin=origin)
        assert refused.value.status == status
    async with session.ws_connect(HEALTH, origin="http://localhost:5173") as socket:
        assert (await socket.receive_str(timeout=LONG)).startswith("ok")


async def test_a_version_has_its_own_streams() -> None:
    async with (
        Emulator(api_version="2.2") as server,
        aiohttp.ClientSession(server.url) as session,
    ):
        for path in (HEALTH, VISION):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(path)
            assert refused.value.status == 404
        async with session.ws_connect(USER) as socket:
            assert await socket.receive_str(timeout=LONG)


async def test_sockets_can_be_refused_dropped_and_kept_waiting_on_request(
    session: aiohttp.ClientSession, server: Emulator
) -> None:
    server.fail_next(503, operation="get_well_known_stream_health")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(HEALTH)
    assert refused.value.status == 503
    server.drop_next(2, operation="qgpt_stream")
    with pytest.raises(aiohttp.ClientError):
        await session.ws_connect(ASK)
    async with session.ws_connect(HEALTH) as socket:
        assert await socket.receive_str(timeout=LONG)


async def test_open_sockets_end_with_the_emulator() -> None:
    async with aiohttp.ClientSession() as session:
        async with Emulator() as server:
            socket = await session.ws_connect(server.url + ASK)
            assert (await answer(socket, as_relevance("x")))[-1]["status"] == "COMPLETED"
        ending = await socket.receive(timeout=LONG)
        assert ending.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
