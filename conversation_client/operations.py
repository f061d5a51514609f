"""The table of operations: one row per endpoint, and the only place where a path is written.

Client methods name rows, the emulator builds its routes from them, errors quote them and tests
iterate over them. Ids, methods and paths are those of the reference ("HTTP request" column). What
is asked of a row is a column of it; models are named, and executed when they are first asked for.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property, partial
from string import Formatter
from types import MappingProxyType, NoneType
from typing import Any, Generic, Literal, Self, TypeGuard, TypeVar, cast

import attrs

from conversation_client.models import common, conversation, message, search, stream
from conversation_client.models.base import Document

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Verb = Literal["associate", "disassociate"]
ApiVersion = tuple[int, int]
FIRST: ApiVersion = (2, 2)
"""The oldest that is known."""
LATER: ApiVersion = (2, 3)
"""From which version on `later_path` is the path."""


class _Listed(StrEnum):
    """Of what is listed in a document."""

    collection: str
    """Where it is listed: the dotted path of that part of the document."""

    # A default, or mypy would miss it where a member is looked up by its value.
    def __new__(cls, value: str, collection: str = "") -> Self:
        """Make a member of its value, and of where it is listed."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.collection = collection
        return member


class Material(_Listed):
    """What a conversation can be associated with."""

    ANCHOR = "anchor", "anchors"
    ANNOTATION = "annotation", "annotations"
    ASSET = "asset", "assets"
    MESSAGE = "message", "grounding.messages"
    RANGE = "range", "grounding.temporal.workstreams"
    SOURCE = "source", "grounding.sources"
    """Of the workstream pattern engine."""
    WEBSITE = "website", "websites"
    WORKSTREAM_SUMMARY = "workstream_summary", "summaries"


class MessageMaterial(_Listed):
    """What a message can be associated with."""

    ANCHOR = "anchor", "anchors"
    ANNOTATION = "annotation", "annotations"
    ASSET = "asset", "assets"
    MESSAGE = "message", "messages"
    PERSON = "person", "persons"
    RANGE = "range", "ranges"
    SOURCE = "source", "sources"
    """Of the workstream pattern engine."""
    TAG = "tag", "tags"
    WEBSITE = "website", "websites"
    WORKSTREAM_EVENT = "workstream_event", "workstream_events"
    WORKSTREAM_SUMMARY = "workstream_summary", "summaries"


@attrs.frozen(eq=False)
class Operation(Generic[T_co]):
    """One endpoint of the Conversation API.

    The models `returns` and `body` are classes, or functions that name a class, which are called
    when it is first asked for.
    """

    id: str
    """The operation's name in the reference."""
    method: str
    path: str
    """Path template with its parameters in braces."""
    _returns: type[T_co] | Callable[[], type[T_co]] = attrs.field(alias="returns", repr=False)
    _body: type[Document] | Callable[[], type[Document]] | None = attrs.field(
        default=None, alias="body", kw_only=True, repr=False
    )
    body_argument: str | None = attrs.field(default=None, kw_only=True)
    """What the reference calls the argument for the body, if the operation has one."""
    transferables: bool = attrs.field(default=False, kw_only=True)
    """Whether the caller may choose if the reply includes the contents of fragments."""
    repeatable: bool = attrs.field(default=False, kw_only=True)
    """Whether sending it twice leaves the server as sending it once does.

    Associations are sets, so adding or removing twice is the same as once, and so is deleting. An
    update may undo what another writer did in between, a rename or a summary is made anew each
    time, and an increment adds again.
    """
    removes: bool = attrs.field(default=False, kw_only=True)
    """Whether what its last parameter names is no longer there afterwards."""
    later_path: str | None = attrs.field(default=None, kw_only=True)
    """Path in API versions from 2.3 on, where it differs."""
    since: ApiVersion = attrs.field(default=FIRST, kw_only=True)
    """The first API version that has it."""
    verb: Verb | None = attrs.field(default=None, kw_only=True)
    """What it does with a material, if it is an association."""
    material: Material | MessageMaterial | None = attrs.field(default=None, kw_only=True)
    """What the material is."""

    @cached_property
    def returns(self) -> type[T_co]:
        """What a reply decodes to, or `str`; `NoneType` where there is nothing in it but a 204."""
        return _resolved(self._returns)

    @cached_property
    def body(self) -> type[Document] | None:
        """Model of the optional request body, if the operation has one."""
        return None if self._body is None else _resolved(self._body)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the path parameters, in order."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Names of all arguments in the reference, in its order."""
        query = ("transferables",) if self.transferables else ()
        body = (self.body_argument,) if self.body_argument else ()
        return (*self.parameters, *query, *body)

    @cached_property
    def later(self) -> "Operation[T_co] | None":
        """The same operation on its later path, where it has one."""
        if self.later_path is None:
            return None
        return attrs.evolve(self, path=self.later_path, later_path=None)

    def paths_in(self, version: ApiVersion | None) -> tuple[str, ...]:
        """Return the paths that a server of a version has it on; none if it lacks it.

        `None` stands for a server of which nothing is known: any of the paths may be its.
        """
        if version is None:
            return (self.path,) if self.later_path is None else (self.path, self.later_path)
        if version < self.since:
            return ()
        is_later = self.later_path is not None and version >= LATER
        return (cast(str, self.later_path) if is_later else self.path,)

    @cached_property
    def template(self) -> str:
        """The path with `%s` in place of its parameters."""
        return self.path.format(**dict.fromkeys(self.parameters, "%s"))

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle and copy a row of the table as itself."""
        if BY_ID.get(self.id) is self:
            return _row, (self.id,)
        return super().__reduce_ex__(protocol)


@attrs.frozen(eq=False)
class _Association(Operation[None]):
    # What tells its kinds apart is for type checkers: to make an attrs class takes time at import.
    verb: Verb = attrs.field(kw_only=True)
    item: str = attrs.field(kw_only=True)
    """Path parameter with the id of the material."""
    owner: str = attrs.field(kw_only=True)
    """Path parameter with the id of what it is associated with."""


class AssociationOperation(_Association):
    """An endpoint that associates a material with a conversation, or takes it out again."""

    material: Material


class MessageAssociationOperation(_Association):
    """An endpoint that associates a material with a message, or takes it out again."""

    material: MessageMaterial


def _resolved(model: type[T] | Callable[[], type[T]]) -> type[T]:
    return cast(type[T], model) if isinstance(model, type) else model()


def _row(id_: str) -> "Operation[object]":
    return BY_ID[id_]


def parse_version(text: str) -> ApiVersion:
    """Read a version of the API, such as 4.3 or 4.3.0.

    Raises:
        ValueError: It is none, or older than 2.2, the first that is known.
    """
    found = re.fullmatch(r"([0-9]{1,4})\.([0-9]{1,4})(\.[0-9]+)*", text)
    if found is None or (version := (int(found[1]), int(found[2]))) < FIRST:
        raise ValueError(f"a version of the API, 2.2 or later, such as '4.3', not {text!r}")
    return version


def spelled(version: ApiVersion) -> str:
    """Return a version as it is written."""
    return ".".join(map(str, version))


def _is_row(value: object) -> TypeGuard[Operation[object]]:
    return isinstance(value, Operation)


def _columns(
    verb: Verb, owner: str, place: str, item: str, verb_in_2_2: str | None = None
) -> dict[str, Any]:
    """Return what follows from where an association leads and, if it did, by which other verb in API 2.2."""

    def path(word: str) -> str:
        return f"/{owner}/{{{owner}}}/{place}/{word}/{{{item}}}"

    return {
        "method": "POST",
        "path": path(verb_in_2_2 or verb),
        "returns": NoneType,
        "repeatable": True,
        "removes": verb == "disassociate",
        "later_path": path(verb) if verb_in_2_2 else None,
        "verb": verb,
        "item": item,
        "owner": owner,
    }


def _of_conversation(
    verb: Verb,
    id_: str,
    material: Material,
    place: str,
    *,
    verb_in_2_2: str | None = None,
    since: ApiVersion = FIRST,
) -> AssociationOperation:
    columns = _columns(verb, "conversation", place, material.value, verb_in_2_2)
    return AssociationOperation(id_, **columns, material=material, since=since)


def _of_message(
    verb: Verb,
    id_: str,
    material: MessageMaterial,
    place: str,
    *,
    item: str | None = None,
    since: ApiVersion = (4, 3),
) -> MessageAssociationOperation:
    columns = _columns(verb, "message", place, item or material.value)
    return MessageAssociationOperation(id_, **columns, material=material, since=since)


_associate = partial(_of_conversation, "associate")
_disassociate = partial(_of_conversation, "disassociate")
_associate_message = partial(_of_message, "associate")
_disassociate_message = partial(_of_message, "disassociate")


def _read(
    id_: str,
    path: str,
    returns: type[T] | Callable[[], type[T]],
    *,
    transferables: bool = False,
    since: ApiVersion = FIRST,
) -> Operation[T]:
    return Operation(
        id_, "GET", path, returns, transferables=transferables, repeatable=True, since=since
    )


def _post(
    id_: str,
    path: str,
    returns: type[T] | Callable[[], type[T]],
    body: tuple[str, Callable[[], type[Document]]] | None = None,
    *,
    transferables: bool = False,
    since: ApiVersion = FIRST,
) -> Operation[T]:
    argument, model = body or (None, None)
    return Operation(
        id_,
        "POST",
        path,
        returns,
        body=model,
        body_argument=argument,
        transferables=transferables,
        since=since,
    )


def _write(
    id_: str,
    path: str,
    returns: Callable[[], type[T]],
    body: tuple[str, Callable[[], type[Document]]] | None = None,
) -> Operation[T]:
    """Make a row of what replies with the document as it is then."""
    return _post(id_, path, returns, body, transferables=True)


def _search(id_: str, path: str, returns: Callable[[], type[T]]) -> Operation[T]:
    return Operation(
        id_,
        "POST",
        path,
        returns,
        transferables=True,
        body=lambda: search.SearchInput,
        body_argument="search_input",
        repeatable=True,
        since=(2, 6),
    )


def _delete(id_: str, path: str) -> Operation[None]:
    return Operation(id_, "POST", path, NoneType, repeatable=True, removes=True)


GET_CONVERSATION = _read(
    "conversation_get_specific_conversation",
    "/conversation/{conversation}",
    lambda: conversation.Conversation,
    transferables=True,
)
GET_MESSAGES = _read(
    "conversation_specific_conversation_messages",
    "/conversation/{conversation}/messages",
    lambda: message.ConversationMessages,
    transferables=True,
)
UPDATE_CONVERSATION = _write(
    "conversation_update",
    "/conversation/update",
    lambda: conversation.Conversation,
    ("conversation", lambda: conversation.Conversation),
)
RENAME_CONVERSATION = _write(
    "conversation_specific_conversation_rename",
    "/conversation/{conversation}/rename",
    lambda: conversation.Conversation,
)
SUMMARIZE_CONVERSATION = _post(
    "conversation_summarize",
    "/conversation/{conversation}/summarize",
    lambda: conversation.ConversationSummarizeOutput,
    ("conversation_summarize_input", lambda: conversation.ConversationSummarizeInput),
)
INCREMENT_SCORES = _post(
    "conversation_scores_increment",
    "/conversation/{conversation}/scores/increment",
    NoneType,
    ("seeded_score_increment", lambda: common.SeededScoreIncrement),
)
ASSOCIATE_ANCHOR = _associate("conversation_associate_anchor", Material.ANCHOR, "anchors")
ASSOCIATE_ASSET = _associate("conversation_associate_asset", Material.ASSET, "assets")
ASSOCIATE_MESSAGE = _associate(
    "conversation_grounding_messages_associate_message", Material.MESSAGE, "grounding/messages"
)
ASSOCIATE_RANGE = _associate(
    "conversation_associate_grounding_temporal_range_workstream",
    Material.RANGE,
    "grounding/temporal_range/workstreams",
)
ASSOCIATE_WEBSITE = _associate("conversation_associate_website", Material.WEBSITE, "websites")
ASSOCIATE_WORKSTREAM_SUMMARY = _associate(
    "conversation_associate_workstream_summary", Material.WORKSTREAM_SUMMARY, "workstream_summaries"
)
DISASSOCIATE_ANCHOR = _disassociate(
    "conversation_disassociate_anchor", Material.ANCHOR, "anchors", verb_in_2_2="delete"
)
DISASSOCIATE_ASSET = _disassociate(
    "conversation_disassociate_asset", Material.ASSET, "assets", verb_in_2_2="delete"
)
DISASSOCIATE_MESSAGE = _disassociate(
    "conversation_grounding_messages_disassociate_message", Material.MESSAGE, "grounding/messages"
)
DISASSOCIATE_RANGE = _disassociate(
    "conversation_disassociate_grounding_temporal_range_workstream",
    Material.RANGE,
    "grounding/temporal_range/workstreams",
)
DISASSOCIATE_WEBSITE = _disassociate(
    "conversation_disassociate_website", Material.WEBSITE, "websites"
)
DISASSOCIATE_WORKSTREAM_SUMMARY = _disassociate(
    "conversation_disassociate_workstream_summary",
    Material.WORKSTREAM_SUMMARY,
    "workstream_summaries",
)

# Beyond the reference: what else there is for a conversation

ASSOCIATE_ANNOTATION = _associate(
    "conversation_associate_annotation", Material.ANNOTATION, "annotations", since=(4, 3)
)
ASSOCIATE_SOURCE = _associate(
    "conversation_associate_grounding_workstream_pattern_engine_source",
    Material.SOURCE,
    "grounding/workstream_pattern_engine/sources",
    since=(4, 3),
)
DISASSOCIATE_ANNOTATION = _disassociate(
    "conversation_disassociate_annotation", Material.ANNOTATION, "annotations", since=(4, 3)
)
DISASSOCIATE_SOURCE = _disassociate(
    "conversation_disassociate_grounding_workstream_pattern_engine_source",
    Material.SOURCE,
    "grounding/workstream_pattern_engine/sources",
    since=(4, 3),
)
PREPARE_CONVERSATION = _post(
    "conversation_specific_conversation_prepare",
    "/conversation/{conversation}/prepare",
    NoneType,
    since=(4, 3),
)
SEARCH_CONVERSATION_MESSAGES = _search(
    "search_conversation_specific_messages",
    "/conversation/{conversation}/search",
    lambda: search.SearchedConversationMessages,
)

# Conversations

CREATE_CONVERSATION = _write(
    "conversations_create_specific_conversation",
    "/conversations/create",
    lambda: conversation.Conversation,
    ("seeded_conversation", lambda: conversation.SeededConversation),
)
CREATE_CONVERSATION_FROM_ASSET = _post(
    "conversations_create_from_asset",
    "/conversations/create/from_asset/{asset}",
    lambda: conversation.ConversationsCreateFromAssetOutput,
)
CREATE_CONVERSATION_FROM_WORKSTREAM_SUMMARY = _post(
    "conversations_create_from_workstream_summary",
    "/conversations/create/from_workstream_summary/{workstream_summary}",
    lambda: conversation.ConversationsCreateFromWorkstreamSummaryOutput,
    since=(4, 3),
)
DELETE_CONVERSATION = _delete(
    "conversations_delete_specific_conversation", "/conversations/{conversation}/delete"
)
LIST_CONVERSATIONS = _read(
    "conversations_snapshot",
    "/conversations",
    lambda: conversation.Conversations,
    transferables=True,
)
LIST_CONVERSATION_IDENTIFIERS = _read(
    "conversations_identifiers_snapshot",
    "/conversations/identifiers",
    lambda: conversation.FlattenedConversations,
)
SEARCH_CONVERSATIONS = _search(
    "search_conversations", "/conversations/search", lambda: search.SearchedConversations
)
STREAM_CONVERSATION_IDENTIFIERS = _read(
    "conversations_stream_identifiers",
    "/conversations/stream/identifiers",
    lambda: stream.StreamedIdentifiers,
)

# Messages

GET_MESSAGE = _read(
    "message_specific_message_snapshot",
    "/message/{message}",
    lambda: message.ConversationMessage,
    transferables=True,
)
LIST_MESSAGES = _read(
    "messages_snapshot", "/messages", lambda: message.ConversationMessages, transferables=True
)
CREATE_MESSAGE = _write(
    "messages_create_specific_message",
    "/messages/create",
    lambda: message.ConversationMessage,
    ("seeded_conversation_message", lambda: message.SeededConversationMessage),
)
UPDATE_MESSAGE = _write(
    "message_specific_message_update",
    "/message/update",
    lambda: message.ConversationMessage,
    ("conversation_message", lambda: message.ConversationMessage),
)
UPDATE_MESSAGE_VALUE = _write(
    "message_update_value",
    "/message/update/value",
    lambda: message.ConversationMessage,
    ("conversation_message", lambda: message.ConversationMessage),
)
DELETE_MESSAGE = _delete("messages_delete_specific_message", "/messages/{message}/delete")
SEARCH_MESSAGES = _search(
    "search_messages", "/messages/search", lambda: search.SearchedConversationMessages
)
INCREMENT_MESSAGE_SCORES = _post(
    "message_scores_increment",
    "/message/{message}/scores/increment",
    NoneType,
    ("seeded_score_increment", lambda: common.SeededScoreIncrement),
)
STREAM_MESSAGE_IDENTIFIERS = _read(
    "conversation_messages_stream_identifiers",
    "/messages/stream/identifiers",
    lambda: stream.StreamedIdentifiers,
    since=(3, 2),
)
ASSOCIATE_MESSAGE_ANCHOR = _associate_message(
    "message_associate_anchor", MessageMaterial.ANCHOR, "anchors", since=(3, 2)
)
ASSOCIATE_MESSAGE_ANNOTATION = _associate_message(
    "message_associate_annotation", MessageMaterial.ANNOTATION, "annotations", since=(2, 2)
)
ASSOCIATE_MESSAGE_ASSET = _associate_message(
    "conversation_message_associate_asset", MessageMaterial.ASSET, "assets"
)
ASSOCIATE_MESSAGE_MESSAGE = _associate_message(
    "conversation_message_associate_conversation_message",
    MessageMaterial.MESSAGE,
    "messages",
    item="additional_message",
)
ASSOCIATE_MESSAGE_PERSON = _associate_message(
    "message_associate_person", MessageMaterial.PERSON, "persons", since=(3, 2)
)
ASSOCIATE_MESSAGE_RANGE = _associate_message(
    "conversation_message_associate_range", MessageMaterial.RANGE, "ranges"
)
ASSOCIATE_MESSAGE_SOURCE = _associate_message(
    "conversation_message_associate_workstream_pattern_engine_source",
    MessageMaterial.SOURCE,
    "workstream_pattern_engine/sources",
)
ASSOCIATE_MESSAGE_TAG = _associate_message(
    "conversation_message_associate_tag", MessageMaterial.TAG, "tags"
)
ASSOCIATE_MESSAGE_WEBSITE = _associate_message(
    "message_associate_website", MessageMaterial.WEBSITE, "websites", since=(3, 2)
)
ASSOCIATE_MESSAGE_WORKSTREAM_EVENT = _associate_message(
    "conversation_message_associate_workstream_event",
    MessageMaterial.WORKSTREAM_EVENT,
    "workstream_events",
)
ASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY = _associate_message(
    "conversation_message_associate_workstream_summary",
    MessageMaterial.WORKSTREAM_SUMMARY,
    "workstream_summaries",
)
DISASSOCIATE_MESSAGE_ANCHOR = _disassociate_message(
    "message_disassociate_anchor", MessageMaterial.ANCHOR, "anchors", since=(3, 2)
)
DISASSOCIATE_MESSAGE_ANNOTATION = _disassociate_message(
    "message_disassociate_annotation", MessageMaterial.ANNOTATION, "annotations", since=(2, 2)
)
DISASSOCIATE_MESSAGE_ASSET = _disassociate_message(
    "conversation_message_disassociate_asset", MessageMaterial.ASSET, "assets"
)
DISASSOCIATE_MESSAGE_MESSAGE = _disassociate_message(
    "conversation_message_disassociate_conversation_message",
    MessageMaterial.MESSAGE,
    "messages",
    item="additional_message",
)
DISASSOCIATE_MESSAGE_PERSON = _disassociate_message(
    "message_disassociate_person", MessageMaterial.PERSON, "persons", since=(3, 2)
)
DISASSOCIATE_MESSAGE_RANGE = _disassociate_message(
    "conversation_message_disassociate_range", MessageMaterial.RANGE, "ranges"
)
DISASSOCIATE_MESSAGE_SOURCE = _disassociate_message(
    "conversation_message_disassociate_workstream_pattern_engine_source",
    MessageMaterial.SOURCE,
    "workstream_pattern_engine/sources",
)
DISASSOCIATE_MESSAGE_TAG = _disassociate_message(
    "conversation_message_disassociate_tag", MessageMaterial.TAG, "tags"
)
DISASSOCIATE_MESSAGE_WEBSITE = _disassociate_message(
    "message_disassociate_website", MessageMaterial.WEBSITE, "websites", since=(3, 2)
)
DISASSOCIATE_MESSAGE_WORKSTREAM_EVENT = _disassociate_message(
    "conversation_message_disassociate_workstream_event",
    MessageMaterial.WORKSTREAM_EVENT,
    "workstream_events",
)
DISASSOCIATE_MESSAGE_WORKSTREAM_SUMMARY = _disassociate_message(
    "conversation_message_disassociate_workstream_summary",
    MessageMaterial.WORKSTREAM_SUMMARY,
    "workstream_summaries",
)

OPERATIONS = tuple(filter(_is_row, list(globals().values())))
"""All operations on conversations and messages, those of the reference first."""

GET_HEALTH = Operation("get_well_known_health", "GET", "/.well-known/health", str, repeatable=True)
GET_VERSION = _read("get_well_known_version", "/.well-known/version", str)

BY_ID: Mapping[str, Operation[object]] = MappingProxyType(
    {row.id: row for row in (*OPERATIONS, GET_HEALTH, GET_VERSION)}
)
"""Every row: the operations, and what any server says of itself."""

A = TypeVar("A", AssociationOperation, MessageAssociationOperation)


def _associations(kind: type[A], verb: Verb) -> Mapping[Any, A]:
    rows = (row for row in OPERATIONS if isinstance(row, kind))
    return MappingProxyType({row.material: row for row in rows if row.verb == verb})


ASSOCIATIONS: Mapping[Material, AssociationOperation] = _associations(
    AssociationOperation, "associate"
)
DISASSOCIATIONS: Mapping[Material, AssociationOperation] = _associations(
    AssociationOperation, "disassociate"
)
MESSAGE_ASSOCIATIONS: Mapping[MessageMaterial, MessageAssociationOperation] = _associations(
    MessageAssociationOperation, "associate"
)
MESSAGE_DISASSOCIATIONS: Mapping[MessageMaterial, MessageAssociationOperation] = _associations(
    MessageAssociationOperation, "disassociate"
)
