"""Shared building blocks: timestamps, scores, transferable content, applications and references."""

from __future__ import annotations as _annotations

from datetime import datetime as _datetime

from conversation_client._values import Mismatch as _Mismatch
from conversation_client._values import write_moment as _write_moment
from conversation_client.errors import InvalidArgumentError as _InvalidArgumentError
from conversation_client.models.base import Document as _Document
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed
from conversation_client.models.base import shared as _shared


class ApplicationNameEnum(_OpenEnum):
    """Known applications and plugins, for editors and browsers among others."""

    SUBLIME = "SUBLIME"
    VS_CODE = "VS_CODE"
    JETBRAINS = "JETBRAINS"
    FIREFOX_ADDON_MV2 = "FIREFOX_ADDON_MV2"
    FIREFOX_ADDON_MV3 = "FIREFOX_ADDON_MV3"
    SAFARI_EXTENSION_MV2 = "SAFARI_EXTENSION_MV2"
    SAFARI_EXTENSION_MV3 = "SAFARI_EXTENSION_MV3"
    PIECES_FOR_DEVELOPERS = "PIECES_FOR_DEVELOPERS"
    PIECES_FOR_DEVELOPERS_CLI = "PIECES_FOR_DEVELOPERS_CLI"
    OS_SERVER = "OS_SERVER"
    GOOGLE_CHROME_EXTENSION_MV2 = "GOOGLE_CHROME_EXTENSION_MV2"
    GOOGLE_CHROME_EXTENSION_MV3 = "GOOGLE_CHROME_EXTENSION_MV3"
    ULTRA_EDIT = "ULTRA_EDIT"
    ATOM_PACKAGE = "ATOM_PACKAGE"
    ADOBE_ILLUSTRATOR_PIECES_COLOR_SHARE = "ADOBE_ILLUSTRATOR_PIECES_COLOR_SHARE"
    MICROSOFT_TEAMS = "MICROSOFT_TEAMS"
    CHAT_GPT = "CHAT_GPT"
    OBSIDIAN = "OBSIDIAN"
    JUPYTER_HUB = "JUPYTER_HUB"
    VISUAL_STUDIO = "VISUAL_STUDIO"
    MICROSOFT_EDGE = "MICROSOFT_EDGE"
    BRAVE = "BRAVE"
    GOOGLE_CHAT = "GOOGLE_CHAT"
    SLACK = "SLACK"
    AZURE_DATA_STUDIO = "AZURE_DATA_STUDIO"
    OPEN_SOURCE = "OPEN_SOURCE"
    R_STUDIO = "R_STUDIO"
    VIM = "VIM"
    NOTION = "NOTION"
    GITHUB_DESKTOP = "GITHUB_DESKTOP"
    RAYCAST = "RAYCAST"
    REPLIT = "REPLIT"
    ALFRED = "ALFRED"
    FIGMA = "FIGMA"
    SKETCH = "SKETCH"
    ADOBE_ILLUSTRATOR = "ADOBE_ILLUSTRATOR"
    NOTEPAD_PLUS_PLUS = "NOTEPAD_PLUS_PLUS"
    UNKNOWN = "UNKNOWN"
    EMBEETLE = "EMBEETLE"
    ECLIPSE = "ECLIPSE"
    X_CODE = "X_CODE"
    NETBEANS = "NETBEANS"
    OPERA = "OPERA"
    PIECES_SAVED_MATERIALS_APPLET = "PIECES_SAVED_MATERIALS_APPLET"
    PIECES_SETTINGS_APPLET = "PIECES_SETTINGS_APPLET"
    PIECES_WORKSTREAM_ACTIVITY_APPLET = "PIECES_WORKSTREAM_ACTIVITY_APPLET"
    PIECES_OS_TOOLBAR_APPLET = "PIECES_OS_TOOLBAR_APPLET"
    PIECES_COPILOT_APPLET = "PIECES_COPILOT_APPLET"
    MCP_CLIENT = "MCP_CLIENT"


class CapabilitiesEnum(_OpenEnum):
    """Where an application does its processing: locally, in the cloud or both."""

    LOCAL = "LOCAL"
    CLOUD = "CLOUD"
    BLENDED = "BLENDED"
    UNKNOWN = "UNKNOWN"


class EmbeddedModelSchemaSemanticVersionEnum(_OpenEnum):
    """Versions a document can name in its embedded schema."""

    MAJOR_0_MINOR_0_PATCH_1 = "MAJOR_0_MINOR_0_PATCH_1"
    UNKNOWN = "UNKNOWN"


class MechanismEnum(_OpenEnum):
    """How something came about: by hand, on a recommendation, automatically and so on."""

    MANUAL = "MANUAL"
    RECOMMENDED = "RECOMMENDED"
    AUTOMATIC = "AUTOMATIC"
    INTERNAL = "INTERNAL"
    DELETED = "DELETED"
    UNKNOWN = "UNKNOWN"
    EXTERNAL_AGENT = "EXTERNAL_AGENT"


class PlatformEnum(_OpenEnum):
    """Operating system or runtime that an application or a path belongs to."""

    WEB = "WEB"
    MACOS = "MACOS"
    LINUX = "LINUX"
    WINDOWS = "WINDOWS"
    FUCHSIA = "FUCHSIA"
    IOS = "IOS"
    ANDROID = "ANDROID"
    UNKNOWN = "UNKNOWN"


class PrivacyEnum(_OpenEnum):
    """Privacy level chosen for an application."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    ANONYMOUS = "ANONYMOUS"
    UNKNOWN = "UNKNOWN"


@_shared
class Versioned(_Document):
    """What most documents tell, after all else: the version of the schema that they follow."""

    schema: EmbeddedModelSchema | None = None


@_document
class AnonymousTemporalRange(Versioned):
    """Span of time that has no id of its own."""

    from_: GroupedTimestamp | None = _renamed("from", default=None)
    to: GroupedTimestamp | None = None
    between: bool | None = None
    continuous: bool | None = None


@_document
class Application(Versioned):
    """Application or plugin connected to the server, with its version and settings."""

    id: str
    name: ApplicationNameEnum
    version: str
    platform: PlatformEnum
    onboarded: bool
    """Whether onboarding has been completed."""
    privacy: PrivacyEnum
    capabilities: CapabilitiesEnum | None = None
    mechanism: MechanismEnum | None = None
    automatic_unload: bool | None = _renamed("automaticUnload", default=None)
    enrichment: SeededAssetEnrichment | None = None
    descriptor: str | None = None


@_document
class Applications(Versioned):
    """List of applications."""

    iterable: list[Application]


@_document
class ByteDescriptor(Versioned):
    """Size of a file or of memory, as a number and in readable form."""

    value: int
    """In bytes."""
    readable: str
    """For people, e.g. `2 MB`."""


@_document
class EmbeddedModelSchema(_Document):
    """Schema version that a document was written with."""

    migration: int
    """Number of the schema migration."""
    semantic: EmbeddedModelSchemaSemanticVersionEnum
    """Semantic version, spelt out as an enum value."""


@_document
class GroupedTimestamp(Versioned):
    """Point in time, optionally with a readable form beside it."""

    value: _datetime
    """Aware; ISO 8601 on the wire."""
    readable: str | None = None
    """For people, e.g. `2 days ago`."""

    @classmethod
    def from_datetime(cls, moment: _datetime) -> GroupedTimestamp:
        """Make a point in time of an aware `datetime`.

        Raises:
            InvalidArgumentError: It is none, or says nothing of its offset from UTC.
        """
        try:
            _write_moment(moment)
        except _Mismatch as error:
            raise _InvalidArgumentError(f"moment: {error}") from None
        return cls(value=moment)


@_document
class Score(Versioned):
    """Counters that score an item by kind of use."""

    manual: int
    automatic: int
    priority: int | None = None
    reuse: int | None = None
    update: int | None = None
    reference: int | None = None
    searched: int | None = None


@_document
class SeededAssetEnrichment(Versioned):
    """How many tags, websites, persons and hints to enrich a new asset with."""

    tags: int | None = None
    websites: int | None = None
    persons: int | None = None
    hints: int | None = None


@_document
class SeededScore(Versioned):
    """Flags naming the counters of a `Score` to raise."""

    reuse: bool | None = None
    update: bool | None = None
    reference: bool | None = None
    priority: bool | None = None
    searched: bool | None = None


@_document
class SeededScoreIncrement(Versioned):
    """Score increment to send: a field per kind of item, plural for collections."""

    asset: SeededScore | None = None
    assets: SeededScore | None = None
    website: SeededScore | None = None
    websites: SeededScore | None = None
    anchor: SeededScore | None = None
    anchors: SeededScore | None = None
    anchor_point: SeededScore | None = _renamed("anchorPoint", default=None)
    anchor_points: SeededScore | None = _renamed("anchorPoints", default=None)
    annotation: SeededScore | None = None
    annotations: SeededScore | None = None
    conversation: SeededScore | None = None
    conversations: SeededScore | None = None
    conversation_message: SeededScore | None = _renamed("conversationMessage", default=None)
    conversation_messages: SeededScore | None = _renamed("conversationMessages", default=None)
    share: SeededScore | None = None
    shares: SeededScore | None = None
    sensitive: SeededScore | None = None
    sensitives: SeededScore | None = None
    hint: SeededScore | None = None
    hints: SeededScore | None = None
    person: SeededScore | None = None
    persons: SeededScore | None = None
    tag: SeededScore | None = None
    tags: SeededScore | None = None
    workstream_summary: SeededScore | None = None
    workstream_summaries: SeededScore | None = None
    workstream_events: SeededScore | None = None
    workstream_event: SeededScore | None = None
    ranges: SeededScore | None = None
    range: SeededScore | None = None
    workstream_pattern_engine_sources: SeededScore | None = None
    workstream_pattern_engine_source: SeededScore | None = None
    models: SeededScore | None = None
    model: SeededScore | None = None
    workstream_pattern_engine_source_windows: SeededScore | None = None
    workstream_pattern_engine_source_window: SeededScore | None = None
    subscription: SeededScore | None = None
    subscriptions: SeededScore | None = None
    entities: SeededScore | None = None
    entity: SeededScore | None = None
    entity_to_subscription_association: SeededScore | None = None
    entity_to_subscription_associations: SeededScore | None = None
    entity_to_user_association: SeededScore | None = None
    entity_to_user_associations: SeededScore | None = None
    users: SeededScore | None = None
    workstream_summary_to_workstream_summaries_associations: SeededScore | None = None
    workstream_summary_to_workstream_summary_association: SeededScore | None = None


@_document
class TextLocation(Versioned):
    """Piece of text together with where it starts and ends."""

    text: str
    start: int
    """Offset at which the text starts."""
    end: int
    """Offset at which the text ends."""


@_document
class TextMatch(Versioned):
    """Result of a text match: the whole match and, where there is one, a part of it."""

    group: TextLocation
    """The whole match."""
    subgroup: TextLocation | None = None
    """Part of the match that was captured separately."""


@_document
class TransferableBytes(Versioned):
    """Binary content in one or more encodings; each is given as a list of byte values."""

    raw: list[int] | None = None
    """The bytes themselves, one integer each."""
    base64: list[int] | None = None
    """Base64 form, as byte values."""
    base64_url: list[int] | None = None
    """URL-safe base64 form, as byte values."""
    data_url: list[int] | None = None
    """Form as a `data:` URL, as byte values."""


@_document
class TransferableString(Versioned):
    """Text in one or more encodings, usually just `raw`."""

    raw: str | None = None
    """The text as it is, without encoding."""
    base64: str | None = None
    """Text encoded as base64."""
    base64_url: str | None = None
    """Text encoded as URL-safe base64."""
    data_url: str | None = None
    """Text as a `data:` URL."""


@_document
class FlattenedApplication(Versioned):
    """Application as it is nested in other documents; same fields as `Application`."""

    id: str
    name: ApplicationNameEnum
    version: str
    platform: PlatformEnum
    onboarded: bool
    privacy: PrivacyEnum
    capabilities: CapabilitiesEnum | None = None
    mechanism: MechanismEnum | None = None
    automatic_unload: bool | None = _renamed("automaticUnload", default=None)
    descriptor: str | None = None


@_document
class ReferencedApplication(Versioned):
    """Reference to an application by id, with the application where the server sends it along."""

    id: str
    reference: FlattenedApplication | None = None


@_document
class ReferencedModel(Versioned):
    """Reference to an AI model by its id alone, which is all that most documents tell of one."""

    id: str
