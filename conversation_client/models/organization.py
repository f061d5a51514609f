"""Organizations and teams: entities, subscriptions and the settings that apply to their members."""

from __future__ import annotations

from conversation_client.models import common as common_
from conversation_client.models import language_model as language_model_
from conversation_client.models import user as user_
from conversation_client.models.base import OpenEnum, document, renamed


class EntityTypeEnum(OpenEnum):
    """Kind of entity: an organization or a team."""

    UNKNOWN = "UNKNOWN"
    ORGANIZATION = "ORGANIZATION"
    TEAM = "TEAM"


class InstanceConfigurationEnabledEnum(OpenEnum):
    """Whether a setting is enabled, disabled or unknown."""

    UNKNOWN = "UNKNOWN"
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class SubscriptionTermEnum(OpenEnum):
    """Length of one billing period of a subscription."""

    UNKNOWN = "UNKNOWN"
    MONTH = "month"
    YEAR = "year"
    QUARTER = "quarter"


@document
class AllowedCloudModelsInstanceConfiguration(common_.Versioned):
    """Setting for which cloud models may be used, and which are the defaults."""

    enabled: InstanceConfigurationEnabledEnum
    allowed_models: InstanceConfigurationAllowedModels | None = renamed(
        "allowedModels", default=None
    )
    default_models: InstanceConfigurationAllowedCloudModelsDefaultModels | None = renamed(
        "defaultModels", default=None
    )


@document
class BigQueryInstanceConfiguration(common_.Versioned):
    """Switch for analytics sent to BigQuery."""

    enabled: InstanceConfigurationEnabledEnum


@document
class CloudBackupCreationInstanceConfiguration(common_.Versioned):
    """Switch for creating backups in the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@document
class ConnectToCloudInstanceConfiguration(common_.Versioned):
    """Switch for connecting to the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@document
class DeleteCloudBackupInstanceConfiguration(common_.Versioned):
    """Switch for deleting backups from the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@document
class DeniedWorkstreamPatternEngineSourcesInstanceConfiguration(common_.Versioned):
    """Setting for applications the workstream pattern engine is denied."""

    enabled: InstanceConfigurationEnabledEnum
    denied_sources: InstanceConfigurationDeniedWorkstreamPatternEngineSources | None = renamed(
        "deniedSources", default=None
    )


@document
class DeniedWorkstreamPatternEngineWebsitesInstanceConfiguration(common_.Versioned):
    """Setting for websites the workstream pattern engine is denied."""

    enabled: InstanceConfigurationEnabledEnum
    denied_websites: InstanceConfigurationDeniedWorkstreamPatternEngineWebsites | None = renamed(
        "deniedWebsites", default=None
    )


@document
class FlattenedEntities(common_.Versioned):
    """List of references to entities, with their positions by id."""

    iterable: list[ReferencedEntity]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedEntity(common_.Versioned):
    """Organization or team, with its users, subscriptions and settings."""

    configuration: InstanceConfiguration
    created: common_.GroupedTimestamp
    id: str
    name: str
    type: EntityTypeEnum
    updated: common_.GroupedTimestamp
    deleted: common_.GroupedTimestamp | None = None
    org_identifier: str | None = None
    """Identifier of the organization, apart from `id`."""
    subscriptions: FlattenedSubscriptions | None = None
    team_identifier: str | None = None
    """Identifier of the team, apart from `id`."""
    users: user_.FlattenedUsers | None = None


@document
class FlattenedSubscription(common_.Versioned):
    """Subscription of a user to a product, with its term and billing dates."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    user: user_.ReferencedUser
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
    next_billing_date: common_.GroupedTimestamp | None = None
    paused: common_.GroupedTimestamp | None = None
    cancelled: common_.GroupedTimestamp | None = None
    score: common_.Score | None = None
    entities: FlattenedEntities | None = None


@document
class FlattenedSubscriptions(common_.Versioned):
    """List of references to subscriptions, with their positions by id."""

    iterable: list[ReferencedSubscription]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class InstanceConfiguration(common_.Versioned):
    """Settings of an entity, grouped into analytics, external cloud and external providers."""

    analytics: InstanceConfigurationAnalytics | None = None
    external_cloud: InstanceConfigurationExternalCloud | None = renamed(
        "externalCloud", default=None
    )
    external_provider: InstanceConfigurationExternalProvider | None = renamed(
        "externalProvider", default=None
    )


@document
class InstanceConfigurationAllowedCloudModelsDefaultModels(common_.Versioned):
    """Default cloud models: an accurate and a fast one, each with a fallback."""

    accurate: InstanceConfigurationAllowedModel | None = None
    fallback_accurate: InstanceConfigurationAllowedModel | None = renamed(
        "fallbackAccurate", default=None
    )
    """Stands in for `accurate`."""
    fallback_fast: InstanceConfigurationAllowedModel | None = renamed("fallbackFast", default=None)
    """Stands in for `fast`."""
    fast: InstanceConfigurationAllowedModel | None = None


@document
class InstanceConfigurationAllowedModel(common_.Versioned):
    """Model that an entity allows, described by its unique name and other traits."""

    unique: str
    """Unique name of the model."""
    custom: bool | None = None
    foundation: language_model_.ModelFoundationEnum | None = None
    max_tokens: language_model_.ModelMaxTokens | None = renamed("maxTokens", default=None)
    name: str | None = None
    provider: language_model_.ExternalMLProviderEnum | None = None
    """Who makes or hosts the model."""
    type: language_model_.ModelTypeEnum | None = None
    """Whether the model favours speed, accuracy or a balance."""
    version: str | None = None


@document
class InstanceConfigurationAllowedModels(common_.Versioned):
    """List of models that an entity allows."""

    iterable: list[InstanceConfigurationAllowedModel]


@document
class InstanceConfigurationAnalytics(common_.Versioned):
    """Settings for analytics and reports."""

    big_query: BigQueryInstanceConfiguration | None = renamed("bigQuery", default=None)
    segment: SegmentInstanceConfiguration | None = None
    send_internal_summary_reports_to_user_team_service: (
        SendInternalSummaryReportsToUserTeamServiceInstanceConfiguration | None
    ) = renamed("sendInternalSummaryReportsToUserTeamService", default=None)


@document
class InstanceConfigurationDeniedWorkstreamPatternEngineSource(common_.Versioned):
    """Application denied to the workstream pattern engine."""

    application: str | None = None
    """Name of the application."""
    bundle_identifiers: list[str] | None = None


@document
class InstanceConfigurationDeniedWorkstreamPatternEngineSources(common_.Versioned):
    """List of applications denied to the workstream pattern engine."""

    iterable: list[InstanceConfigurationDeniedWorkstreamPatternEngineSource]


@document
class InstanceConfigurationDeniedWorkstreamPatternEngineWebsite(common_.Versioned):
    """Website denied to the workstream pattern engine."""

    url: str


@document
class InstanceConfigurationDeniedWorkstreamPatternEngineWebsites(common_.Versioned):
    """List of websites denied to the workstream pattern engine."""

    iterable: list[InstanceConfigurationDeniedWorkstreamPatternEngineWebsite]


@document
class InstanceConfigurationExternalCloud(common_.Versioned):
    """Settings for the cloud: connection, backups, sharing and allocation."""

    cloud_backup_creation: CloudBackupCreationInstanceConfiguration | None = renamed(
        "cloudBackupCreation", default=None
    )
    connect_to_cloud: ConnectToCloudInstanceConfiguration | None = renamed(
        "connectToCloud", default=None
    )
    delete_cloud_backup: DeleteCloudBackupInstanceConfiguration | None = renamed(
        "deleteCloudBackup", default=None
    )
    list_cloud_backups: ListCloudBackupsInstanceConfiguration | None = renamed(
        "listCloudBackups", default=None
    )
    list_specific_cloud_backup: ListSpecificCloudBackupInstanceConfiguration | None = renamed(
        "listSpecificCloudBackup", default=None
    )
    reconnect_to_cloud: ReconnectToCloudInstanceConfiguration | None = renamed(
        "reconnectToCloud", default=None
    )
    restore_cloud_backup: RestoreCloudBackupInstanceConfiguration | None = renamed(
        "restoreCloudBackup", default=None
    )
    share_snippet: ShareSnippetInstanceConfiguration | None = renamed("shareSnippet", default=None)
    update_allocation_cloud: UpdateAllocationCloudInstanceConfiguration | None = renamed(
        "updateAllocationCloud", default=None
    )


@document
class InstanceConfigurationExternalProvider(common_.Versioned):
    """Settings for cloud models, denied capture sources and where processing happens."""

    allowed_cloud_models: AllowedCloudModelsInstanceConfiguration | None = renamed(
        "allowedCloudModels", default=None
    )
    denied_workstream_pattern_engine_sources: (
        DeniedWorkstreamPatternEngineSourcesInstanceConfiguration | None
    ) = renamed("deniedWorkstreamPatternEngineSources", default=None)
    """Applications not to be captured."""
    denied_workstream_pattern_engine_websites: (
        DeniedWorkstreamPatternEngineWebsitesInstanceConfiguration | None
    ) = renamed("deniedWorkstreamPatternEngineWebsites", default=None)
    """Websites not to be captured."""
    processing: ProcessingInstanceConfiguration | None = None


@document
class ListCloudBackupsInstanceConfiguration(common_.Versioned):
    """Switch for listing the backups in the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@document
class ListSpecificCloudBackupInstanceConfiguration(common_.Versioned):
    """Switch for listing one specific backup in the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@document
class ProcessingInstanceConfiguration(common_.Versioned):
    """Setting for where processing happens."""

    enabled: InstanceConfigurationEnabledEnum
    processing: common_.CapabilitiesEnum | None = None
    """Local, in the cloud or blended."""


@document
class ReconnectToCloudInstanceConfiguration(common_.Versioned):
    """Switch for reconnecting to the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@document
class ReferencedEntity(common_.Versioned):
    """Reference to an entity by its id, with the entity itself where the server sends it along."""

    id: str
    reference: FlattenedEntity | None = None


@document
class ReferencedSubscription(common_.Versioned):
    """Reference to a subscription by id, with the subscription where the server sends it along."""

    id: str
    reference: FlattenedSubscription | None = None


@document
class RestoreCloudBackupInstanceConfiguration(common_.Versioned):
    """Switch for restoring a backup from the cloud."""

    enabled: InstanceConfigurationEnabledEnum


@document
class SegmentInstanceConfiguration(common_.Versioned):
    """Switch for analytics sent to Segment."""

    enabled: InstanceConfigurationEnabledEnum


@document
class SendInternalSummaryReportsToUserTeamServiceInstanceConfiguration(common_.Versioned):
    """Switch for sending internal summary reports to the user team service."""

    enabled: InstanceConfigurationEnabledEnum


@document
class ShareSnippetInstanceConfiguration(common_.Versioned):
    """Switch for sharing snippets."""

    enabled: InstanceConfigurationEnabledEnum


@document
class UpdateAllocationCloudInstanceConfiguration(common_.Versioned):
    """Switch for updating the cloud allocation."""

    enabled: InstanceConfigurationEnabledEnum


@document
class FlattenedEntityToSubscriptionAssociation(common_.Versioned):
    """Link between an organization or team and a subscription."""

    created: common_.GroupedTimestamp
    entity: str
    """Id of the organization or team."""
    id: str
    subscription: str
    """Id of the subscription."""
    updated: common_.GroupedTimestamp
    score: common_.Score | None = None


@document
class FlattenedEntityToUserAssociation(common_.Versioned):
    """Link between an organization or team and a user."""

    created: common_.GroupedTimestamp
    entity: str
    """Id of the organization or team."""
    id: str
    updated: common_.GroupedTimestamp
    user: str
    """Id of the user."""
    score: common_.Score | None = None


@document
class ReferencedEntityToSubscriptionAssociation(common_.Versioned):
    """Reference by id to a link between an entity and a subscription."""

    id: str
    reference: FlattenedEntityToSubscriptionAssociation | None = None


@document
class ReferencedEntityToUserAssociation(common_.Versioned):
    """Reference by id to a link between an entity and a user."""

    id: str
    reference: FlattenedEntityToUserAssociation | None = None
