"""Every fault, with every kind of call, both clients and both of aiohttp's parsers."""

from types import NoneType

import pytest
from catalogue import CASES, FAULTS
from cells import CLIENTS, methods_of
from matrix import PARSERS, Matrix

TOLERANCE = 1.0
"""Seconds after its deadline by which a call must be over, on a machine with other work to do."""


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("client", "method"), [(client, method) for client in CLIENTS for method in methods_of(client)]
)
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_ends_as_the_catalogue_says(
    matrix: Matrix,
    summary: dict[str, float],
    *,
    fault: str,
    method: str,
    client: str,
    parser: str,
) -> None:
    operation = CASES[method].operation
    ends = FAULTS[fault].ends_for(operation, pure=parser == "pure")
    record = matrix.record(fault, method, client, parser)
    overrun = record["elapsed"] - FAULTS[fault].timeout
    summary["cells"] += 1
    summary["overrun"] = max(summary["overrun"], overrun)

    if ends.error is None:
        assert record["error"] is None, record["text"]
        promised = operation.returns
        assert record["result"] == ("NoneType" if promised is NoneType else promised.__name__)
    else:
        assert record["error"] == f"conversation_client.errors.{ends.error.__name__}", record
        assert record["effect"] == ends.effect
        assert record["attempts"] == ends.requests
        assert ends.says in record["text"]
        assert ends.path in (None, record["path"])
    assert record["requests"] == record["requests_after"] == ends.requests
    assert operation.repeatable or record["requests"] <= 1
    assert overrun < TOLERANCE
    assert record["probe"] == "ConversationMessages"
    assert record["tasks"] == record["left"] == record["complaints"] == []
