"""Documents to models and back: nothing is lost, and what is wrong is named."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cases import GOLDEN, IDS, conversation, golden
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needs import needs_orjson

from conversation_client import (
    DecodeError,
    InvalidArgumentError,
    _json,
    codec,
    decode,
    encode,
    models,
)
from conversation_client.models import conversation as conversations
from conversation_client.models import message
from conversation_client.models.base import Document, OpenEnum
from conversation_client.models.common import GroupedTimestamp, SeededScore, SeededScoreIncrement
from conversation_client.models.conversation import Conversation, ConversationTypeEnum
from conversation_client.models.language_model import ModelMaxTokens
from conversation_client.models.message import ConversationMessages, FlattenedConversationMessages
from conversation_client.models.person import FlattenedTag

SCHEMA = golden("models")
DOCUMENTS: dict[str, Any] = SCHEMA["models"] | SCHEMA["extra"]
ROOTS: dict[str, type[Document]] = {
    "Conversation": Conversation,
    "ConversationMessages": ConversationMessages,
    "ConversationSummarizeInput": conversations.ConversationSummarizeInput,
    "ConversationSummarizeOutput": conversations.ConversationSummarizeOutput,
    "SeededScoreIncrement": SeededScoreIncrement,
}
SAMPLES = sorted((GOLDEN / "samples").glob("*/*.json"))


@contextmanager
def without_orjson() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_json, "orjson", None)
        yield


@pytest.fixture(params=[pytest.param("orjson", marks=needs_orjson), "json"])
def _library(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "orjson":
        yield
    else:
        with without_orjson():
            yield


with_and_without_orjson = pytest.mark.usefixtures("_library")


# What reading and writing may change


def settled(value: Any, kind: str) -> Any:
    """Make times instants, and leave out nulls where a field that is absent means the same."""
    if kind.startswith("list["):
        return [settled(item, kind[5:-1]) for item in value]
    if kind.startswith("map["):
        return {key: settled(item, kind[4:-1]) for key, item in value.items()}
    if kind == "datetime":
        return instant(value)
    if kind not in DOCUMENTS:
        return value
    fields = DOCUMENTS[kind]["fields"]
    return {
        name: item if item is None or name not in fields else settled(item, fields[name][0])
        for name, item in value.items()
        if item is not None or name not in fields or fields[name][2:]
    }


def instant(text: str) -> str:
    moment = datetime.fromisoformat(text)
    since = moment.replace(tzinfo=None) - datetime.min - (moment.utcoffset() or timedelta())
    return f"{since // timedelta(microseconds=1)} µs"


def canonical(text: str | bytes, kind: str) -> str:
    """Spell a document so that any difference in value or number type shows."""
    return json.dumps(settled(json.loads(text), kind), sort_keys=True)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
@with_and_without_orjson
def test_sample_comes_back_the_same(path: Any) -> None:
    name = path.name.partition(".")[0]
    data = path.read_bytes()
    written = encode(decode(data, ROOTS[name]))
    assert canonical(written, name) == canonical(data, name)
    assert decode(data.decode(), ROOTS[name]) == decode(data, ROOTS[name])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_schema_knows_every_field_of_the_samples(path: Any) -> None:
    assert not list(extras(decode(path.read_bytes(), ROOTS[path.name.partition(".")[0]])))


def extras(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, Document):
        if value.extra:
            yield value.extra
        kind: Any = type(value)
        value = [getattr(value, name) for name in kind.__slots__ if name != "__weakref__"]
    for item in value if isinstance(value, list) else []:
        yield from extras(item)


@with_and_without_orjson
def test_reading_changing_and_writing_changes_nothing_else() -> None:
    data = (GOLDEN / "samples/5.0.1/Conversation.typical.json").read_bytes()
    document = decode(data, Conversation)
    document.name = "new"
    expected = json.dumps(json.loads(data) | {"name": "new"})
    assert canonical(encode(document), "Conversation") == canonical(expected, "Conversation")


# Generated documents

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
"""Lone surrogates, control characters and all."""
ANY_NUMBER = (
    st.integers()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([2**63, 2**64, -(2**63), -(2**63) - 1, 2**64 - 1, -0.0, 1e300, 2.0**64])
)
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | ANY_NUMBER | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=4,
)
OFFSETS = st.none() | st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
TIMES = st.datetimes(timezones=OFFSETS).map(datetime.isoformat) | st.datetimes().map("{}Z".format)
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "string": ANY_TEXT,
    "int": st.integers() | st.integers(-(2**80), 2**80),
    "float": ANY_NUMBER,
    "bool": st.booleans(),
    "datetime": TIMES,
}
UNKNOWN_NAMES = ANY_TEXT | st.sampled_from(
    ["extra", "_extra", "self", "data", "value", "from_", "max_tokens", "__class__", "", "$"]
)


@cache
def values(kind: str, depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for values of a type of the schema."""
    if kind.startswith("list["):
        return st.lists(st.deferred(lambda: values(kind[5:-1], depth)), max_size=2)
    if kind.startswith("map["):
        inner = st.deferred(lambda: values(kind[4:-1], depth))
        return st.dictionaries(ANY_TEXT, inner, max_size=2)
    if kind in SCHEMA["enums"]:
        return st.sampled_from(SCHEMA["enums"][kind]) | ANY_TEXT
    return documents(kind, depth) if kind in DOCUMENTS else SIMPLE[kind]


@st.composite
def documents(draw: st.DrawFn, model: str, depth: int = 4) -> dict[str, Any]:
    """Draw a document: what is required, some of the rest, and some of what nobody knows."""
    fields = DOCUMENTS[model]["fields"]
    present = DOCUMENTS[model]["in"]
    required = [name for name in fields if fields[name][1] & present == present]
    optional = [name for name in fields if name not in required]
    chosen = st.lists(st.sampled_from(optional), max_size=4, unique=True) if optional else None
    more = draw(chosen) if depth > 0 and chosen is not None else []
    document = {name: draw(values(fields[name][0], max(depth - 1, 0))) for name in required + more}
    for name in more[3:]:
        document[name] = None
    for name in [name for name in required if fields[name][2:]]:
        document[name] = draw(st.none() | st.just(document[name]))
    unknown = draw(st.dictionaries(UNKNOWN_NAMES, ANY_JSON, max_size=1))
    return {name: item for name, item in unknown.items() if name not in fields} | document


DOCUMENTS_EACH = int(os.environ.get("CONVERSATION_CLIENT_DOCUMENTS", "40"))
EXAMPLES = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", ROOTS)
def test_any_document_comes_back_the_same(name: str) -> None:
    @settings(EXAMPLES, max_examples=DOCUMENTS_EACH)
    @given(documents(name))
    def check(document: dict[str, Any]) -> None:
        text = json.dumps(document)
        expected = canonical(text, name)
        assert canonical(encode(decode(text, ROOTS[name])), name) == expected
        with without_orjson():
            assert canonical(encode(decode(text.encode(), ROOTS[name])), name) == expected

    check()


def test_any_document_of_any_model_comes_back_the_same() -> None:
    classes = {model.__name__: model for model in models.documents()}

    @settings(EXAMPLES, max_examples=2 * DOCUMENTS_EACH)
    @given(st.sampled_from(sorted(DOCUMENTS)), st.data())
    def check(name: str, data: st.DataObject) -> None:
        text = json.dumps(data.draw(documents(name, 1)))
        assert canonical(encode(decode(text, classes[name])), name) == canonical(text, name)

    check()


@pytest.mark.parametrize("name", ROOTS)
def test_any_change_is_read_or_refused_where_it_is(name: str) -> None:
    @settings(EXAMPLES, max_examples=DOCUMENTS_EACH)
    @given(documents(name), st.data())
    def check(document: dict[str, Any], data: st.DataObject) -> None:
        places = list(nodes(document, name, "$"))
        where, replace = data.draw(st.sampled_from(places)) if places else ("$", None)
        change = data.draw(ANY_JSON)
        if replace is None or data.draw(st.integers(0, 20)) == 0:
            where, document = "$", change
        else:
            replace(change)
        text = json.dumps(document)
        problems = [problems_of(text, name)]
        with without_orjson():
            problems.append(problems_of(text, name))
        assert problems[0] == problems[1]
        for problem in problems[0]:
            assert problem.startswith(where)

    check()


Place = tuple[str, Callable[[Any], None]]
"""A JSON path, and what puts another value there."""


def nodes(value: Any, kind: str, path: str) -> Iterator[Place]:
    """Find all places in a document that a model describes."""
    if isinstance(value, dict):
        fields = DOCUMENTS.get(kind, {}).get("fields", {})
        for key, item in value.items():
            if kind.startswith("map["):
                where, inner = f"{path}[{key!r}]", kind[4:-1]
            else:
                where, inner = f"{path}.{key}", fields.get(key, ["any"])[0]
            yield where, lambda new, key=key: value.__setitem__(key, new)  # type: ignore[misc]
            yield from nodes(item, inner, where)
    elif isinstance(value, list) and kind.startswith("list["):
        for index, item in enumerate(value):
            yield (
                f"{path}[{index}]",
                lambda new, index=index: value.__setitem__(index, new),  # type: ignore[misc]
            )
            yield from nodes(item, kind[5:-1], f"{path}[{index}]")


def problems_of(text: str, name: str) -> tuple[str, ...]:
    """Read and write; return what is wrong, nothing where it came back the same."""
    found = read(text, ROOTS[name])
    if isinstance(found, DecodeError):
        assert found.problems
        assert found.problems[0].startswith(f"{found.path}: ")
        assert str(found).startswith(f"no {name}: {found.path:.200}: ")
        return found.problems
    assert canonical(encode(found), name) == canonical(text, name)
    return ()


def read(data: str | bytes, model: type[Document]) -> Document | DecodeError:
    try:
        return decode(data, model, strict=True)
    except DecodeError as error:
        return error


@settings(EXAMPLES, max_examples=300)
@given(st.text() | st.binary() | ANY_JSON.map(json.dumps))
def test_any_data_is_read_or_refused(data: str | bytes) -> None:
    with suppress(DecodeError):
        decode(data, SeededScore)
    with without_orjson(), suppress(DecodeError):
        decode(data, SeededScore)


@settings(EXAMPLES, max_examples=300)
@given(st.text() | st.from_regex(r"[0-9T:.Z+-]{1,30}") | TIMES.map(lambda text: text[1:]))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    data = json.dumps({"value": text})
    found = read(data, GroupedTimestamp)
    if isinstance(found, DecodeError):
        assert found.path == "$.value"
        return
    assert canonical(encode(found), "GroupedTimestamp") == canonical(data, "GroupedTimestamp")


# Refused documents


def messages(**changes: Any) -> str:
    """Return messages with one, in which some fields are changed, or left out where `...`."""
    whole = {
        "id": "m1",
        "created": {"value": "2024-05-01T10:20:30Z"},
        "updated": {"value": "2024-05-01T10:20:30Z"},
        "conversation": {"id": "c1"},
        "role": "USER",
    } | changes
    return json.dumps({"iterable": [{k: v for k, v in whole.items() if v is not ...}]})


def tag(vector: str) -> str:
    time = '{"value":"2024-05-01T10:20:30Z"}'
    return f"""{{"id":"t1","text":"a","category":"NEW","created":{time},"updated":{time},
        "tagsVector":{vector}}}"""


SHAPES: dict[str, tuple[str, str, str]] = {
    "list-for-object": ("[]", "$", "an object expected, got a list"),
    "null": ("null", "$", "an object expected, got null"),
    "text": ('"a"', "$", "an object expected, got text 'a'"),
    "number": ("5", "$", "an object expected, got int 5"),
    "missing": ("{}", "$.iterable", "required field missing"),
    "null-in-required": ('{"iterable":null}', "$.iterable", "null in a required field"),
    "object-for-list": ('{"iterable":{}}', "$.iterable", "a list expected, got an object"),
    "text-for-list": ('{"iterable":"abc"}', "$.iterable", "a list expected, got text 'abc'"),
    "null-in-list": ('{"iterable":[null]}', "$.iterable[0]", "an object expected, got null"),
    "missing-in-item": (messages(role=...), "$.iterable[0].role", "required field missing"),
    "null-in-item": (messages(id=None), "$.iterable[0].id", "null in a required field"),
    "number-for-text": (messages(id=5), "$.iterable[0].id", "text expected, got int 5"),
    "number-for-enum": (messages(role=5), "$.iterable[0].role", "text expected, got int 5"),
    "list-for-enum": (messages(role=[]), "$.iterable[0].role", "text expected, got a list"),
    "text-for-object": (
        messages(created="2024-05-01"),
        "$.iterable[0].created",
        "an object expected, got text '2024-05-01'",
    ),
    "bad-time": (
        messages(created={"value": "now"}),
        "$.iterable[0].created.value",
        "a time in ISO 8601 expected, got text 'now'",
    ),
    "number-for-time": (
        messages(created={"value": 1714558830}),
        "$.iterable[0].created.value",
        "a time in ISO 8601 expected, got int 1714558830",
    ),
    "list-for-map": (
        '{"iterable":[],"indices":[]}',
        "$.indices",
        "an object expected, got a list",
    ),
    "text-in-map": (
        '{"iterable":[],"indices":{"a":0,"b \'c":"1"}}',
        '$.indices["b \'c"]',
        "an integer expected, got text '1'",
    ),
    "fraction-for-int": (
        '{"iterable":[],"indices":{"a":1.5}}',
        "$.indices['a']",
        "an integer expected, got float 1.5",
    ),
    "small-exponent-for-int": (
        '{"iterable":[],"indices":{"a":1e-2}}',
        "$.indices['a']",
        "an integer expected, got float 0.01",
    ),
    "bool-for-int": (
        '{"iterable":[],"indices":{"a":true}}',
        "$.indices['a']",
        "an integer expected, got a boolean",
    ),
    "null-in-map": (
        '{"iterable":[],"indices":{"a":null}}',
        "$.indices['a']",
        "an integer expected, got null",
    ),
}


@pytest.mark.parametrize(("text", "path", "problem"), SHAPES.values(), ids=SHAPES)
@with_and_without_orjson
def test_document_of_another_shape_is_refused_with_its_path(
    text: str, path: str, problem: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(text.encode(), ConversationMessages, strict=True)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"no ConversationMessages: {path}: {problem}")
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("text", "model", "path", "problem"),
    [
        ('{"total":true}', ModelMaxTokens, "$.total", "a number expected, got a boolean"),
        ('{"total":"1"}', ModelMaxTokens, "$.total", "a number expected, got text '1'"),
        ("{}", ModelMaxTokens, "$.total", "required field missing"),
        (tag("[1,2.5,null]"), FlattenedTag, "$.tagsVector[2]", "a number expected, got null"),
        ('{"reuse":1}', SeededScore, "$.reuse", "a boolean expected, got int 1"),
        ('{"reuse":"true"}', SeededScore, "$.reuse", "a boolean expected, got text 'true'"),
    ],
)
@with_and_without_orjson
def test_simple_value_of_another_type_is_refused(
    text: str, model: type[Document], path: str, problem: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(text, model, strict=True)
    assert caught.value.path == path
    assert problem in str(caught.value)


def test_every_problem_is_kept_and_five_are_told() -> None:
    text = json.dumps({"iterable": [None] * 7, "indices": 1})
    with pytest.raises(DecodeError) as caught:
        decode(text, ConversationMessages, strict=True)
    paths = [problem.partition(": ")[0] for problem in caught.value.problems]
    assert paths == [*(f"$.iterable[{index}]" for index in range(7)), "$.indices"]
    assert "$.iterable[4]" in str(caught.value)
    assert "$.iterable[5]" not in str(caught.value)
    assert str(caught.value).endswith("and 3 more")


def test_message_shows_only_the_start_of_a_value_and_of_a_path() -> None:
    long = "x" * 1_000_000
    with pytest.raises(DecodeError) as caught:
        decode(
            json.dumps({"iterable": [long], "indices": {long: long}}),
            ConversationMessages,
            strict=True,
        )
    assert caught.value.path == "$.iterable[0]"
    assert len(str(caught.value)) < 500


DEEP = 100_000
NO_JSON: dict[str, str | bytes] = {
    "empty": b"",
    "empty-text": "",
    "space": b" ",
    "cut": b'{"reuse":tru',
    "more": b"{} {}",
    "page": b"<!doctype html>",
    "single-quotes": b"{'reuse':true}",
    "trailing-comma": b'{"reuse":true,}',
    "bom-alone": b"\xef\xbb\xbf",
    "half-utf-16": '{"a":1}'.encode("utf-16")[:-1],
    "bad-utf-8": b'{"a":"\xff"}',
    "cut-utf-8": b'{"a":"\xc3"}',
    "utf-8-surrogate": b'{"a":"\xed\xa0\x80"}',
    "null-byte": b'{"a":"\x00"}',
    "nan": b'{"a":NaN}',
    "infinity": b'{"a":Infinity}',
    "minus-infinity": b'{"a":[-Infinity]}',
    "too-large": b'{"a":1e999}',
    "too-small": b'{"a":[{"b":-1e999}]}',
    "5000-digits": b'{"a":%b}' % (b"1" * 5000),
    "leading-zero": b'{"a":01}',
    "hexadecimal": b'{"a":0x1}',
}


@pytest.mark.parametrize("data", NO_JSON.values(), ids=NO_JSON)
@with_and_without_orjson
def test_what_is_no_json_is_refused(data: str | bytes) -> None:
    with pytest.raises(DecodeError, match=r"^no JSON: ") as caught:
        decode(data, SeededScore)
    assert caught.value.path == "$"
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP,
        "[" * DEEP + "]" * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        '{"reuse":true,"later":' + "[" * DEEP + "]" * DEEP + "}",
        '{"reuse":' + '{"a":' * DEEP + "1" + "}" * DEEP + "}",
        '{"reuse":' + "[" * 800 + "]" * 800 + ',"later":1}',
        '{"reuse":1,"later":' + "[" * 800 + "]" * 800 + "}",
        '{"later":' + "[" * 990 + "]" * 990 + ',"reuse":1}',
    ],
    ids=["open", "lists", "objects", "unknown", "known", "known-800", "beside-800", "beside-990"],
)
@with_and_without_orjson
def test_depth_is_refused_and_never_a_recursion_error(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(text, SeededScore, strict=True)
    assert re.search("nested too deeply|boolean expected", str(caught.value))


SMALL_STACK = """
import json, sys, threading
if sys.argv[1] == "json":
    sys.modules["orjson"] = None
from conversation_client import DecodeError, InvalidArgumentError, codec
from conversation_client.models.common import SeededScore

def nested(depth):
    value = 1
    for _ in range(depth):
        value = {"a": [value]} if depth % 2 else [value]
    return value

def run():
    for depth in (10, 190, 210, 300, 460, 480, 1020, 1030, 5000, 100_000):
        for shape in ("[%s]", '{"a":%s}', '{"a":[%s]}'):
            inner = shape.partition("%s")
            value = inner[0] * depth + "1" + inner[2] * depth
            for before, after in (("", ""), ('"total":18446744073709551616,', ""), ("", ',"reuse":1')):
                try:
                    codec.decode('{%s"later":%s%s}' % (before, value, after), SeededScore)
                except DecodeError:
                    pass
            try:
                codec.decode('{"later":' + inner[0] * depth, SeededScore)
            except DecodeError:
                pass
    for depth in (100, 220, 250, 260, 400, 470, 2000):
        for later in (1, 2**70):
            try:
                codec.encode(SeededScore(extra={"later": nested(depth), "large": later}))
            except InvalidArgumentError:
                pass
    print("well")

codec.encode(codec.decode('{"reuse":true}', SeededScore))
threading.stack_size(int(sys.argv[2]) * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


# From 3.13 on Python itself needs more than 64 KiB to free lists that are nested as deep.
SMALLEST = 64 if sys.version_info < (3, 13) else 96


@pytest.mark.skipif(
    sys.implementation.name == "pypy", reason="needs a Python that can do with so small a stack"
)
@pytest.mark.parametrize(("parser", "stack"), [("orjson", 128), ("json", SMALLEST)])
def test_depth_is_refused_in_a_thread_with_a_small_stack(parser: str, stack: int) -> None:
    """Of an orjson that goes down 1024 levels in C the stack has to have room for these."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL_STACK, parser, str(stack)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "well\n", "")


@with_and_without_orjson
@pytest.mark.parametrize("depth", [10, 199, 201, 253, 255, 300, 400])
def test_what_is_deep_but_not_too_deep_comes_back_the_same(depth: int) -> None:
    text = json.dumps({"later": nested(depth), "a]": '"[{', "large": 2**70})
    assert json.loads(encode(decode(text, SeededScore))) == json.loads(text)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


# Values that are easily lost


@pytest.mark.parametrize(
    "value",
    [
        "2",
        "2.0",
        "0",
        "-0.0",
        "0.1",
        "1e22",
        "1e300",
        "1.7976931348623157e308",
        "5e-324",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551616.0",
        "123456789012345678901234567890",
        "-9223372036854775808.0",
    ],
)
@with_and_without_orjson
def test_numbers_keep_their_value_and_type(value: str) -> None:
    exact = json.loads(value)
    text = f'{{"total":{value},"later":[{{"a":{value}}}]}}'
    document = decode(text, ModelMaxTokens)
    assert repr(document.total) == repr(exact)
    assert repr(document.extra) == repr({"later": [{"a": exact}]})
    assert type(document.total) in (int, float)
    assert repr(json.loads(encode(document))) == repr(json.loads(text))
    if isinstance(exact, int):
        text = f'{{"iterable":[],"indices":{{"a":{value}}}}}'
        read = decode(text, ConversationMessages)
        assert repr(read.indices) == repr({"a": exact})
        assert json.loads(encode(read)) == json.loads(text)
    assert repr(decode(tag(f"[{value}]"), FlattenedTag).tags_vector) == repr([exact])


@pytest.mark.parametrize(
    "text", ["\ud800", "a\udc00b", "\x00\x1f\x7f", "\u2028", "😀", "\ufeff", "\\"]
)
@with_and_without_orjson
def test_any_text_is_kept_in_values_and_names(text: str) -> None:
    data = json.dumps({"readable": text, "value": "2024-05-01T00:00:00Z", text: [{text: text}]})
    document = decode(data, GroupedTimestamp)
    assert document.readable == text
    assert document.extra == {text: [{text: text}]}
    assert canonical(encode(document), "GroupedTimestamp") == canonical(data, "GroupedTimestamp")


@with_and_without_orjson
def test_lone_surrogate_is_kept_in_enums_and_maps() -> None:
    data = messages(role="NEW\ud800")
    document = decode(data, ConversationMessages)
    assert document.iterable[0].role == "NEW\ud800"
    document.indices = {"\udfff": 0}
    assert decode(encode(document), ConversationMessages) == document


@pytest.mark.parametrize("depth", [100, 250, 255, 300])
@with_and_without_orjson
def test_unknown_value_is_kept_however_it_is_nested(depth: int) -> None:
    data = json.dumps({"later": nested(depth)})
    assert json.loads(encode(decode(data, SeededScore))) == json.loads(data)


@pytest.mark.parametrize("depth", [400, 800, 980, 5000])
@with_and_without_orjson
def test_unknown_value_of_any_depth_is_kept_or_refused(depth: int) -> None:
    data = '{"later":' + "[" * depth + "1" + "]" * depth + "}"
    found = read(data, SeededScore)
    if isinstance(found, DecodeError):
        assert str(found) == "the document is nested too deeply"
    else:
        with suppress(InvalidArgumentError):  # where reading takes less of the stack
            assert encode(found).decode() == data


@with_and_without_orjson
def test_last_of_several_members_of_the_same_name_counts() -> None:
    document = decode('{"total":1,"later":1,"total":2,"later":2}', ModelMaxTokens)
    assert (document.total, document.extra) == (2, {"later": 2})


@with_and_without_orjson
def test_null_is_dropped_where_the_field_is_optional_and_kept_where_it_is_a_value() -> None:
    document = decode('{"total":null,"input":null,"later":null}', ModelMaxTokens)
    assert document.extra == {"later": None}
    assert json.loads(encode(document)) == {"total": None, "later": None}


@with_and_without_orjson
def test_unknown_enum_value_is_kept() -> None:
    document = decode(messages(role="ORACLE", sentiment="MEH"), ConversationMessages)
    role = document.iterable[0].role
    assert (role, type(role)) == ("ORACLE", message.QGPTConversationMessageRoleEnum)
    written = json.loads(encode(document))["iterable"][0]
    assert (written["role"], written["sentiment"]) == ("ORACLE", "MEH")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2024-05-01T10:20:30Z", "2024-05-01T10:20:30+00:00"),
        ("2024-05-01T10:20:30", "2024-05-01T10:20:30+00:00"),
        ("2024-05-01 10:20:30+00:00", "2024-05-01T10:20:30+00:00"),
        ("2024-05-01T10:20:30+02:00", "2024-05-01T10:20:30+02:00"),
        ("2024-05-01T10:20:30-05:30", "2024-05-01T10:20:30-05:30"),
        ("2024-05-01T10:20:30.1Z", "2024-05-01T10:20:30.100000+00:00"),
        ("2024-05-01T10:20:30.12+05:30", "2024-05-01T10:20:30.120000+05:30"),
        ("2024-05-01t10:20:30-00:00", "2024-05-01T10:20:30+00:00"),
        ("20240501T102030Z", "2024-05-01T10:20:30+00:00"),
        ("2024-05-01", "2024-05-01T00:00:00+00:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("9999-12-31T23:59:59.999999-12:00", "9999-12-31T23:59:59.999999-12:00"),
    ],
)
@with_and_without_orjson
def test_time_is_read_as_an_aware_datetime(text: str, written: str) -> None:
    document = decode(json.dumps({"value": text}), GroupedTimestamp)
    assert document.value == datetime.fromisoformat(written)
    assert document.value.utcoffset() is not None
    assert json.loads(encode(document)) == {"value": written}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1714558830",
        "2024-02-30T00:00:00Z",
        "2024-05-01T25:00:00Z",
        "2024-05-01T10:20:61Z",
        "10000-01-01T00:00:00Z",
        "2024-05-01T10:20:30+25:00",
        "2024-05-01T10:20:30Zulu",
        "2024-05-01T10:20:30\ud800",
        "٢٠٢٤-05-01T10:20:30Z",
        5,
        True,
        [],
    ],
)
@with_and_without_orjson
def test_time_that_is_none_is_refused(text: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(json.dumps({"value": text}), GroupedTimestamp)
    assert caught.value.path == "$.value"


# Refused models


def changed(change: Callable[[Conversation], object]) -> Conversation:
    document = conversation(IDS)
    change(document)
    return document


NAIVE = datetime(2024, 5, 1)


class Zone(tzinfo):
    """A time zone that tells its offset as it is told, and raises when it is shown."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    def utcoffset(self, _: datetime | None) -> Any:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def dst(self, _: datetime | None) -> Any:
        raise NotImplementedError  # as tzinfo does

    def tzname(self, _: datetime | None) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        raise LookupError("never shown")


HOUR = timedelta(hours=1)
ZONES = {
    "raises": Zone(KeyError("no such zone")),
    "has no offset": Zone(None),
    "tells no time": Zone("+01:00"),
    "is a day off": Zone(timedelta(days=2)),
}


@pytest.mark.parametrize("zone", ZONES.values(), ids=ZONES)
@pytest.mark.parametrize("where", ["a time", "a text", "extra"])
def test_a_time_whose_zone_fails_is_refused(zone: Zone, where: str) -> None:
    moment: Any = datetime(2024, 5, 1, tzinfo=zone)
    model = {
        "a time": GroupedTimestamp(value=moment),
        "a text": GroupedTimestamp(value=datetime(2024, 5, 1, tzinfo=UTC), readable=moment),
        "extra": GroupedTimestamp(value=datetime(2024, 5, 1, tzinfo=UTC), extra={"a": moment}),
    }[where]
    with pytest.raises(InvalidArgumentError, match="cannot encode GroupedTimestamp: "):
        encode(model)


WRITTEN = {
    "2024-05-01T00:00:00+01:00": datetime(2024, 5, 1, tzinfo=Zone(HOUR)),
    "2024-05-01T00:00:01+01:00": datetime(2024, 5, 1, 0, 0, 1, tzinfo=Zone(HOUR, None)),
    "2024-04-30T23:59:28+00:19": datetime(
        2024, 5, 1, tzinfo=timezone(timedelta(minutes=19, seconds=32))
    ),
    "2024-05-01T00:00:32-00:19": datetime(
        2024, 5, 1, tzinfo=Zone(-timedelta(minutes=19, seconds=32))
    ),
    "1930-01-01T00:00:00+00:20": datetime(1930, 1, 1, 0, 0, tzinfo=timezone(HOUR / 3)),
    "1880-01-01T12:00:02-04:56": datetime(1880, 1, 1, 12, tzinfo=ZoneInfo("America/New_York")),
    "0001-01-01T00:00:59+00:01": datetime.min.replace(tzinfo=timezone(timedelta(seconds=1))),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_time_is_sent_with_an_offset_of_whole_minutes(written: str) -> None:
    sent = json.loads(encode(GroupedTimestamp(value=WRITTEN[written])))["value"]
    assert sent == written


class Shown(datetime):
    """As those of pandas and pendulum, spells itself in its own way."""

    def isoformat(self, *_: Any, **__: Any) -> str:
        return "yesterday"

    __str__ = isoformat


def test_a_time_is_sent_by_its_value_and_not_as_its_class_spells_it() -> None:
    document = encode(GroupedTimestamp(value=Shown(2024, 5, 1, tzinfo=UTC)))
    assert document == b'{"value":"2024-05-01T00:00:00+00:00"}'


CIRCLE: list[object] = []
CIRCLE.append(CIRCLE)
HUGE = 10**5000
NAN_IN_LIST = decode(tag("[1.0, 2.0]"), FlattenedTag)
NAN_IN_LIST.tags_vector = [1.0, float("nan")]

UNSENDABLE: dict[str, tuple[Document, str]] = {
    "naive-time": (GroupedTimestamp(value=NAIVE), "$.value: an aware datetime expected"),
    "time-text": (GroupedTimestamp(value="2024-05-01T00:00:00Z"), "$.value: an aware datetime"),  # type: ignore[arg-type]
    "required-unset": (GroupedTimestamp(value=None), "$.value: required field missing"),  # type: ignore[arg-type]
    "number-in-text": (changed(lambda c: setattr(c, "name", 5)), "$.name: text expected"),
    "bytes-in-text": (changed(lambda c: setattr(c, "name", b"a")), "$.name: text expected"),
    "number-in-enum": (changed(lambda c: setattr(c, "type", 5)), "$.type: text expected"),
    "number-in-bool": (changed(lambda c: setattr(c, "favorited", 1)), "$.favorited: a boolean"),
    "other-model": (
        changed(lambda c: setattr(c, "created", SeededScore())),
        "$.created: GroupedTimestamp expected, got SeededScore",
    ),
    "dict-for-model": (
        changed(lambda c: setattr(c, "created", {"value": NAIVE})),
        "$.created: GroupedTimestamp expected, got an object",
    ),
    "deep-naive-time": (
        changed(lambda c: setattr(c.created, "value", NAIVE)),
        "$.created.value: an aware datetime expected",
    ),
    "null-in-list": (
        changed(lambda c: c.messages.iterable.append(None)),  # type: ignore[arg-type]
        "$.messages.iterable[1]: ReferencedConversationMessage expected, got null",
    ),
    "tuple-for-list": (
        changed(lambda c: setattr(c.messages, "iterable", ())),
        "$.messages.iterable: a list expected, got tuple",
    ),
    "number-as-key": (
        changed(lambda c: setattr(c.messages, "indices", {5: 1})),
        "$.messages.indices: text expected, got int 5",
    ),
    "float-in-map": (
        changed(lambda c: setattr(c.messages, "indices", {"a": 1.0})),
        "$.messages.indices['a']: an integer expected, got float 1.0",
    ),
    "bool-in-map": (
        changed(lambda c: setattr(c.messages, "indices", {"a": True})),
        "$.messages.indices['a']: an integer expected, got a boolean",
    ),
    "nan": (ModelMaxTokens(total=float("nan")), "$.total: a number expected, got float nan"),
    "infinity": (ModelMaxTokens(total=float("inf")), "$.total: a number expected"),
    "nan-in-list": (NAN_IN_LIST, "$.tagsVector[1]: a number expected"),
    "bool-as-number": (ModelMaxTokens(total=True), "$.total: a number expected, got a boolean"),
    "huge-number": (ModelMaxTokens(total=HUGE), "ModelMaxTokens"),
    "huge-number-in-text": (changed(lambda c: setattr(c, "name", HUGE)), "$.name: text expected"),
    "extra-huge-number": (SeededScore(extra={"later": HUGE}), "SeededScore"),
    "extra-object": (SeededScore(extra={"later": object()}), "$.later: a number expected"),
    "extra-set": (SeededScore(extra={"later": [{1}]}), "$.later: "),
    "extra-bytes": (SeededScore(extra={"later": b"a"}), "$.later: "),
    "extra-time": (SeededScore(extra={"later": NAIVE}), "$.later: "),
    "extra-model": (SeededScore(extra={"later": SeededScore()}), "$.later: "),
    "extra-nan": (SeededScore(extra={"later": {"a": float("nan")}}), "$.later: "),
    "extra-key": (SeededScore(extra={"later": {5: 1}}), "$.later: text expected, got int 5"),
    "extra-own-key": (SeededScore(extra={5: 1}), "text expected, got int 5"),  # type: ignore[dict-item]
    "circle": (SeededScore(extra={"later": CIRCLE}), "nested too deeply"),
    "circle-and-naive-time": (GroupedTimestamp(value=NAIVE, extra={"later": CIRCLE}), "nested"),
}


@pytest.mark.parametrize(("document", "problem"), UNSENDABLE.values(), ids=UNSENDABLE)
@with_and_without_orjson
def test_model_that_cannot_be_sent_is_refused_with_its_path(
    document: Document, problem: str
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        encode(document)
    assert str(caught.value).startswith(f"cannot encode {type(document).__name__}: ")
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 300


def test_model_within_itself_is_refused() -> None:
    reference = message.ReferencedConversationMessage(id="m1")
    listing = FlattenedConversationMessages(iterable=[reference])
    reference.reference = message.FlattenedConversationMessage(
        id="m1",
        created=GroupedTimestamp(value=datetime.now(UTC)),
        updated=GroupedTimestamp(value=datetime.now(UTC)),
        conversation=conversations.ReferencedConversation(id="c1"),
        role=message.QGPTConversationMessageRoleEnum.USER,
        messages=listing,
    )
    body = conversations.ConversationSummarizeInput(messages=listing)
    with pytest.raises(InvalidArgumentError, match="nested too deeply"):
        encode(body)


# Written models


@with_and_without_orjson
def test_only_what_is_set_is_sent() -> None:
    assert encode(SeededScore()) == b"{}"
    assert json.loads(encode(SeededScore(reuse=False))) == {"reuse": False}
    empty = FlattenedConversationMessages(iterable=[], indices={})
    assert json.loads(encode(empty)) == {"iterable": [], "indices": {}}
    named = changed(lambda c: setattr(c, "name", ""))
    assert json.loads(encode(named))["name"] == ""
    assert json.loads(encode(ModelMaxTokens(total=0))) == {"total": 0}


@with_and_without_orjson
def test_plain_text_is_accepted_for_an_enum() -> None:
    document = changed(lambda c: setattr(c, "type", "BRAND_NEW"))
    assert json.loads(encode(document))["type"] == "BRAND_NEW"
    document.type = ConversationTypeEnum.COPILOT
    assert json.loads(encode(document))["type"] == "COPILOT"


@with_and_without_orjson
def test_subclasses_of_simple_types_are_written_as_what_they_are() -> None:
    document = ModelMaxTokens(total=1, extra={"later": ConversationTypeEnum.COPILOT})
    document.extra["text"] = type("Text", (str,), {})("a")
    number = type("Number", (int,), {})(5)
    document.extra["number"] = number
    assert json.loads(encode(document)) == {
        "total": 1,
        "later": "COPILOT",
        "text": "a",
        "number": 5,
    }
    listing = FlattenedConversationMessages(iterable=[], indices={"a": number})
    assert type(codec.converter.unstructure(listing)["indices"]["a"]) is int


# Arguments


@pytest.mark.parametrize(
    "model",
    [int, dict, None, "Conversation", list[Conversation], OpenEnum, ConversationTypeEnum, object],
)
def test_what_is_no_model_cannot_be_decoded_into(model: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="no model"):
        decode(b"{}", model)


@pytest.mark.parametrize("data", [None, {}, bytearray(b"{}"), memoryview(b"{}"), 5, [b"{}"]])
def test_only_bytes_and_text_are_decoded(data: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="cannot decode"):
        decode(data, SeededScore)


@pytest.mark.parametrize("value", [None, {}, "{}", 5, Conversation, ConversationTypeEnum.COPILOT])
def test_what_is_no_model_cannot_be_encoded(value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="no model"):
        encode(value)


# cattrs


def test_converter_reads_and_writes_models() -> None:
    data = golden("samples/5.0.1/Conversation.typical")
    document = codec.converter.structure(data, Conversation)
    assert document == decode(json.dumps(data), Conversation)
    assert json.dumps(codec.converter.unstructure(document)) == encode_again(document)
    several = codec.converter.structure([data, data], list[Conversation])
    assert several == [document, document]
    assert codec.converter.structure("NEW", ConversationTypeEnum) == "NEW"
    assert codec.converter.structure("2024-05-01T00:00:00Z", datetime).utcoffset() is not None
    with pytest.raises(ValueError, match="a boolean expected"):
        codec.converter.structure({"reuse": 1}, SeededScore)


def encode_again(document: Document) -> str:
    return json.dumps(json.loads(encode(document)))
