"""The batch engine: a bounded number of workers on one shared iterator, and an exact report."""

import asyncio
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sized
from enum import Enum, auto
from typing import Literal

import attrs

from conversation_client._wire import Id, check_count
from conversation_client.errors import BatchError, ConversationClientError, InvalidArgumentError

KEPT_FAILURES = 1000
PROGRESS_INTERVAL = 0.1
"""Seconds between two progress reports."""


@attrs.frozen
class BatchFailure:
    """An item that failed, and why."""

    item: Id
    error: ConversationClientError


@attrs.frozen(kw_only=True)
class BatchProgress:
    """How far a batch is."""

    done: int
    """Items that the server confirmed."""
    failed: int
    total: int | None
    """Number of items, if the input has a length."""
    elapsed: float
    """Seconds since the batch began."""


@attrs.frozen(kw_only=True)
class BatchReport:
    """What became of a batch."""

    succeeded: int
    """Items that the server confirmed."""
    failed: int
    failures: tuple[BatchFailure, ...] = attrs.field(repr=False)
    """The first 1,000 failures, in order of completion."""
    skipped: int = 0
    """Items that an earlier run had already done."""
    elapsed: float
    """Seconds that the batch took."""

    def raise_if_failed(self) -> None:
        """Raise if any item failed.

        Raises:
            BatchError: A group of the errors that the report kept.
        """
        if self.failed:
            message = f"{self.failed} of {self.succeeded + self.failed} items failed"
            raise BatchError(message, [failure.error for failure in self.failures])


async def run_batch(
    call: Callable[[Id], Awaitable[None]],
    items: Iterable[Id] | AsyncIterable[Id],
    *,
    concurrency: int,
    on_progress: Callable[[BatchProgress], object] | None,
) -> BatchReport:
    """Call for each item, with a bounded number of calls at the same time.

    Memory follows the concurrency, not the input. An error of this library fails its item; any
    other exception, from the iterator, the call or `on_progress`, lets the calls under way finish,
    starts no more and is raised with a note of what was done.

    Args:
        call: Awaited with each item.
        items: Read one by one as calls become free, from a single task at a time.
        concurrency: Calls at the same time, at least 1.
        on_progress: Called at most ten times a second, and once at the end whatever it is.

    Raises:
        InvalidArgumentError: The items or the concurrency make no batch.
    """
    check_count("concurrency", concurrency)
    return await _Batch(call, items, on_progress).run(concurrency)


class _Batch:
    def __init__(
        self,
        call: Callable[[Id], Awaitable[None]],
        items: Iterable[Id] | AsyncIterable[Id],
        on_progress: Callable[[BatchProgress], object] | None,
    ) -> None:
        self._call = call
        self._source = _Source(items)
        self._on_progress = on_progress
        self._total = len(items) if isinstance(items, Sized) else None
        self._started = self._reported = time.monotonic()
        self._succeeded = 0
        self._failed = 0
        self._failures: list[BatchFailure] = []
        self._bug: Exception | None = None

    async def run(self, concurrency: int) -> BatchReport:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(self._work())
        except BaseException as error:
            self._note(error)
            raise
        finally:
            self._report_progress()
        if self._bug is not None:
            self._note(self._bug)
            raise self._bug
        return BatchReport(
            succeeded=self._succeeded,
            failed=self._failed,
            failures=tuple(self._failures),
            elapsed=time.monotonic() - self._started,
        )

    def _note(self, error: BaseException) -> None:
        error.add_note(f"batch: {self._succeeded} succeeded, {self._failed} failed")

    async def _work(self) -> None:
        try:
            while self._bug is None and (item := await self._source.take()) is not _End.END:
                if self._bug is not None:  # since this worker began to wait for an item
                    break
                await self._process(item)
                if time.monotonic() - self._reported >= PROGRESS_INTERVAL:
                    self._report_progress()
        except Exception as error:  # raised once the other workers have finished
            self._bug = self._bug or error

    async def _process(self, item: Id) -> None:
        try:
            await self._call(item)
        except ConversationClientError as error:
            self._failed += 1
            if len(self._failures) < KEPT_FAILURES:
                # Without its traceback, which would keep the frames of the whole call alive.
                self._failures.append(BatchFailure(item, error.with_traceback(None)))
            await asyncio.sleep(0)  # refused items must not keep the loop from anything else
        except BaseException:
            self._failed += 1
            raise
        else:
            self._succeeded += 1

    def _report_progress(self) -> None:
        now = self._reported = time.monotonic()
        if self._on_progress is not None:
            self._on_progress(
                BatchProgress(
                    done=self._succeeded,
                    failed=self._failed,
                    total=self._total,
                    elapsed=now - self._started,
                )
            )


class _End(Enum):
    END = auto()


class _Source:
    """The items, taken one by one from any number of workers."""

    def __init__(self, items: Iterable[Id] | AsyncIterable[Id]) -> None:
        self._iterator: Iterator[Id] | None = None
        self._lock = asyncio.Lock()
        self._over = False
        if isinstance(items, AsyncIterable):
            self._async_iterator = aiter(items)
        elif isinstance(items, Iterable) and not isinstance(items, str | bytes):
            self._iterator = iter(items)
        else:
            kind = type(items).__name__
            raise InvalidArgumentError(f"ids: an iterable of ids is needed, not {kind}")

    async def take(self) -> Id | Literal[_End.END]:
        """Return the next item, or `END` when there are no more."""
        if self._iterator is not None:
            return next(self._iterator, _End.END)
        async with self._lock:  # an async generator cannot be asked twice at the same time
            if self._over:
                return _End.END
            self._over = True  # unless an item comes; what has ended or raised is not asked again
            item = await anext(self._async_iterator, _End.END)
            self._over = item is _End.END
            return item
