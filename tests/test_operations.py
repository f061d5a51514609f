"""The table of operations against the facts of the reference."""

from string import Formatter
from types import NoneType

import attrs
import pytest
from cases import CASES, golden

from conversation_client import AsyncConversationClient, ConversationClient, Material
from conversation_client.operations import (
    ASSOCIATIONS,
    DISASSOCIATIONS,
    OPERATIONS,
    STARTERS,
    Operation,
)

FACTS = golden("operations")
BY_ID = {row.id: row for row in OPERATIONS}


def test_table_is_the_reference() -> None:
    assert len(OPERATIONS) == len(FACTS) == 18
    assert {row.id: stated(row) for row in OPERATIONS} == {
        name: {key: value for key, value in facts.items() if key != "query_params"}
        for name, facts in FACTS.items()
    }


def stated(row: Operation[object]) -> dict[str, object]:
    facts: dict[str, object] = {
        "method": row.method,
        "path": row.path,
        "path_params": list(row.parameters),
        "request_model": row.body.__name__ if row.body else None,
        "response_model": None if row.returns is NoneType else row.returns.__name__,
    }
    return facts | ({"later_path": row.later_path} if row.later_path else {})


def test_later_paths_have_the_same_parameters() -> None:
    later = [row for row in OPERATIONS if row.later_path]
    assert len(later) == 2
    for row in later:
        names = tuple(name for _, name, _, _ in Formatter().parse(row.later_path or "") if name)
        assert names == row.parameters


def test_exactly_reads_and_associations_are_repeatable() -> None:
    repeatable = {name for name in FACTS if FACTS[name]["method"] == "GET" or "associate" in name}
    assert len(repeatable) == 2 + 6 + 6
    assert {row.id for row in OPERATIONS if row.repeatable} == repeatable


@pytest.mark.parametrize(
    ("rows", "verb"), [(ASSOCIATIONS, "associate"), (DISASSOCIATIONS, "disassociate")]
)
def test_every_material_has_its_row(rows: dict[Material, Operation[object]], verb: str) -> None:
    assert set(rows) == set(Material)
    for material, row in rows.items():
        assert row in OPERATIONS
        assert f"_{verb}_" in row.id
        assert row.parameters == ("conversation", material.value)


def test_starters_are_no_part_of_the_reference() -> None:
    assert not {row.id for row in STARTERS} & set(FACTS)


def test_rows_are_values_that_cannot_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        OPERATIONS[0].path = "/"  # type: ignore[misc]


def test_cases_cover_every_operation() -> None:
    assert {case.operation for case in CASES} == set(OPERATIONS)
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("client", [AsyncConversationClient, ConversationClient])
def test_clients_have_a_method_of_its_own_for_each_operation(client: type) -> None:
    methods = {case.method: case.operation for case in CASES}
    assert len(methods) == len(OPERATIONS)
    assert all(method in vars(client) for method in methods)
