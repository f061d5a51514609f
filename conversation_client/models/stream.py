"""Streams of identifiers: what there is, what changes and what goes."""

from __future__ import annotations

from conversation_client.models import anchor as anchor_
from conversation_client.models import annotation as annotation_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import conversation as conversation_
from conversation_client.models import format as format_
from conversation_client.models import language_model as language_model_
from conversation_client.models import message as message_
from conversation_client.models import organization as organization_
from conversation_client.models import person as person_
from conversation_client.models import tracking as tracking_
from conversation_client.models import website as website_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import Document, document, renamed


@document
class StreamedIdentifier(Document):
    """One thing that there is, has changed or is gone: exactly one of the references is set."""

    asset: asset_.ReferencedAsset | None = None
    conversation: conversation_.ReferencedConversation | None = None
    deleted: bool | None = None
    """Whether it is gone; absent where it is there."""
    annotation: annotation_.ReferencedAnnotation | None = None
    activity: tracking_.ReferencedActivity | None = None
    anchor: anchor_.ReferencedAnchor | None = None
    anchor_point: anchor_.ReferencedAnchorPoint | None = renamed("anchorPoint", default=None)
    hint: annotation_.ReferencedHint | None = None
    conversation_message: message_.ReferencedConversationMessage | None = renamed(
        "conversationMessage", default=None
    )
    format: format_.ReferencedFormat | None = None
    person: person_.ReferencedPerson | None = None
    range: workstream_.ReferencedRange | None = None
    sensitive: asset_.ReferencedSensitive | None = None
    tag: person_.ReferencedTag | None = None
    website: website_.ReferencedWebsite | None = None
    application: common_.ReferencedApplication | None = None
    model: language_model_.ReferencedModel | None = None
    workstream_pattern_engine_source: (
        workstream_.ReferencedIdentifiedWorkstreamPatternEngineSource | None
    ) = renamed("workstreamPatternEngineSource", default=None)
    workstream_summary: workstream_.ReferencedWorkstreamSummary | None = None
    workstream_pattern_engine_source_window: (
        workstream_.ReferencedWorkstreamPatternEngineSourceWindow | None
    ) = renamed("workstreamPatternEngineSourceWindow", default=None)
    subscription: organization_.ReferencedSubscription | None = None
    updated: common_.GroupedTimestamp | None = None
    """When it changed."""
    entity: organization_.ReferencedEntity | None = None
    entity_to_subscription_association: (
        organization_.ReferencedEntityToSubscriptionAssociation | None
    ) = None
    entity_to_user_association: organization_.ReferencedEntityToUserAssociation | None = None
    workstream_summary_to_workstream_summary_association: (
        workstream_.ReferencedWorkstreamSummaryToWorkstreamSummaryAssociation | None
    ) = None


@document
class StreamedIdentifiers(common_.Versioned):
    """What a stream of identifiers tells at a time: all there are at first, then what changes."""

    iterable: list[StreamedIdentifier]
