"""This library's clients."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import uuid4

from benchmarks import documents
from benchmarks.peers.sample import (
    CONVERSATION,
    AsyncRun,
    Case,
    Job,
    Run,
    asset_ids,
    in_loop,
    main,
    repeated,
    shared,
)
from conversation_client import (
    AsyncConversationClient,
    BatchProgress,
    ConversationClient,
    Material,
)


@in_loop
@asynccontextmanager
async def calls(job: Job) -> AsyncIterator[AsyncRun]:
    async with AsyncConversationClient(job.url) as client:

        async def call(asset: str) -> None:
            await client.associate_asset(CONVERSATION, asset)

        async def run(count: int) -> None:
            await shared(job.concurrency, count, call)

        yield run


def _batch(options: Callable[[Job], dict[str, Any]]) -> Case:
    @asynccontextmanager
    async def opened(job: Job) -> AsyncIterator[AsyncRun]:
        async with AsyncConversationClient(job.url) as client:

            async def run(count: int) -> None:
                report = await client.associate_many(
                    CONVERSATION,
                    Material.ASSET,
                    asset_ids(count),
                    concurrency=job.concurrency,
                    **options(job),
                )
                report.raise_if_failed()
                assert report.succeeded == count

            yield run

    return in_loop(opened)


def _shown(progress: BatchProgress) -> None:
    str(progress)


def _new_journal(job: Job) -> str:
    return f"{job.folder}/{uuid4()}.journal"


batch = _batch(lambda _: {})
batch_with_progress = _batch(lambda _: {"on_progress": _shown})
batch_with_journal = _batch(lambda job: {"journal": _new_journal(job)})
batch_with_both = _batch(lambda job: {"journal": _new_journal(job), "on_progress": _shown})


@in_loop
@asynccontextmanager
async def get(job: Job) -> AsyncIterator[AsyncRun]:
    async with AsyncConversationClient(job.url) as client:
        method = client.get_messages if _is_messages(job) else client.get_conversation

        async def run(count: int) -> None:
            for _ in range(count):
                await method(CONVERSATION)

        yield run


@contextmanager
def blocking_calls(job: Job) -> Iterator[Run]:
    with ConversationClient(job.url) as client:

        def run(count: int) -> None:
            for asset in asset_ids(count):
                client.associate_asset(CONVERSATION, asset)

        yield run


@contextmanager
def blocking_get(job: Job) -> Iterator[Run]:
    with ConversationClient(job.url) as client:
        method = client.get_messages if _is_messages(job) else client.get_conversation
        yield repeated(lambda: method(CONVERSATION))


def _is_messages(job: Job) -> bool:
    return job.document == documents.MESSAGES


if __name__ == "__main__":
    main(
        {
            "calls": calls,
            "batch": batch,
            "batch_with_progress": batch_with_progress,
            "batch_with_journal": batch_with_journal,
            "batch_with_both": batch_with_both,
            "get": get,
            "blocking_calls": blocking_calls,
            "blocking_get": blocking_get,
        }
    )
