"""httpx2, with a pool that keeps a connection for every worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from benchmarks.peers.sample import (
    AsyncRun,
    Job,
    asset_url,
    document_url,
    in_loop,
    main,
    shared,
)


@in_loop
@asynccontextmanager
async def calls(job: Job) -> AsyncIterator[AsyncRun]:
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx2.AsyncClient(limits=limits) as client:

        async def call(asset: str) -> None:
            response = await client.post(asset_url(job, asset))
            assert response.status_code == 204

        async def run(count: int) -> None:
            await shared(job.concurrency, count, call)

        yield run


@in_loop
@asynccontextmanager
async def get(job: Job) -> AsyncIterator[AsyncRun]:
    url = document_url(job)
    async with httpx2.AsyncClient() as client:

        async def run(count: int) -> None:
            for _ in range(count):
                response = await client.get(url)
                assert response.status_code == 200
                response.json()

        yield run


if __name__ == "__main__":
    main({"calls": calls, "get": get})
