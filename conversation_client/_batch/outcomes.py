"""Batches that are iterated over: what becomes of each item, taken one by one."""

import asyncio
from collections.abc import AsyncGenerator

from conversation_client._batch.engine import Sender, is_cancelled, run_batch
from conversation_client._batch.settings import Settings
from conversation_client._batch.source import Source
from conversation_client._interpreter import running_loop
from conversation_client.batch import BatchOutcome, BatchReport


class Outcomes:
    """A sink that has room for some outcomes, and then for what ended the batch."""

    def __init__(self, room: int) -> None:
        self._queue = asyncio.Queue[BatchOutcome | BatchReport | BaseException](room)
        self.put = self._queue.put
        self.take = self._queue.get

    def offer(self, outcome: BatchOutcome) -> bool:
        """Hand an outcome over if there is room for it; tell whether there was."""
        if self._queue.full():
            return False
        self._queue.put_nowait(outcome)
        return True


async def iterate_batch(
    sender: Sender, source: Source, settings: Settings
) -> AsyncGenerator[BatchOutcome, None]:
    """Send each item as `run_batch` does, and yield what becomes of it.

    Outcomes that nobody takes hold the batch up. Closing the generator ends it.
    """
    running_loop()
    outcomes = Outcomes(settings.concurrency)

    async def run() -> None:
        try:
            ended: BatchReport | BaseException
            ended = await run_batch(sender, source, settings, sink=outcomes)
        except BaseException as error:  # raised where the outcomes are taken
            if is_cancelled(error):
                raise
            ended = error
        await outcomes.put(ended)

    running = asyncio.create_task(run())
    try:
        while isinstance(taken := await outcomes.take(), BatchOutcome):
            yield taken
    finally:
        running.cancel()
        await asyncio.wait([running])
    if isinstance(taken, BaseException):
        raise taken
    if taken.ended_by is not None:
        raise taken.ended_by
