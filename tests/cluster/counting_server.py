"""An emulator in a process of its own, which counts, and goes away for a while when it is told to.

    python counting_server.py DATABASE

It prints its URL, and then obeys its standard input: after `restart SECONDS` it has been away for so
long; after `count` it prints how many assets it was asked to associate.
"""

import asyncio
import socket
import sys

from conversation_client import operations
from conversation_client.testing import Emulator


async def main(database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    emulator = Emulator(port=port, db=database)
    print(f"http://127.0.0.1:{port}", flush=True)
    seconds: float | None = 0.0
    while seconds is not None:
        await asyncio.sleep(seconds)
        async with emulator:
            seconds = await obey(emulator)


async def obey(emulator: Emulator) -> float | None:
    """Return for how many seconds it is to be away, once it is to; `None` for good."""
    while order := (await asyncio.to_thread(sys.stdin.readline)).split():
        if order[0] == "restart":
            return float(order[1])
        print(emulator.counts[operations.ASSOCIATE_ASSET.id], flush=True)
    return None


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
