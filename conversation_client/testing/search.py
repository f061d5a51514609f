"""How the emulator searches: for the words of a query in names and in the texts of messages."""

from collections.abc import Callable, Iterable
from typing import Self

import attrs

from conversation_client.testing.documents import JsonObject, as_list, as_object, as_text


@attrs.frozen
class Match:
    """How well a text matches."""

    similarity: float
    """The part of the words that are in it, 0 to 1."""
    exact: bool
    """Whether the query is in it as it is."""


NONE = Match(0.0, exact=False)


@attrs.frozen
class Query:
    """A search, as its engines ask for it: words, or several queries combined."""

    text: str = ""
    parts: tuple["Query", ...] = ()
    wants_all: bool = False
    """Whether a text has to match all parts, rather than one."""
    is_exact: bool = False
    """Whether only the words as they are count."""

    @classmethod
    def of(cls, search: JsonObject) -> Self:
        """Read a `SearchInput`.

        Raises:
            MalformedError: It has another shape.
        """
        return cls._combined(as_object(search.get("engines"), "the engines of a search"))

    @classmethod
    def _combined(cls, engines: JsonObject) -> Self:
        listed: list[object] = as_list(engines.get("iterable"), "the engines of a search")
        parts = tuple(cls._single(as_object(engine, "an engine")) for engine in listed)
        return cls(parts=parts, wants_all=engines.get("type") == "AND")

    @classmethod
    def _single(cls, engine: JsonObject) -> Self:
        if engine.get("operations") is not None:
            return cls._combined(as_object(engine["operations"], "the operations of an engine"))
        options = as_object(engine.get("full_text") or {}, "full_text")
        text = as_text(engine.get("query") or "", "the query of an engine")
        return cls(text, is_exact=options.get("exact") is True)

    def match(self, text: str) -> Match:
        """Tell how well a text matches."""
        if self.parts:
            matches = [part.match(text) for part in self.parts]
            choose = min if self.wants_all else max
            return choose(matches, key=lambda match: match.similarity)
        words = self.text.casefold().split()
        found = [word for word in words if word in text.casefold()]
        exact = bool(words) and self.text.casefold() in text.casefold()
        if self.is_exact and not exact:
            return NONE
        return Match(len(found) / len(words), exact) if words else NONE


def found(
    name: str,
    documents: Iterable[tuple[JsonObject, str]],
    query: Query,
    show: Callable[[JsonObject], JsonObject],
) -> JsonObject:
    """Return the documents that match, the best first.

    Args:
        name: What each is called in a result.
        documents: Where to search: each with what there is to read in it.
        query: What to search for.
        show: Makes of a document what is told of it.
    """
    matches = [(query.match(text), document) for document, text in documents]
    hits = [(match, document) for match, document in matches if match.similarity > 0]
    hits.sort(key=lambda hit: hit[0].similarity, reverse=True)
    return {
        "iterable": [
            {
                "identifier": document["id"],
                "exact": match.exact,
                "similarity": match.similarity,
                name: show(document),
            }
            for match, document in hits
        ]
    }


def text_of(message: JsonObject) -> str:
    """Return what a message says."""
    match message:
        case {"fragment": {"string": {"raw": str(raw)}}}:
            return raw
        case _:
            return ""
