"""Workstream: captured desktop events, the summaries made from them, their sources and time ranges."""

from __future__ import annotations

from conversation_client.models import anchor as anchor_
from conversation_client.models import annotation as annotation_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import context as context_
from conversation_client.models import conversation as conversation_
from conversation_client.models import language_model as language_model_
from conversation_client.models import message as message_
from conversation_client.models import person as person_
from conversation_client.models import website as website_
from conversation_client.models.base import OpenEnum, document, renamed


class WorkstreamSummaryHierarchicalParentTypeEnum(OpenEnum):
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


class WorkstreamSummaryPhaseEnum(OpenEnum):
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


class WorkstreamSummarySentimentEnum(OpenEnum):
    """A user's verdict on a workstream summary: liked, disliked or reported."""

    UNKNOWN = "UNKNOWN"
    LIKE = "LIKE"
    DISLIKE = "DISLIKE"
    REPORT = "REPORT"


@document
class FlattenedIdentifiedWorkstreamPatternEngineSource(common_.Versioned):
    """Source of captured events: an application, window or site, under an id of its own."""

    id: str
    """UUID of the source."""
    raw: WorkstreamPatternEngineSource
    """The source as captured, without an id."""
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    name: str
    filter: bool | None = None
    summaries: FlattenedWorkstreamSummaries | None = None
    workstream_events: FlattenedWorkstreamEvents | None = None
    conversations: conversation_.FlattenedConversations | None = None
    accessibility: WorkstreamPatternEngineSourceSupportedAccessibility | None = None
    messages: message_.FlattenedConversationMessages | None = None
    websites: website_.FlattenedWebsites | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    persons: person_.FlattenedPersons | None = None
    workstream_pattern_engine_sources_vector: list[float] | None = renamed(
        "workstreamPatternEngineSourcesVector", default=None
    )
    """Embedding vector of the source."""


@document
class FlattenedIdentifiedWorkstreamPatternEngineSources(common_.Versioned):
    """List of references to identified capture sources."""

    iterable: list[ReferencedIdentifiedWorkstreamPatternEngineSource]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedRange(common_.Versioned):
    """Stored span of time with references to the summaries, conversations and messages tied to it."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    score: common_.Score | None = None
    to: common_.GroupedTimestamp | None = None
    """End of the span; may be left out."""
    from_: common_.GroupedTimestamp | None = renamed("from", default=None)
    """Start of the span; may be left out."""
    between: bool | None = None
    """Flag for the span between `from` and `to`."""
    summaries: FlattenedWorkstreamSummaries | None = None
    conversations: conversation_.FlattenedConversations | None = None
    messages: message_.FlattenedConversationMessages | None = None


@document
class FlattenedRanges(common_.Versioned):
    """List of references to stored time ranges."""

    iterable: list[ReferencedRange]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None
    continuous: bool | None = None


@document
class FlattenedWorkstreamEvent(common_.Versioned):
    """An event captured from the desktop: its application, trigger and context."""

    id: str
    application: common_.Application
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    trigger: context_.WorkstreamEventTrigger
    score: common_.Score | None = None
    context: context_.WorkstreamEventContext | None = None
    summaries: FlattenedWorkstreamSummaries | None = None
    tags: person_.FlattenedTags | None = None
    workstream_events_vector: list[float] | None = renamed("workstreamEventsVector", default=None)
    """Embedding vector of the event."""
    sources: FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    window_title: str | None = renamed("windowTitle", default=None)
    """Title of the window the event was captured from."""
    browser_url: str | None = renamed("browserUrl", default=None)
    """URL open in the browser at the time."""
    processing: common_.CapabilitiesEnum | None = None
    """Where the event is processed, e.g. locally or in the cloud."""
    messages: message_.FlattenedConversationMessages | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    websites: website_.FlattenedWebsites | None = None
    source_windows: FlattenedWorkstreamPatternEngineSourceWindows | None = None
    """Windows the event was captured from."""
    persons: person_.FlattenedPersons | None = None


@document
class FlattenedWorkstreamEvents(common_.Versioned):
    """List of references to workstream events."""

    iterable: list[ReferencedWorkstreamEvent]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedWorkstreamPatternEngineSourceWindow(common_.Versioned):
    """Window from which events were captured, with references to its events, websites and tags."""

    id: str
    name: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    score: common_.Score | None = None
    workstream_events: FlattenedWorkstreamEvents | None = None
    websites: website_.FlattenedWebsites | None = None
    tags: person_.FlattenedTags | None = None


@document
class FlattenedWorkstreamPatternEngineSourceWindows(common_.Versioned):
    """List of references to source windows."""

    iterable: list[ReferencedWorkstreamPatternEngineSourceWindow]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedWorkstreamSummaries(common_.Versioned):
    """List of references to workstream summaries."""

    iterable: list[ReferencedWorkstreamSummary]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedWorkstreamSummary(common_.Versioned):
    """Summary of workstream events: the model used, time ranges, place in the hierarchy."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    name: str
    model: language_model_.Model
    """AI model the summary was made with."""
    score: common_.Score | None = None
    events: FlattenedWorkstreamEvents | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    ranges: FlattenedRanges | None = None
    """Spans of time the summary covers."""
    websites: website_.FlattenedWebsites | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    assets: asset_.FlattenedAssets | None = None
    conversations: conversation_.FlattenedConversations | None = None
    persons: person_.FlattenedPersons | None = None
    applications: common_.Applications | None = None
    tags: person_.FlattenedTags | None = None
    sources: FlattenedIdentifiedWorkstreamPatternEngineSources | None = None
    workstream_summaries_vector: list[float] | None = renamed(
        "workstreamSummariesVector", default=None
    )
    """Embedding vector of the summary."""
    processing: common_.CapabilitiesEnum | None = None
    """Where the summary is processed, e.g. locally or in the cloud."""
    favorited: bool | None = None
    messages: message_.FlattenedConversationMessages | None = None
    mechanism: common_.MechanismEnum | None = None
    """How the summary came about, e.g. manually or automatically."""
    children: FlattenedWorkstreamSummaries | None = None
    """Summaries below this one in the hierarchy."""
    merged: common_.GroupedTimestamp | None = None
    """When the summary was merged."""
    message_root: message_.ReferencedConversationMessage | None = renamed(
        "messageRoot", default=None
    )
    """Conversation message at the root of the summary."""
    parent_hierarchical_type: WorkstreamSummaryHierarchicalParentTypeEnum | None = renamed(
        "parentHierarchicalType", default=None
    )
    """What kind of parent this summary is in the hierarchy."""
    parent_hierarchical_type_descriptor: str | None = renamed(
        "parentHierarchicalTypeDescriptor", default=None
    )
    """Free text that qualifies `parentHierarchicalType`."""
    parents: FlattenedWorkstreamSummaries | None = None
    """Summaries above this one in the hierarchy."""
    phase: WorkstreamSummaryPhaseEnum | None = None
    """How far the making of the summary has got."""
    summaries: FlattenedWorkstreamSummaries | None = None
    """Other summaries associated with this one."""


@document
class ReferencedIdentifiedWorkstreamPatternEngineSource(common_.Versioned):
    """Reference to a capture source by its id, with the source itself if the server sends it."""

    id: str
    """UUID of the source."""
    reference: FlattenedIdentifiedWorkstreamPatternEngineSource | None = None


@document
class ReferencedRange(common_.Versioned):
    """Reference to a time range by its id, with the range itself where the server sends it along."""

    id: str
    """UUID of the range."""
    reference: FlattenedRange | None = None


@document
class ReferencedWorkstreamEvent(common_.Versioned):
    """Reference to a workstream event by its id, with the event itself if the server sends it."""

    id: str
    """UUID of the event."""
    reference: FlattenedWorkstreamEvent | None = None


@document
class ReferencedWorkstreamPatternEngineSourceWindow(common_.Versioned):
    """Reference to a source window by its id, with the window itself if the server sends it."""

    id: str
    """UUID of the window."""
    reference: FlattenedWorkstreamPatternEngineSourceWindow | None = None


@document
class ReferencedWorkstreamSummary(common_.Versioned):
    """Reference to a workstream summary by its id, with the summary itself if sent along."""

    id: str
    """UUID of the summary."""
    reference: FlattenedWorkstreamSummary | None = None


@document
class WorkstreamPatternEngineSource(common_.Versioned):
    """Raw description of a capture source by name, window, URL, application and installation."""

    name: str | None = None
    window: str | None = None
    """Title of the window."""
    url: str | None = None
    application: str | None = None
    """Application as plain text, not an id or model."""
    installation: str | None = None


@document
class WorkstreamPatternEngineSourceSupportedAccessibility(common_.Versioned):
    """Whether a capture source supports accessibility, and when that was last updated."""

    supported: bool
    updated: common_.GroupedTimestamp


@document
class FlattenedWorkstreamSummaryToWorkstreamSummaryAssociation(common_.Versioned):
    """Link between two workstream summaries, one of which may be above the other."""

    created: common_.GroupedTimestamp
    id: str
    x: str
    """Id of one of the summaries."""
    y: str
    """Id of the other one."""
    child: str | None = None
    """Id of the lower one, if one is above the other."""
    parent: str | None = None
    """Id of the upper one."""
    score: common_.Score | None = None
    updated: common_.GroupedTimestamp | None = None


@document
class ReferencedWorkstreamSummaryToWorkstreamSummaryAssociation(common_.Versioned):
    """Reference by id to a link between two workstream summaries."""

    id: str
    reference: FlattenedWorkstreamSummaryToWorkstreamSummaryAssociation | None = None


@document
class WorkstreamPatternEngineSources(common_.Versioned):
    """List of sources of workstream activity."""

    iterable: list[WorkstreamPatternEngineSource]
