"""A server that leaves some requests without an answer."""

import asyncio
import contextlib
from typing import Self

import listening
from raw_server import EMPTY


class Silent:
    """Answers those for the asset `slow` after a while, and those for `silent` never."""

    def __init__(self) -> None:
        self.held = asyncio.Event()
        """Set when there is one without an answer."""
        self._ends = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ends.set()
        await listening.close(self._server)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while b"/silent " not in (head := await reader.readuntil(b"\r\n\r\n")):
                await asyncio.sleep(0.4 if b"/slow " in head else 0)
                writer.write(EMPTY)
            self.held.set()
            await self._ends.wait()
        writer.close()
