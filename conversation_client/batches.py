"""The client's batch methods."""

import os
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable

from conversation_client import operations
from conversation_client._arguments import checked_material
from conversation_client._calls import CallMethods
from conversation_client._http.wire import Id, check_id
from conversation_client.batch import (
    Association,
    BatchOutcome,
    BatchProgress,
    BatchReport,
    Disassociation,
)
from conversation_client.operations import Material


class BatchMethods(CallMethods):
    """The part of `AsyncConversationClient` that sends many calls."""

    async def associate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        journal: str | os.PathLike[str] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Associate many items with a conversation, several at the same time.

        Memory follows `concurrency`, not the number of items. An item that fails is reported and
        the others go on; an exception from `ids` or `on_progress` ends the batch, once the calls
        under way have ended, and is raised as it is, with a note of what was done. Items to which
        the server gives no answer, or which it wants later (429, 503), wait until it answers again,
        and all others with them. Where the first 64 items are all refused and the conversation is
        not there, or the port is another program's, the batch ends. Closing the client ends it with
        the rest not started.

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: Calls at the same time at most, at least 1; more than `max_connections` are
                as many as that. A server that gains nothing from so many is sent fewer, and one
                that does not reply in time half as many.
            on_progress: Called at most ten times a second, and at the end; a coroutine that it
                returns is awaited.
            journal: File that keeps what was done. It is made first, with all of `ids` in it; the
                same call or `resume` goes on with it after whatever ended the batch.
            give_up_after: Seconds without any answer after which the batch ends with the rest not
                started, above 0; `math.inf` for never.

        Returns:
            How many succeeded, and what failed why.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
            JournalError: The journal cannot be used.
        """
        row = operations.ASSOCIATIONS[checked_material(Material, material)]
        batches = self._batches(concurrency, give_up_after, on_progress)
        return await batches.send(row, check_id("conversation", conversation), ids, journal)

    async def disassociate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        journal: str | os.PathLike[str] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Take many items out of a conversation, several at the same time.

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: As for `associate_many`.
            on_progress: As for `associate_many`.
            journal: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            How many succeeded, and what failed why.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
            JournalError: The journal cannot be used.
        """
        row = operations.DISASSOCIATIONS[checked_material(Material, material)]
        batches = self._batches(concurrency, give_up_after, on_progress)
        return await batches.send(row, check_id("conversation", conversation), ids, journal)

    def iter_associate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        give_up_after: float = 300.0,
    ) -> "AsyncGenerator[BatchOutcome, None]":
        """Associate many items with a conversation, and iterate over what becomes of each.

        A loop that is slow to take the outcomes holds the batch up; one that is left ends it, at
        once if the generator is closed (`contextlib.aclosing`).

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            Outcomes in order of completion.

        Raises:
            TransportError: At the end, if the server stopped answering and items were not started.
            ClientClosedError: At the end, if the client was closed before all were sent.
        """
        row = operations.ASSOCIATIONS[checked_material(Material, material)]
        batches = self._batches(concurrency, give_up_after)
        return batches.iterate(row, check_id("conversation", conversation), ids)

    def iter_disassociate_many(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        give_up_after: float = 300.0,
    ) -> "AsyncGenerator[BatchOutcome, None]":
        """Take many items out of a conversation, and iterate over what becomes of each.

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids, read as calls become free; an iterable or an async iterable.
            concurrency: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            Outcomes in order of completion, as from `iter_associate_many`.

        Raises:
            TransportError: At the end, if the server stopped answering and items were not started.
            ClientClosedError: At the end, if the client was closed before all were sent.
        """
        row = operations.DISASSOCIATIONS[checked_material(Material, material)]
        batches = self._batches(concurrency, give_up_after)
        return batches.iterate(row, check_id("conversation", conversation), ids)

    async def apply(
        self,
        associations: Iterable[Association | Disassociation]
        | AsyncIterable[Association | Disassociation],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Associate and disassociate items of many conversations, several at the same time.

        Args:
            associations: What to do, read as calls become free; an iterable or an async iterable.
                The order in which it is done is not certain.
            concurrency: As for `associate_many`.
            on_progress: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            How many succeeded, and what failed why.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
        """
        batches = self._batches(concurrency, give_up_after, on_progress)
        return await batches.apply(associations)

    async def resume(
        self,
        journal: str | os.PathLike[str],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Go on with what a journal says is not done, on this client's server.

        Args:
            journal: The journal of an `associate_many` or `disassociate_many`.
            concurrency: As for `associate_many`.
            on_progress: As for `associate_many`.
            give_up_after: As for `associate_many`.

        Returns:
            How many succeeded, and what failed why; `skipped` were done before.

        Raises:
            InvalidArgumentError: An argument is out of range; nothing was sent.
            JournalError: The journal cannot be used.
        """
        return await self._batches(concurrency, give_up_after, on_progress).resume(journal)
