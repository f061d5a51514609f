"""What batches, journals and calls give is immutable, and compares and looks as attrs has it."""

import copy
import inspect
import pickle
from typing import Any

import attrs
import pytest

import conversation_client
from conversation_client import (
    Association,
    BatchFailure,
    BatchOutcome,
    BatchProgress,
    BatchReport,
    Disassociation,
    GoneError,
    Material,
    RawResponse,
    ReadOutcome,
    ReconcileReport,
    RetryPolicy,
)

ERROR = GoneError("gone", status=410)
FAILURE = BatchFailure("a1", ERROR)
REPORT = BatchReport(succeeded=1, failed=1, failures=(FAILURE,), elapsed=1.5)
RECORDS: dict[str, Any] = {
    type(record).__name__: record
    for record in (
        Association("c1", Material.ASSET, "a1"),
        Disassociation("c1", Material.ANCHOR, "a1"),
        FAILURE,
        BatchOutcome("a1", None),
        ReadOutcome("a1", {"any": 1}, None),
        BatchProgress(done=1, failed=0, total=None, elapsed=0.5, concurrency=2, waiting=False),
        REPORT,
        ReconcileReport(("a",), (), 5, REPORT),
        RawResponse(200, {"A": "b"}, b"content"),
        RetryPolicy(attempts=2),
    )
}
every_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)


def as_attrs_makes_it(record: Any) -> Any:
    """Return an instance of a class that attrs makes of the same fields, with methods of its own."""
    own = {
        each.name: attrs.field(repr=each.repr, kw_only=each.kw_only)
        for each in attrs.fields(type(record))
    }
    made: Any = attrs.make_class(type(record).__name__, own, frozen=True, slots=True)
    return made(**{name: getattr(record, name) for name in own})


def test_no_public_one_is_missing() -> None:
    public = [getattr(conversation_client, name) for name in conversation_client.__all__]
    frozen = {each.__name__ for each in public if inspect.isclass(each) and attrs.has(each)}
    others = {"ConversationChange", "FoundServer", "JournalFailure", "JournalSummary"}
    assert frozen == RECORDS.keys() | others


@every_record
def test_it_looks_as_attrs_has_it(record: Any) -> None:
    assert repr(record) == repr(as_attrs_makes_it(record))
    assert repr(record).startswith(f"{type(record).__name__}(")


@every_record
def test_it_equals_what_has_the_same_values_and_nothing_else(record: Any) -> None:
    twin = copy.copy(record)
    assert twin == record
    assert record != as_attrs_makes_it(record)
    assert record != attrs.astuple(record, recurse=False)
    first = attrs.fields(type(record))[0].name
    changed = attrs.evolve(record, **{first.removeprefix("_"): 77})
    assert changed != record
    assert getattr(changed, first) == 77


@every_record
def test_it_hashes_by_its_values(record: Any) -> None:
    values = attrs.astuple(record, recurse=False)
    try:
        hash(values)
    except TypeError:
        with pytest.raises(TypeError, match="unhashable"):
            hash(record)
    else:
        assert len({record, copy.copy(record)}) == 1


@every_record
def test_it_cannot_be_changed_and_can_be_pickled_and_matched(record: Any) -> None:
    first = attrs.fields(type(record))[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(record, first, 1)
    with pytest.raises((AttributeError, attrs.exceptions.FrozenInstanceError)):
        record.another = 1
    positional = tuple(each.name for each in attrs.fields(type(record)) if not each.kw_only)
    assert type(record).__match_args__ == positional
    again = pickle.loads(pickle.dumps(record))
    assert repr(again) == repr(record)
    if "error" not in repr(record) and not isinstance(record, BatchReport | ReconcileReport):
        assert again == record
