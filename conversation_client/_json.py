"""JSON text to plain values and back, with orjson where it is installed."""

import json
import math
import re
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, NoReturn

from conversation_client._values import SHOWN, ExactFloat, is_list, is_object
from conversation_client.errors import DecodeError

try:
    import orjson
except ImportError:  # without the extra `speed`
    orjson = None  # type: ignore[assignment]

SHALLOW = 200
"""Levels that the C code of json can go down in a thread with a stack of 64 KiB."""
TOO_DEEP = "nested too deeply"
ORJSON_TOO_DEEP = "Recursion limit reached"
STRING = r'(?s)"[^"\\]*+(?:\\.[^"\\]*+)*+"'
BRACKET = r"[\[\]{}]"
DUMPS = json.JSONEncoder(separators=(",", ":")).encode


def too_deep() -> DecodeError:
    """Make the error of a document that cannot be read for its depth."""
    error = DecodeError(f"the document is {TOO_DEEP}")
    error.is_excess = True
    return error


def parse(data: bytes | str) -> object:
    """Parse a document, whose large integers may become floats.

    Raises:
        RecursionError: It is nested too deeply.
        ValueError: It is no JSON.
    """
    if orjson is None:
        return loads(text_of(data), parse_constant=_refuse_constant)
    try:
        return orjson.loads(data)
    except ValueError as error:
        if str(error).startswith(ORJSON_TOO_DEEP):  # not to be read again by whoever counts less
            raise RecursionError from None
        raise


def parse_exactly(text: str) -> object:
    """Parse a document, with floats as `ExactFloat`.

    Raises:
        RecursionError: It is nested too deeply.
        ValueError: It is no JSON.
    """
    return loads(text, parse_float=_exact_float, parse_constant=_refuse_constant)


def text_of(data: bytes | str) -> str:
    """Return a document without its byte order mark, decoded.

    Raises:
        ValueError: It is no text.
    """
    text = data if isinstance(data, str) else data.decode(json.detect_encoding(data))
    return text.removeprefix("\ufeff")


def serialize(value: object) -> bytes:
    """Spell a value.

    Raises:
        ValueError: An integer has more digits than Python spells.
    """
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except TypeError:  # integers over 64 bits and lone surrogates are beyond orjson
            pass
    return (_spelled(value) if _is_deep(value) else DUMPS(value)).encode()


def loads(text: str, **hooks: Any) -> object:
    """Do as `json.loads`, also with what is nested deeper than that can read on a small stack.

    Raises:
        RecursionError: It is nested too deeply.
        ValueError: It is no JSON.
    """
    decoder = json.JSONDecoder(**hooks)
    if _nesting(text) > SHALLOW:
        # In Python it takes none of the stack, and ends in a RecursionError.
        decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    return decoder.decode(text)


def _nesting(text: str) -> int:
    """Return how deep the brackets are at most; no more than that they are few, if so."""
    count = text.count("[") + text.count("{")
    if count <= SHALLOW:
        return count
    brackets = re.findall(BRACKET, re.sub(STRING, "", text))
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0)


def _exact_float(text: str) -> ExactFloat:
    value = ExactFloat(text)
    if math.isinf(value):
        raise ValueError(f"number out of range: {text:.{SHOWN}}")
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON value")


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(SHALLOW):
        level = [inner for each in level for inner in _members(each)]
        if not level:
            return False
    return True


def _members(value: object) -> Iterable[object]:
    if is_object(value):
        return value.values()
    return value if is_list(value) else ()


def _spelled(value: object) -> str:
    """Do as json does, in Python, which takes none of the stack."""
    if is_object(value):
        members = [f"{DUMPS(name)}:{_spelled(item)}" for name, item in value.items()]
        return "{" + ",".join(members) + "}"
    if is_list(value):
        return "[" + ",".join([_spelled(item) for item in value]) + "]"
    return DUMPS(value)
