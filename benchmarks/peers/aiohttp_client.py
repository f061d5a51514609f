"""aiohttp as its documentation shows it, and what a GET costs at least where orjson reads the reply."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import orjson

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
    async with aiohttp.ClientSession() as session:

        async def call(asset: str) -> None:
            async with session.post(asset_url(job, asset)) as response:
                assert response.status == 204

        async def run(count: int) -> None:
            await shared(job.concurrency, count, call)

        yield run


@in_loop
@asynccontextmanager
async def get(job: Job) -> AsyncIterator[AsyncRun]:
    url = document_url(job)
    async with aiohttp.ClientSession() as session:

        async def run(count: int) -> None:
            for _ in range(count):
                async with session.get(url) as response:
                    assert response.status == 200
                    await response.json()

        yield run


@in_loop
@asynccontextmanager
async def get_with_orjson(job: Job) -> AsyncIterator[AsyncRun]:
    url = document_url(job)
    async with aiohttp.ClientSession() as session:

        async def run(count: int) -> None:
            for _ in range(count):
                async with session.get(url) as response:
                    assert response.status == 200
                    orjson.loads(await response.read())

        yield run


if __name__ == "__main__":
    if "large-block-freed" in sys.argv:
        bytes(1 << 20)  # after this the C library keeps the memory of asyncio's 256 KiB reads
    main({"calls": calls, "get": get, "get_with_orjson": get_with_orjson})
