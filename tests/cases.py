"""Every operation as calls of the clients' methods, and the recorded facts of the wire."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import attrs

from conversation_client import operations
from conversation_client.models.base import Document
from conversation_client.models.common import (
    GroupedTimestamp,
    SeededScore,
    SeededScoreIncrement,
    TransferableString,
)
from conversation_client.models.conversation import (
    Conversation,
    ConversationSummarizeInput,
    ConversationTypeEnum,
    ReferencedConversation,
    SeededConversation,
)
from conversation_client.models.message import (
    ConversationMessage,
    FlattenedConversationMessages,
    FragmentFormat,
    QGPTConversationMessageRoleEnum,
    ReferencedConversationMessage,
    SeededConversationMessage,
)
from conversation_client.models.search import SearchEngines, SearchInput
from conversation_client.operations import Operation
from conversation_client.testing import Emulator

GOLDEN = Path(__file__).parent / "golden"

Ids = Mapping[str, str]
"""Ids by the names of path parameters."""


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


FACTS = golden("operations")
"""What the released clients know of each operation, by its id."""
REFERENCE = {name for name, facts in FACTS.items() if facts["in_seed"]}
"""Ids of the operations that the reference tells of."""
REQUESTS = golden("requests")
"""Requests of a known client: by variant, then by operation id."""
IDS: Ids = REQUESTS["ids"]
"""The ids that they name."""


SCHEMA = golden("models")
DOCUMENTS: dict[str, Any] = SCHEMA["models"] | SCHEMA["extra"]


def minimal(kind: str) -> Any:
    """Return the smallest JSON value of a type of the schema: a document with what it requires."""
    if kind.startswith(("list[", "map[")):
        return [] if kind.startswith("list[") else {}
    if kind in SCHEMA["enums"]:
        return SCHEMA["enums"][kind][0]
    if kind not in DOCUMENTS:
        plain = {"string": "x", "int": 1, "float": 1.5, "bool": True}
        return plain.get(kind, "2024-05-14T09:12:34+00:00")
    present, fields = DOCUMENTS[kind]["in"], DOCUMENTS[kind]["fields"]
    required = {name: field[0] for name, field in fields.items() if field[1] == present}
    return {name: minimal(each) for name, each in required.items()}


def text_of(message: ConversationMessage) -> str | None:
    assert message.fragment is not None
    return message.fragment.string.raw if message.fragment.string else None


def seed(server: Emulator) -> None:
    """Have a server know the conversation and the message that the cases name."""
    question = minimal("ConversationMessage") | {"id": IDS["message"], "role": "USER"}
    question["conversation"] = {"id": IDS["conversation"]}
    listed = [{"id": IDS["message"], "reference": question}]
    known = {"id": IDS["conversation"], "messages": {"iterable": listed}}
    server.seed(known, messages=["a question", "an answer"])


def conversation(ids: Ids) -> Conversation:
    return Conversation(
        id=ids["conversation"],
        name='café 😀 "q"',
        created=GroupedTimestamp(value=datetime.fromisoformat("2024-05-14T09:12:33.418207+00:00")),
        updated=GroupedTimestamp(
            value=datetime.fromisoformat("2024-05-14T09:12:34+00:00"), readable="now"
        ),
        favorited=True,
        messages=FlattenedConversationMessages(
            iterable=[ReferencedConversationMessage(id=ids["message"])],
            indices={ids["message"]: 0},
        ),
        type=ConversationTypeEnum.COPILOT,
    )


def summarize_input(ids: Ids) -> ConversationSummarizeInput:
    message = ReferencedConversationMessage(id=ids["message"])
    return ConversationSummarizeInput(messages=FlattenedConversationMessages(iterable=[message]))


def increment(_: Ids) -> SeededScoreIncrement:
    return SeededScoreIncrement(conversation=SeededScore(reuse=True, update=False))


def search(_: Ids) -> SearchInput:
    return SearchInput(engines=SearchEngines(iterable=[]))


def seeded_conversation(_: Ids) -> SeededConversation:
    return SeededConversation(type=ConversationTypeEnum.COPILOT)


def seeded_message(_: Ids) -> SeededConversationMessage:
    role = QGPTConversationMessageRoleEnum.SYSTEM
    return SeededConversationMessage(fragment=FragmentFormat(), role=role)


def message(ids: Ids) -> ConversationMessage:
    created, updated = (
        GroupedTimestamp(value=datetime.fromisoformat(text))
        for text in ("2024-05-14T09:12:33.418207+00:00", "2024-05-14T09:12:34+00:00")
    )
    return ConversationMessage(
        id=ids["message"],
        created=created,
        updated=updated,
        conversation=ReferencedConversation(id=ids["conversation"]),
        role=QGPTConversationMessageRoleEnum.USER,
        fragment=FragmentFormat(string=TransferableString(raw="an edited question")),
    )


@attrs.frozen(kw_only=True)
class Case:
    """A call: `case.call(client, ids)`."""

    operation: Operation[object] = attrs.field(kw_only=False)
    method: str = attrs.field(kw_only=False)
    """Name of the method on both clients, with that of its group before it."""
    variant: str = attrs.field(default="plain", kw_only=False)
    """Name of the set of recorded requests that this call belongs to."""
    body: Callable[[Ids], Document] | None = None
    kwargs: Mapping[str, Any] = attrs.field(factory=dict)
    said: Mapping[int, object] = attrs.field(factory=dict)
    """Positional arguments that are neither ids nor the body, by their place."""

    @property
    def id(self) -> str:
        said = "".join(f"-{getattr(value, 'id', value)}" for value in self.said.values())
        return f"{self.method}{said}" + ("" if self.variant == "plain" else f"-{self.variant}")

    def args(self, ids: Ids, body: Document | None = None) -> list[object]:
        """Return the positional arguments, in which these ids are named."""
        args: list[object] = [ids[name] for name in self.operation.parameters]
        for place, value in self.said.items():
            args.insert(place, value)
        return [*args, body or self.body(ids)] if self.body else args

    def call(self, client: Any, ids: Ids, body: Document | None = None) -> Any:
        """Call; what an async client returns is to be awaited.

        Args:
            client: Either client.
            ids: The ids that are named.
            body: The document to send, if not the case's own.
        """
        return attrgetter(self.method)(client)(*self.args(ids, body), **self.kwargs)


def of_message(method: str, row: operations.MessageAssociationOperation) -> Case:
    return Case(row, f"messages.{method}", said={1: row.material})


PLAIN = (
    Case(operations.GET_CONVERSATION, "get_conversation"),
    Case(operations.GET_MESSAGES, "get_messages"),
    Case(operations.UPDATE_CONVERSATION, "update_conversation", body=conversation),
    Case(operations.RENAME_CONVERSATION, "rename_conversation"),
    Case(operations.SUMMARIZE_CONVERSATION, "summarize_conversation", body=summarize_input),
    Case(operations.INCREMENT_SCORES, "increment_scores", body=increment),
    Case(operations.ASSOCIATE_ANCHOR, "associate_anchor"),
    Case(operations.ASSOCIATE_ASSET, "associate_asset"),
    Case(operations.ASSOCIATE_MESSAGE, "associate_message"),
    Case(operations.ASSOCIATE_RANGE, "associate_range"),
    Case(operations.ASSOCIATE_WEBSITE, "associate_website"),
    Case(operations.ASSOCIATE_WORKSTREAM_SUMMARY, "associate_workstream_summary"),
    Case(operations.DISASSOCIATE_ANCHOR, "disassociate_anchor"),
    Case(operations.DISASSOCIATE_ASSET, "disassociate_asset"),
    Case(operations.DISASSOCIATE_MESSAGE, "disassociate_message"),
    Case(operations.DISASSOCIATE_RANGE, "disassociate_range"),
    Case(operations.DISASSOCIATE_WEBSITE, "disassociate_website"),
    Case(operations.DISASSOCIATE_WORKSTREAM_SUMMARY, "disassociate_workstream_summary"),
    Case(operations.ASSOCIATE_ANNOTATION, "associate_annotation"),
    Case(operations.ASSOCIATE_SOURCE, "associate_source"),
    Case(operations.DISASSOCIATE_ANNOTATION, "disassociate_annotation"),
    Case(operations.DISASSOCIATE_SOURCE, "disassociate_source"),
    Case(operations.PREPARE_CONVERSATION, "prepare_conversation"),
    Case(operations.SEARCH_CONVERSATION_MESSAGES, "search_messages", body=search),
    Case(operations.CREATE_CONVERSATION, "conversations.create", body=seeded_conversation),
    Case(operations.CREATE_CONVERSATION_FROM_ASSET, "conversations.create_from_asset"),
    Case(
        operations.CREATE_CONVERSATION_FROM_WORKSTREAM_SUMMARY,
        "conversations.create_from_workstream_summary",
    ),
    Case(operations.DELETE_CONVERSATION, "conversations.delete"),
    Case(operations.LIST_CONVERSATIONS, "conversations.list"),
    Case(operations.LIST_CONVERSATION_IDENTIFIERS, "conversations.identifiers"),
    Case(operations.SEARCH_CONVERSATIONS, "conversations.search", body=search),
    Case(
        operations.STREAM_CONVERSATION_IDENTIFIERS,
        "call",
        said={0: operations.STREAM_CONVERSATION_IDENTIFIERS},
    ),
    Case(operations.GET_MESSAGE, "messages.get"),
    Case(operations.LIST_MESSAGES, "messages.list"),
    Case(operations.CREATE_MESSAGE, "messages.create", body=seeded_message),
    Case(operations.UPDATE_MESSAGE, "messages.update", body=message),
    Case(operations.UPDATE_MESSAGE_VALUE, "messages.update_value", body=message),
    Case(operations.DELETE_MESSAGE, "messages.delete"),
    Case(operations.SEARCH_MESSAGES, "messages.search", body=search),
    Case(operations.INCREMENT_MESSAGE_SCORES, "messages.increment_scores", body=increment),
    Case(
        operations.STREAM_MESSAGE_IDENTIFIERS,
        "call",
        said={0: operations.STREAM_MESSAGE_IDENTIFIERS},
    ),
    Case(operations.GET_HEALTH, "get_health"),
    Case(operations.GET_VERSION, "get_version"),
    *(of_message("associate", row) for row in operations.MESSAGE_ASSOCIATIONS.values()),
    *(of_message("disassociate", row) for row in operations.MESSAGE_DISASSOCIATIONS.values()),
)
OPTIONAL_BODIES = (
    *(operations.UPDATE_CONVERSATION, operations.SUMMARIZE_CONVERSATION),
    *(operations.INCREMENT_SCORES, operations.INCREMENT_MESSAGE_SCORES),
)
"""Operations whose methods may be called without what they send."""
CASES = (
    *PLAIN,
    *(
        attrs.evolve(case, variant=f"transferables_{str(wanted).lower()}", kwargs=kwargs)
        for wanted in (True, False)
        for kwargs in [{"transferables": wanted}]
        for case in PLAIN
        if case.operation.transferables
    ),
    *(
        attrs.evolve(case, variant="without_body", body=None)
        for case in PLAIN
        if case.operation in OPTIONAL_BODIES
    ),
    Case(
        operations.SUMMARIZE_CONVERSATION,
        "summarize_conversation",
        "empty_body_model",
        body=lambda _: ConversationSummarizeInput(),
    ),
    Case(
        operations.INCREMENT_SCORES,
        "increment_scores",
        "empty_body_model",
        body=lambda _: SeededScoreIncrement(),
    ),
)
"""Without a body, an update says nothing; a server may refuse it."""
