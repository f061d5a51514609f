"""Replies as they came, and what a server says of itself in plain text."""

import copy
import json
import pickle
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from cases import IDS, PLAIN, Case, seed
from children import completed
from command import run
from raw_server import EMPTY, RawServer, reply

from conversation_client import (
    AsyncConversationClient,
    BodyTooLargeError,
    ClientClosedError,
    ContentTypeError,
    ConversationClient,
    ConversationClientError,
    DeadlineExceededError,
    DecodeError,
    GoneError,
    InvalidArgumentError,
    NotFoundError,
    ProtocolError,
    RawResponse,
    RetryPolicy,
    ServerError,
    operations,
)
from conversation_client.models.message import ConversationMessage, FragmentFormat
from conversation_client.testing import STARTING_CONVERSATION, Emulator

C = STARTING_CONVERSATION
QUICK = RetryPolicy(wait_initial=0.001, wait_max=0.002)
TOLD: dict[str, Callable[[Any], Any]] = {
    "health": lambda client: client.get_health(),
    "version": lambda client: client.get_version(),
}
every_text = pytest.mark.parametrize("get", TOLD.values(), ids=TOLD)


@pytest.fixture
async def client(server: Emulator) -> AsyncIterator[AsyncConversationClient]:
    """A client that retries at once."""
    async with AsyncConversationClient(server.url, retry=QUICK) as made:
        yield made


# What a server says of itself


def test_a_server_tells_of_its_health_and_its_version(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        assert client.get_health().startswith("ok")
        assert client.get_version() == "12.6.2"
    asked = [(request.target, request.headers["Accept"]) for request in server.requests]
    assert asked == [
        ("/.well-known/health", "text/plain"),
        ("/.well-known/version", "text/plain"),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, "debug", content_type="text/plain"),
        reply(200, "\ufeff debug\n"),
        reply(200, "debug", content_type="application/octet-stream"),
    ],
)
async def test_a_text_is_told_without_what_nobody_sees(answer: bytes) -> None:
    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url) as client:
            assert await client.get_version() == "debug"


@every_text
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (EMPTY, ProtocolError),
        (reply(200), ProtocolError),
        (reply(200, " \n"), ProtocolError),
        (reply(200, "<html>", content_type="text/html"), ContentTypeError),
        (reply(200, "\n<!doctype html>", content_type="text/plain"), ContentTypeError),
        (reply(200, b"\x89PNG", content_type="image/png"), ContentTypeError),
        (reply(200, "ok" * 40_000, content_type="text/plain"), BodyTooLargeError),
        (reply(404, "no such route"), NotFoundError),
        (reply(503, "starting"), ServerError),
    ],
)
async def test_what_is_no_text_of_a_server_is_none(
    get: Callable[[Any], Any], answer: bytes, kind: type[ConversationClientError]
) -> None:
    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            with pytest.raises(kind) as caught:
                await get(client)
    assert caught.value.operation in {"get_well_known_health", "get_well_known_version"}


# Replies as they came


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.id)
def test_the_reply_to_every_row_can_be_had(server: Emulator, case: Case) -> None:
    seed(server)
    row, body = case.operation, case.body and case.body(IDS)
    if isinstance(body, ConversationMessage):
        body.fragment = FragmentFormat()  # which is what an update of its value is about
    ids = [IDS[name] for name in row.parameters]
    with ConversationClient(server.url) as client:
        for _ in range(2 if row.repeatable and not row.removes else 1):
            got = client.call_raw(row, *ids, body=body)
    promised = row.returns
    if promised is type(None):
        assert (got.status, got.content) == (204, b"")
    else:
        assert got.status == 200
        assert got.headers["content-LENGTH"] == str(len(got.content))
        assert promised is str or isinstance(got.json(), dict)
    assert "Python" in got.headers["server"]


async def test_content_is_what_the_server_sent() -> None:
    sent = b'{ "id": "c1",\n "new": [1e400, 12345678901234567890], "name": "\\ud83d\\ude00" }'
    headers: dict[str, Any] = {"content_type": "application/json", "x_name": "a value"}
    with RawServer(reply(200, sent, **headers)) as server:
        async with AsyncConversationClient(server.url) as client:
            got = await client.call_raw(operations.GET_CONVERSATION, "c1", transferables=False)
    assert server.request.target == "/conversation/c1?transferables=false"
    assert (got.status, got.content, got.headers["X-NAME"]) == (200, sent, "a value")
    assert got.json()["new"][1] == 12345678901234567890
    assert got.json()["name"] == "😀"
    assert got.json() is not got.json()


async def test_headers_of_plain_replies_are_those_of_each_reply() -> None:
    answers = iter([reply(204, date="1"), reply(204, date="1"), reply(204, date="2")])
    with RawServer(lambda _: next(answers)) as server:
        async with AsyncConversationClient(server.url) as client:
            row = operations.ASSOCIATE_ASSET
            got = [await client.call_raw(row, "c1", f"a{number}") for number in range(3)]
    assert [each.headers["Date"] for each in got] == ["1", "1", "2"]
    assert server.connections == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{} {}", b"NaN", b'"\xff"', b"[" * 100_000, b"1" * 5000],
    ids=["nothing", "half", "two", "NaN", "no UTF-8", "deep", "long"],
)
def test_what_is_no_json_is_told_when_it_is_read(content: bytes) -> None:
    with pytest.raises(DecodeError):
        RawResponse(200, {}, content).json()


def test_charsets_and_marks_are_heeded() -> None:
    latin = {"Content-Type": "application/json; charset=latin-1"}
    assert RawResponse(200, latin, b'"\xe9"').json() == "é"
    assert RawResponse(200, {}, b'\xef\xbb\xbf"a"').json() == "a"
    assert RawResponse(200, {}, '"a"'.encode("utf-16")).json() == "a"


async def test_a_reply_is_kept_copied_and_pickled_and_shows_nothing_of_its_content(
    client: AsyncConversationClient,
) -> None:
    got = await client.call_raw(operations.GET_CONVERSATION, C)
    for twin in (copy.deepcopy(got), pickle.loads(pickle.dumps(got))):
        assert twin == got
        assert twin.headers["content-type"].startswith("application/json")
    assert repr(got) == f"RawResponse(status=200, content=<{len(got.content)} bytes>)"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(410, "gone"), GoneError),
        (reply(500, "no"), ServerError),
        (EMPTY, ProtocolError),
        (reply(200, "<html>", content_type="text/html"), ContentTypeError),
        (reply(200, "{}", content_type="application/json", content_length="99"), ProtocolError),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{",
            BodyTooLargeError,
        ),
    ],
)
async def test_errors_are_those_of_other_calls(
    answer: bytes, kind: type[ConversationClientError]
) -> None:
    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            with pytest.raises(kind) as other:
                await client.get_conversation("c1")
            with pytest.raises(kind) as caught:
                await client.call_raw(operations.GET_CONVERSATION, "c1")
    assert (caught.value.operation, caught.value.ids) == (other.value.operation, other.value.ids)
    assert (caught.value.effect, caught.value.attempts) == (other.value.effect, 1)


async def test_a_page_is_no_document_whatever_it_is_called() -> None:
    with RawServer(reply(200, "\n<html>", content_type="application/json")) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(ContentTypeError, match="where a Conversation is promised"):
                await client.call_raw(operations.GET_CONVERSATION, "c1")


@pytest.mark.parametrize("answer", [reply(200, "x" * 500), reply(200, "<html>")])
async def test_more_than_done_is_none_where_nothing_is_promised(answer: bytes) -> None:
    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(ProtocolError, match="nothing is promised"):
                await client.call_raw(operations.ASSOCIATE_ASSET, "c1", "a")


async def test_a_call_is_repeated_where_that_is_safe(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.fail_next(503)
    server.drop_next()
    assert (await client.call_raw(operations.GET_CONVERSATION, C)).status == 200
    assert server.counts[operations.GET_CONVERSATION.id] == 3
    server.fail_next(503)
    with pytest.raises(ServerError):
        await client.call_raw(operations.RENAME_CONVERSATION, C)
    assert server.counts[operations.RENAME_CONVERSATION.id] == 1


async def test_what_an_earlier_attempt_removed_is_told_as_the_server_does(
    server: Emulator, client: AsyncConversationClient
) -> None:
    server.drop_next(after=True)
    server.fail_next(410)
    with pytest.raises(GoneError) as caught:
        await client.call_raw(operations.DISASSOCIATE_WEBSITE, C, "a")
    assert (caught.value.effect, caught.value.attempts) == ("unknown", 2)


async def test_a_call_takes_the_path_that_the_server_has() -> None:
    async with Emulator(api_version="5.0") as server, AsyncConversationClient(server.url) as client:
        for _ in range(2):
            got = await client.call_raw(operations.DISASSOCIATE_ASSET, C, "a")
            assert got.status == 204
        assert server.counts[""] == 1


async def test_a_call_ends_at_its_deadline_and_with_its_client(
    server: Emulator, client: AsyncConversationClient
) -> None:
    await client.get_health()  # so that there is a connection, whatever else the machine does
    server.delay_next(60.0)
    with pytest.raises(DeadlineExceededError):
        await client.with_options(timeout=0.2).call_raw(operations.GET_CONVERSATION, C)
    await client.aclose()
    with pytest.raises(ClientClosedError):
        await client.call_raw(operations.GET_CONVERSATION, C)


async def test_what_cannot_be_sent_is_refused(client: AsyncConversationClient) -> None:
    wrong: Any = "conversation_update"
    with pytest.raises(InvalidArgumentError, match="operation: a row"):
        await client.call_raw(wrong)
    with pytest.raises(InvalidArgumentError, match="takes conversation, not 0 ids"):
        await client.call_raw(operations.GET_CONVERSATION)


# The command's `get --raw`

ODD = {
    "is spelled in its own way": b'{ "id" :"c1",\r\n"n": 1.0,  "n": 1e2, "name":"\xc3\xa9\\u00e9"}\n\n',
    "is no conversation": b'[{"error": "no"}]',
    "is cut off": b'{"id": "c1", "created": {"val',
    "is in UTF-16": '{"id": "c1"}'.encode("utf-16"),
    "is binary": b"\x00\xff\x1b[31m\x80",
    "is empty": b"",
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_raw_is_what_the_server_sent_byte_for_byte_even_if_it_cannot_be_read(data: bytes) -> None:
    with RawServer(reply(200, data, content_type="application/json")) as server:
        asked = ["get", "c1", "--server", server.url]
        ended = completed(None, *asked, "--raw", text=False)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, data, b"")
        assert server.request.target == "/conversation/c1"
        refused = run(*asked)
    assert refused.returncode != 0
    assert refused.stdout == ""


def test_raw_takes_the_beginning_of_an_id_and_tells_of_failures(server: Emulator) -> None:
    conversation = server.seed({"name": "One", "later": [1.0]})
    shown = run("get", conversation[:8], "--raw", "--server", server.url)
    assert json.loads(shown.stdout)["later"] == [1.0]
    gone = run("get", "no-such", "--raw", "--server", server.url)
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "410 Gone" in gone.stderr
    both = run("get", conversation, "--raw", "--json", "--server", server.url)
    assert (both.returncode, both.stdout) == (2, "")
    assert "--raw and --json exclude each other" in both.stderr
