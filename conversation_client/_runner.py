"""The event loop behind a blocking client, and whose thread runs it."""

import asyncio
import atexit
import sys
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import nullcontext, suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar, cast

from conversation_client._caller import FORKED, Caller, Errand
from conversation_client._fork import call_after_fork, never_collect
from conversation_client._green_threads import refuse_green_threads
from conversation_client._interpreter import is_ending
from conversation_client._signals import HeldSignals, hold_signals
from conversation_client.errors import ClientClosedError, ConversationClientError

R = TypeVar("R")
MakeCoroutine = Callable[[], Coroutine[Any, Any, R]]

SLICE = 0.1
"""Seconds of one wait: on some platforms no handler of a signal is called while a thread waits."""
CLEAN_UP = 0.2
"""Seconds that an interrupted call may take to end before its caller goes on without it."""
ROUNDS = 30
"""Rounds of the loop in which what is under way ends by itself once the client is closed.

A batch needs a few to tell what became of its items. What still waits then is cancelled.
"""
CLOSED_MEANWHILE = "closed while the call was under way"


class _Call(Generic[R]):
    """A coroutine that a thread waits for."""

    def __init__(self, make: MakeCoroutine[R], caller: Caller) -> None:
        self.caller = caller
        self.is_over = False
        self.error: BaseException | None = None
        self._result: R | None = None
        self._make = make
        self.task: asyncio.Task[None] | None = None
        self._has_begun = False

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, in the thread that runs the loop or is about to."""
        if not self.is_over:
            self.task = loop.create_task(self._run())

    def cancel(self) -> None:
        """End it, in the thread that runs the loop."""
        if self.task is not None:
            self.task.cancel()
        if not self._has_begun:  # it never will
            self.is_over = True
            self.caller.look_up()

    async def _run(self) -> None:
        self._has_begun = True
        try:
            self._result = await self._make()
        except BaseException as error:  # raised in the thread that waits
            self.error = error
        self.is_over = True
        self.caller.look_up()

    def result(self) -> R:
        """Return what the coroutine has returned, or raise what it has raised."""
        if self.error is None:
            return cast(R, self._result)
        error, self.error = self.error, None  # whose traceback will lead here
        try:
            if isinstance(error, ConversationClientError):
                error.__traceback__ = None  # the loop's frames, which tell the caller nothing
            raise error
        finally:
            del error


class Runner:
    """Runs coroutines on one event loop, wherever that can run.

    A call runs the loop in the caller's own thread, which costs a fraction of handing it to
    another. The first time that this cannot be, because that thread has a running loop (as in a
    notebook) or another thread's call is under way, the loop moves to a thread of its own for good.
    Ctrl-C and whatever else handlers of signals raise ends the call that waits in the main thread.

    Raises:
        ConversationClientError: Threads or sockets have been replaced by those of gevent or
            eventlet, on which the loop would wait for itself.
    """

    def __init__(self) -> None:
        refuse_green_threads()
        self.is_closed = False
        """Whether no call can be made any more."""
        self._start_afresh()
        call_after_fork(self)
        _runners.add(self)

    def _start_afresh(self) -> None:
        self._guard = threading.RLock()
        """Held while it is decided who runs the loop."""
        self._wheel = threading.Lock()
        """Held by the thread that runs the loop."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        """Set once that thread is to end."""
        self._wants_thread = False
        self._callers: list[int] = []
        """The threads that wait for calls, once for each call."""
        self._closer: int | None = None
        """The thread that has closed the client within a call, and ends the loop after it."""
        self.generators = weakref.WeakSet[AsyncGenerator[Any, None]]()
        """What blocking iterators take their items from; closed with the loop."""

    def after_fork(self) -> object:
        """Leave the loop to the parent process and start without one."""
        loop, generators = self._loop, tuple(self.generators)
        if loop is not None:
            loop.stop()  # where a coroutine on it has forked
        self._start_afresh()
        return loop, generators

    def keep_tasks(self) -> None:
        """Keep what is under way from being collected as the interpreter ends, with complaints."""
        if self._loop is None or self._loop.is_closed():
            return
        if tasks := asyncio.all_tasks(self._loop):
            never_collect(tasks)

    def run(
        self, make: MakeCoroutine[R], caller: Caller | None = None, *, keep_running: bool = False
    ) -> R:
        """Run a coroutine to its end and return its result.

        Args:
            make: Makes the coroutine.
            caller: Runs errands for the coroutine meanwhile.
            keep_running: Whether the loop has to go on after it, for tasks that it leaves.

        Raises:
            ClientClosedError: The client is closed, or was closed during the call.
            ConversationClientError: The call comes from a coroutine on this very loop, or the loop
                cannot be made or have a thread that it needs.
            BaseException: What the coroutine raises, or an errand or the handler of a signal that
                was interrupted.
        """
        return self._run(_Call(make, caller or Caller()), keep_running=keep_running)

    def close(self, last: MakeCoroutine[None]) -> None:
        """Run one more coroutine, end all other calls, and close the loop; twice does nothing.

        Within a call, that is in an errand or the handler of a signal, the call comes to its own
        end first.

        Raises:
            ConversationClientError: The call comes from a coroutine on this very loop.
        """
        with self._guard:
            self._check(_running_loop(), is_closing=True)
            if self.is_closed:
                return
            self.is_closed = True
            if self._loop is None or self._is_bereft():
                return
        here = threading.get_ident()
        if here in self._callers:
            self._closer = here
            self._run(_Call(last, Caller()), is_closing=True)
        else:
            self._end(last)

    def _end(self, last: MakeCoroutine[None]) -> None:
        caller = Caller()
        held = hold_signals(caller.wake)
        try:
            self._run(_Call(partial(self._finish, last), caller), is_closing=True)
        finally:
            self._close_loop()
            if held is not None:
                held.release()

    async def _finish(self, last: MakeCoroutine[None]) -> None:
        await last()
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for generator in tuple(self.generators):
            await generator.aclose()

    def _close_loop(self) -> None:
        loop, thread = self._loop, self._thread
        if loop is None:
            return
        if thread is not None:
            self._ending.set()
            loop.call_soon_threadsafe(loop.stop)
        while not self._wheel.acquire(timeout=SLICE):
            pass  # whoever runs the loop is on its way out
        loop.close()
        self._wheel.release()
        if thread is not None:
            thread.join()

    def _run(self, call: _Call[R], *, keep_running: bool = False, is_closing: bool = False) -> R:
        held = hold_signals(call.caller.wake)
        here = threading.get_ident()
        self._callers.append(here)
        try:
            self._complete(call, held, keep_running, is_closing)
        finally:
            if here in self._callers:
                self._callers.remove(here)
                # Its end calls a weak reference back, where what a handler raises is lost.
                call.task = None
            else:  # forked: asyncio complains of tasks that are gone before their end
                never_collect(call)
            try:
                if held is not None:
                    held.release()
            finally:
                if self._closer == here and here not in self._callers:
                    self._closer = None
                    self._end(_nothing)
        if self.is_closed and isinstance(call.error, asyncio.CancelledError):
            raise ClientClosedError(CLOSED_MEANWHILE) from None
        return call.result()

    def _complete(
        self, call: _Call[Any], held: HeldSignals | None, keep_running: bool, is_closing: bool
    ) -> None:
        """Run a call to its end, and whatever it wants done in this thread meanwhile."""
        running = _running_loop()
        can_drive = running is None and not keep_running
        with self._guard:
            self._check(running, is_closing=is_closing)
            loop, drives = self._begin(call, can_drive)
        try:
            while not call.is_over:
                if drives or (can_drive and self._take_wheel()):
                    drives = False
                    self._drive(loop, call, held)
                    errand = call.caller.next_errand(0)
                else:
                    errand = call.caller.next_errand(SLICE)
                    self._see_that_it_runs(can_drive)
                if errand is not None or (held is not None and held.has_come):
                    _run_errand(errand, held)
                self._check_fork(loop)
        except BaseException as error:
            if self._loop is loop:  # and not forked
                self._cancel(loop, call, held, can_drive)
                for note in getattr(call.error, "__notes__", ()):
                    error.add_note(note)
            raise

    def _check(self, running: asyncio.AbstractEventLoop | None, *, is_closing: bool) -> None:
        if running is not None and running is self._loop:
            raise ConversationClientError(
                "a blocking call from a coroutine on the client's own event loop would wait"
                " for itself: use AsyncConversationClient there"
            )
        if is_closing:
            return
        if self.is_closed:
            raise ClientClosedError("this client is closed")
        if self._is_bereft():
            raise ConversationClientError(
                "the program is ending, and the thread of the client's event loop has ended"
            )

    def _is_bereft(self) -> bool:
        """Tell whether nobody will run the loop any more: at its end Python stops all threads."""
        return sys.is_finalizing() and (self._thread is not None or self._wheel.locked())

    def _check_fork(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            raise ConversationClientError(FORKED)

    def _begin(self, call: _Call[Any], can_drive: bool) -> tuple[asyncio.AbstractEventLoop, bool]:
        """Start a call; tell whether it is for this thread to run the loop."""
        if self._loop is None:
            self._loop = _new_loop()
        if can_drive and self._take_wheel():
            call.start(self._loop)
            return self._loop, True
        self._wants_thread = True
        if not self._wheel.locked():
            self._start_thread()
        self._loop.call_soon_threadsafe(call.start, self._loop, context=copy_context())
        return self._loop, False

    def _take_wheel(self) -> bool:
        return self._thread is None and self._wheel.acquire(blocking=False)

    def _drive(
        self, loop: asyncio.AbstractEventLoop, call: _Call[Any], held: HeldSignals | None
    ) -> None:
        """Run the loop in this thread, which has the wheel, until there is something to see."""
        wheel = self._wheel
        try:
            call.caller.loop = loop
            if not call.is_over and call.caller.is_idle and not (held and held.has_come):
                loop.run_forever()
        finally:
            call.caller.loop = None
            wheel.release()
            if self._wants_thread:
                self._see_that_it_runs(can_drive=True)

    def _see_that_it_runs(self, can_drive: bool) -> None:
        """Give the loop the thread that it is to have, unless a caller runs it."""
        with self._guard:
            if self._wants_thread and self._thread is None and not self._wheel.locked():
                with suppress(ConversationClientError) if can_drive else nullcontext():
                    self._start_thread()

    def _start_thread(self) -> None:
        thread = threading.Thread(
            target=_run_until,
            args=(self._loop, self._wheel, self._ending),
            name="conversation-client",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError as error:
            raise ConversationClientError(
                "the program is ending, and the client can have no thread for its event loop any more"
                if is_ending()
                else "the client needs a thread for its event loop, and none can be started:"
                " end some, or use AsyncConversationClient where a loop is running"
            ) from error
        self._thread = thread

    def _cancel(
        self,
        loop: asyncio.AbstractEventLoop,
        call: _Call[Any],
        held: HeldSignals | None,
        can_drive: bool,
    ) -> None:
        """End a call that its caller does not wait for any more."""
        call.caller.leave()
        with suppress(RuntimeError):  # another thread may have closed the loop
            loop.call_soon_threadsafe(call.cancel)
        until = time.monotonic() + CLEAN_UP
        while not call.is_over and (left := until - time.monotonic()) > 0:
            if held is not None and held.has_come:
                return
            if can_drive and self._take_wheel():
                timer = loop.call_later(left, loop.stop)
                self._drive(loop, call, held)
                timer.cancel()
            else:
                call.caller.next_errand(min(left, SLICE))
            call.caller.leave()


def _run_errand(errand: Errand[Any] | None, held: HeldSignals | None) -> None:
    """Run an errand with the handlers of signals in their places, after those that have to wait."""
    try:
        if held is not None:
            held.release()
        if errand is not None:
            errand.run()
    finally:
        if held is not None:
            held.hold()
    if errand is not None:
        errand.tell()  # where asyncio would take what a handler raises for an error of its own


def _run_until(
    loop: asyncio.AbstractEventLoop, wheel: threading.Lock, ending: threading.Event
) -> None:
    """Run a loop until that is set: what a signal has had stopped may be another thread's turn."""
    with wheel:
        while not ending.is_set():
            with suppress(BaseException):  # `sys.exit` in a callback ends only its call
                loop.run_forever()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.new_event_loop()
    except OSError as error:
        text = f"no event loop can be made for the client: {error.strerror}"
        raise ConversationClientError(text) from error


async def _nothing() -> None:
    pass


_runners: weakref.WeakSet[Runner] = weakref.WeakSet()


@atexit.register
def _keep_tasks() -> None:
    for runner in list(_runners):
        runner.keep_tasks()
