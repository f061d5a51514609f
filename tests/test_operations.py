"""The table of operations against the facts of the wire."""

import copy
import pickle
from collections.abc import Mapping
from string import Formatter
from types import NoneType

import attrs
import pytest
from cases import CASES, FACTS, REFERENCE

from conversation_client import AsyncConversationClient, ConversationClient, Material
from conversation_client.models.conversation import Conversation, ConversationSummarizeInput
from conversation_client.operations import (
    ASSOCIATIONS,
    BY_ID,
    DISASSOCIATIONS,
    OPERATIONS,
    STARTERS,
    AssociationOperation,
    Operation,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

OWN = Operation(
    "own", "POST", "/conversation/{conversation}", Conversation, body=ConversationSummarizeInput
)
"""A row that the table does not have."""

every_row = pytest.mark.parametrize("row", BY_ID.values(), ids=BY_ID)


@every_row
def test_row_is_what_the_wire_has(row: Operation[object]) -> None:
    facts = {key: value for key, value in FACTS[row.id].items() if key != "in_seed"}
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


def test_the_whole_reference_is_in_the_table() -> None:
    assert {row.id for row in OPERATIONS} >= REFERENCE
    assert not REFERENCE & {row.id for row in STARTERS}


def test_every_row_is_found_by_its_id() -> None:
    assert list(BY_ID.values()) == [*OPERATIONS, *STARTERS]
    assert [row.id for row in BY_ID.values()] == list(BY_ID)


@every_row
def test_later_path_has_the_same_parameters(row: Operation[object]) -> None:
    later = row.later_path or row.path
    assert tuple(name for _, name, _, _ in Formatter().parse(later) if name) == row.parameters


@every_row
def test_exactly_reads_and_associations_are_repeatable(row: Operation[object]) -> None:
    assert row.repeatable == (row.method == "GET" or row.verb is not None)


@every_row
def test_rows_with_a_verb_are_associations(row: Operation[object]) -> None:
    assert isinstance(row, AssociationOperation) == (row.verb is not None)
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


def test_cases_cover_every_operation() -> None:
    assert {case.operation for case in CASES} == set(OPERATIONS)
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("client", [AsyncConversationClient, ConversationClient])
def test_clients_have_a_method_of_its_own_for_each_operation(client: type) -> None:
    methods = {case.method: case.operation for case in CASES}
    assert len(methods) == len(OPERATIONS)
    assert all(method in vars(client) for method in methods)
