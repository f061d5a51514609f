"""Workstream: captured desktop events, the summaries made from them, their sources and time ranges."""

from __future__ import annotations as _annotations

from conversation_client.models import anchor as _anchor
from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import context as _context
from conversation_client.models import conversation as _conversation
from conversation_client.models import language_model as _language_model
from conversation_client.models import message as _message
from conversation_client.models import person as _person
from conversation_client.models import website as _website
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


class WorkstreamSummaryHierarchicalParentTypeEnum(_OpenEnum):
    """What a workstream summary stands for as a parent: a day, a query, a deep study."""

    UNKNOWN = "UNKNOWN"
    GENERIC_HIERARCHICAL_SUMMARY = "GENERIC_HIERARCHICAL_SUMMARY"
    QUERY_DRIVEN_HIERARCHICAL_SUMMARY = "QUERY_DRIVEN_HIERARCHICAL_SUMMARY"
    DEEP_STUDY_HIERARCHICAL_SUMMARY = "DEEP_STUDY_HIERARCHICAL_SUMMARY"
    CONVERSATIONALLY_GENERATED_HIERARCHICAL_SUMMARY = (
        "CONVERSATIONALLY_GENERATED_HIERARCHICAL_SUMMARY"
    )
    TEMPORAL_DAY_HIERARCHICAL_SUMMARY = "TEMPORAL_DAY_HIERARCHICAL_SUMMARY"
    TEMPORAL_WEEK_HIERARCHICAL_SUMMARY = "TEMPORAL_WEEK_HIERARCHICAL_SUMMARY"
    TEMPORAL_MONTH_HIERARCHICAL_SUMMARY = "TEMPORAL_MONTH_HIERARCHICAL_SUMMARY"
    TEMPORAL_QUARTER_HIERARCHICAL_SUMMARY = "TEMPORAL_QUARTER_HIERARCHICAL_SUMMARY"
    TEMPORAL_YEAR_HIERARCHICAL_SUMMARY = "TEMPORAL_YEAR_HIERARCHICAL_SUMMARY"
    SPECIFIC_HIERARCHICAL_SUMMARY = "SPECIFIC_HIERARCHICAL_SUMMARY"


class WorkstreamSummaryPhaseEnum(_OpenEnum):
    """How far the making of a workstream summary has got, from drafting to completed or failed."""

    UNKNOWN = "UNKNOWN"
    INITIALIZED = "INITIALIZED"
    IN_PROGRESS = "IN_PROGRESS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    PAUSED = "PAUSED"
    RESUMED = "RESUMED"
    COMPLETED = "COMPLETED"
    DRAFTING = "DRAFTING"
    TIMED_OUT = "TIMED_OUT"
    INITIALIZING = "INITIALIZING"
    RETRYING = "RETRYING"


class WorkstreamSummarySentimentEnum(_OpenEnum):
    """A user's verdict on a workstream summary: liked, disliked or reported."""

    UNKNOWN = "UNKNOWN"
    LIKE = "LIKE"
    DISLIKE = "DISLIKE"
    REPORT = "REPORT"


@_document
class FlattenedIdentifiedWorkstreamPatternEngineSource(_common.Versioned):
    """Source of captured events: an application, window or site, under an id of its own."""

    id: str
    """UUID of the source."""
    raw: WorkstreamPatternEngineSource
    """The source as captured, without an id."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    name: str
    filter: bool | None = None
    summaries: FlattenedWorkstreamSummaries | None = None
    workstream_events: FlattenedWorkstreamEvents | None = None
    conversations: _conversation.FlattenedConversations | None = None
    accessibility: WorkstreamPatternEngineSourceSupportedAccessibility | None = None
    messages: _message.FlattenedConversationMessages | None = None
    websites: _website.FlattenedWebsites | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    persons: _person.FlattenedPersons | None = None
    workstream_pattern_engine_sources_vector: list[float] | None = _renamed(
        "workstreamPatternEngineSourcesVector", default=None
    )
    """Embedding vector of the source."""


@_document
class FlattenedIdentifiedWorkstreamPatternEngineSources(_common.Versioned):
    """List of references to identified capture sources."""

    iterable: list[ReferencedIdentifiedWorkstreamPatternEngineSource]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedRange(_common.Versioned):
    """Stored span of time with references to the summaries, conversations and messages tied to it."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    score: _common.Score | None = None
    to: _common.GroupedTimestamp | None = None
    """End of the span; may be left out."""
    from_: _common.GroupedTimestamp | None = _renamed("from", default=None)
    """Start of the span; may be left out."""
    between: bool | None = None
    """Flag for the span between `from` and `to`."""
    summaries: FlattenedWorkstreamSummaries | None = None
    conversations: _conversation.FlattenedConversations | None = None
    messages: _message.FlattenedConversationMessages | None = None


@_document
class FlattenedRanges(_common.Versioned):
    """List of references to stored time ranges."""

    iterable: list[ReferencedRange]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None
    continuous: bool | None = None


@_document
class FlattenedWorkstreamEvent(_common.Versioned):
    """An event captured from the desktop: its application, trigger and context."""

    id: str
    application: _common.Application
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    trigger: _context.WorkstreamEventTrigger
    score: _common.Score | None = None
    context: _context.WorkstreamEventContext | None = None
    summaries: FlattenedWorkstreamSummaries | None = None
    tags: _person.FlattenedTags | None = None
    workstream_events_vector: list[float] | None = _renamed("workstreamEventsVector", default=None)
    """Embedding vector of the event."""
    sources: FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    window_title: str | None = _renamed("windowTitle", default=None)
    """Title of the window the event was captured from."""
    browser_url: str | None = _renamed("browserUrl", default=None)
    """URL open in the browser at the time."""
    processing: _common.CapabilitiesEnum | None = None
    """Where the event is processed, e.g. locally or in the cloud."""
    messages: _message.FlattenedConversationMessages | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    websites: _website.FlattenedWebsites | None = None
    source_windows: FlattenedWorkstreamPatternEngineSourceWindows | None = None
    """Windows the event was captured from."""
    persons: _person.FlattenedPersons | None = None


@_document
class FlattenedWorkstreamEvents(_common.Versioned):
    """List of references to workstream events."""

    iterable: list[ReferencedWorkstreamEvent]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedWorkstreamPatternEngineSourceWindow(_common.Versioned):
    """Window from which events were captured, with references to its events, websites and tags."""

    id: str
    name: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    score: _common.Score | None = None
    workstream_events: FlattenedWorkstreamEvents | None = None
    websites: _website.FlattenedWebsites | None = None
    tags: _person.FlattenedTags | None = None


@_document
class FlattenedWorkstreamPatternEngineSourceWindows(_common.Versioned):
    """List of references to source windows."""

    iterable: list[ReferencedWorkstreamPatternEngineSourceWindow]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedWorkstreamSummaries(_common.Versioned):
    """List of references to workstream summaries."""

    iterable: list[ReferencedWorkstreamSummary]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedWorkstreamSummary(_common.Versioned):
    """Summary of workstream events: the model used, time ranges, place in the hierarchy."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    name: str
    model: _language_model.Model
    """AI model the summary was made with."""
    score: _common.Score | None = None
    events: FlattenedWorkstreamEvents | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    ranges: FlattenedRanges | None = None
    """Spans of time the summary covers."""
    websites: _website.FlattenedWebsites | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    assets: _asset.FlattenedAssets | None = None
    conversations: _conversation.FlattenedConversations | None = None
    persons: _person.FlattenedPersons | None = None
    applications: _common.Applications | None = None
    tags: _person.FlattenedTags | None = None
    sources: FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    workstream_summaries_vector: list[float] | None = _renamed(
        "workstreamSummariesVector", default=None
    )
    """Embedding vector of the summary."""
    processing: _common.CapabilitiesEnum | None = None
    """Where the summary is processed, e.g. locally or in the cloud."""
    favorited: bool | None = None
    messages: _message.FlattenedConversationMessages | None = None
    mechanism: _common.MechanismEnum | None = None
    """How the summary came about, e.g. manually or automatically."""
    children: FlattenedWorkstreamSummaries | None = None
    """Summaries below this one in the hierarchy."""
    merged: _common.GroupedTimestamp | None = None
    """When the summary was merged."""
    message_root: _message.ReferencedConversationMessage | None = _renamed(
        "messageRoot", default=None
    )
    """Conversation message at the root of the summary."""
    parent_hierarchical_type: WorkstreamSummaryHierarchicalParentTypeEnum | None = _renamed(
        "parentHierarchicalType", default=None
    )
    """What kind of parent this summary is in the hierarchy."""
    parent_hierarchical_type_descriptor: str | None = _renamed(
        "parentHierarchicalTypeDescriptor", default=None
    )
    """Free text that qualifies `parentHierarchicalType`."""
    parents: FlattenedWorkstreamSummaries | None = None
    """Summaries above this one in the hierarchy."""
    phase: WorkstreamSummaryPhaseEnum | None = None
    """How far the making of the summary has got."""
    summaries: FlattenedWorkstreamSummaries | None = None
    """Other summaries associated with this one."""


@_document
class ReferencedIdentifiedWorkstreamPatternEngineSource(_common.Versioned):
    """Reference to a capture source by its id, with the source itself if the server sends it."""

    id: str
    """UUID of the source."""
    reference: FlattenedIdentifiedWorkstreamPatternEngineSource | None = None


@_document
class ReferencedRange(_common.Versioned):
    """Reference to a time range by its id, with the range itself where the server sends it along."""

    id: str
    """UUID of the range."""
    reference: FlattenedRange | None = None


@_document
class ReferencedWorkstreamEvent(_common.Versioned):
    """Reference to a workstream event by its id, with the event itself if the server sends it."""

    id: str
    """UUID of the event."""
    reference: FlattenedWorkstreamEvent | None = None


@_document
class ReferencedWorkstreamPatternEngineSourceWindow(_common.Versioned):
    """Reference to a source window by its id, with the window itself if the server sends it."""

    id: str
    """UUID of the window."""
    reference: FlattenedWorkstreamPatternEngineSourceWindow | None = None


@_document
class ReferencedWorkstreamSummary(_common.Versioned):
    """Reference to a workstream summary by its id, with the summary itself if sent along."""

    id: str
    """UUID of the summary."""
    reference: FlattenedWorkstreamSummary | None = None


@_document
class WorkstreamPatternEngineSource(_common.Versioned):
    """Raw description of a capture source by name, window, URL, application and installation."""

    name: str | None = None
    window: str | None = None
    """Title of the window."""
    url: str | None = None
    application: str | None = None
    """Application as plain text, not an id or model."""
    installation: str | None = None


@_document
class WorkstreamPatternEngineSourceSupportedAccessibility(_common.Versioned):
    """Whether a capture source supports accessibility, and when that was last updated."""

    supported: bool
    updated: _common.GroupedTimestamp


@_document
class FlattenedWorkstreamSummaryToWorkstreamSummaryAssociation(_common.Versioned):
    """Link between two workstream summaries, one of which may be above the other."""

    created: _common.GroupedTimestamp
    id: str
    x: str
    """Id of one of the summaries."""
    y: str
    """Id of the other one."""
    child: str | None = None
    """Id of the lower one, if one is above the other."""
    parent: str | None = None
    """Id of the upper one."""
    score: _common.Score | None = None
    updated: _common.GroupedTimestamp | None = None


@_document
class ReferencedWorkstreamSummaryToWorkstreamSummaryAssociation(_common.Versioned):
    """Reference by id to a link between two workstream summaries."""

    id: str
    reference: FlattenedWorkstreamSummaryToWorkstreamSummaryAssociation | None = None


@_document
class WorkstreamPatternEngineSources(_common.Versioned):
    """List of sources of workstream activity."""

    iterable: list[WorkstreamPatternEngineSource]
