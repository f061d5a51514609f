"""What the official SDK's models can do, for ours."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from pprint import pformat
from typing import Any, TypeVar, cast

from conversation_client import codec
from conversation_client.compat.exceptions import ApiValueError
from conversation_client.errors import DecodeError, InvalidArgumentError
from conversation_client.models.base import Document

D = TypeVar("D", bound=Document)

FIELDS = {"var_schema": "schema", "var_base64": "base64", "var_from": "from_", "copy_field": "copy"}
"""The SDK's names of fields, and ours, where they differ."""


def to_json(model: Document) -> str:
    """Write a model as JSON.

    Raises:
        ApiValueError: A field holds what its type does not allow.
    """
    try:
        return codec.encode(model).decode()
    except InvalidArgumentError as error:
        raise ApiValueError(0, str(error)) from error


def to_dict(model: Document) -> dict[str, Any]:
    """Return a model as JSON has it, times as text; the names are those of the wire.

    Raises:
        ApiValueError: A field holds what its type does not allow.
    """
    try:
        return codec.to_dict(model)
    except InvalidArgumentError as error:
        raise ApiValueError(0, str(error)) from error


def to_str(model: Document) -> str:
    """Show a model for people."""
    return pformat(to_dict(model))


def from_json(model: type[D], json_str: str | bytes) -> D:
    """Read a model from JSON.

    Raises:
        ApiValueError: It is none, or another document.
    """
    try:
        return codec.decode(json_str, model)
    except (DecodeError, InvalidArgumentError) as error:
        raise ApiValueError(0, str(error)) from error


def from_dict(model: type[D], obj: Mapping[str, Any] | None) -> D | None:
    """Read a model from what `to_dict` returns, in which there may be times and models as well.

    Raises:
        ApiValueError: It is another document.
    """
    if obj is None:
        return None
    try:
        return codec.from_dict(model, cast("dict[str, Any]", _plain(obj)))
    except (DecodeError, InvalidArgumentError, RecursionError) as error:
        raise ApiValueError(0, str(error)) from error


def _plain(value: Any) -> object:
    """Return what JSON has for a value; what it has nothing for, as it is, to be refused."""
    match value:
        case datetime():
            return value.isoformat()
        case Document():
            return to_dict(value)
        case Mapping():
            members = cast("Mapping[object, object]", value)
            return {name: _plain(each) for name, each in members.items()}
        case list() | tuple():
            return [_plain(each) for each in cast("Sequence[object]", value)]
        case _:
            return value


def _field(name: str) -> property:
    return property(attrgetter(name), lambda model, value: setattr(model, name, value))


def extend() -> None:
    """Give all models the methods, and the fields under the names."""
    names: dict[str, object] = {name: _field(ours) for name, ours in FIELDS.items()}
    names |= {"to_json": to_json, "to_dict": to_dict, "to_str": to_str}
    names |= {"from_json": classmethod(from_json), "from_dict": classmethod(from_dict)}
    for name, value in names.items():
        setattr(Document, name, value)
