"""A session that the user brings keeps what it does, and gets the same errors and retries."""

import aiohttp
import pytest
from raw_server import RawServer, json_reply, reply

from conversation_client import (
    AsyncConversationClient,
    ConnectionLostError,
    GoneError,
    RedirectError,
    RetryPolicy,
    ServerNotRunningError,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

POLICY = RetryPolicy(wait_initial=0.001, wait_max=0.001)


async def test_tracing_keeps_working(server: Emulator) -> None:
    seen: list[str] = []
    trace = aiohttp.TraceConfig()

    async def end(_: object, __: object, params: aiohttp.TraceRequestEndParams) -> None:
        seen.append(f"{params.method} {params.response.status}")

    trace.on_request_end.append(end)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        client = AsyncConversationClient(server.url, session=session)
        await client.get_conversation(STARTING_CONVERSATION)
        await client.associate_asset(STARTING_CONVERSATION, "a1")
    assert seen == ["GET 200", "POST 204"]


async def test_middlewares_keep_working(server: Emulator) -> None:
    async def sign(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        request.headers["X-Signature"] = "signed"
        return await handler(request)

    async with aiohttp.ClientSession(middlewares=[sign]) as session:
        client = AsyncConversationClient(server.url, session=session)
        await client.associate_asset(STARTING_CONVERSATION, "a1")
    assert server.requests[-1].headers["X-Signature"] == "signed"


async def test_headers_of_the_session_are_sent_and_the_operations_own_hold(
    server: Emulator,
) -> None:
    headers = {"X-Application-ID": "app", "Accept": "image/png"}
    async with aiohttp.ClientSession(headers=headers) as session:
        client = AsyncConversationClient(server.url, session=session)
        await client.associate_asset(STARTING_CONVERSATION, "a1")
    sent = server.requests[-1].headers
    assert (sent["X-Application-ID"], sent["Accept"]) == ("app", "text/plain")
    assert "Content-Type" not in sent


async def test_session_that_raises_for_status_does_not_here(server: Emulator) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        client = AsyncConversationClient(server.url, session=session)
        with pytest.raises(GoneError):
            await client.get_conversation("nobody")


async def test_redirects_are_not_followed() -> None:
    with RawServer(reply(302, b"", Location="/elsewhere")) as raw:
        async with aiohttp.ClientSession() as session:
            client = AsyncConversationClient(raw.url, session=session)
            with pytest.raises(RedirectError):
                await client.associate_asset("c", "a")
        assert len(raw.requests) == 1


async def test_failures_are_ours_and_repeated_where_that_is_safe(server: Emulator) -> None:
    async with aiohttp.ClientSession() as session:
        client = AsyncConversationClient(server.url, session=session, retry=POLICY)
        server.drop_next(times=2)
        await client.associate_asset(STARTING_CONVERSATION, "a1")
        server.drop_next(times=1)
        with pytest.raises(ConnectionLostError) as caught:
            await client.rename_conversation(STARTING_CONVERSATION)
    assert (caught.value.attempts, caught.value.effect) == (1, "unknown")
    assert server.counts["conversation_associate_asset"] == 3
    assert server.counts["conversation_specific_conversation_rename"] == 1


async def test_server_that_is_not_there_has_no_effect() -> None:
    async with aiohttp.ClientSession() as session:
        client = AsyncConversationClient("http://127.0.0.1:9", session=session, retry=POLICY)
        with pytest.raises(ServerNotRunningError) as caught:
            await client.get_conversation("c")
    assert (caught.value.attempts, caught.value.effect) == (0, "none")


async def test_connection_that_the_server_closes_after_each_reply_is_not_used_again() -> None:
    document = {"conversation": {"id": "c"}, "annotation": {"id": "a"}}
    with RawServer(json_reply(document, Connection="close")) as raw:
        async with aiohttp.ClientSession() as session:
            client = AsyncConversationClient(raw.url, session=session)
            for _ in range(20):
                assert (await client.summarize_conversation("c")).annotation.id == "a"
        assert len(raw.requests) == 20
