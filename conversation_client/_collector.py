"""The cyclic garbage collector, paused while a large document is read.

Thousands of new objects, all of them in use, make it run again and again to find nothing, which
takes up to a third of the time of reading. It belongs to the whole process, so a pause is short,
takes place only where the collector is enabled, and ends with it enabled, even if another thread
has disabled it meanwhile.
"""

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

from conversation_client._fork import call_after_fork


class _Collector:
    def __init__(self) -> None:
        self._pausing = threading.Lock()
        call_after_fork(self)

    @contextmanager
    def paused(self) -> Generator[None]:
        """Pause the collector, unless it is disabled or another thread's pause is under way.

        That other pause ends when its own thread is done: were it to last until all threads are,
        busy threads could keep the collector off for good.
        """
        pausing = self._pausing
        if not (gc.isenabled() and pausing.acquire(blocking=False)):
            yield
            return
        try:
            gc.disable()
            yield
        finally:
            gc.enable()
            pausing.release()

    def after_fork(self) -> object:
        """End a pause of the parent: the thread that would have ended it is not in the child."""
        pausing, self._pausing = self._pausing, threading.Lock()
        if pausing.locked():
            gc.enable()
        return pausing


collector = _Collector()
