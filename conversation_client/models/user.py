"""Users: profiles, sign-in providers, cloud allocation and display settings."""

from __future__ import annotations as _annotations

from conversation_client.models import common as _common
from conversation_client.models import organization as _organization
from conversation_client.models.base import Document as _Document
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


class AllocationStatusEnum(_OpenEnum):
    """State of a cloud allocation or of one of its addresses."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    SUCCEEDED = "SUCCEEDED"
    UNKNOWN = "UNKNOWN"
    DISCONNECTED = "DISCONNECTED"


class ExternalProviderTypeEnum(_OpenEnum):
    """Service a user can sign in with or connect to."""

    GITHUB = "github"
    AUTH0 = "auth0"
    GOOGLE_OAUTH2 = "google-oauth2"
    BITBUCKET = "bitbucket"
    LINKEDIN = "linkedin"
    TWITTER = "twitter"
    FACEBOOK = "facebook"
    WAAD = "waad"
    UNKNOWN = "UNKNOWN"
    DISCORD = "discord"
    GITLAB = "gitlab"
    APPLE = "apple"
    USERNAME_EMAIL = "username_email"
    SLACK = "slack"
    MICROSOFT = "microsoft"


@_document
class Aesthetics(_common.Versioned):
    """Display settings of a user: theme and font."""

    theme: Theme
    font: Font


@_document
class AllocationCloud(_common.Versioned):
    """Cloud space allocated to a user, with its addresses and state."""

    id: str
    user: str
    """UUID of the user the space is allocated to."""
    urls: AllocationCloudUrls
    status: AllocationCloudStatus
    project: str
    """Cloud project that hosts the space."""
    updated: _common.GroupedTimestamp | None = None
    version: str | None = None
    region: str | None = None


@_document
class AllocationCloudStatus(_common.Versioned):
    """State of a cloud allocation."""

    cloud: AllocationStatusEnum
    """State of the cloud side."""


@_document
class AllocationCloudUrl(_common.Versioned):
    """Address of a cloud allocation, with the state of that address."""

    status: AllocationStatusEnum
    url: str


@_document
class AllocationCloudUrls(_common.Versioned):
    """Addresses under which a cloud allocation is reached."""

    base: AllocationCloudUrl
    id: AllocationCloudUrl
    """Address built on an id."""
    vanity: AllocationCloudUrl | None = None
    """Address built on a name picked for the user."""


@_document
class Auth0OpenAIUserMetadata(_common.Versioned):
    """OpenAI credentials kept with a user."""

    api_key: str | None = None
    api_key_name: str | None = None
    """Label of the API key."""
    organization_key: str | None = None
    """Key of the OpenAI organization."""


@_document
class Auth0UserAllocationMetadata(_Document):
    """Cloud project and region recorded for a user at the sign-in service."""

    project: str
    region: str


@_document
class Auth0UserMetadata(_common.Versioned):
    """Data kept for a user at Auth0, such as cloud and payment keys."""

    global_id: str
    cloud_key: str | None = None
    stripe_customer_id: str | None = None
    """Id of the customer at Stripe."""
    vanityname: str | None = None
    """Name picked for the user in addresses."""
    allocation: Auth0UserAllocationMetadata | None = None
    """Where the cloud space of the user is hosted."""
    open_ai: Auth0OpenAIUserMetadata | None = _renamed("open_AI", default=None)
    beta: _common.AnonymousTemporalRange | None = None
    """Span of the beta for this user."""


@_document
class DescopeUserMetadata(_common.Versioned):
    """Data kept for a user at Descope; much the same as that for Auth0."""

    global_id: str
    descope_id: str
    """Id of the user at Descope."""
    vanityname: str | None = None
    """Name picked for the user in addresses."""
    allocation: Auth0UserAllocationMetadata | None = None
    """Where the cloud space of the user is hosted."""
    open_ai: Auth0OpenAIUserMetadata | None = _renamed("open_AI", default=None)
    beta: _common.AnonymousTemporalRange | None = None
    """Span of the beta for this user."""


@_document
class ExternalProvider(_common.Versioned):
    """Account of a user at an outside service, with its access token."""

    type: ExternalProviderTypeEnum
    user_id: str
    """Id of the user at the provider."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    access_token: str | None = None
    expires_in: int | None = None
    """Lifetime of the access token."""
    profile_data: ExternalProviderProfileData | None = _renamed("profileData", default=None)
    """Profile as the provider gives it."""
    connection: str | None = None
    is_social: bool | None = _renamed("isSocial", default=None)


@_document
class ExternalProviderProfileData(_Document):
    """Profile of a user at an outside service, as that service gives it."""

    name: str | None = None
    picture: str | None = None
    nickname: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    node_id: str | None = None
    """Node id at the provider, not a UUID of this server."""
    gravatar_id: str | None = None
    url: str | None = None
    """Address of the profile for programs."""
    html_url: str | None = None
    """Address of the profile for a browser."""
    followers_url: str | None = None
    following_url: str | None = None
    gists_url: str | None = None
    starred_url: str | None = None
    subscriptions_url: str | None = None
    organizations_url: str | None = None
    repos_url: str | None = None
    events_url: str | None = None
    received_events_url: str | None = None
    type: str | None = None
    """Kind of account, in the words of the provider."""
    site_admin: bool | None = None
    company: str | None = None
    blog: str | None = None
    """Address of the blog or home page."""
    anchor: str | None = None
    hireable: bool | None = None
    bio: str | None = None
    twitter_username: str | None = None
    public_repos: int | None = None
    public_gists: int | None = None
    followers: int | None = None
    following: int | None = None
    """Number of accounts this one follows."""
    created_at: str | None = None
    """Text as the provider sends it, not a `GroupedTimestamp`."""
    updated_at: str | None = None
    """Text as the provider sends it, not a `GroupedTimestamp`."""
    private_gists: int | None = None
    total_private_repos: int | None = None
    owned_private_repos: int | None = None
    disk_usage: int | None = None
    collaborators: int | None = None
    two_factor_authentication: bool | None = None


@_document
class ExternalProviders(_common.Versioned):
    """List of accounts at outside services."""

    iterable: list[ExternalProvider]


@_document
class FlattenedUserProfile(_common.Versioned):
    """Short profile of a user, as other documents refer to it."""

    id: str
    email: str | None = None
    name: str | None = None
    username: str | None = None
    picture: str | None = None
    vanityname: str | None = None
    """Name picked for the user in addresses."""
    subscriptions: _organization.FlattenedSubscriptions | None = None
    entities: _organization.FlattenedEntities | None = None


@_document
class FlattenedUsers(_common.Versioned):
    """List of references to users, with their positions by id."""

    iterable: list[ReferencedUser]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class Font(_common.Versioned):
    """Font setting of a user."""

    size: int


@_document
class ReferencedUser(_common.Versioned):
    """Reference to a user by id, with the profile itself where the server sends it along."""

    id: str
    reference: FlattenedUserProfile | None = None


@_document
class Theme(_common.Versioned):
    """Colour theme of a user: dark or light."""

    dark: bool
    """`True` for dark, `False` for light."""


@_document
class UserProfile(_common.Versioned):
    """Full profile of a user, with display settings, providers, cloud space and subscriptions."""

    id: str
    aesthetics: Aesthetics
    picture: str | None = None
    email: str | None = None
    created: _common.GroupedTimestamp | None = None
    updated: _common.GroupedTimestamp | None = None
    username: str | None = None
    name: str | None = None
    vanityname: str | None = None
    """Name picked for the user in addresses."""
    allocation: AllocationCloud | None = None
    """Cloud space of the user."""
    providers: ExternalProviders | None = None
    auth0: Auth0UserMetadata | None = None
    """Data kept for the user at Auth0."""
    descope: DescopeUserMetadata | None = None
    """Data kept for the user at Descope."""
    subscriptions: _organization.FlattenedSubscriptions | None = None
    api_keys: list[str] | None = _renamed("apiKeys", default=None)
    entities: _organization.FlattenedEntities | None = None
