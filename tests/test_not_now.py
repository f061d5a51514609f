"""A server that asks to wait, and one that refuses all: what a batch makes of it."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cases import golden
from fickle_server import DONE, Site, names, serving
from raw_server import json_reply, reply

from conversation_client import (
    Association,
    AsyncConversationClient,
    ContentTypeError,
    ConversationClientError,
    GoneError,
    Material,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    ServerError,
    StatusError,
    read_journal,
)
from conversation_client._batch.proof import ENOUGH
from conversation_client.testing import Emulator

pytestmark = pytest.mark.usefixtures("fast_probes")

CONVERSATION = json_reply(golden("samples/2.2.0/Conversation.minimal"))
LATER = reply(503)
PAGE = reply(404, b"<!doctype html><title>Not here</title>")


def asks(segment: str) -> bool:
    """Tell whether a request is for the conversation, rather than for an item."""
    return segment.startswith("c?")


def site_of(answer: Callable[[Site, str], bytes]) -> Site:
    """Make a server that has the conversation `c`, and answers for items as it is told."""

    async def answer_any(segment: str) -> bytes:
        return CONVERSATION if asks(segment) else answer(site, segment)

    site = Site(answer_any)
    return site


# Not now


async def associated(answer: Callable[[Site, str], bytes], count: int) -> Site:
    """Have a batch of so many items, of which none fails, and return the server."""
    site = site_of(answer)
    await site.start()
    try:
        async with AsyncConversationClient(site.url) as client:
            report = await client.associate_many("c", Material.ASSET, names(count))
    finally:
        await site.close()
    assert (report.succeeded, report.failed, report.not_started) == (count, 0, 0)
    assert report.ended_by is None
    return site


async def test_a_server_that_says_503_for_a_while_fails_nothing_and_is_asked_little() -> None:
    until = time.monotonic() + 0.5
    site = await associated(lambda *_: LATER if time.monotonic() < until else DONE, 1000)
    assert len(site.requests) <= 1100


async def test_a_server_that_says_503_half_of_the_time_fails_nothing_and_is_asked_little() -> None:
    began = time.monotonic()

    def answer(*_: object) -> bytes:
        return LATER if (time.monotonic() - began) % 0.4 < 0.2 else DONE

    site = await associated(answer, 3000)
    assert len(site.requests) <= 1.1 * 3000


async def test_a_server_that_says_503_to_every_second_request_fails_nothing() -> None:
    site = await associated(lambda site, _: LATER if len(site.requests) % 2 else DONE, 500)
    assert len(site.requests) <= 2.6 * 500


async def test_the_wait_that_a_server_asks_for_is_kept_by_the_whole_batch() -> None:
    moments: list[float] = []

    def answer(*_: object) -> bytes:
        moments.append(time.monotonic())
        return reply(429, retry_after="1") if len(moments) == 1 else DONE

    site = await associated(answer, 200)
    assert len(site.requests) == 201
    # Those that were under way when it was asked for had left before.
    assert sum(moment < moments[0] + 0.9 for moment in moments) <= 32


async def test_a_wait_beyond_what_the_batch_has_ends_it_at_once() -> None:
    async def answer(_: str) -> bytes:
        return reply(429, retry_after="60")

    before = time.monotonic()
    async with serving(answer) as site, AsyncConversationClient(site.url) as client:
        report = await client.associate_many("c", Material.ASSET, names(500), give_up_after=30)
        assert len(site.requests) <= 32
    assert (report.succeeded, report.failed, report.not_started) == (0, 0, 500)
    assert isinstance(report.ended_by, RateLimitedError)
    assert time.monotonic() - before < 20


@pytest.mark.parametrize("place", [0, 500, 1000])
async def test_an_item_that_alone_always_gets_503_fails_alone(place: int) -> None:
    ids = names(1001)
    site = site_of(lambda _, item: LATER if item == ids[place] else DONE)
    await site.start()
    async with AsyncConversationClient(site.url) as client:
        report = await client.associate_many("c", Material.ASSET, ids)
    await site.close()
    assert (report.succeeded, [failure.item for failure in report.failures]) == (1000, [ids[place]])
    (failure,) = report.failures
    assert isinstance(failure.error, ServerError)
    assert (failure.error.status, failure.error.effect) == (503, "answered")
    assert max(Counter(site.requests).values()) <= 8


# All refused


def endless() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"a{number}"


async def test_a_batch_for_a_conversation_that_is_not_there_ends_and_says_so(
    server: Emulator, client: AsyncConversationClient
) -> None:
    report = await client.associate_many("no such conversation", Material.ASSET, endless())
    assert (report.succeeded, report.failed, report.not_started) == (0, ENOUGH, None)
    assert isinstance(report.ended_by, GoneError)
    assert report.ended_by.ids == {"conversation": "no such conversation"}
    assert sum(server.counts.values()) <= 200


async def test_a_journal_keeps_what_was_not_sent_to_a_conversation_that_is_not_there(
    client: AsyncConversationClient, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    await client.associate_many("nothing", Material.ASSET, names(5000), journal=path)
    kept = read_journal(path)
    assert (kept.failed, kept.queued) == (ENOUGH, 5000 - ENOUGH)


FOREIGN = {
    "page": (PAGE, NotFoundError),
    "page with 200": (reply(200, "<html></html>", content_type="text/html"), ContentTypeError),
    "redirect": (reply(302, location="/login"), StatusError),
    "no HTTP": (b"220 mail.example ESMTP\r\n", ProtocolError),
}


@pytest.mark.parametrize(("foreign", "error"), FOREIGN.values(), ids=FOREIGN)
async def test_another_program_on_the_port_gets_few_requests(
    foreign: bytes, error: type[ConversationClientError]
) -> None:
    async def answer(_: str) -> bytes:
        return foreign

    async with serving(answer) as site, AsyncConversationClient(site.url) as client:
        report = await client.associate_many("c", Material.ASSET, endless())
        assert (report.succeeded, report.not_started) == (0, None)
        assert isinstance(report.ended_by, error)
        pairs = (Association("c", Material.ASSET, item) for item in endless())
        report = await client.apply(pairs)
        assert (report.succeeded, report.failed, report.not_started) == (0, ENOUGH, None)
        assert isinstance(report.ended_by, ConversationClientError)
        assert len(site.requests) <= 2 * 200


async def test_items_that_are_all_refused_fail_one_by_one_where_the_conversation_is_there() -> None:
    site = site_of(lambda *_: reply(400, b"no such asset"))
    await site.start()
    async with AsyncConversationClient(site.url) as client:
        report = await client.associate_many("c", Material.ASSET, names(500))
    await site.close()
    assert (report.succeeded, report.failed, report.not_started) == (0, 500, 0)
    assert report.ended_by is None
    assert len(site.requests) == 501


async def test_a_conversation_of_a_shape_that_is_not_known_is_there() -> None:
    async def answer(segment: str) -> bytes:
        return json_reply({"id": 7}) if asks(segment) else reply(400)

    async with serving(answer) as site, AsyncConversationClient(site.url) as client:
        report = await client.associate_many("c", Material.ASSET, names(100))
    assert (report.failed, report.ended_by) == (100, None)


@pytest.mark.parametrize("failing", [reply(500), reply(503), b""], ids=["500", "503", "cut"])
async def test_a_server_that_cannot_tell_of_its_conversation_is_asked_again(failing: bytes) -> None:
    asked = 0

    async def answer(segment: str) -> bytes:
        nonlocal asked
        if not asks(segment):
            return reply(400)
        asked += 1
        return failing if asked < 4 else CONVERSATION

    async with serving(answer) as site, AsyncConversationClient(site.url) as client:
        report = await client.associate_many("c", Material.ASSET, names(100))
    assert (report.failed, report.ended_by, asked) == (100, None, 4)


async def test_refusals_among_successes_ask_for_nothing() -> None:
    site = site_of(lambda site, item: reply(400) if len(site.requests) % 3 else DONE)
    await site.start()
    async with AsyncConversationClient(site.url) as client:
        report = await client.associate_many("c", Material.ASSET, names(600))
    await site.close()
    assert (report.succeeded, report.failed) == (200, 400)
    assert not any(map(asks, site.requests))
