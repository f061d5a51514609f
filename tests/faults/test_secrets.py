"""Seven secrets go with every call of the fault matrix, and nothing tells them."""

import pytest
from canaries import PASSWORD, SECRETS, USER, found_in, told_by
from catalogue import FAULTS
from cells import CLIENTS, methods_of
from matrix import PARSERS, Matrix

from conversation_client import AsyncConversationClient, ConversationClient, InvalidArgumentError


@pytest.mark.parametrize("fault", FAULTS)
def test_no_log_line_and_no_error_tells_a_secret(matrix: Matrix, fault: str) -> None:
    records = [
        matrix.record(fault, method, client, parser)
        for client in CLIENTS
        for method in methods_of(client)
        for parser in PARSERS
    ]
    assert [leak for record in records for leak in record["leaks"]] == []
    assert all(record["log_lines"] for record in records if record["logs"])


@pytest.mark.parametrize("kind", [AsyncConversationClient, ConversationClient])
@pytest.mark.parametrize("prefix", ["", f"{USER}:{PASSWORD}@"])
@pytest.mark.parametrize("mark", "?#")
def test_refusal_of_a_base_url_tells_no_secret(kind, prefix: str, mark: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        kind(f"http://{prefix}localhost:1000/{mark}token={SECRETS['query token']}")
    assert [
        (where, found_in(text)) for where, text in told_by(caught.value) if found_in(text)
    ] == []
