"""A server that answers with the bytes it is told to, and keeps what it was sent."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

import attrs
import listening

CRLF = b"\r\n"


def reply(
    status: int | str, body: bytes | str = b"", /, *, length: bool = True, **headers: str
) -> bytes:
    """Spell a reply: `reply(429, "wait", retry_after="3")`; without a length it closes."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X" if isinstance(status, int) else f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    no_length = status == 204 and not content
    lines += [] if no_length else [f"Content-Length: {len(content)}"] if length else [CLOSE]
    return CRLF.join(line.encode("latin-1") for line in (*lines, "", "")) + content


def json_reply(document: object, **headers: str) -> bytes:
    fields: dict[str, Any] = {"content_type": "application/json"} | headers
    return reply(200, json.dumps(document), **fields)


CLOSE = "Connection: close"
EMPTY = reply(204)
Reply = bytes | Iterable[bytes]
"""Chunks are sent one by one, as fast as the client reads them."""


@attrs.frozen
class RawRequest:
    """A request as it came."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    def header(self, name: str) -> str | None:
        """Return the one header of this name, if there is one; two are a failure."""
        found = self.header_values(name)
        assert len(found) <= 1, f"{name} was sent {len(found)} times"
        return found[0] if found else None

    def header_values(self, name: str) -> list[str]:
        return [value for own, value in self.headers if own.lower() == name.lower()]

    def json(self) -> Any:
        return json.loads(self.body)


class RawServer:
    """Serves from a thread of its own; `with` and `async with` both do.

    Args:
        answer: What to send after each request: bytes, chunks, or what makes them of the request.
            A reply with `Connection: close` in it ends the connection, and so do chunks.
    """

    def __init__(self, answer: Reply | Callable[[RawRequest], Reply] = EMPTY) -> None:
        self.requests: list[RawRequest] = []
        self.connections = 0
        self.open_now = self.open_at_most = 0
        """Connections that are open, and how many were at the same time."""
        self._answer = answer
        self._port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="raw-server")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def request(self) -> RawRequest:
        """The one request that came."""
        (request,) = self.requests
        return request

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.WriteTransport] = set()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        await listening.close(server)
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections)
        for transport in self._transports:  # also what still has something to send
            if transport.get_extra_info("socket").fileno() >= 0:
                transport.abort()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._transports.add(writer.transport)
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_now += 1
        self.open_at_most = max(self.open_at_most, self.open_now)
        try:
            while await self._answer_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client or the test has had enough
        finally:
            self.open_now -= 1
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(CRLF * 2)
        line, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        headers = [header.split(": ", 1) for header in lines]
        request = RawRequest(line, tuple((name, value) for name, value in headers), b"")
        assert request.header("Transfer-Encoding") is None
        length = int(request.header("Content-Length") or 0)
        request = attrs.evolve(request, body=await reader.readexactly(length))
        self.requests.append(request)
        answer = self._answer(request) if callable(self._answer) else self._answer
        for chunk in [answer] if isinstance(answer, bytes) else answer:
            writer.write(chunk)
            await writer.drain()
        return isinstance(answer, bytes) and CLOSE.encode() not in answer
