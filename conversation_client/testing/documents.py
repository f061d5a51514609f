"""The shape of the emulator's JSON documents, and the collections inside a conversation.

Plain dictionaries rather than the client's models: the emulator shares no code with the codec that
it helps to test, and keeps whatever field it is sent.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn, cast

import attrs

from conversation_client.operations import Material

JsonObject = dict[str, Any]

MESSAGES = "messages"
ANNOTATIONS = "annotations"
COLLECTIONS: tuple[str, ...] = (MESSAGES, *(material.collection for material in Material))
"""Every part of a conversation that is a list of entries with their `indices`."""
SINCE_EVER: JsonObject = {"value": "2024-07-01T00:00:00.000000Z"}
"""When what nobody made was made."""
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60}
"""Their length in seconds."""


class MalformedError(ValueError):
    """A document is not JSON, or has another shape than its schema."""


@attrs.frozen
class Entry:
    """One id of a collection."""

    id: str
    document: JsonObject | None = None
    """The entry as it was sent, if it held more than its id."""
    removed: bool = False
    """Whether the id was taken out; its index is then -1."""


def parse(body: bytes) -> JsonObject:
    """Read a request's body.

    Raises:
        MalformedError: It is not JSON, or not an object.
    """
    try:
        document: object = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"the body is not JSON: {error}") from error
    return as_object(document, "the body")


def dump(document: JsonObject) -> bytes:
    """Write a document as compact UTF-8.

    Raises:
        MalformedError: A number or a text in it has no form in JSON.
    """
    try:
        return json.dumps(
            document, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not valid JSON: {error}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def as_object(value: object, what: str) -> JsonObject:
    """Return a value that ought to be a JSON object; `what` names it in the error."""
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is not an object")
    return cast(JsonObject, value)


def as_list(value: object, what: str) -> list[object]:
    """Return a value that ought to be a JSON array."""
    if not isinstance(value, list):
        raise MalformedError(f"{what} is not a list")
    return cast(list[object], value)


def as_text(value: object, what: str) -> str:
    """Return a value that ought to be a JSON string."""
    if not isinstance(value, str):
        raise MalformedError(f"{what} is not a text")
    return value


def now() -> str:
    """Return the current time as the server writes it: UTC, ISO 8601, microseconds, `Z`."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def readable(time: str) -> str:
    """Return how long ago a time was, in words."""
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds())
    for unit, length in _UNITS.items():
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def find(document: JsonObject, collection: str) -> JsonObject | None:
    """Return a collection of a conversation, or None if it has no such part.

    Raises:
        MalformedError: Something on the way is not an object.
    """
    for name in collection.split("."):
        if document.get(name) is None:
            return None
        document = as_object(document[name], name)
    return document


def detach(document: JsonObject, collection: str) -> list[Entry]:
    """Take a collection's entries and indices out of a conversation; its other fields stay.

    Returns:
        The entries in order, without repeats, then those ids of `indices` that are not listed.

    Raises:
        MalformedError: The collection has another shape, or an entry has no id.
    """
    holder = find(document, collection) or {}
    listed: list[object] = as_list(holder.pop("iterable", None) or [], collection)
    indices: JsonObject = as_object(holder.pop("indices", None) or {}, f"{collection}.indices")
    entries = {entry.id: entry for entry in (_entry(item, collection) for item in listed)}
    gone = [Entry(name, removed=True) for name in indices if name not in entries]
    return [*entries.values(), *gone]


def _entry(item: object, collection: str) -> Entry:
    document: JsonObject = as_object(item, f"an entry of {collection}")
    name = as_text(document.get("id"), f"the id of an entry of {collection}")
    return Entry(name, document if len(document) > 1 else None)


def attach(document: JsonObject, collection: str, entries: Iterable[Entry]) -> None:
    """Put entries into one of a conversation's collections."""
    *parents, name = collection.split(".")
    for parent in parents:
        document[parent] = document.get(parent) or {}
        document = document[parent]
    document[name] = {**(document.get(name) or {}), **listing(entries)}


def listing(entries: Iterable[Entry]) -> JsonObject:
    """Return entries as `iterable`, and as `indices` the position of each or -1 if removed."""
    iterable: list[JsonObject] = []
    indices: dict[str, int] = {}
    for entry in entries:
        indices[entry.id] = -1 if entry.removed else len(iterable)
        if not entry.removed:
            iterable.append(entry.document or {"id": entry.id})
    return {"iterable": iterable, "indices": indices}
