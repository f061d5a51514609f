"""Annotations and hints: texts and suggested questions attached to other material."""

from __future__ import annotations as _annotations

from conversation_client.models import anchor as _anchor
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import message as _message
from conversation_client.models import person as _person
from conversation_client.models import website as _website
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import shared as _shared


class AnnotationTypeEnum(_OpenEnum):
    """Kinds of annotation, from descriptions and comments to hierarchical summaries."""

    DESCRIPTION = "DESCRIPTION"
    COMMENT = "COMMENT"
    DOCUMENTATION = "DOCUMENTATION"
    SUMMARY = "SUMMARY"
    EXPLANATION = "EXPLANATION"
    GIT_COMMIT = "GIT_COMMIT"
    UNKNOWN = "UNKNOWN"
    KNOWLEDGE_GRAPH = "KNOWLEDGE_GRAPH"
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


class HintTypeEnum(_OpenEnum):
    """Kinds of hint, such as a suggested query."""

    SUGGESTED_QUERY = "SUGGESTED_QUERY"
    QGPT_HINT = "QGPT_HINT"
    UNKNOWN = "UNKNOWN"


@_shared
class _AnnotationFields(_common.Versioned):
    """What an annotation tells of itself, wherever it stands."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    type: AnnotationTypeEnum
    text: str
    deleted: _common.GroupedTimestamp | None = None
    mechanism: _common.MechanismEnum | None = None
    """How the annotation came about."""
    asset: _asset.ReferencedAsset | None = None
    person: _person.ReferencedPerson | None = None
    model: _common.ReferencedModel | None = None
    """AI model connected with the text, by id."""
    pseudo: bool | None = None
    favorited: bool | None = None
    anchor: _anchor.ReferencedAnchor | None = None
    conversation: _conversation.ReferencedConversation | None = None
    score: _common.Score | None = None
    messages: _message.FlattenedConversationMessages | None = None
    summary: _workstream.ReferencedWorkstreamSummary | None = None
    """The annotated workstream summary."""
    assets: _asset.FlattenedAssets | None = None
    persons: _person.FlattenedPersons | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    conversations: _conversation.FlattenedConversations | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    websites: _website.FlattenedWebsites | None = None
    tags: _person.FlattenedTags | None = None
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None


@_document
class FlattenedAnnotation(_AnnotationFields):
    """Text attached to other material, such as a description, a comment or a summary."""


@_document
class FlattenedAnnotations(_common.Versioned):
    """References to annotations, with a lookup by id."""

    iterable: list[ReferencedAnnotation]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedHint(_common.Versioned):
    """Hint attached to assets, such as a question that could be asked about them."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    type: HintTypeEnum
    text: str
    deleted: _common.GroupedTimestamp | None = None
    mechanism: _common.MechanismEnum | None = None
    """Superseded by `mechanisms`."""
    asset: _asset.ReferencedAsset | None = None
    """Superseded by `assets`."""
    model: _common.ReferencedModel | None = None
    """AI model connected with the hint, by id."""
    score: _common.Score | None = None
    mechanisms: dict[str, _common.MechanismEnum] | None = None
    """By id: how the hint came about."""
    assets: _asset.FlattenedAssets | None = None


@_document
class FlattenedHints(_common.Versioned):
    """References to hints, with a lookup by id."""

    iterable: list[ReferencedHint]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class ReferencedAnnotation(_common.Versioned):
    """Reference to an annotation by its id, with the annotation itself if the server sends it."""

    id: str
    reference: FlattenedAnnotation | None = None
    """Absent where only the id is sent."""


@_document
class ReferencedHint(_common.Versioned):
    """Reference to a hint by its id, with the hint itself where the server sends it along."""

    id: str
    reference: FlattenedHint | None = None
    """Absent where only the id is sent."""


@_document
class SeededAnnotation(_common.Versioned):
    """What it takes to create an annotation: type, text and what it is attached to."""

    type: AnnotationTypeEnum
    text: str
    mechanism: _common.MechanismEnum | None = None
    asset: str | None = None
    """UUID of the asset to annotate."""
    person: str | None = None
    """UUID of the person to annotate."""
    model: str | None = None
    """UUID of the AI model connected with the text."""
    pseudo: bool | None = None
    favorited: bool | None = None
    anchor: str | None = None
    """UUID of the anchor to annotate."""
    conversation: str | None = None
    """UUID of the conversation to annotate."""
    messages: _message.FlattenedConversationMessages | None = None
    workstream_summary: str | None = None
    """UUID of the workstream summary to annotate."""
    assets: _asset.FlattenedAssets | None = None
    persons: _person.FlattenedPersons | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    conversations: _conversation.FlattenedConversations | None = None
    websites: _website.FlattenedWebsites | None = None
    tags: _person.FlattenedTags | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None


@_document
class Annotation(_AnnotationFields):
    """Text attached to other material; same fields as `FlattenedAnnotation`."""
