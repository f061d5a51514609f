"""What immutable attrs classes have in common."""

from typing import Any, cast

import attrs


class Record:
    """Base of frozen attrs classes: compares, hashes and shows them by their fields, as attrs does.

    attrs would make these methods anew for each class, which is half of what a class costs at
    import. They are for classes with `eq=False, repr=False`.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash(_values(self))

    def __repr__(self) -> str:
        shown = [
            f"{each.name}={_shown(each, getattr(self, each.name))}"
            for each in _fields(self)
            if each.repr
        ]
        return f"{type(self).__qualname__.rpartition('>.')[2]}({', '.join(shown)})"


def _fields(record: object) -> "tuple[attrs.Attribute[Any], ...]":
    found: Any = attrs.fields(cast("type[attrs.AttrsInstance]", type(record)))
    return cast("tuple[attrs.Attribute[Any], ...]", found)


def _values(record: object) -> tuple[object, ...]:
    return tuple(getattr(record, each.name) for each in _fields(record) if each.eq)


def _shown(field: "attrs.Attribute[Any]", value: object) -> str:
    return field.repr(value) if callable(field.repr) else repr(value)
