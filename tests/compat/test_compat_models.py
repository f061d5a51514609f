"""What the models of `compat` can do."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cases import minimal

from conversation_client import compat as typed
from conversation_client.models.conversation import Conversation

compat: Any = typed
"""Without types: what it adds to the library's models is added as it is imported."""

CONVERSATION = minimal("Conversation") | {"id": "c1", "name": "known"}


def test_a_model_is_read_and_written_by_methods() -> None:
    text = json.dumps(CONVERSATION | {"novel": [1.5]})
    model = compat.Conversation.from_json(text)
    assert model.to_dict() == json.loads(text) == json.loads(model.to_json())
    assert compat.Conversation.from_dict(model.to_dict()) == model
    assert compat.Conversation.from_dict(None) is None
    assert model.messages.to_dict() == CONVERSATION["messages"]
    assert "'name': 'known'" in model.to_str()
    assert type(model) is Conversation


def test_a_dictionary_may_hold_times_and_models() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    created = compat.GroupedTimestamp(value=moment)
    model = compat.Conversation.from_dict(
        CONVERSATION | {"created": created, "updated": {"value": moment}}
    )
    assert model.created == model.updated == created
    assert model.to_dict()["created"] == {"value": "2026-01-02T03:04:05+01:00"}


def test_fields_have_the_sdks_names_too() -> None:
    schema = compat.EmbeddedModelSchema(migration=0, semantic="MAJOR_0_MINOR_0_PATCH_1")
    model = compat.SeededScore(schema=schema)
    assert model.var_schema is schema
    model.var_schema = None
    assert model.schema is None
    moment = compat.GroupedTimestamp(value=datetime.now(UTC))
    assert compat.AnonymousTemporalRange(from_=moment).var_from is moment
    assert compat.TransferableString(base64="eA==").var_base64 == "eA=="
    assert compat.WorkstreamEventTrigger(copy=True).copy_field is True
    assert not hasattr(compat.SeededScore(), "var_base64")
