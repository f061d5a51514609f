"""Every operation as calls of the clients' methods, and the recorded facts of the wire."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from conversation_client import operations
from conversation_client.models.base import Document
from conversation_client.models.common import GroupedTimestamp, SeededScore, SeededScoreIncrement
from conversation_client.models.conversation import (
    Conversation,
    ConversationSummarizeInput,
    ConversationTypeEnum,
)
from conversation_client.models.message import (
    FlattenedConversationMessages,
    ReferencedConversationMessage,
)
from conversation_client.operations import Operation

GOLDEN = Path(__file__).parent / "golden"

Ids = Mapping[str, str]
"""Ids by the names of path parameters."""


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


FACTS = golden("operations")
"""What the released clients know of each operation, by its id; more of them than the table has."""
REFERENCE = {name for name, facts in FACTS.items() if facts["in_seed"]}
"""Ids of the operations that the reference tells of."""
REQUESTS = golden("requests")
"""Requests of a known client: by variant, then by operation id."""
IDS: Ids = REQUESTS["ids"]
"""The ids that they name."""


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


@attrs.frozen(kw_only=True)
class Case:
    """A call: `getattr(client, case.method)(*case.args(ids), **case.kwargs)`."""

    operation: Operation[object] = attrs.field(kw_only=False)
    method: str = attrs.field(kw_only=False)
    """Name of the method on both clients."""
    variant: str = attrs.field(default="plain", kw_only=False)
    """Name of the set of recorded requests that this call belongs to."""
    body: Callable[[Ids], Document] | None = None
    kwargs: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def id(self) -> str:
        return self.method if self.variant == "plain" else f"{self.method}-{self.variant}"

    def args(self, ids: Ids) -> list[str | Document]:
        """Return the positional arguments, in which these ids are named."""
        bodies = [self.body(ids)] if self.body else []
        return [ids[name] for name in self.operation.parameters] + bodies

    def call(self, client: Any, ids: Ids) -> Any:
        """Call; what an async client returns is to be awaited."""
        return getattr(client, self.method)(*self.args(ids), **self.kwargs)


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
)
CASES = (
    *PLAIN,
    *(
        attrs.evolve(case, variant=f"transferables_{str(wanted).lower()}", kwargs=kwargs)
        for wanted in (True, False)
        for kwargs in [{"transferables": wanted}]
        for case in PLAIN
        if case.operation.transferables
    ),
    *(attrs.evolve(case, variant="without_body", body=None) for case in PLAIN if case.body),
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
