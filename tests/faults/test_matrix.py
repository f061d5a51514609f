"""Every fault, with every kind of call, both clients and both of aiohttp's parsers."""

from types import NoneType

import pytest

from .catalogue import CASES, FAULTS, Fault
from .cells import BATCHES, CLIENTS, methods_of
from .conftest import Summary
from .matrix import PARSERS, Matrix, Record

TOLERANCE = 1.0
"""Seconds after its deadline by which a call must be over, on a machine with other work to do."""


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_ends_as_the_catalogue_says_and_tells_no_secret(
    matrix: Matrix, summary: Summary, subtests: pytest.Subtests, fault: str
) -> None:
    cells = matrix.run(fault)
    assert set(cells) == {
        (method, client, parser)
        for client in CLIENTS
        for method in methods_of(client)
        for parser in PARSERS
    }
    for (method, client, parser), record in cells.items():
        try:
            check(FAULTS[fault], method, client, parser, record)
            summary.add(record["elapsed"] - FAULTS[fault].timeout)
        except AssertionError as error:  # for each that passes, a subtest takes longer than a cell
            with subtests.test(method=method, client=client, parser=parser):
                raise error from None


def check(fault: Fault, method: str, client: str, parser: str, record: Record) -> None:
    assert "crash" not in record, record["crash"]
    operation = CASES[method].operation
    ends = fault.ends_for(operation, batch=client.startswith(BATCHES), pure=parser == "pure")
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
    assert record["requests"] == len(record["lines"]) == ends.requests + ends.looks, record["lines"]
    assert operation.repeatable or record["requests"] <= 1
    assert record["elapsed"] - fault.timeout < TOLERANCE
    assert record["probe"] == "ConversationMessages"
    assert record["tasks"] == record["left"] == record["complaints"] == []
    assert record["leaks"] == []
    assert record["log_lines"] or not record["logs"]
