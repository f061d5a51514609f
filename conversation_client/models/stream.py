"""Streams of identifiers: what there is, what changes and what goes."""

from __future__ import annotations as _annotations

from conversation_client.models import anchor as _anchor
from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import format as _format
from conversation_client.models import message as _message
from conversation_client.models import organization as _organization
from conversation_client.models import person as _person
from conversation_client.models import tracking as _tracking
from conversation_client.models import website as _website
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import Document as _Document
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


@_document
class StreamedIdentifier(_Document):
    """One thing that there is, has changed or is gone: exactly one of the references is set."""

    asset: _asset.ReferencedAsset | None = None
    conversation: _conversation.ReferencedConversation | None = None
    deleted: bool | None = None
    """Whether it is gone; absent where it is there."""
    annotation: _annotation.ReferencedAnnotation | None = None
    activity: _tracking.ReferencedActivity | None = None
    anchor: _anchor.ReferencedAnchor | None = None
    anchor_point: _anchor.ReferencedAnchorPoint | None = _renamed("anchorPoint", default=None)
    hint: _annotation.ReferencedHint | None = None
    conversation_message: _message.ReferencedConversationMessage | None = _renamed(
        "conversationMessage", default=None
    )
    format: _format.ReferencedFormat | None = None
    person: _person.ReferencedPerson | None = None
    range: _workstream.ReferencedRange | None = None
    sensitive: _asset.ReferencedSensitive | None = None
    tag: _person.ReferencedTag | None = None
    website: _website.ReferencedWebsite | None = None
    application: _common.ReferencedApplication | None = None
    model: _common.ReferencedModel | None = None
    workstream_pattern_engine_source: (
        _workstream.ReferencedIdentifiedWorkstreamPatternEngineSource | None
    ) = _renamed("workstreamPatternEngineSource", default=None)
    workstream_summary: _workstream.ReferencedWorkstreamSummary | None = None
    workstream_pattern_engine_source_window: (
        _workstream.ReferencedWorkstreamPatternEngineSourceWindow | None
    ) = _renamed("workstreamPatternEngineSourceWindow", default=None)
    subscription: _organization.ReferencedSubscription | None = None
    updated: _common.GroupedTimestamp | None = None
    """When it changed."""
    entity: _organization.ReferencedEntity | None = None
    entity_to_subscription_association: (
        _organization.ReferencedEntityToSubscriptionAssociation | None
    ) = None
    entity_to_user_association: _organization.ReferencedEntityToUserAssociation | None = None
    workstream_summary_to_workstream_summary_association: (
        _workstream.ReferencedWorkstreamSummaryToWorkstreamSummaryAssociation | None
    ) = None


@_document
class StreamedIdentifiers(_common.Versioned):
    """What a stream of identifiers tells at a time: all there are at first, then what changes."""

    iterable: list[StreamedIdentifier]
