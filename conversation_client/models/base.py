"""What every model and every enum has in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    NamedTuple,
    Self,
    TypeVar,
    cast,
    dataclass_transform,
)

import attrs

C = TypeVar("C", bound=type)
D = TypeVar("D", bound="Document")
F = TypeVar("F", bound=Callable[..., Any])

WIRE_NAME = "wire_name"
"""Key in the metadata of an attrs field whose name is another in JSON."""


def cached(function: F) -> F:
    """Do as `functools.cache` does, for what is asked of classes.

    To mypy, a class whose instances have no hash has none itself.
    """
    return cast(F, cache(function))


class Declared(NamedTuple):
    """What a class says of a field besides its type."""

    default: Any = attrs.NOTHING
    wire_name: str | None = None
    """Name in JSON, where it is not the field's own."""
    alias: str | None = None
    """Name of the argument of `__init__`, where it is not the field's own."""


def renamed(wire_name: str, *, default: Any = attrs.NOTHING, alias: str | None = None) -> Any:
    """Declare a field whose name on the wire is not its Python name.

    Args:
        wire_name: Name of the field in JSON.
        default: Value of an unset field; without one the field is required.
        alias: Name of the argument of `__init__`, if not the field's own.
    """
    return Declared(default, wire_name, alias)


class Field(NamedTuple):
    """A field of a model."""

    name: str
    wire_name: str
    argument: str
    """Its name as an argument of `__init__`."""
    annotation: str
    """Type as written in the class, without `| None`."""
    owner: type
    """Class that declares it, in whose module the type's names are to be looked up."""
    required: bool
    nullable: bool
    """Whether null is a value: required, and yet `| None`."""


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(renamed,))
def document(cls: C) -> C:
    """Make an attrs class with slots and keyword-only fields.

    What attrs makes of it is made when it is first asked for: that takes ten times as long as the
    class, and reading a document, which may meet a hundred classes, needs none of it. Equality and
    `repr` are inherited from `Document`.
    """
    return _with_slots(cls, is_model=True)


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(renamed,))
def shared(cls: C) -> C:
    """Like `document`, for fields that several models have, which follow the models' own."""
    return _with_slots(cls, is_model=False)


def _with_slots(cls: C, *, is_model: bool) -> C:
    names = tuple(cls.__annotations__)
    declared = {name: _declared(vars(cls).get(name, attrs.NOTHING)) for name in names}
    left = {name: value for name, value in vars(cls).items() if name not in declared}
    left.pop("__dict__", None)
    left.pop("__weakref__", None)
    slots = (*names, "__weakref__") if cls.__bases__ == (object,) else names
    added = {
        "__init__": _Deferred(),
        "__attrs_attrs__": _Deferred(),
        "__qualname__": cls.__qualname__,
        "__slots__": slots,
        "_declared": declared,
        "_is_model": is_model,
    }
    made: Any = type(cls)(cls.__name__, cls.__bases__, left | added)
    return made  # type: ignore[no-any-return]


def _declared(value: Any) -> Declared:
    return value if isinstance(value, Declared) else Declared(value)


class _Deferred:
    """A part of an attrs class that is made when it is first asked for, with all the others."""

    _making = threading.RLock()

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        with self._making:
            if vars(self._owner)[self._name] is self:
                _make_attrs_class(self._owner)
        made = vars(self._owner)[self._name]
        return made.__get__(instance, owner) if hasattr(made, "__get__") else made


def _make_attrs_class(cls: Any) -> None:
    these = {name: _attribute(declared) for name, declared in cls._declared.items()}
    order = [field.name for field in fields(cls)]

    def in_order(_: type, found: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
        return sorted(found, key=lambda attribute: order.index(attribute.name))

    attrs.define(
        cls,
        these=these,
        slots=False,  # it has them
        init=True,
        repr=False,
        eq=False,
        kw_only=True,
        field_transformer=in_order,
    )


def _attribute(declared: Declared) -> Any:
    default, wire_name, alias = declared
    metadata = {WIRE_NAME: wire_name} if wire_name else None
    return attrs.field(default=default, alias=alias, metadata=metadata)


@cached
def fields(model: Any) -> tuple[Field, ...]:
    """List the fields of a model: its own, then those that it shares, and `extra` last."""
    return tuple(
        _field(name, declared, cls)
        for cls in cast(type, model).__mro__
        for name, declared in cast(dict[str, Declared], vars(cls).get("_declared", {})).items()
    )


def _field(name: str, declared: Declared, owner: type) -> Field:
    annotation: str = owner.__annotations__[name]
    required = declared.default is attrs.NOTHING
    return Field(
        name,
        declared.wire_name or name,
        declared.alias or name,
        annotation.removesuffix(" | None"),
        owner,
        required,
        required and annotation.endswith(" | None"),
    )


def is_model(value: object) -> bool:
    """Tell whether this is the class of a model, and not what several share."""
    return (
        isinstance(value, type)
        and issubclass(value, Document)
        and vars(value).get("_is_model", False)
    )


class Extra(dict[str, object]):
    """What a document holds beyond what its class reads, by wire name."""

    unread: frozenset[str] = frozenset()
    """Wire names of fields that were not as promised and may be written so, too."""


@shared
class Document:
    """Base of all models. A field that is `None` is unset and absent from the document."""

    _extra: dict[str, object] | None = renamed("extra", default=None, alias="extra")

    @property
    def extra(self) -> dict[str, object]:
        """What the document holds beyond the class's fields, by wire name; written back.

        A value that does not fit its field is here, too, while the field is `None`.
        """
        if self._extra is None:
            self._extra = {}
        return self._extra

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document) or other.__class__ is not self.__class__:
            return NotImplemented
        return _values(self) == _values(other)

    def __repr__(self) -> str:
        """Show the fields that are set, as far as there is room for them: at most 1,500 characters."""
        from conversation_client._brief import brief  # noqa: PLC0415  # it knows of this module

        return brief(self)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        """Show the same to rich, with a line or two for each field."""
        from conversation_client._brief import lines  # noqa: PLC0415  # it knows of this module

        yield from lines(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> dict[str, Any]:
        """Tell pydantic how the model is read and written: as by `from_dict` and `to_dict`."""
        from conversation_client._pydantic import core_schema_of  # noqa: PLC0415  # it reads models

        return core_schema_of(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, Any]:
        """Tell pydantic, for an OpenAPI page, that it is an object, and of what name."""
        return {"title": cls.__name__, "type": "object"}

    # Mutable, as lists and dicts are. What is annotated here would be taken for a field.
    if TYPE_CHECKING:
        __hash__: ClassVar[None]  # type: ignore[assignment]
    else:
        __hash__ = None


def documents_in(collection: object, kind: type[D]) -> list[D]:
    """List the documents of a kind in a collection, in which something else may have come."""
    found: list[object] = getattr(collection, "iterable", None) or []
    return [each for each in found if isinstance(each, kind)]


def _values(instance: Document) -> dict[str, object]:
    """Field values by argument name; an empty `extra` is the same as none."""
    values = {field.argument: getattr(instance, field.name) for field in fields(type(instance))}
    values["extra"] = values["extra"] or None
    return values


class OpenEnum(StrEnum):
    """An enum that newer servers may extend: an unknown value is kept as it is.

    `ConversationTypeEnum("NEW")` compares equal to `"NEW"`, is written back as `"NEW"` and is an
    instance of the class, but it is not among the class's members.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = value
        unknown._value_ = value
        return unknown
