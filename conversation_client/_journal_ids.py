"""Ids as a journal spells them: a JSON array for each block."""

from collections.abc import Sequence
from json import JSONDecoder, JSONEncoder
from typing import cast
from uuid import UUID

import attrs


@attrs.frozen(repr=False)
class Unsendable:
    """What an input held in place of an id; it is refused like the thing itself."""

    text: str

    def __repr__(self) -> str:
        """Show what it was."""
        return self.text


def _text_of(item: object) -> dict[str, str]:
    try:
        return {"unsendable": repr(item)}
    except Exception:  # its class may raise anything
        return {"unsendable": object.__repr__(item)}


_encode = JSONEncoder(separators=(",", ":")).encode
_decode = JSONDecoder(object_hook=lambda found: Unsendable(found["unsendable"])).decode


def encode_ids(items: Sequence[object]) -> str:
    """Spell the ids of a block, and whatever else an input may hold."""
    values = [item if type(item) is str else _value(item) for item in items]
    text = _encode(values)
    if "\\ud" in text:
        # Two surrogates that are no id would come back as one character, which is.
        text = _encode([_text_of(value) if _changes(value) else value for value in values])
    return text


def _value(item: object) -> object:
    if isinstance(item, UUID):
        return UUID.__str__(item)
    return item if item is None or isinstance(item, str | bool) else _text_of(item)


def _changes(value: object) -> bool:
    return isinstance(value, str) and _decode(_encode(value)) != value


def decode_ids(text: str) -> list[object]:
    """Return the ids of a block, and `Unsendable` for what is none.

    Raises:
        Exception: It is no block.
    """
    ids: object = _decode(text)
    if not isinstance(ids, list):
        raise TypeError("no array")
    return cast(list[object], ids)
