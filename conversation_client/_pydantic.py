"""What pydantic, and FastAPI with it, is told of a model when it asks; nothing here imports it."""

from collections.abc import Callable
from typing import Any, TypeVar

from conversation_client.codec import from_dict, to_dict
from conversation_client.errors import DecodeError
from conversation_client.models.base import Document

D = TypeVar("D", bound=Document)


def core_schema_of(model: type[Document]) -> dict[str, Any]:
    """Describe a model as pydantic's `core_schema` does.

    An instance is taken as it is, a dictionary is read as `from_dict` does, and both are written as
    `to_dict` does. Its reference is what names the model in a JSON Schema.
    """
    return {
        "type": "function-plain",
        "ref": f"{model.__module__}.{model.__qualname__}:{id(model)}",
        "function": {"type": "no-info", "function": _reader(model)},
        "serialization": {"type": "function-plain", "function": to_dict},
    }


def _reader(model: type[D]) -> Callable[[Any], D]:
    def read(value: Any) -> D:
        if isinstance(value, model):
            return value
        try:
            return from_dict(model, value)
        except DecodeError as error:
            raise ValueError(str(error)) from error  # what pydantic takes for a refusal

    return read
