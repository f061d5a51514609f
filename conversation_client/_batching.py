"""How a client's batches are run: what their calls are, and with which journal."""

import os
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

import attrs

from conversation_client import operations
from conversation_client._arguments import checked_material
from conversation_client._batch.engine import Sender, run_batch
from conversation_client._batch.meaning import is_new_shape
from conversation_client._batch.outcomes import iterate_batch
from conversation_client._batch.progress import OnProgress
from conversation_client._batch.settings import Settings
from conversation_client._batch.source import Source
from conversation_client._http.call import Call
from conversation_client._http.stream import Items
from conversation_client._http.wire import Id, check_count
from conversation_client._interpreter import running_loop
from conversation_client._journal import begin_journal, resume_journal
from conversation_client._journal_file import Job, path_of
from conversation_client._reads import Reads
from conversation_client._way import Way
from conversation_client.batch import (
    Association,
    BatchOutcome,
    BatchReport,
    Disassociation,
    ReadOutcome,
)
from conversation_client.errors import (
    ConversationClientError,
    GoneError,
    InvalidArgumentError,
    StatusError,
)
from conversation_client.operations import Material, Operation
from conversation_client.retry import OnRepeat

T = TypeVar("T")

Ids = Iterable[Id] | AsyncIterable[Id]


class Batches(Way):
    """Runs a batch of a client.

    Args:
        way: The client, or a group of its methods.
        concurrency: Calls at the same time at most.
        give_up_after: Seconds without any answer after which the batch ends.
        on_progress: Called now and then.

    Raises:
        InvalidArgumentError: One of these is out of range.
    """

    def __init__(
        self,
        way: Way,
        concurrency: int,
        give_up_after: float,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._transport = way._transport
        self._lane = way._lane
        self._options = way._options
        check_count("concurrency", concurrency)
        # More would only wait for each other's connections.
        concurrency = min(concurrency, self._transport.session.max_connections)
        self._settings = Settings(concurrency, give_up_after, on_progress)

    async def send(
        self,
        row: Operation[None],
        conversation: str,
        ids: Ids,
        journal: str | os.PathLike[str] | None,
    ) -> BatchReport:
        """Send a call for each id.

        Args:
            row: The row.
            conversation: Id of the conversation that all calls are about; empty for none.
            ids: The last id of each call.
            journal: File that keeps what was done, if any.
        """
        source, settings = Source.of("ids", ids), self._settings
        job = Job(row, conversation, self._transport.session.url)
        running_loop()
        if journal is None:
            return await run_batch(self._sender_of(job), source, settings)
        opened = await begin_journal(
            path_of(journal), job, source, lambda: settings.tell_reading(source.total)
        )
        with opened:
            return await run_batch(self._sender_of(job), opened.source(), settings, opened)

    async def resume(self, journal: str | os.PathLike[str]) -> BatchReport:
        """Send what a journal says is not done."""
        running_loop()
        opened = resume_journal(path_of(journal))
        with opened:
            sender = self._sender_of(opened.job)
            return await run_batch(sender, opened.source(), self._settings, opened)

    def iterate(
        self, row: Operation[None], conversation: str, ids: Ids
    ) -> AsyncGenerator[BatchOutcome, None]:
        """Send a call for each id, and yield what becomes of it."""
        return iterate_batch(self._sender(row, conversation), Source.of("ids", ids), self._settings)

    async def apply(
        self,
        associations: Iterable[Association | Disassociation]
        | AsyncIterable[Association | Disassociation],
    ) -> BatchReport:
        """Send a call for each association."""
        running_loop()
        options = self._batch_options()
        once = attrs.evolve(options, retry=None)

        async def stream(
            pairs: Iterator[Association | Disassociation], on_repeat: OnRepeat, *, repeat: bool
        ) -> None:
            for pair in pairs:
                row, ids = _row_and_ids(pair)
                call = Call(row, ids, options if repeat else once, on_repeat=on_repeat)
                await self._transport.send(call)

        source = Source.of("associations", associations)
        return await run_batch(Sender(stream), source, self._settings)

    def read(
        self, row: Operation[T], ids: Ids, transferables: bool | None
    ) -> AsyncGenerator[ReadOutcome[T], None]:
        """Read the document of each id by a row that takes one, and yield what becomes of it."""
        return self.reads(row, transferables).as_they_come(Source.of("ids", ids))

    def reads(self, row: Operation[T], transferables: bool | None) -> Reads[T]:
        """Return what reads documents by a row that takes one id."""
        return Reads(self._transport, row, self._batch_options(), self._settings, transferables)

    def _sender_of(self, job: Job) -> Sender:
        if not job.conversation:
            return Sender(_Deletions(self._items(job.operation), self._is_gone).stream)
        return self._sender(job.operation, job.conversation)

    def _sender(self, row: Operation[None], conversation: str) -> Sender:
        return Sender(self._items(row, conversation).stream, partial(self._ask, row, conversation))

    async def _ask(self, row: Operation[None], conversation: str) -> None:
        """Ask for the conversation of a batch, as the call for an item that is refused."""
        try:
            await self._look_for(operations.GET_CONVERSATION, conversation)
        except ConversationClientError as error:
            if is_new_shape(error):
                return
            error.operation = row.id
            raise


class _Deletions:
    """Sends deletions, of which those of what is gone already count as done.

    Args:
        items: How the calls are sent.
        is_gone: Tells whether there is nothing to delete.
    """

    def __init__(self, items: Items, is_gone: Callable[[StatusError], Awaitable[bool]]) -> None:
        self._items = items
        self._is_gone = is_gone

    async def stream(self, source: Iterator[Id], on_repeat: OnRepeat, /, *, repeat: bool) -> None:
        """Send the calls for items, as `Items.stream` does."""
        while True:
            try:
                await self._items.stream(source, on_repeat, repeat=repeat)
            except StatusError as error:
                if not (isinstance(error, GoneError) or await self._is_gone(error)):
                    raise
            else:
                return


def _row_and_ids(item: Association | Disassociation) -> tuple[Operation[None], tuple[Id, Id]]:
    if isinstance(item, Association):
        rows = operations.ASSOCIATIONS
    elif isinstance(item, Disassociation):
        rows = operations.DISASSOCIATIONS
    else:
        kind = type(item).__name__
        raise InvalidArgumentError(f"associations: Association or Disassociation, not {kind}")
    return rows[checked_material(Material, item.material)], (item.conversation, item.id)
