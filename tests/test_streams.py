"""The emulator's identifier streams: first frames, a frame a change, and listeners that do not listen."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from waiting import LONG, wait_until

from conversation_client import AsyncConversationClient, ConversationClient, Material, ServerError
from conversation_client.testing import Emulator, sockets
from conversation_client.testing.emulator import STARTING_CONVERSATION

STREAMS = ("conversations", "messages", "assets", "anchors", "ranges")
UPGRADE = (
    "GET /{}/stream/identifiers HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}==\r\n\r\n"
)


class Streams:
    """Listens to streams of an emulator."""

    def __init__(
        self, server: Emulator, session: aiohttp.ClientSession, opened: AsyncExitStack
    ) -> None:
        self._server = server
        self._session = session
        self._opened = opened

    def path(self, name: str) -> str:
        return f"{self._server.url}/{name}/stream/identifiers"

    async def get(self, name: str) -> Any:
        async with self._session.get(self.path(name)) as response:
            assert (response.status, response.content_type) == (200, "application/json")
            return await response.json()

    async def open(self, name: str) -> "Ear":
        opening = self._session.ws_connect(self.path(name))
        return Ear(await self._opened.enter_async_context(opening))


class Ear:
    def __init__(self, opened: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = opened

    async def next(self) -> list[Any]:
        message = await self.socket.receive(LONG)
        assert message.type is aiohttp.WSMsgType.TEXT
        document = json.loads(message.data)
        assert list(document) == ["iterable"]
        return list(document["iterable"])


@pytest.fixture
async def streams(server: Emulator) -> AsyncIterator[Streams]:
    async with aiohttp.ClientSession() as session, AsyncExitStack() as opened:
        yield Streams(server, session, opened)


def entry(key: str, name: str, **more: bool) -> dict[str, Any]:
    return {key: {"id": name}, **more}


@pytest.mark.parametrize("name", STREAMS)
async def test_a_first_frame_comes_at_once_with_what_a_plain_get_tells(
    streams: Streams, name: str
) -> None:
    ear = await streams.open(name)
    assert {"iterable": await ear.next()} == await streams.get(name)


async def test_each_change_of_a_conversation_is_a_frame(
    streams: Streams, client: AsyncConversationClient
) -> None:
    ear = await streams.open("conversations")
    assert await ear.next() == [entry("conversation", STARTING_CONVERSATION)]
    made = (await client.conversations.create("a name")).id
    message = (await client.messages.add(made, "hello")).id
    await client.rename_conversation(made)
    await client.associate_asset(made, "a")
    await client.associate_asset(made, "a")  # which changes nothing
    await client.disassociate_asset(made, "a")
    await client.increment_scores(made)
    await client.messages.delete(message)
    with pytest.raises(ServerError):
        await client.rename_conversation("unknown")
    await client.conversations.delete(made)
    frames = [await ear.next() for _ in range(8)]
    assert frames == [[entry("conversation", made)]] * 7 + [
        [entry("conversation", made, deleted=True)]
    ]
    assert await streams.get("conversations") == {
        "iterable": [entry("conversation", STARTING_CONVERSATION)]
    }


async def test_messages_are_told_and_those_of_a_deleted_conversation_are_gone(
    streams: Streams, client: AsyncConversationClient
) -> None:
    ear = await streams.open("messages")
    first = await ear.next()
    assert len(first) == 4
    made = (await client.messages.add(STARTING_CONVERSATION, "hello")).id
    assert await ear.next() == [entry("conversationMessage", made)]
    await client.conversations.delete(STARTING_CONVERSATION)
    gone = [await ear.next() for _ in range(5)]
    told = [*first, entry("conversationMessage", made)]
    assert gone == [[each | {"deleted": True}] for each in told]


@pytest.mark.parametrize("material", [Material.ASSET, Material.ANCHOR, Material.RANGE])
async def test_materials_are_told_when_they_are_first_named_and_when_they_change(
    streams: Streams, server: Emulator, client: AsyncConversationClient, material: Material
) -> None:
    key, name = material.value, f"{material.value}s"
    ear = await streams.open(name)
    assert await ear.next() == []
    server.add_material(material, "declared")
    assert await ear.next() == [entry(key, "declared")]
    await client.associate_many(STARTING_CONVERSATION, material, ["a"])
    assert await ear.next() == [entry(key, "a")]
    await client.disassociate_many(STARTING_CONVERSATION, material, ["a"])
    assert await ear.next() == [entry(key, "a")]
    assert {each[key]["id"] for each in (await streams.get(name))["iterable"]} == {"declared", "a"}


async def test_nothing_is_between_a_first_frame_and_those_that_follow(
    streams: Streams, server: Emulator
) -> None:
    async def seed() -> list[str]:
        return [await asyncio.to_thread(server.seed) for _ in range(200)]

    seeding = asyncio.create_task(seed())
    ears: list[Ear] = []
    while not seeding.done() and len(ears) < 50:  # aiohttp waits for the end of one of 100
        ears.append(await streams.open("conversations"))
    for ear in ears:
        heard: list[str] = []
        while len(heard) < 201:
            heard += [each["conversation"]["id"] for each in await ear.next()]
        assert heard == [STARTING_CONVERSATION, *await seeding]


async def test_faults_that_are_asked_for_are_those_of_streams_too(
    streams: Streams, server: Emulator
) -> None:
    server.fail_next(503, operation="conversations_stream_identifiers")
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await streams.open("conversations")
    assert caught.value.status == 503
    server.drop_next(2, "conversations_stream_identifiers")  # aiohttp asks again by itself
    with pytest.raises(aiohttp.ClientError):
        await streams.open("conversations")
    assert await (await streams.open("conversations")).next()
    assert server.counts["conversations_stream_identifiers"] >= 3


@pytest.mark.parametrize(
    ("version", "statuses"), [("2.2", [200, 404, 200, 404, 404]), ("4.3", [200] * 5)]
)
async def test_a_version_has_the_streams_that_it_has(version: str, statuses: list[int]) -> None:
    async with Emulator(api_version=version) as server, aiohttp.ClientSession() as session:
        found = []
        for name in STREAMS:
            async with session.get(f"{server.url}/{name}/stream/identifiers") as response:
                found.append(response.status)
        assert found == statuses


def test_stopping_ends_all_streams_soon() -> None:
    with Emulator() as server:
        port = int(server.url.rpartition(":")[2])
        listeners = [listener(port, "conversations") for _ in range(10)]
        began = time.monotonic()
    assert time.monotonic() - began < LONG / 4
    for each in listeners:
        while each.recv(65536):
            pass
        each.close()


@pytest.mark.parametrize("is_reset", [False, True], ids=["closed", "reset"])
def test_one_who_leaves_before_being_answered_is_nobodys_fault(
    is_reset: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with Emulator(delay=0.1) as emulator:
        gone = asking(port_of(emulator), "conversations")
        wait_until(lambda: emulator.requests)
        if is_reset:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.close()
        with ConversationClient(emulator.url) as client:  # which is answered after the other
            client.get_health()
    assert not caplog.records


def listener(port: int, name: str, buffer: int = 65536) -> socket.socket:
    """Open a stream and read no more than the head."""
    opened = asking(port, name, buffer)
    assert b" 101 " in opened.recv(40)
    return opened


def asking(port: int, name: str, buffer: int = 65536) -> socket.socket:
    """Ask for a stream and read nothing."""
    opened = socket.socket()
    opened.settimeout(LONG)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    opened.connect(("127.0.0.1", port))
    opened.sendall(UPGRADE.format(name, "A" * 22).encode())
    return opened


def port_of(emulator: Emulator) -> int:
    return int(emulator.url.rpartition(":")[2])


def test_one_who_does_not_listen_is_cut_off_and_nobody_else(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_WAITING", 50)
    deaf = listener(port_of(server), "assets", buffer=4096)

    async def listen() -> int:
        count = 0
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.url}/assets/stream/identifiers") as ear,
        ):
            await ear.receive(LONG)
            for _ in range(1_000):
                await asyncio.to_thread(server.add_material, Material.ASSET, "x" * 20_000)
                count += (await ear.receive(LONG)).type is aiohttp.WSMsgType.TEXT
        return count

    assert asyncio.run(listen()) == 1_000

    def is_cut_off() -> bool:
        try:
            return not deaf.recv(1 << 20)
        except ConnectionError:
            return True

    wait_until(is_cut_off)
    deaf.close()
