"""Bodies of requests, from the plain texts that may stand for them."""

from __future__ import annotations

from typing import TypeAlias

from conversation_client.errors import InvalidArgumentError
from conversation_client.models import conversation as conversation_
from conversation_client.models import search as search_

Search: TypeAlias = "search_.SearchInput | str"
Seed: TypeAlias = "conversation_.SeededConversation | str | None"


def search_input(search: Search) -> search_.SearchInput:
    """Return what a search takes; of a text, one full-text query.

    Raises:
        InvalidArgumentError: It is neither.
    """
    if isinstance(search, str):
        engine = search_.SearchEngine(
            query=search, full_text=search_.FullTextSearchOptions(exact=False)
        )
        return search_.SearchInput(engines=search_.SearchEngines(iterable=[engine]))
    if not isinstance(search, search_.SearchInput):
        raise InvalidArgumentError(f"search: a SearchInput or a str, not {type(search).__name__}")
    return search


def seeded_conversation(seed: Seed) -> conversation_.SeededConversation:
    """Return what a conversation is made from; of a name or nothing, a chat.

    Raises:
        InvalidArgumentError: It is none of these.
    """
    if seed is None or isinstance(seed, str):
        kind = conversation_.ConversationTypeEnum.COPILOT
        return conversation_.SeededConversation(type=kind, name=seed)
    if not isinstance(seed, conversation_.SeededConversation):
        raise InvalidArgumentError(
            f"seed: a SeededConversation or a str, not {type(seed).__name__}"
        )
    return seed
