"""What can be done with single messages: `client.messages`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import TYPE_CHECKING

from conversation_client import operations
from conversation_client._arguments import checked_material
from conversation_client._bodies import Search, search_input
from conversation_client._calls import Group
from conversation_client._http.wire import Id, check_id
from conversation_client.batch import ReadOutcome
from conversation_client.errors import InvalidArgumentError
from conversation_client.models import common as common_
from conversation_client.models import message as message_
from conversation_client.models import search as search_
from conversation_client.models.base import documents_in
from conversation_client.operations import MessageMaterial

if TYPE_CHECKING:
    from conversation_client._reads import Reads


class AsyncMessagesResource(Group):
    """The messages of a server, as `AsyncConversationClient.messages`."""

    async def get(
        self, message: Id, *, transferables: bool | None = None
    ) -> message_.ConversationMessage:
        """Get a message (`message_specific_message_snapshot`).

        Args:
            message: Id of the message.
            transferables: Whether to include the contents of its fragment; `None` leaves it to the
                server.

        Raises:
            GoneError: There is no such message.
        """
        return await self._call(operations.GET_MESSAGE, message, transferables=transferables)

    async def list(self, *, transferables: bool | None = None) -> message_.ConversationMessages:
        """Get all messages of all conversations (`messages_snapshot`).

        Args:
            transferables: Whether to include the contents of fragments; `None` leaves it to the
                server.
        """
        return await self._call(operations.LIST_MESSAGES, transferables=transferables)

    async def create(
        self, seed: message_.SeededConversationMessage, *, transferables: bool | None = None
    ) -> message_.ConversationMessage:
        """Create a message (`messages_create_specific_message`).

        Args:
            seed: What it is to be; its `conversation` says where it belongs.
            transferables: Whether the reply includes the contents of the fragment.

        Returns:
            The new message, the last of its conversation. Each call makes another one.
        """
        return await self._call(operations.CREATE_MESSAGE, body=seed, transferables=transferables)

    async def add(
        self,
        conversation: Id,
        text: str,
        *,
        role: message_.QGPTConversationMessageRoleEnum | str = "USER",
    ) -> message_.ConversationMessage:
        """Add a message of plain text to a conversation (`messages_create_specific_message`).

        Args:
            conversation: Id of the conversation.
            text: What the message says.
            role: Who it is from: `"USER"`, `"ASSISTANT"` or `"SYSTEM"`.

        Returns:
            The new message. Each call adds another one.
        """
        seed = message_.SeededConversationMessage.from_text(
            text,
            role=_text("role", role),
            conversation=check_id("conversation", conversation),
        )
        return await self.create(seed)

    async def update(
        self, message: message_.ConversationMessage, *, transferables: bool | None = None
    ) -> message_.ConversationMessage:
        """Write a message back (`message_specific_message_update`).

        The server replaces what is sent: an old copy undoes what others wrote since it was read.

        Args:
            message: The message as it is to be; its id says which one it is.
            transferables: Whether the reply includes the contents of the fragment.

        Returns:
            The message as the server now has it.
        """
        return await self._call(
            operations.UPDATE_MESSAGE, body=message, transferables=transferables
        )

    async def update_value(
        self, message: message_.ConversationMessage, *, transferables: bool | None = None
    ) -> message_.ConversationMessage:
        """Replace what a message says (`message_update_value`).

        Args:
            message: The message with the fragment that it is to have.
            transferables: Whether the reply includes the contents of the fragment.

        Returns:
            The message as the server now has it.
        """
        return await self._call(
            operations.UPDATE_MESSAGE_VALUE, body=message, transferables=transferables
        )

    async def delete(self, message: Id) -> None:
        """Delete a message (`messages_delete_specific_message`).

        Args:
            message: Id of the message. In its conversation, its index is -1 from then on.

        Raises:
            ServerError: The server refused, as it does where there is no such message.
        """
        await self._delete(operations.DELETE_MESSAGE, message)

    async def search(
        self, search: Search, *, transferables: bool | None = None
    ) -> search_.SearchedConversationMessages:
        """Search the messages of all conversations (`search_messages`).

        Args:
            search: What to search for, or one full-text query.
            transferables: Whether the reply includes the contents of fragments.

        Returns:
            The messages that match, with how well they do.
        """
        row, body = operations.SEARCH_MESSAGES, search_input(search)
        return await self._call(row, body=body, transferables=transferables)

    async def increment_scores(
        self, message: Id, increment: common_.SeededScoreIncrement | None = None
    ) -> None:
        """Add to the scores of a message (`message_scores_increment`).

        Args:
            message: Id of the message.
            increment: What to count; each call adds again.
        """
        await self._call(operations.INCREMENT_MESSAGE_SCORES, message, body=increment)

    async def associate(
        self,
        message: Id,
        material: MessageMaterial | str,
        id: Id,  # noqa: A002
    ) -> None:
        """Associate something with a message (`message_associate_…` in the reference).

        Args:
            message: Id of the message.
            material: What the id is an id of.
            id: Id of what is to be associated.
        """
        await self._call(
            operations.MESSAGE_ASSOCIATIONS[checked_material(MessageMaterial, material)],
            message,
            id,
        )

    async def disassociate(
        self,
        message: Id,
        material: MessageMaterial | str,
        id: Id,  # noqa: A002
    ) -> None:
        """Take something out of a message (`message_disassociate_…` in the reference).

        Args:
            message: Id of the message.
            material: What the id is an id of.
            id: Id of what is to be taken out.
        """
        await self._call(
            operations.MESSAGE_DISASSOCIATIONS[checked_material(MessageMaterial, material)],
            message,
            id,
        )

    def iter_get(
        self,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        concurrency: int = 32,
        transferables: bool | None = None,
        give_up_after: float = 300.0,
    ) -> AsyncGenerator[ReadOutcome[message_.ConversationMessage], None]:
        """Get many messages, several at the same time, and iterate over them.

        Args:
            ids: Ids of the messages, read as calls become free; an iterable or an async iterable.
            concurrency: As for `associate_many`.
            transferables: Whether to include the contents of fragments; `None` leaves it to the
                server.
            give_up_after: As for `associate_many`.

        Returns:
            Outcomes in order of completion, as from `conversations.iter_get`.

        Raises:
            TransportError: At the end, if the server stopped answering and some were not read.
            ClientClosedError: At the end, if the client was closed before all were read.
        """
        batches = self._batches(concurrency, give_up_after)
        return batches.read(operations.GET_MESSAGE, ids, transferables)

    def of(
        self,
        conversation: Id,
        *,
        concurrency: int = 32,
        transferables: bool | None = None,
        give_up_after: float = 300.0,
    ) -> AsyncGenerator[message_.ConversationMessage, None]:
        """Get the messages of a conversation one by one, and iterate over them in its order.

        Several are read ahead of the loop that takes them. Those that have been deleted are passed
        over, also where that happens meanwhile.

        Args:
            conversation: Id of the conversation.
            concurrency: As for `associate_many`.
            transferables: Whether to include the contents of fragments; `None` leaves it to the
                server.
            give_up_after: As for `associate_many`.

        Returns:
            The messages.

        Raises:
            GoneError: There is no such conversation.
            ConversationClientError: In place of a message, why it could not be read.
        """
        text = check_id("conversation", conversation)
        reads = self._batches(concurrency, give_up_after).reads(
            operations.GET_MESSAGE, transferables
        )
        return self._of(text, reads)

    async def _of(
        self, conversation: str, reads: Reads[message_.ConversationMessage]
    ) -> AsyncGenerator[message_.ConversationMessage, None]:
        found = await self._call(operations.GET_CONVERSATION, conversation, transferables=False)
        messages = reads.in_order(_ids_in_order(found.messages))
        try:
            async for message in messages:
                yield message
        finally:
            await messages.aclose()


def _ids_in_order(messages: message_.FlattenedConversationMessages) -> list[str]:
    """Return the ids of those that are there."""
    indices = messages.indices
    if indices is None:
        listed = documents_in(messages, message_.ReferencedConversationMessage)
        ids: list[str | None] = [each.id for each in listed]
        return [id_ for id_ in ids if id_ is not None]
    return sorted((id_ for id_, index in indices.items() if index >= 0), key=indices.__getitem__)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{name}: a str, not {type(value).__name__}")
    return value
