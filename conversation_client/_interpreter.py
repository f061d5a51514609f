"""What a call needs of the interpreter, and may not get: a running event loop, and threads."""

import asyncio
import sys
import threading
from traceback import walk_tb

from conversation_client.errors import ConversationClientError, TransportError

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
