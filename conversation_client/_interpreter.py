"""What a call needs of the interpreter, and may not get: a running event loop, and threads."""

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from traceback import walk_tb
from typing import Any

from conversation_client.errors import ConversationClientError, TransportError

PATIENCE = 5.0
"""Seconds that the event loop of another thread has to do something."""
_ASK_FOR_THREADS = {"run_in_executor", "submit"}
"""Functions of the standard library out of which a `RuntimeError` says that there is none."""


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that runs.

    Raises:
        ConversationClientError: None does.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConversationClientError(
            "no event loop of asyncio is running here: await this within `asyncio.run`; under trio"
            " use ConversationClient in a thread, as by `trio.to_thread.run_sync`"
        ) from None


async def is_done_in(
    loop: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, None]]
) -> bool:
    """Have something done in an event loop that runs in another thread, and wait for it.

    Returns:
        Whether it was; not if the loop does not run.

    Raises:
        ConversationClientError: The loop is too busy; it will be done when that has time.
    """
    if not loop.is_running():
        return False
    here, is_told = running_loop(), asyncio.Event()

    def tell(_: object) -> None:
        with suppress(RuntimeError):  # nobody waits any more
            here.call_soon_threadsafe(is_told.set)

    doing = work()
    try:
        done = asyncio.run_coroutine_threadsafe(doing, loop)
    except RuntimeError:  # it was closed this very moment
        doing.close()
        return False
    done.add_done_callback(tell)
    with suppress(TimeoutError):
        await asyncio.wait_for(is_told.wait(), PATIENCE)
    if not done.done() and loop.is_running():
        raise ConversationClientError(
            f"this client belongs to {loop!r}, which has had no time for it in {PATIENCE:g} s:"
            " await this there, or let that loop run"
        )
    return done.done()


def is_ending() -> bool:
    """Tell whether the program is at its end, where no thread can be started any more."""
    return sys.is_finalizing() or not threading.main_thread().is_alive()


def lack_of_threads(error: RuntimeError) -> ConversationClientError | None:
    """Return our error for one that says that there is no thread to be had; `None` for any other.

    The event loop looks up names of hosts in threads.
    """
    functions = {frame.f_code.co_name for frame, _ in walk_tb(error.__traceback__)}
    if not functions & _ASK_FOR_THREADS:
        return None
    instead = "name the host by its address, such as http://127.0.0.1:1000"
    if is_ending():
        return ConversationClientError(
            "the program is ending, and the name of the host can no longer be looked up:"
            f" {instead}, or call earlier"
        )
    return TransportError(
        "no thread can be started in which to look up the name of the host: end some threads, or"
        f" {instead}"
    )
