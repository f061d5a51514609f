"""What counts as done where nothing is promised: any 2xx that says no more than that."""

from typing import Any

import pytest
from raw_server import CLOSE, EMPTY, RawServer, reply
from ways import associate

from conversation_client import AsyncConversationClient, ContentTypeError, ProtocolError

CHUNKED = b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"
DONE = {
    "an empty 200": reply(200),
    "null": reply(200, "null", content_type="application/json"),
    "an object": reply(200, "{}", content_type="application/json"),
    "a list": reply(201, "[]", content_type="application/json"),
    "OK": reply(200, "OK", content_type="text/plain"),
    "OK without a type": reply(202, "OK\n"),
    "text with a charset": reply(200, b"fait \xe9", content_type="text/plain; charset=latin-1"),
    "success": reply(200, '{"success": true}', content_type="application/json"),
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n",
}
MISFRAMED = {
    "204 with an empty chunk": CHUNKED + b"0\r\n\r\n",
    "204 with chunks": CHUNKED + b"2\r\n{}\r\n0\r\n\r\n",
    "204 with a length and a body": reply(204, "{}"),
    "204 with a length and no body": EMPTY[:-2] + b"Content-Length: 2\r\n\r\n",
    "204 with a body but no length": EMPTY + b"{}",
    "200 with more than it says": reply(200, "OK") + b"OK",
    "an empty 200 with more than it says": reply(200) + b"rubbish",
}
NOT_DONE = {
    "a page": (reply(200, "<html>", content_type="text/html"), ContentTypeError),
    "a page as text": (
        reply(200, " \n<!doctype html>", content_type="text/plain"),
        ContentTypeError,
    ),
    "a page with a mark": (reply(200, b"\xef\xbb\xbf<html>"), ContentTypeError),
    "a page without a type": (reply(200, "<html>"), ContentTypeError),
    "an image": (reply(200, b"\x89PNG", content_type="image/png"), ContentTypeError),
    "much": (reply(200, "x" * 5000, content_type="text/plain"), ProtocolError),
}


@pytest.mark.parametrize("name", DONE)
async def test_a_2xx_that_says_no_more_than_that_it_is_done_is_success(name: str) -> None:
    with RawServer(DONE[name]) as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            await client.increment_scores("c1")
            assert (await associate(client, 20, concurrency=2)).succeeded == 20
    assert server.connections <= 2
    assert len(server.requests) == 22


@pytest.mark.parametrize("name", MISFRAMED)
async def test_a_2xx_is_success_though_its_connection_is_of_no_use_any_more(name: str) -> None:
    with RawServer(MISFRAMED[name]) as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            await client.associate_asset("c1", "a2")
            assert (await associate(client, 20, concurrency=2)).succeeded == 20
    assert server.connections == len(server.requests) == 22


async def test_204_whose_body_comes_late_is_success_and_its_connection_closed() -> None:
    with RawServer(lambda _: [CHUNKED, b"0\r\n\r\n"]) as server:
        async with AsyncConversationClient(server.url) as client:
            for number in range(5):
                await client.associate_asset("c1", f"a{number}")
    assert server.connections == 5


@pytest.mark.parametrize("name", NOT_DONE)
async def test_a_page_is_no_success(name: str) -> None:
    answer, kind = NOT_DONE[name]
    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(kind, match="nothing is promised"):
                await client.associate_asset("c1", "a1")


@pytest.mark.parametrize("name", ["204 with an empty chunk", "204 with a length and a body"])
async def test_204_where_a_document_is_promised_is_an_error(name: str) -> None:
    with RawServer(MISFRAMED[name]) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(ProtocolError, match="204 No Content, where a Conversation"):
                await client.get_conversation("c1")


TOO_MUCH: dict[str, tuple[dict[str, Any], str]] = {
    "a header": ({"x_long": "x" * 10_000}, "too long"),
    "many headers": ({f"x_{number}": "x" for number in range(200)}, "more headers"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_what_is_too_much_of_a_head_is_said(name: str) -> None:
    headers, text = TOO_MUCH[name]
    with RawServer(reply(200, "{}", **headers)) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(ProtocolError, match=text):
                await client.get_conversation("c1")


async def test_a_reply_that_ends_its_connection_is_done_and_ends_it() -> None:
    with RawServer(EMPTY[:-2] + CLOSE.encode() + b"\r\n\r\n") as server:
        async with AsyncConversationClient(server.url) as client:
            for _ in range(3):
                await client.associate_asset("c1", "a1")
    assert server.connections == 3
