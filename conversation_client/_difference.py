"""What a conversation has of a material, and what it takes for it to have what is wanted."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeGuard, cast

from conversation_client.errors import DecodeError
from conversation_client.models.base import fields
from conversation_client.models.conversation import Conversation
from conversation_client.operations import Material

Ids = Mapping[str, None]
"""A set of ids that keeps their order."""


class Difference(NamedTuple):
    """What it takes."""

    to_add: tuple[str, ...]
    """In the order of what is wanted."""
    to_remove: tuple[str, ...]
    """In the order of the document."""
    kept: int
    """How many of those that are wanted are there."""


def difference(held: Ids, wanted: Ids, *, remove: bool) -> Difference:
    """Compare what a conversation has with what is wanted.

    Args:
        held: The ids that it has.
        wanted: The ids that it is to have.
        remove: Whether it is to have no others.
    """
    to_add = tuple(id_ for id_ in wanted if id_ not in held)
    to_remove = tuple(id_ for id_ in held if id_ not in wanted) if remove else ()
    return Difference(to_add, to_remove, len(wanted) - len(to_add))


def reference(members: dict[str, Any]) -> Any:
    """Make of a reference the id alone, if that is all it holds: a third of the memory will do."""
    return members["id"] if len(members) == 1 and "id" in members else members


def ids_of(document: object, material: Material) -> Ids:
    """Return the ids that a conversation lists of a material.

    Those that are listed count, unless their index is that of a removed one, and so do those that
    have an index. What the document does not tell is nothing.

    Args:
        document: The conversation as JSON, in which `reference` has been made of references.
        material: What they are ids of.

    Raises:
        DecodeError: It is no conversation.
    """
    _check(document)
    collection: object = document
    for name in material.collection.split("."):
        collection = collection.get(name) if _is_object(collection) else None
    if not _is_object(collection):
        return {}
    indices: object = collection.get("indices")
    indices = indices if _is_object(indices) else {}
    ids = {id_: None for id_ in _listed(collection.get("iterable")) if indices.get(id_) != -1}
    ids |= {id_: None for id_, index in indices.items() if _is_place(index)}
    return ids


def _is_place(index: object) -> bool:
    return isinstance(index, int | float) and not isinstance(index, bool) and index >= 0


def _listed(iterable: object) -> Iterator[str]:
    for each in cast("list[object]", iterable) if isinstance(iterable, list) else ():
        id_ = each.get("id") if _is_object(each) else each
        if isinstance(id_, str):
            yield id_


def _check(document: object) -> None:
    """Refuse what is no conversation, such as the page of an error, which would be one of nothing."""
    if not _is_object(document):
        raise DecodeError("no Conversation: $: not an object", path="$")
    for name in (field.wire_name for field in fields(Conversation) if field.required):
        if document.get(name) is None:
            path = f"$.{name}"
            raise DecodeError(f"no Conversation: {path}: required field missing", path=path)


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
