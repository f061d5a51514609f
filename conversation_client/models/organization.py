"""Organizations and teams: entities, subscriptions and the settings that apply to their members."""

from __future__ import annotations as _annotations

from conversation_client.models import common as _common
from conversation_client.models import language_model as _language_model
from conversation_client.models import user as _user
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


class EntityTypeEnum(_OpenEnum):
    """Kind of entity: an organization or a team."""

    UNKNOWN = "UNKNOWN"
    ORGANIZATION = "ORGANIZATION"
    TEAM = "TEAM"


class InstanceConfigurationEnabledEnum(_OpenEnum):
    """Whether a setting is enabled, disabled or unknown."""

    UNKNOWN = "UNKNOWN"
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class SubscriptionTermEnum(_OpenEnum):
    """Length of one billing period of a subscription."""

    UNKNOWN = "UNKNOWN"
    MONTH = "month"
    YEAR = "year"
    QUARTER = "quarter"


@_document
class AllowedCloudModelsInstanceConfiguration(_common.Versioned):
    """Setting for which cloud models may be used, and which are the defaults."""

    enabled: InstanceConfigurationEnabledEnum
    allowed_models: InstanceConfigurationAllowedModels | None = _renamed(
        "allowedModels", default=None
    )
    default_models: InstanceConfigurationAllowedCloudModelsDefaultModels | None = _renamed(
        "defaultModels", default=None
    )


@_document
class BigQueryInstanceConfiguration(_common.Versioned):
    """Switch for analytics sent to BigQuery."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class CloudBackupCreationInstanceConfiguration(_common.Versioned):
    """Switch for creating backups in the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class ConnectToCloudInstanceConfiguration(_common.Versioned):
    """Switch for connecting to the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class DeleteCloudBackupInstanceConfiguration(_common.Versioned):
    """Switch for deleting backups from the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class DeniedWorkstreamPatternEngineSourcesInstanceConfiguration(_common.Versioned):
    """Setting for applications the workstream pattern engine is denied."""

    enabled: InstanceConfigurationEnabledEnum
    denied_sources: InstanceConfigurationDeniedWorkstreamPatternEngineSources | None = _renamed(
        "deniedSources", default=None
    )


@_document
class DeniedWorkstreamPatternEngineWebsitesInstanceConfiguration(_common.Versioned):
    """Setting for websites the workstream pattern engine is denied."""

    enabled: InstanceConfigurationEnabledEnum
    denied_websites: InstanceConfigurationDeniedWorkstreamPatternEngineWebsites | None = _renamed(
        "deniedWebsites", default=None
    )


@_document
class FlattenedEntities(_common.Versioned):
    """List of references to entities, with their positions by id."""

    iterable: list[ReferencedEntity]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedEntity(_common.Versioned):
    """Organization or team, with its users, subscriptions and settings."""

    configuration: InstanceConfiguration
    created: _common.GroupedTimestamp
    id: str
    name: str
    type: EntityTypeEnum
    updated: _common.GroupedTimestamp
    deleted: _common.GroupedTimestamp | None = None
    org_identifier: str | None = None
    """Identifier of the organization, apart from `id`."""
    subscriptions: FlattenedSubscriptions | None = None
    team_identifier: str | None = None
    """Identifier of the team, apart from `id`."""
    users: _user.FlattenedUsers | None = None


@_document
class FlattenedSubscription(_common.Versioned):
    """Subscription of a user to a product, with its term and billing dates."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    user: _user.ReferencedUser
    active: bool
    term: SubscriptionTermEnum
    """Length of one billing period."""
    quantity: int
    """Number of units subscribed to."""
    subscription_id: str
    """Billing id of the subscription, apart from `id`."""
    product_id: str
    """Billing id of the product."""
    name: str
    price_id: str
    """Billing id of the price."""
    next_billing_date: _common.GroupedTimestamp | None = None
    paused: _common.GroupedTimestamp | None = None
    cancelled: _common.GroupedTimestamp | None = None
    score: _common.Score | None = None
    entities: FlattenedEntities | None = None


@_document
class FlattenedSubscriptions(_common.Versioned):
    """List of references to subscriptions, with their positions by id."""

    iterable: list[ReferencedSubscription]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class InstanceConfiguration(_common.Versioned):
    """Settings of an entity, grouped into analytics, external cloud and external providers."""

    analytics: InstanceConfigurationAnalytics | None = None
    external_cloud: InstanceConfigurationExternalCloud | None = _renamed(
        "externalCloud", default=None
    )
    external_provider: InstanceConfigurationExternalProvider | None = _renamed(
        "externalProvider", default=None
    )


@_document
class InstanceConfigurationAllowedCloudModelsDefaultModels(_common.Versioned):
    """Default cloud models: an accurate and a fast one, each with a fallback."""

    accurate: InstanceConfigurationAllowedModel | None = None
    fallback_accurate: InstanceConfigurationAllowedModel | None = _renamed(
        "fallbackAccurate", default=None
    )
    """Stands in for `accurate`."""
    fallback_fast: InstanceConfigurationAllowedModel | None = _renamed("fallbackFast", default=None)
    """Stands in for `fast`."""
    fast: InstanceConfigurationAllowedModel | None = None


@_document
class InstanceConfigurationAllowedModel(_common.Versioned):
    """Model that an entity allows, described by its unique name and other traits."""

    unique: str
    """Unique name of the model."""
    custom: bool | None = None
    foundation: _language_model.ModelFoundationEnum | None = None
    max_tokens: _language_model.ModelMaxTokens | None = _renamed("maxTokens", default=None)
    name: str | None = None
    provider: _language_model.ExternalMLProviderEnum | None = None
    """Who makes or hosts the model."""
    type: _language_model.ModelTypeEnum | None = None
    """Whether the model favours speed, accuracy or a balance."""
    version: str | None = None


@_document
class InstanceConfigurationAllowedModels(_common.Versioned):
    """List of models that an entity allows."""

    iterable: list[InstanceConfigurationAllowedModel]


@_document
class InstanceConfigurationAnalytics(_common.Versioned):
    """Settings for analytics and reports."""

    big_query: BigQueryInstanceConfiguration | None = _renamed("bigQuery", default=None)
    segment: SegmentInstanceConfiguration | None = None
    send_internal_summary_reports_to_user_team_service: (
        SendInternalSummaryReportsToUserTeamServiceInstanceConfiguration | None
    ) = _renamed("sendInternalSummaryReportsToUserTeamService", default=None)


@_document
class InstanceConfigurationDeniedWorkstreamPatternEngineSource(_common.Versioned):
    """Application denied to the workstream pattern engine."""

    application: str | None = None
    """Name of the application."""
    bundle_identifiers: list[str] | None = None


@_document
class InstanceConfigurationDeniedWorkstreamPatternEngineSources(_common.Versioned):
    """List of applications denied to the workstream pattern engine."""

    iterable: list[InstanceConfigurationDeniedWorkstreamPatternEngineSource]


@_document
class InstanceConfigurationDeniedWorkstreamPatternEngineWebsite(_common.Versioned):
    """Website denied to the workstream pattern engine."""

    url: str


@_document
class InstanceConfigurationDeniedWorkstreamPatternEngineWebsites(_common.Versioned):
    """List of websites denied to the workstream pattern engine."""

    iterable: list[InstanceConfigurationDeniedWorkstreamPatternEngineWebsite]


@_document
class InstanceConfigurationExternalCloud(_common.Versioned):
    """Settings for the cloud: connection, backups, sharing and allocation."""

    cloud_backup_creation: CloudBackupCreationInstanceConfiguration | None = _renamed(
        "cloudBackupCreation", default=None
    )
    connect_to_cloud: ConnectToCloudInstanceConfiguration | None = _renamed(
        "connectToCloud", default=None
    )
    delete_cloud_backup: DeleteCloudBackupInstanceConfiguration | None = _renamed(
        "deleteCloudBackup", default=None
    )
    list_cloud_backups: ListCloudBackupsInstanceConfiguration | None = _renamed(
        "listCloudBackups", default=None
    )
    list_specific_cloud_backup: ListSpecificCloudBackupInstanceConfiguration | None = _renamed(
        "listSpecificCloudBackup", default=None
    )
    reconnect_to_cloud: ReconnectToCloudInstanceConfiguration | None = _renamed(
        "reconnectToCloud", default=None
    )
    restore_cloud_backup: RestoreCloudBackupInstanceConfiguration | None = _renamed(
        "restoreCloudBackup", default=None
    )
    share_snippet: ShareSnippetInstanceConfiguration | None = _renamed("shareSnippet", default=None)
    update_allocation_cloud: UpdateAllocationCloudInstanceConfiguration | None = _renamed(
        "updateAllocationCloud", default=None
    )


@_document
class InstanceConfigurationExternalProvider(_common.Versioned):
    """Settings for cloud models, denied capture sources and where processing happens."""

    allowed_cloud_models: AllowedCloudModelsInstanceConfiguration | None = _renamed(
        "allowedCloudModels", default=None
    )
    denied_workstream_pattern_engine_sources: (
        DeniedWorkstreamPatternEngineSourcesInstanceConfiguration | None
    ) = _renamed("deniedWorkstreamPatternEngineSources", default=None)
    """Applications not to be captured."""
    denied_workstream_pattern_engine_websites: (
        DeniedWorkstreamPatternEngineWebsitesInstanceConfiguration | None
    ) = _renamed("deniedWorkstreamPatternEngineWebsites", default=None)
    """Websites not to be captured."""
    processing: ProcessingInstanceConfiguration | None = None


@_document
class ListCloudBackupsInstanceConfiguration(_common.Versioned):
    """Switch for listing the backups in the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class ListSpecificCloudBackupInstanceConfiguration(_common.Versioned):
    """Switch for listing one specific backup in the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class ProcessingInstanceConfiguration(_common.Versioned):
    """Setting for where processing happens."""

    enabled: InstanceConfigurationEnabledEnum
    processing: _common.CapabilitiesEnum | None = None
    """Local, in the cloud or blended."""


@_document
class ReconnectToCloudInstanceConfiguration(_common.Versioned):
    """Switch for reconnecting to the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class ReferencedEntity(_common.Versioned):
    """Reference to an entity by its id, with the entity itself where the server sends it along."""

    id: str
    reference: FlattenedEntity | None = None


@_document
class ReferencedSubscription(_common.Versioned):
    """Reference to a subscription by id, with the subscription where the server sends it along."""

    id: str
    reference: FlattenedSubscription | None = None


@_document
class RestoreCloudBackupInstanceConfiguration(_common.Versioned):
    """Switch for restoring a backup from the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class SegmentInstanceConfiguration(_common.Versioned):
    """Switch for analytics sent to Segment."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class SendInternalSummaryReportsToUserTeamServiceInstanceConfiguration(_common.Versioned):
    """Switch for sending internal summary reports to the user team service."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class ShareSnippetInstanceConfiguration(_common.Versioned):
    """Switch for sharing snippets."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class UpdateAllocationCloudInstanceConfiguration(_common.Versioned):
    """Switch for updating the cloud allocation."""

    enabled: InstanceConfigurationEnabledEnum


@_document
class FlattenedEntityToSubscriptionAssociation(_common.Versioned):
    """Link between an organization or team and a subscription."""

    created: _common.GroupedTimestamp
    entity: str
    """Id of the organization or team."""
    id: str
    subscription: str
    """Id of the subscription."""
    updated: _common.GroupedTimestamp
    score: _common.Score | None = None


@_document
class FlattenedEntityToUserAssociation(_common.Versioned):
    """Link between an organization or team and a user."""

    created: _common.GroupedTimestamp
    entity: str
    """Id of the organization or team."""
    id: str
    updated: _common.GroupedTimestamp
    user: str
    """Id of the user."""
    score: _common.Score | None = None


@_document
class ReferencedEntityToSubscriptionAssociation(_common.Versioned):
    """Reference by id to a link between an entity and a subscription."""

    id: str
    reference: FlattenedEntityToSubscriptionAssociation | None = None


@_document
class ReferencedEntityToUserAssociation(_common.Versioned):
    """Reference by id to a link between an entity and a user."""

    id: str
    reference: FlattenedEntityToUserAssociation | None = None
