"""The thread that waits for a blocking call, and what the call may have done in it."""

import asyncio
import os
import queue
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar, cast

from conversation_client.errors import ConversationClientError

R = TypeVar("R")

FORKED = (
    "forked within a call, which goes on in the parent process alone:"
    " end the child with os._exit, or fork between calls"
)


class Errand(Generic[R]):
    """A function that a coroutine wants called in another thread, or outside of the loop."""

    def __init__(self, function: Callable[[], R]) -> None:
        self.loop = asyncio.get_running_loop()
        self.done = self.loop.create_future()
        self._function = function
        self._outcome: tuple[R | None, BaseException | None] = None, asyncio.CancelledError()

    def run(self) -> None:
        """Call it, in the thread where that is wanted; `tell` is for what came of it.

        Raises:
            KeyboardInterrupt: The function was interrupted.
            BaseException: The function has forked, and this is the child.
        """
        if self.done.done():  # nobody waits for it any more
            return
        process = os.getpid()
        result: R | None = None
        error: BaseException | None = None
        try:
            result = self._function()
        except KeyboardInterrupt:
            raise
        except BaseException as raised:
            error = raised
        if os.getpid() != process:
            raise error or ConversationClientError(FORKED)
        self._outcome = result, error

    def tell(self) -> None:
        """Tell what came of it; that nobody calls it, if it was not run."""
        with suppress(RuntimeError):  # the loop may have been closed meanwhile
            self.loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if not self.done.done():
            self.done.set_result(self._outcome)


class Caller:
    """A thread that waits for a call, and runs errands for it meanwhile."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop, while it is this thread that runs it."""
        self._errands: queue.SimpleQueue[Errand[Any] | None] = queue.SimpleQueue()
        self._is_gone = False

    async def ask(self, function: Callable[[], R]) -> R:
        """Have a function called in the thread that waits, with the loop not running there.

        Raises:
            BaseException: What the function raises.
        """
        if self._is_gone:
            raise asyncio.CancelledError
        errand = Errand(function)
        self.look_up(errand)
        result, error = await errand.done
        if error is not None:
            raise error
        return cast(R, result)

    def look_up(self, errand: Errand[Any] | None = None) -> None:
        """Have the thread see what has become of its call, or run an errand; called on the loop."""
        self._errands.put(errand)
        if self.loop is not None:
            self.loop.stop()

    def wake(self) -> None:
        """Have the thread see what has happened, from the handler of a signal."""
        self._errands.put(None)
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.loop.stop)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to see."""
        return self._errands.empty()

    def next_errand(self, timeout: float) -> Errand[Any] | None:
        """Wait until there is something to see, at most so many seconds, and return it."""
        try:
            return self._errands.get(timeout=timeout) if timeout else self._errands.get_nowait()
        except queue.Empty:
            return None

    def leave(self) -> None:
        """Run no more errands."""
        self._is_gone = True
        while not self.is_idle:
            errand = self.next_errand(0)
            if errand is not None:
                errand.tell()
