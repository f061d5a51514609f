"""Calls that are cancelled at any moment leave nothing behind and take nobody else's reply."""

import asyncio
import contextlib
import gc
import json
import os
import random
from collections.abc import Awaitable, Callable, Mapping

import pytest
from cases import IDS, conversation

from conversation_client import AsyncConversationClient, ConversationClientError, Material
from conversation_client.models.conversation import Conversation

from .catalogue import JSON, answers, chunked, closes_after, stalls_after
from .cells import POLICY, descriptors
from .chaos import (
    PROBE,
    ChaosServer,
    Listening,
    Peer,
    Request,
    Script,
    document,
    good,
    reply,
    wait_until,
)

pytestmark = pytest.mark.heavy

POINTS = int(os.environ.get("CONVERSATION_CLIENT_CANCEL_POINTS", "1500"))
CONNECTIONS = 2


def own(request: Request) -> bytes:
    """Answer as promised, a conversation with the id that was asked for."""
    promised = document(request)
    if promised is None or request.is_probe:
        return good(request)
    own_id = request.target.rpartition("/")[2]
    return reply(200, json.dumps(promised | {"id": own_id}).encode(), JSON)


def own_in_chunks(request: Request) -> bytes:
    _head, _, content = own(request).partition(b"\r\n\r\n")
    return chunked(content[:9], content[9:]) if content else own(request)


async def own_in_pieces(peer: Peer) -> None:
    while True:
        whole = own(await peer.request())
        size = len(whole) // 6
        await peer.send(*(whole[at : at + size] for at in range(0, len(whole), size)), pause=0.0002)


async def unread(peer: Peer) -> None:
    await peer.stay_silent()


SERVERS: Mapping[str, tuple[Script, Listening]] = {
    "answers": (answers(own), Listening.YES),
    "answers in chunks": (answers(own_in_chunks), Listening.YES),
    "answers in pieces": (own_in_pieces, Listening.YES),
    "closes after each answer": (closes_after(own), Listening.YES),
    "is busy": (answers(reply(503)), Listening.YES),
    "is cut": (closes_after(b"HTTP/1.1 200 OK\r\n"), Listening.YES),
    "is silent": (stalls_after(b"HTTP/1.1 200"), Listening.YES),
    "never reads": (unread, Listening.YES),
    "never accepts": (answers(own), Listening.FULL),
    "is not there": (answers(own), Listening.REFUSING),
}

Call = Callable[[AsyncConversationClient], Awaitable[object]]


def large_conversation() -> Conversation:
    made = conversation(IDS)
    made.name = "x" * 500_000
    return made


LARGE = large_conversation()
CALLS: tuple[Call, ...] = (
    lambda client: client.get_conversation("another"),
    lambda client: client.associate_asset("c1", "a1"),
    lambda client: client.update_conversation(conversation(IDS)),
    lambda client: client.associate_many("c1", Material.ASSET, map(str, range(9)), concurrency=3),
    lambda client: client.update_conversation(LARGE),
)


async def cancel_after(call: Awaitable[object], rounds: int, pause: float) -> None:
    """Cancel a call after some rounds of the loop and some seconds; it may have ended by then."""
    task = asyncio.ensure_future(call)
    for _ in range(rounds):
        await asyncio.sleep(0)
    if pause:
        await asyncio.sleep(pause)
    task.cancel()
    with contextlib.suppress(ConversationClientError, asyncio.CancelledError):
        await task


@pytest.mark.parametrize("name", SERVERS)
async def test_cancelled_calls_leave_nothing(
    chaos: ChaosServer, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    script, listening = SERVERS[name]
    chance = random.Random(name)
    answers_at_all = name.startswith(("answers", "closes"))
    before = descriptors()
    with chaos.site(script, listening) as site:
        client = AsyncConversationClient(
            site.url, timeout=5, retry=POLICY, max_connections=CONNECTIONS
        )
        for point in range(POINTS // len(SERVERS)):
            # A large body is slow to send; every call is cut in each of its first rounds.
            call = CALLS[point % 4 if point % 50 else 4]
            rounds = point // 4 % 40
            pause = chance.choice((0, 0, 0, chance.uniform(0, 0.003)))
            await cancel_after(call(client), rounds, pause)
            if answers_at_all and point % 10 == 0:
                assert (await client.get_conversation(f"own{point}")).id == f"own{point}"
        for _ in range(5):  # what was cancelled ends
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        chaos.heal(site)
        await asyncio.gather(*(client.get_messages(PROBE) for _ in range(2 * CONNECTIONS)))
        await client.aclose()
    gc.collect()
    assert [record for record in caplog.records if record.name == "asyncio"] == []
    assert wait_until(lambda: len(descriptors()) <= len(before)), descriptors()
