"""What the matrix has no cell for: items removed before, waits that are asked for, odd hosts."""

import gc
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from cases import IDS, conversation

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    ConversationClientError,
    DeadlineExceededError,
    GoneError,
    InvalidArgumentError,
    NotFoundError,
    RateLimitedError,
    ServerNotRunningError,
    TlsError,
)
from conversation_client.operations import (
    ASSOCIATE_ASSET,
    DISASSOCIATE_ASSET,
    DISASSOCIATE_WEBSITE,
    DISASSOCIATIONS,
    Operation,
)

from .catalogue import answers, closes_after, first, never_reads
from .cells import AsyncSide, BlockingSide
from .chaos import ChaosServer, Peer, Script, good, reply

Side = type[AsyncSide | BlockingSide]
Call = Callable[[Any], Awaitable[Any]]
both = pytest.mark.parametrize("kind", [AsyncSide, BlockingSide], ids=["async", "blocking"])


def calling(row: Operation[Any]) -> Call:
    return lambda client: client.call(row, "c1", "m1")


async def result_of(call: Call, url: str, kind: Side, seconds: float = 10) -> Any:
    side = kind(url, seconds)
    try:
        return await side.ask(call)
    finally:
        await side.close()


async def failure_of(
    call: Call, url: str, kind: Side, seconds: float = 10
) -> ConversationClientError:
    with pytest.raises(ConversationClientError) as caught:
        await result_of(call, url, kind, seconds)
    return caught.value


@both
@pytest.mark.parametrize("row", DISASSOCIATIONS.values(), ids=DISASSOCIATIONS)
async def test_what_a_lost_attempt_may_have_removed_counts_as_removed(
    chaos: ChaosServer, row: Operation[None], kind: Side
) -> None:
    with chaos.site(first(closes_after(b""), answers(reply(410)))) as site:
        assert await result_of(calling(row), site.url, kind) is None
        assert len(site.requests) == 2


@both
@pytest.mark.parametrize(
    ("row", "script", "effect"),
    [
        (DISASSOCIATE_ASSET, answers(reply(410)), "answered"),
        (DISASSOCIATE_ASSET, answers(reply(503), reply(410)), "answered"),
        (DISASSOCIATE_ASSET, first(closes_after(b""), answers(reply(404))), "unknown"),
        (DISASSOCIATE_WEBSITE, first(closes_after(b""), answers(reply(404))), "unknown"),
        (ASSOCIATE_ASSET, first(closes_after(b""), answers(reply(410))), "unknown"),
    ],
    ids=["never-lost", "refused-before", "no-such-routes", "no-such-route", "to-be-added"],
)
async def test_what_is_missing_for_any_other_reason_is_an_error(
    chaos: ChaosServer, *, row: Operation[None], script: Script, effect: str, kind: Side
) -> None:
    with chaos.site(script) as site:
        error = await failure_of(calling(row), site.url, kind)
        assert type(error) in {GoneError, NotFoundError}
        assert error.effect == effect
        assert error.attempts == len(site.requests)


@both
async def test_the_wait_that_a_server_asks_for_is_kept(chaos: ChaosServer, kind: Side) -> None:
    with chaos.site(answers(reply(429, b"", "Retry-After: 0.3"), good)) as site:
        began = time.monotonic()
        await result_of(calling(ASSOCIATE_ASSET), site.url, kind)
        assert time.monotonic() - began >= 0.3
        assert len(site.requests) == 2


@both
async def test_nothing_is_sent_twice_without_a_policy(chaos: ChaosServer, kind: Side) -> None:
    with chaos.site(answers(reply(429))) as site:

        def call(client: Any) -> Any:
            return client.with_options(retry=None).associate_asset("c1", "a1")

        error = await failure_of(call, site.url, kind)
        assert type(error) is RateLimitedError
        assert error.attempts == len(site.requests) == 1


@both
async def test_an_upload_that_nobody_reads_ends_on_time(chaos: ChaosServer, kind: Side) -> None:
    large = conversation(IDS)
    large.name = "x" * 16_000_000
    with chaos.site(never_reads) as site:
        began = time.monotonic()
        error = await failure_of(
            lambda client: client.update_conversation(large), site.url, kind, seconds=1.0
        )
        assert time.monotonic() - began < 3
        assert type(error) is DeadlineExceededError
        assert error.effect == "unknown"
        assert error.attempts == 1
    del error
    gc.collect()  # a connection that waits to be read would show as a warning


@both
@pytest.mark.parametrize("host", ["no-such-host.invalid", "1.2.3.4.5.6"])
async def test_a_host_that_is_not_there_is_no_server(host: str, kind: Side) -> None:
    error = await failure_of(calling(ASSOCIATE_ASSET), f"http://{host}", kind)
    assert type(error) is ServerNotRunningError
    assert (error.effect, error.attempts) == ("none", 0)
    assert host in str(error)


@pytest.mark.parametrize("kind", [AsyncConversationClient, ConversationClient])
@pytest.mark.parametrize("host", ["a..b", "x" * 64, f"{'x' * 64}.example"])
def test_a_host_that_cannot_be_is_refused(kind: Any, host: str) -> None:
    with pytest.raises(InvalidArgumentError):
        kind(f"http://{host}")


async def says_no_unasked(peer: Peer) -> None:
    await peer.send(reply(400))
    await peer.stay_silent()


@both
async def test_tls_to_a_server_without_sends_nothing(chaos: ChaosServer, kind: Side) -> None:
    with chaos.site(says_no_unasked) as site:
        url = site.url.replace("http", "https")
        error = await failure_of(calling(ASSOCIATE_ASSET), url, kind)
        assert type(error) is TlsError
        assert (error.effect, error.attempts) == ("none", 0)
        assert site.requests == []
