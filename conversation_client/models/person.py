"""Persons and tags, with the relationship graph and embeddings that connect materials."""

from __future__ import annotations

from conversation_client.models import anchor as anchor_
from conversation_client.models import annotation as annotation_
from conversation_client.models import asset as asset_
from conversation_client.models import common as common_
from conversation_client.models import language_model as language_model_
from conversation_client.models import message as message_
from conversation_client.models import user as user_
from conversation_client.models import website as website_
from conversation_client.models import workstream as workstream_
from conversation_client.models.base import Document, OpenEnum, document, renamed


class ExternallySourcedEnum(OpenEnum):
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


class NodeTypeEnum(OpenEnum):
    """Kind of material a node in a relationship graph stands for."""

    TAG = "TAG"
    WEBSITE = "WEBSITE"
    FORMAT = "FORMAT"
    ASSET = "ASSET"
    UNKNOWN = "UNKNOWN"


class PersonAccessScopedEnum(OpenEnum):
    """Level of access a person has, from owner down to viewer."""

    OWNER = "OWNER"
    EDITOR = "EDITOR"
    COMMENTER = "COMMENTER"
    VIEWER = "VIEWER"
    UNKNOWN = "UNKNOWN"


class TagCategoryEnum(OpenEnum):
    """What the text of a tag is: a handle, an e-mail address or unknown."""

    HANDLE = "HANDLE"
    EMAIL = "EMAIL"
    UNKNOWN = "UNKNOWN"


@document
class Edges(Document):
    """List of the nodes a material is connected to."""

    iterable: list[Node]
    """The nodes at the other ends of the edges."""


@document
class Embedding(Document):
    """Vector computed by a model for a piece of material."""

    raw: list[float]
    """The vector itself."""
    model: language_model_.Model
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    deleted: common_.GroupedTimestamp | None = None


@document
class Embeddings(Document):
    """List of embeddings."""

    iterable: list[Embedding]


@document
class FlattenedPerson(common_.Versioned):
    """Person known to the server, with the materials the person is associated with."""

    id: str
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    type: PersonType
    """Who the person is: basic details or a platform user."""
    deleted: common_.GroupedTimestamp | None = None
    assets: asset_.FlattenedAssets | None = None
    mechanisms: dict[str, common_.MechanismEnum] | None = None
    """How associations came about, by id."""
    interactions: int | None = None
    access: dict[str, PersonAccess] | None = None
    """Access rights of the person, by id."""
    tags: FlattenedTags | None = None
    websites: website_.FlattenedWebsites | None = None
    models: dict[str, PersonModel] | None = None
    """What models associated the person with, by id."""
    annotations: annotation_.FlattenedAnnotations | None = None
    score: common_.Score | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    anchors: anchor_.FlattenedAnchors | None = None
    messages: message_.FlattenedConversationMessages | None = None
    persons: FlattenedPersons | None = None
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None
    sources: workstream_.FlattenedIdentifiedWorkstreamPatternEngineSources | None = None


@document
class FlattenedPersons(common_.Versioned):
    """List of references to persons, with their positions by id."""

    iterable: list[ReferencedPerson]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class FlattenedTag(common_.Versioned):
    """Tag, with the materials and persons it is attached to."""

    id: str
    text: str
    """The tag as shown."""
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    category: TagCategoryEnum
    mechanisms: dict[str, common_.MechanismEnum] | None = None
    """How associations came about, by id."""
    assets: asset_.FlattenedAssets | None = None
    deleted: common_.GroupedTimestamp | None = None
    relationship: Relationship | None = None
    interactions: int | None = None
    persons: FlattenedPersons | None = None
    score: common_.Score | None = None
    summaries: workstream_.FlattenedWorkstreamSummaries | None = None
    workstream_events: workstream_.FlattenedWorkstreamEvents | None = None
    messages: message_.FlattenedConversationMessages | None = None
    annotations: annotation_.FlattenedAnnotations | None = None
    tags_vector: list[float] | None = renamed("tagsVector", default=None)
    """Embedding vector of the tag."""
    source_windows: workstream_.FlattenedWorkstreamPatternEngineSourceWindows | None = None
    """Captured windows associated with the tag."""
    websites: website_.FlattenedWebsites | None = None
    anchors: anchor_.FlattenedAnchors | None = None


@document
class FlattenedTags(common_.Versioned):
    """List of references to tags, with their positions by id."""

    iterable: list[ReferencedTag]
    indices: dict[str, int] | None = None
    """Position in `iterable` by id; -1 where the item has been removed."""
    score: common_.Score | None = None


@document
class Node(Document):
    """Point in a relationship graph: the id and kind of one material."""

    id: str
    """UUID of the material the node stands for."""
    type: NodeTypeEnum
    root: bool
    created: common_.GroupedTimestamp


@document
class PersonAccess(common_.Versioned):
    """Access a person has to a material."""

    scoped: PersonAccessScopedEnum | None = None
    deleted: common_.GroupedTimestamp | None = None
    """When the access was withdrawn."""


@document
class PersonBasicType(common_.Versioned):
    """Details of a person who need not be a platform user, e.g. from an outside service."""

    username: str | None = None
    name: str | None = None
    picture: str | None = None
    email: str | None = None
    sourced: ExternallySourcedEnum | None = None
    """The service the details come from."""
    url: str | None = None
    """Address of the person on the outside service."""
    mailgun: asset_.MailgunMetadata | None = None
    """Mail data, where the person came from an e-mail."""


@document
class PersonModel(Document):
    """Model that associated a person with an asset, with its explanation."""

    asset: asset_.ReferencedAsset | None = None
    """The asset the person was associated with."""
    model: language_model_.ReferencedModel | None = None
    deleted: common_.GroupedTimestamp | None = None
    explanation: annotation_.ReferencedAnnotation | None = None
    """Annotation that gives the reason."""


@document
class PersonType(common_.Versioned):
    """Who a person is: basic details, or the profile of a platform user."""

    basic: PersonBasicType | None = None
    """Details of a person who need not be a platform user."""
    platform: user_.UserProfile | None = None
    """Profile, where the person is a platform user."""


@document
class ReferencedPerson(common_.Versioned):
    """Reference to a person by id, with the person itself where the server sends it along."""

    id: str
    reference: FlattenedPerson | None = None


@document
class ReferencedTag(common_.Versioned):
    """Reference to a tag by its id, with the tag itself where the server sends it along."""

    id: str
    reference: FlattenedTag | None = None


@document
class Relationship(common_.Versioned):
    """How a material relates to others: its embeddings and its edges to other materials."""

    id: str
    embeddings: Embeddings
    edges: Edges
    created: common_.GroupedTimestamp
    updated: common_.GroupedTimestamp
    deleted: common_.GroupedTimestamp | None = None
