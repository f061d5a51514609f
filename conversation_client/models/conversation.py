"""Conversations: the document itself, its references and what summarizing takes."""

from __future__ import annotations as _annotations

from conversation_client._tables import ROWS as _ROWS
from conversation_client._tables import count_of as _count_of
from conversation_client._tables import moment_of as _moment_of
from conversation_client._tables import table as _table
from conversation_client.models import anchor as _anchor
from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import language_model as _language_model
from conversation_client.models import message as _message
from conversation_client.models import website as _website
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import Document as _Document
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import shared as _shared


class ConversationTypeEnum(_OpenEnum):
    """Kinds of conversation; `COPILOT` is a chat with an AI model."""

    COPILOT = "COPILOT"
    UNKNOWN = "UNKNOWN"


@_shared
class _ConversationFields(_common.Versioned):
    """What a conversation tells of itself, wherever it stands."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    messages: _message.FlattenedConversationMessages
    """References; the messages themselves only where sent along."""
    type: ConversationTypeEnum
    name: str | None = None
    deleted: _common.GroupedTimestamp | None = None
    favorited: bool | None = None
    application: _common.Application | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    model: _common.ReferencedModel | None = None
    """AI model in use, by id."""
    assets: _asset.FlattenedAssets | None = None
    websites: _website.FlattenedWebsites | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    grounding: ConversationGrounding | None = None
    """Material that answers are based on."""
    score: _common.Score | None = None
    pipeline: _language_model.QGPTPromptPipeline | None = None
    """How prompts are prepared for the model."""
    demo: bool | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None

    def _repr_html_(self) -> str:
        """Show the conversation in a notebook, as a small table."""
        application = self.application and self.application.name
        rows = [
            ("name", self.name),
            ("id", self.id),
            ("type", self.type),
            ("created", _moment_of(self.created)),
            ("updated", _moment_of(self.updated)),
            ("messages", _count_of(self.messages)),
            ("assets", _count_of(self.assets)),
            ("websites", _count_of(self.websites)),
            ("anchors", _count_of(self.anchors)),
            ("annotations", _count_of(self.annotations)),
            ("application", application),
        ]
        return _table((), [row for row in rows if row[1] is not None])


@_document
class Conversation(_ConversationFields):
    """Chat with an AI model: its messages, annotations and the material linked to it."""


@_document
class ConversationGrounding(_common.Versioned):
    """Material a conversation draws on: messages, time ranges and workstream sources."""

    messages: _message.FlattenedConversationMessages | None = None
    temporal: TemporalRangeGrounding | None = None
    sources: _workstream.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None


@_document
class ConversationSummarizeInput(_common.Versioned):
    """What to summarize: the messages to take into account."""

    messages: _message.FlattenedConversationMessages | None = None


@_document
class ConversationSummarizeOutput(_common.Versioned):
    """Result of summarizing: the conversation and the annotation that holds the summary."""

    conversation: ReferencedConversation
    annotation: _annotation.ReferencedAnnotation
    """Annotation with the text of the summary."""


@_document
class FlattenedConversation(_ConversationFields):
    """Conversation as it is nested in other documents; same fields as `Conversation`."""


@_document
class FlattenedConversations(_common.Versioned):
    """References to conversations, with a lookup by id."""

    iterable: list[ReferencedConversation]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class ReferencedConversation(_common.Versioned):
    """Reference to a conversation by its id, with the conversation itself if sent along."""

    id: str
    reference: FlattenedConversation | None = None
    """Absent where only the id is sent."""


@_document
class TemporalRangeGrounding(_Document):
    """Time ranges of workstream activity that a conversation draws on."""

    workstreams: _workstream.FlattenedRanges | None = None
    """Time ranges whose activity is used."""


@_document
class Conversations(_common.Versioned):
    """List of full conversations, with a lookup by id."""

    iterable: list[Conversation]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None

    def _repr_html_(self) -> str:
        """Show the first conversations in a notebook, as a small table."""
        rows = [_row(each) for each in self.iterable[:_ROWS]]
        return _table(("name", "id", "messages", "updated"), rows, of=len(self.iterable))


@_document
class SeededConversation(_common.Versioned):
    """What it takes to create a conversation, first messages and annotations included."""

    type: ConversationTypeEnum
    name: str | None = None
    favorited: bool | None = None
    application: _common.Application | None = None
    annotations: list[_annotation.SeededAnnotation] | None = None
    """To be created with the conversation."""
    messages: list[_message.SeededConversationMessage] | None = None
    """To be created with the conversation."""
    model: _common.ReferencedModel | None = None
    """AI model to use, by id."""
    assets: _asset.FlattenedAssets | None = None
    websites: _website.FlattenedWebsites | None = None
    anchors: list[_anchor.SeededAnchor] | None = None
    """To be created with the conversation."""
    pipeline: _language_model.QGPTPromptPipeline | None = None
    """How prompts are prepared for the model."""
    demo: bool | None = None


@_document
class ConversationsCreateFromAssetOutput(_common.Versioned):
    """Result of creating a conversation from an asset: a reference to it."""

    conversation: ReferencedConversation
    """The new conversation, by id."""


@_document
class ConversationsCreateFromWorkstreamSummaryOutput(_common.Versioned):
    """Result of creating a conversation from a workstream summary: a reference to it."""

    conversation: ReferencedConversation
    """The new conversation, by id."""


def _row(conversation: Conversation) -> tuple[object, ...]:
    if not isinstance(conversation, Conversation):  # as it came, where it did not fit
        return (conversation,)
    return (
        conversation.name,
        conversation.id,
        _count_of(conversation.messages),
        _moment_of(conversation.updated),
    )
