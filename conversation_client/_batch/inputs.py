"""What may be the input of a batch: not everything that can be iterated over gives ids."""

from collections import UserString
from collections.abc import AsyncIterable, Iterable, Mapping, Sized
from itertools import groupby

from conversation_client.errors import InvalidArgumentError

_TEXTS = (str, UserString, bytes, bytearray, memoryview)


def check_input(name: str, items: object) -> None:
    """Refuse what gives no ids, or other texts than who passes it means.

    Others' classes are told by their shape, so that none of them has to be installed or imported.

    Args:
        name: The argument that it is.
        items: The input.

    Raises:
        InvalidArgumentError: It is nothing to take items from.
    """
    problem = _problem(items)
    if problem:
        raise InvalidArgumentError(f"{name}: {problem}")


def length_of(items: object) -> int | None:
    """Return how many items an input has; `None` if it has no length, or does not know it."""
    try:
        return len(items) if isinstance(items, Sized) else None
    except Exception:  # whatever an input's own code raises: a bar over a generator has none
        return None


def _problem(items: object) -> str | None:
    kind = type(items)
    if isinstance(items, _TEXTS) or not issubclass(kind, Iterable | AsyncIterable):
        return f"an iterable is needed, not {kind.__name__}"
    if _is_mapping(items):
        return (
            f"a {kind.__name__} gives its keys: pass its `values()`, or its `keys()` if they are"
            " what is meant"
        )
    if _is_grouping(items):
        return f"a {kind.__name__} gives groups: pass the ids, such as a column"
    if _has_columns(type(items)) or _dimensions(items) > 1:
        return f"a {kind.__name__} gives columns or rows: pass the column that holds the ids"
    if _dimensions(items) < 1:
        return f"a {kind.__name__} without dimensions holds no items: pass a list"
    return None


def _is_mapping(items: object) -> bool:
    methods = (getattr(type(items), name, None) for name in ("keys", "values", "items"))
    return isinstance(items, Mapping) or all(map(callable, methods))


def _is_grouping(items: object) -> bool:
    kind = type(items)
    # A column can be aggregated, too, but is of one type and has no groups.
    is_aggregated = hasattr(kind, "agg") and (hasattr(kind, "groups") or not hasattr(kind, "dtype"))
    return isinstance(items, groupby) or (is_aggregated and not _has_columns(kind))


def _has_columns(kind: type) -> bool:
    # Where it is a method, as of the results of SQLAlchemy, it chooses some.
    return not callable(getattr(kind, "columns", callable))


def _dimensions(items: object) -> int:
    """Return how many dimensions an array has; what is none counts as having one."""
    if not hasattr(type(items), "ndim"):
        return 1
    dimensions = getattr(items, "ndim", 1)
    return dimensions if isinstance(dimensions, int) else 1
