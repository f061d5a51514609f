"""Models in pydantic's models and adapters, which read and write them as `from_dict`, `to_dict` do."""

import json
from typing import Any

import pytest
from cases import GOLDEN
from children import run

from conversation_client import from_dict, to_dict
from conversation_client.models import Conversation, SeededScore

pydantic: Any = pytest.importorskip("pydantic", reason="needs the extra `integration`")

SAMPLE = json.loads((GOLDEN / "samples/5.0.1/Conversation.exhaustive.json").read_bytes())


def test_a_model_is_a_field_of_a_pydantic_model() -> None:
    class Page(pydantic.BaseModel):
        conversations: list[Conversation]
        best: Conversation | None = None

    conversation = from_dict(Conversation, SAMPLE | {"later": [1]})
    page = Page(conversations=[conversation])
    assert page.conversations[0] is conversation
    assert page.model_dump() == {"conversations": [to_dict(conversation)], "best": None}
    again = Page.model_validate_json(page.model_dump_json())
    assert again.conversations == [conversation]
    assert again.conversations[0].extra == {"later": [1]}


def test_what_is_no_such_document_is_refused_as_pydantic_refuses() -> None:
    adapter = pydantic.TypeAdapter(Conversation)
    odd: Any
    for odd, what in (({"id": "c"}, "created"), (1, "an object"), ({"id": object()}, "object")):
        with pytest.raises(pydantic.ValidationError, match=what):
            adapter.validate_python(odd)


def test_a_schema_names_the_model() -> None:
    schema = pydantic.TypeAdapter(list[SeededScore]).json_schema()
    assert schema == {
        "$defs": {"SeededScore": {"title": "SeededScore", "type": "object"}},
        "items": {"$ref": "#/$defs/SeededScore"},
        "type": "array",
    }


def test_models_do_not_import_pydantic() -> None:
    code = (
        "import sys; from conversation_client import to_dict; from conversation_client.models import"
        " SeededScore; to_dict(SeededScore(reuse=True)); print('pydantic' in sys.modules)"
    )
    assert run(code) == "False\n"
