"""A server that answers, cuts or keeps silent as a test says."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import listening
import pytest
from raw_server import reply

DONE = reply(204)
CUT = b""
"""In place of a reply: the connection is reset."""

Answer = Callable[[str], Awaitable[bytes]]


def last_segment(target: str) -> str:
    return target.rpartition("/")[2]


class Site:
    """A server that answers, cuts or keeps silent as a test says, and may be stopped.

    Args:
        answer: What it says to a request.
        told: What of the target of a request it is told.
    """

    def __init__(self, answer: Answer, told: Callable[[str], str] = last_segment) -> None:
        self.answer = answer
        self.told = told
        self.requests: list[str] = []
        """What it was told, in order."""
        self.most = 0
        """How many requests there were at the same time, at most."""
        self._held = 0
        self._port = 0
        self._reserved: socket.socket | None = None
        """Has the port while nobody listens there, which another test might take."""
        self._server: asyncio.Server | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.background: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        self._release()
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Do as a server that is killed does."""
        if self._server is not None:
            server, self._server = self._server, None
            await listening.close(server)
            self._reserved = socket.socket()
            self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._reserved.bind(("127.0.0.1", self._port))
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop for good."""
        await self.stop()
        self._release()

    def _release(self) -> None:
        """Let others have the port."""
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            while await self._answer_one(reader, writer):
                pass
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.tasks.discard(task)
            writer.transport.abort()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        item = self.told(head.split(b" ", 2)[1].decode())
        self.requests.append(item)
        self._held += 1
        self.most = max(self.most, self._held)
        try:
            answered = await self.answer(item)
        finally:
            self._held -= 1
        writer.write(answered)
        return answered != CUT


@asynccontextmanager
async def serving(answer: Answer, told: Callable[[str], str] = last_segment) -> AsyncIterator[Site]:
    site = Site(answer, told)
    await site.start()
    try:
        yield site
    finally:
        if site.background is not None:
            await site.background
        await site.close()


async def good(_: str) -> bytes:
    return DONE


async def cut(_: str) -> bytes:
    return CUT


async def silence(_: str) -> bytes:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def generated(ids: Iterable[Any]) -> AsyncIterator[Any]:
    for id_ in ids:
        await asyncio.sleep(0)
        yield id_


SHAPES: dict[str, Callable[[list[Any]], Any]] = {"list": list, "async generator": generated}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def names(count: int) -> list[str]:
    return [f"a{number}" for number in range(count)]
