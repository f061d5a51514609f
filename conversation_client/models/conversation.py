"""Conversations: the document itself, its references and what summarizing takes."""

from __future__ import annotations

from conversation_client._tables import ROWS, count_of, moment_of, table
from conversation_client.models import anchor as anchor_
from conversation_client.models import annotation as annotation_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import language_model as language_model_
from conversation_client.models import message as message_
from conversation_client.models import website as website_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import Document, OpenEnum, document, shared


class ConversationTypeEnum(OpenEnum):
    """Kinds of conversation; `COPILOT` is a chat with an AI model."""

    COPILOT = "COPILOT"
    UNKNOWN = "UNKNOWN"


@shared
class _ConversationFields(common_.Versioned):
    """What a conversation tells of itself, wherever it stands."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    messages: message_.FlattenedConversationMessages
    """References; the messages themselves only where sent along."""
    type: ConversationTypeEnum
    name: str | None = None
    deleted: common_.GroupedTimestamp | None = None
    favorited: bool | None = None
    application: common_.Application | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    model: language_model_.ReferencedModel | None = None
    """AI model in use, by id."""
    assets: asset_.FlattenedAssets | None = None
    websites: website_.FlattenedWebsites | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    grounding: ConversationGrounding | None = None
    """Material that answers are based on."""
    score: common_.Score | None = None
    pipeline: language_model_.QGPTPromptPipeline | None = None
    """How prompts are prepared for the model."""
    demo: bool | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None

    def _repr_html_(self) -> str:
        """Show the conversation in a notebook, as a small table."""
        application = self.application and self.application.name
        rows = [
            ("name", self.name),
            ("id", self.id),
            ("type", self.type),
            ("created", moment_of(self.created)),
            ("updated", moment_of(self.updated)),
            ("messages", count_of(self.messages)),
            ("assets", count_of(self.assets)),
            ("websites", count_of(self.websites)),
            ("anchors", count_of(self.anchors)),
            ("annotations", count_of(self.annotations)),
            ("application", application),
        ]
        return table((), [row for row in rows if row[1] is not None])


@document
class Conversation(_ConversationFields):
    """Chat with an AI model: its messages, annotations and the material linked to it."""


@document
class ConversationGrounding(common_.Versioned):
    """Material a conversation draws on: messages, time ranges and workstream sources."""

    messages: message_.FlattenedConversationMessages | None = None
    temporal: TemporalRangeGrounding | None = None
    sources: workstream_.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None


@document
class ConversationSummarizeInput(common_.Versioned):
    """What to summarize: the messages to take into account."""

    messages: message_.FlattenedConversationMessages | None = None


@document
class ConversationSummarizeOutput(common_.Versioned):
    """Result of summarizing: the conversation and the annotation that holds the summary."""

    conversation: ReferencedConversation
    annotation: annotation_.ReferencedAnnotation
    """Annotation with the text of the summary."""


@document
class FlattenedConversation(_ConversationFields):
    """Conversation as it is nested in other documents; same fields as `Conversation`."""


@document
class FlattenedConversations(common_.Versioned):
    """References to conversations, with a lookup by id."""

    iterable: list[ReferencedConversation]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class ReferencedConversation(common_.Versioned):
    """Reference to a conversation by its id, with the conversation itself if sent along."""

    id: str
    reference: FlattenedConversation | None = None
    """Absent where only the id is sent."""


@document
class TemporalRangeGrounding(Document):
    """Time ranges of workstream activity that a conversation draws on."""

    workstreams: workstream_.FlattenedRanges | None = None
    """Time ranges whose activity is used."""


@document
class Conversations(common_.Versioned):
    """List of full conversations, with a lookup by id."""

    iterable: list[Conversation]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None

    def _repr_html_(self) -> str:
        """Show the first conversations in a notebook, as a small table."""
        rows = [_row(each) for each in self.iterable[:ROWS]]
        return table(("name", "id", "messages", "updated"), rows, of=len(self.iterable))


@document
class SeededConversation(common_.Versioned):
    """What it takes to create a conversation, first messages and annotations included."""

    type: ConversationTypeEnum
    name: str | None = None
    favorited: bool | None = None
    application: common_.Application | None = None
    annotations: list[annotation_.SeededAnnotation] | None = None
    """To be created with the conversation."""
    messages: list[message_.SeededConversationMessage] | None = None
    """To be created with the conversation."""
    model: language_model_.ReferencedModel | None = None
    """AI model to use, by id."""
    assets: asset_.FlattenedAssets | None = None
    websites: website_.FlattenedWebsites | None = None
    anchors: list[anchor_.SeededAnchor] | None = None
    """To be created with the conversation."""
    pipeline: language_model_.QGPTPromptPipeline | None = None
    """How prompts are prepared for the model."""
    demo: bool | None = None


@document
class ConversationsCreateFromAssetOutput(common_.Versioned):
    """Result of creating a conversation from an asset: a reference to it."""

    conversation: ReferencedConversation
    """The new conversation, by id."""


@document
class ConversationsCreateFromWorkstreamSummaryOutput(common_.Versioned):
    """Result of creating a conversation from a workstream summary: a reference to it."""

    conversation: ReferencedConversation
    """The new conversation, by id."""


def _row(conversation: Conversation) -> tuple[object, ...]:
    if not isinstance(conversation, Conversation):  # as it came, where it did not fit
        return (conversation,)
    return (
        conversation.name,
        conversation.id,
        count_of(conversation.messages),
        moment_of(conversation.updated),
    )
