"""Documents in which some values do not fit: what is read, told, refused and written back."""

import copy
import json
import logging
import os
import pickle
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import attrs
import pytest
from cases import GOLDEN, golden
from command import run
from hypothesis import given, settings
from hypothesis import strategies as st
from needs import needs_orjson
from raw_server import RawServer, json_reply

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    DecodeError,
    InvalidArgumentError,
    _json,
    compat,
    decode,
    encode,
    from_dict,
    models,
    problems,
    to_dict,
)
from conversation_client.models import (
    AnonymousTemporalRange,
    Conversation,
    ConversationMessage,
    ConversationMessages,
    FlattenedConversationMessages,
    GroupedTimestamp,
    Score,
    TransferableBytes,
)
from conversation_client.models.base import Document, fields

DOCUMENTS_EACH = int(os.environ.get("CONVERSATION_CLIENT_DOCUMENTS", "60"))
SCHEMA = golden("models")
MODELS: dict[str, Any] = SCHEMA["models"] | SCHEMA["extra"]
SAMPLES = sorted((GOLDEN / "samples").glob("*/*.json"))
LISTS = SAMPLES[0].parent.parent / "5.0.1" / "ConversationMessages.typical.json"


def nothing() -> None:
    """Stands for a value that is taken out."""


WRONG: dict[str, list[Any]] = {
    "string": [5, True, {"a": 1}, ["a"]],
    "int": ["5", 1.5, True, []],
    "float": ["1.5", False, {}],
    "bool": ["true", 1, []],
    "datetime": ["yesterday", "2024-13-01T00:00:00Z", 5, {}],
    "list": [{}, "x", 7],
    "map": [[], 5, "x"],
    "enum": [5, False, []],
    "model": ["x", 7, [], True],
}


class Place(NamedTuple):
    """A value in a document that may be replaced by one that does not fit."""

    path: str
    within: Any
    key: Any
    faults: list[Any]
    whole: str
    """Path of what is lost with it."""


def kind_of(kind: str) -> str:
    if kind.startswith(("list[", "map[")):
        return kind.partition("[")[0]
    return "model" if kind in MODELS else "enum" if kind in SCHEMA["enums"] else kind


def places(value: Any, kind: str, path: str, *, is_root: bool = False) -> Iterator[Place]:
    """Find what may be wrong in a document without being its own required field."""
    if kind in MODELS:
        described, present = MODELS[kind]["fields"], MODELS[kind]["in"]
        for name, (inner, required, *null) in described.items():
            if value.get(name) is None:
                continue
            is_required = required & present == present
            where = f"{path}.{name}"
            faults = list(WRONG[kind_of(inner)])
            if is_required:
                faults.append(nothing)
                if not any(null):
                    faults.append(None)
            if not (is_root and is_required):
                yield Place(where, value, name, faults, where)
            yield from places(value[name], inner, where)
    elif kind.startswith(("list[", "map[")):
        inner = kind.partition("[")[2][:-1]
        is_list = kind.startswith("list[")
        for key, item in enumerate(value) if is_list else value.items():
            where = f"{path}[{key!r}]"
            whole = where if is_list and inner in MODELS else path
            yield Place(where, value, key, [*WRONG[kind_of(inner)], None], whole)
            yield from places(item, inner, where)


def put_in_faults(document: Any, name: str, chance: random.Random) -> dict[str, str]:
    """Spoil one to five values; return their paths, each with that of what is lost with it."""
    found = list(places(document, name, "$", is_root=True))
    chosen: list[Place] = []
    for place in chance.sample(found, min(len(found), chance.randint(1, 5))):
        apart = all(
            not place.whole.startswith(other.whole) and not other.whole.startswith(place.whole)
            for other in chosen
        )
        if apart:
            chosen.append(place)
    for place in chosen:
        fault = chance.choice(place.faults)
        if fault is nothing:
            del place.within[place.key]
        else:
            place.within[place.key] = copy.deepcopy(fault)
    return {place.path: place.whole for place in chosen}


def check_values(model: Any, data: Any, kind: str, path: str, lost: set[str]) -> None:
    """Compare all that is not lost with what the JSON says."""
    if path in lost:
        return
    if kind in MODELS:
        names = {field.wire_name: field.name for field in fields(type(model))}
        for name, (inner, *_) in MODELS[kind]["fields"].items():
            where, value = f"{path}.{name}", getattr(model, names[name])
            if where in lost or data.get(name) is None:
                assert value is None
            else:
                check_values(value, data[name], inner, where, lost)
    elif kind.startswith("list["):
        assert len(model) == len(data)
        for number, (item, raw) in enumerate(zip(model, data, strict=True)):
            if f"{path}[{number}]" in lost:
                assert item == raw
            check_values(item, raw, kind[5:-1], f"{path}[{number}]", lost)
    elif kind.startswith("map["):
        assert model.keys() == data.keys()
        for key, item in model.items():
            check_values(item, data[key], kind[4:-1], f"{path}[{key!r}]", lost)
    else:
        assert model == (datetime.fromisoformat(data) if kind == "datetime" else data)


def comparable(value: Any, kind: str) -> Any:
    """Return JSON with times as instants, without nulls of optional fields."""
    if kind in MODELS and isinstance(value, dict):
        described, present = MODELS[kind]["fields"], MODELS[kind]["in"]
        return {
            name: comparable(item, described.get(name, ["any"])[0])
            for name, item in value.items()
            if item is not None or name not in described or described[name][1] & present == present
        }
    if kind.startswith("list[") and isinstance(value, list):
        return [comparable(item, kind[5:-1]) for item in value]
    if kind.startswith("map[") and isinstance(value, dict):
        return {key: comparable(item, kind[4:-1]) for key, item in value.items()}
    if kind == "datetime" and isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def test_what_does_not_fit_costs_nothing_else_and_is_told_and_written_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chance = random.Random(13)
    spoilt = 0
    while spoilt < DOCUMENTS_EACH:
        path = SAMPLES[spoilt % len(SAMPLES)] if chance.random() < 0.9 else chance.choice(SAMPLES)
        name = path.name.partition(".")[0]
        model = getattr(models, name)
        data = json.loads(path.read_bytes())
        faults = put_in_faults(data, name, chance)
        spoilt += 1
        caplog.clear()
        text = json.dumps(data)
        document: Any = decode(text, model)
        assert {each.partition(": ")[0] for each in problems(document)} == faults.keys()
        assert len(problems(document)) == len(faults)
        assert [record.levelno for record in caplog.records] == [logging.WARNING] * bool(faults)
        check_values(document, data, name, "$", set(faults.values()))
        assert comparable(json.loads(encode(document)), name) == comparable(data, name)
        again = from_dict(model, to_dict(document))
        assert again == document
        assert problems(again) == problems(document)
        assert from_dict(model, data) == document
        if faults:
            with pytest.raises(DecodeError) as caught:
                decode(text, model, strict=True)
            assert {each.partition(": ")[0] for each in caught.value.problems} == faults.keys()
            assert caught.value.path in faults
            assert caught.value.content == text


@pytest.mark.parametrize("name", ["Conversation", "ConversationMessages"])
def test_a_document_without_its_own_required_fields_is_refused(name: str) -> None:
    model = getattr(models, name)
    sample = json.loads((GOLDEN / f"samples/5.0.1/{name}.typical.json").read_bytes())
    present = MODELS[name]["in"]
    for wire_name, (kind, required, *_) in MODELS[name]["fields"].items():
        if required & present != present:
            continue
        for fault in [nothing, None, *WRONG[kind_of(kind)]]:
            data = copy.deepcopy(sample)
            data["score"] = "odd"
            data.pop(wire_name)
            if fault is not nothing:
                data[wire_name] = fault
            with pytest.raises(DecodeError) as caught:
                decode(json.dumps(data), model)
            assert caught.value.path == f"$.{wire_name}"
            assert {each.partition(": ")[0] for each in caught.value.problems} == {
                f"$.{wire_name}",
                "$.score",
            }


@pytest.mark.parametrize("data", ["[]", "null", '"a"', "5", '{"error":"no"}', "{}"])
def test_what_is_another_document_is_no_conversation(data: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(data, Conversation)
    assert caught.value.content == data


def odd_messages() -> ConversationMessages:
    data = json.loads(LISTS.read_bytes())
    data["iterable"][0]["created"]["value"] = "yesterday"
    del data["iterable"][0]["role"]
    data["iterable"].append(None)
    data["later"] = 1
    return decode(json.dumps(data), ConversationMessages)


def test_a_value_that_is_set_takes_the_place_of_what_did_not_fit() -> None:
    document = odd_messages()
    first = document.iterable[0]
    assert first.created.value is None
    assert first.created.extra["value"] == "yesterday"
    moment = datetime.fromisoformat("2024-05-01T00:00:00+00:00")
    first.created.value = moment
    first.role = models.QGPTConversationMessageRoleEnum.USER
    document.iterable.pop()
    assert problems(document) == ()
    written = to_dict(document)
    assert written["iterable"][0]["created"]["value"] == moment.isoformat()
    assert written["iterable"][0]["role"] == "USER"
    first.role = None
    assert problems(document) == ("$.iterable[0].role: required field missing",)
    assert "role" not in to_dict(document)["iterable"][0]


def test_a_message_with_odd_values_can_be_copied_and_written_by_itself() -> None:
    first = odd_messages().iterable[0]
    for twin in (
        first,
        copy.deepcopy(first),
        pickle.loads(pickle.dumps(first)),
        attrs.evolve(first),  # type: ignore[misc]
    ):
        assert twin == first
        assert problems(twin) == problems(first)
        assert "role" not in json.loads(encode(twin))
        assert json.loads(encode(twin))["created"]["value"] == "yesterday"


def test_what_was_made_wrong_is_still_refused() -> None:
    document = odd_messages()
    document.iterable[0].id = 5  # type: ignore[assignment]
    with pytest.raises(InvalidArgumentError, match=r"\$\.iterable\[0\]\.id") as caught:
        encode(document)
    assert "created" not in str(caught.value)
    assert "$.iterable[0].id: text expected, got int 5" in problems(document)
    made = ConversationMessages(iterable=[None])  # type: ignore[list-item]
    with pytest.raises(InvalidArgumentError, match=r"\$\.iterable\[0\]"):
        encode(made)
    with pytest.raises(InvalidArgumentError, match="required field missing"):
        encode(GroupedTimestamp(value=None))  # type: ignore[arg-type]


def test_a_place_is_a_problem_once() -> None:
    data = json.loads((GOLDEN / "samples/5.0.1/Conversation.typical.json").read_bytes())
    messages = {"iterable": [5, {"id": "m"}], "indices": {}}
    document = decode(json.dumps(data | {"name": 5, "messages": messages}), Conversation)
    came = (
        "$.name: text expected, got int 5",
        "$.messages.iterable[0]: an object expected, got int 5",
    )
    assert sorted(problems(document)) == sorted(came)
    document.extra["name"] = object()
    document.extra["more"] = [object(), object()]
    document.extra["keys"] = {1: object(), 2: object()}
    document.messages.iterable += [object(), None]  # type: ignore[list-item]
    document.messages.indices = {1: 1, 2: 2}  # type: ignore[dict-item]
    places = [problem.partition(": ")[0] for problem in problems(document)]
    assert len(places) == len(set(places))
    assert {"$.name", "$.messages.iterable[0]", "$.messages.iterable[2]", "$.messages.indices"} < {
        *places
    }


KEYS: dict[str, Any] = {
    "of the document": ({1: 2}, r"\$ has a name"),
    "nothing": ({None: 2}, r"\$ has a name"),
    "of what is not known": ({"more": {1: 2}}, r"\$\['more'\] has a name"),
    "of a field's document": (
        {"created": {"value": "2024-05-01T12:00:00Z", 5: 6}},
        r"\$\['created'\]",
    ),
    "of a map": ({"messages": {"iterable": [], "indices": {1: 2}}}, r"\['indices'\] has a name"),
    "deep": ({"more": [{"a": {(1, 2): 3}}]}, r"\$\['more'\]\[0\]\['a'\] has a name"),
}


@pytest.mark.parametrize("name", KEYS)
def test_names_that_are_no_text_are_refused_wherever_they_are(name: str) -> None:
    more, told = KEYS[name]
    data = json.loads((GOLDEN / "samples/5.0.1/Conversation.typical.json").read_bytes())
    with pytest.raises(InvalidArgumentError, match=told):
        from_dict(Conversation, data | more)
    model: Any = compat.Conversation  # whose methods are added as it is imported
    with pytest.raises(compat.ApiValueError, match=told):
        model.from_dict(data | more)


def test_names_that_are_texts_of_another_class_become_texts() -> None:
    class Name(str):
        pass

    read = from_dict(GroupedTimestamp, {"value": "2024-05-01T12:00:00Z", Name("more"): 1})
    assert [type(name) for name in read.extra] == [str]


def test_nulls_of_optional_fields_are_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    data = json.loads(LISTS.read_bytes())
    data["iterable"][0] |= {"sentiment": None, "score": None}
    assert problems(decode(json.dumps(data), ConversationMessages, strict=True)) == ()
    assert not caplog.records


def test_refused_documents_are_neither_shown_nor_pickled() -> None:
    secret = "what nobody else is to see"
    with pytest.raises(DecodeError) as caught:
        decode(json.dumps({"a": secret}), ConversationMessage)
    error = caught.value
    assert secret in str(error.content)
    assert secret not in f"{error}{error!r}{error.__dict__['problems']}"
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert twin.content is None
        assert (str(twin), twin.problems) == (str(error), error.problems)


def test_what_is_no_json_cannot_be_read_from_a_dict() -> None:
    with pytest.raises(InvalidArgumentError, match=r"\$\['value'\] holds datetime"):
        from_dict(GroupedTimestamp, {"value": datetime.fromisoformat("2024-05-01T00:00:00Z")})
    with pytest.raises(InvalidArgumentError, match="no model"):
        from_dict(dict, {})
    with pytest.raises(DecodeError, match="an object expected"):
        from_dict(GroupedTimestamp, [])  # type: ignore[arg-type]
    numbers = {"total": 1e300, "later": [2**70, 1e22, 0.5]}
    assert to_dict(from_dict(models.ModelMaxTokens, numbers)) == numbers


async def test_clients_are_tolerant_unless_they_are_to_be_strict() -> None:
    data = json.loads((GOLDEN / "samples/5.0.1/Conversation.typical.json").read_bytes())
    data["score"] = "odd"
    with RawServer(json_reply(data)) as server:
        async with AsyncConversationClient(server.url) as client:
            found = await client.get_conversation("a")
            assert [each.partition(": ")[0] for each in problems(found)] == ["$.score"]
            with pytest.raises(DecodeError) as caught:
                await client.with_options(strict=True).get_conversation("a")
            assert json.loads(caught.value.content or b"") == data
        strict = AsyncConversationClient(server.url, strict=True)
        copies = (copy.deepcopy(strict), pickle.loads(pickle.dumps(strict)))
        for client in (strict, *copies):
            async with client:
                with pytest.raises(DecodeError):
                    await client.get_conversation("a")
                lenient = client.with_options(strict=False)
                assert problems(await lenient.get_conversation("a"))


def test_blocking_clients_take_strict_too() -> None:
    data = json.loads((GOLDEN / "samples/5.0.1/Conversation.typical.json").read_bytes())
    data["score"] = "odd"
    with (
        RawServer(json_reply(data)) as server,
        ConversationClient(server.url, strict=True) as client,
    ):
        with pytest.raises(DecodeError):
            client.get_conversation("a")
        assert problems(client.with_options(strict=False).get_conversation("a"))


def test_strict_is_a_boolean() -> None:
    with pytest.raises(InvalidArgumentError, match="strict: True or False"):
        ConversationClient(strict=1)  # type: ignore[arg-type]
    assert isinstance(decode(LISTS.read_bytes(), ConversationMessages), Document)


def odd_conversation() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(
        (GOLDEN / "samples/5.0.1/Conversation.typical.json").read_bytes()
    )
    data["created"]["value"] = data["updated"]["value"] = "odd"
    data["messages"] = {"iterable": [None, {"id": "m"}, {"id": 5}, "x"]}
    return data


async def test_what_the_client_itself_reads_may_be_odd() -> None:
    listed = {"iterable": [odd_conversation(), None, 5]}
    message = json.loads(LISTS.read_bytes())["iterable"][0]

    def answer(request: Any) -> bytes:
        if "/message/" in request.target:
            return json_reply(message)
        return json_reply(listed if "/conversations" in request.target else odd_conversation())

    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url) as client:
            await client.set_name("a", "b")
            sent = server.requests[-1].json()
            assert sent["messages"] == odd_conversation()["messages"]
            assert sent["name"] == "b"
            assert [found.id async for found in client.messages.of("a")] == [message["id"]]
            assert len((await client.conversations.list()).iterable) == 3


def test_the_command_shows_what_is_odd_without_it() -> None:
    listed = {"iterable": [odd_conversation(), None, 5]}
    messages = json.loads(LISTS.read_bytes())
    messages["iterable"][0]["created"] = 5
    messages["iterable"].append("x")
    for command, reply in (
        (["ls"], listed),
        (["get", "a" * 36], odd_conversation()),
        (["messages", "a" * 36], messages),
    ):
        with RawServer(json_reply(reply)) as server:
            done = run(*command, "--server", server.url, separator="\t")
        assert done.returncode == 0, done.stderr


# What is allowed, but spelled in an unusual way

EXAMPLES = settings(deadline=None, database=None, max_examples=DOCUMENTS_EACH)


@pytest.fixture(params=[pytest.param("orjson", marks=needs_orjson), "json"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "json":
        monkeypatch.setattr(_json, "orjson", None)


with_both_parsers = pytest.mark.usefixtures("_parser")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.0", 1),
        ("-3.0", -3),
        ("-0.0", 0),
        ("1e3", 1000),
        ("1.5E+1", 15),
        ("9007199254740992.0", 2**53),
        ("1e22", 10**22),
        ("18446744073709551616.0", 2**64),
        ("-1e300", int(-1e300)),
    ],
)
@with_both_parsers
def test_a_whole_number_may_be_spelled_as_a_float(
    text: str, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    data = f"""{{"iterable": [], "indices": {{"a": {text}, "b": 2}},
        "score": {{"manual": {text}, "automatic": 0}}, "later": {text}}}"""
    document = decode(data, FlattenedConversationMessages, strict=True)
    assert document.score is not None
    assert document.indices is not None
    for found in (document.score.manual, document.indices["a"]):
        assert (found, type(found)) == (number, int)
    assert problems(document) == ()
    assert not caplog.records
    again = from_dict(FlattenedConversationMessages, to_dict(document), strict=True)
    for twin in (document, again, copy.deepcopy(document), pickle.loads(pickle.dumps(document))):
        assert twin == document
        assert repr(json.loads(encode(twin))) == repr(json.loads(data))
    own = decode(f'{{"manual": {text}, "automatic": 0}}', Score, strict=True)
    assert own == document.score


@pytest.mark.parametrize("text", ["1.5", "1e-2", "true", '"1.0"', "-0.1", "1e400"])
@with_both_parsers
def test_what_is_no_whole_number_is_still_none(text: str) -> None:
    data = f'{{"manual": {text}, "automatic": 0}}'
    with pytest.raises(DecodeError):
        decode(data, Score)


@with_both_parsers
def test_what_is_set_is_no_longer_spelled_as_it_came() -> None:
    data = """{"iterable": [], "indices": {"a": 1.0, "b": 2.0, "c": 3.0},
        "score": {"manual": 1.0, "automatic": 2.0}}"""
    document = decode(data, FlattenedConversationMessages)
    assert document.score is not None
    assert document.indices is not None
    document.score.manual = 5
    document.indices |= {"a": 6, "d": 7}
    del document.indices["c"]
    assert to_dict(document) == {
        "iterable": [],
        "indices": {"a": 6, "b": 2.0, "d": 7},
        "score": {"manual": 5, "automatic": 2.0},
    }
    assert encode(document).count(b"2.0") == 2
    document.indices = None
    assert "indices" not in to_dict(document)
    document.score.manual = 1.0  # type: ignore[assignment]
    assert problems(document) == ("$.score.manual: an integer expected, got float 1.0",)
    with pytest.raises(InvalidArgumentError, match=r"\$\.score\.manual: an integer expected"):
        encode(document)


@with_both_parsers
def test_a_list_of_whole_numbers_is_spelled_as_it_came_where_it_is_the_same() -> None:
    document = decode('{"raw": [1.0, 2, 3.0]}', TransferableBytes, strict=True)
    assert document.raw is not None
    assert repr(document.raw) == "[1, 2, 3]"
    document.raw[0] = 4
    document.raw.append(5)
    assert repr(to_dict(document)) == repr({"raw": [4, 2, 3.0, 5]})
    document = decode('{"raw": [1.0, 1.5]}', TransferableBytes)
    assert document.raw is None
    assert problems(document) == ("$.raw[1]: an integer expected, got float 1.5",)
    assert to_dict(document) == {"raw": [1.0, 1.5]}


@with_both_parsers
def test_a_large_number_in_what_did_not_fit_is_no_problem_later_either() -> None:
    moment = {"value": "2024-05-01T10:20:30+00:00"}
    data = {"id": "t", "text": "a", "category": "NEW", "created": moment, "updated": moment}
    document = decode(json.dumps(data | {"tagsVector": [1e300, "x"]}), models.FlattenedTag)
    assert problems(document) == ("$.tagsVector[1]: a number expected, got text 'x'",)
    assert to_dict(document)["tagsVector"] == [1e300, "x"]


def test_a_dict_may_hold_whole_floats_too() -> None:
    data = {"manual": 1.0, "automatic": 2.0**70}
    document = from_dict(Score, data, strict=True)
    assert repr((document.manual, document.automatic)) == repr((1, 2**70))
    assert repr(to_dict(document)) == repr(data)


class Spelled(NamedTuple):
    """A time as RFC 3339 may spell it, and when it is."""

    text: str
    moment: datetime


@st.composite
def rfc_3339(draw: st.DrawFn) -> Spelled:
    """Draw a time by the grammar of RFC 3339."""
    day = draw(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31))).date()
    hour, minute, second = (draw(st.integers(0, top)) for top in (23, 59, 60))
    fraction = draw(st.from_regex(r"(\.[0-9]{1,12})?", fullmatch=True))
    offset = draw(
        st.sampled_from(["Z", "z", "+00:00", "-00:00", "+23:59", "-23:59"])
        | st.from_regex(r"[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]", fullmatch=True)
    )
    between = draw(st.sampled_from("Tt "))
    text = f"{day}{between}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
    ahead = timedelta()
    if offset not in ("Z", "z"):
        ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
    since = timedelta(
        hours=hour, minutes=minute, seconds=second, microseconds=int(f"{fraction[1:7]:<06}")
    )
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + since
    return Spelled(text, moment + ahead if offset[0] == "-" else moment - ahead)


@with_both_parsers
def test_any_time_of_rfc_3339_is_read_and_comes_back() -> None:
    @EXAMPLES
    @given(rfc_3339())
    def check(time: Spelled) -> None:
        data = json.dumps({"from": {"value": time.text}, "to": {"value": time.text}})
        found = decode(data, AnonymousTemporalRange, strict=True)
        assert found.from_ is not None
        assert found.from_.value == time.moment
        assert type(found.from_.value) is datetime
        assert problems(found) == ()
        for twin in (found, pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
            written = to_dict(twin)["from"]["value"]
            if written != time.text:  # as `datetime` has it, which loses nothing
                assert datetime.fromisoformat(written) == time.moment
                assert not re.search(r":60|z|\.[0-9]{7}", time.text)
        assert from_dict(AnonymousTemporalRange, to_dict(found), strict=True) == found
        own = decode(json.dumps({"value": time.text}), GroupedTimestamp, strict=True)
        assert own == found.from_
        own.value += timedelta(1)
        assert to_dict(own) == {"value": own.value.isoformat()}

    check()


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T10:20:61Z",
        "2024-05-01T10:60:00Z",
        "2024-02-30t00:00:00z",
        "2024-05-01T10:20:60+0z",
        "2024-05-01T10:20:30.Zz",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
    ],
)
@with_both_parsers
def test_what_no_datetime_can_be_stays_as_it_came(text: str) -> None:
    found = decode(json.dumps({"from": {"value": text}}), AnonymousTemporalRange)
    assert problems(found) == (f"$.from.value: a time in ISO 8601 expected, got text {text!r}",)
    assert to_dict(found) == {"from": {"value": text}}


@pytest.mark.parametrize(
    ("model", "name", "text", "wrong"),
    [
        ("TransferableBytes", "raw", b'{"raw":[1.0,2.0]}', (1, 2)),
        ("ConversationMessages", "indices", b'{"iterable":[],"indices":{"a":1.0}}', "x"),
    ],
)
def test_what_came_spelled_oddly_and_is_set_to_another_kind_is_refused(
    model: str, name: str, text: bytes, wrong: object
) -> None:
    document = decode(text, getattr(models, model))
    setattr(document, name, wrong)
    assert [line.partition(":")[0] for line in problems(document)] == [f"$.{name}"]
    with pytest.raises(InvalidArgumentError, match=name):
        encode(document)


@pytest.mark.parametrize("digits", range(1, 12))
@pytest.mark.parametrize("offset", ["", "Z", "+01:00"])
def test_no_digit_of_a_second_is_lost(digits: int, offset: str) -> None:
    text = f"2024-01-01T00:00:00.{'123456789012'[:digits]}{offset}"
    again = to_dict(decode(f'{{"value":"{text}"}}'.encode(), models.GroupedTimestamp))["value"]
    assert str(again).startswith(text.removesuffix(offset).removesuffix("Z"))
