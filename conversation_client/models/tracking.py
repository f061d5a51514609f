"""Tracking: activities, the usage events they record and what machine learning reported."""

from __future__ import annotations as _annotations

from conversation_client.models import anchor as _anchor
from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import format as _format
from conversation_client.models import message as _message
from conversation_client.models import person as _person
from conversation_client.models import user as _user
from conversation_client.models import website as _website
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import Document as _Document
from conversation_client.models.base import document as _document


@_document
class AnalyticsTrackedAdoptionEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the adoption event that took place: a Pieces application installed or uninstalled."""

    adoption_install: str | None = None
    """Known value: `the_user_has_installed_a_pieces_application`."""
    adoption_uninstall: str | None = None
    """Known value: `the_user_has_uninstalled_a_pieces_application`."""


@_document
class FlattenedActivities(_common.Versioned):
    """List of references to activities."""

    iterable: list[ReferencedActivity]


@_document
class FlattenedActivity(_common.Versioned):
    """A tracked event with its application, its user and the asset or format concerned."""

    id: str
    """UUID of the activity."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    event: SeededConnectorTracking
    application: _common.Application
    mechanism: _common.MechanismEnum
    """How the activity came about, e.g. manually or automatically."""
    deleted: _common.GroupedTimestamp | None = None
    """When the activity was deleted."""
    asset: _asset.ReferencedAsset | None = None
    format: _format.ReferencedFormat | None = None
    user: _user.FlattenedUserProfile | None = None
    rank: int | None = None


@_document
class GraphicalImageDescriptiveStatistics(_common.Versioned):
    """Dimensions and channels of an image asset, as reported when it was processed."""

    width: str
    """Number as text."""
    height: str
    """Number as text."""
    channels: str
    """Colour channels, as text."""
    asset: str
    """UUID of the asset."""
    created: str
    """Time as plain text."""
    os: str
    user: str | None = None
    """UUID of the user."""


@_document
class GraphicalImageProcessing(_common.Versioned):
    """Report on the processing of an image."""

    statistics: GraphicalImageStatistics | None = None


@_document
class GraphicalImageStatistics(_common.Versioned):
    """Statistics gathered while an image was processed."""

    descriptive: GraphicalImageDescriptiveStatistics | None = None


@_document
class GraphicalMachineLearningProcessingEvent(_common.Versioned):
    """Machine learning report on graphical material: OCR, image or SVG."""

    ocr: GraphicalOCRProcessing | None = None
    image: GraphicalImageProcessing | None = None
    svg: GraphicalSVGStatistics | None = None


@_document
class GraphicalOCRDescriptiveStatistics(_common.Versioned):
    """Confidence and duration of an OCR run on an asset, with the model used."""

    asset: str
    """UUID of the asset."""
    user: str
    """UUID of the user."""
    model: str
    created: str
    """Time as plain text."""
    os: str
    confidence: GraphicalOCRDescriptiveStatisticsConfidence
    duration: str
    """Length of the run, as text."""


@_document
class GraphicalOCRDescriptiveStatisticsConfidence(_Document):
    """How confident an OCR run was, as a mean."""

    mean: str
    """Number as text."""


@_document
class GraphicalOCRProcessing(_common.Versioned):
    """Report on the text recognition run on an image."""

    statistics: GraphicalOCRStatistics | None = None


@_document
class GraphicalOCRStatistics(_common.Versioned):
    """Statistics gathered during an OCR run."""

    descriptive: GraphicalOCRDescriptiveStatistics | None = None


@_document
class GraphicalSVGStatistics(_common.Versioned):
    """Statistics on an SVG; carries no more than an id."""

    id: str | None = None


@_document
class ReferencedActivity(_common.Versioned):
    """Reference to an activity by its id, with the activity itself where the server sends it along."""

    id: str
    """UUID of the activity."""
    reference: FlattenedActivity | None = None


@_document
class SeededConnectorTracking(_common.Versioned):
    """Usage event to be tracked, with one field per kind of event."""

    format: SeededTrackedFormatEvent | None = None
    asset: SeededTrackedAssetEvent | None = None
    interaction: SeededTrackedInteractionEvent | None = None
    keyboard: SeededTrackedKeyboardEvent | None = None
    session: SeededTrackedSessionEvent | None = None
    assets: SeededTrackedAssetsEvent | None = None
    ml: SeededTrackedMachineLearningEvent | None = None
    """Machine learning run."""
    adoption: SeededTrackedAdoptionEvent | None = None
    conversation: SeededTrackedConversationEvent | None = None
    conversation_message: SeededTrackedConversationMessageEvent | None = None
    workstream_summary: SeededTrackedWorkstreamSummaryEvent | None = None


@_document
class SeededTrackedAdoptionEvent(_common.Versioned):
    """Tracked installation or removal of a Pieces application."""

    identifier_description_pair: AnalyticsTrackedAdoptionEventIdentifierDescriptionPairs | None = (
        None
    )


@_document
class SeededTrackedAssetEvent(_common.Versioned):
    """Tracked event on a single asset, e.g. its creation, renaming or deletion."""

    asset: _asset.ReferencedAsset
    identifier_description_pair: TrackedAssetEventIdentifierDescriptionPairs
    metadata: TrackedAssetEventMetadata | None = None


@_document
class SeededTrackedAssetsEvent(_common.Versioned):
    """Tracked event on the assets as a whole, such as a search."""

    identifier_description_pair: TrackedAssetsEventIdentifierDescriptionPairs | None = None
    metadata: SeededTrackedAssetsEventMetadata | None = None


@_document
class SeededTrackedAssetsEventMetadata(_Document):
    """Details of an event on the assets as a whole: the search made."""

    search: TrackedAssetsEventSearchMetadata | None = None


@_document
class SeededTrackedConversationEvent(_common.Versioned):
    """Tracked event on a conversation, e.g. its creation, renaming or deletion."""

    identifier_description_pair: TrackedConversationEventIdentifierDescriptionPairs
    conversation: _conversation.ReferencedConversation
    metadata: TrackedConversationEventMetadata | None = None


@_document
class SeededTrackedConversationMessageEvent(_common.Versioned):
    """Tracked event on a conversation message, such as its creation."""

    identifier_description_pair: TrackedConversationMessageEventIdentifierDescriptionPairs
    message: _message.ReferencedConversationMessage
    metadata: TrackedConversationMessageEventMetadata | None = None


@_document
class SeededTrackedFormatEvent(_common.Versioned):
    """Tracked event on a format of an asset, e.g. a copy, download or edit."""

    identifier_description_pair: TrackedFormatEventIdentifierDescriptionPairs
    format: _format.ReferencedFormat
    metadata: TrackedFormatEventMetadata | None = None


@_document
class SeededTrackedInteractionEvent(_common.Versioned):
    """Tracked interaction with an element of the user interface."""

    description: str
    element: str | None = None
    """Element of the user interface that was used."""
    identifier_description_pair: SeededTrackedInteractionEventIdentifierDescriptionPairs | None = (
        None
    )


@_document
class SeededTrackedInteractionEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the interaction that took place: a refresh of the asset list from the user interface."""

    assets_list_refreshed: str | None = None
    """Known value: `the_assets_list_was_refreshed_through_ui_element`."""


@_document
class SeededTrackedKeyboardEvent(_common.Versioned):
    """Tracked use of a keyboard shortcut."""

    description: str
    shortcut: list[int]
    """Keys of the shortcut as integer codes."""
    identifier_description_pair: SeededTrackedKeyboardEventIdentifierDescriptionPairs | None = None


@_document
class SeededTrackedKeyboardEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the keyboard action that took place: a refresh of the asset list by shortcut."""

    assets_list_refreshed: str | None = None
    """Known value: `the_assets_list_was_refreshed_through_a_keyboard_shortcut`."""


@_document
class SeededTrackedMachineLearningEvent(_common.Versioned):
    """Tracked machine learning run, on text and code or on graphical material."""

    tlp: TLPMachineLearningProcessingEvent | None = None
    """Run on text or code."""
    graphical: GraphicalMachineLearningProcessingEvent | None = None


@_document
class SeededTrackedSessionEvent(_common.Versioned):
    """Tracked change in an application session, e.g. its start, sign-in or end."""

    identifier_description_pair: TrackedSessionEventIdentifierDescriptionPairs


@_document
class SeededTrackedWorkstreamSummaryEvent(_common.Versioned):
    """Tracked event on a workstream summary, such as its creation."""

    identifier_description_pair: TrackedWorkstreamSummaryEventIdentifierDescriptionPairs
    summary: _workstream.ReferencedWorkstreamSummary
    metadata: TrackedWorkstreamSummaryEventMetadata | None = None


@_document
class Space(_Document):
    """Size of the space a search covered and the time it took."""

    size: int | None = None
    duration: int | None = None


@_document
class SystemExecutionCpuInformation(_Document):
    """Processor of the machine a model ran on."""

    count: int
    """Number of processors or cores."""
    brand: str
    frequency: int


@_document
class SystemExecutionInformation(_Document):
    """Machine a model ran on: memory, operating system, kernel and processor."""

    memory: int
    os: str
    kernel: str
    """Kernel of the operating system, as text."""
    cpu: SystemExecutionCpuInformation


@_document
class TLPCodeDirectoryAnalytics(_common.Versioned):
    """Analytics on a code directory; carries no more than an id."""

    id: str | None = None


@_document
class TLPCodeFileAnalytics(_common.Versioned):
    """Analytics on a code file; carries no more than an id."""

    id: str | None = None


@_document
class TLPCodeFragmentClassification(_common.Versioned):
    """How a model classified a code fragment, with probability, latency and system details."""

    asset: str
    """UUID of the asset."""
    model: str
    created: str
    """Time as plain text."""
    classification: str
    probability: float
    """Probability of `classification`."""
    context: str
    user: str
    """UUID of the user."""
    distribution: str | None = None
    """Distribution over the classes, as text."""
    metadata: TLPCodeFragmentClassificationMetadata | None = None
    latency: float | None = None
    """Time the model took."""
    system: SystemExecutionInformation | None = None
    os: str | None = None


@_document
class TLPCodeFragmentClassificationMetadata(_common.Versioned):
    """Classifications held next to a result: the prior one and the one from context."""

    context: _format.Classification | None = None
    prior: _format.Classification | None = None


@_document
class TLPCodeFragmentDescription(_Document):
    """Description a model wrote for a code fragment, with the model's name and latency."""

    asset: str
    """UUID of the asset."""
    created: str
    """Time as plain text."""
    model: str
    user: str
    """UUID of the user."""
    description: str | None = None
    latency: float | None = None
    """Time the model took."""
    context: str | None = None
    os: str | None = None


@_document
class TLPCodeFragmentDescriptiveStatistics(_common.Versioned):
    """Descriptive figures on a code fragment: language, length, syntax tree and probability."""

    user: str
    """UUID of the user."""
    os: str
    language: str
    length: float
    ast: str
    """Abstract syntax tree, as text."""
    timestamp: str
    """Time as plain text."""
    asset: str
    """UUID of the asset."""
    context: str
    snippet: str
    probability: str | None = None
    """Number as text."""


@_document
class TLPCodeFragmentReclassification(_common.Versioned):
    """Change of a code fragment's classification, with the model and user concerned."""

    asset: str
    """UUID of the asset."""
    model: str
    created: str
    """Time as plain text."""
    updates: TLPCodeFragmentReclassificationUpdates
    user: str
    """UUID of the user."""
    context: str
    os: str | None = None


@_document
class TLPCodeFragmentReclassificationUpdates(_common.Versioned):
    """Classification of a code fragment before and after a change."""

    previous: _format.Classification
    current: _format.Classification


@_document
class TLPCodeFragmentStatistics(_common.Versioned):
    """Statistics on a code fragment."""

    descriptive: TLPCodeFragmentDescriptiveStatistics | None = None


@_document
class TLPCodeFragmentSuggestedReuse(_common.Versioned):
    """Suggestion to reuse a code fragment; carries no more than an id."""

    id: str | None = None


@_document
class TLPCodeFragmentSuggestedSave(_common.Versioned):
    """Suggestion to save a code fragment, with the model, its score and the number of candidates."""

    asset: str
    """UUID of the asset."""
    user: str
    """UUID of the user."""
    model: str
    created: str
    """Time as plain text."""
    os: str
    context: str | None = None
    score: float | None = None
    candidates: int | None = None
    """Number of candidates."""


@_document
class TLPCodeFragmentTagify(_common.Versioned):
    """Report on the tags generated for a code fragment."""

    code: TLPCodeSnippetTagifyCode | None = None


@_document
class TLPCodeProcessing(_common.Versioned):
    """Machine learning report on code, by level: fragment, file, directory or repository."""

    fragment: TLPCodeSnippetAnalytics | None = None
    file: TLPCodeFileAnalytics | None = None
    directory: TLPCodeDirectoryAnalytics | None = None
    repository: TLPCodeRepositoryAnalytics | None = None


@_document
class TLPCodeRepositoryAnalytics(_common.Versioned):
    """Analytics on a code repository; carries no more than an id."""

    id: str | None = None


@_document
class TLPCodeSnippetAnalytics(_common.Versioned):
    """All reports on a code fragment, from statistics and classification to tags."""

    statistics: TLPCodeFragmentStatistics | None = None
    classification: TLPCodeFragmentClassification | None = None
    reclassification: TLPCodeFragmentReclassification | None = None
    suggested: TLPCodeSnippetSuggestedInteractions | None = None
    tagify: TLPCodeFragmentTagify | None = None
    description: TLPCodeFragmentDescription | None = None


@_document
class TLPCodeSnippetSuggestedInteractions(_common.Versioned):
    """Suggestions made for a code fragment: to save or to reuse it."""

    save: TLPCodeFragmentSuggestedSave | None = None
    reuse: TLPCodeFragmentSuggestedReuse | None = None


@_document
class TLPCodeSnippetTagifyCode(_common.Versioned):
    """Tags a model gave or inferred for a code fragment, with distributions and thresholds."""

    distribution: str
    """Distribution over the tags, as text."""
    inferred_distribution: str
    """Distribution over the inferred tags, as text."""
    tags: str
    """Tags in one string."""
    inferred_tags: str
    """Inferred tags in one string."""
    model: str
    label_version: str
    """Version of the label set."""
    threshold: float
    """Threshold for `tags`."""
    inferred_threshold: float
    """Threshold for `inferred_tags`."""
    context: str
    asset: str
    """UUID of the asset."""
    os: str | None = None


@_document
class TLPMachineLearningProcessingEvent(_common.Versioned):
    """Machine learning report on text material; code is the only kind it has."""

    code: TLPCodeProcessing | None = None


@_document
class TrackedAssetEventCreationMetadata(_common.Versioned):
    """How an asset was created: from the clipboard or from a file."""

    clipboard: TrackedAssetEventCreationMetadataClipboard | None = None
    file: TrackedAssetEventCreationMetadataFile | None = None


@_document
class TrackedAssetEventCreationMetadataClipboard(_common.Versioned):
    """Whether an asset came from the clipboard by keyboard or by interaction."""

    keyboard: bool | None = None
    interaction: bool | None = None


@_document
class TrackedAssetEventCreationMetadataFile(_Document):
    """Whether an asset came from a file by keyboard, drag and drop or interaction."""

    keyboard: bool | None = None
    drag_and_drop: bool | None = None
    interaction: bool | None = None


@_document
class TrackedAssetEventFormatReclassificationMetadata(_common.Versioned):
    """Classification of a format before and after a change."""

    previous: _format.Classification | None = None
    current: _format.Classification | None = None


@_document
class TrackedAssetEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the event that took place on an asset, with one field per kind of event."""

    asset_created: str | None = None
    """Known value: `an_asset_was_created`."""
    asset_viewed: str | None = None
    """Known value: `an_asset_was_viewed`."""
    asset_format_copied: str | None = None
    """Known value: `an_asset_preview_format_was_copied`."""
    asset_format_downloaded: str | None = None
    """Known value: `an_asset_format_was_downloaded`."""
    asset_deleted: str | None = None
    """Known value: `an_asset_was_deleted`."""
    asset_description_updated: str | None = None
    """Known value: `an_asset_was_redescribed_by_the_user`."""
    asset_name_updated: str | None = None
    """Known value: `an_asset_was_renamed_by_the_user`."""
    asset_format_generic_classification_updated: str | None = None
    """Known value: `a_generic_classification_was_changed_on_a_format_within_an_asset`."""
    asset_format_specific_classification_updated: str | None = None
    """Known value: `a_specific_classification_was_changed_on_a_format_within_an_asset`."""
    asset_creation_failed: str | None = None
    """Known value: `an_asset_failed_to_be_created`."""
    asset_tag_added: str | None = None
    """Known value: `a_tag_was_added_by_the_user`."""
    asset_link_added: str | None = None
    """Known value: `a_link_was_added_by_the_user`."""
    asset_link_generated: str | None = None
    """Known value: `an_asset_link_was_generated`."""
    asset_link_deleted: str | None = None
    """Known value: `a_link_was_deleted_by_the_user`."""
    asset_tag_deleted: str | None = None
    """Known value: `a_tag_was_deleted_by_the_user`."""
    asset_updated: str | None = None
    """Known value: `an_asset_was_updated`."""
    asset_format_value_edited: str | None = None
    """Known value: `a_specific_format_value_was_edited_on_an_asset`."""
    asset_format_updated: str | None = None
    """Known value: `a_specific_format_was_updated_on_an_asset`."""
    asset_link_revoked: str | None = None
    """Known value: `an_asset_link_was_revoked`."""
    asset_person_added: str | None = None
    """Known value: `a_person_was_added_by_the_user`."""
    asset_person_deleted: str | None = None
    """Known value: `a_person_was_deleted_by_the_user`."""
    asset_sensitive_added: str | None = None
    """Known value: `a_sensitive_was_added_by_the_user`."""
    asset_sensitive_deleted: str | None = None
    """Known value: `a_sensitive_was_deleted_by_the_user`."""
    suggested_asset_referenced: str | None = None
    """Known value: `a_suggested_asset_was_referenced_by_the_user`."""
    searched_asset_referenced: str | None = None
    """Known value: `a_searched_asset_was_referenced_by_the_user`."""
    asset_referenced: str | None = None
    """Known value: `an_asset_was_referenced_by_the_user`."""
    activity_asset_referenced: str | None = None
    """Known value: `an_activity_asset_was_referenced_by_the_user`."""
    asset_annotation_added: str | None = None
    """Known value: `an_annotation_was_added_by_the_user`."""
    asset_annotation_deleted: str | None = None
    """Known value: `an_annotation_was_deleted_by_the_user`."""
    asset_annotation_updated: str | None = None
    """Known value: `an_annotation_was_updated_by_the_user`."""
    asset_hint_added: str | None = None
    """Known value: `a_hint_was_added_by_the_user`."""
    asset_hint_deleted: str | None = None
    """Known value: `a_hint_was_deleted_by_the_user`."""
    asset_hint_updated: str | None = None
    """Known value: `a_hint_was_updated_by_the_user`."""
    asset_anchor_added: str | None = None
    """Known value: `a_anchor_was_added_by_the_user`."""
    asset_anchor_deleted: str | None = None
    """Known value: `a_anchor_was_deleted_by_the_user`."""
    asset_anchor_updated: str | None = None
    """Known value: `a_anchor_was_updated_by_the_user`."""


@_document
class TrackedAssetEventMetadata(_Document):
    """Details of an event on an asset, with one field per thing that was changed, added or removed."""

    reclassification: TrackedAssetEventFormatReclassificationMetadata | None = None
    creation: TrackedAssetEventCreationMetadata | None = None
    rename: TrackedAssetEventRenameMetadata | None = None
    tag: _person.ReferencedTag | None = None
    website: _website.ReferencedWebsite | None = None
    person: _person.ReferencedPerson | None = None
    sensitive: _asset.ReferencedSensitive | None = None
    """Sensitive value added to or removed from the asset."""
    share: _asset.ReferencedShare | None = None
    search: TrackedAssetsEventSearchMetadata | None = None
    annotation: _annotation.ReferencedAnnotation | None = None
    hint: _annotation.ReferencedHint | None = None
    anchor: _anchor.ReferencedAnchor | None = None


@_document
class TrackedAssetEventRenameMetadata(_common.Versioned):
    """Name of an asset before and after renaming."""

    previous: str
    current: str


@_document
class TrackedAssetsEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the event that took place on the assets as a whole: a search."""

    assets_searched: str | None = None
    """Known value: `assets_were_searched`."""


@_document
class TrackedAssetsEventSearchMetadata(_common.Versioned):
    """Search over the assets: the query and what it found."""

    query: str | None = None
    """Text searched for."""
    results: TrackedAssetsEventSearchMetadataResults | None = None


@_document
class TrackedAssetsEventSearchMetadataResults(_Document):
    """Outcome of an asset search: fuzzy and exact figures, the assets found and the space searched."""

    fuzzy: float | None = None
    exact: float | None = None
    assets: _asset.FlattenedAssets | None = None
    space: Space | None = None


@_document
class TrackedConversationEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the event that took place on a conversation, with one field per kind of event."""

    conversation_created: str | None = None
    """Known value: `a_conversation_was_created`."""
    conversation_referenced: str | None = None
    """Known value: `a_conversation_was_referenced_by_the_user`."""
    conversation_deleted: str | None = None
    """Known value: `a_conversation_was_deleted`."""
    conversation_summary_annotation_generated_by_the_user: str | None = None
    """Known value: `a_conversation_summary_annotation_was_generated_by_the_user`."""
    conversation_name_updated_by_the_system: str | None = None
    """Known value: `a_conversation_was_renamed_by_the_system`."""
    conversation_name_updated_by_the_user: str | None = None
    """Known value: `a_conversation_was_renamed_by_the_user`."""
    conversation_summary_annotation_generated_by_the_system: str | None = None
    """Known value: `a_conversation_summary_annotation_was_generated_by_the_system`."""


@_document
class TrackedConversationEventMetadata(_common.Versioned):
    """Details of an event on a conversation: the renaming."""

    rename: TrackedConversationEventRenameMetadata | None = None


@_document
class TrackedConversationEventRenameMetadata(_common.Versioned):
    """Name of a conversation before and after renaming."""

    previous: str
    current: str


@_document
class TrackedConversationMessageEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the event that took place on a conversation message: its creation."""

    message_created: str | None = None
    """Known value: `a_conversation_message_was_created`."""


@_document
class TrackedConversationMessageEventMetadata(_common.Versioned):
    """Details of an event on a conversation message: the sentiment given."""

    sentiment: TrackedConversationMessageSentimentMetadata | None = None


@_document
class TrackedConversationMessageSentimentMetadata(_common.Versioned):
    """Sentiment a user gave a conversation message."""

    message: str | None = None
    sentiment: _message.ConversationMessageSentimentEnum | None = None


@_document
class TrackedFormatEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the event that took place on a format, with one field per kind of event."""

    format_created: str | None = None
    """Known value: `a_format_was_created`."""
    format_copied: str | None = None
    """Known value: `if_a_format_was_entirely_copied`."""
    format_partially_copied: str | None = None
    """Known value: `if_a_format_was_partially_copied`."""
    format_downloaded: str | None = None
    """Known value: `if_a_format_was_downloaded`."""
    format_deleted: str | None = None
    """Known value: `if_a_format_was_deleted`."""
    format_generic_classification_updated: str | None = None
    """Known value: `if_a_generic_classification_was_changed_on_a_format`."""
    format_specific_classification_updated: str | None = None
    """Known value: `if_a_specific_classification_was_changed_on_a_format`."""
    format_updated: str | None = None
    """Known value: `a_format_was_updated`."""
    format_inserted: str | None = None
    """Known value: `a_format_was_inserted`."""
    format_value_edited: str | None = None
    """Known value: `a_format_value_was_edited`."""


@_document
class TrackedFormatEventMetadata(_Document):
    """Details of an event on a format: the change of classification."""

    reclassification: TrackedAssetEventFormatReclassificationMetadata | None = None


@_document
class TrackedSessionEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the event that took place in a session, with one field per kind of event."""

    session_initialized: str | None = None
    """Known value: `a_session_has_been_initialized_and_the_application_has_been_opened`."""
    session_local_connection_succeeded: str | None = None
    """Known value: `one_or_more_applications_has_successfully_connected`."""
    session_local_connection_failed: str | None = None
    """Known value: `one_or_more_applications_has_failed_to_connect_locally`."""
    session_inactive: str | None = None
    """Known value: `a_session_is_inactive_because_the_application_is_not_in_the_foreground`."""
    session_active: str | None = None
    """Known value: `a_session_is_active_because_the_application_is_in_the_foreground`."""
    session_terminated: str | None = None
    """Known value: `a_session_has_been_ended_and_the_application_has_been_closed`."""
    session_authenticated_with_sign_in: str | None = None
    """Known value: `a_user_has_signed_into_this_session_with_a_an_external_account`."""
    session_unauthenticated_with_sign_out: str | None = None
    """Known value: `a_user_has_signed_out_of_this_session`."""
    session_unauthenticated_with_dismiss: str | None = None
    """Known value: `a_user_did_not_sign_into_the_session_with_a_dismissal`."""
    session_unauthenticated_with_remind: str | None = None
    """Known value: `a_user_did_not_sign_into_the_session_with_a_reminder`."""
    session_onboarding_initialized: str | None = None
    """Known value: `onboarding_has_been_initialized_for_this_session`."""
    session_onboarding_completed: str | None = None
    """Known value: `onboarding_has_been_completed_for_this_session`."""


@_document
class TrackedWorkstreamSummaryEventIdentifierDescriptionPairs(_common.Versioned):
    """Names the event that took place on a workstream summary: its creation."""

    summary_created: str | None = None
    """Known value: `a_workstream_summary_was_created`."""


@_document
class TrackedWorkstreamSummaryEventMetadata(_common.Versioned):
    """Details of an event on a workstream summary: the sentiment given."""

    sentiment: TrackedWorkstreamSummarySentimentMetadata | None = None


@_document
class TrackedWorkstreamSummarySentimentMetadata(_common.Versioned):
    """Sentiment a user gave a workstream summary."""

    summary: str | None = None
    sentiment: _workstream.WorkstreamSummarySentimentEnum | None = None
