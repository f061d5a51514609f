"""Connections that wait for the next call: how many, for how long, and who gets them."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from raw_server import RawServer
from silent_server import Silent
from waiting import LONG, until
from ways import associate

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConversationClient,
    Material,
    ProtocolError,
)
from conversation_client._http import connection, lane
from conversation_client.testing import STARTING_CONVERSATION, Emulator


async def test_connections_are_kept_for_all_kinds_of_calls_and_all_views() -> None:
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await associate(client, 100, concurrency=3)
            view = client.with_options(headers={"X-Application-ID": "view"}, timeout=None)
            for caller in (client, view, client):
                await caller.associate_asset("c1", "a1")
                with pytest.raises(ProtocolError):
                    await caller.get_conversation("c1")
                await caller.increment_scores("c1")
                await associate(caller, 20, concurrency=3)
    assert server.connections == 3
    told = [request.header("X-Application-ID") for request in server.requests[100:]]
    assert told == [None] * 23 + ["view"] * 23 + [None] * 23


def test_a_blocking_client_keeps_its_connection() -> None:
    with RawServer() as server, ConversationClient(server.url) as client:
        for number in range(10):
            client.associate_asset("c1", f"a{number}")
        client.associate_many("c1", Material.ASSET, ["a1", "a2"], concurrency=1)
    assert server.connections == 1


async def test_connections_that_nobody_uses_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "KEPT_FOR", 0.2)
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await associate(client, 100, concurrency=3)
            assert server.open_now == 3
            await until(lambda: server.open_now == 0)
            await client.associate_asset("c1", "a1")
    assert (server.open_at_most, server.connections) == (3, 4)


async def test_connections_beyond_those_that_are_used_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lane, "KEPT_FOR", 0.2)
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await associate(client, 100, concurrency=3)
            async with asyncio.timeout(LONG):
                while server.open_now > 1:
                    await client.associate_asset("c1", "a1")
    assert server.open_at_most == 3


def test_a_blocking_client_takes_no_connection_that_waited_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lane, "KEPT_FOR", 0.01)
    with RawServer() as server, ConversationClient(server.url) as client:
        for number in range(3):
            client.associate_asset("c1", f"a{number}")
            time.sleep(0.05)
    assert server.connections == 3


async def test_a_closed_client_keeps_nothing() -> None:
    with RawServer() as server:
        client = AsyncConversationClient(server.url)
        view = client.with_options(timeout=1)
        await associate(client, 20, concurrency=4)
        await client.aclose()
        await until(lambda: server.open_now == 0)
        for closed in (client, view):
            with pytest.raises(ClientClosedError):
                await closed.associate_asset("c1", "a1")
    assert server.connections == 4


async def test_connections_are_looked_after_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one that has been in use for long is to be closed before the others."""
    monkeypatch.setattr(lane, "KEPT_FOR", 0.5)
    looks, look = list[object](), connection._look

    def counted(owner: Any) -> None:
        looks.append(owner)
        look(owner)

    monkeypatch.setattr(connection, "_look", counted)
    async with Silent() as server, AsyncConversationClient(server.url) as client:
        slow = asyncio.create_task(client.associate_asset("c1", "slow"))
        await asyncio.sleep(0.2)
        await client.associate_asset("c1", "a1")
        await slow
        await asyncio.sleep(0.6)
    assert 4 <= len(looks) <= 15


async def test_cancelled_calls_give_back_what_they_waited_for() -> None:
    async with (
        Silent() as server,
        AsyncConversationClient(server.url, max_connections=1) as client,
    ):
        await client.associate_asset("c1", "a1")
        calls = [asyncio.create_task(client.associate_asset("c1", "silent"))]
        await server.held.wait()
        calls += [asyncio.create_task(client.associate_asset("c1", "a2")) for _ in range(3)]
        await asyncio.sleep(0)
        calls[2].cancel()  # one that waits
        calls[0].cancel()  # the one that is under way
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [
            *(asyncio.CancelledError, type(None)),
            *(asyncio.CancelledError, type(None)),
        ]
        turns = [asyncio.create_task(client.associate_asset("c1", "a2")) for _ in range(3)]
        await asyncio.sleep(0)
        turns[0].cancel()
        turns[1].cancel()
        await asyncio.wait(turns)
        await client.associate_asset("c1", "a3")


async def test_a_call_gets_one_of_the_connections_that_a_batch_keeps(server: Emulator) -> None:
    waits, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[str]:
        yield "a1"
        waits.set()
        await goes_on.wait()
        yield "a2"

    async with AsyncConversationClient(server.url, max_connections=1, timeout=5) as client:
        batch = asyncio.ensure_future(
            client.associate_many(STARTING_CONVERSATION, Material.ASSET, slowly(), concurrency=1)
        )
        await waits.wait()
        await client.get_conversation(STARTING_CONVERSATION)
        goes_on.set()
        assert (await batch).succeeded == 2


async def test_more_workers_than_connections_share_them(server: Emulator) -> None:
    async with AsyncConversationClient(server.url, max_connections=2) as client:
        report = await associate(client, 100, concurrency=10)
    assert report.succeeded == 100
