"""Assets: saved snippets and files, the secrets found in them, and how they are shared."""

from __future__ import annotations as _annotations

from conversation_client.models import anchor as _anchor
from conversation_client.models import annotation as _annotation
from conversation_client.models import common as _common
from conversation_client.models import conversation as _conversation
from conversation_client.models import format as _format
from conversation_client.models import message as _message
from conversation_client.models import person as _person
from conversation_client.models import tracking as _tracking
from conversation_client.models import user as _user
from conversation_client.models import website as _website
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


class AccessEnum(_OpenEnum):
    """Whether a share is public or private."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    UNKNOWN = "UNKNOWN"


class SensitiveCategoryEnum(_OpenEnum):
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


class SensitiveSeverityEnum(_OpenEnum):
    """How severe the find of a sensitive text is rated."""

    LOW = "LOW"
    MODERATE = "MODERATE"
    HIGH = "HIGH"
    UNKNOWN = "UNKNOWN"


@_document
class Accessor(_common.Versioned):
    """Someone who has opened a share, and how often."""

    id: str
    os: str
    share: str
    """UUID of the share."""
    count: int
    """Number of times the share was opened."""
    user: _user.FlattenedUserProfile | None = None
    """Absent where the user is not known."""


@_document
class Accessors(_common.Versioned):
    """List of those who have opened a share."""

    iterable: list[Accessor]


@_document
class FlattenedAsset(_common.Versioned):
    """Saved snippet or file, with its formats and the material linked to it."""

    id: str
    creator: str
    """Id of the user who created the asset."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    formats: _format.FlattenedFormats
    preview: FlattenedPreview
    """Formats to show for the asset."""
    original: str
    """UUID of the format that the asset was first saved in."""
    mechanism: _common.MechanismEnum
    """How the asset was saved."""
    name: str | None = None
    synced: _common.GroupedTimestamp | None = None
    deleted: _common.GroupedTimestamp | None = None
    shares: FlattenedShares | None = None
    websites: _website.FlattenedWebsites | None = None
    interacted: _common.GroupedTimestamp | None = None
    """When the asset was last used."""
    tags: _person.FlattenedTags | None = None
    sensitives: FlattenedSensitives | None = None
    """Secrets found in the asset."""
    persons: _person.FlattenedPersons | None = None
    curated: bool | None = None
    discovered: bool | None = None
    activities: _tracking.FlattenedActivities | None = None
    score: _common.Score | None = None
    favorited: bool | None = None
    pseudo: bool | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    hints: _annotation.FlattenedHints | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    conversations: _conversation.FlattenedConversations | None = None
    demo: bool | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    messages: _message.FlattenedConversationMessages | None = None


@_document
class FlattenedAssets(_common.Versioned):
    """References to assets, with a lookup by id."""

    iterable: list[ReferencedAsset] | None = None
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedDistribution(_common.Versioned):
    """One way a share was sent out, by e-mail or as a GitHub gist."""

    id: str
    share: str
    """UUID of the share."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    deleted: _common.GroupedTimestamp | None = None
    mailgun: MailgunDistribution | None = None
    """Set where it was sent by e-mail."""
    github: GitHubDistribution | None = None
    """Set where it was published on GitHub."""


@_document
class FlattenedDistributions(_common.Versioned):
    """References to distributions of a share."""

    iterable: list[ReferencedDistribution]


@_document
class FlattenedPreview(_common.Versioned):
    """Formats that preview an asset: a base and, where there is one, an overlay."""

    base: str
    """UUID of the format to show."""
    overlay: str | None = None
    """UUID of the format to lay over the base."""


@_document
class FlattenedSensitive(_common.Versioned):
    """Sensitive text found in an asset, such as an API key, with its category and severity."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    asset: ReferencedAsset
    text: str
    mechanism: _common.MechanismEnum
    """How the text came to be marked."""
    category: SensitiveCategoryEnum
    severity: SensitiveSeverityEnum
    name: str
    description: str
    deleted: _common.GroupedTimestamp | None = None
    metadata: SensitiveMetadata | None = None
    interactions: int | None = None
    """Number of interactions."""
    score: _common.Score | None = None


@_document
class FlattenedSensitives(_common.Versioned):
    """References to sensitive texts."""

    iterable: list[ReferencedSensitive]
    score: _common.Score | None = None


@_document
class FlattenedShare(_common.Versioned):
    """Link under which assets are shared, with who may open it and who has."""

    id: str
    link: str
    """URL of the share."""
    access: AccessEnum
    accessors: Accessors
    created: _common.GroupedTimestamp
    short: str
    """Short form of the link."""
    asset: str | None = None
    """UUID of the shared asset."""
    user: str | None = None
    """UUID of the user who shares."""
    name: str | None = None
    assets: FlattenedAssets | None = None
    distributions: FlattenedDistributions | None = None
    score: _common.Score | None = None


@_document
class FlattenedShares(_common.Versioned):
    """List of shares, each in full rather than as a reference."""

    iterable: list[FlattenedShare]
    score: _common.Score | None = None


@_document
class GitHubDistribution(_common.Versioned):
    """Distribution of a share through GitHub."""

    gist: GitHubGistDistribution | None = None


@_document
class GitHubGistDistribution(_common.Versioned):
    """GitHub gist that a share was published as."""

    recipients: Recipients
    """Persons the gist was meant for."""
    public: bool
    """False for a secret gist."""
    name: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    github_id: str
    """Id of the gist at GitHub."""
    url: str
    """Address of the gist."""
    description: str | None = None
    deleted: _common.GroupedTimestamp | None = None


@_document
class MailgunDistribution(_common.Versioned):
    """Distribution of a share by e-mail through Mailgun."""

    recipients: Recipients


@_document
class MailgunMetadata(_common.Versioned):
    """What Mailgun reported about an e-mail sent to a person."""

    message_id: str = _renamed("messageId")
    """Id of the e-mail at Mailgun."""


@_document
class Recipients(_common.Versioned):
    """List of persons that something was sent to."""

    iterable: list[_person.PersonBasicType]


@_document
class ReferencedAsset(_common.Versioned):
    """Reference to an asset by its id, with the asset itself where the server sends it along."""

    id: str
    reference: FlattenedAsset | None = None
    """Absent where only the id is sent."""


@_document
class ReferencedDistribution(_common.Versioned):
    """Reference to a distribution by its id, with the distribution itself if sent along."""

    id: str
    reference: FlattenedDistribution | None = None
    """Absent where only the id is sent."""


@_document
class ReferencedSensitive(_common.Versioned):
    """Reference to a sensitive text by its id, with the text itself if the server sends it."""

    id: str
    reference: FlattenedSensitive | None = None
    """Absent where only the id is sent."""


@_document
class ReferencedShare(_common.Versioned):
    """Reference to a share by its id, with the share itself where the server sends it along."""

    id: str
    reference: FlattenedShare | None = None
    """Absent where only the id is sent."""


@_document
class SensitiveMetadata(_common.Versioned):
    """How a sensitive text was detected: the match and its entropy."""

    match: _common.TextMatch | None = None
    entropy: float | None = None
    """Randomness of the matched text."""
