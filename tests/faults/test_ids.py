"""Any text as an id is refused before anything is sent, or arrives as it is and where it should.

`CONVERSATION_CLIENT_ID_CASES=1000000 pytest tests/faults/test_ids.py` tries that many.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conversation_client import (
    AsyncConversationClient,
    InvalidArgumentError,
    StatusError,
)
from conversation_client.operations import GET_HEALTH, OPERATIONS, Operation
from conversation_client.testing import Emulator

pytestmark = pytest.mark.heavy

CASES = int(os.environ.get("CONVERSATION_CLIENT_ID_CASES", "4000"))
PAIRS = 40
"""Of ids in each example; each pair is two cases."""

ROWS = [row for row in OPERATIONS if row.parameters]
Ids = tuple[str, ...]

PIECES = st.sampled_from(
    [
        *(".", "..", " ", "{}", "%2e", "%2F", "%25", "a", "update", "messages", "{conversation}"),
        *"/\\%?#&=+;:@~*'\"<>|^`[],éİß😀\xa0\u200b\u2028\u202e\ufeff\uffff",
        *("e\u0301", "A" * 340, "😀" * 100),
    ]
)
ANYTHING = st.text(st.characters(exclude_categories=()))
"""Control characters and lone surrogates too."""
TEXTS = st.one_of(
    st.lists(PIECES, min_size=1, max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=8),
    ANYTHING,
)
EXAMPLES = st.lists(st.tuples(TEXTS, TEXTS), min_size=PAIRS, max_size=PAIRS)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as server:
        yield server


@pytest.fixture(scope="module")
def client(runner: asyncio.Runner, emulator: Emulator) -> Iterator[AsyncConversationClient]:
    made = AsyncConversationClient(emulator.url, retry=None, max_connections=8)
    yield made
    runner.run(made.aclose())


def count_of_all(emulator: Emulator) -> int:
    """Count the requests, but for those of whoever looks for servers on this machine."""
    return sum(emulator.counts.values()) - emulator.counts[GET_HEALTH.id]


async def call(client: AsyncConversationClient, row: Operation[object], ids: Ids) -> bool:
    """Tell whether it was sent; a conversation that does not exist makes it fail then."""
    try:
        await client.call(row, *ids)
    except (InvalidArgumentError, StatusError) as error:
        return error.attempts == 1
    return True


async def call_all(
    client: AsyncConversationClient, row: Operation[object], many: list[Ids]
) -> Counter[Ids]:
    sent = await asyncio.gather(*(call(client, row, ids) for ids in many))
    return Counter(ids for ids, was_sent in zip(many, sent, strict=True) if was_sent)


@settings(
    max_examples=max(1, CASES // (2 * PAIRS)),
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(row=st.sampled_from(ROWS), pairs=EXAMPLES)
def test_text_is_refused_or_arrives(
    runner: asyncio.Runner,
    emulator: Emulator,
    client: AsyncConversationClient,
    *,
    row: Operation[object],
    pairs: list[Ids],
) -> None:
    before = count_of_all(emulator)
    sent = runner.run(call_all(client, row, [ids[: len(row.parameters)] for ids in pairs]))
    assert count_of_all(emulator) - before == sent.total()
    asked = [request for request in emulator.requests if request.operation != GET_HEALTH.id]
    arrived = asked[-sent.total() :] if sent else ()
    assert {request.operation for request in arrived} <= {row.id}
    assert (
        Counter(tuple(request.ids[name] for name in row.parameters) for request in arrived) == sent
    )
