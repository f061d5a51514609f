"""The tree of errors, and what each of them carries across processes."""

import copy
import inspect
import pickle
import re
import textwrap

import pytest

import conversation_client
from conversation_client import errors
from conversation_client.errors import (
    BatchError,
    ConversationClientError,
    DecodeError,
    GoneError,
    NotFoundError,
    RateLimitedError,
    RedirectError,
    ServerError,
    StatusError,
)

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, ConversationClientError)
]


def made(kind: type[ConversationClientError]) -> ConversationClientError:
    """An error of the class with all that it can carry."""
    if issubclass(kind, BatchError):
        return kind("2 of 3 items failed", [GoneError("gone", status=410), ServerError("no")])
    if issubclass(kind, StatusError):
        return kind("no", status=503, text="later", retry_after=1.5)
    if issubclass(kind, DecodeError):
        return kind("no Conversation", path="$.id", problems=["$.id: required field missing"])
    return kind("what was wrong")


def in_call(error: ConversationClientError) -> ConversationClientError:
    error.operation = "conversation_associate_asset"
    error.ids = {"conversation": "c", "asset": "a"}
    error.attempts = 3
    error.effect = "unknown"
    return error


def drawn_tree() -> dict[str, set[str]]:
    """Bases by class, as the module's docstring draws them."""
    lines = re.findall(r"^([│├└─ ]*)(\w+Error)(?: \((\w+)\))?", errors.__doc__ or "", re.MULTILINE)
    parents: dict[str, set[str]] = {}
    stack: list[str] = []
    for branch, name, also in lines:
        depth = len(branch) // 4
        parents[name] = {stack[depth - 1]} if depth else {"Exception"}
        parents[name] |= {also} if also else set()
        stack[depth:] = [name]
    return parents


def test_tree_is_as_the_docstring_draws_it() -> None:
    bases = {kind.__name__: {base.__name__ for base in kind.__bases__} for kind in CLASSES}
    assert bases == drawn_tree()


def test_every_class_is_on_the_package() -> None:
    for kind in CLASSES:
        assert getattr(conversation_client, kind.__name__) is kind


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("copied", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy])
def test_error_survives_pickling_and_copying(kind, copied) -> None:
    error = in_call(made(kind))
    twin = copied(error)
    assert type(twin) is kind
    assert str(twin) == str(error)
    ours, theirs = vars(error), vars(twin)
    assert ours == theirs
    if isinstance(error, BatchError):
        assert [str(one) for one in twin.exceptions] == [str(one) for one in error.exceptions]


@pytest.mark.parametrize("kind", CLASSES)
def test_text_says_which_call_it_was(kind) -> None:
    error = made(kind)
    before = str(error)
    in_call(error)
    call = "conversation_associate_asset(conversation='c', asset='a') after 3 attempts: "
    assert str(error) == call + before


def test_text_of_a_single_attempt_does_not_count() -> None:
    error = in_call(GoneError("gone"))
    error.attempts = 1
    assert "attempts" not in str(error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, RedirectError),
        (404, NotFoundError),
        (410, GoneError),
        (429, RateLimitedError),
        (500, ServerError),
        (599, ServerError),
        (400, StatusError),
        (418, StatusError),
        (999, StatusError),
        (101, StatusError),
    ],
)
def test_status_decides_the_class(status: int, kind: type[StatusError]) -> None:
    error = StatusError.of(status, "no", text="t", retry_after=2.0)
    assert type(error) is kind
    assert (error.status, error.text, error.retry_after) == (status, "t", 2.0)
    assert error.effect == "answered"


def test_group_splits_into_groups_of_its_own_class() -> None:
    group = made(BatchError)
    assert isinstance(group, BatchError)
    gone, rest = group.split(GoneError)
    assert type(gone) is BatchError
    assert type(rest) is BatchError
    caught: list[str] = []
    try:
        raise group
    except* GoneError:
        caught.append("gone")
    except* ServerError:
        caught.append("failed")
    assert caught == ["gone", "failed"]


def test_docstring_draws_within_a_code_fence() -> None:
    assert textwrap.dedent(errors.__doc__ or "").count("```") == 2
