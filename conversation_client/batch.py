"""What a batch is given and gives back; `_batch.engine` runs it."""

from collections.abc import Sized
from typing import Generic, TypeVar

import attrs

from conversation_client._http.wire import Id
from conversation_client._record import Record
from conversation_client._tables import ROWS, table
from conversation_client.errors import BatchError, ConversationClientError
from conversation_client.operations import Material

T_co = TypeVar("T_co", covariant=True)

KEPT_FAILURES = 1000
TOLD_FAILURES = 5
"""Failures that the text of a report tells."""
PROGRESS_INTERVAL = 0.1
"""Seconds between two progress reports."""


@attrs.frozen(eq=False, repr=False)
class Association(Record):
    """An item that is to be associated with a conversation."""

    conversation: Id
    material: Material
    """What the id is an id of."""
    id: Id


@attrs.frozen(eq=False, repr=False)
class Disassociation(Record):
    """An item that is to be taken out of a conversation."""

    conversation: Id
    material: Material
    """What the id is an id of."""
    id: Id


Item = Id | Association | Disassociation


@attrs.frozen(eq=False, repr=False)
class BatchFailure(Record):
    """An item that failed, and why."""

    item: Item
    error: ConversationClientError


@attrs.frozen(eq=False, repr=False)
class BatchOutcome(Record):
    """What became of one item."""

    item: Item
    error: ConversationClientError | None
    """Why it failed; `None` if it succeeded."""

    @property
    def succeeded(self) -> bool:
        """Whether the server confirmed the item."""
        return self.error is None


@attrs.frozen(eq=False, repr=False)
class ReadOutcome(Record, Generic[T_co]):
    """What became of one read of several."""

    id: Id
    """As it was given."""
    value: T_co | None
    """The document; `None` if it could not be read."""
    error: ConversationClientError | None
    """Why it failed; `None` if it was read."""

    @property
    def succeeded(self) -> bool:
        """Whether the document is there."""
        return self.error is None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class BatchProgress(Record):
    """How far a batch is."""

    done: int
    """Items that the server confirmed."""
    failed: int
    total: int | None
    """Number of items, those of `skipped` included, if the input has a length or a journal."""
    elapsed: float
    """Seconds since the batch began."""
    skipped: int = 0
    """Items that an earlier run had already done."""
    concurrency: int
    """Calls that may be under way at the same time; it adapts to what the server can do."""
    waiting: bool
    """Whether the batch waits for a server that gives no answer or asks to wait, or had to since the
    last report."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class BatchReport(Record):
    """What became of a batch, or of several whose reports were added up."""

    succeeded: int
    """Items that the server confirmed."""
    failed: int
    failures: tuple[BatchFailure, ...] = attrs.field(repr=False)
    """The first 1,000 failures, in order of completion."""
    skipped: int = 0
    """Items that an earlier run had already done."""
    not_started: int | None = 0
    """Items that were not sent because the batch ended early; `None` if the number is not known,
    since the input has no length and was not read to its end."""
    ended_by: ConversationClientError | None = None
    """Why the batch ended early: the last error of a server that stopped answering or kept asking
    to wait, that the conversation is not there, or that the client was closed."""
    elapsed: float
    """Seconds that the batch took; of several, all of theirs."""

    def __add__(self, other: "BatchReport") -> "BatchReport":
        """Return the report of both batches.

        What ended the first of those that ended early is what it says.
        """
        if not isinstance(other, BatchReport):
            return NotImplemented
        rests = (self.not_started, other.not_started)
        return BatchReport(
            succeeded=self.succeeded + other.succeeded,
            failed=self.failed + other.failed,
            failures=(self.failures + other.failures)[:KEPT_FAILURES],
            skipped=self.skipped + other.skipped,
            not_started=None if None in rests else sum(rest or 0 for rest in rests),
            ended_by=self.ended_by or other.ended_by,
            elapsed=self.elapsed + other.elapsed,
        )

    def __radd__(self, other: int) -> "BatchReport":
        """Return this report, for a `sum` begins with 0."""
        return self if other == 0 else NotImplemented

    def __str__(self) -> str:
        """Tell the counts, why the batch ended early if it did, and the first failures."""
        counts = ", ".join(f"{count} {what}" for what, count in self._counts())
        told = [f"{counts} in {self.elapsed:.1f} s"]
        if self.ended_by is not None:
            told.append(f"  ended early: {self.ended_by}")
        told += [f"  {each.item}: {each.error}" for each in self.failures[:TOLD_FAILURES]]
        if self.failed > TOLD_FAILURES:
            told.append(f"  and {self.failed - TOLD_FAILURES:,} more failed")
        return "\n".join(told)

    def _repr_html_(self) -> str:
        """Show the counts and the first failures in a notebook, as small tables."""
        counts = [*self._counts(), ("seconds", f"{self.elapsed:.1f}")]
        if self.ended_by is not None:
            counts.append(("ended early", str(self.ended_by)))
        shown = table((), counts)
        if self.failures:
            rows = [(each.item, each.error) for each in self.failures[:ROWS]]
            shown += table(("item", "why it failed"), rows, of=self.failed)
        return shown

    def _counts(self) -> list[tuple[str, str]]:
        """Return the counts that there are something of, as they are told."""
        missing = "an unknown number" if self.not_started is None else self.not_started
        others = (("failed", self.failed), ("skipped", self.skipped), ("not started", missing))
        return [
            ("succeeded", f"{self.succeeded:,}"),
            *((what, f"{n:,}" if isinstance(n, int) else n) for what, n in others if n),
        ]

    def raise_if_failed(self) -> None:
        """Raise if any item failed or was not started.

        Raises:
            BatchError: A group of the errors that the report kept, and of what ended the batch.
        """
        errors = [failure.error for failure in self.failures]
        if self.ended_by is not None and self.ended_by not in errors:
            errors.append(self.ended_by)
        if errors:
            raise BatchError(self._summary(), errors)

    def _summary(self) -> str:
        known = self.succeeded + self.failed + self.skipped + (self.not_started or 0)
        if self.ended_by is None:
            return f"{self.failed} of {known} items failed"
        if self.not_started is None:
            return f"{self.failed} of {known} items failed and the rest were not started"
        return f"{self.failed} of {known} items failed and {self.not_started} were not started"


def not_begun(count: int, error: ConversationClientError) -> BatchReport:
    """Return the report of a batch that was not begun for what ended the one before it."""
    return BatchReport(
        succeeded=0, failed=0, failures=(), not_started=count, ended_by=error, elapsed=0.0
    )


def _counted(ids: Sized) -> str:
    return f"<{len(ids)} ids>"


@attrs.frozen(eq=False, repr=False)
class ReconcileReport(Record):
    """What it took for a conversation to have what it was to have, and what became of it."""

    to_add: tuple[str, ...] = attrs.field(repr=_counted)
    """Ids that it did not have, in the order of the input."""
    to_remove: tuple[str, ...] = attrs.field(repr=_counted)
    """Ids that it had and was not to have, in its own order; none where nothing is removed."""
    kept: int
    """How many of the ids it had already."""
    associated: BatchReport | None = None
    """What became of those that were to be added; `None` if it was a dry run."""
    disassociated: BatchReport | None = None
    """What became of those that were to be removed; `None` if it was a dry run."""

    def __str__(self) -> str:
        """Tell the counts, and what became of the ids."""
        told = [", ".join(f"{count} {what}" for what, count in self._counts())]
        return "\n".join([*told, *(f"{name}: {report}" for name, report in self._reports())])

    def _repr_html_(self) -> str:
        """Show the counts, and what became of the ids, in a notebook, as a small table."""
        return table((), [*self._counts(), *self._reports()])

    def _counts(self) -> list[tuple[str, str]]:
        counts = (len(self.to_add), len(self.to_remove), self.kept)
        names = ("to add", "to remove", "kept")
        return [(name, f"{count:,}") for name, count in zip(names, counts, strict=True)]

    def _reports(self) -> list[tuple[str, BatchReport]]:
        reports = {"associated": self.associated, "disassociated": self.disassociated}
        return [(name, report) for name, report in reports.items() if report is not None]

    def raise_if_failed(self) -> None:
        """Raise if any id could not be added or removed; a dry run has not failed.

        Raises:
            BatchError: A group of the errors that both reports kept, and of what ended a batch.
        """
        if self.associated is not None and self.disassociated is not None:
            (self.associated + self.disassociated).raise_if_failed()
