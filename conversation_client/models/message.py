"""Conversation messages: their content, sender, rating and links to other material."""

from __future__ import annotations as _annotations

from uuid import UUID as _UUID

from conversation_client._tables import ROWS as _ROWS
from conversation_client._tables import moment_of as _moment_of
from conversation_client._tables import table as _table
from conversation_client.errors import InvalidArgumentError as _InvalidArgumentError
from conversation_client.models import anchor as _anchor
from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import format as _format
from conversation_client.models import language_model as _language_model
from conversation_client.models import person as _person
from conversation_client.models import website as _website
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed
from conversation_client.models.base import shared as _shared


class ConversationMessageSentimentEnum(_OpenEnum):
    """How a user rated a message: liked, disliked or reported."""

    LIKE = "LIKE"
    DISLIKE = "DISLIKE"
    REPORT = "REPORT"
    UNKNOWN = "UNKNOWN"


class QGPTConversationMessageRoleEnum(_OpenEnum):
    """Who a message is from: the user, the assistant or the system."""

    USER = "USER"
    SYSTEM = "SYSTEM"
    ASSISTANT = "ASSISTANT"
    UNKNOWN = "UNKNOWN"
    SYSTEM_THINKING = "SYSTEM_THINKING"


@_shared
class _MessageFields(_common.Versioned):
    """What a message tells of itself, wherever it stands."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    conversation: _conversation.ReferencedConversation
    """Conversation that the message belongs to."""
    role: QGPTConversationMessageRoleEnum
    deleted: _common.GroupedTimestamp | None = None
    model: _language_model.Model | None = None
    """AI model connected with the message."""
    fragment: FragmentFormat | None = None
    """Content of the message, as text or as bytes."""
    sentiment: ConversationMessageSentimentEnum | None = None
    """Rating given by the user."""
    score: _common.Score | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    websites: _website.FlattenedWebsites | None = None
    persons: _person.FlattenedPersons | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    assets: _asset.FlattenedAssets | None = None
    ranges: _workstream.FlattenedRanges | None = None
    """Time ranges linked to the message."""
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    tags: _person.FlattenedTags | None = None
    messages: FlattenedConversationMessages | None = None
    """Other messages linked to this one."""
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None
    sources: _workstream.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    agent: ConversationMessageAgent | None = None
    summary_root: _workstream.ReferencedWorkstreamSummary | None = _renamed(
        "summaryRoot", default=None
    )


@_document
class ConversationMessage(_MessageFields):
    """One message in a conversation, with its content and the material linked to it."""


@_document
class ConversationMessageAgent(_common.Versioned):
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


@_document
class ConversationMessages(_common.Versioned):
    """List of full messages, with a lookup by id."""

    iterable: list[ConversationMessage]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None

    def _repr_html_(self) -> str:
        """Show the first messages in a notebook, as a small table."""
        rows = [_row(each) for each in self.iterable[:_ROWS]]
        return _table(("role", "text", "created", "id"), rows, of=len(self.iterable))


@_document
class FlattenedConversationMessage(_MessageFields):
    """Message as it is nested in other documents; same fields as `ConversationMessage`."""


@_document
class FlattenedConversationMessages(_common.Versioned):
    """References to messages, with a lookup by id."""

    iterable: list[ReferencedConversationMessage]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None

    def _repr_html_(self) -> str:
        """Show the first references in a notebook, as a small table."""
        rows = [_row(getattr(each, "reference", None) or each) for each in self.iterable[:_ROWS]]
        return _table(("role", "text", "created", "id"), rows, of=len(self.iterable))


@_document
class FragmentFormat(_common.Versioned):
    """Content as text or as bytes, with its file extension in the metadata."""

    string: _common.TransferableString | None = None
    """Set for text."""
    bytes: _common.TransferableBytes | None = None
    """Set for binary content."""
    metadata: FragmentMetadata | None = None

    @classmethod
    def from_text(cls, text: str) -> FragmentFormat:
        """Make the content of a message of its text."""
        return cls(string=_common.TransferableString(raw=text))


@_document
class FragmentMetadata(_common.Versioned):
    """What is known about a fragment: the file extension that classifies it."""

    ext: _format.ClassificationSpecificEnum | None = None
    """File extension without the dot, e.g. `txt`."""


@_document
class ReferencedConversationMessage(_common.Versioned):
    """Reference to a message by its id, with the message itself where the server sends it along."""

    id: str
    reference: FlattenedConversationMessage | None = None
    """Absent where only the id is sent."""


@_document
class SeededConversationMessage(_common.Versioned):
    """What it takes to create a message: content, role and the material to link."""

    fragment: FragmentFormat
    """Content of the message, as text or as bytes."""
    role: QGPTConversationMessageRoleEnum
    created: _common.GroupedTimestamp | None = None
    model: _language_model.Model | None = None
    """AI model connected with the message."""
    conversation: _conversation.ReferencedConversation | None = None
    """Conversation to add the message to."""
    sentiment: ConversationMessageSentimentEnum | None = None
    """Rating given by the user."""
    assets: _asset.FlattenedAssets | None = None
    ranges: _workstream.FlattenedRanges | None = None
    """Time ranges to link to the message."""
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    tags: _person.FlattenedTags | None = None
    messages: FlattenedConversationMessages | None = None
    """Other messages to link to this one."""
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None
    sources: _workstream.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    agent: ConversationMessageAgent | None = None

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        role: QGPTConversationMessageRoleEnum | str = QGPTConversationMessageRoleEnum.USER,
        conversation: str | _UUID | None = None,
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
            raise _InvalidArgumentError(f"role: a text, not {role!r}")
        id_ = str(conversation) if isinstance(conversation, _UUID) else conversation
        return cls(
            fragment=FragmentFormat.from_text(text),
            role=QGPTConversationMessageRoleEnum(role),
            conversation=None if id_ is None else _conversation.ReferencedConversation(id=id_),
        )


def _row(message: object) -> tuple[object, ...]:
    if isinstance(message, ReferencedConversationMessage):  # without the message itself
        return None, None, None, message.id
    if not isinstance(message, _MessageFields):  # as it came, where it did not fit
        return (None, message)
    string = message.fragment and message.fragment.string
    return message.role, string and string.raw, _moment_of(message.created), message.id
