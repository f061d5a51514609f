"""Ids as people type them: in full, or the beginning of just one.

A UUID is taken for a full id, and nothing is asked. So is any other text as long as the server knows
it; only what it does not know is looked for among the ids of its conversations.
"""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from typing import TypeVar

from conversation_client._http.wire import check_id
from conversation_client.cli.looking import look
from conversation_client.client import AsyncConversationClient
from conversation_client.errors import (
    ConversationClientError,
    GoneError,
    InvalidArgumentError,
    ResponseError,
    ServerError,
    TransportError,
)
from conversation_client.models.base import documents_in
from conversation_client.models.conversation import FlattenedConversations, ReferencedConversation
from conversation_client.sync import ConversationClient

T = TypeVar("T")

CANDIDATES = 20
"""Ids that are told, of those that begin alike."""
_FULL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class UnknownIdError(ConversationClientError):
    """No conversation has such an id."""


class AmbiguousIdError(InvalidArgumentError):
    """Several conversations have ids that begin so."""


def is_full(text: str) -> bool:
    """Tell whether a text is a full id by its look."""
    return _FULL.fullmatch(text) is not None


def match(ids: Collection[str], text: str) -> str | None:
    """Return the id that a text is, or that alone begins with it; None if none does.

    Raises:
        AmbiguousIdError: Several do.
    """
    if text in ids:
        return text
    found = [id_ for id_ in ids if id_.startswith(text)]
    if len(found) > 1:
        more = f" and {len(found) - CANDIDATES:,} more" if len(found) > CANDIDATES else ""
        candidates = ", ".join(found[:CANDIDATES])
        raise AmbiguousIdError(
            f"{len(found):,} conversations have ids that begin with {text!r}: {candidates}{more}"
        )
    return found[0] if found else None


def ids_of(listed: FlattenedConversations) -> Collection[str]:
    """Return the ids in a list, in its order."""
    ids = (each.id for each in documents_in(listed, ReferencedConversation))
    return {id_: None for id_ in ids if isinstance(id_, str)}.keys()


def about(client: ConversationClient, text: str, call: Callable[[str], T]) -> T:
    """Make a call about the conversation that a text names.

    It is made with the text as it is, so that a full id of whatever look costs nothing more, and
    again if the server refuses that and the text turns out to be the beginning of an id.

    Args:
        client: The client to ask for the ids with.
        text: What names the conversation.
        call: Makes the call; does nothing where there is no such conversation.

    Raises:
        AmbiguousIdError: Several conversations have ids that begin so.
        ConversationClientError: What the call raised.
    """
    try:
        return call(text)
    except (GoneError, ServerError):
        found = None if is_full(text) else _found(client, text)
        if found is None or found == text:
            raise
    return call(found)


def _found(client: ConversationClient, text: str) -> str | None:
    with suppress(ResponseError, TransportError):  # what the call itself raised says more
        return match(ids_of(client.with_options(retry=None).conversations.identifiers()), text)
    return None


def known(client: ConversationClient, text: str) -> str:
    """Return the id that a text names, for a call that may do something though there is none.

    Raises:
        AmbiguousIdError: Several conversations have ids that begin so.
        GoneError: None has.
        ConversationClientError: It cannot be told.
    """
    if is_full(text):
        return text
    return about(client, text, partial(client.get_conversation, transferables=False)).id


async def full_id(client: AsyncConversationClient, text: str) -> str:
    """Return the id that a text names, for a batch.

    Raises:
        AmbiguousIdError: Several conversations have ids that begin so.
        GoneError: None has.
        TransportError: Nobody answers, or another program.
    """
    if is_full(text):
        return text
    try:
        await look(client, text)
    except GoneError:
        try:
            ids = ids_of(await client.conversations.identifiers())
        except ResponseError:
            return text  # what the batch gets will say more
        found = match(ids, text)
        if found is None:
            raise
        return found
    except ResponseError:
        return text
    return text


class Finder:
    """Finds many conversations, by one list of them if any is named by what is no UUID.

    Args:
        client: The client to ask for the list with.
    """

    def __init__(self, client: AsyncConversationClient) -> None:
        self._client = client
        self._ids: Collection[str] | None = None

    async def find(self, text: str, *, in_full: bool = False) -> str:
        """Return the id that a text names.

        Args:
            text: The text.
            in_full: Whether it has to be the whole id.

        Raises:
            AmbiguousIdError: Several conversations have ids that begin so.
            UnknownIdError: None has.
            InvalidArgumentError: It can be no id.
        """
        if is_full(check_id("conversation", text)):
            return text
        if self._ids is None:
            self._ids = ids_of(await self._client.conversations.identifiers())
        found = match(self._ids, text)
        if found is None or (in_full and found != text):
            raise UnknownIdError(f"no conversation has the id {text!r:.100}")
        return found
