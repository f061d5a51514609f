"""The emulator's websockets: texts go out in order, and nobody waits for one who does not listen."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

MOST_WAITING = 10_000
"""Texts that wait for a listener, at most; one who is further behind is cut off."""
MAX_HEARD = 1024 * 1024
"""Bytes of a message from a listener."""
FAREWELL = 0.0
"""Seconds that a listener has to answer the end of its socket: it is told, and that is all."""


def is_upgrade(request: web.Request) -> bool:
    """Tell whether a request asks for a websocket."""
    return request.headers.get(hdrs.UPGRADE, "").strip().lower() == "websocket"


class Listener:
    """What one websocket has yet to be sent; made on the loop that serves it."""

    def __init__(self) -> None:
        self.is_over: asyncio.Event = asyncio.Event()
        """Set once nothing more is to be sent."""
        self.is_behind: bool = False
        """Whether that is because it did not listen."""
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[str] = deque()
        self._has_waiting = asyncio.Event()

    def put(self, text: str) -> None:
        """Have a text sent after those before; from any one thread at a time, and at once."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(text)
            if len(self._waiting) == 1:
                self._wake(self._has_waiting)
        elif not self.is_behind:
            self.is_behind = True
            self._wake(self.is_over)

    async def next(self) -> str:
        """Wait for the next text and return it."""
        while not self._waiting:
            self._has_waiting.clear()
            if not self._waiting:
                await self._has_waiting.wait()
        return self._waiting.popleft()

    def _wake(self, event: asyncio.Event) -> None:
        with suppress(RuntimeError):  # the emulator has stopped meanwhile
            self._loop.call_soon_threadsafe(event.set)


class Sockets:
    """The websockets that are open."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    def stop(self) -> None:
        """Begin to end them all."""
        for listener in self._listeners:
            listener.is_over.set()

    async def serve(
        self,
        request: web.Request,
        listener: Listener,
        hear: Callable[[str], object] = lambda _: None,
    ) -> web.WebSocketResponse:
        """Send a listener its texts until either side ends.

        Args:
            request: That for the websocket.
            listener: What is to be sent.
            hear: Called with each text that comes from the other side.
        """
        socket = web.WebSocketResponse(timeout=FAREWELL, max_msg_size=MAX_HEARD, compress=False)
        try:
            await socket.prepare(request)
        except ConnectionResetError:  # the other side has left before it was answered
            return socket
        self._listeners.add(listener)
        work = (_send(socket, listener), _hear(socket, hear), listener.is_over.wait())
        tasks = [asyncio.create_task(each) for each in work]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._listeners.discard(listener)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if request.transport is not None and request.transport.get_write_buffer_size():
                request.transport.abort()  # or a listener that does not read would hold it open
        await socket.close(code=WSCloseCode.GOING_AWAY)
        return socket


async def _send(socket: web.WebSocketResponse, listener: Listener) -> None:
    while True:
        await socket.send_str(await listener.next())


async def _hear(socket: web.WebSocketResponse, hear: Callable[[str], object]) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            hear(message.data)
