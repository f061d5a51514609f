"""JSON to models and back, through one cattrs converter; strict about shapes, open to what is new.

A document that the converter refuses is read a second time, with its numbers kept exactly, and only
if it is refused again examined for the JSON paths that the error names.
"""

import json
import math
import re
import typing
from collections.abc import Callable, Iterable
from itertools import accumulate
from typing import Any, NoReturn, TypeVar, cast

import attrs

from conversation_client import models
from conversation_client._collector import collector
from conversation_client._hooks import (
    converter,
    fields_of,
    is_document,
    reader_of,
    type_of,
    writer_of,
)
from conversation_client._values import (
    SHOWN,
    ExactFloat,
    Hook,
    Mismatch,
    is_list,
    is_object,
    read_any,
    write_any,
)
from conversation_client.errors import DecodeError, InvalidArgumentError
from conversation_client.models.base import Document

try:
    import orjson
except ImportError:  # without the extra `speed`
    orjson = None  # type: ignore[assignment]

__all__ = ["converter", "decode", "encode", "preload"]

T = TypeVar("T")

TOLD = 5
"""Problems that an error's message tells; its `problems` has them all."""
SHOWN_PATH = 200
"""Characters of a path that a message shows; names in it may be of any length."""
LARGE = 64 * 1024
"""Length from which pausing the garbage collector pays."""
SHALLOW = 200
"""Levels that the C code of json can go down in a thread with a stack of 64 KiB."""
ORJSON_TOO_DEEP = "Recursion limit reached"
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
BRACKET = re.compile(r"[\[\]{}]")
DUMPS = json.JSONEncoder(separators=(",", ":")).encode


def decode(data: bytes | str, model: type[T]) -> T:
    """Read a JSON document into a model.

    While a document of 64 KiB or more is read, the cyclic garbage collector is paused.

    Args:
        data: The document; bytes are UTF-8, or UTF-16 or UTF-32 as far as it shows. A byte order
            mark is passed over.
        model: A class of `conversation_client.models`.

    Returns:
        An instance of the class. Fields that the class does not know are in its `extra`.

    Raises:
        DecodeError: The data is no JSON, or a document of another shape.
        InvalidArgumentError: The model is no model, or the data neither bytes nor text.
    """
    if not is_document(model):
        raise InvalidArgumentError(f"cannot decode into {model!r}, which is no model")
    if not isinstance(data, bytes | str):
        raise InvalidArgumentError(f"cannot decode {type(data).__name__}, only bytes and str")
    plain = data if data[:1] in ("{", b"{") else _text(data)
    try:
        if len(plain) < LARGE:
            return cast(T, _decode_quickly(plain, model))
        with collector.paused():
            return cast(T, _decode_quickly(plain, model))
    except RecursionError:
        raise DecodeError(f"the document is {TOO_DEEP}") from None
    except (ValueError, KeyError) as error:
        if str(error).startswith(ORJSON_TOO_DEEP):  # not to be read again by whoever counts less
            raise DecodeError(f"the document is {TOO_DEEP}") from None
    return cast(T, _decode_exactly(_text(plain), model))


def _decode_quickly(data: bytes | str, model: Any) -> object:
    return reader_of(model)(_parse(data))


def _text(data: bytes | str) -> str:
    """Return a document without its byte order mark, decoded.

    Raises:
        DecodeError: It is no text.
    """
    try:
        text = data if isinstance(data, str) else data.decode(json.detect_encoding(data))
    except ValueError as error:
        raise DecodeError(f"no JSON: {error}") from None
    return text.removeprefix("\ufeff")


def encode(model: Document) -> bytes:
    """Write a model as a JSON document in UTF-8, without the fields that are `None`.

    Args:
        model: An instance of a class of `conversation_client.models`.

    Returns:
        The document.

    Raises:
        InvalidArgumentError: A field holds what its type does not allow; says where.
    """
    if not is_document(type(model)):
        raise InvalidArgumentError(f"cannot encode {type(model).__name__}, which is no model")
    try:
        return _serialize(writer_of(cast(Any, type(model)))(model))
    except Mismatch:
        told = _tell(_explain(model, type(model), ENCODING))
    except RecursionError:
        told = TOO_DEEP
    except ValueError as error:  # an integer of more digits than Python spells
        told = str(error)
    raise InvalidArgumentError(f"cannot encode {type(model).__name__}: {told}")


def preload() -> None:
    """Make all that reading and writing of any model needs, for services that want no pause later.

    Without it, models are loaded and prepared as the first document with them comes, which is what
    suits everybody else.
    """
    model: Any  # for mypy, a class whose instances have no hash has none itself
    for model in models.documents():
        reader_of(model)
        writer_of(model)


# JSON text


def _parse(data: bytes | str) -> object:
    if orjson is not None:
        return orjson.loads(data)
    return _loads(_text(data), parse_constant=_refuse_constant)


def _parse_exactly(text: str) -> object:
    return _loads(text, parse_float=_exact_float, parse_constant=_refuse_constant)


def _loads(text: str, **hooks: Any) -> object:
    """Read what may be nested deeper than json can read in a thread with a small stack."""
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
    brackets = BRACKET.findall(STRING.sub("", text))
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0)


def _exact_float(text: str) -> ExactFloat:
    value = ExactFloat(text)
    if math.isinf(value):
        raise ValueError(f"number out of range: {text:.{SHOWN}}")
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON value")


def _serialize(value: object) -> bytes:
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except TypeError:  # integers over 64 bits and lone surrogates are beyond orjson
            pass
    return (_spelled(value) if _is_deep(value) else DUMPS(value)).encode()


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


# Explaining

TOO_DEEP = "nested too deeply"

Problem = tuple[str, str]
"""A JSON path and what is wrong there."""


@attrs.frozen
class _Direction:
    """What decoding and encoding do differently, for finding out why they failed."""

    hook_of: Callable[[Any], Hook]
    members_of: Callable[[Any, type[Document]], dict[str, object] | None]
    """Members of the JSON object, or `None` if it is no object."""
    unknown: Hook


def _received_members(value: Any, _: type[Document]) -> dict[str, object] | None:
    return value if is_object(value) else None


def _sent_members(value: Document, model: type[Document]) -> dict[str, object] | None:
    if type(value) is not model:
        return None
    members = {field.wire_name: getattr(value, field.name) for field in fields_of(model)}
    return {name: item for name, item in members.items() if item is not None} | value.extra


DECODING = _Direction(reader_of, _received_members, read_any)
ENCODING = _Direction(writer_of, _sent_members, write_any)


def _decode_exactly(text: str, model: Any) -> object:
    try:
        document = _parse_exactly(text)
    except RecursionError:
        raise DecodeError(f"the document is {TOO_DEEP}") from None
    except ValueError as error:
        raise DecodeError(f"no JSON: {error}") from None
    try:
        return reader_of(model)(document)
    except RecursionError:
        raise DecodeError(f"the document is {TOO_DEEP}") from None
    except (Mismatch, KeyError):
        problems = _explain(document, model, DECODING)
        raise DecodeError(
            f"no {model.__name__}: {_tell(problems)}",
            path=problems[0][0],
            problems=[f"{path}: {message}" for path, message in problems],
        ) from None


def _explain(value: object, kind: Any, direction: _Direction) -> list[Problem]:
    found: list[Problem] = []
    try:
        _find_problems(value, kind, "$", direction, found)
    except RecursionError:
        return [("$", TOO_DEEP)]
    return found


def _tell(problems: list[Problem]) -> str:
    told = "; ".join(f"{path:.{SHOWN_PATH}}: {message}" for path, message in problems[:TOLD])
    more = len(problems) - TOLD
    return f"{told}; and {more} more" if more > 0 else told


def _find_problems(
    value: Any, kind: Any, path: str, direction: _Direction, found: list[Problem]
) -> None:
    """Find all that is wrong with a value, by the same hooks that refused it."""
    if is_document(kind) and (members := direction.members_of(value, kind)) is not None:
        _find_in_members(members, kind, path, direction, found)
    elif typing.get_origin(kind) is list and is_list(value):
        for index, item in enumerate(value):
            _find_problems(item, typing.get_args(kind)[0], f"{path}[{index}]", direction, found)
    elif typing.get_origin(kind) is dict and is_object(value):
        for key, item in value.items():
            _try(direction.hook_of(str), key, path, found)
            _find_problems(item, typing.get_args(kind)[1], f"{path}[{key!r}]", direction, found)
    else:
        _try(direction.hook_of(kind), value, path, found)


def _find_in_members(
    members: dict[str, object],
    model: type[Document],
    path: str,
    direction: _Direction,
    found: list[Problem],
) -> None:
    unknown = dict(members)
    for field in fields_of(model):
        value = unknown.pop(field.wire_name, None)
        where = f"{path}.{field.wire_name}"
        if value is not None:
            _find_problems(value, type_of(model, field), where, direction, found)
        elif field.required and field.wire_name not in members:
            found.append((where, "required field missing"))
        elif field.required and not field.nullable:
            found.append((where, "null in a required field"))
    for name, value in unknown.items():
        _try(direction.hook_of(str), name, path, found)
        _try(direction.unknown, value, f"{path}.{name}", found)


def _try(hook: Hook, value: object, path: str, found: list[Problem]) -> None:
    try:
        hook(value)
    except Mismatch as error:
        found.append((path, str(error)))
