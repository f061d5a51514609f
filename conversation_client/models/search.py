"""Searching conversations and messages: what to search for, and what was found."""

from __future__ import annotations

from conversation_client.models import annotation as annotation_
from conversation_client.models import common as common_
from conversation_client.models import conversation as conversation_
from conversation_client.models import message as message_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import OpenEnum, document


class EmbeddingsSearchOptionsEmbeddingTypeEnum(OpenEnum):
    """Kinds of embeddings that a search may use."""

    JINA = "JINA"
    NCS = "NCS"
    UNKNOWN = "UNKNOWN"


class FilterOperationTypeEnum(OpenEnum):
    """How the results of several engines are combined."""

    AND = "AND"
    OR = "OR"
    UNKNOWN = "UNKNOWN"


@document
class EmbeddingsSearchOptions(common_.Versioned):
    """Searching by meaning: which embeddings, and how near they have to be."""

    type: EmbeddingsSearchOptionsEmbeddingTypeEnum
    similarity: float | None = None
    """How near a result has to be at least."""


@document
class FullTextSearchOptions(common_.Versioned):
    """Searching for words: as they are, or similar ones."""

    similarity: float | None = None
    """How similar a word has to be at least."""
    exact: bool | None = None
    """Whether only the words as they are count."""


@document
class SearchEngine(common_.Versioned):
    """One way of searching: a query with its options, or several engines combined."""

    query: str | None = None
    embeddings: EmbeddingsSearchOptions | None = None
    full_text: FullTextSearchOptions | None = None
    temporal: TemporalSearchOptions | None = None
    workstream: WorkstreamSearchOptions | None = None
    operations: SearchEngines | None = None
    """Engines in place of this one, combined."""


@document
class SearchEngines(common_.Versioned):
    """Ways of searching, and how their results are combined."""

    iterable: list[SearchEngine]
    type: FilterOperationTypeEnum | None = None


@document
class SearchInput(common_.Versioned):
    """What to search for."""

    engines: SearchEngines


@document
class SearchedAnnotation(common_.Versioned):
    """Annotation that was found, and how well it matches."""

    exact: bool
    """Whether the words were found as they are."""
    similarity: float
    identifier: str
    """Id of the annotation."""
    annotation: annotation_.Annotation | None = None
    temporal: bool | None = None


@document
class SearchedAnnotations(common_.Versioned):
    """Annotations that were found."""

    iterable: list[SearchedAnnotation]


@document
class SearchedConversation(common_.Versioned):
    """Conversation that was found, what in it matches and how well."""

    exact: bool
    """Whether the words were found as they are."""
    similarity: float
    identifier: str
    """Id of the conversation."""
    conversation: conversation_.Conversation | None = None
    messages: SearchedConversationMessages | None = None
    """Messages of the conversation that match."""
    annotations: SearchedAnnotations | None = None
    """Annotations of the conversation that match."""
    temporal: bool | None = None


@document
class SearchedConversationMessage(common_.Versioned):
    """Message that was found, and how well it matches."""

    exact: bool
    """Whether the words were found as they are."""
    similarity: float
    identifier: str
    """Id of the message."""
    message: message_.ConversationMessage | None = None
    temporal: bool | None = None


@document
class SearchedConversationMessages(common_.Versioned):
    """Messages that were found."""

    iterable: list[SearchedConversationMessage]


@document
class SearchedConversations(common_.Versioned):
    """Conversations that were found."""

    iterable: list[SearchedConversation]


@document
class TemporalSearchOptions(common_.Versioned):
    """Searching by time: when something was created or last changed."""

    created: common_.AnonymousTemporalRange | None = None
    updated: common_.AnonymousTemporalRange | None = None


@document
class WorkstreamSearchOptions(common_.Versioned):
    """Searching by where something comes from."""

    sources: workstream_.WorkstreamPatternEngineSources | None = None
