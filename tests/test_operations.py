"""The table of operations against the facts of the wire."""

import copy
import inspect
import pickle
from collections.abc import Mapping
from operator import attrgetter
from string import Formatter
from types import NoneType

import attrs
import pytest
from cases import CASES, FACTS, IDS, PLAIN, REFERENCE, REQUESTS, Case, seed

from conversation_client import AsyncConversationClient, ConversationClient, Material, StatusError
from conversation_client.models.conversation import Conversation, ConversationSummarizeInput
from conversation_client.operations import (
    ASSOCIATIONS,
    BY_ID,
    DISASSOCIATIONS,
    GET_HEALTH,
    GET_VERSION,
    MESSAGE_ASSOCIATIONS,
    MESSAGE_DISASSOCIATIONS,
    OPERATIONS,
    STREAM_CONVERSATION_IDENTIFIERS,
    STREAM_MESSAGE_IDENTIFIERS,
    AssociationOperation,
    MessageAssociationOperation,
    MessageMaterial,
    Operation,
    parse_version,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

OWN = Operation(
    "own", "POST", "/conversation/{conversation}", Conversation, body=ConversationSummarizeInput
)
"""A row that the table does not have."""

STREAMS = {"conversations_stream_identifiers"}
"""Operations whose reply the released clients do not read, though it is the document of the other stream."""
READS = {"search_conversations", "search_messages", "search_conversation_specific_messages"}
DELETES = {"conversations_delete_specific_conversation", "messages_delete_specific_message"}

SELF = (GET_HEALTH, GET_VERSION)
"""What a server says of itself."""

BY_WAY_OF_CALL = {row.id for row in (STREAM_CONVERSATION_IDENTIFIERS, STREAM_MESSAGE_IDENTIFIERS)}
"""Operations that have no method of their own."""

every_row = pytest.mark.parametrize("row", BY_ID.values(), ids=BY_ID)


@every_row
def test_row_is_what_the_wire_has(row: Operation[object]) -> None:
    facts = {key: value for key, value in FACTS[row.id].items() if key != "in_seed"}
    if row.id in STREAMS:
        facts["response_model"] = "StreamedIdentifiers"
    assert stated(row) == facts


def stated(row: Operation[object]) -> dict[str, object]:
    facts: dict[str, object] = {
        "method": row.method,
        "path": row.path,
        "path_params": list(row.parameters),
        "query_params": ["transferables"] if row.transferables else [],
        "request_model": row.body.__name__ if row.body else None,
        "response_model": None if row.returns is NoneType else row.returns.__name__,
        "arguments": list(row.arguments),
        "since": ".".join(map(str, row.since)),
    }
    return facts | ({"later_path": row.later_path} if row.later_path else {})


def test_all_operations_are_in_the_table_and_the_reference_first() -> None:
    assert set(BY_ID) == set(FACTS)
    assert len(OPERATIONS) == 63
    assert {row.id for row in OPERATIONS[: len(REFERENCE)]} == REFERENCE


def test_every_row_is_found_by_its_id() -> None:
    assert list(BY_ID.values()) == [*OPERATIONS, *SELF]
    assert [row.id for row in BY_ID.values()] == list(BY_ID)


@every_row
def test_later_path_has_the_same_parameters(row: Operation[object]) -> None:
    later = row.later_path or row.path
    assert tuple(name for _, name, _, _ in Formatter().parse(later) if name) == row.parameters


@every_row
def test_exactly_reads_associations_and_deletions_are_repeatable(row: Operation[object]) -> None:
    is_read = row.method == "GET" or row.id in READS
    assert row.repeatable == (is_read or row.verb is not None or row.id in DELETES)
    assert row.removes == (row.verb == "disassociate" or row.id in DELETES)


@every_row
def test_rows_with_a_verb_are_associations(row: Operation[object]) -> None:
    kinds = (AssociationOperation, MessageAssociationOperation)
    assert isinstance(row, kinds) == (row.verb is not None)
    assert (row.verb is None) == (row.material is None)


@pytest.mark.parametrize(
    ("rows", "verb"), [(ASSOCIATIONS, "associate"), (DISASSOCIATIONS, "disassociate")]
)
def test_every_material_has_its_row(
    rows: Mapping[Material, AssociationOperation], verb: str
) -> None:
    assert set(rows) == set(Material)
    for material, row in rows.items():
        assert row in OPERATIONS
        assert (row.verb, row.material) == (verb, material)
        assert (row.owner, row.item) == row.parameters == ("conversation", material.value)
        assert (row.later_path or row.path).endswith(f"/{verb}/{{{material}}}")


@pytest.mark.parametrize(
    ("rows", "verb"),
    [(MESSAGE_ASSOCIATIONS, "associate"), (MESSAGE_DISASSOCIATIONS, "disassociate")],
)
def test_every_material_of_a_message_has_its_row(
    rows: Mapping[MessageMaterial, MessageAssociationOperation], verb: str
) -> None:
    assert set(rows) == set(MessageMaterial)
    for material, row in rows.items():
        assert row in OPERATIONS
        assert (row.verb, row.material) == (verb, material)
        assert (row.owner, row.item) == row.parameters
        assert row.owner == "message"
        assert row.path.endswith(f"/{verb}/{{{row.item}}}")


@every_row
def test_a_row_has_one_path_in_each_version_that_has_it(row: Operation[object]) -> None:
    assert row.paths_in(row.since) == (row.path,)
    assert row.paths_in((row.since[0], row.since[1] - 1)) == ()
    assert row.paths_in((2, 3) if row.later_path else (99, 0)) == (row.later_path or row.path,)
    assert row.paths_in(None) == tuple(filter(None, (row.path, row.later_path)))


def test_versions_are_read() -> None:
    assert [parse_version(text) for text in ("2.2", "4.3.0", "10.11")] == [(2, 2), (4, 3), (10, 11)]


@pytest.mark.parametrize(
    "text", ["", "4", "2.1", "1.9", "v4.3", "4.3-dev", "4.x", " 4.3", "٤.٣", "4.3\n"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="or later"):
        parse_version(text)


def test_rows_are_values_that_cannot_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        OPERATIONS[0].path = "/"  # type: ignore[misc]


@every_row
def test_copies_and_pickles_of_a_row_are_the_row(row: Operation[object]) -> None:
    assert pickle.loads(pickle.dumps(row)) is copy.deepcopy(row) is copy.copy(row) is row


def test_a_row_of_the_users_own_is_copied_pickled_and_sent(server: Emulator) -> None:
    for twin in (pickle.loads(pickle.dumps(OWN)), copy.deepcopy(OWN)):
        assert (twin.returns, twin.body) == (Conversation, ConversationSummarizeInput)
        assert (twin.id, twin.path, twin.since) == (OWN.id, OWN.path, OWN.since)
    read = Operation("read", "GET", "/conversation/{conversation}", Conversation)
    with ConversationClient(server.url) as client:
        assert client.call(read, STARTING_CONVERSATION).id == STARTING_CONVERSATION


@every_row
def test_no_piece_of_an_operation_is_forgotten(row: Operation[object], server: Emulator) -> None:
    cases = [case for case in PLAIN if case.operation is row]
    seed(server)
    pieces = {
        "a case in tests/cases.py": bool(cases),
        "facts in tests/golden/operations.json": row.id in FACTS,
        "a recording in tests/golden/requests.json": any(
            row.id in sets["plain"] for sets in REQUESTS["sets"].values()
        ),
        "a method of its own": row.id in BY_WAY_OF_CALL
        or any(case.method != "call" for case in cases),
        "a method of the async client": any(map(is_method_of_async, cases)),
        "a method of the blocking client": any(map(is_method_of_blocking, cases)),
        "an answer of the emulator": any(is_answered(server, case) for case in cases),
    }
    missing = [name for name, is_there in pieces.items() if not is_there]
    assert not missing, f"{row.id} lacks {', '.join(missing)}"


def is_method_of_async(case: Case) -> bool:
    return inspect.iscoroutinefunction(method_of(AsyncConversationClient(), case))


def is_method_of_blocking(case: Case) -> bool:
    with ConversationClient() as client:
        return callable(method_of(client, case))


def method_of(client: object, case: Case) -> object:
    try:
        return attrgetter(case.method)(client)
    except AttributeError:
        return None


def is_answered(server: Emulator, case: Case) -> bool:
    with ConversationClient(server.url, retry=None) as client:
        try:
            case.call(client, IDS)
        except (StatusError, AttributeError):
            return False
    return server.counts[case.operation.id] == 1


def test_cases_cover_every_operation() -> None:
    assert {case.operation for case in CASES} == set(BY_ID.values())
    assert len({case.id for case in CASES}) == len(CASES)
