"""Anchors: files and folders, and the paths where they are found."""

from __future__ import annotations

from conversation_client.models import annotation as annotation_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import conversation as conversation_
from conversation_client.models import message as message_
from conversation_client.models import person as person_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import OpenEnum, document


class AnchorTypeEnum(OpenEnum):
    """Kinds of anchor: a file or a directory."""

    FILE = "FILE"
    DIRECTORY = "DIRECTORY"
    UNKNOWN = "UNKNOWN"


@document
class FlattenedAnchor(common_.Versioned):
    """File or folder that other material is linked to, with the paths where it is found."""

    id: str
    type: AnchorTypeEnum
    points: FlattenedAnchorPoints
    """Paths where the file or folder is found."""
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    watch: bool | None = None
    """Whether changes to it are to be watched."""
    deleted: common_.GroupedTimestamp | None = None
    assets: asset_.FlattenedAssets | None = None
    name: str | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    conversations: conversation_.FlattenedConversations | None = None
    score: common_.Score | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    persons: person_.FlattenedPersons | None = None
    messages: message_.FlattenedConversationMessages | None = None
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None
    sources: workstream_.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    tags: person_.FlattenedTags | None = None


@document
class FlattenedAnchorPoint(common_.Versioned):
    """One path at which an anchor is found, on one platform."""

    id: str
    fullpath: str
    """Complete path, in the notation of its platform."""
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    anchor: ReferencedAnchor
    verified: bool | None = None
    deleted: common_.GroupedTimestamp | None = None
    platform: common_.PlatformEnum | None = None
    score: common_.Score | None = None


@document
class FlattenedAnchorPoints(common_.Versioned):
    """References to anchor points, with a lookup by id."""

    iterable: list[ReferencedAnchorPoint]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedAnchors(common_.Versioned):
    """References to anchors, with a lookup by id."""

    iterable: list[ReferencedAnchor]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class ReferencedAnchor(common_.Versioned):
    """Reference to an anchor by its id, with the anchor itself where the server sends it along."""

    id: str
    reference: FlattenedAnchor | None = None
    """Absent where only the id is sent."""


@document
class ReferencedAnchorPoint(common_.Versioned):
    """Reference to an anchor point by its id, with the point itself if the server sends it."""

    id: str
    reference: FlattenedAnchorPoint | None = None
    """Absent where only the id is sent."""


@document
class SeededAnchor(common_.Versioned):
    """What it takes to create an anchor: its type, its path and what it is linked to."""

    type: AnchorTypeEnum
    fullpath: str
    """Complete path, in the notation of its platform."""
    watch: bool | None = None
    """Whether changes to it are to be watched."""
    asset: str | None = None
    """UUID of the asset to link."""
    platform: common_.PlatformEnum | None = None
    name: str | None = None
    annotations: list[annotation_.SeededAnnotation] | None = None
    """To be created with the anchor."""
    conversation: str | None = None
    """UUID of the conversation to link."""
    persons: person_.FlattenedPersons | None = None
