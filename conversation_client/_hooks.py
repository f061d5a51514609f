"""The hooks of the codec: one function for each class, generated on its first use.

A hook refuses a value with `Mismatch` or, where a required field is absent, `KeyError`; finding out
where in the document that was is the codec's slow path.
"""

import sys
import typing
from collections.abc import Callable, Iterable
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from conversation_client._values import (
    READERS,
    WRITERS,
    Hook,
    Mismatch,
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
from conversation_client.models.base import Document, Extra, Field, OpenEnum, cached, fields

if TYPE_CHECKING:
    import cattrs


@cached
def fields_of(model: Any) -> tuple[Field, ...]:
    """List the fields of a model that its class describes, `extra` left out."""
    return tuple(field for field in fields(model) if field.name != "_extra")


@cached
def type_of(field: Field) -> Any:
    """Evaluate a field's annotation, which imports the module of the model that it names."""
    return eval(field.annotation, vars(sys.modules[field.owner.__module__]))  # noqa: S307


# Generated functions

_INLINE = {
    "str": "if value.__class__ is not str: value = text(value)",
    "int": "if value.__class__ is not int: value = integer(value)",
    "bool": "if value.__class__ is not bool: value = boolean(value)",
    "float": "if value.__class__ is not int: value = number(value)",
}
"""Fields of these types are checked in place, the others by a hook of their own."""


@cached
def make_reader(model: type[Document]) -> Hook:
    """Generate the function that structures a model."""
    described = fields_of(model)
    known = frozenset(field.wire_name for field in described)

    def extra_of(data: dict[str, object]) -> dict[str, object] | None:
        unknown = {
            key if key.__class__ is str else read_text(key): read_any(value)
            for key, value in data.items()
            if key not in known
        }
        return unknown or None

    namespace = _namespace(model, described, reader_of, read_number)
    namespace |= {"extra_of": extra_of, "new": object.__new__}
    source = [
        "def hook(data):",
        "if data.__class__ is not dict: raise mismatch('an object', data)",
        "self = new(model)",
        f"count = {sum(field.required for field in described)}",
        *(line for field in described for line in _reading(field)),
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


@cached
def make_writer(model: type[Document]) -> Hook:
    """Generate the function that unstructures a model."""
    described = fields_of(model)
    namespace = _namespace(model, described, writer_of, write_number)
    namespace |= {"add": _add}
    source = [
        "def hook(self):",
        "if self.__class__ is not model: raise mismatch(model.__name__, self)",
        "data = {}",
        *(line for field in described for line in _writing(field)),
        "if self._extra is not None: add(data, self._extra)",
        "return data",
    ]
    return _generate(source, namespace)


def _add(data: dict[str, object], extra: dict[str, object]) -> None:
    """Add what a document holds besides its fields."""
    if isinstance(extra, Extra) and (extra.unread or extra.spelled):
        raise Mismatch("not all of it is written as usual")
    data.update((read_text(k), write_any(v)) for k, v in extra.items() if k not in data)


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
    model: type[Document], fields: Iterable[Field], hook_for: Callable[[Any], Hook], number: Hook
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
            hook = namespace[f"hook_of_{field.name}"] = hook_for(type_of(field))
            return hook(value)

        return first

    for field in fields:
        if field.annotation not in _INLINE:
            namespace[f"hook_of_{field.name}"] = deferred(field)
    return namespace


def _generate(source: list[str], namespace: dict[str, Any]) -> Hook:
    exec(_compiled("\n    ".join(source)), namespace)  # noqa: S102
    hook: FunctionType = namespace["hook"]
    # Where Python learns what it may skip for this model, which is other for each.
    hook.__code__ = hook.__code__.replace()
    return hook


@cache
def _compiled(source: str) -> CodeType:
    """Compile a function, which is the same for all models of the same fields."""
    return compile(source, "<hook of models>", "exec")


# Containers and enums


def _make_list_hook(item: Hook) -> Hook:
    def hook(value: object) -> object:
        if not is_list(value):
            raise mismatch("a list", value)
        return [item(entry) for entry in value]

    return hook


def _make_dict_hook(item: Hook) -> Hook:
    def hook(value: object) -> object:
        if not is_object(value):
            raise mismatch("an object", value)
        return {read_text(key): item(entry) for key, entry in value.items()}

    return hook


def _make_enum_reader(enum: type[OpenEnum]) -> Hook:
    members: dict[object, OpenEnum] = {str(member): member for member in enum}

    def hook(value: object) -> object:
        try:
            return members[value]
        except (KeyError, TypeError):  # unknown, or not even hashable
            return enum(read_text(value))

    return hook


def is_document(kind: object) -> bool:
    """Tell whether this is a model's class."""
    return isinstance(kind, type) and issubclass(kind, Document)


@cached
def reader_of(kind: Any) -> Hook:
    """Return the hook that structures values of this type."""
    return READERS.get(kind) or _hook(kind, reader_of, _make_enum_reader, make_reader)


@cached
def writer_of(kind: Any) -> Hook:
    """Return the hook that unstructures values of this type."""
    return WRITERS.get(kind) or _hook(kind, writer_of, lambda _: read_text, make_writer)


def _hook(
    kind: Any,
    hook_of: Callable[[Any], Hook],
    of_enum: Callable[[type[OpenEnum]], Hook],
    of_document: Callable[[type[Document]], Hook],
) -> Hook:
    make_container = {list: _make_list_hook, dict: _make_dict_hook}.get(typing.get_origin(kind))
    if make_container is not None:
        return make_container(hook_of(typing.get_args(kind)[-1]))
    return of_enum(kind) if issubclass(kind, OpenEnum) else of_document(kind)


def make_converter() -> "cattrs.Converter":
    """Make a cattrs converter of these hooks."""
    import cattrs  # noqa: PLC0415  # takes as long as a first call's reading, which does without it

    made = cattrs.Converter(detailed_validation=False)
    made.register_structure_hook_factory(_is_ours, _reader_for_cattrs)
    made.register_unstructure_hook_factory(_is_ours, writer_of)
    return made


def _is_ours(kind: Any) -> bool:
    if typing.get_origin(kind) in (list, dict):
        return _is_ours(typing.get_args(kind)[-1])
    return (
        kind in READERS
        or is_document(kind)
        or (isinstance(kind, type) and issubclass(kind, OpenEnum))
    )


def _reader_for_cattrs(kind: Any) -> Callable[[Any, Any], Any]:
    reader = reader_of(kind)

    def hook(value: Any, _: Any) -> Any:
        return reader(value)

    return hook
