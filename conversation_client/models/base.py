"""What every model and every enum has in common."""

from enum import StrEnum
from typing import Any, ClassVar, Self, TypeVar, cast, dataclass_transform

import attrs

C = TypeVar("C", bound=type)

WIRE_NAME = "wire_name"


def renamed(wire_name: str, *, default: Any = attrs.NOTHING, alias: str | None = None) -> Any:
    """Declare a field whose name on the wire is not its Python name.

    Args:
        wire_name: Name of the field in JSON.
        default: Value of an unset field; without one the field is required.
        alias: Name of the argument of `__init__`, if not the field's own.
    """
    return attrs.field(default=default, alias=alias, metadata={WIRE_NAME: wire_name})


@dataclass_transform(
    kw_only_default=True, eq_default=False, field_specifiers=(renamed, attrs.field)
)
def document(cls: C) -> C:
    """Make an attrs class with slots and keyword-only fields.

    Equality and `repr` are inherited from `Document` rather than generated: that halves the time it
    takes to define a class, and there are some 300 of them.
    """
    return attrs.define(cls, kw_only=True, eq=False, repr=False)


def fields(model: "type[Document]") -> "tuple[attrs.Attribute[Any], ...]":
    """List the attrs fields of a model; type checkers do not see that it is an attrs class."""
    return cast("tuple[attrs.Attribute[Any], ...]", attrs.fields(cast(Any, model)))


@document
class Document:
    """Base of all models. A field that is `None` is unset and absent from the document."""

    _extra: dict[str, object] | None = attrs.field(default=None, alias="extra")

    @property
    def extra(self) -> dict[str, object]:
        """What the document holds beyond the class's fields, by wire name; written back."""
        if self._extra is None:
            self._extra = {}
        return self._extra

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document) or other.__class__ is not self.__class__:
            return NotImplemented
        return _values(self) == _values(other)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # mutable, as lists and dicts are

    def __repr__(self) -> str:
        """Show the fields that are set, and no others: most of them never are."""
        shown = {name: value for name, value in _values(self).items() if value is not None}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in shown.items())})"


def _values(instance: Document) -> dict[str, object]:
    """Field values by argument name; an empty `extra` is the same as none."""
    values = {str(field.alias): getattr(instance, field.name) for field in fields(type(instance))}
    values["extra"] = values.pop("extra") or None  # last
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
