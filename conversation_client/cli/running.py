"""Running what is async: one loop, one client, and a polite end on Ctrl-C or SIGTERM."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

from conversation_client.client import AsyncConversationClient

try:
    import uvloop
except ImportError:  # without the extra `speed`
    uvloop = None  # type: ignore[assignment]

T = TypeVar("T")


def run(
    work: Callable[[AsyncConversationClient], Awaitable[T]], server: str | None, connections: int
) -> T:
    """Run a coroutine with a client.

    Args:
        work: Given the client.
        server: The server's URL; None for the client's default.
        connections: Connections at the same time, at least 1.

    Returns:
        What the coroutine returns.

    Raises:
        KeyboardInterrupt: SIGINT or SIGTERM came; the coroutine was cancelled and has ended.
    """

    async def main() -> T:
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # that is the runner's
        async with AsyncConversationClient(server, max_connections=connections) as client:
            return await work(client)

    factory = uvloop.new_event_loop if uvloop is not None else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())
