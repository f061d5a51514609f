"""Values that no class of ours stands for: what is read, and what may be sent."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeGuard

Hook = Callable[..., Any]

NO_TIME, SECOND, MINUTE = timedelta(), timedelta(seconds=1), timedelta(minutes=1)
SEVENTH = len("2024-05-01T10:20:30.123456")
"""Where a second would have a seventh digit, which a `datetime` has no place for."""
TOO_FINE = re.compile(r"([.,][0-9]{6})[0-9]+")
"""Digits of a second from the seventh on, and what comes before them."""
SHOWN = 60
"""Characters of a value that a message shows."""


class Mismatch(ValueError):  # noqa: N818  # never reaches a user
    """A value that does not fit its field; the message is for people."""


class ExactFloat(float):
    """A float that the document spells as one, however large.

    orjson reads integers beyond 64 bits as floats, so a float of that size is refused in the first
    reading; the second, exact one makes it an `ExactFloat`.
    """


def mismatch(expected: str, value: object) -> Mismatch:
    """Make the error that says what was expected and what came."""
    names: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "text",
        bool: "a boolean",
        type(None): "null",
        ExactFloat: "float",
    }
    kind = names.get(type(value)) or type(value).__name__
    return Mismatch(f"{expected} expected, got {kind}{_shown(value)}")


def _shown(value: object) -> str:
    if not isinstance(value, str | int | float | datetime):
        return ""
    try:
        return f" {value!r:.{SHOWN}}"
    except Exception:  # an integer of more digits than Python spells, a time zone that raises
        return ""


def is_object(value: object) -> TypeGuard[dict[Any, Any]]:
    """Tell whether this is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell whether this is a JSON array."""
    return isinstance(value, list)


def read_text(value: object) -> str:
    """Take over a text."""
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    raise mismatch("text", value)


def read_integer(value: object) -> int:
    """Take over an integer."""
    if type(value) is int:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise mismatch("an integer", value)


def read_whole_number(value: object) -> int:
    """Take over an integer that may be spelled as a float, such as `1.0` or `1e3`."""
    if isinstance(value, ExactFloat) and value.is_integer():
        return int(value)
    return read_integer(value)


def read_boolean(value: object) -> bool:
    """Take over a boolean."""
    if isinstance(value, bool):
        return value
    raise mismatch("a boolean", value)


def read_number(value: object) -> int | float:
    """Take over a number as it was parsed."""
    if type(value) is float and -(2.0**63) < value < 2.0**64:
        return value
    if isinstance(value, ExactFloat):
        return float(value)
    return _whole_number(value)


def write_number(value: object) -> int | float:
    """Return a number that JSON can spell."""
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    return _whole_number(value)


def _whole_number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise mismatch("a number", value)


def read_moment(value: Any) -> datetime:
    """Read a time, in UTC where it has no offset."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError, AssertionError):  # the last where `datetime` is not in C
        raise mismatch("a time in ISO 8601", value) from None
    if not value.isascii():  # PyPy takes the digits of any script
        raise mismatch("a time in ISO 8601", value)
    if len(value) > SEVENTH and value[SEVENTH].isdigit() and TOO_FINE.search(value):
        raise mismatch("a time in microseconds", value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_odd_moment(value: object) -> datetime:
    """Read a time that a `datetime` would spell otherwise, as far as RFC 3339 allows it.

    Digits beyond microseconds are left out; a leap second is the second after it.
    """
    text = TOO_FINE.sub(r"\1", value) if isinstance(value, str) else ""
    if text.endswith("z"):
        text = f"{text[:-1]}Z"
    is_leap = text[16:19] == ":60"
    if is_leap:
        text = f"{text[:16]}:59{text[19:]}"
    try:
        return read_moment(text) + (SECOND if is_leap else NO_TIME)
    except (Mismatch, OverflowError):
        raise mismatch("a time in ISO 8601", value) from None


def write_moment(value: object) -> str:
    """Spell a time; one without an offset, or with a time zone that fails, is none."""
    if not isinstance(value, datetime):
        raise mismatch("an aware datetime", value)
    try:
        return _with_offset(value)
    except Exception:  # its time zone may raise anything
        raise mismatch("an aware datetime", value) from None


def _with_offset(moment: datetime) -> str:
    """Spell a time as RFC 3339 has it, whose offsets are whole minutes."""
    if type(moment.tzinfo) is timezone and not moment.tzinfo.utcoffset(None) % MINUTE:
        return datetime.isoformat(moment)
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("it has no offset")
    surplus = offset % MINUTE
    if surplus:  # away from the ends of time
        is_earlier = moment.year > 1 if offset > NO_TIME else moment.year == 9999
        shift = -surplus if is_earlier else MINUTE - surplus
        moment, offset = moment.replace(tzinfo=None) + shift, offset + shift
    return datetime.isoformat(moment.replace(tzinfo=timezone(offset)))


def read_any(value: Any, number: Hook = read_number) -> object:
    """Take over a value that no model describes."""
    if value is None or isinstance(value, bool):
        return value
    if is_object(value):
        return {read_text(key): read_any(item, number) for key, item in value.items()}
    if is_list(value):
        return [read_any(item, number) for item in value]
    return read_text(value) if isinstance(value, str) else number(value)


def write_any(value: object) -> object:
    """Like `read_any`, for a value that is about to be sent."""
    return read_any(value, write_number)


def exactly(value: Any, path: str = "$") -> object:
    """Copy JSON as it is read from text, with floats as `ExactFloat`.

    Raises:
        Mismatch: Something in it is no JSON.
    """
    if is_object(value):
        return {_name(key, path): exactly(item, f"{path}[{key!r}]") for key, item in value.items()}
    if is_list(value):
        return [exactly(item, f"{path}[{number}]") for number, item in enumerate(value)]
    if type(value) is float and math.isfinite(value):
        return ExactFloat(value)
    try:
        return read_any(value)
    except Mismatch:
        raise Mismatch(f"{path} holds {type(value).__name__}{_shown(value)}, no JSON") from None


def _name(key: object, path: str) -> str:
    try:
        return read_text(key)
    except Mismatch as error:
        raise Mismatch(f"{path} has a name that is none: {error}") from None


READERS: dict[object, Hook] = {
    str: read_text,
    int: read_integer,
    bool: read_boolean,
    float: read_number,
    datetime: read_moment,
}
LENIENT: dict[object, Hook] = {int: read_whole_number, datetime: read_odd_moment}
"""Readers of what is allowed, but would be spelled otherwise when written."""
WRITERS: dict[object, Hook] = {
    str: read_text,
    int: read_integer,
    bool: read_boolean,
    float: write_number,
    datetime: write_moment,
}
