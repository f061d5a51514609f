"""The books of a batch: what became of its items so far, and who is told of each."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from conversation_client.batch import (
    KEPT_FAILURES,
    BatchFailure,
    BatchOutcome,
    BatchReport,
    Item,
)
from conversation_client.errors import ClientClosedError, ConversationClientError, TransportError

Sink = Callable[[BatchOutcome], Awaitable[None]]


class Recorder(Protocol):
    """Keeps what becomes of the items, for a later run."""

    skipped: int
    """Items that an earlier run had already done."""

    def record(self, position: int, error: ConversationClientError | None) -> None:
        """Note how an item ended."""

    def flush(self) -> None:
        """Write what was noted."""


class Tally:
    """Counts of items, each of which ends here once.

    Args:
        recorder: Keeps what becomes of the items.
        sink: Takes the outcomes, at its own speed.
    """

    def __init__(self, recorder: Recorder | None, sink: Sink | None) -> None:
        self.succeeded = 0
        self.failed = 0
        self.refusals = 0
        """Answers that confirmed nothing."""
        self.recorder = recorder
        self.sink = sink
        self._record = recorder.record if recorder is not None else None
        self._failures: list[BatchFailure] = []

    @property
    def answers(self) -> int:
        """How often the server has answered."""
        return self.succeeded + self.refusals

    @property
    def skipped(self) -> int:
        """Items that an earlier run had already done."""
        return self.recorder.skipped if self.recorder is not None else 0

    def confirm(self, position: int) -> None:
        """Note an item that the server confirmed."""
        self.succeeded += 1
        if self._record is not None:
            self._record(position, None)

    def fail(self, position: int, item: Item, error: ConversationClientError) -> None:
        """Note an item that failed."""
        self.failed += 1
        if len(self._failures) < KEPT_FAILURES:
            self._failures.append(BatchFailure(item, error))
        if self._record is not None:
            self._record(position, error)

    async def pass_on(self, item: Item, error: ConversationClientError | None) -> None:
        """Hand an outcome over, and wait until there is room for it."""
        if self.sink is not None:
            await self.sink(BatchOutcome(item, error))

    def report(
        self,
        *,
        not_started: int | None,
        ended_by: TransportError | ClientClosedError | None,
        elapsed: float,
    ) -> BatchReport:
        """Close the books."""
        return BatchReport(
            succeeded=self.succeeded,
            failed=self.failed,
            failures=tuple(self._failures),
            skipped=self.skipped,
            not_started=not_started,
            ended_by=ended_by,
            elapsed=elapsed,
        )
