"""The table of operations: one row per endpoint, and the only place where a path is written.

Client methods name rows, the emulator builds its routes from them, errors quote them and tests
iterate over them. Ids, methods and paths are those of the reference ("HTTP request" column). What
is asked of a row is a column of it; models are named, and executed when they are first asked for.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property, partial
from string import Formatter
from types import MappingProxyType, NoneType
from typing import Any, Generic, Literal, TypeGuard, TypeVar, cast

import attrs

from conversation_client.models import common, conversation, message
from conversation_client.models.base import Document

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Verb = Literal["associate", "disassociate"]
ApiVersion = tuple[int, int]


class Material(StrEnum):
    """What a conversation can be associated with; the values are the path parameters' names."""

    ANCHOR = "anchor"
    ASSET = "asset"
    MESSAGE = "message"
    RANGE = "range"
    WEBSITE = "website"
    WORKSTREAM_SUMMARY = "workstream_summary"


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

    Associations are sets, so adding or removing twice is the same as once. An update may undo
    what another writer did in between, a rename or a summary is made anew each time, and an
    increment adds again.
    """
    later_path: str | None = attrs.field(default=None, kw_only=True)
    """Path in API versions from 2.3 on, where it differs; the emulator answers both."""
    since: ApiVersion = attrs.field(default=(2, 2), kw_only=True)
    """The first API version that has it; 2.2 is the oldest that is known."""
    verb: Verb | None = attrs.field(default=None, kw_only=True)
    """What it does with a material, if it is an association; these are AssociationOperations."""
    material: Material | None = attrs.field(default=None, kw_only=True)
    """What the material is."""

    @cached_property
    def returns(self) -> type[T_co]:
        """What a reply decodes to; `NoneType` where the server answers 204 with nothing in it."""
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
    def template(self) -> str:
        """The path with `%s` in place of its parameters."""
        return self.path.format(**dict.fromkeys(self.parameters, "%s"))

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle and copy a row of the table as itself."""
        if BY_ID.get(self.id) is self:
            return _row, (self.id,)
        return super().__reduce_ex__(protocol)


@attrs.frozen(eq=False)
class AssociationOperation(Operation[None]):
    """An endpoint that associates a material with something, or takes it out again."""

    verb: Verb = attrs.field(kw_only=True)
    material: Material = attrs.field(kw_only=True)
    item: str = attrs.field(kw_only=True)
    """Path parameter with the id of the material."""
    owner: str = attrs.field(kw_only=True)
    """Path parameter with the id of what it is associated with."""


def _resolved(model: type[T] | Callable[[], type[T]]) -> type[T]:
    return cast(type[T], model) if isinstance(model, type) else model()


def _row(id_: str) -> "Operation[object]":
    return BY_ID[id_]


def _is_row(value: object) -> TypeGuard[Operation[object]]:
    return isinstance(value, Operation)


def _association(
    verb: Verb,
    owner: str,
    id_: str,
    material: Material,
    place: str,
    *,
    verb_in_2_2: str | None = None,
    since: ApiVersion = (2, 2),
) -> AssociationOperation:
    """Make a row of where its path leads and, if it did, by which other verb in API 2.2."""

    def path(word: str) -> str:
        return f"/{owner}/{{{owner}}}/{place}/{word}/{{{material}}}"

    return AssociationOperation(
        id_,
        "POST",
        path(verb_in_2_2 or verb),
        NoneType,
        repeatable=True,
        later_path=path(verb) if verb_in_2_2 else None,
        since=since,
        verb=verb,
        material=material,
        item=material.value,
        owner=owner,
    )


_associate = partial(_association, "associate", "conversation")
_disassociate = partial(_association, "disassociate", "conversation")

GET_CONVERSATION = Operation(
    "conversation_get_specific_conversation",
    "GET",
    "/conversation/{conversation}",
    lambda: conversation.Conversation,
    transferables=True,
    repeatable=True,
)
GET_MESSAGES = Operation(
    "conversation_specific_conversation_messages",
    "GET",
    "/conversation/{conversation}/messages",
    lambda: message.ConversationMessages,
    transferables=True,
    repeatable=True,
)
UPDATE_CONVERSATION = Operation(
    "conversation_update",
    "POST",
    "/conversation/update",
    lambda: conversation.Conversation,
    transferables=True,
    body=lambda: conversation.Conversation,
    body_argument="conversation",
)
RENAME_CONVERSATION = Operation(
    "conversation_specific_conversation_rename",
    "POST",
    "/conversation/{conversation}/rename",
    lambda: conversation.Conversation,
    transferables=True,
)
SUMMARIZE_CONVERSATION = Operation(
    "conversation_summarize",
    "POST",
    "/conversation/{conversation}/summarize",
    lambda: conversation.ConversationSummarizeOutput,
    body=lambda: conversation.ConversationSummarizeInput,
    body_argument="conversation_summarize_input",
)
INCREMENT_SCORES = Operation(
    "conversation_scores_increment",
    "POST",
    "/conversation/{conversation}/scores/increment",
    NoneType,
    body=lambda: common.SeededScoreIncrement,
    body_argument="seeded_score_increment",
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

OPERATIONS = tuple(filter(_is_row, list(globals().values())))
"""The operations of the reference; both clients have a method for each."""

CREATE_CONVERSATION = Operation(
    "conversations_create_specific_conversation",
    "POST",
    "/conversations/create",
    lambda: conversation.Conversation,
    transferables=True,
    body=lambda: conversation.SeededConversation,
    body_argument="seeded_conversation",
)
LIST_CONVERSATIONS = Operation(
    "conversations_snapshot",
    "GET",
    "/conversations",
    lambda: conversation.Conversations,
    transferables=True,
    repeatable=True,
)
CREATE_MESSAGE = Operation(
    "messages_create_specific_message",
    "POST",
    "/messages/create",
    lambda: message.ConversationMessage,
    transferables=True,
    body=lambda: message.SeededConversationMessage,
    body_argument="seeded_conversation_message",
)

STARTERS: tuple[Operation[object], ...] = (
    CREATE_CONVERSATION,
    LIST_CONVERSATIONS,
    CREATE_MESSAGE,
)
"""Beyond the reference: what it takes to begin with an empty server."""

BY_ID: Mapping[str, Operation[object]] = MappingProxyType(
    {row.id: row for row in (*OPERATIONS, *STARTERS)}
)
"""Every row, also those beyond the reference."""


def _by_material(verb: Verb) -> Mapping[Material, AssociationOperation]:
    rows = (row for row in OPERATIONS if isinstance(row, AssociationOperation))
    return MappingProxyType({row.material: row for row in rows if row.verb == verb})


ASSOCIATIONS = _by_material("associate")
DISASSOCIATIONS = _by_material("disassociate")
