"""The hooks of the cattrs converter: one function for each class, generated on its first use.

A hook refuses a value with `Mismatch` or, where a required field is absent, `KeyError`; finding out
where in the document that was is the codec's slow path.
"""

import sys
import typing
from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast

import attrs
import cattrs

from conversation_client._values import (
    READERS,
    WRITERS,
    Hook,
    is_list,
    is_object,
    mismatch,
    read_any,
    read_boolean,
    read_integer,
    read_number,
    read_text,
    write_any,
    write_number,
)
from conversation_client.models.base import WIRE_NAME, Document, OpenEnum
from conversation_client.models.base import fields as attributes


@attrs.frozen
class Field:
    """One field of a model as the codec sees it."""

    name: str
    wire_name: str
    annotation: str
    """Type as written in the class, without `| None`."""
    required: bool
    nullable: bool
    """Whether null is a value: required, and yet `| None`."""


def fields_of(model: type[Document]) -> list[Field]:
    """List the fields of a model that its class describes, `extra` left out."""
    fields: list[Field] = []
    for field in attributes(model):
        if field.name == "_extra":
            continue
        annotation = str(field.type)
        required = field.default is attrs.NOTHING
        fields.append(
            Field(
                field.name,
                field.metadata.get(WIRE_NAME, field.name),
                annotation.removesuffix(" | None"),
                required,
                required and annotation.endswith(" | None"),
            )
        )
    return fields


def type_of(model: type[Document], field: Field) -> Any:
    """Evaluate a field's annotation, which imports the module of the model that it names."""
    return eval(field.annotation, vars(sys.modules[model.__module__]))  # noqa: S307


# Generated functions

_INLINE = {
    "str": "if value.__class__ is not str: value = text(value)",
    "int": "if value.__class__ is not int: value = integer(value)",
    "bool": "if value.__class__ is not bool: value = boolean(value)",
    "float": "if value.__class__ is not int: value = number(value)",
}
"""Fields of these types are checked in place, the others by a hook of their own."""


@cache
def make_reader(model: type[Document]) -> Hook:
    """Generate the function that structures a model."""
    fields = fields_of(model)
    known = frozenset(field.wire_name for field in fields)

    def extra_of(data: dict[str, object]) -> dict[str, object] | None:
        unknown = {key: read_any(value) for key, value in data.items() if key not in known}
        return unknown or None

    namespace = _namespace(model, fields, reader_of, read_number)
    namespace |= {"extra_of": extra_of, "new": object.__new__}
    source = [
        "def hook(data, _=None):",
        "if data.__class__ is not dict: raise mismatch('an object', data)",
        "self = new(model)",
        f"count = {sum(field.required for field in fields)}",
        *(line for field in fields for line in _reading(field)),
        "self._extra = None if count == len(data) else extra_of(data)",
        "return self",
    ]
    return _generate(source, namespace)


def _reading(field: Field) -> list[str]:
    """Return the lines that read a field, and count it unless it is there in any case."""
    check, store = _check(field), f"self.{field.name} = value"
    if not field.required:
        get = f"value = data.get({field.wire_name!r})"
        return [get, "if value is not None:", "    count += 1", f"    {check}", store]
    get = f"value = data[{field.wire_name!r}]"
    if field.nullable:
        return [get, "if value is not None:", f"    {check}", store]
    return [get, check, store]


@cache
def make_writer(model: type[Document]) -> Hook:
    """Generate the function that unstructures a model."""
    fields = fields_of(model)
    namespace = _namespace(model, fields, writer_of, write_number)
    namespace |= {"anything": write_any}
    source = [
        "def hook(self):",
        "if self.__class__ is not model: raise mismatch(model.__name__, self)",
        "data = {}",
        *(line for field in fields for line in _writing(field)),
        "if self._extra: data |= anything(self._extra)",
        "return data",
    ]
    return _generate(source, namespace)


def _writing(field: Field) -> list[str]:
    """Return the lines that write a field."""
    get, store = f"value = self.{field.name}", f"data[{field.wire_name!r}] = value"
    check = _check(field)
    if not field.required:
        return [get, "if value is not None:", f"    {check}", f"    {store}"]
    if field.nullable:
        return [get, "if value is not None:", f"    {check}", store]
    return [get, check, store]


def _check(field: Field) -> str:
    return _INLINE.get(field.annotation, f"value = hook_of_{field.name}(value)")


def _namespace(
    model: type[Document], fields: list[Field], hook_for: Callable[[Any], Hook], number: Hook
) -> dict[str, Any]:
    """Globals of a generated function.

    The hook of a field makes the real one when first called: a model that never arrives is never
    compiled, and its module never imported.
    """
    namespace: dict[str, Any] = {
        "model": model,
        "mismatch": mismatch,
        "text": read_text,
        "integer": read_integer,
        "boolean": read_boolean,
        "number": number,
    }

    def deferred(field: Field) -> Hook:
        def first(value: object) -> object:
            hook = namespace[f"hook_of_{field.name}"] = hook_for(type_of(model, field))
            return hook(value)

        return first

    for field in fields:
        if field.annotation not in _INLINE:
            namespace[f"hook_of_{field.name}"] = deferred(field)
    return namespace


def _generate(source: list[str], namespace: dict[str, Any]) -> Hook:
    name = f"<hook of {namespace['model'].__name__}>"
    exec(compile("\n    ".join(source), name, "exec"), namespace)  # noqa: S102
    return cast(Hook, namespace["hook"])


# Containers and enums


def _make_list_hook(item: Hook) -> Hook:
    def hook(value: object, _: object = None) -> object:
        if not is_list(value):
            raise mismatch("a list", value)
        return [item(entry) for entry in value]

    return hook


def _make_dict_hook(item: Hook) -> Hook:
    def hook(value: object, _: object = None) -> object:
        if not is_object(value):
            raise mismatch("an object", value)
        return {read_text(key): item(entry) for key, entry in value.items()}

    return hook


def _make_enum_reader(enum: type[OpenEnum]) -> Hook:
    members: dict[object, OpenEnum] = {str(member): member for member in enum}

    def hook(value: object, _: object = None) -> object:
        try:
            return members[value]
        except (KeyError, TypeError):  # unknown, or not even hashable
            return enum(read_text(value))

    return hook


def is_document(kind: object) -> bool:
    """Tell whether this is a model's class."""
    return isinstance(kind, type) and issubclass(kind, Document)


@cache
def reader_of(kind: Any) -> Hook:
    """Return the hook that structures values of this type."""
    if kind in READERS:
        return READERS[kind]
    if isinstance(kind, type) and issubclass(kind, OpenEnum):
        return _make_enum_reader(kind)
    return cast(Hook, converter.get_structure_hook(kind))


@cache
def writer_of(kind: Any) -> Hook:
    """Return the hook that unstructures values of this type."""
    return converter.get_unstructure_hook(kind)


def _make_converter() -> cattrs.Converter:
    made = cattrs.Converter(detailed_validation=False)
    for kind, reader in READERS.items():
        made.register_structure_hook(kind, partial(_ignoring_type, reader))
    for kind, writer in WRITERS.items():
        made.register_unstructure_hook(kind, writer)
    made.register_structure_hook(OpenEnum, _read_enum)
    made.register_unstructure_hook(OpenEnum, read_text)
    for origin, make in ((list, _make_list_hook), (dict, _make_dict_hook)):
        is_kind = partial(_is_generic, origin)
        made.register_structure_hook_factory(is_kind, partial(_container, make, reader_of))
        made.register_unstructure_hook_factory(is_kind, partial(_container, make, writer_of))
    made.register_structure_hook_factory(is_document, make_reader)
    made.register_unstructure_hook_factory(is_document, make_writer)
    return made


def _ignoring_type(reader: Hook, value: object, _: object = None) -> object:
    return reader(value)


def _read_enum(value: object, enum: Any) -> object:
    return reader_of(enum)(value)


def _is_generic(origin: type, kind: object) -> bool:
    return typing.get_origin(kind) is origin


def _container(make: Callable[[Hook], Hook], hook_of: Callable[[Any], Hook], kind: Any) -> Hook:
    return make(hook_of(typing.get_args(kind)[-1]))


converter: cattrs.Converter = _make_converter()
