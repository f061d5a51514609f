"""Telling how far a batch is, now and then."""

import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import cast

import attrs

from conversation_client.batch import PROGRESS_INTERVAL, BatchProgress, BatchReport

OnProgress = Callable[[BatchProgress], object]


def as_part(
    on_progress: OnProgress | None, total: int, before: BatchReport | None
) -> OnProgress | None:
    """Return what tells how far a batch is as a part of more.

    Args:
        on_progress: Who wants to hear.
        total: Items in all.
        before: The report of the batches before it.
    """
    if on_progress is None:
        return None

    def tell(progress: BatchProgress) -> object:
        done, failed, elapsed = progress.done, progress.failed, progress.elapsed
        if before is not None:
            done, failed = done + before.succeeded, failed + before.failed
            elapsed += before.elapsed
        return on_progress(
            attrs.evolve(progress, done=done, failed=failed, elapsed=elapsed, total=total)
        )

    return tell


class Progress:
    """The clock of a batch, and who wants to hear from it."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._started = self._told = time.perf_counter()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody wants to hear."""
        return self._on_progress is not None

    @property
    def elapsed(self) -> float:
        """Seconds since the batch began."""
        return time.perf_counter() - self._started

    @property
    def is_due(self) -> bool:
        """Whether somebody wants to hear, and has not for long enough."""
        return self.is_wanted and time.perf_counter() - self._told >= PROGRESS_INTERVAL

    async def tell(self, progress: BatchProgress) -> None:
        """Tell whoever wants to hear, and wait for it if it is a coroutine."""
        self._told = time.perf_counter()
        if self._on_progress is None:
            return
        told = self._on_progress(progress)
        if isawaitable(told):
            await cast(Awaitable[object], told)
