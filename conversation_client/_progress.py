"""Telling how far a batch is, now and then."""

import time
from collections.abc import Callable

from conversation_client.batch import PROGRESS_INTERVAL, BatchProgress

OnProgress = Callable[[BatchProgress], object]


class Progress:
    """The clock of a batch, and who wants to hear from it."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self.is_wanted = on_progress is not None
        self._on_progress = on_progress
        self._started = self._told = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the batch began."""
        return time.monotonic() - self._started

    @property
    def is_due(self) -> bool:
        """Whether somebody wants to hear, and has not for long enough."""
        return self.is_wanted and time.monotonic() - self._told >= PROGRESS_INTERVAL

    def tell(self, progress: BatchProgress) -> None:
        """Tell whoever wants to hear."""
        self._told = time.monotonic()
        if self._on_progress is not None:
            self._on_progress(progress)
