"""A client and an emulator that have been used and have nothing to do, and how often they wake up."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.peers.sample import CONVERSATION, AsyncRun, Extra, Job, in_loop, main
from conversation_client import AsyncConversationClient
from conversation_client.testing import Emulator

PERIOD = 20
"""Of the time of a usual sample: ten seconds, if that is not a quick one."""


@in_loop
@asynccontextmanager
async def client(job: Job) -> AsyncIterator[AsyncRun]:
    async with AsyncConversationClient(job.url) as used:
        await used.get_conversation(CONVERSATION)
        yield lambda count: _wake_ups(count * PERIOD * job.seconds, requests=0)


@in_loop
@asynccontextmanager
async def emulator(job: Job) -> AsyncIterator[AsyncRun]:
    async with Emulator() as server:
        conversation = server.seed()
        async with AsyncConversationClient(server.url) as used:
            await used.get_conversation(conversation)
        yield lambda count: _wake_ups(count * PERIOD * job.seconds, requests=-count)


async def _wake_ups(seconds: float, *, requests: int) -> Extra:
    """Count how often any thread of the process waited and was woken, our own sleep left out."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    await asyncio.sleep(seconds)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    return Extra(value=after - before - 1, requests=requests)


if __name__ == "__main__":
    main({"client": client, "emulator": emulator})
