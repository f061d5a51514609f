"""Persons and tags, with the relationship graph and embeddings that connect materials."""

from __future__ import annotations as _annotations

from conversation_client.models import anchor as _anchor
from conversation_client.models import annotation as _annotation
from conversation_client.models import asset as _asset
from conversation_client.models import common as _common
from conversation_client.models import language_model as _language_model
from conversation_client.models import message as _message
from conversation_client.models import user as _user
from conversation_client.models import website as _website
from conversation_client.models import workstream as _workstream
from conversation_client.models.base import Document as _Document
from conversation_client.models.base import OpenEnum as _OpenEnum
from conversation_client.models.base import document as _document
from conversation_client.models.base import renamed as _renamed


class ExternallySourcedEnum(_OpenEnum):
    """Outside service that details of a person were taken from."""

    TWITTER = "TWITTER"
    MEDIUM = "MEDIUM"
    LINKED_IN = "LINKED_IN"
    INSTAGRAM = "INSTAGRAM"
    FACEBOOK = "FACEBOOK"
    REDDIT = "REDDIT"
    DISCORD = "DISCORD"
    BIT_BUCKET = "BIT_BUCKET"
    GIT_LAB = "GIT_LAB"
    GIT_HUB = "GIT_HUB"
    SLACK = "SLACK"
    MAILGUN = "MAILGUN"
    UNKNOWN = "UNKNOWN"


class NodeTypeEnum(_OpenEnum):
    """Kind of material a node in a relationship graph stands for."""

    TAG = "TAG"
    WEBSITE = "WEBSITE"
    FORMAT = "FORMAT"
    ASSET = "ASSET"
    UNKNOWN = "UNKNOWN"


class PersonAccessScopedEnum(_OpenEnum):
    """Level of access a person has, from owner down to viewer."""

    OWNER = "OWNER"
    EDITOR = "EDITOR"
    COMMENTER = "COMMENTER"
    VIEWER = "VIEWER"
    UNKNOWN = "UNKNOWN"


class TagCategoryEnum(_OpenEnum):
    """What the text of a tag is: a handle, an e-mail address or unknown."""

    HANDLE = "HANDLE"
    EMAIL = "EMAIL"
    UNKNOWN = "UNKNOWN"


@_document
class Edges(_Document):
    """List of the nodes a material is connected to."""

    iterable: list[Node]
    """The nodes at the other ends of the edges."""


@_document
class Embedding(_Document):
    """Vector computed by a model for a piece of material."""

    raw: list[float]
    """The vector itself."""
    model: _language_model.Model
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    deleted: _common.GroupedTimestamp | None = None


@_document
class Embeddings(_Document):
    """List of embeddings."""

    iterable: list[Embedding]


@_document
class FlattenedPerson(_common.Versioned):
    """Person known to the server, with the materials the person is associated with."""

    id: str
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    type: PersonType
    """Who the person is: basic details or a platform user."""
    deleted: _common.GroupedTimestamp | None = None
    assets: _asset.FlattenedAssets | None = None
    mechanisms: dict[str, _common.MechanismEnum] | None = None
    """How associations came about, by id."""
    interactions: int | None = None
    access: dict[str, PersonAccess] | None = None
    """Access rights of the person, by id."""
    tags: FlattenedTags | None = None
    websites: _website.FlattenedWebsites | None = None
    models: dict[str, PersonModel] | None = None
    """What models associated the person with, by id."""
    annotations: _annotation.FlattenedAnnotations | None = None
    score: _common.Score | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    anchors: _anchor.FlattenedAnchors | None = None
    messages: _message.FlattenedConversationMessages | None = None
    persons: FlattenedPersons | None = None
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None
    sources: _workstream.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None


@_document
class FlattenedPersons(_common.Versioned):
    """List of references to persons, with their positions by id."""

    iterable: list[ReferencedPerson]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class FlattenedTag(_common.Versioned):
    """Tag, with the materials and persons it is attached to."""

    id: str
    text: str
    """The tag as shown."""
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    category: TagCategoryEnum
    mechanisms: dict[str, _common.MechanismEnum] | None = None
    """How associations came about, by id."""
    assets: _asset.FlattenedAssets | None = None
    deleted: _common.GroupedTimestamp | None = None
    relationship: Relationship | None = None
    interactions: int | None = None
    persons: FlattenedPersons | None = None
    score: _common.Score | None = None
    summaries: _workstream.FlattenedWorkstreamSummaries | None = None
    workstream_events: _workstream.FlattenedWorkstreamEvents | None = None
    messages: _message.FlattenedConversationMessages | None = None
    annotations: _annotation.FlattenedAnnotations | None = None
    tags_vector: list[float] | None = _renamed("tagsVector", default=None)
    """Embedding vector of the tag."""
    source_windows: _workstream.FlattenedWorkstreamPatternEngineSourceWindows | None = None
    """Captured windows associated with the tag."""
    websites: _website.FlattenedWebsites | None = None
    anchors: _anchor.FlattenedAnchors | None = None


@_document
class FlattenedTags(_common.Versioned):
    """List of references to tags, with their positions by id."""

    iterable: list[ReferencedTag]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: _common.Score | None = None


@_document
class Node(_Document):
    """Point in a relationship graph: the id and kind of one material."""

    id: str
    """UUID of the material the node stands for."""
    type: NodeTypeEnum
    root: bool
    created: _common.GroupedTimestamp


@_document
class PersonAccess(_common.Versioned):
    """Access a person has to a material."""

    scoped: PersonAccessScopedEnum | None = None
    deleted: _common.GroupedTimestamp | None = None
    """When the access was withdrawn."""


@_document
class PersonBasicType(_common.Versioned):
    """Details of a person who need not be a platform user, e.g. from an outside service."""

    username: str | None = None
    name: str | None = None
    picture: str | None = None
    email: str | None = None
    sourced: ExternallySourcedEnum | None = None
    """The service the details come from."""
    url: str | None = None
    """Address of the person on the outside service."""
    mailgun: _asset.MailgunMetadata | None = None
    """Mail data, where the person came from an e-mail."""


@_document
class PersonModel(_Document):
    """Model that associated a person with an asset, with its explanation."""

    asset: _asset.ReferencedAsset | None = None
    """The asset the person was associated with."""
    model: _common.ReferencedModel | None = None
    deleted: _common.GroupedTimestamp | None = None
    explanation: _annotation.ReferencedAnnotation | None = None
    """Annotation that gives the reason."""


@_document
class PersonType(_common.Versioned):
    """Who a person is: basic details, or the profile of a platform user."""

    basic: PersonBasicType | None = None
    """Details of a person who need not be a platform user."""
    platform: _user.UserProfile | None = None
    """Profile, where the person is a platform user."""


@_document
class ReferencedPerson(_common.Versioned):
    """Reference to a person by id, with the person itself where the server sends it along."""

    id: str
    reference: FlattenedPerson | None = None


@_document
class ReferencedTag(_common.Versioned):
    """Reference to a tag by its id, with the tag itself where the server sends it along."""

    id: str
    reference: FlattenedTag | None = None


@_document
class Relationship(_common.Versioned):
    """How a material relates to others: its embeddings and its edges to other materials."""

    id: str
    embeddings: Embeddings
    edges: Edges
    created: _common.GroupedTimestamp
    updated: _common.GroupedTimestamp
    deleted: _common.GroupedTimestamp | None = None
