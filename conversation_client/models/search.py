"""Searching conversations and messages: what to search for, and what was found."""

from __future__ import annotations as _annotations

from conversation_client.models import annotation as _annotation
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import message as _message
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document


class EmbeddingsSearchOptionsEmbeddingTypeEnum(_OpenEnum):
    """Kinds of embeddings that a search may use."""

    JINA = "JINA"
    NCS = "NCS"
    UNKNOWN = "UNKNOWN"


class FilterOperationTypeEnum(_OpenEnum):
    """How the results of several engines are combined."""

    AND = "AND"
    OR = "OR"
    UNKNOWN = "UNKNOWN"


@_document
class EmbeddingsSearchOptions(_common.Versioned):
    """Searching by meaning: which embeddings, and how near they have to be."""

    type: EmbeddingsSearchOptionsEmbeddingTypeEnum
    similarity: float | None = None
    """How near a result has to be at least."""


@_document
class FullTextSearchOptions(_common.Versioned):
    """Searching for words: as they are, or similar ones."""

    similarity: float | None = None
    """How similar a word has to be at least."""
    exact: bool | None = None
    """Whether only the words as they are count."""


@_document
class SearchEngine(_common.Versioned):
    """One way of searching: a query with its options, or several engines combined."""

    query: str | None = None
    embeddings: EmbeddingsSearchOptions | None = None
    full_text: FullTextSearchOptions | None = None
    temporal: TemporalSearchOptions | None = None
    workstream: WorkstreamSearchOptions | None = None
    operations: SearchEngines | None = None
    """Engines in place of this one, combined."""


@_document
class SearchEngines(_common.Versioned):
    """Ways of searching, and how their results are combined."""

    iterable: list[SearchEngine]
    type: FilterOperationTypeEnum | None = None


@_document
class SearchInput(_common.Versioned):
    """What to search for."""

    engines: SearchEngines


@_document
class SearchedAnnotation(_common.Versioned):
    """Annotation that was found, and how well it matches."""

    exact: bool
    """Whether the words were found as they are."""
    similarity: float
    identifier: str
    """Id of the annotation."""
    annotation: _annotation.Annotation | None = None
    temporal: bool | None = None


@_document
class SearchedAnnotations(_common.Versioned):
    """Annotations that were found."""

    iterable: list[SearchedAnnotation]


@_document
class SearchedConversation(_common.Versioned):
    """Conversation that was found, what in it matches and how well."""

    exact: bool
    """Whether the words were found as they are."""
    similarity: float
    identifier: str
    """Id of the conversation."""
    conversation: _conversation.Conversation | None = None
    messages: SearchedConversationMessages | None = None
    """Messages of the conversation that match."""
    annotations: SearchedAnnotations | None = None
    """Annotations of the conversation that match."""
    temporal: bool | None = None


@_document
class SearchedConversationMessage(_common.Versioned):
    """Message that was found, and how well it matches."""

    exact: bool
    """Whether the words were found as they are."""
    similarity: float
    identifier: str
    """Id of the message."""
    message: _message.ConversationMessage | None = None
    temporal: bool | None = None


@_document
class SearchedConversationMessages(_common.Versioned):
    """Messages that were found."""

    iterable: list[SearchedConversationMessage]


@_document
class SearchedConversations(_common.Versioned):
    """Conversations that were found."""

    iterable: list[SearchedConversation]


@_document
class TemporalSearchOptions(_common.Versioned):
    """Searching by time: when something was created or last changed."""

    created: _common.AnonymousTemporalRange | None = None
    updated: _common.AnonymousTemporalRange | None = None


@_document
class WorkstreamSearchOptions(_common.Versioned):
    """Searching by where something comes from."""

    sources: _workstream.WorkstreamPatternEngineSources | None = None
