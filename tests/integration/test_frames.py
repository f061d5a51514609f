"""Models in the data frames of pandas and polars."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from cases import GOLDEN

from conversation_client import decode, encode, to_dict
from conversation_client.models import Conversation, ConversationMessage, ConversationMessages

NEEDS = "needs the extra `integration`"
SAMPLES = GOLDEN / "samples"


@pytest.fixture(scope="module")
def conversations() -> list[Conversation]:
    paths = sorted(SAMPLES.glob("*/Conversation.*.json"))
    return [decode(path.read_bytes(), Conversation) for path in paths]


@pytest.fixture(scope="module")
def messages() -> list[ConversationMessage]:
    paths = sorted(SAMPLES.glob("*/ConversationMessages.*.json"))
    read = (decode(path.read_bytes(), ConversationMessages) for path in paths)
    return [message for each in read for message in each.iterable]


def rows_of(messages: Iterable[ConversationMessage]) -> list[dict[str, Any]]:
    return [
        {"id": message.id, "role": message.role, "created": message.created.value}
        for message in messages
    ]


def texts_of(messages: Iterable[ConversationMessage]) -> list[str | None]:
    strings = (message.fragment and message.fragment.string for message in messages)
    return [string.raw if string else None for string in strings]


def moments_of(documents: Iterable[Any]) -> list[datetime]:
    """Return when documents were made, in the microseconds that frames have."""
    return [document.created.value.astimezone(UTC) for document in documents]


def test_pandas_has_a_row_for_each_conversation(conversations: list[Conversation]) -> None:
    pandas = pytest.importorskip("pandas", reason=NEEDS)
    frame = pandas.json_normalize(map(to_dict, conversations), max_level=1)
    assert len(frame) == len(conversations) > 10
    assert list(frame["id"]) == [each.id for each in conversations]
    created = pandas.to_datetime(frame["created.value"], format="ISO8601", utc=True)
    assert list(created) == moments_of(conversations)
    whole = pandas.DataFrame.from_records(map(to_dict, conversations))
    assert list(whole["messages"]) == [to_dict(each)["messages"] for each in conversations]


def test_pandas_has_a_row_for_each_message(messages: list[ConversationMessage]) -> None:
    pandas = pytest.importorskip("pandas", reason=NEEDS)
    frame = pandas.json_normalize(map(to_dict, messages))
    texts = frame["fragment.string.raw"]
    assert [None if pandas.isna(text) else text for text in texts] == texts_of(messages)
    chosen = pandas.DataFrame(rows_of(messages))
    assert list(chosen["created"]) == moments_of(messages)
    assert str(chosen["created"].dtype).endswith("UTC]")
    assert set(chosen["role"]) == {message.role.value for message in messages}


def test_polars_has_a_row_for_each_conversation(conversations: list[Conversation]) -> None:
    polars = pytest.importorskip("polars", reason=NEEDS)
    lines = b"\n".join(map(encode, conversations))
    frame = polars.read_ndjson(lines, infer_schema_length=None)
    assert frame["id"].to_list() == [each.id for each in conversations]
    created = polars.col("created").struct.field("value").str.to_datetime(time_zone="UTC")
    assert frame.select(created)["value"].to_list() == moments_of(conversations)


def test_polars_has_a_row_for_each_message(messages: list[ConversationMessage]) -> None:
    polars = pytest.importorskip("polars", reason=NEEDS)
    frame = polars.json_normalize(map(to_dict, messages), infer_schema_length=None, strict=False)
    assert frame["fragment.string.raw"].to_list() == texts_of(messages)
    chosen = polars.DataFrame(rows_of(messages))
    assert chosen["created"].to_list() == moments_of(messages)
    assert set(chosen["role"]) == {message.role.value for message in messages}
