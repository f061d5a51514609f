"""Conversation messages: their content, sender, rating and links to other material."""

from __future__ import annotations

from uuid import UUID

from conversation_client._tables import ROWS, moment_of, table
from conversation_client.errors import InvalidArgumentError
from conversation_client.models import anchor as anchor_
from conversation_client.models import annotation as annotation_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import conversation as conversation_
from conversation_client.models import format as format_
from conversation_client.models import language_model as language_model_
from conversation_client.models import person as person_
from conversation_client.models import website as website_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import OpenEnum, document, renamed, shared


class ConversationMessageSentimentEnum(OpenEnum):
    """How a user rated a message: liked, disliked or reported."""

    LIKE = "LIKE"
    DISLIKE = "DISLIKE"
    REPORT = "REPORT"
    UNKNOWN = "UNKNOWN"


class QGPTConversationMessageRoleEnum(OpenEnum):
    """Who a message is from: the user, the assistant or the system."""

    USER = "USER"
    SYSTEM = "SYSTEM"
    ASSISTANT = "ASSISTANT"
    UNKNOWN = "UNKNOWN"
    SYSTEM_THINKING = "SYSTEM_THINKING"


@shared
class _MessageFields(common_.Versioned):
    """What a message tells of itself, wherever it stands."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    conversation: conversation_.ReferencedConversation
    """Conversation that the message belongs to."""
    role: QGPTConversationMessageRoleEnum
    deleted: common_.GroupedTimestamp | None = None
    model: language_model_.Model | None = None
    """AI model connected with the message."""
    fragment: FragmentFormat | None = None
    """Content of the message, as text or as bytes."""
    sentiment: ConversationMessageSentimentEnum | None = None
    """Rating given by the user."""
    score: common_.Score | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    websites: website_.FlattenedWebsites | None = None
    persons: person_.FlattenedPersons | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    assets: asset_.FlattenedAssets | None = None
    ranges: workstream_.FlattenedRanges | None = None
    """Time ranges linked to the message."""
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    tags: person_.FlattenedTags | None = None
    messages: FlattenedConversationMessages | None = None
    """Other messages linked to this one."""
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None
    sources: workstream_.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    agent: ConversationMessageAgent | None = None
    summary_root: workstream_.ReferencedWorkstreamSummary | None = renamed(
        "summaryRoot", default=None
    )


@document
class ConversationMessage(_MessageFields):
    """One message in a conversation, with its content and the material linked to it."""


@document
class ConversationMessageAgent(common_.Versioned):
    """Agent behind a message: its name, role and task, and the group it belongs to."""

    group_id: str
    """Id of the group that the agent belongs to."""
    instance_id: str | None = None
    """Id of this one agent; may be null."""
    readable_description: str | None = None
    """For people."""
    readable_name: str | None = None
    """For people."""
    role: str | None = None
    """Free text; not the role of the message."""
    task: str | None = None


@document
class ConversationMessages(common_.Versioned):
    """List of full messages, with a lookup by id."""

    iterable: list[ConversationMessage]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None

    def _repr_html_(self) -> str:
        """Show the first messages in a notebook, as a small table."""
        rows = [_row(each) for each in self.iterable[:ROWS]]
        return table(("role", "text", "created", "id"), rows, of=len(self.iterable))


@document
class FlattenedConversationMessage(_MessageFields):
    """Message as it is nested in other documents; same fields as `ConversationMessage`."""


@document
class FlattenedConversationMessages(common_.Versioned):
    """References to messages, with a lookup by id."""

    iterable: list[ReferencedConversationMessage]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None

    def _repr_html_(self) -> str:
        """Show the first references in a notebook, as a small table."""
        rows = [_row(getattr(each, "reference", None) or each) for each in self.iterable[:ROWS]]
        return table(("role", "text", "created", "id"), rows, of=len(self.iterable))


@document
class FragmentFormat(common_.Versioned):
    """Content as text or as bytes, with its file extension in the metadata."""

    string: common_.TransferableString | None = None
    """Set for text."""
    bytes: common_.TransferableBytes | None = None
    """Set for binary content."""
    metadata: FragmentMetadata | None = None

    @classmethod
    def from_text(cls, text: str) -> FragmentFormat:
        """Make the content of a message of its text."""
        return cls(string=common_.TransferableString(raw=text))


@document
class FragmentMetadata(common_.Versioned):
    """What is known about a fragment: the file extension that classifies it."""

    ext: format_.ClassificationSpecificEnum | None = None
    """File extension without the dot, e.g. `txt`."""


@document
class ReferencedConversationMessage(common_.Versioned):
    """Reference to a message by its id, with the message itself where the server sends it along."""

    id: str
    reference: FlattenedConversationMessage | None = None
    """Absent where only the id is sent."""


@document
class SeededConversationMessage(common_.Versioned):
    """What it takes to create a message: content, role and the material to link."""

    fragment: FragmentFormat
    """Content of the message, as text or as bytes."""
    role: QGPTConversationMessageRoleEnum
    created: common_.GroupedTimestamp | None = None
    model: language_model_.Model | None = None
    """AI model connected with the message."""
    conversation: conversation_.ReferencedConversation | None = None
    """Conversation to add the message to."""
    sentiment: ConversationMessageSentimentEnum | None = None
    """Rating given by the user."""
    assets: asset_.FlattenedAssets | None = None
    ranges: workstream_.FlattenedRanges | None = None
    """Time ranges to link to the message."""
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    tags: person_.FlattenedTags | None = None
    messages: FlattenedConversationMessages | None = None
    """Other messages to link to this one."""
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None
    sources: workstream_.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    agent: ConversationMessageAgent | None = None

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        role: QGPTConversationMessageRoleEnum | str = QGPTConversationMessageRoleEnum.USER,
        conversation: str | UUID | None = None,
    ) -> SeededConversationMessage:
        """Make a message of its text.

        Args:
            text: What it says.
            role: Who says it.
            conversation: Id of the conversation that it is for; may also be left to the caller.

        Raises:
            InvalidArgumentError: The role is no text.
        """
        if not isinstance(role, str):
            raise InvalidArgumentError(f"role: a text, not {role!r}")
        id_ = str(conversation) if isinstance(conversation, UUID) else conversation
        return cls(
            fragment=FragmentFormat.from_text(text),
            role=QGPTConversationMessageRoleEnum(role),
            conversation=None if id_ is None else conversation_.ReferencedConversation(id=id_),
        )


def _row(message: object) -> tuple[object, ...]:
    if isinstance(message, ReferencedConversationMessage):  # without the message itself
        return None, None, None, message.id
    if not isinstance(message, _MessageFields):  # as it came, where it did not fit
        return (None, message)
    string = message.fragment and message.fragment.string
    return message.role, string and string.raw, moment_of(message.created), message.id
