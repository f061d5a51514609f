"""The books of a batch: which items failed, and who is told what became of each."""

from collections.abc import Awaitable
from typing import Protocol

from conversation_client.batch import KEPT_FAILURES, BatchFailure, BatchOutcome, Item
from conversation_client.errors import ConversationClientError


class Recorder(Protocol):
    """Keeps what becomes of the items, for a later run."""

    skipped: int
    """Items that an earlier run had already done."""

    def record(self, position: int, error: ConversationClientError | None) -> None:
        """Note how an item ended."""

    def flush(self) -> None:
        """Write what was noted."""


class Sink(Protocol):
    """Takes the outcomes, at its own speed."""

    def offer(self, outcome: BatchOutcome) -> bool:
        """Hand an outcome over if there is room for it; tell whether there was."""
        ...

    def put(self, outcome: BatchOutcome, /) -> Awaitable[None]:
        """Hand an outcome over, and wait until there is room for it."""
        ...


class Tally:
    """Keeps the failures, and tells what became of the items; the plan counts them.

    Args:
        recorder: Keeps what becomes of the items.
        sink: Takes the outcomes.
    """

    def __init__(self, recorder: Recorder | None, sink: Sink | None) -> None:
        self.recorder = recorder
        self.sink = sink
        self.record = recorder.record if recorder is not None else None
        self._failures: list[BatchFailure] = []

    @property
    def skipped(self) -> int:
        """Items that an earlier run had already done."""
        return self.recorder.skipped if self.recorder is not None else 0

    @property
    def failures(self) -> tuple[BatchFailure, ...]:
        """The first ones."""
        return tuple(self._failures)

    async def succeed(self, position: int, item: Item) -> None:
        """Note an item that the server confirmed, and wait until its outcome is taken."""
        if self.record is not None:
            self.record(position, None)
        await self.pass_on(item, None)

    async def fail(self, position: int, item: Item, error: ConversationClientError) -> None:
        """Note an item that failed, and wait until its outcome is taken."""
        if len(self._failures) < KEPT_FAILURES:
            self._failures.append(BatchFailure(item, error))
        if self.record is not None:
            self.record(position, error)
        await self.pass_on(item, error)

    async def pass_on(self, item: Item, error: ConversationClientError | None) -> None:
        """Hand an outcome over, and wait until there is room for it."""
        if self.sink is not None:
            await self.sink.put(BatchOutcome(item, error))
