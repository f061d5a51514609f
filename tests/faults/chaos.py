"""A server that can lie: raw bytes on sockets, scripted for each connection."""

import asyncio
import contextlib
import json
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from enum import Enum, auto
from types import NoneType
from typing import Any, Self, TypeVar

import attrs
import listening
from cases import minimal

from conversation_client.operations import OPERATIONS

T = TypeVar("T")
Script = Callable[["Peer"], Awaitable[None]]

END_OF_HEAD = b"\r\n\r\n"
PROBE = "probe"
"""Id in the requests that belong to a test's own preparation and aftermath."""
COOKIE = "Set-Cookie: session=canary-of-the-reply"
"""In every reply; nothing may show it."""
PATIENCE = 10.0


@attrs.frozen
class Request:
    """A request as it came."""

    line: str
    head: str
    body: bytes

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def is_probe(self) -> bool:
        return PROBE in self.target.split("/")


DOCUMENTS = {
    row: minimal(row.returns.__name__) for row in OPERATIONS if row.returns is not NoneType
}
REQUEST_LINES = {
    re.compile(re.sub(r"{\w+}", "[^/]+", f"{row.method} {row.path}(\\?.*)? .*")): row
    for row in OPERATIONS
}


def document(request: Request) -> dict[str, Any] | None:
    """Return the document that a request is promised; none where it is promised nothing."""
    (row,) = (row for line, row in REQUEST_LINES.items() if line.fullmatch(request.line))
    return DOCUMENTS.get(row)


def reply(status: int | str, body: bytes = b"", *headers: str, length: bool = True) -> bytes:
    """Spell a reply; a status of 204 has no length."""
    line = f"HTTP/1.1 {status} X" if isinstance(status, int) else status
    lines = [line, COOKIE, *headers]
    lines += [f"Content-Length: {len(body)}"] if length and status != 204 else []
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def good(request: Request, *headers: str) -> bytes:
    """Spell the reply that a request is promised."""
    promised = document(request)
    if promised is None:
        return reply(204, b"", *headers)
    body = json.dumps(promised).encode()
    return reply(200, body, "Content-Type: application/json", *headers)


async def healthy(peer: "Peer") -> None:
    """Answer as promised, for as long as the client likes."""
    while True:
        await peer.send(good(await peer.request()))


def after_probes(script: Script) -> Script:
    """Let a server begin to be what it is at the first request that is no probe."""

    async def late(peer: "Peer") -> None:
        await peer.answer_probes()
        await script(peer)

    return late


class Peer:
    """One connection, as its script sees it. It is closed when the script ends."""

    def __init__(
        self, site: "Site", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.site = site
        self.number = site.connections
        """Counted from 1."""
        self._reader = reader
        self._writer = writer
        self._ahead: Request | None = None

    async def head(self) -> Request:
        """Read the head of a request, and count it."""
        request = await self._next_head()
        self._ahead = None
        self.site.note(request)
        return request

    async def answer_probes(self) -> None:
        """Answer probes as promised, until there is another request, which is left unread."""
        while (await self._next_head()).is_probe:
            await self.send(good(await self.request()))

    async def _next_head(self) -> Request:
        if self._ahead is None:
            text = (await self._reader.readuntil(END_OF_HEAD)).decode("latin-1")
            self._ahead = Request(text.partition("\r\n")[0], text, b"")
        return self._ahead

    async def request(self) -> Request:
        """Read a whole request, and count it."""
        request = await self.head()
        length = request.head.lower().partition("\r\ncontent-length: ")[2].partition("\r\n")[0]
        return attrs.evolve(request, body=await self._reader.readexactly(int(length or 0)))

    async def begun(self) -> None:
        """Wait until the client has begun to send."""
        if self._ahead is None:
            await self._reader.readexactly(1)

    def count_unread(self) -> None:
        """Count a request that the client may have sent, though nobody reads it."""
        self.site.note(Request("UNREAD / HTTP/1.1", "", b""))

    async def send(self, *chunks: bytes, pause: float = 0.0) -> None:
        """Send chunks, with pauses between them."""
        for number, chunk in enumerate(chunks):
            if pause and number:
                await asyncio.sleep(pause)
            self._writer.write(chunk)
            await self._writer.drain()

    async def flood(self, chunk: bytes, pause: float = 0.0) -> None:
        """Send for ever."""
        while not self.site.is_healed:
            await self.send(chunk)
            await asyncio.sleep(pause)

    async def stay_silent(self) -> None:
        """Do nothing until the server is healed."""
        await self.site.healed.wait()

    async def reset(self, pause: float = 0.005) -> None:
        """End the connection with RST, once the client had time to read what was sent."""
        await asyncio.sleep(pause)
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class Listening(Enum):
    """How a port behaves before any script has a say."""

    YES = auto()
    REFUSING = auto()
    FULL = auto()
    """Its queue is full and nobody accepts."""


class Site:
    """One port: what it does and what it has seen."""

    def __init__(self, script: Script, listening: Listening) -> None:
        self.requests: list[Request] = []
        """Those that are no probes."""
        self.probes: list[Request] = []
        self.connections = 0
        self.is_ready = False
        """Whether the first connection is what a call is to find."""
        self.is_healed = False
        self.healed = asyncio.Event()
        self._script = script
        self._tasks: set[asyncio.Task[None]] = set()
        self._bugs: list[Exception] = []
        self._server: asyncio.Server | None = None
        self._queue: list[socket.socket] = []
        self._socket = _bound_to(0)
        self.port: int = self._socket.getsockname()[1]
        self._listening = listening

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def note(self, request: Request) -> None:
        (self.probes if request.is_probe else self.requests).append(request)

    async def start(self) -> None:
        if self._listening is Listening.YES:
            await self._serve()
        elif self._listening is Listening.FULL:
            self._socket.listen(0)
            self._fill_queue()

    async def refuse(self) -> None:
        """Stop listening, and keep the port."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._socket = _bound_to(self.port)

    async def heal(self) -> None:
        """Answer as promised from now on."""
        self._script = healthy
        self.is_healed = True
        self.healed.set()
        for waiting in self._queue:
            waiting.close()
        if self._server is None:
            await self._serve()

    async def stop(self) -> None:
        self.healed.set()
        for waiting in self._queue:
            waiting.close()
        if self._server is not None:
            await listening.close(self._server)
        self._socket.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)
        if self._bugs:
            raise ExceptionGroup("bugs of a script", self._bugs)

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._connected, sock=self._socket, backlog=1024)

    def _fill_queue(self) -> None:
        for _ in range(16):
            waiting = socket.socket()
            self._queue.append(waiting)
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self.port))
            if not select.select([], [waiting], [], 0.05)[1]:
                return
        raise AssertionError("the queue of the listening socket has no end")

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._script(Peer(self, reader, writer))
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the client or the test has had enough
        except Exception as bug:
            self._bugs.append(bug)
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), 0.2)
            writer.transport.abort()
            self.is_ready = True


def _bound_to(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


class ChaosServer:
    """Any number of sites, served from one thread: blocking and async tests use it alike."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chaos")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextlib.contextmanager
    def site(self, script: Script, listening: Listening = Listening.YES) -> Iterator[Site]:
        """Open a port; it is closed with all of its connections in the end."""
        site = self._run(self._open(script, listening))
        try:
            yield site
        finally:
            self._run(site.stop())

    def heal(self, site: Site) -> None:
        self._run(site.heal())

    async def _open(self, script: Script, listening: Listening) -> Site:
        site = Site(script, listening)
        await site.start()
        return site

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait for what another thread does; false if it does not happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.0005)
    return True
