"""A batch, and how long somebody else's GETs wait beside it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from statistics import quantiles

import aiohttp

from benchmarks.peers.sample import (
    CONVERSATION,
    AsyncRun,
    Case,
    Extra,
    Job,
    asset_ids,
    document_url,
    in_loop,
    main,
    shared,
)
from conversation_client import AsyncConversationClient, Material

PAUSE = 0.05
"""Seconds between the GETs, which ask for little of what the server can do."""

Batch = Callable[[AsyncConversationClient, Job, int], Awaitable[object]]


async def batch(client: AsyncConversationClient, job: Job, count: int) -> None:
    report = await client.associate_many(
        CONVERSATION, Material.ASSET, asset_ids(count), concurrency=job.concurrency
    )
    report.raise_if_failed()
    assert report.succeeded == count


async def workers(client: AsyncConversationClient, job: Job, count: int) -> None:
    """As many at a time as were asked for, whatever the server can do."""
    await shared(job.concurrency, count, lambda asset: client.associate_asset(CONVERSATION, asset))


def _beside(work: Batch) -> Case:
    @asynccontextmanager
    async def opened(job: Job) -> AsyncIterator[AsyncRun]:
        async with AsyncConversationClient(job.url) as client, aiohttp.ClientSession() as other:

            async def run(count: int) -> Extra:
                under_way = asyncio.ensure_future(work(client, job, count))
                waits: list[float] = []
                while not under_way.done() or len(waits) < 2:
                    waits.append(await _get(other, document_url(job)))
                    await asyncio.wait([under_way], timeout=PAUSE)
                await under_way
                return Extra(value=quantiles(waits, n=20)[-1] * 1e3, requests=len(waits))

            yield run

    return in_loop(opened)


async def _get(session: aiohttp.ClientSession, url: str) -> float:
    """Return the seconds until the whole reply is there."""
    began = time.perf_counter()
    async with session.get(url) as response:
        assert response.status == 200
        await response.read()
    return time.perf_counter() - began


if __name__ == "__main__":
    main({"batch": _beside(batch), "workers": _beside(workers)})
