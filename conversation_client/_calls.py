"""What the client and its groups of methods have in common: how calls and batches are sent."""

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

import attrs

from conversation_client import operations
from conversation_client._batch.engine import Sender, run_batch
from conversation_client._batch.meaning import is_for_later, is_new_shape
from conversation_client._batch.progress import OnProgress
from conversation_client._batch.settings import Settings
from conversation_client._batch.source import Source
from conversation_client._http.call import Call, Options, RawCall
from conversation_client._http.lane import Lane
from conversation_client._http.stream import Items
from conversation_client._http.transport import Transport
from conversation_client._http.wire import Id, check_count
from conversation_client._interpreter import running_loop
from conversation_client._journal import begin_journal
from conversation_client._journal_file import Job, path_of
from conversation_client.batch import BatchReport
from conversation_client.errors import (
    ConversationClientError,
    GoneError,
    InvalidArgumentError,
    StatusError,
)
from conversation_client.models.base import Document
from conversation_client.operations import Operation
from conversation_client.response import RawResponse, raw_response
from conversation_client.retry import OnRepeat

T = TypeVar("T")

_READS: Mapping[str, Operation[object]] = {
    operations.DELETE_CONVERSATION.id: operations.GET_CONVERSATION,
    operations.DELETE_MESSAGE.id: operations.GET_MESSAGE,
}
"""By which row one sees whether what another deletes is there."""


class Way:
    """The way to a server, and the options of a view of it."""

    _transport: Transport
    _lane: Lane
    _options: Options

    def _batch_options(self) -> Options:
        """Return the options of calls that the batch itself repeats where they can only wait."""
        return attrs.evolve(self._options, leaves=is_for_later)

    def _settings(
        self, concurrency: int, give_up_after: float, on_progress: OnProgress | None = None
    ) -> Settings:
        check_count("concurrency", concurrency)
        # More would only wait for each other's connections.
        concurrency = min(concurrency, self._transport.session.max_connections)
        return Settings(concurrency, give_up_after, on_progress)

    async def _run_job(
        self,
        job: Job,
        source: Source,
        journal: str | os.PathLike[str] | None,
        settings: Settings,
    ) -> BatchReport:
        running_loop()
        if journal is None:
            return await run_batch(self._sender_of(job), source, settings)
        opened = await begin_journal(
            path_of(journal), job, source, lambda: settings.tell_reading(source.total)
        )
        with opened:
            return await run_batch(self._sender_of(job), opened.source(), settings, opened)

    def _sender_of(self, job: Job) -> Sender:
        if not job.conversation:
            return Sender(_Deletions(self._items(job.operation), self._is_gone).stream)
        return self._sender(job.operation, job.conversation)

    def _sender(self, row: Operation[None], conversation: str) -> Sender:
        return Sender(self._items(row, conversation).stream, partial(self._ask, row, conversation))

    def _items(self, row: Operation[None], *fixed: str) -> Items:
        self._transport.dialect.check(row)
        return Items(self._transport, self._lane, row, fixed, self._batch_options())

    async def _ask(self, row: Operation[None], conversation: str) -> None:
        """Ask for the conversation of a batch, as the call for an item that is refused."""
        try:
            await self._look_for(operations.GET_CONVERSATION, conversation)
        except ConversationClientError as error:
            if is_new_shape(error):
                return
            error.operation = row.id
            raise

    async def _is_gone(self, error: StatusError) -> bool:
        """Tell whether a deletion was refused because there is nothing to delete.

        Servers answer 500 to that as to other trouble, and 410 to a read alone.
        """
        try:
            await self._look_for(_READS[error.operation or ""], *error.ids.values())
        except GoneError:
            return True
        except ConversationClientError:
            return False
        return False

    async def _look_for(self, row: Operation[object], id_: str) -> None:
        once = attrs.evolve(self._options, retry=None)
        await self._transport.send(Call(row, (id_,), once, transferables=False))


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


class CallMethods(Way):
    """The part of `AsyncConversationClient` that sends a single call."""

    async def call(
        self,
        operation: Operation[T],
        *ids: Id,
        transferables: bool | None = None,
        body: Document | None = None,
    ) -> T:
        """Send one row of `conversation_client.operations`; the methods are a row each.

        They all go through this one, but batches do not: a subclass that overrides it sees none of
        their calls.

        Args:
            operation: The row.
            ids: Its path parameters, in order.
            transferables: Whether the reply includes the contents of fragments, where the
                operation has that choice.
            body: The document to send, where the operation takes one.

        Returns:
            What the operation promises.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
            ConversationClientError: Whatever else went wrong, as one of its subclasses.
        """
        row = _checked_row(operation)
        call = Call(row, ids, self._options, transferables=transferables, body=body)
        return await self._transport.send(call)

    async def call_raw(
        self,
        operation: Operation[object],
        *ids: Id,
        transferables: bool | None = None,
        body: Document | None = None,
    ) -> RawResponse:
        """Send one row of `conversation_client.operations`, and return the reply as it came.

        What goes wrong is raised as by `call`, except that what a document holds is not looked at.

        Args:
            operation: As for `call`.
            ids: As for `call`.
            transferables: As for `call`.
            body: As for `call`.

        Returns:
            The status, the headers and the content: at most 64 MiB of a document, and 64 KiB where
            none is promised.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
            ConversationClientError: Whatever else went wrong, as one of its subclasses.
        """
        row = _checked_row(operation)
        call = RawCall(row, ids, self._options, transferables=transferables, body=body)
        return raw_response(await self._transport.send(call))


def _checked_row(operation: Operation[T]) -> Operation[T]:
    if not isinstance(operation, Operation):
        raise InvalidArgumentError(f"operation: a row of `operations`, not {operation!r}")
    return operation


class Group(Way):
    """Methods of a client that are called by way of one of its attributes.

    Args:
        client: The client, or a view of one.
    """

    def __init__(self, client: CallMethods) -> None:
        self._transport = client._transport
        self._lane = client._lane
        self._options = client._options
        self._call = client.call

    async def _delete(self, row: Operation[None], id_: Id) -> None:
        try:
            await self._call(row, id_)
        except StatusError as error:
            # An attempt that got no answer may have done it.
            if error.effect != "unknown" or not await self._is_gone(error):
                raise
