"""Assets: saved snippets and files, the secrets found in them, and how they are shared."""

from __future__ import annotations

from conversation_client.models import anchor as anchor_
from conversation_client.models import annotation as annotation_
from conversation_client.models import common as common_
from conversation_client.models import conversation as conversation_
from conversation_client.models import format as format_
from conversation_client.models import message as message_
from conversation_client.models import person as person_
from conversation_client.models import tracking as tracking_
from conversation_client.models import user as user_
from conversation_client.models import website as website_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import OpenEnum, document, renamed


class AccessEnum(OpenEnum):
    """Whether a share is public or private."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    UNKNOWN = "UNKNOWN"


class SensitiveCategoryEnum(OpenEnum):
    """Kinds of sensitive text, such as API keys, tokens and private keys."""

    SECRET = "SECRET"
    API_KEY = "API_KEY"
    CLIENT_ID = "CLIENT_ID"
    CLIENT_SECRET = "CLIENT_SECRET"
    SECRET_KEY = "SECRET_KEY"
    API_TOKEN = "API_TOKEN"
    ACCESS_KEY = "ACCESS_KEY"
    ACCESS_TOKEN = "ACCESS_TOKEN"
    URL = "URL"
    PUBLIC_KEY = "PUBLIC_KEY"
    PRIVATE_KEY = "PRIVATE_KEY"
    API_ID = "API_ID"
    WEB_HOOK_URL = "WEB_HOOK_URL"
    UNKNOWN = "UNKNOWN"


class SensitiveSeverityEnum(OpenEnum):
    """How severe the find of a sensitive text is rated."""

    LOW = "LOW"
    MODERATE = "MODERATE"
    HIGH = "HIGH"
    UNKNOWN = "UNKNOWN"


@document
class Accessor(common_.Versioned):
    """Someone who has opened a share, and how often."""

    id: str
    os: str
    share: str
    """UUID of the share."""
    count: int
    """Number of times the share was opened."""
    user: user_.FlattenedUserProfile | None = None
    """Absent where the user is not known."""


@document
class Accessors(common_.Versioned):
    """List of those who have opened a share."""

    iterable: list[Accessor]


@document
class FlattenedAsset(common_.Versioned):
    """Saved snippet or file, with its formats and the material linked to it."""

    id: str
    creator: str
    """Id of the user who created the asset."""
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    formats: format_.FlattenedFormats
    preview: FlattenedPreview
    """Formats to show for the asset."""
    original: str
    """UUID of the format that the asset was first saved in."""
    mechanism: common_.MechanismEnum
    """How the asset was saved."""
    name: str | None = None
    synced: common_.GroupedTimestamp | None = None
    deleted: common_.GroupedTimestamp | None = None
    shares: FlattenedShares | None = None
    websites: website_.FlattenedWebsites | None = None
    interacted: common_.GroupedTimestamp | None = None
    """When the asset was last used."""
    tags: person_.FlattenedTags | None = None
    sensitives: FlattenedSensitives | None = None
    """Secrets found in the asset."""
    persons: person_.FlattenedPersons | None = None
    curated: bool | None = None
    discovered: bool | None = None
    activities: tracking_.FlattenedActivities | None = None
    score: common_.Score | None = None
    favorited: bool | None = None
    pseudo: bool | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    hints: annotation_.FlattenedHints | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    conversations: conversation_.FlattenedConversations | None = None
    demo: bool | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    messages: message_.FlattenedConversationMessages | None = None


@document
class FlattenedAssets(common_.Versioned):
    """References to assets, with a lookup by id."""

    iterable: list[ReferencedAsset] | None = None
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedDistribution(common_.Versioned):
    """One way a share was sent out, by e-mail or as a GitHub gist."""

    id: str
    share: str
    """UUID of the share."""
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    deleted: common_.GroupedTimestamp | None = None
    mailgun: MailgunDistribution | None = None
    """Set where it was sent by e-mail."""
    github: GitHubDistribution | None = None
    """Set where it was published on GitHub."""


@document
class FlattenedDistributions(common_.Versioned):
    """References to distributions of a share."""

    iterable: list[ReferencedDistribution]


@document
class FlattenedPreview(common_.Versioned):
    """Formats that preview an asset: a base and, where there is one, an overlay."""

    base: str
    """UUID of the format to show."""
    overlay: str | None = None
    """UUID of the format to lay over the base."""


@document
class FlattenedSensitive(common_.Versioned):
    """Sensitive text found in an asset, such as an API key, with its category and severity."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    asset: ReferencedAsset
    text: str
    mechanism: common_.MechanismEnum
    """How the text came to be marked."""
    category: SensitiveCategoryEnum
    severity: SensitiveSeverityEnum
    name: str
    description: str
    deleted: common_.GroupedTimestamp | None = None
    metadata: SensitiveMetadata | None = None
    interactions: int | None = None
    """Number of interactions."""
    score: common_.Score | None = None


@document
class FlattenedSensitives(common_.Versioned):
    """References to sensitive texts."""

    iterable: list[ReferencedSensitive]
    score: common_.Score | None = None


@document
class FlattenedShare(common_.Versioned):
    """Link under which assets are shared, with who may open it and who has."""

    id: str
    link: str
    """URL of the share."""
    access: AccessEnum
    accessors: Accessors
    created: common_.GroupedTimestamp
    short: str
    """Short form of the link."""
    asset: str | None = None
    """UUID of the shared asset."""
    user: str | None = None
    """UUID of the user who shares."""
    name: str | None = None
    assets: FlattenedAssets | None = None
    distributions: FlattenedDistributions | None = None
    score: common_.Score | None = None


@document
class FlattenedShares(common_.Versioned):
    """List of shares, each in full rather than as a reference."""

    iterable: list[FlattenedShare]
    score: common_.Score | None = None


@document
class GitHubDistribution(common_.Versioned):
    """Distribution of a share through GitHub."""

    gist: GitHubGistDistribution | None = None


@document
class GitHubGistDistribution(common_.Versioned):
    """GitHub gist that a share was published as."""

    recipients: Recipients
    """Persons the gist was meant for."""
    public: bool
    """False for a secret gist."""
    name: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    github_id: str
    """Id of the gist at GitHub."""
    url: str
    """Address of the gist."""
    description: str | None = None
    deleted: common_.GroupedTimestamp | None = None


@document
class MailgunDistribution(common_.Versioned):
    """Distribution of a share by e-mail through Mailgun."""

    recipients: Recipients


@document
class MailgunMetadata(common_.Versioned):
    """What Mailgun reported about an e-mail sent to a person."""

    message_id: str = renamed("messageId")
    """Id of the e-mail at Mailgun."""


@document
class Recipients(common_.Versioned):
    """List of persons that something was sent to."""

    iterable: list[person_.PersonBasicType]


@document
class ReferencedAsset(common_.Versioned):
    """Reference to an asset by its id, with the asset itself where the server sends it along."""

    id: str
    reference: FlattenedAsset | None = None
    """Absent where only the id is sent."""


@document
class ReferencedDistribution(common_.Versioned):
    """Reference to a distribution by its id, with the distribution itself if sent along."""

    id: str
    reference: FlattenedDistribution | None = None
    """Absent where only the id is sent."""


@document
class ReferencedSensitive(common_.Versioned):
    """Reference to a sensitive text by its id, with the text itself if the server sends it."""

    id: str
    reference: FlattenedSensitive | None = None
    """Absent where only the id is sent."""


@document
class ReferencedShare(common_.Versioned):
    """Reference to a share by its id, with the share itself where the server sends it along."""

    id: str
    reference: FlattenedShare | None = None
    """Absent where only the id is sent."""


@document
class SensitiveMetadata(common_.Versioned):
    """How a sensitive text was detected: the match and its entropy."""

    match: common_.TextMatch | None = None
    entropy: float | None = None
    """Randomness of the matched text."""
