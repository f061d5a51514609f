"""How far a batch is: a live bar on a terminal, elsewhere a plain line every few seconds."""

import asyncio
import math
import sys
from abc import abstractmethod
from collections import deque
from contextlib import AbstractContextManager
from datetime import timedelta
from types import TracebackType
from typing import Self

import attrs
import click
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from conversation_client.batch import BatchProgress
from conversation_client.cli.text import PROGRAM, complain, is_terminal, one_line

LINE_INTERVAL = 5.0
"""Seconds between two plain lines."""
WAITING_AFTER = 1.0
"""Seconds after a plain line before another says that the batch waits for the server."""
TOLD = 20
"""Unreadable lines, or failures, that are told one by one."""


def watch(activity: str, lines: int | None = None) -> "Watch":
    """Return what shows a batch on standard error, as suits what that is.

    Args:
        activity: What the batch does, such as "Associating".
        lines: How many lines the input has, if that is known before the batch counts them.
    """
    console = Console(stderr=True, force_terminal=is_terminal(sys.stderr), highlight=False)
    if console.is_interactive:
        return _Bar(activity, lines, console)
    return _Lines(activity, lines)


class Watch(AbstractContextManager["Watch"]):
    """Is told how far a batch is, and shows it."""

    def __init__(self, activity: str, lines: int | None) -> None:
        self._activity = activity
        self._input_lines = lines
        self._recent = deque([(0.0, 0)], maxlen=100)
        self._latest: BatchProgress | None = None
        self.unreadable: int = 0
        """Lines of the input that hold no id; they count as failed."""

    def __call__(self, progress: BatchProgress) -> None:
        """Take a batch's report of how far it is."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # The calls that Ctrl-C cuts off count as failed there; a journal has them as not done.
            failed = self._latest.failed if self._latest else 0
            progress = attrs.evolve(progress, failed=failed)
        self._latest = progress
        self._recent.append((progress.elapsed, progress.done + progress.failed))
        self._draw(progress)

    def refuse(self, number: int, problem: str) -> None:
        """Count a line of the input that holds no id, and tell the first of them."""
        self.reject(f"line {number}: {problem}")

    def reject(self, problem: str) -> None:
        """Count what the input holds in place of a usable id, and tell the first of it."""
        self.unreadable += 1
        if self.unreadable <= TOLD:
            self.say(problem)

    @property
    def completed(self) -> int:
        """Items that nothing more will be done about."""
        now = self._latest
        return self.unreadable + (now.done + now.failed + now.skipped if now else 0)

    @property
    def total(self) -> int | None:
        """Items in all, if that is known."""
        if self._latest is None or self._latest.total is None:
            return self._input_lines
        return self._latest.total + self.unreadable

    @property
    def done(self) -> str:
        """How many items are done."""
        done = self._latest.done + self._latest.skipped if self._latest else 0
        return f"{done:,} done" if self.total is None else f"{done:,} of {self.total:,} done"

    def _describe(self, progress: BatchProgress) -> str:
        parts = [self.done, f"{progress.failed + self.unreadable:,} failed"]
        rate = self._rate()
        if progress.waiting:
            parts.append("waiting for the server")
        elif rate:
            parts.append(f"{rate:,.0f}/s")
            if self.total is not None and self.total > self.completed:
                left = (self.total - self.completed) / rate
                parts.append(f"{timedelta(seconds=math.ceil(left))} left")
            parts.append(f"{progress.concurrency} at once")
        return ", ".join(parts)

    def _rate(self) -> float:
        """Items a second of late."""
        (begin, before), (end, after) = self._recent[0], self._recent[-1]
        return (after - before) / (end - begin) if end > begin else 0.0

    @abstractmethod
    def say(self, text: str) -> None:
        """Say something beside the progress."""

    @abstractmethod
    def _draw(self, progress: BatchProgress) -> None: ...


class _Lines(Watch):
    _drawn: BatchProgress | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None and self._latest is not None and self._drawn is not self._latest:
            self._print(self._latest)

    def say(self, text: str) -> None:
        complain(text)

    def _draw(self, progress: BatchProgress) -> None:
        before = self._drawn
        since = progress.elapsed - (before.elapsed if before else 0.0)
        begins_to_wait = progress.waiting and not (before and before.waiting)
        if since >= LINE_INTERVAL or (
            begins_to_wait and (before is None or since >= WAITING_AFTER)
        ):
            self._print(progress)

    def _print(self, progress: BatchProgress) -> None:
        self._drawn = progress
        click.echo(f"{self._activity}: {self._describe(progress)}", err=True)


@attrs.frozen
class _BesideControlC:
    """Leaves room for the `^C` that a terminal shows where the cursor is.

    On the next line it would shift what is drawn there, and leave an old bar behind.
    """

    shown: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(self.shown, options.update_width(options.max_width - len("^C")))


class NarrowProgress(Progress):
    """A live display that Ctrl-C does not disturb."""

    def get_renderable(self) -> RenderableType:
        return _BesideControlC(super().get_renderable())


class _Bar(Watch):
    def __init__(self, activity: str, lines: int | None, console: Console) -> None:
        super().__init__(activity, lines)
        self._progress = NarrowProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[numbers]}", markup=False),
            console=console,
            expand=True,
            refresh_per_second=5,
        )
        self._task = self._progress.add_task(activity, total=lines, numbers="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        self._progress.console.print(Text(f"{PROGRAM}: {one_line(text)}"), soft_wrap=True)

    def _draw(self, progress: BatchProgress) -> None:
        numbers = self._describe(progress)
        self._progress.update(
            self._task, completed=self.completed, total=self.total, numbers=numbers
        )
