"""Anchors: files and folders, and the paths where they are found."""

from __future__ import annotations as _annotations

from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import message as _message
from conversation_client.models import person as _person
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document


class AnchorTypeEnum(_OpenEnum):
    """Kinds of anchor: a file or a directory."""

    FILE = "FILE"
    DIRECTORY = "DIRECTORY"
    UNKNOWN = "UNKNOWN"


@_document
class FlattenedAnchor(_common.Versioned):
    """File or folder that other material is linked to, with the paths where it is found."""

    id: str
    type: AnchorTypeEnum
    points: FlattenedAnchorPoints
    """Paths where the file or folder is found."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    watch: bool | None = None
    """Whether changes to it are to be watched."""
    deleted: _common.GroupedTimestamp | None = None
    assets: _asset.FlattenedAssets | None = None
    name: str | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    conversations: _conversation.FlattenedConversations | None = None
    score: _common.Score | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    persons: _person.FlattenedPersons | None = None
    messages: _message.FlattenedConversationMessages | None = None
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None
    sources: _workstream.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    tags: _person.FlattenedTags | None = None


@_document
class FlattenedAnchorPoint(_common.Versioned):
    """One path at which an anchor is found, on one platform."""

    id: str
    fullpath: str
    """Complete path, in the notation of its platform."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    anchor: ReferencedAnchor
    verified: bool | None = None
    deleted: _common.GroupedTimestamp | None = None
    platform: _common.PlatformEnum | None = None
    score: _common.Score | None = None


@_document
class FlattenedAnchorPoints(_common.Versioned):
    """References to anchor points, with a lookup by id."""

    iterable: list[ReferencedAnchorPoint]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedAnchors(_common.Versioned):
    """References to anchors, with a lookup by id."""

    iterable: list[ReferencedAnchor]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class ReferencedAnchor(_common.Versioned):
    """Reference to an anchor by its id, with the anchor itself where the server sends it along."""

    id: str
    reference: FlattenedAnchor | None = None
    """Absent where only the id is sent."""


@_document
class ReferencedAnchorPoint(_common.Versioned):
    """Reference to an anchor point by its id, with the point itself if the server sends it."""

    id: str
    reference: FlattenedAnchorPoint | None = None
    """Absent where only the id is sent."""


@_document
class SeededAnchor(_common.Versioned):
    """What it takes to create an anchor: its type, its path and what it is linked to."""

    type: AnchorTypeEnum
    fullpath: str
    """Complete path, in the notation of its platform."""
    watch: bool | None = None
    """Whether changes to it are to be watched."""
    asset: str | None = None
    """UUID of the asset to link."""
    platform: _common.PlatformEnum | None = None
    name: str | None = None
    annotations: list[_annotation.SeededAnnotation] | None = None
    """To be created with the anchor."""
    conversation: str | None = None
    """UUID of the conversation to link."""
    persons: _person.FlattenedPersons | None = None
