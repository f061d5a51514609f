"""Running what is async: one loop, one client, and a polite end on Ctrl-C and its like."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from typing import TypeVar

from conversation_client._arguments import URL_VARIABLE, ClientOptions
from conversation_client._signals import is_main_thread
from conversation_client.cli.target import Target
from conversation_client.client import AsyncConversationClient
from conversation_client.sync import ConversationClient

try:
    import uvloop
except ImportError:  # without the extra `speed`
    uvloop = None  # type: ignore[assignment]

T = TypeVar("T")

ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def is_named(target: Target) -> bool:
    """Tell whether somebody has said where the server is; else it is looked for."""
    return bool(target.server or os.environ.get(URL_VARIABLE))


def connect(target: Target) -> ConversationClient:
    """Make the client of single calls.

    Raises:
        ServerNotRunningError: Nobody has said where the server is, and it is not found.
    """
    make = ConversationClient if is_named(target) else ConversationClient.discover
    return make(target.server, timeout=target.timeout)


def run(
    work: Callable[[AsyncConversationClient], Awaitable[T]], target: Target, connections: int
) -> T:
    """Run a coroutine with a client.

    Args:
        work: Given the client.
        target: The server.
        connections: Connections at the same time, at least 1.

    Returns:
        What the coroutine returns.

    Raises:
        KeyboardInterrupt: SIGINT, SIGTERM or SIGHUP came; the coroutine was cancelled and has ended.
    """

    async def main() -> T:
        with _cancelled_by_signals():
            async with await _client(target, connections) as client:
                return await work(client)

    factory = uvloop.new_event_loop if uvloop is not None else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())


async def _client(target: Target, connections: int) -> AsyncConversationClient:
    options = ClientOptions(timeout=target.timeout, max_connections=connections)
    if is_named(target):
        return AsyncConversationClient(target.server, **options)
    return await AsyncConversationClient.discover(**options)


@contextmanager
def _cancelled_by_signals() -> Generator[None, None, None]:
    """Let the signals that would end the process cancel the task instead.

    That is only where they would: a program around this one may have handlers of its own, `nohup`
    has SIGHUP ignored, and only the main thread can have any. The runner sees to SIGINT.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    came = False

    def cancel() -> None:
        nonlocal came
        came = True
        if task is not None:
            task.cancel()

    bound: list[int] = []
    for number in ENDING if is_main_thread() else ():
        if signal.getsignal(number) is signal.SIG_DFL:
            with suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, cancel)
                bound.append(number)
    try:
        yield
    except asyncio.CancelledError:
        if came:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number in bound:
            loop.remove_signal_handler(number)
