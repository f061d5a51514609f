"""What can be done with conversations as a whole: `client.conversations`."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from typing import TYPE_CHECKING

from conversation_client import operations
from conversation_client._bodies import Search, Seed, search_input, seeded_conversation
from conversation_client._calls import Group
from conversation_client._http.wire import Id
from conversation_client.batch import BatchProgress, BatchReport, ReadOutcome
from conversation_client.models import conversation as conversation_
from conversation_client.models import search as search_

if TYPE_CHECKING:
    from conversation_client.changes import ConversationChange


class AsyncConversationsResource(Group):
    """The conversations of a server, as `AsyncConversationClient.conversations`."""

    async def list(self, *, transferables: bool | None = None) -> conversation_.Conversations:
        """Get all conversations (`conversations_snapshot`).

        Where there are many, `identifiers` with `iter_get` needs less memory.

        Args:
            transferables: Whether to include the contents of message fragments; `None` leaves it
                to the server.
        """
        return await self._call(operations.LIST_CONVERSATIONS, transferables=transferables)

    async def identifiers(self) -> conversation_.FlattenedConversations:
        """Get the ids of all conversations (`conversations_identifiers_snapshot`)."""
        return await self._call(operations.LIST_CONVERSATION_IDENTIFIERS)

    async def create(
        self, seed: Seed = None, *, transferables: bool | None = None
    ) -> conversation_.Conversation:
        """Create a conversation (`conversations_create_specific_conversation`).

        Args:
            seed: What it is to be, or its name; without it, an empty chat with no name of its own.
            transferables: Whether the reply includes the contents of message fragments.

        Returns:
            The new conversation. Each call makes another one.
        """
        row, body = operations.CREATE_CONVERSATION, seeded_conversation(seed)
        return await self._call(row, body=body, transferables=transferables)

    async def create_from_asset(
        self, asset: Id
    ) -> conversation_.ConversationsCreateFromAssetOutput:
        """Create a conversation about an asset (`conversations_create_from_asset`).

        Args:
            asset: Id of the asset.

        Returns:
            A reference to the new conversation. Each call makes another one.
        """
        return await self._call(operations.CREATE_CONVERSATION_FROM_ASSET, asset)

    async def create_from_workstream_summary(
        self, workstream_summary: Id
    ) -> conversation_.ConversationsCreateFromWorkstreamSummaryOutput:
        """Create a conversation about a workstream summary.

        `conversations_create_from_workstream_summary` in the reference.

        Args:
            workstream_summary: Id of the workstream summary.

        Returns:
            A reference to the new conversation. Each call makes another one.
        """
        return await self._call(
            operations.CREATE_CONVERSATION_FROM_WORKSTREAM_SUMMARY, workstream_summary
        )

    async def delete(self, conversation: Id) -> None:
        """Delete a conversation (`conversations_delete_specific_conversation`).

        Args:
            conversation: Id of the conversation.

        Raises:
            ServerError: The server refused, as it does where there is no such conversation.
        """
        await self._delete(operations.DELETE_CONVERSATION, conversation)

    async def search(
        self, search: Search, *, transferables: bool | None = None
    ) -> search_.SearchedConversations:
        """Search all conversations (`search_conversations`).

        Args:
            search: What to search for, or one full-text query.
            transferables: Whether the reply includes the contents of message fragments.

        Returns:
            The conversations that match, with how well they do.
        """
        row, body = operations.SEARCH_CONVERSATIONS, search_input(search)
        return await self._call(row, body=body, transferables=transferables)

    def watch(self, *, give_up_after: float = math.inf) -> AsyncGenerator[ConversationChange, None]:
        """Watch the conversations: iterate over what there is, then over what changes.

        First comes each conversation that there is, then each that is made, changed in whatever
        way, or deleted. When the server has been away, all that are there come again, since a
        change meanwhile cannot be told from none, and those that are gone come as deleted; what
        was made and deleted meanwhile cannot be known. The changes of one conversation that a loop
        is too slow to take are one, its latest state. Nothing else waits for the loop.

        The connection is one of its own, beside `max_connections`. The client's `timeout` bounds
        how long it may take to begin. Once it is lost, there is another try after 0.1 s, and then
        after twice as long each time, up to 5 s. What is no message of such a stream ends a
        connection, too.

        The iteration ends when the client is closed, or when it is left, at once if the generator
        is closed (`contextlib.aclosing`).

        Args:
            give_up_after: Seconds without a connection after which to end, above 0; by default
                never, once there was a first one.

        Returns:
            The changes: which conversation, and whether it is gone.

        Raises:
            ServerNotRunningError: Nobody is there at first.
            TransportError: Nobody was there again in time, or there was no answer at first.
            ResponseError: It is no Pieces OS that is there, at first or at the end of the time.
        """
        from conversation_client._watch import Watch  # noqa: PLC0415  # most programs do not

        return Watch(self._transport.session, self._options, give_up_after).changes()

    def iter_get(
        self,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        transferables: bool | None = None,
        give_up_after: float = 300.0,
    ) -> AsyncGenerator[ReadOutcome[conversation_.Conversation], None]:
        """Get many conversations, several at the same time, and iterate over them.

        Memory follows `concurrency`, not the number of ids. A loop that is slow to take them holds
        the reading up; one that is left ends it, at once if the generator is closed
        (`contextlib.aclosing`).

        Args:
            ids: Ids of the conversations, read as calls become free; an iterable or an async
                iterable.
            concurrency: As for `associate_many`.
            transferables: Whether to include the contents of message fragments; `None` leaves it
                to the server.
            give_up_after: As for `associate_many`.

        Returns:
            Outcomes in order of completion: each id with its conversation, or why it has none.

        Raises:
            TransportError: At the end, if the server stopped answering and some were not read.
            ClientClosedError: At the end, if the client was closed before all were read.
        """
        batches = self._batches(concurrency, give_up_after)
        return batches.read(operations.GET_CONVERSATION, ids, transferables)

    async def delete_many(
        self,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        journal: str | os.PathLike[str] | None = None,
        give_up_after: float = 300.0,
    ) -> BatchReport:
        """Delete many conversations, several at the same time.

        Args:
            ids: Ids of the conversations, read as calls become free; an iterable or an async
                iterable. One that is gone already counts as done.
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
        batches = self._batches(concurrency, give_up_after, on_progress)
        return await batches.send(operations.DELETE_CONVERSATION, "", ids, journal)
