"""The batch engine: runs the calls that the plan wants, and tells it what became of them."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Protocol

import attrs

from conversation_client._batch.held import Held
from conversation_client._batch.place import Place
from conversation_client._batch.plan import Plan
from conversation_client._batch.settings import Settings
from conversation_client._batch.source import Source
from conversation_client._batch.tally import Recorder, Sink, Tally
from conversation_client.batch import BatchOutcome, BatchProgress, BatchReport, Item
from conversation_client.errors import ConversationClientError, DeadlineExceededError, Effect
from conversation_client.retry import OnRepeat, says_removed

TICK = 0.05
"""Seconds between two looks at whether a journal is to be written and progress to be told."""


class Stream(Protocol):
    """Sends the calls for items one after the other, until there are none or one fails.

    To be asked for the next item is to be told that the one before is confirmed.
    """

    def __call__(
        self, source: Iterator[Any], on_repeat: OnRepeat, /, *, repeat: bool
    ) -> Awaitable[None]:
        """Send them.

        Args:
            source: The items.
            on_repeat: Called with the error of each attempt that is repeated.
            repeat: Whether any is to be.
        """
        ...


@attrs.frozen
class Sender:
    """How the calls of a batch are sent."""

    stream: Stream
    ask: Callable[[], Awaitable[object]] | None = None
    """Asks whether the conversation is there, if there is one for all items."""


async def run_batch(
    sender: Sender,
    source: Source,
    settings: Settings,
    recorder: Recorder | None = None,
    sink: Sink | None = None,
) -> BatchReport:
    """Send the call for each item, with a bounded number of calls at the same time.

    Memory follows the concurrency, not the input. An error of this library fails its item, unless
    the plan has it wait. Any other exception, from the source, the call, the recorder or the
    progress, lets the calls under way finish, starts no more and is raised as it is, with a note of
    what was done. One that is to end the program, as `SystemExit` is, cancels the calls under way.
    """
    return await _Batch(sender, source, settings, Tally(recorder, sink)).run()


def is_cancelled(error: BaseException) -> bool:
    """Tell whether it is the task itself that is to end, rather than what an input waits for."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs: a coroutine that nobody finished is being collected
        return True
    return cancellations(task) > 0 and isinstance(error, asyncio.CancelledError)


def cancellations(task: asyncio.Task[Any] | None) -> int:
    """Return how many times a task has been asked to end."""
    return task.cancelling() if task is not None else 0


class _Batch:
    def __init__(self, sender: Sender, source: Source, settings: Settings, tally: Tally) -> None:
        self._sender = sender
        self._source = source
        self._settings = settings
        self._tally = tally
        self._loop = asyncio.get_running_loop()
        self._plan = Plan(
            settings.concurrency, settings.give_up_after, self._loop.time(), sender.ask is not None
        )
        self._bug: BaseException | None = None
        self._group = asyncio.TaskGroup()
        self._places: set[Place] = set()
        """Those of the tasks that have not ended."""
        self._helpers: list[asyncio.Task[None]] = []
        """Tasks of which nothing is wanted any more once it is over."""
        self._is_wanted = asyncio.Event()
        """Whether an item is wanted that is not there at once."""
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = math.inf  # for a moment that is near, uvloop gives a handle without it

    async def run(self) -> BatchReport:
        plan = self._plan
        try:
            async with self._ticking():
                not_started = await self._run_calls()
            self._raise_bug()  # where nobody took the last report
        except BaseException as error:
            with suppress(Exception):  # not every exception lets itself be added to
                error.add_note(f"batch: {plan.succeeded} succeeded, {plan.failed} failed")
            raise
        return BatchReport(
            succeeded=plan.succeeded,
            failed=plan.failed,
            failures=self._tally.failures,
            skipped=self._tally.skipped,
            not_started=not_started,
            ended_by=plan.ended_by,
            elapsed=self._settings.progress.elapsed,
        )

    async def _run_calls(self) -> int | None:
        """Make the calls; return how many items were not started."""
        plan = self._plan
        try:
            async with self._group:
                try:
                    if self._source.has_to_wait:
                        self._help(self._read)
                    self._go_on()
                    await self._over
                finally:
                    plan.stop(self._loop.time())
            self._raise_bug()
        except BaseException:
            plan.close()  # what the server may have been told of is not to be missing
            raise
        finally:
            if self._alarm is not None:
                self._alarm.cancel()
        failed, rest = plan.close()
        for held in failed:
            if held.error is not None:
                await self._fail(held, held.error)
        total = self._source.total
        if rest is not None or total is None:
            return rest
        return total - plan.succeeded - plan.failed - self._tally.skipped

    def _raise_bug(self) -> None:
        if self._bug is not None:
            raise self._bug

    # Progress

    @asynccontextmanager
    async def _ticking(self) -> AsyncGenerator[None, None]:
        """Look around at intervals, if anybody is interested, and tell how it ended."""
        ticker: asyncio.Task[None] | None = None
        if self._tally.recorder is not None or self._settings.progress.is_wanted:
            ticker = asyncio.create_task(self._guarded(partial(self._tick, asyncio.current_task())))
        try:
            yield
        finally:
            if ticker is not None:
                ticker.cancel()
                await asyncio.wait([ticker])
            await self._guarded(partial(self._tell, waiting=False))

    async def _tick(self, batch: asyncio.Task[Any] | None) -> None:
        before = cancellations(batch)
        while True:
            await asyncio.sleep(TICK)
            if cancellations(batch) > before:  # what is cut off is told of once, at the end
                return
            if self._tally.recorder is not None:
                self._tally.recorder.flush()
            if self._settings.progress.is_due:
                waiting = self._plan.is_down or self._plan.was_down
                self._plan.was_down = False
                await self._tell(waiting=waiting)

    async def _tell(self, *, waiting: bool) -> None:
        progress = BatchProgress(
            done=self._plan.succeeded,
            failed=self._plan.failed,
            total=self._source.total,
            elapsed=self._settings.progress.elapsed,
            skipped=self._tally.skipped,
            concurrency=self._plan.limit.value,
            waiting=waiting,
        )
        await self._settings.progress.tell(progress)

    # What is to be done

    def _go_on(self) -> None:
        """Do what the plan wants after something has happened."""
        plan = self._plan
        while len(self._places) < self._settings.concurrency and (held := self._next()):
            place = Place()
            self._places.add(place)
            place.task = self._group.create_task(self._guarded(partial(self._work, place, held)))
        if self._sender.ask is not None and plan.ask(self._loop.time()):
            self._help(partial(self._ask, self._sender.ask))
        self._set_alarm()
        if plan.is_over:
            self._end()

    def _next(self) -> Held | None:
        """Return the next item to send, of those that can be had at once."""
        plan, source, now = self._plan, self._source, self._loop.time()
        try:
            while (held := plan.take(now)) is None and plan.wants_item:
                if source.is_over:
                    plan.exhausted(now)
                elif taken := source.next():
                    plan.add(*taken)
                elif not source.is_over:
                    self._is_wanted.set()
                    break
        except BaseException as error:  # raised once the calls have finished
            self._stop(error)
            return None
        return held

    def _set_alarm(self) -> None:
        """See to it that the plan is woken in time."""
        moment, now = self._plan.wakes_at, self._loop.time()
        if moment <= now:  # what it wants has no place yet
            moment = now + TICK
        if self._alarm is not None:
            if self._alarm_at <= moment:
                return
            self._alarm.cancel()
        if moment < math.inf:
            self._alarm, self._alarm_at = self._loop.call_at(moment, self._wake), moment

    def _wake(self) -> None:
        self._alarm = None
        self._plan.wake(self._loop.time())
        self._go_on()

    def _end(self) -> None:
        """Start no more; calls that are under way go on, unless the batch has given up."""
        if not self._over.done():
            self._over.set_result(None)
            for helper in self._helpers:
                helper.cancel()
        if self._plan.has_given_up:
            self._cancel_calls()

    def _stop(self, error: BaseException) -> None:
        """End the batch with an error once the calls under way have ended."""
        if self._bug is None:
            self._bug = error
            self._plan.stop(self._loop.time())
            self._go_on()
            if not isinstance(error, Exception | asyncio.CancelledError):
                self._cancel_calls()

    def _cancel_calls(self) -> None:
        for place in self._places:
            if place.taken is not None:
                place.cut_off()

    # Tasks

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except BaseException as error:  # raised once the calls have finished
            if is_cancelled(error):
                raise
            self._stop(error)

    def _help(self, work: Callable[[], Awaitable[None]]) -> None:
        self._helpers.append(self._group.create_task(self._guarded(work)))

    async def _read(self) -> None:
        """Read items that may be long in coming, whenever they are wanted."""
        # An input may have kept the cancellation that was to end this to itself.
        while not (self._source.is_over or self._plan.is_over):
            await self._is_wanted.wait()
            await self._source.read_more()
            self._is_wanted.clear()
            if self._source.is_over:
                self._plan.exhausted(self._loop.time())
            self._go_on()

    async def _ask(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Ask whether the conversation is there."""
        error: ConversationClientError | None = None
        try:
            await ask()
        except ConversationClientError as caught:
            error = caught.with_traceback(None)
        self._plan.told(error, self._loop.time())
        self._go_on()

    async def _work(self, place: Place, first: Held) -> None:
        """Make calls one after the other, as long as there is one to make."""
        held: Held | None = first
        try:
            while held is not None:
                await self._send(place, held)
                held = self._next()
                self._go_on()
                await asyncio.sleep(0)  # what is refused must not keep the loop from anything else
        finally:
            self._places.discard(place)
        self._go_on()  # what came while there was no place for it

    # Calls

    async def _send(self, place: Place, held: Held) -> None:
        stream, repeat = self._sender.stream, not held.is_probe
        place.taken = held.position, held.item
        try:
            await stream(self._items(place, held), self._note, repeat=repeat)
        except ConversationClientError as error:
            await self._end_call(self._ended(place, held), error)
        except BaseException as error:
            if place.taken is None:  # what was under way has ended
                raise
            is_cut_off = place.is_only_cut_off and isinstance(error, asyncio.CancelledError)
            held = self._ended(place, held)
            if not (is_cut_off and self._plan.has_given_up):
                self._plan.aborted(held)
                raise
            await self._end_call(held, self._cut_off(getattr(error, "effect", "unknown")))
        if self._tally.sink is not None and place.owed is not None:
            outcome, place.owed = place.owed, None
            await self._tally.sink.put(outcome)

    def _items(self, place: Place, held: Held) -> Iterator[Item]:
        """Give an item, and those after it for as long as their success changes nothing.

        Whoever is asked for the next item is told that the one before is confirmed.
        """
        plan, source, now = self._plan, self._source, self._loop.time
        record, sink = self._tally.record, self._tally.sink
        may_go_on = not held.is_probe
        while (taken := place.taken) is not None:
            yield taken[1]
            place.taken = None
            try:
                if record is not None:
                    record(taken[0], None)
                if sink is not None and not sink.offer(outcome := BatchOutcome(taken[1], None)):
                    place.owed = outcome
                elif may_go_on and plan.is_calm:
                    place.taken = next(source.iterator, None) or source.next()
            except BaseException as error:  # raised once the calls have finished
                self._stop(error)
            if place.taken is None:
                plan.confirmed(now(), held)
            else:
                plan.succeeded += 1

    @staticmethod
    def _ended(place: Place, first: Held) -> Held:
        """Return the item of the call that has ended at a place."""
        taken, place.taken = place.taken, None
        return first if taken is None or taken[0] == first.position else Held(*taken)

    def _note(self, error: ConversationClientError) -> None:
        """Learn about the server from an attempt that failed and is repeated."""
        self._plan.attempted(error, self._loop.time())
        self._go_on()

    async def _end_call(self, held: Held, error: ConversationClientError) -> None:
        now = self._loop.time()
        if held.strikes and says_removed(error.operation, error):
            self._plan.confirmed(now, held)
            await self._tally.succeed(held.position, held.item)
        elif self._plan.unconfirmed(held, error, now):
            await self._fail(held, error)

    def _cut_off(self, effect: Effect) -> ConversationClientError:
        """Make the error of a call that was under way when the batch gave up."""
        error = DeadlineExceededError(
            f"no answer when the batch gave up, after {self._settings.give_up_after} s without any"
        )
        error.effect = effect
        error.attempts = int(effect == "unknown")
        return error

    async def _fail(self, held: Held, error: ConversationClientError) -> None:
        if held.strikes:
            error.effect = "unknown"
        # The traceback would keep the frames of the whole call alive.
        await self._tally.fail(held.position, held.item, error.with_traceback(None))
