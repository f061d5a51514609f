"""Where the calls of a batch are made."""

import asyncio

from conversation_client._batch.source import Numbered
from conversation_client.batch import BatchOutcome


class Place:
    """Where calls are made one after the other, by a task of its own."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.taken: Numbered | None = None
        """The item of the call under way."""
        self.owed: BatchOutcome | None = None
        """What there was no room for where outcomes are taken."""
        self.is_cut_off = False
        """Whether the batch has ended the call under way."""

    def cut_off(self) -> None:
        """End the call under way."""
        if self.task is not None and not self.is_cut_off:
            self.is_cut_off = True
            self.task.cancel()

    @property
    def is_only_cut_off(self) -> bool:
        """Whether nobody else has cancelled the task."""
        return self.task is not None and self.task.cancelling() == self.is_cut_off == 1
