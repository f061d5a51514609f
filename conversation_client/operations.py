"""The table of operations: one row per endpoint, and the only place where a path is written.

Client methods name rows, the emulator builds its routes from them, errors quote them and tests
iterate over them. Ids, methods and paths are those of the reference ("HTTP request" column).
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from string import Formatter
from types import MappingProxyType, NoneType
from typing import Generic, TypeGuard, TypeVar, cast

import attrs

from conversation_client.models.base import Document
from conversation_client.models.common import SeededScoreIncrement
from conversation_client.models.conversation import (
    Conversation,
    Conversations,
    ConversationSummarizeInput,
    ConversationSummarizeOutput,
    SeededConversation,
)
from conversation_client.models.message import (
    ConversationMessage,
    ConversationMessages,
    SeededConversationMessage,
)

T_co = TypeVar("T_co", covariant=True)


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
    """One endpoint of the Conversation API."""

    id: str
    """The operation's name in the reference."""
    method: str
    path: str
    """Path template with its parameters in braces."""
    returns: type[T_co]
    """What a reply decodes to; `NoneType` where the server answers 204 with nothing in it."""
    body: type[Document] | None = attrs.field(default=None, kw_only=True)
    """Model of the optional request body, if the operation has one."""
    repeatable: bool = attrs.field(default=False, kw_only=True)
    """Whether sending it twice leaves the server as sending it once does.

    Associations are sets, so adding or removing twice is the same as once. An update may undo
    what another writer did in between, a rename or a summary is made anew each time, and an
    increment adds again.
    """
    later_path: str | None = attrs.field(default=None, kw_only=True)
    """Path in API versions from 2.3 on, where it differs; the emulator answers both."""

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the path parameters, in order."""
        return tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)

    @cached_property
    def template(self) -> str:
        """The path with `%s` in place of its parameters."""
        return self.path.format(**dict.fromkeys(self.parameters, "%s"))


def _is_row(value: object) -> TypeGuard[Operation[object]]:
    return isinstance(value, Operation)


GET_CONVERSATION = Operation(
    "conversation_get_specific_conversation",
    "GET",
    "/conversation/{conversation}",
    Conversation,
    repeatable=True,
)
GET_MESSAGES = Operation(
    "conversation_specific_conversation_messages",
    "GET",
    "/conversation/{conversation}/messages",
    ConversationMessages,
    repeatable=True,
)
UPDATE_CONVERSATION = Operation(
    "conversation_update", "POST", "/conversation/update", Conversation, body=Conversation
)
RENAME_CONVERSATION = Operation(
    "conversation_specific_conversation_rename",
    "POST",
    "/conversation/{conversation}/rename",
    Conversation,
)
SUMMARIZE_CONVERSATION = Operation(
    "conversation_summarize",
    "POST",
    "/conversation/{conversation}/summarize",
    ConversationSummarizeOutput,
    body=ConversationSummarizeInput,
)
INCREMENT_SCORES = Operation(
    "conversation_scores_increment",
    "POST",
    "/conversation/{conversation}/scores/increment",
    NoneType,
    body=SeededScoreIncrement,
)
ASSOCIATE_ANCHOR = Operation(
    "conversation_associate_anchor",
    "POST",
    "/conversation/{conversation}/anchors/associate/{anchor}",
    NoneType,
    repeatable=True,
)
ASSOCIATE_ASSET = Operation(
    "conversation_associate_asset",
    "POST",
    "/conversation/{conversation}/assets/associate/{asset}",
    NoneType,
    repeatable=True,
)
ASSOCIATE_MESSAGE = Operation(
    "conversation_grounding_messages_associate_message",
    "POST",
    "/conversation/{conversation}/grounding/messages/associate/{message}",
    NoneType,
    repeatable=True,
)
ASSOCIATE_RANGE = Operation(
    "conversation_associate_grounding_temporal_range_workstream",
    "POST",
    "/conversation/{conversation}/grounding/temporal_range/workstreams/associate/{range}",
    NoneType,
    repeatable=True,
)
ASSOCIATE_WEBSITE = Operation(
    "conversation_associate_website",
    "POST",
    "/conversation/{conversation}/websites/associate/{website}",
    NoneType,
    repeatable=True,
)
ASSOCIATE_WORKSTREAM_SUMMARY = Operation(
    "conversation_associate_workstream_summary",
    "POST",
    "/conversation/{conversation}/workstream_summaries/associate/{workstream_summary}",
    NoneType,
    repeatable=True,
)
DISASSOCIATE_ANCHOR = Operation(
    "conversation_disassociate_anchor",
    "POST",
    "/conversation/{conversation}/anchors/delete/{anchor}",
    NoneType,
    repeatable=True,
    later_path="/conversation/{conversation}/anchors/disassociate/{anchor}",
)
DISASSOCIATE_ASSET = Operation(
    "conversation_disassociate_asset",
    "POST",
    "/conversation/{conversation}/assets/delete/{asset}",
    NoneType,
    repeatable=True,
    later_path="/conversation/{conversation}/assets/disassociate/{asset}",
)
DISASSOCIATE_MESSAGE = Operation(
    "conversation_grounding_messages_disassociate_message",
    "POST",
    "/conversation/{conversation}/grounding/messages/disassociate/{message}",
    NoneType,
    repeatable=True,
)
DISASSOCIATE_RANGE = Operation(
    "conversation_disassociate_grounding_temporal_range_workstream",
    "POST",
    "/conversation/{conversation}/grounding/temporal_range/workstreams/disassociate/{range}",
    NoneType,
    repeatable=True,
)
DISASSOCIATE_WEBSITE = Operation(
    "conversation_disassociate_website",
    "POST",
    "/conversation/{conversation}/websites/disassociate/{website}",
    NoneType,
    repeatable=True,
)
DISASSOCIATE_WORKSTREAM_SUMMARY = Operation(
    "conversation_disassociate_workstream_summary",
    "POST",
    "/conversation/{conversation}/workstream_summaries/disassociate/{workstream_summary}",
    NoneType,
    repeatable=True,
)

OPERATIONS = tuple(filter(_is_row, list(globals().values())))
"""The 18 operations of the reference; both clients have a method for each."""

CREATE_CONVERSATION = Operation(
    "conversations_create_specific_conversation",
    "POST",
    "/conversations/create",
    Conversation,
    body=SeededConversation,
)
LIST_CONVERSATIONS = Operation(
    "conversations_snapshot", "GET", "/conversations", Conversations, repeatable=True
)
CREATE_MESSAGE = Operation(
    "messages_create_specific_message",
    "POST",
    "/messages/create",
    ConversationMessage,
    body=SeededConversationMessage,
)

STARTERS: tuple[Operation[object], ...] = (
    CREATE_CONVERSATION,
    LIST_CONVERSATIONS,
    CREATE_MESSAGE,
)
"""Beyond the reference's 18: what it takes to begin with an empty server."""


def _by_material(verb: str) -> Mapping[Material, Operation[None]]:
    rows = (cast(Operation[None], row) for row in OPERATIONS if f"_{verb}_" in row.id)
    return MappingProxyType({Material(row.parameters[1]): row for row in rows})


ASSOCIATIONS = _by_material("associate")
DISASSOCIATIONS = _by_material("disassociate")
