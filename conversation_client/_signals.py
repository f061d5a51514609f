"""Putting off Python's handlers of signals while an event loop runs in the main thread.

Python calls a handler between any two instructions of the main thread, and what it raises, as its
own does at Ctrl-C, goes on from there. In the midst of an event loop that may be a place which takes
every exception for its own, where it is lost or comes out as something else, or one that leaves a
lock or a connection half-way. So while the loop runs each handler is replaced by one that notes the
signal and wakes the loop, and it is called once the loop has stopped.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType, MappingProxyType

Handler = Callable[[int, FrameType | None], object]

# Those of `signal` make enums of all numbers and handlers, which takes ten times as long.
_plain = sys.modules.get("_signal", signal)
getsignal: Callable[[int], object] = _plain.getsignal
set_signal: Callable[[int, object], object] = _plain.signal

NUMBERS = tuple(int(number) for number in signal.valid_signals())


def is_main_thread() -> bool:
    """Tell whether this is the thread in which Python calls the handlers of signals.

    What `threading` takes for the main thread is, where it was imported late, as in a program that
    embeds Python, whichever thread imported it.
    """
    here = threading.get_ident()
    return here == threading.main_thread().ident and (here == _Last.main or _may_set_handlers(here))


def _may_set_handlers(here: int) -> bool:
    try:
        set_signal(signal.SIGINT, None)  # no handler, but the thread is looked at first
    except ValueError:
        return False
    except TypeError:
        _Last.main = here
    return True


class HeldSignals:
    """The handlers of all signals that have one in Python, replaced for a while.

    Args:
        wake: Called when a signal has come, between any two instructions.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._handlers: Mapping[int, Handler] = {}
        self._come: list[tuple[int, FrameType | None]] = []

    @property
    def has_come(self) -> bool:
        """Whether a handler is to be called."""
        return bool(self._come)

    def hold(self) -> None:
        """Replace the handlers.

        Raises:
            BaseException: What a handler raises that was not replaced yet; none is then.
        """
        self._handlers = _handlers()
        try:
            for number in self._handlers:
                set_signal(number, self._note)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Put the handlers back that nobody has replaced, and call those whose signals have come.

        Raises:
            BaseException: What a handler raises.
        """
        note = self._note
        try:
            for number, handler in self._handlers.items():
                if getsignal(number) == note:
                    set_signal(number, handler)
        except BaseException:  # of one that is back already
            self.release()
            raise
        self._call_handlers()

    def _call_handlers(self) -> None:
        try:
            while self._come:
                number, frame = self._come.pop(0)
                handler = innermost(number, getsignal(number))
                if callable(handler):  # and not put away by another that has been called
                    handler(number, frame)
        finally:  # what one raises keeps none of the others from being called
            if self._come:
                self._call_handlers()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._come.append((number, frame))
        self._wake()

    def original(self, number: int) -> object:
        """Return the handler that is replaced."""
        return innermost(number, self._handlers[number])


def hold_signals(wake: Callable[[], object]) -> HeldSignals | None:
    """Hold the handlers, if this is the thread in which they are called."""
    if not is_main_thread():
        return None
    held = HeldSignals(wake)
    held.hold()
    return held


class _Last:
    """What was found last: to compare takes a tenth of the time that it takes to look at each."""

    found: tuple[object, ...] = ()
    handlers: Mapping[int, Handler] = MappingProxyType({})
    main: int | None = None


def _handlers() -> Mapping[int, Handler]:
    """Return the handlers that are functions of Python, by their signals' numbers."""
    found = tuple(map(getsignal, NUMBERS))
    if found != _Last.found:
        numbered = zip(NUMBERS, found, strict=True)
        _Last.handlers = {number: handler for number, handler in numbered if callable(handler)}
        _Last.found = found
    return _Last.handlers


def innermost(number: int, handler: object) -> object:
    """Return what is to be called where a call, or a call within a call, has replaced a handler."""
    outer = getattr(handler, "__self__", None)
    return outer.original(number) if isinstance(outer, HeldSignals) else handler


def _put_back_in_child() -> None:
    """Have a child that was forked during a call handle its signals, as no call goes on there."""
    for number in NUMBERS:
        handler = getsignal(number)
        original = innermost(number, handler)
        if original is not handler:
            set_signal(number, original)


if hasattr(os, "register_at_fork"):  # pragma: no branch  # not on Windows
    os.register_at_fork(after_in_child=_put_back_in_child)
