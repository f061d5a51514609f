"""Servers of tests that stop to listen."""

import asyncio
from contextlib import suppress


async def close(server: asyncio.Server) -> None:
    """Close a server, and no earlier than it has made all connections that it has accepted.

    asyncio never closes the socket of one that is accepted in the turn in which its server is closed.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        with suppress(NotImplementedError):  # on Windows
            loop.remove_reader(listener)
    for _ in range(5):
        await asyncio.sleep(0)
    server.close()
