"""Websites: pages by address and name, and the material linked to them."""

from __future__ import annotations as _annotations

from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import message as _message
from conversation_client.models import person as _person
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import document as _document


@_document
class FlattenedWebsite(_common.Versioned):
    """Web page by address and name, with the material linked to it."""

    id: str
    name: str
    url: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    assets: _asset.FlattenedAssets | None = None
    deleted: _common.GroupedTimestamp | None = None
    mechanisms: dict[str, _common.MechanismEnum] | None = None
    """By id: how the website came to be linked."""
    interactions: int | None = None
    """Number of interactions."""
    persons: _person.FlattenedPersons | None = None
    conversations: _conversation.FlattenedConversations | None = None
    score: _common.Score | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    messages: _message.FlattenedConversationMessages | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None
    sources: _workstream.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    source_windows: _workstream.FlattenedWorkstreamPatternEngineSourceWindows | None = None
    tags: _person.FlattenedTags | None = None


@_document
class FlattenedWebsites(_common.Versioned):
    """References to websites, with a lookup by id."""

    iterable: list[ReferencedWebsite]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class ReferencedWebsite(_common.Versioned):
    """Reference to a website by its id, with the website itself where the server sends it along."""

    id: str
    reference: FlattenedWebsite | None = None
    """Absent where only the id is sent."""


@_document
class SeededWebsite(_common.Versioned):
    """What it takes to create a website: address, name and what it is linked to."""

    url: str
    name: str
    asset: str | None = None
    """UUID of the asset to link."""
    conversation: str | None = None
    """UUID of the conversation to link."""
    mechanism: _common.MechanismEnum | None = None
    """How the website came to be linked."""
    person: str | None = None
    """UUID of the person to link."""
