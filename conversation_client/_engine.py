"""The batch engine: numbered workers on one source, a limit that adapts, and a gate for outages."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import attrs

from conversation_client._limit import Limit, is_overload
from conversation_client._outage import Held, Outage
from conversation_client._progress import Progress
from conversation_client._source import Numbered, Source
from conversation_client._tally import Recorder, Sink, Tally
from conversation_client.batch import BatchOutcome, BatchProgress, BatchReport, Item
from conversation_client.errors import (
    ClientClosedError,
    ConversationClientError,
    DeadlineExceededError,
    InvalidArgumentError,
    ResponseError,
    TransportError,
)
from conversation_client.retry import OnFailure, says_removed

TICK = 0.05
"""Seconds between two looks at whether a journal is to be written and progress to be told."""

Call = Callable[[Any, OnFailure, bool], Awaitable[None]]
"""Sends one item: told whom to tell of each attempt that fails, and whether to repeat those."""


def _seconds(_: object, attribute: "attrs.Attribute[float]", value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise InvalidArgumentError(f"{attribute.name}: seconds above 0, not {value!r}")


@attrs.frozen
class Settings:
    """How a batch runs, which begins as they are made.

    Raises:
        InvalidArgumentError: A value is out of range.
    """

    concurrency: int
    give_up_after: float = attrs.field(validator=_seconds)
    progress: Progress = attrs.field(converter=Progress)

    async def tell_reading(self, total: int | None) -> None:
        """Tell, if it is time, that the input is being read and nothing was sent yet."""
        if self.progress.is_due:
            progress = BatchProgress(
                done=0,
                failed=0,
                total=total,
                elapsed=self.progress.elapsed,
                concurrency=self.concurrency,
                waiting=False,
            )
            await self.progress.tell(progress)


async def run_batch(
    call: Call, source: Source, settings: Settings, recorder: Recorder | None = None
) -> BatchReport:
    """Call for each item, with a bounded number of calls at the same time.

    Memory follows the concurrency, not the input. An error of this library fails its item, except
    that of a server that gave no answer: the batch waits for it and sends the item again. Any other
    exception, from the source, the call, the recorder or the progress, lets the calls under way
    finish, starts no more and is raised as it is, with a note of what was done. One that is to end
    the program, as `SystemExit` is, cancels the calls under way.
    """
    return await _Batch(call, source, settings, recorder).run()


async def iterate_batch(
    call: Call, source: Source, settings: Settings
) -> AsyncGenerator[BatchOutcome, None]:
    """Call for each item as `run_batch` does, and yield what becomes of it.

    Outcomes that nobody takes hold the batch up. Closing the generator ends it.
    """
    queue: asyncio.Queue[BatchOutcome | BatchReport | BaseException]
    queue = asyncio.Queue(settings.concurrency)

    async def run() -> None:
        try:
            ended: BatchReport | BaseException
            ended = await _Batch(call, source, settings, sink=queue.put).run()
        except BaseException as error:  # raised where the outcomes are taken
            if _is_cancelled(error):
                raise
            ended = error
        await queue.put(ended)

    running = asyncio.create_task(run())
    try:
        while isinstance(taken := await queue.get(), BatchOutcome):
            yield taken
    finally:
        running.cancel()
        await asyncio.wait([running])
    if isinstance(taken, BaseException):
        raise taken
    if taken.ended_by is not None:
        raise taken.ended_by


def _is_cancelled(error: BaseException) -> bool:
    """Tell whether it is the task itself that is to end, rather than what an input waits for."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs: a coroutine that nobody finished is being collected
        return True
    is_asked_to_end = task is not None and task.cancelling() > 0
    return is_asked_to_end and isinstance(error, asyncio.CancelledError)


IDLE = -1
"""In place of an epoch: there is no call under way."""


class _Worker:
    """One of those who send items, and what it is doing."""

    def __init__(self, note: Callable[["_Worker", ConversationClientError], object]) -> None:
        self.epoch = IDLE
        """That of the limit when the call under way began."""
        self.on_failure = partial(note, self)
        self.task: asyncio.Task[None] | None = None


class _Batch:
    def __init__(
        self,
        call: Call,
        source: Source,
        settings: Settings,
        recorder: Recorder | None = None,
        sink: Sink | None = None,
    ) -> None:
        self.is_over = False
        self._call = call
        self._source = source
        self._settings = settings
        self._tally = Tally(recorder, sink)
        self._limit = Limit(settings.concurrency)
        self._outage = Outage(self, settings.give_up_after)
        self._ended_by: TransportError | ClientClosedError | None = None
        self._bug: BaseException | None = None
        self._group = asyncio.TaskGroup()
        self._workers = [_Worker(self._note) for _ in range(settings.concurrency)]
        self._prober = _Worker(self._note)
        self._reader: _Worker | None = None
        """Who waits for an async input."""
        self._wants_witness = False
        self._parked: deque[asyncio.Future[None]] = deque()
        self._active = 0
        """Workers, and the prober, that have a place."""
        self._places = 0
        """How many may have one; whoever has one too many gives it back before the next item."""
        self._is_alert = False
        """Whether a success changes anything."""
        self.settle()

    async def run(self) -> BatchReport:
        tally = self._tally
        try:
            async with self._ticking():
                await self._run_workers()
                not_started = await self._end_waiting() if self._ended_by else 0
            self._raise_bug()  # where nobody took the last report
        except BaseException as error:
            with suppress(Exception):  # not every exception lets itself be added to
                error.add_note(f"batch: {tally.succeeded} succeeded, {tally.failed} failed")
            raise
        return tally.report(
            not_started=not_started,
            ended_by=self._ended_by,
            elapsed=self._settings.progress.elapsed,
        )

    async def _run_workers(self) -> None:
        try:
            async with self._group as group:
                self._prober.task = group.create_task(self._guarded(self._outage.probe()))
                for worker in self._workers:
                    worker.task = group.create_task(self._guarded(self._work(worker)))
            self._raise_bug()
        except BaseException:
            # What the server may have been told of is not to be missing.
            self._tally.failed += sum(held.strikes > 0 for held in self._outage.waiting)
            raise

    def _raise_bug(self) -> None:
        if self._bug is not None:
            raise self._bug

    # Progress

    @asynccontextmanager
    async def _ticking(self) -> AsyncGenerator[None, None]:
        """Look around at intervals, if anybody is interested, and tell how it ended."""
        ticker: asyncio.Task[None] | None = None
        if self._tally.recorder is not None or self._settings.progress.is_wanted:
            ticker = asyncio.create_task(self._guarded(self._tick()))
        try:
            yield
        finally:
            if ticker is not None:
                ticker.cancel()
                await asyncio.wait([ticker])
            await self._guarded(self._tell(waiting=False))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if self._tally.recorder is not None:
                self._tally.recorder.flush()
            if self._settings.progress.is_due:
                waiting = self._outage.is_on or self._outage.was_on
                self._outage.was_on = False
                await self._tell(waiting=waiting)

    async def _tell(self, *, waiting: bool) -> None:
        progress = BatchProgress(
            done=self._tally.succeeded,
            failed=self._tally.failed,
            total=self._source.total,
            elapsed=self._settings.progress.elapsed,
            skipped=self._tally.skipped,
            concurrency=self._limit.value,
            waiting=waiting,
        )
        await self._settings.progress.tell(progress)

    # Workers

    async def _guarded(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except BaseException as error:  # raised once the calls have finished
            if _is_cancelled(error):
                raise
            self._stop(error)

    async def _work(self, worker: _Worker) -> None:
        waiting, source = self._outage.waiting, self._source
        while await self._gets_place(worker):
            while self._active <= self._places:
                if waiting:
                    held = waiting.popleft()
                    await self._process(worker, held.position, held.item, held)
                elif taken := next(source.iterator, None):
                    await self._process(worker, *taken)
                elif source.is_over or self._reader is not None:
                    break
                elif source.has_to_wait:
                    await self._read_and_process(worker)
                else:
                    source.is_over = True
            worker.epoch = IDLE
            self._active -= 1

    async def _gets_place(self, worker: _Worker) -> bool:
        """Wait until there is a place and something to do; false if there will be nothing."""
        while not self.is_over:
            if self._wants_witness:
                await self._read_witness(worker)
            elif self._active < self._places and self._openings:
                self._active += 1
                return True
            else:
                self._parked.append(parked := asyncio.get_running_loop().create_future())
                self._end_if_done()
                await parked
        return False

    async def _read_and_process(self, worker: _Worker) -> None:
        """Process an item that may be long in coming; another may have the place meanwhile."""
        worker.epoch = IDLE
        self._active -= 1
        taken = await self._read(worker)
        self._active += 1
        if taken is None:
            return
        if self._active > self._places:
            self._outage.waiting.append(Held(*taken))
            self.settle()
        else:
            self._wake(self._source.ready)
            await self._process(worker, *taken)

    async def _read_witness(self, worker: _Worker) -> None:
        self._wants_witness = False
        taken = await self._read(worker)
        if taken is not None:
            self._outage.waiting.append(Held(*taken))
        self.settle()

    async def _read(self, worker: _Worker) -> Numbered | None:
        self._reader = worker
        try:
            return await self._source.take()
        finally:
            self._reader = None

    async def _process(
        self,
        worker: _Worker,
        position: int,
        item: Item,
        held: Held | None = None,
        *,
        repeat: bool = True,
    ) -> None:
        worker.epoch = self._limit.epoch
        try:
            await self._call(item, worker.on_failure, repeat)
        except ConversationClientError as error:
            self._note(worker, error)
            worker.epoch = IDLE
            await self._end_call(held or Held(position, item), error, repeat=repeat)
        except BaseException as error:
            worker.epoch = IDLE
            if not (self._has_given_up and isinstance(error, asyncio.CancelledError)):
                self._tally.failed += 1
                raise
            await self._cut_off(held or Held(position, item))
        else:
            self._confirm(position)
            if self._tally.sink is not None:
                worker.epoch = IDLE
                await self._tally.pass_on(item, None)

    # What becomes of a call

    def _note(self, worker: _Worker, error: ConversationClientError) -> None:
        """Learn about the server from an attempt that failed, whether it is repeated or not."""
        if isinstance(error, ResponseError):
            self._tally.refusals += 1
            self._outage.end()
        if is_overload(error):
            self._limit.overloaded(worker.epoch)
        self.settle()

    def _confirm(self, position: int) -> None:
        self._tally.confirm(position)
        if self._is_alert:
            self._limit.succeeded()
            self._outage.end()
            self.settle()

    async def _end_call(self, held: Held, error: ConversationClientError, *, repeat: bool) -> None:
        held.count(error)
        if isinstance(error, TransportError):
            await self._end_unanswered(held, error)
        elif isinstance(error, ClientClosedError):
            await self._end_closed(held, error)
        elif isinstance(error, ResponseError) and not repeat:
            self._outage.waiting.appendleft(held)  # it has not had its repeats
            self.settle()
        elif held.strikes and says_removed(error.operation, error):
            self._confirm(held.position)
            await self._tally.pass_on(held.item, None)
        else:
            await self._fail(held, error)

    async def _end_unanswered(self, held: Held, error: TransportError) -> None:
        is_delay = isinstance(error, DeadlineExceededError) and error.effect == "none"
        answers = self._tally.answers
        is_last = self._source.is_over and self._outage.has_tried_all and not self.calls
        if held.strike(error, answers) and held.is_to_blame(answers, is_last=is_last):
            await self._fail(held, error)
            return
        self._outage.waiting.append(held)
        if not (is_delay or self.is_over):
            self._outage.begin(error)
        self.settle()

    async def _end_closed(self, held: Held, error: ClientClosedError) -> None:
        """End the batch, since nothing more can be sent."""
        self._ended_by = self._ended_by or error
        self._end()
        if error.effect == "none":
            self._outage.waiting.append(held)
        else:
            await self._fail(held, error)

    async def _cut_off(self, held: Held) -> None:
        """End a call that was under way when the batch gave up."""
        error = DeadlineExceededError(
            f"no answer when the batch gave up, after {self._settings.give_up_after} s without any"
        )
        error.attempts = 1
        held.count(error)
        await self._fail(held, error)

    async def _fail(self, held: Held, error: ConversationClientError) -> None:
        error = error.with_traceback(None)  # which would keep the frames of the whole call alive
        if held.strikes:
            error.effect = "unknown"
        self._tally.fail(held.position, held.item, error)
        await self._tally.pass_on(held.item, error)
        await asyncio.sleep(0)  # refused items must not keep the loop from anything else

    # Going on, waiting and ending

    @property
    def _has_given_up(self) -> bool:
        return isinstance(self._ended_by, TransportError)

    @property
    def calls(self) -> int:
        """How many calls are under way."""
        return sum(worker.epoch != IDLE for worker in (*self._workers, self._prober))

    @property
    def _openings(self) -> int:
        """How many workers would find something to do."""
        waiting = len(self._outage.waiting)
        if self._source.is_over or self._reader is not None:
            return waiting
        return waiting + self._source.ready if self._source.has_to_wait else len(self._workers)

    def settle(self) -> None:
        """Let those go on who may, after something has changed."""
        is_on = self._outage.is_on
        self._places = 0 if is_on or self.is_over else self._limit.value
        self._is_alert = is_on or self._limit.value < self._limit.maximum
        self._outage.news.set()
        self._wake(min(self._openings, self._places - self._active))
        self._end_if_done()

    def _wake(self, count: int) -> None:
        """Have so many of those who are parked look again."""
        while self._parked and count > 0:
            parked = self._parked.popleft()
            if not parked.done():  # as that of a worker that is being cancelled
                parked.set_result(None)
                count -= 1

    def _end_if_done(self) -> None:
        has_more = self._outage.is_on or self._outage.waiting or not self._source.is_over
        is_idle = len(self._parked) == len(self._workers) and self._prober.epoch == IDLE
        if is_idle and not has_more and not self.is_over:
            self._end()

    def _end(self) -> None:
        """Start no more; calls that are under way go on."""
        self.is_over = True
        self._outage.stop()
        self.settle()
        self._wake(len(self._parked))
        if self._reader is not None and self._reader.task is not None:
            self._reader.task.cancel()

    def _stop(self, error: BaseException) -> None:
        """End the batch with an error once the calls under way have ended."""
        if self._bug is not None:
            return
        self._bug = error
        self._end()
        if not isinstance(error, Exception | asyncio.CancelledError):
            self._cancel_calls()

    def give_up(self) -> None:
        """End the batch and the calls under way, since the server does not answer."""
        self._ended_by = self._outage.error
        self._end()
        self._cancel_calls()

    def _cancel_calls(self) -> None:
        for worker in (*self._workers, self._prober):
            if worker.epoch != IDLE and worker.task is not None:
                worker.task.cancel()

    async def _end_waiting(self) -> int | None:
        """Fail the items that the server may have acted on; return how many were not started."""
        certain = 0
        for held in self._outage.waiting:
            if held.strikes and held.error is not None:
                await self._fail(held, held.error)
            else:
                certain += 1
        if self._source.is_over:
            return certain
        if self._source.total is None:
            return None
        tally = self._tally
        return self._source.total - tally.succeeded - tally.failed - tally.skipped

    # The prober

    async def probe(self, held: Held) -> None:
        """Send an item once."""
        self._active += 1
        await self._process(self._prober, held.position, held.item, held, repeat=False)
        self._prober.epoch = IDLE
        self._active -= 1
        self.settle()

    def fetch_witness(self) -> None:
        """Have another item wait, at once or when the input has one."""
        if self._source.is_over or self._reader is not None:
            return
        if taken := next(self._source.iterator, None):
            self._outage.waiting.append(Held(*taken))
        elif self._source.has_to_wait:
            self._wants_witness = True
            self._wake(1)
        else:
            self._source.is_over = True
