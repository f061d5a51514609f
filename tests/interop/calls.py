"""The calls of the table as the released clients make them, and what they return, compared."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cases import IDS, PLAIN, Case

from conversation_client import decode, encode
from conversation_client.models.base import Document
from conversation_client.models.message import ConversationMessage
from conversation_client.models.search import SearchInput
from conversation_client.operations import (
    DELETE_CONVERSATION,
    DELETE_MESSAGE,
    STREAM_CONVERSATION_IDENTIFIERS,
    parse_version,
)

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
DELETIONS = [case for case in PLAIN if case.operation in (DELETE_MESSAGE, DELETE_CONVERSATION)]
"""In the order in which there still is what they delete."""
DELETIONS.sort(key=lambda case: case.operation is DELETE_CONVERSATION)
SEARCH = {"engines": {"iterable": [{"query": "answer", "full_text": {"exact": False}}]}}
EDIT = {
    "id": IDS["message"],
    "conversation": {"id": IDS["conversation"]},
    "role": "USER",
    "fragment": {"string": {"raw": "an edited question"}},
}
SENT: dict[type[Document] | None, Any] = {SearchInput: SEARCH, ConversationMessage: EDIT}
"""What calls send beside the cases' own, or in place of it."""


def cases_in(api_version: str) -> list[Case]:
    """Return the calls of the operations that a version has, without deletions."""
    version = parse_version(api_version)
    return [case for case in PLAIN if case.operation.paths_in(version) and case not in DELETIONS]


def reads_in(api_version: str) -> list[Case]:
    """Return those that change nothing and have an answer that clients read."""
    return [
        case for case in cases_in(api_version) if case.operation.repeatable and not is_empty(case)
    ]


def is_empty(case: Case) -> bool:
    """Tell whether clients return nothing; of a stream's present ids they make nothing."""
    row = case.operation
    return row.returns is type(None) or row is STREAM_CONVERSATION_IDENTIFIERS


def described(cases: Iterable[Case]) -> str:
    """Return calls as the programs that drive a client read them, in JSON."""
    return json.dumps([_described(case) for case in cases])


def _described(case: Case) -> tuple[object, ...]:
    row, sent = case.operation, None
    if row.body is not None and case.body is not None:
        document = json.loads(encode(case.body(IDS))) | SENT.get(row.body, {})
        sent = (row.body_argument, row.body.__name__, document)
    returns = None if is_empty(case) else row.returns.__name__
    return row.id, {name: IDS[name] for name in row.parameters}, sent, returns


def read(client: Any, case: Case) -> Any:
    """Make a call that reads with our client; return the document."""
    is_search = case.operation.body is SearchInput
    body = decode(json.dumps(SEARCH), SearchInput) if is_search else None
    return document(case.call(client, IDS, body))


def document(model: Document | str) -> Any:
    return model if isinstance(model, str) else comparable(json.loads(encode(model)))


def comparable(value: Any) -> Any:
    """Return JSON with its times as instants: the SDK writes `+00:00` where the server has `Z`.

    How long ago something was is left out: it changes while it is read twice.
    """
    if isinstance(value, dict):
        return {name: comparable(part) for name, part in value.items() if name != "readable"}
    if isinstance(value, list):
        return [comparable(part) for part in value]
    if isinstance(value, str) and TIME.match(value):
        return datetime.fromisoformat(value)
    return value
