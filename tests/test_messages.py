"""What errors tell people: what was wrong, where, and what would do."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from conversation_client import (
    ConversationClientError,
    ServerError,
    _json,
    decode,
    encode,
    operations,
)
from conversation_client._http.wire import (
    Reply,
    build_request,
    check_count,
    check_headers,
    judge,
    parse_base_url,
)
from conversation_client.models.common import GroupedTimestamp, SeededScore, SeededScoreIncrement
from conversation_client.models.message import ConversationMessages

GET, ASSOCIATE = operations.GET_CONVERSATION, operations.ASSOCIATE_ASSET
UPDATE, INCREMENT = operations.UPDATE_CONVERSATION, operations.INCREMENT_SCORES
WANTED = "; such as http://localhost:1000 is needed"


def reply(status: int, content_type: str = "", body: bytes = b"") -> Reply:
    headers = CIMultiDict({"Content-Type": content_type} if content_type else {})
    return Reply(status, CIMultiDictProxy(headers), body)


def untyped(argument: object) -> Any:
    """Return what a type checker would refuse where it is given."""
    return argument


TEXTS: dict[str, Callable[[], object]] = {
    "conversation_get_specific_conversation takes conversation, not 2 ids": (
        lambda: build_request(GET, ["a", "b"])
    ),
    "conversation_associate_asset takes conversation, asset, not 1 ids": (
        lambda: build_request(ASSOCIATE, ["a"])
    ),
    "conversation_update takes no id, not 1 ids": lambda: build_request(UPDATE, ["a"]),
    "conversation: an id cannot be empty": lambda: build_request(GET, [""]),
    "conversation: '..' would change the path": lambda: build_request(GET, [".."]),
    "asset: an id is a str or a UUID, not int": lambda: build_request(ASSOCIATE, ["a", untyped(5)]),
    "asset: control character in 'a\\n'": lambda: build_request(ASSOCIATE, ["a", "a\n"]),
    "asset: lone surrogate in '\\ud800'": lambda: build_request(ASSOCIATE, ["a", "\ud800"]),
    "conversation: an id has at most 1024 bytes, not 1025": lambda: build_request(
        GET, ["a" * 1025]
    ),
    "transferables: True, False or None, not 'yes'": (
        lambda: build_request(GET, ["a"], transferables=untyped("yes"))
    ),
    "conversation_scores_increment takes SeededScoreIncrement, not SeededScore": (
        lambda: build_request(INCREMENT, ["a"], body=SeededScore())
    ),
    "conversation_associate_asset takes no body, not SeededScore": (
        lambda: build_request(ASSOCIATE, ["a", "b"], body=SeededScore())
    ),
    "concurrency: a whole number from 1, not 0": lambda: check_count("concurrency", 0),
    "concurrency: a whole number from 1, not True": lambda: check_count("concurrency", True),
    "concurrency: a whole number from 1, not 1.5": lambda: check_count("concurrency", untyped(1.5)),
    f"base_url: its scheme is not http or https{WANTED}": lambda: parse_base_url("ftp://h"),
    f"base_url: it names no host{WANTED}": lambda: parse_base_url("http://"),
    f"base_url: it has a query or a fragment{WANTED}": lambda: parse_base_url("http://h?a=b"),
    f"base_url: it holds white space or control characters{WANTED}": (
        lambda: parse_base_url("http://h/a b")
    ),
    f"base_url: its path is not percent-encoded{WANTED}": lambda: parse_base_url("http://h/é"),
    "base_url: not a URL": lambda: parse_base_url("http://h:port"),
    f"base_url: its port is not from 1 to 65535{WANTED}": lambda: parse_base_url("http://h:99999"),
    "headers: 'a b' is no header name": lambda: check_headers({"a b": "c"}),
    "headers: Accept is set by the client itself": lambda: check_headers({"Accept": "c"}),
    "headers: the value of X-A cannot be sent": lambda: check_headers({"X-A": "a\nb"}),
    "200 with a page, where nothing is promised": (
        lambda: judge(ASSOCIATE, reply(200, "", b"<html>"))
    ),
    "200 with text/html, where nothing is promised": (
        lambda: judge(ASSOCIATE, reply(200, "text/html", b"<html>"))
    ),
    "200 with 257 bytes, where nothing is promised": (
        lambda: judge(ASSOCIATE, reply(200, "", b"a" * 257))
    ),
    "204 No Content, where a Conversation is promised": lambda: judge(GET, reply(204)),
    "text/html, where a Conversation is promised": (
        lambda: judge(GET, reply(200, "Text/HTML; charset=utf-8", b"<html>"))
    ),
    "500 Internal Server Error: 'no'": lambda: judge(GET, reply(500, "", b"no")),
    "503 Service Unavailable": lambda: judge(GET, reply(503)),
    "999": lambda: judge(GET, reply(999)),
    "cannot decode into <class 'int'>, which is no model": lambda: decode("1", int),
    "cannot decode list, only bytes and str": lambda: decode(untyped([]), SeededScore),
    "cannot encode dict, which is no model": lambda: encode(untyped({})),
    "no JSON: NaN is no JSON value": lambda: decode('{"a":NaN}', SeededScore),
    "no JSON: number out of range: 1e999": lambda: decode('{"a":1e999}', SeededScore),
    "the document is nested too deeply": lambda: decode("[" * 200_000, SeededScore),
    "no SeededScore: $: an object expected, got a list": lambda: decode("[]", SeededScore),
    "no SeededScore: $.reuse: a boolean expected, got int 1": (
        lambda: decode('{"reuse":1}', SeededScore, strict=True)
    ),
    "no GroupedTimestamp: $.value: required field missing": lambda: decode("{}", GroupedTimestamp),
    "no GroupedTimestamp: $.value: null in a required field": (
        lambda: decode('{"value":null}', GroupedTimestamp)
    ),
    "no GroupedTimestamp: $.value: a time in ISO 8601 expected, got text 'now'": (
        lambda: decode('{"value":"now"}', GroupedTimestamp)
    ),
    "no ConversationMessages: "
    + "; ".join(f"$.iterable[{n}]: an object expected, got int {n}" for n in range(5)): lambda: (
        decode('{"iterable":[0,1,2,3,4]}', ConversationMessages, strict=True)
    ),
    "no ConversationMessages: "
    + "; ".join(f"$.iterable[{n}]: an object expected, got int {n}" for n in range(5))
    + "; and 2 more": lambda: decode(
        '{"iterable":[0,1,2,3,4,5,6]}', ConversationMessages, strict=True
    ),
    "cannot encode SeededScoreIncrement: $.asset: SeededScore expected, got GroupedTimestamp": (
        lambda: encode(SeededScoreIncrement(asset=untyped(GroupedTimestamp(value=untyped(None)))))
    ),
    "cannot encode SeededScore: $.uuid: a number expected, got UUID": (
        lambda: encode(SeededScore(extra={"uuid": uuid4()}))
    ),
    "cannot encode SeededScore: nested too deeply": lambda: encode(circular()),
}


def circular() -> SeededScore:
    score = SeededScore()
    score.extra["itself"] = score.extra
    return score


@pytest.mark.parametrize(("text", "call"), TEXTS.items())
def test_error_says_what_was_wrong(text: str, call: Callable[[], object]) -> None:
    with pytest.raises(ConversationClientError) as caught:
        call()
    assert caught.value.args[0] == text


@pytest.mark.parametrize("content_type", ["text/json", "application/problem+json", "text/plain"])
def test_types_that_servers_give_json_are_accepted(content_type: str) -> None:
    document = b'{"conversation":{"id":"c"},"annotation":{"id":"a"}}'
    output = judge(operations.SUMMARIZE_CONVERSATION, reply(200, content_type, document))
    assert output.annotation.id == "a"


def test_excerpt_of_a_long_text_is_short_and_the_text_itself_bounded() -> None:
    with pytest.raises(ServerError) as caught:
        judge(GET, reply(500, "", b"x" * 10_000))
    assert str(caught.value) == f"500 Internal Server Error: {'x' * 200!r}"
    assert len(caught.value.text) == 4096


def test_document_is_written_without_white_space_by_either_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    score = SeededScore(reuse=True, update=False)
    with_orjson = encode(score)
    monkeypatch.setattr(_json, "orjson", None)
    assert encode(score) == with_orjson == b'{"reuse":true,"update":false}'
