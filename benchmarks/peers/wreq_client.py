"""wreq, a client in Rust, as its documentation shows it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import wreq

from benchmarks.peers.sample import AsyncRun, Job, asset_url, in_loop, main, shared


@in_loop
@asynccontextmanager
async def calls(job: Job) -> AsyncIterator[AsyncRun]:
    async with wreq.Client() as client:

        async def call(asset: str) -> None:
            async with client.post(asset_url(job, asset)) as response:
                assert response.status.as_int() == 204

        async def run(count: int) -> None:
            await shared(job.concurrency, count, call)

        yield run


if __name__ == "__main__":
    main({"calls": calls})
