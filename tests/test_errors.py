"""The exceptions: their tree, what they carry, and that it survives a trip to another process."""

import copy
import inspect
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest

import conversation_client
from conversation_client import (
    BatchError,
    ConversationClientError,
    DecodeError,
    GoneError,
    NotFoundError,
    RateLimitedError,
    RedirectError,
    ServerError,
    StatusError,
    errors,
)

PARENTS = {
    "ConversationClientError": {"Exception"},
    "InvalidArgumentError": {"ConversationClientError", "ValueError"},
    "ClientClosedError": {"ConversationClientError"},
    "TransportError": {"ConversationClientError"},
    "ServerNotRunningError": {"TransportError"},
    "ServerUnresponsiveError": {"TransportError"},
    "TlsError": {"TransportError"},
    "ConnectionLostError": {"TransportError"},
    "DeadlineExceededError": {"TransportError", "TimeoutError"},
    "ResponseError": {"ConversationClientError"},
    "ProtocolError": {"ResponseError"},
    "DecodeError": {"ProtocolError"},
    "BodyTooLargeError": {"ProtocolError"},
    "ContentTypeError": {"ProtocolError"},
    "StatusError": {"ResponseError"},
    "RedirectError": {"StatusError"},
    "NotFoundError": {"StatusError"},
    "GoneError": {"StatusError"},
    "RateLimitedError": {"StatusError"},
    "ServerError": {"StatusError"},
    "BatchError": {"ConversationClientError", "ExceptionGroup"},
    "JournalError": {"ConversationClientError"},
    "JournalMismatchError": {"JournalError"},
    "JournalVersionError": {"JournalError"},
    "JournalCorruptError": {"JournalError"},
    "JournalLockedError": {"JournalError"},
    "JournalReadOnlyError": {"JournalError"},
    "JournalFullError": {"JournalError"},
}
EFFECTS = {
    "none": {
        *("ConversationClientError", "InvalidArgumentError", "ClientClosedError"),
        *("ServerNotRunningError", "ServerUnresponsiveError"),
        *("JournalError", "JournalMismatchError", "JournalVersionError", "JournalCorruptError"),
        *("JournalLockedError", "JournalReadOnlyError", "JournalFullError"),
        "TlsError",
    },
    "answered": {
        *("StatusError", "RedirectError", "NotFoundError", "GoneError"),
        *("RateLimitedError", "ServerError"),
    },
}
"""What the others leave is unknown."""

CLASSES: dict[str, Any] = {
    name: cls for name, cls in vars(errors).items() if inspect.isclass(cls) and name in PARENTS
}


# The tree


def test_the_tree_is_the_one_of_the_contract() -> None:
    defined = {
        name: {base.__name__ for base in cls.__bases__}
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if cls.__module__ == errors.__name__
    }
    assert defined == PARENTS


def test_the_tree_is_the_one_that_the_module_draws() -> None:
    drawn: dict[str, set[str]] = {}
    path: list[str] = []
    lines = str(errors.__doc__).split("```")[1].splitlines()[1:]
    for line in lines:
        found = re.match(r"([│├└─ ]*)(\w+)(?: \((\w+)\))?", line)
        assert found is not None, line
        indent, name, besides = found.groups()
        path[len(indent) // 4 :] = [name]
        drawn[name] = set(path[-2:-1] or ["Exception"]) | ({besides} - {None})
    assert drawn == PARENTS


def test_every_error_is_on_the_package() -> None:
    assert PARENTS.keys() <= set(conversation_client.__all__)
    for name, cls in CLASSES.items():
        assert getattr(conversation_client, name) is cls


def test_every_class_has_the_effect_of_its_kind() -> None:
    effects = {name: {n for n, cls in CLASSES.items() if cls.effect == name} for name in EFFECTS}
    assert effects == EFFECTS
    others = PARENTS.keys() - EFFECTS["none"] - EFFECTS["answered"]
    assert {CLASSES[name].effect for name in others} == {"unknown"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, RedirectError) for status in (300, 301, 302, 304, 307, 399)),
        (404, NotFoundError),
        (410, GoneError),
        (429, RateLimitedError),
        *((status, ServerError) for status in (500, 501, 503, 599)),
        *((status, StatusError) for status in (100, 199, 400, 403, 409, 411, 428, 600, 999)),
    ],
)
def test_a_status_has_the_class_that_stands_for_it(status: int, kind: type[StatusError]) -> None:
    error = StatusError.of(status, "no", text="because", retry_after=1.5)
    assert type(error) is kind
    assert (error.status, error.text, error.retry_after) == (status, "because", 1.5)
    assert str(error) == "no"


# What errors carry

STATUS: dict[str, Any] = {"status": 503, "text": "later", "retry_after": 2.5}
DECODE: dict[str, Any] = {"path": "$.id", "problems": ["$.id: missing", "$.type: missing"]}


def made(name: str) -> ConversationClientError:
    """Make an error with an own value in all that it carries."""
    cls: Any = CLASSES[name]
    error: ConversationClientError
    if issubclass(cls, BatchError):
        error = cls("2 of 3 items failed", [made("ServerError"), made("DecodeError")])
    elif issubclass(cls, StatusError):
        error = cls("what went wrong", **STATUS)
    elif issubclass(cls, DecodeError):
        error = cls("what went wrong", **DECODE)
    else:
        error = cls("what went wrong")
    error.operation = "conversation_associate_asset"
    error.ids = {"conversation": "c", "asset": "a'b"}
    error.attempts = 2
    error.effect = "answered" if error.effect == "unknown" else "unknown"
    error.add_note("a note")
    return error


def told(error: BaseException) -> dict[str, Any]:
    """All that an error carries; the members of a group alike."""
    if not isinstance(error, BatchError):
        return {"type": type(error), "str": str(error), "args": error.args, **vars(error)}
    members = [told(member) for member in error.exceptions]
    return {"type": type(error), "str": str(error), "members": members, **vars(error)}


@pytest.mark.parametrize("name", PARENTS)
@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        *(lambda e, p=p: pickle.loads(pickle.dumps(e, p)) for p in range(2, 6)),
    ],
)
def test_errors_survive_copying_and_pickling(
    name: str, duplicate: Callable[[Exception], Exception]
) -> None:
    error = made(name)
    assert told(duplicate(error)) == told(error)


def test_what_errors_carry_can_be_read() -> None:
    status = made("ServerError")
    assert isinstance(status, StatusError)
    assert (status.status, status.text, status.retry_after) == (503, "later", 2.5)
    decoding = made("DecodeError")
    assert isinstance(decoding, DecodeError)
    assert (decoding.path, decoding.problems) == ("$.id", ("$.id: missing", "$.type: missing"))
    bare = ConversationClientError("x")
    assert (bare.operation, bare.ids, bare.attempts, bare.effect) == (None, {}, 0, "none")


def test_an_error_says_which_call_it_was_and_how_often_it_was_tried() -> None:
    error = made("ConnectionLostError")
    call = "conversation_associate_asset(conversation='c', asset=\"a'b\")"
    assert str(error) == f"{call} after 2 attempts: what went wrong"
    error.attempts = 1
    assert str(error) == f"{call}: what went wrong"
    error.operation = None
    assert str(error) == "what went wrong"


# Groups


def test_parts_of_a_group_are_groups_of_the_same_class() -> None:
    group = BatchError(
        "3 of 9 items failed", [made("GoneError"), made("GoneError"), made("DecodeError")]
    )
    group.add_note("a note")
    gone, rest = group.split(GoneError)
    assert type(gone) is type(rest) is BatchError
    assert (gone.message, len(gone.exceptions), len(rest.exceptions)) == (group.message, 2, 1)
    assert gone.__notes__ == ["a note"]
    assert isinstance(group.derive([made("GoneError")]), BatchError)
    with pytest.raises(ConversationClientError):
        raise group
