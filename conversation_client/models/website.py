"""Websites: pages by address and name, and the material linked to them."""

from __future__ import annotations

from conversation_client.models import annotation as annotation_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import conversation as conversation_
from conversation_client.models import message as message_
from conversation_client.models import person as person_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import document


@document
class FlattenedWebsite(common_.Versioned):
    """Web page by address and name, with the material linked to it."""

    id: str
    name: str
    url: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    assets: asset_.FlattenedAssets | None = None
    deleted: common_.GroupedTimestamp | None = None
    mechanisms: dict[str, common_.MechanismEnum] | None = None
    """By id: how the website came to be linked."""
    interactions: int | None = None
    """Number of interactions."""
    persons: person_.FlattenedPersons | None = None
    conversations: conversation_.FlattenedConversations | None = None
    score: common_.Score | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    messages: message_.FlattenedConversationMessages | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None
    sources: workstream_.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    source_windows: workstream_.FlattenedWorkstreamPatternEngineSourceWindows | None = None
    tags: person_.FlattenedTags | None = None


@document
class FlattenedWebsites(common_.Versioned):
    """References to websites, with a lookup by id."""

    iterable: list[ReferencedWebsite]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class ReferencedWebsite(common_.Versioned):
    """Reference to a website by its id, with the website itself where the server sends it along."""

    id: str
    reference: FlattenedWebsite | None = None
    """Absent where only the id is sent."""


@document
class SeededWebsite(common_.Versioned):
    """What it takes to create a website: address, name and what it is linked to."""

    url: str
    name: str
    asset: str | None = None
    """UUID of the asset to link."""
    conversation: str | None = None
    """UUID of the conversation to link."""
    mechanism: common_.MechanismEnum | None = None
    """How the website came to be linked."""
    person: str | None = None
    """UUID of the person to link."""
