"""Annotations and hints: texts and suggested questions attached to other material."""

from __future__ import annotations

from conversation_client.models import anchor as anchor_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import conversation as conversation_
from conversation_client.models import language_model as language_model_
from conversation_client.models import message as message_
from conversation_client.models import person as person_
from conversation_client.models import website as website_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import OpenEnum, document, shared


class AnnotationTypeEnum(OpenEnum):
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


class HintTypeEnum(OpenEnum):
    """Kinds of hint, such as a suggested query."""

    SUGGESTED_QUERY = "SUGGESTED_QUERY"
    QGPT_HINT = "QGPT_HINT"
    UNKNOWN = "UNKNOWN"


@shared
class _AnnotationFields(common_.Versioned):
    """What an annotation tells of itself, wherever it stands."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    type: AnnotationTypeEnum
    text: str
    deleted: common_.GroupedTimestamp | None = None
    mechanism: common_.MechanismEnum | None = None
    """How the annotation came about."""
    asset: asset_.ReferencedAsset | None = None
    person: person_.ReferencedPerson | None = None
    model: language_model_.ReferencedModel | None = None
    """AI model connected with the text, by id."""
    pseudo: bool | None = None
    favorited: bool | None = None
    anchor: anchor_.ReferencedAnchor | None = None
    conversation: conversation_.ReferencedConversation | None = None
    score: common_.Score | None = None
    messages: message_.FlattenedConversationMessages | None = None
    summary: workstream_.ReferencedWorkstreamSummary | None = None
    """The annotated workstream summary."""
    assets: asset_.FlattenedAssets | None = None
    persons: person_.FlattenedPersons | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    conversations: conversation_.FlattenedConversations | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    websites: website_.FlattenedWebsites | None = None
    tags: person_.FlattenedTags | None = None
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None


@document
class FlattenedAnnotation(_AnnotationFields):
    """Text attached to other material, such as a description, a comment or a summary."""


@document
class FlattenedAnnotations(common_.Versioned):
    """References to annotations, with a lookup by id."""

    iterable: list[ReferencedAnnotation]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedHint(common_.Versioned):
    """Hint attached to assets, such as a question that could be asked about them."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    type: HintTypeEnum
    text: str
    deleted: common_.GroupedTimestamp | None = None
    mechanism: common_.MechanismEnum | None = None
    """Superseded by `mechanisms`."""
    asset: asset_.ReferencedAsset | None = None
    """Superseded by `assets`."""
    model: language_model_.ReferencedModel | None = None
    """AI model connected with the hint, by id."""
    score: common_.Score | None = None
    mechanisms: dict[str, common_.MechanismEnum] | None = None
    """By id: how the hint came about."""
    assets: asset_.FlattenedAssets | None = None


@document
class FlattenedHints(common_.Versioned):
    """References to hints, with a lookup by id."""

    iterable: list[ReferencedHint]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class ReferencedAnnotation(common_.Versioned):
    """Reference to an annotation by its id, with the annotation itself if the server sends it."""

    id: str
    reference: FlattenedAnnotation | None = None
    """Absent where only the id is sent."""


@document
class ReferencedHint(common_.Versioned):
    """Reference to a hint by its id, with the hint itself where the server sends it along."""

    id: str
    reference: FlattenedHint | None = None
    """Absent where only the id is sent."""


@document
class SeededAnnotation(common_.Versioned):
    """What it takes to create an annotation: type, text and what it is attached to."""

    type: AnnotationTypeEnum
    text: str
    mechanism: common_.MechanismEnum | None = None
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
    messages: message_.FlattenedConversationMessages | None = None
    workstream_summary: str | None = None
    """UUID of the workstream summary to annotate."""
    assets: asset_.FlattenedAssets | None = None
    persons: person_.FlattenedPersons | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    conversations: conversation_.FlattenedConversations | None = None
    websites: website_.FlattenedWebsites | None = None
    tags: person_.FlattenedTags | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None


@document
class Annotation(_AnnotationFields):
    """Text attached to other material; same fields as `FlattenedAnnotation`."""
