"""What to search for, from what a caller gives."""

from __future__ import annotations

from conversation_client.errors import InvalidArgumentError
from conversation_client.models import search as search_


def search_input(search: search_.SearchInput | str) -> search_.SearchInput:
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
