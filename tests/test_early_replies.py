"""Replies that come before the server has read all of the request, or any of it."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial, partialmethod

import aiohttp
import listening
import pytest
from cases import IDS, conversation, golden
from raw_server import EMPTY, json_reply, reply
from ways import WAYS, Way

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    ConversationClientError,
    Material,
    ProtocolError,
    StatusError,
)
from conversation_client._http import connection
from conversation_client.models.common import SeededScoreIncrement

DOCUMENT = json_reply(golden("samples/2.2.0/Conversation.minimal"))
TOO_LARGE = reply(413, b"no")
REQUEST = aiohttp.ClientSession._request


@asynccontextmanager
async def hasty(*, reads_later: bool, refusal: bytes = TOO_LARGE) -> AsyncIterator[str]:
    """A server that answers large requests from their heads alone, and keeps the connection."""
    tasks = set[asyncio.Task[None]]()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, transport = asyncio.current_task(), writer.transport
        assert task is not None
        assert isinstance(transport, asyncio.Transport)
        tasks.add(task)
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                _, _, length = head.lower().partition(b"content-length: ")
                size = int(length.split(b"\r\n")[0] or 0)
                writer.write(refusal if size > 1000 else DOCUMENT)
                if size > 1000 and not reads_later:
                    transport.pause_reading()
                    await asyncio.Event().wait()
                await reader.readexactly(size)
        transport.abort()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, limit=2**16)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await listening.close(server)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("reads_later", [False, True], ids=["never reads", "reads later"])
@pytest.mark.parametrize(
    ("patched", "size"),
    [(False, 100_000), (False, 2_000_000), (False, 20_000_000), (True, 20_000_000)],
    ids=["100 kB", "2 MB", "20 MB", "20 MB through a session"],
)
async def test_a_connection_with_an_unread_body_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch, size: int, reads_later: bool, patched: bool
) -> None:
    if patched:
        monkeypatch.setattr(aiohttp.ClientSession, "_request", partialmethod(REQUEST))
    large = conversation(IDS)
    large.name = "x" * size
    async with (
        hasty(reads_later=reads_later) as url,
        AsyncConversationClient(url, timeout=20, retry=None) as client,
    ):
        began = time.monotonic()
        with pytest.raises(StatusError, match="413"):
            await client.update_conversation(large)
        await client.get_conversation("c1")
        await client.get_conversation("c1")
        assert time.monotonic() - began < 10


async def test_a_body_that_was_not_sent_is_not_left_on_a_connection_where_nothing_is_promised() -> (
    None
):
    """The plain reply is taken without a look at anything else."""
    large = SeededScoreIncrement(extra={"novel": "x" * 20_000_000})
    async with (
        hasty(reads_later=False, refusal=EMPTY) as url,
        AsyncConversationClient(url, timeout=20, retry=None) as client,
    ):
        began = time.monotonic()
        for _ in range(3):
            await client.increment_scores("c1", large)
        await client.get_conversation("c1")
        assert time.monotonic() - began < 10


# Before anything was asked

Serve = Callable[[socket.socket, bytes], None]


def greet(listener: socket.socket, greeting: bytes) -> None:
    """Greet whoever comes, and read nothing."""
    held = list[socket.socket]()
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.sendall(greeting)
            held.append(connection)
    for connection in held:
        connection.close()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads have their turns before the first look."""
    monkeypatch.setattr(connection, "FIRST_LOOK", 0.5)


@contextmanager
def greeting(text: bytes) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=partial(greet, listener, text))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


GREETINGS = {"204": EMPTY, "a page": reply(200, "<p>"), "ssh": b"SSH-2.0-OpenSSH_9.6\r\n"}


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("name", GREETINGS)
async def test_what_a_server_says_before_it_is_asked_is_no_reply(name: str) -> None:
    with greeting(GREETINGS[name]) as url:
        async with AsyncConversationClient(url, timeout=20) as client:
            with pytest.raises(ProtocolError, match="speaks before it is asked") as caught:
                await client.associate_asset("c1", "a1")
    assert (caught.value.effect, caught.value.attempts) == ("none", 0)


@pytest.mark.usefixtures("patience")
def test_a_blocking_call_takes_no_greeting_for_a_reply() -> None:
    with greeting(EMPTY) as url, ConversationClient(url, timeout=20) as client:
        with pytest.raises(ConversationClientError):
            client.associate_asset("c1", "a1")
        report = client.associate_many("c1", Material.ASSET, ["a1", "a2"])
    assert report.succeeded == 0


class Greeter(asyncio.Protocol):
    """In the loop of the client, where it has its turns as soon as there is a connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(EMPTY)


async def test_a_greeting_is_heard_on_the_first_connection_and_on_those_that_follow() -> None:
    server = await asyncio.get_running_loop().create_server(Greeter, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, AsyncConversationClient(url, timeout=20) as client:
        for _ in range(3):
            with pytest.raises(ProtocolError, match="speaks before it is asked"):
                await client.associate_asset("c1", "a1")


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_no_way_of_sending_takes_a_greeting_for_a_reply(way: Way) -> None:
    with greeting(EMPTY) as url:
        async with AsyncConversationClient(url, timeout=20) as client:
            with pytest.raises((ProtocolError, AssertionError)):
                await way(client, ["a1"])
