"""JSON to models and back; strict about what a document is, tolerant of what is in it.

A document that the generated functions refuse is read a second time, with its numbers kept exactly,
and only if it is refused again field by field.
"""

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from conversation_client import _tolerance, models
from conversation_client._collector import collector
from conversation_client._hooks import is_document, make_converter, reader_of, writer_of
from conversation_client._json import TOO_DEEP, parse, parse_exactly, serialize, text_of, too_deep
from conversation_client._logging import logger
from conversation_client._tolerance import Found
from conversation_client._values import Mismatch, exactly
from conversation_client.errors import DecodeError, InvalidArgumentError
from conversation_client.models.base import Document

if TYPE_CHECKING:
    import cattrs

    converter: cattrs.Converter
    """A cattrs converter that reads and writes models; made when it is first asked for."""

__all__ = ["converter", "decode", "encode", "from_dict", "preload", "problems", "to_dict"]

T = TypeVar("T")

TOLD = 5
"""Problems that a message tells; `problems` has them all."""
SHOWN_PATH = 200
"""Characters of a path that a message shows; names in it may be of any length."""
LARGE = 64 * 1024
"""Length from which pausing the garbage collector pays."""
MAP_KEY = re.compile(r"\[['\"]")
"""What begins a name in a path that is the document's own."""


def __getattr__(name: str) -> Any:
    if name != "converter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = made = make_converter()
    return made


def decode(data: bytes | str, model: type[T], *, strict: bool = False) -> T:
    """Read a JSON document into a model.

    The document itself has to be an object with the required fields of its model. Below that, a
    value that does not fit costs no other: it stays in the `extra` of the object that it is in, and
    the attribute is `None`, also where its type does not say so. `problems` lists such values, and
    the logger tells of them, once for the document, at level WARNING.

    A whole number may be spelled as a float (`1.0`), and a time as RFC 3339 allows it, with more
    digits than a `datetime` has, or in a leap second, which is read as the second after it. Both
    are written back as they came unless they have been set since.

    While a document of 64 KiB or more is read, the cyclic garbage collector is paused.

    Args:
        data: The document; bytes are UTF-8, or UTF-16 or UTF-32 as far as it shows. A byte order
            mark is passed over.
        model: A class of `conversation_client.models`.
        strict: Whether to refuse a document in which any value does not fit.

    Returns:
        An instance of the class. Fields that the class does not know are in its `extra`.

    Raises:
        DecodeError: The data is no JSON, or a document of another shape; its `content` is the data.
        InvalidArgumentError: The model is no model, or the data neither bytes nor text.
    """
    _check_model(model)
    if not isinstance(data, bytes | str):
        raise InvalidArgumentError(f"cannot decode {type(data).__name__}, only bytes and str")
    try:
        plain = data if data[:1] in ("{", b"{") else text_of(data)
        if len(plain) < LARGE:
            return cast(T, reader_of(model)(parse(plain)))
        with collector.paused():
            return cast(T, reader_of(model)(parse(plain)))
    except RecursionError:
        error = too_deep()
    except (ValueError, KeyError):
        try:
            return cast(T, _decode_exactly(data, model, strict=strict))
        except DecodeError as caught:
            error = caught
    error.content = data
    raise error from None


def _decode_exactly(data: bytes | str, model: Any, *, strict: bool) -> object:
    try:
        document = parse_exactly(text_of(data))
    except RecursionError:
        raise too_deep() from None
    except ValueError as error:
        raise DecodeError(f"no JSON: {error}") from None
    return _read(document, model, strict=strict)


def _read(data: object, model: Any, *, strict: bool) -> object:
    try:
        return reader_of(model)(data)
    except (Mismatch, KeyError):
        pass
    except RecursionError:
        raise too_deep() from None
    try:
        document, refused, odd = _tolerance.read(data, model)
    except RecursionError:
        raise too_deep() from None
    found = refused + odd
    if refused or (strict and odd):
        raise DecodeError(
            f"no {model.__name__}: {_tell(found)}", path=found[0][0], problems=_lines(found)
        )
    if odd:
        logger.warning("a %s in which not all fits: %s", model.__name__, _places(odd))
    return document


def encode(model: Document) -> bytes:
    """Write a model as a JSON document in UTF-8, without the fields that are `None`.

    Args:
        model: An instance of a class of `conversation_client.models`.

    Returns:
        The document. What did not fit when it was read is written as it came, unless its attribute
        has been set since.

    Raises:
        InvalidArgumentError: A field holds what its type does not allow; says where.
    """
    data = _written(model)
    try:
        return serialize(data)
    except RecursionError:
        raise _unwritable(model, TOO_DEEP) from None
    except ValueError as error:  # an integer of more digits than Python spells
        raise _unwritable(model, str(error)) from None


def to_dict(model: Document) -> dict[str, Any]:
    """Turn a model into what `json.dumps` takes, by the names that the fields have in JSON.

    Args:
        model: An instance of a class of `conversation_client.models`.

    Returns:
        The document that `encode` writes, as dictionaries, lists, text, numbers and booleans. It
        shares nothing with the model.

    Raises:
        InvalidArgumentError: A field holds what its type does not allow; says where.
    """
    return _written(model)


def from_dict(model: type[T], data: dict[str, Any], *, strict: bool = False) -> T:
    """Read a model from what `to_dict` or `json.loads` gives.

    Args:
        model: A class of `conversation_client.models`.
        data: The document, by the names that the fields have in JSON.
        strict: As for `decode`, which this is like.

    Returns:
        An instance of the class, which shares nothing with the data.

    Raises:
        DecodeError: It is a document of another shape.
        InvalidArgumentError: The model is no model, or something in the data is no JSON.
    """
    _check_model(model)
    try:
        return cast(T, reader_of(model)(data))
    except (ValueError, KeyError, RecursionError):
        pass
    try:
        exact = exactly(data)
    except RecursionError:
        raise too_deep() from None
    except Mismatch as error:
        raise InvalidArgumentError(f"cannot read {model.__name__}: {error}") from None
    return cast(T, _read(exact, model, strict=strict))


def problems(model: Document) -> tuple[str, ...]:
    """List what does not fit in a model: that it was read with, and that it has been given since.

    Args:
        model: An instance of a class of `conversation_client.models`.

    Returns:
        Each as "path: what is wrong", such as `$.score.manual: an integer expected, got text '1'`.

    Raises:
        InvalidArgumentError: It is no model.
    """
    _check_instance(model)
    try:
        return _lines(_tolerance.problems(model))
    except RecursionError:
        return (f"$: {TOO_DEEP}",)


def preload() -> None:
    """Make all that reading and writing of any model needs, for services that want no pause later.

    Without it, models are loaded and prepared as the first document with them comes, which is what
    suits everybody else.
    """
    model: Any  # for mypy, a class whose instances have no hash has none itself
    for model in models.documents():
        reader_of(model)
        writer_of(model)


def _check_model(model: object) -> None:
    if not is_document(model):
        raise InvalidArgumentError(f"cannot decode into {model!r}, which is no model")


def _check_instance(model: object) -> None:
    if not is_document(type(model)):
        raise InvalidArgumentError(f"cannot encode {type(model).__name__}, which is no model")


def _written(model: Document) -> dict[str, Any]:
    _check_instance(model)
    try:
        try:
            return cast(dict[str, Any], writer_of(cast(Any, type(model)))(model))
        except Mismatch:
            data, found = _tolerance.write(model)
    except RecursionError:
        raise _unwritable(model, TOO_DEEP) from None
    if found:
        raise _unwritable(model, _tell(found))
    return cast(dict[str, Any], data)


def _unwritable(model: Document, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"cannot encode {type(model).__name__}: {why}")


def _lines(found: Found) -> tuple[str, ...]:
    return tuple(f"{path}: {what}" for path, what in found)


def _places(found: Found) -> str:
    """Say where something does not fit, without what is there and without names that may be ids."""
    places = list(dict.fromkeys(MAP_KEY.split(path, maxsplit=1)[0] for path, _ in found))
    more = len(places) - TOLD
    return ", ".join(places[:TOLD]) + (f" and {more} more" if more > 0 else "")


def _tell(found: Found) -> str:
    told = "; ".join(f"{path:.{SHOWN_PATH}}: {what}" for path, what in found[:TOLD])
    more = len(found) - TOLD
    return f"{told}; and {more} more" if more > 0 else told
