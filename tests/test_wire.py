"""What goes over the wire, and what is made of what comes back; a raw server, both clients."""

import asyncio
import codecs
import enum
import json
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from cases import (
    FACTS,
    IDS,
    PLAIN,
    REQUESTS,
    Case,
    Ids,
    conversation,
    golden,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from loops import needs_uvloop, uvloop
from raw_server import CLOSE, RawRequest, RawServer, json_reply, reply
from recordings import RECORDED, answer_to, calls_in, canonical, facts

from conversation_client import (
    Association,
    AsyncConversationClient,
    BodyTooLargeError,
    ContentTypeError,
    ConversationClient,
    ConversationClientError,
    DecodeError,
    GoneError,
    InvalidArgumentError,
    Material,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RedirectError,
    ServerError,
    ServerNotRunningError,
    StatusError,
    __version__,
    decode,
    operations,
)
from conversation_client._http.wire import build_request
from conversation_client.models.common import GroupedTimestamp, SeededScoreIncrement
from conversation_client.models.conversation import Conversation, ConversationSummarizeInput
from conversation_client.operations import BY_ID, parse_version

Ask = Callable[..., Any]
MIB = 1024 * 1024


async def asked(url: str, calls: Sequence[Callable[[Any], Any]], options: Any) -> list[Any]:
    async with AsyncConversationClient(url, retry=None, **options) as client:
        return [await call(client) for call in calls]


def ask_async(url: str, *calls: Callable[[Any], Any], **options: Any) -> list[Any]:
    return asyncio.run(asked(url, calls, options))


def ask_on_uvloop(url: str, *calls: Callable[[Any], Any], **options: Any) -> list[Any]:
    with asyncio.Runner(loop_factory=uvloop) as runner:
        return runner.run(asked(url, calls, options))


def ask_blocking(url: str, *calls: Callable[[Any], Any], **options: Any) -> list[Any]:
    with ConversationClient(url, retry=None, **options) as client:
        return [call(client) for call in calls]


every_client = pytest.mark.parametrize(
    "ask",
    [
        pytest.param(ask_async, id="async"),
        pytest.param(ask_on_uvloop, id="uvloop", marks=needs_uvloop),
        pytest.param(ask_blocking, id="blocking"),
    ],
)


def get(client: Any) -> Any:
    return client.get_conversation("c1")


def associate(client: Any) -> Any:
    return client.associate_asset("c1", "a1")


IDS_OF_ANY_KIND = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["", ".", "..", "%2e", "a/../b", "a\ud800", "\ufeff", "a;b", "//", "\\..", "\u202e"]
)
CONVERSATION = golden("samples/2.2.0/Conversation.minimal")
SETS = [(release, name) for release, sets in RECORDED.items() for name in sets]


# Requests


@pytest.mark.parametrize("release", RECORDED)
def test_every_case_of_a_release_is_recorded_and_nothing_else(release: str) -> None:
    recorded = {(name, id_) for name, rows in RECORDED[release].items() for id_ in rows}
    calls = calls_in(parse_version(release))
    assert recorded == {(name, case.operation.id) for name, case, _ in calls}


def test_every_operation_is_recorded() -> None:
    assert {id_ for sets in RECORDED.values() for id_ in sets["plain"]} == set(BY_ID)


@every_client
@pytest.mark.parametrize(("release", "name"), SETS)
def test_requests_are_the_recorded_ones(ask: Ask, release: str, name: str) -> None:
    calls = [call for call in calls_in(parse_version(release)) if call[0] == name]
    answers = iter([answer_to(case.operation) for _, case, _ in calls])
    with RawServer(lambda _: next(answers)) as server:
        made = [partial(case.call, ids=ids) for _, case, ids in calls]
        ask(server.url, *made, api_version=release)
    compare(server, calls, RECORDED[release][name])


@every_client
@pytest.mark.parametrize(("release", "name"), SETS)
def test_recorded_bodies_are_sent_as_they_were(ask: Ask, release: str, name: str) -> None:
    recorded = RECORDED[release][name]
    calls = [call for call in calls_in(parse_version(release)) if call[0] == name]
    calls = [call for call in calls if "body" in recorded[call[1].operation.id]]
    answers = iter([answer_to(case.operation) for _, case, _ in calls])
    made: list[Callable[[Any], Any]] = []
    for _, case, ids in calls:
        assert case.operation.body
        body = decode(json.dumps(recorded[case.operation.id]["body"]), case.operation.body)
        made.append(partial(case.call, ids=ids, body=body))
    with RawServer(lambda _: next(answers)) as server:
        ask(server.url, *made, api_version=release)
    compare(server, calls, recorded)


def compare(
    server: RawServer, calls: Sequence[tuple[str, Case, Ids]], recorded: Mapping[str, Any]
) -> None:
    """Compare requests with recorded ones, and with what no recording needs to say."""
    for (_, case, _), request in zip(calls, server.requests, strict=True):
        known = recorded[case.operation.id]
        sent = facts(request)
        if known["accept"] is None:  # the released clients do not read what comes
            assert sent.pop("accept") == "application/json"
            known = {name: value for name, value in known.items() if name != "accept"}
        assert canonical(sent) == canonical(known), case.id
        length = str(len(request.body)) if known["method"] == "POST" else None
        assert request.header("Content-Length") == length
        assert request.header("Host") == server.url.removeprefix("http://")
        assert request.header("Accept-Encoding") == "identity"
        assert request.header("User-Agent") == f"conversation-client/{__version__}"
        assert request.line.endswith(" HTTP/1.1")


@every_client
def test_the_path_of_the_reference_is_the_first_that_goes_out(ask: Ask) -> None:
    with RawServer(lambda _: next(answers)) as server:
        for case in PLAIN:
            answers = iter([answer_to(case.operation)])
            ask(server.url, partial(case.call, ids=IDS))
    for case, request in zip(PLAIN, server.requests, strict=True):
        known = FACTS[case.operation.id]
        assert (request.method, request.target) == (known["method"], known["path"].format(**IDS))


@every_client
def test_any_id_gives_the_recorded_target_or_is_refused(ask: Ask) -> None:
    refused = {"", ".", "..", "a\nb", "a\x00b"}
    probe = REQUESTS["target_by_id"]
    assert refused < set(probe)
    with RawServer(json_reply(CONVERSATION)) as server:
        for id_ in refused:
            with pytest.raises(InvalidArgumentError):
                ask(server.url, lambda client, id_=id_: client.get_conversation(id_))
        assert not server.connections
        accepted = [id_ for id_ in probe if id_ not in refused]
        ask(
            server.url,
            *(lambda client, id_=id_: client.get_conversation(id_) for id_ in accepted),
        )
    assert [request.target for request in server.requests] == [probe[id_] for id_ in accepted]


@every_client
def test_uuid_is_an_id(ask: Ask) -> None:
    conversation_id, asset = UUID(int=7), UUID(IDS["asset"])
    with RawServer() as server:
        ask(server.url, lambda client: client.associate_asset(conversation_id, asset))
    assert server.request.target == f"/conversation/{conversation_id}/assets/associate/{asset}"


async def test_id_of_1_kib_is_sent() -> None:
    async with (
        RawServer(json_reply(CONVERSATION)) as server,
        AsyncConversationClient(server.url, retry=None) as client,
    ):
        await client.get_conversation("é" * 512)
    assert server.request.target == "/conversation/" + "%C3%A9" * 512


@settings(deadline=None, database=None, max_examples=300)
@given(st.tuples(IDS_OF_ANY_KIND, IDS_OF_ANY_KIND))
def test_any_text_is_refused_or_ends_up_in_its_own_place(ids: tuple[str, str]) -> None:
    try:
        request = build_request(operations.ASSOCIATE_ASSET, ids)
    except InvalidArgumentError:
        assert any(
            text in ("", ".", "..") or not text.isprintable() or text.strip(BLANK) != text
            for text in ids
        )
        return
    assert request.target.isascii()
    start, name, first, *middle, second = request.target.split("/")
    assert [start, name, *middle] == ["", "conversation", "assets", "associate"]
    assert (unquote(first), unquote(second)) == ids


class Known(str, enum.Enum):  # noqa: UP042  # StrEnum shows its value
    """Whose members are text by their values, and something else when they are shown."""

    CONVERSATION = "c1"
    ASSET = "asset-1"
    KIND = "asset"


class Escaping(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "x HTTP/1.1\r\nX-Smuggled: 1\r\n\r\n"

    __repr__ = __str__
    __format__ = lambda self, _: str(self)  # noqa: E731


class Named(UUID):
    def __str__(self) -> str:
        return "another id"


@every_client
@pytest.mark.parametrize(
    ("conversation_id", "asset"),
    [(Known.CONVERSATION, Known.ASSET), (Escaping("c1"), Escaping("asset-1"))],
    ids=["an enum", "a class that shows another text"],
)
def test_an_id_is_its_value_and_not_what_its_class_shows(
    ask: Ask, conversation_id: str, asset: str
) -> None:
    with RawServer() as server:
        kind: Any = Known.KIND
        ask(
            server.url,
            lambda client: client.associate_asset(conversation_id, asset),
            lambda client: client.associate_many(conversation_id, Material.ASSET, ["asset-1"]),
            lambda client: client.associate_many("c1", Material.ASSET, [asset]),
            lambda client: client.disassociate_many(conversation_id, kind, [asset]),
            lambda client: client.apply([Association(conversation_id, kind, asset)]),
            headers={"X-Application-ID": asset, Escaping("X-Other"): Escaping("1")},
        )
    path = "/conversation/c1/assets/{}/asset-1"
    verbs = ["associate", "associate", "associate", "disassociate", "associate"]
    assert [request.target for request in server.requests] in (
        [path.format(verb) for verb in verbs],
        [path.format("delete" if verb == "disassociate" else verb) for verb in verbs],
    )
    for request in server.requests:
        assert request.header("X-Application-ID") == "asset-1"
        assert request.header("X-Other") == "1"


@every_client
def test_a_url_is_its_value_and_a_uuid_its_number(ask: Ask) -> None:
    class Url(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "http://elsewhere.invalid"

    with RawServer() as server:
        ask(Url(server.url), lambda client: client.associate_asset("c1", Named(int=7)))
    assert server.request.target == f"/conversation/c1/assets/associate/{UUID(int=7)}"


async def test_an_error_names_the_value_of_an_id() -> None:
    with RawServer(reply(410)) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(GoneError, match="asset='asset-1'") as caught:
                await client.associate_asset(Known.CONVERSATION, Known.ASSET)
    assert {type(text) for text in caught.value.ids.values()} == {str}


# Refused before anything is sent

BLANK = " \u00a0\u3000"
"""White space that counts as printable, or that people type."""
BAD_IDS: dict[str, Any] = {
    "None": None,
    "int": 5,
    "bool": True,
    "bytes": b"c1",
    "list": ["c1"],
    "empty": "",
    "dot": ".",
    "dots": "..",
    "newline": "a\r\nHost: b",
    "null": "a\x00",
    "delete": "a\x7f",
    "c1-control": "a\x85",
    "surrogate": "a\ud800",
    "space-after": "a ",
    "space-before": " a",
    "only-space": " ",
    "no-break-space": "a\u00a0",
    "ideographic-space": "\u3000a",
    "line-separator": "a\u2028",
    "zero-width-space": "a\u200b",
    "byte-order-mark": "\ufeffa",
    "word-joiner": "\u2060a",
    "direction-mark": "a\u200e",
    "override": "a\u202e",
    "soft-hyphen": "a\u00ad",
    "hangul-filler": "a\u3164",
    "braille-blank": "\u2800a",
    "over-1-kib": "é" * 512 + "a",
    "64-kib": "a" * 65536,
}


@pytest.fixture(scope="module")
def untouched() -> Iterator[str]:
    """URL of a server that nobody may connect to."""
    with RawServer() as server:
        yield server.url
        assert not server.connections


def refused(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make a call one that returns what it raises."""

    async def awaited(client: Any) -> Any:
        with pytest.raises(ConversationClientError) as caught:
            await call(client)
        return caught.value

    def blocking(client: Any) -> Any:
        with pytest.raises(ConversationClientError) as caught:
            call(client)
        return caught.value

    return lambda client: (
        blocking(client) if isinstance(client, ConversationClient) else awaited(client)
    )


@every_client
@pytest.mark.parametrize("bad", BAD_IDS.values(), ids=BAD_IDS)
def test_id_that_cannot_be_sent_is_refused(ask: Ask, bad: Any, untouched: str) -> None:
    asked_for = [(case.operation, name) for case in PLAIN for name in case.operation.parameters]
    calls = [
        refused(partial(case.call, ids={**IDS, name: bad}))
        for case in PLAIN
        for name in case.operation.parameters
    ]
    for (operation, name), error in zip(asked_for, ask(untouched, *calls), strict=True):
        assert type(error) is InvalidArgumentError
        assert str(error).startswith(f"{operation.id}(): {name}: ")
        assert error.operation == operation.id
        assert error.effect == "none"
        assert error.attempts == 0
        assert len(str(error)) < 1000


NAIVE = Conversation(
    id="c",
    created=GroupedTimestamp(value=datetime(2024, 5, 1)),
    updated=GroupedTimestamp(value=datetime(2024, 5, 1, tzinfo=UTC)),
    messages=conversation(IDS).messages,
    type=conversation(IDS).type,
)
BAD_CALLS: dict[str, Callable[[Any], Any]] = {
    "transferables-text": lambda client: client.get_conversation("c", transferables="true"),
    "transferables-1": lambda client: client.get_messages("c", transferables=1),
    "body-dict": lambda client: client.update_conversation({"id": "c"}),
    "body-json": lambda client: client.update_conversation("{}"),
    "body-other-model": lambda client: client.update_conversation(SeededScoreIncrement()),
    "body-other-place": lambda client: client.increment_scores("c", ConversationSummarizeInput()),
    "body-class": lambda client: client.summarize_conversation("c", ConversationSummarizeInput),
    "too-few-ids": lambda client: client.call(operations.ASSOCIATE_ASSET, "c"),
    "too-many-ids": lambda client: client.call(operations.ASSOCIATE_ASSET, "c", "a", "b"),
    "body-where-none-is-taken": lambda client: client.call(
        operations.RENAME_CONVERSATION, "c", body=SeededScoreIncrement()
    ),
    "body-naive-time": lambda client: client.update_conversation(NAIVE),
}


@every_client
@pytest.mark.parametrize("call", BAD_CALLS.values(), ids=BAD_CALLS)
def test_argument_that_cannot_be_sent_is_refused(ask: Ask, call: Any, untouched: str) -> None:
    with pytest.raises(InvalidArgumentError):
        ask(untouched, call)


# Headers


@every_client
def test_headers_are_sent_with_every_request(ask: Ask) -> None:
    headers = {"X-Application-ID": "app-1", "X-Umlaut": "caf\u00e9", "User-Agent": "mine/1"}
    with RawServer() as server:
        ask(server.url, associate, associate, headers=headers)
    for request in server.requests:
        assert request.header("X-Application-ID") == "app-1"
        assert request.header("X-Umlaut") == "café".encode().decode("latin-1")
        assert request.header("User-Agent") == "mine/1"


@every_client
def test_options_replace_headers_of_the_same_name_in_any_case(ask: Ask) -> None:
    with RawServer() as server:
        ask(
            server.url,
            lambda client: associate(client.with_options(headers={"x-application-id": "other"})),
            associate,
            headers={"X-Application-ID": "app-1"},
        )
    sent = [request.header("X-Application-ID") for request in server.requests]
    assert sent == ["other", "app-1"]


BAD_HEADERS: dict[str, Any] = {
    "value-crlf": {"X-A": "a\r\nX-B: b"},
    "value-lf": {"X-A": "a\nb"},
    "value-null": {"X-A": "a\x00"},
    "value-beyond-latin-1": {"X-A": "☃"},
    "value-int": {"X-A": 5},
    "value-bytes": {"X-A": b"a"},
    "value-None": {"X-A": None},
    "name-crlf": {"X-A: a\r\nX-B": "b"},
    "name-colon": {"X-A:": "a"},
    "name-empty": {"": "a"},
    "name-int": {5: "a"},
    "name-umlaut": {"X-Ä": "a"},
    "own-accept": {"Accept": "text/html"},
    "own-content-type": {"content-type": "text/html"},
    "own-content-length": {"CONTENT-LENGTH": "5"},
    "own-transfer-encoding": {"Transfer-Encoding": "chunked"},
    "own-connection": {"Connection": "close"},
    "own-host": {"Host": "elsewhere"},
    "own-host-in-lower-case": {"host": "elsewhere"},
    "own-expect": {"Expect": "100-continue"},
    "own-upgrade": {"Upgrade": "websocket"},
    "own-content-encoding": {"Content-Encoding": "gzip"},
    "own-te": {"TE": "trailers"},
}


@pytest.mark.parametrize("headers", BAD_HEADERS.values(), ids=BAD_HEADERS)
@pytest.mark.parametrize("kind", [AsyncConversationClient, ConversationClient])
def test_header_that_cannot_be_sent_is_refused(kind: Any, headers: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="headers: "):
        kind(headers=headers)
    with pytest.raises(InvalidArgumentError, match="headers: "):
        kind().with_options(headers=headers)


# The base URL


@every_client
@pytest.mark.parametrize("slashes", ["", "/", "//"])
@pytest.mark.parametrize("prefix", ["", "/api", "/api/v%201"])
def test_target_follows_the_path_of_the_base_url(ask: Ask, prefix: str, slashes: str) -> None:
    with RawServer() as server:
        ask(server.url + prefix + slashes, associate)
    assert server.request.target == f"{prefix}/conversation/c1/assets/associate/a1"


@every_client
def test_credentials_in_the_base_url_become_a_header_and_are_never_shown(ask: Ask) -> None:
    with RawServer(reply(500, "no")) as server:
        url = server.url.replace("://", "://us%C3%A9r:s3cr%40t@")
        with pytest.raises(ServerError) as answered:
            ask(url, associate)
    with pytest.raises(ServerNotRunningError) as unanswered:
        ask(url, associate)
    credentials = b64encode("usér:s3cr@t".encode()).decode()
    assert server.request.header("Authorization") == f"Basic {credentials}"
    assert server.request.target == "/conversation/c1/assets/associate/a1"
    assert server.request.header("Host") == server.url.removeprefix("http://")
    client = ConversationClient(url)
    shown = [repr(client), str(client), repr(client.with_options(timeout=1))]
    shown += [repr(AsyncConversationClient(url))]
    for error in (answered.value, unanswered.value):
        shown += [str(error), repr(error), *traceback.format_exception(error)]
    for text in shown:
        assert not [secret for secret in ("s3cr", "us%C3", "usér", credentials) if secret in text]
    assert server.url in repr(client)


def test_user_without_password_is_sent() -> None:
    with RawServer() as server:
        ask_async(server.url.replace("://", "://user@"), associate)
    assert server.request.header("Authorization") == f"Basic {b64encode(b'user:').decode()}"


def test_own_authorization_goes_before_that_of_the_base_url() -> None:
    with RawServer() as server:
        url = server.url.replace("://", "://user:password@")
        ask_async(url, associate, headers={"authorization": "Bearer token"})
    assert server.request.header("Authorization") == "Bearer token"


BAD_URLS: dict[str, Any] = {
    "file": "file:///etc/passwd",
    "ftp": "ftp://user:s3cret@localhost",
    "no-scheme": "localhost:1000",
    "no-scheme-slashes": "//localhost:1000",
    "no-host": "http://",
    "no-host-port": "http://:1000",
    "path": "/conversation",
    "query": "http://user:s3cret@localhost?a=b",
    "fragment": "http://user:s3cret@localhost#a",
    "port-text": "http://user:s3cret@localhost:port",
    "port-high": "http://user:s3cret@localhost:65536",
    "bracket": "http://user:s3cret@[::1",
    "space": "http://local host",
    "space-before": " http://localhost",
    "space-in-path": "http://localhost/a b",
    "newline": "http://localhost/a\r\nb",
    "tab": "http://localhost/a\tb",
    "non-ascii-path": "http://localhost/\u00e9",
    "surrogate": "http://localhost/\ud800",
    "int": 1000,
    "bytes": b"http://localhost",
    "list": ["http://localhost"],
}


@pytest.mark.parametrize("url", BAD_URLS.values(), ids=BAD_URLS)
@pytest.mark.parametrize("kind", [AsyncConversationClient, ConversationClient])
def test_base_url_that_is_none_is_refused(kind: Any, url: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="base_url: ") as caught:
        kind(url)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


# What is never done


@every_client
def test_cookies_are_never_sent_back(ask: Ask) -> None:
    with RawServer(reply(204, set_cookie="session=1; Path=/")) as server:
        ask(server.url.replace("127.0.0.1", "localhost"), associate, associate)
        ask(server.url, associate, associate)
    assert len(server.requests) == 4
    assert not [request for request in server.requests if request.header("Cookie")]


@every_client
@pytest.mark.parametrize("call", [get, associate])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_redirects_are_never_followed(ask: Ask, call: Any, status: int) -> None:
    with RawServer(json_reply(CONVERSATION)) as target:
        location = f"{target.url}/conversation/c1"
        with RawServer(reply(status, location=location)) as server:
            with pytest.raises(RedirectError) as caught:
                ask(server.url, call)
            assert len(server.requests) == 1
        assert not target.connections
    assert caught.value.status == status


# Replies that are good


@every_client
@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.id)
def test_good_reply_gives_what_the_table_promises(ask: Ask, case: Case) -> None:
    with RawServer(answer_to(case.operation)) as server:
        (result,) = ask(server.url, lambda client: case.call(client, IDS))
    assert type(result) is case.operation.returns


@pytest.mark.parametrize(
    "answer",
    [reply(204), reply(200), reply(202, content_type="text/html"), reply(200, length=False)],
)
def test_any_2xx_with_nothing_in_it_is_a_success_where_nothing_is_promised(answer: bytes) -> None:
    with RawServer(answer) as server:
        assert ask_async(server.url, associate) == [None]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON ;charset=utf-8",
        "application/problem+json",
        "text/plain",
        "text/plain; charset=latin-1",
        "application/octet-stream",
        None,
    ],
)
def test_json_is_read_whatever_it_is_called(content_type: str | None) -> None:
    headers: dict[str, Any] = {"content_type": content_type} if content_type else {}
    body = json.dumps(CONVERSATION | {"name": "é"}, ensure_ascii=False)
    with RawServer(reply(200, body, **headers)) as server:
        (found,) = ask_async(server.url, get)
    assert found.name == "é"


CHARSETS = {
    "latin-1": ("ISO-8859-1", "café".encode("latin-1")),
    "quoted": ('"windows-1252"', "café".encode("cp1252")),
    "utf-16": ("UTF-16", "café".encode("utf-16")),
    "utf-16 without a mark": ("utf-16le", "café".encode("utf-16-le")),
    "iso-2022-jp": ("iso-2022-jp", "会話".encode("iso-2022-jp")),
    "wrong": ("latin-1", "café".encode()),
    "unknown": ("none-such", "café".encode()),
    "none of text": ("base64", "café".encode()),
    "python's": ("unicode_escape", "café".encode()),
    "a mark beside it": ("latin-1", codecs.BOM_UTF8 + "café".encode()),
}


@pytest.mark.parametrize("name", CHARSETS)
def test_a_declared_charset_is_heeded(name: str) -> None:
    charset, encoded = CHARSETS[name]
    known = charset.strip('"') if name not in ("unknown", "none of text", "python's") else "utf-8"
    mark = codecs.BOM_UTF8 if encoded.startswith(codecs.BOM_UTF8) else b""
    if mark or name == "wrong":
        known = "utf-8"
    text = encoded.removeprefix(mark).decode(known)
    body = mark + json.dumps(CONVERSATION | {"name": text}, ensure_ascii=False).encode(known)
    content_type = f"application/json; charset={charset}"
    with RawServer(reply(200, body, content_type=content_type)) as server:
        (found,) = ask_async(server.url, get)
    assert found.name == text


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-32-be"])
def test_a_byte_order_mark_is_heeded(codec: str) -> None:
    body = json.dumps(CONVERSATION | {"name": "café"}, ensure_ascii=False).encode(codec)
    with RawServer(reply(200, body, content_type="application/json")) as server:
        (found,) = ask_async(server.url, get)
    assert found.name == "café"


def test_what_is_not_in_its_declared_charset_is_no_json() -> None:
    content_type = "application/json; charset=shift_jis"
    answer = reply(200, b'{"id": "\xff\xfe"}', content_type=content_type)
    said = "shift_jis, which was declared"
    with RawServer(answer) as server, pytest.raises(DecodeError, match=said):
        ask_async(server.url, get)


def test_the_text_of_an_error_is_in_its_declared_charset() -> None:
    said = reply(500, "fermé".encode("latin-1"), content_type="text/plain; charset=latin-1")
    with RawServer(said) as server, pytest.raises(ServerError, match="fermé"):
        ask_async(server.url, associate)


@pytest.mark.parametrize("closing", [True, False])
def test_large_document_is_read_whole(closing: bool) -> None:
    body = json.dumps(CONVERSATION | {"name": "x" * 4 * MIB})
    with RawServer(reply(200, body, length=not closing)) as server:
        (found,) = ask_async(server.url, get)
    assert len(found.name) == 4 * MIB


# Replies that break the promise

PAGE = "<!doctype html><title>Sign in</title>"
BROKEN: dict[str, tuple[Callable[[Any], Any], bytes, type[ProtocolError]]] = {
    "page": (get, reply(200, PAGE, content_type="text/html; charset=utf-8"), ContentTypeError),
    "picture": (get, reply(200, "x", content_type="image/png"), ContentTypeError),
    "xml": (get, reply(200, "<a/>", content_type="application/xml"), ContentTypeError),
    "page-called-plain": (get, reply(200, PAGE, content_type="text/plain"), DecodeError),
    "nothing": (get, reply(200, content_type="application/json"), DecodeError),
    "null": (get, json_reply(None), DecodeError),
    "list": (get, json_reply([]), DecodeError),
    "cut": (get, reply(200, json.dumps(CONVERSATION)[:-1], length=False), DecodeError),
    "other-shape": (get, json_reply({"iterable": []}), DecodeError),
    "204-for-document": (get, reply(204), ProtocolError),
    "201-for-document": (get, reply(201, json.dumps(CONVERSATION)), ProtocolError),
    "206-for-document": (get, reply(206, json.dumps(CONVERSATION)), ProtocolError),
    "page-for-nothing": (associate, reply(200, PAGE, content_type="text/html"), ContentTypeError),
    "much-json-for-nothing": (associate, json_reply({"a": "b" * 300}), ProtocolError),
    "64-kib-for-nothing": (associate, reply(200, b" " * 65536), ProtocolError),
    "over-64-kib-for-nothing": (associate, reply(200, b" " * 65537), BodyTooLargeError),
    "unbounded-for-nothing": (associate, reply(200, b" " * MIB, length=False), BodyTooLargeError),
    "not-http": (get, b"SSH-2.0-OpenSSH_9.6\r\n\r\n", ProtocolError),
    "bad-length": (get, b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ProtocolError),
}


@every_client
@pytest.mark.parametrize(("call", "answer", "kind"), BROKEN.values(), ids=BROKEN)
def test_reply_that_breaks_the_promise_is_an_error(
    ask: Ask, call: Any, answer: bytes, kind: type[ProtocolError]
) -> None:
    with RawServer(answer) as server:
        with pytest.raises(ProtocolError) as caught:
            ask(server.url, call)
        assert len(server.requests) == 1
    assert type(caught.value) is kind
    assert_names_the_call(caught.value, call)
    assert caught.value.effect == "unknown"
    assert len(str(caught.value)) < 1000


def assert_names_the_call(error: ConversationClientError, call: Any) -> None:
    asset = {"asset": "a1"} if call is associate else {}
    ids = {"conversation": "c1"} | asset
    name = "conversation_associate_asset" if asset else "conversation_get_specific_conversation"
    assert (error.operation, dict(error.ids), error.attempts) == (name, ids, 1)
    assert name in str(error)


def blank(head: str, size: int) -> Callable[[RawRequest], Iterator[bytes]]:
    """Answer with a document of white space, piece by piece."""

    def answer(_: RawRequest) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n\r\n".encode()
        for start in range(0, size, MIB):
            piece = b" " * min(MIB, size - start)
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if "chunked" in head else piece
        yield b"0\r\n\r\n" if "chunked" in head else b""

    return answer


@pytest.mark.parametrize("head", ["Content-Length: {}", CLOSE, "Transfer-Encoding: chunked"])
@pytest.mark.parametrize(
    ("size", "kind"), [(64 * MIB, DecodeError), (64 * MIB + 1, BodyTooLargeError)]
)
def test_more_than_64_mib_are_too_large_for_a_document(
    head: str, size: int, kind: type[ProtocolError]
) -> None:
    with (
        RawServer(blank(head.format(size), size)) as server,
        pytest.raises(ProtocolError) as caught,
    ):
        ask_async(server.url, get)
    assert type(caught.value) is kind
    assert_names_the_call(caught.value, get)


# The server's own no

STATUSES: dict[int, type[StatusError]] = {
    302: RedirectError,
    400: StatusError,
    404: NotFoundError,
    410: GoneError,
    418: StatusError,
    429: RateLimitedError,
    500: ServerError,
    503: ServerError,
    599: ServerError,
    600: StatusError,
    999: StatusError,
}


@every_client
@pytest.mark.parametrize("call", [get, associate])
@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_status_has_its_class(ask: Ask, call: Any, status: int, kind: type[StatusError]) -> None:
    with RawServer(reply(status, "no: é", content_type="text/plain")) as server:
        with pytest.raises(StatusError) as caught:
            ask(server.url, call)
        assert len(server.requests) == 1
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.text, error.retry_after) == (status, "no: é", None)
    assert error.effect == "answered"
    assert_names_the_call(error, call)
    assert str(status) in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("3", 3.0),
        ("2.5", 2.5),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
        ("Fri, 31 Dec 2100 23:59:59 GMT", pytest.approx(2.4e9, rel=0.5)),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("", None),
        ("soon", None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", None),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_seconds_or_nothing(status: int, value: str, seconds: float | None) -> None:
    with (
        RawServer(reply(status, retry_after=value)) as server,
        pytest.raises(StatusError) as caught,
    ):
        ask_async(server.url, associate)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("call", [get, associate])
def test_text_of_an_error_is_cut(call: Any) -> None:
    with RawServer(reply(500, "é" * MIB)) as server, pytest.raises(ServerError) as caught:
        ask_async(server.url, call)
    assert caught.value.text == "é" * 4096
    assert len(str(caught.value)) < 500


def test_text_of_an_error_may_be_anything() -> None:
    with (
        RawServer(reply(500, b"\xff\x00\x1b[31m\r\nred")) as server,
        pytest.raises(ServerError) as caught,
    ):
        ask_async(server.url, associate)
    assert caught.value.text == "\ufffd\x00\x1b[31m\r\nred"
    assert not {"\x00", "\x1b", "\n"} & set(str(caught.value))
