"""A server dies with thousands of items of a batch before it: it is not stormed, and all are counted."""

from collections import Counter

import pytest

from conversation_client import AsyncConversationClient, BatchProgress, Material

from .cells import POLICY
from .chaos import ChaosServer, Peer, good

pytestmark = pytest.mark.heavy

ITEMS = 10_000
ALIVE = 300
"""Requests that the server answers before it dies."""
CONCURRENCY = 32
PROBES = 6
"""In three seconds, with waits that double from 0.1 seconds."""


class Dying:
    """Answers so many requests, and then resets every connection or is gone."""

    def __init__(self, *, stops_listening: bool) -> None:
        self.confirmed: Counter[str] = Counter()
        self._stops_listening = stops_listening

    async def __call__(self, peer: Peer) -> None:
        while self.confirmed.total() < ALIVE:
            request = await peer.request()
            if self.confirmed.total() >= ALIVE:
                break
            self.confirmed[request.target] += 1
            await peer.send(good(request))
        else:
            peer.count_unread()
        if self._stops_listening:
            await peer.site.refuse()
        await peer.reset(pause=0)


@pytest.mark.parametrize("stops_listening", [False, True], ids=["resets", "stops-listening"])
async def test_a_dying_server_is_not_stormed(chaos: ChaosServer, stops_listening: bool) -> None:
    dying = Dying(stops_listening=stops_listening)
    ids = [f"a{number}" for number in range(ITEMS)]
    with chaos.site(dying) as site:
        async with AsyncConversationClient(site.url, retry=POLICY) as client:
            report = await client.associate_many("c1", Material.ASSET, ids, give_up_after=3)
        assert report.succeeded == len(dying.confirmed) == ALIVE
        assert report.not_started is not None
        assert report.succeeded + report.failed + report.not_started == ITEMS
        assert report.failed <= CONCURRENCY
        # The calls that were under way and what they repeat, and a probe now and then.
        assert len(site.requests) <= ALIVE + POLICY.attempts * CONCURRENCY + PROBES
        assert len(site.requests) <= 1.1 * ITEMS


async def test_a_server_that_comes_back_gets_every_item(chaos: ChaosServer) -> None:
    dying = Dying(stops_listening=True)
    ids = [f"a{number}" for number in range(1_000)]
    with chaos.site(dying) as site:

        def on_progress(progress: BatchProgress) -> None:
            if progress.waiting and not site.is_healed:
                chaos.heal(site)

        async with AsyncConversationClient(site.url, retry=POLICY) as client:
            report = await client.associate_many("c1", Material.ASSET, ids, on_progress=on_progress)
        assert (report.succeeded, report.failed, report.not_started) == (len(ids), 0, 0)
        assert len(site.requests) <= 1.1 * len(ids)
