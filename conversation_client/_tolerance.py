"""Documents in which something does not fit, or is spelled in an unusual way.

They are read as far as they fit, and written as they came.

The functions of `_hooks` refuse such a document as a whole; these use them for its parts. What they
find wrong is told as a JSON path and what is wrong there.
"""

import typing
from contextlib import suppress
from itertools import chain, repeat
from typing import Any, cast

from conversation_client._hooks import fields_of, is_document, reader_of, type_of, writer_of
from conversation_client._values import (
    LENIENT,
    Mismatch,
    exactly,
    is_list,
    is_object,
    read_any,
    read_text,
    write_any,
)
from conversation_client.models.base import Document, Extra, Field

Problem = tuple[str, str]
"""A JSON path and what is wrong there."""
Found = list[Problem]

MISSING = "required field missing"
NULL = "null in a required field"

_UNREAD: Any = object()


def read(data: object, model: type[Document]) -> tuple[Any, Found, Found]:
    """Read as much of a document as fits.

    Returns:
        The document, what is wrong with fields that it has to have itself, which are a reason to
        refuse it, and what else is wrong.
    """
    found: Found = []
    document = _read(data, model, "$", found)
    if document is _UNREAD:
        return None, found, []
    own = _own_faults(cast(dict[str, object], data), document)
    return (
        document,
        [each for each in found if each[0] in own],
        [each for each in found if each[0] not in own],
    )


def _own_faults(data: dict[str, object], document: Document) -> set[str]:
    """Return the paths of required fields that are not there or of another kind than promised."""
    return {
        f"$.{field.wire_name}"
        for field in fields_of(type(document))
        if field.required
        and getattr(document, field.name) is None
        and not (field.nullable and field.wire_name in data and data[field.wire_name] is None)
        and not _is_of_kind(data.get(field.wire_name), type_of(field))
    }


def _is_of_kind(value: object, kind: Any) -> bool:
    origin = typing.get_origin(kind)
    return (origin is list and is_list(value)) or (origin is dict and is_object(value))


def _read(value: object, kind: Any, path: str, found: Found) -> Any:
    """Read what fits of a value; `_UNREAD` if it does not as a whole."""
    why = MISSING
    try:
        return reader_of(kind)(value)
    except Mismatch as error:
        why = str(error)
    except KeyError:
        pass
    if is_document(kind):
        if is_object(value):
            return _read_document(value, kind, path, found)
    elif _is_of_kind(value, kind):
        return _read_container(cast(Any, value), kind, path, found)
    elif kind in LENIENT:
        with suppress(Mismatch):
            return LENIENT[kind](value)
    found.append((path, why))
    return _UNREAD


def _read_container(value: Any, kind: Any, path: str, found: Found) -> Any:
    item = typing.get_args(kind)[-1]
    if is_object(value):
        pairs = {key: _read(each, item, f"{path}[{key!r}]", found) for key, each in value.items()}
        return _UNREAD if any(each is _UNREAD for each in pairs.values()) else pairs
    items = [_read(each, item, f"{path}[{number}]", found) for number, each in enumerate(value)]
    if is_document(item):
        return [
            read_any(raw) if each is _UNREAD else each
            for each, raw in zip(items, value, strict=True)
        ]
    return _UNREAD if any(each is _UNREAD for each in items) else items


def _read_document(data: dict[str, object], model: Any, path: str, found: Found) -> Document:
    document = cast(Document, object.__new__(model))
    extra, unread, spelled, left = Extra(), set[str](), dict[str, object](), dict(data)
    for field in fields_of(model):
        raw = left.pop(field.wire_name, None)
        value = None
        if raw is not None:
            value = _read(raw, type_of(field), f"{path}.{field.wire_name}", found)
        elif field.required and (field.wire_name not in data or not field.nullable):
            why = NULL if field.wire_name in data else MISSING
            found.append((f"{path}.{field.wire_name}", why))
            value = _UNREAD
        if value is _UNREAD or _has_others(value, field):
            unread.add(field.wire_name)
        elif value is not None and _is_odd(raw, type_of(field)):
            spelled[field.wire_name] = read_any(raw)
        if value is _UNREAD:
            value = None
            if field.wire_name in data:
                extra[field.wire_name] = read_any(raw)
        setattr(document, field.name, value)
    extra |= {name: read_any(item) for name, item in left.items()}
    if unread:
        extra.unread = frozenset(unread)
    if spelled:
        extra.spelled = spelled
    document._extra = extra if extra or unread or spelled else None  # pyright: ignore[reportPrivateUsage]
    return document


def _is_odd(raw: object, kind: Any) -> bool:
    """Tell whether a value that has been read is written in another way than it came."""
    if _leaf_of(kind) not in LENIENT:
        return False
    try:
        reader_of(kind)(raw)
    except Mismatch:
        return True
    return False


def _leaf_of(kind: Any) -> Any:
    inner = typing.get_args(kind)
    return _leaf_of(inner[-1]) if inner else kind


def _has_others(value: object, field: Field) -> bool:
    """Tell whether there is something else in a list of documents."""
    return (
        is_list(value)
        and is_document(typing.get_args(type_of(field))[-1])
        and not all(isinstance(each, Document) for each in value)
    )


def write(document: Document) -> tuple[Any, Found]:
    """Write a document, with what did not fit when it was read.

    Returns:
        The document, and what does not fit and came not so.
    """
    found: Found = []
    return _write(document, type(document), "$", found, []), found


def problems(document: Document) -> Found:
    """Find all that is wrong with a document, whether it came so or was made so."""
    found: Found = []
    _write(document, type(document), "$", found, found)
    # What came so and what is in its place now may both be wrong.
    first = dict[str, str]()
    for path, what in found:
        first.setdefault(path, what)
    return list(first.items())


def _write(value: Any, kind: Any, path: str, found: Found, known: Found) -> Any:
    """Write a value; add what is wrong to what was found, and what came so to what was known."""
    if is_document(kind) and type(value) is kind:
        return _write_document(value, kind, path, found, known)
    if _is_of_kind(value, kind):
        item = typing.get_args(kind)[-1]
        if is_list(value):
            return [
                _write(each, item, f"{path}[{number}]", found, known)
                for number, each in enumerate(value)
            ]
        for key in value:
            _try(read_text, key, path, found)
        return {
            key: _write(each, item, f"{path}[{key!r}]", found, known) for key, each in value.items()
        }
    return _try(writer_of(kind), value, path, found)


def _try(hook: Any, value: object, path: str, found: Found) -> Any:
    try:
        return hook(value)
    except Mismatch as error:
        found.append((path, str(error)))
        return None


def _write_document(
    document: Document, model: Any, path: str, found: Found, known: Found
) -> dict[str, object]:
    data: dict[str, object] = {}
    extra = document.extra
    unread = extra.unread if isinstance(extra, Extra) else frozenset[str]()
    spelled = extra.spelled if isinstance(extra, Extra) else Extra.spelled
    for field in fields_of(model):
        name, where = field.wire_name, f"{path}.{field.wire_name}"
        value = getattr(document, field.name)
        if value is not None and name in unread and is_list(value):
            data[name] = _write_mixed(value, type_of(field), where, found, known)
        elif value is not None:
            data[name] = _write(value, type_of(field), where, found, known)
            if name in spelled:
                data[name] = _as_it_came(data[name], spelled[name], type_of(field))
        elif name in extra:
            _find_in_raw(extra[name], field, where, known)
        elif field.nullable and name not in unread:
            data[name] = None
        elif field.required:
            (known if name in unread else found).append((where, MISSING))
    for name, value in extra.items():
        _try(read_text, name, path, found)
        if name not in data:
            data[name] = _try(write_any, value, f"{path}.{name}", found)
    return data


def _as_it_came(written: Any, raw: Any, kind: Any) -> Any:
    """Give the parts of a value that are still those that came the spelling that they had."""
    item = typing.get_args(kind)[-1:]
    if is_object(written) and is_object(raw):
        return {key: _as_it_came(each, raw.get(key), *item) for key, each in written.items()}
    if is_list(written) and is_list(raw):
        came = chain(raw, repeat(None))
        return [_as_it_came(each, old, *item) for each, old in zip(written, came, strict=False)]
    if kind in LENIENT:
        with suppress(Mismatch):
            if writer_of(kind)(LENIENT[kind](exactly(raw))) == written:
                return raw
    return written


def _write_mixed(items: list[Any], kind: Any, path: str, found: Found, known: Found) -> list[Any]:
    """Write a list of documents that came with something else in it."""
    item, written = typing.get_args(kind)[-1], list[Any]()
    for number, each in enumerate(items):
        where = f"{path}[{number}]"
        if isinstance(each, Document):
            written.append(_write(each, item, where, found, known))
        else:
            _read(_as_parsed(each), item, where, known)
            written.append(_try(write_any, each, where, found))
    return written


def _find_in_raw(raw: object, field: Field, path: str, known: Found) -> None:
    """Find what is wrong with the value of a field that is kept as it came."""
    if raw is not None:
        _read(_as_parsed(raw), type_of(field), path, known)
    elif field.required and not field.nullable:
        known.append((path, NULL))


def _as_parsed(raw: object) -> object:
    """Return what was kept as it was parsed; what is no JSON as it is, to be found so."""
    try:
        return exactly(raw)
    except Mismatch:
        return raw
