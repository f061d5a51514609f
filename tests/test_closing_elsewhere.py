"""Closing an async client from another event loop than the one that its connections are of."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from loops import Factory, every_loop
from raw_server import RawServer
from waiting import LONG, wait_until

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConversationChange,
    ConversationClientError,
    _interpreter,
)
from conversation_client.testing import Emulator


@contextmanager
def running(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let a loop run in a thread of its own."""
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@every_loop
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of the loop that was closed first
def test_closing_on_another_loop_closes_what_a_closed_loop_has_left(factory: Factory) -> None:
    with RawServer() as server:
        client = AsyncConversationClient(server.url)
        own = factory()
        own.run_until_complete(client.associate_asset("c", "a"))
        own.close()
        asyncio.run(client.aclose())
        wait_until(lambda: not server.open_now)
        asyncio.run(client.aclose())
        del client, own
        gc.collect()


@every_loop
def test_closing_on_another_loop_closes_what_an_idle_loop_has(factory: Factory) -> None:
    with RawServer() as server, closing(factory()) as own:
        client = AsyncConversationClient(server.url)
        own.run_until_complete(client.associate_asset("c", "a"))
        asyncio.run(client.aclose())
        if factory is asyncio.new_event_loop:  # uvloop lets nobody else close what it has
            wait_until(lambda: not server.open_now)
        with pytest.raises(ClientClosedError):
            own.run_until_complete(client.associate_asset("c", "a"))
        wait_until(lambda: not server.open_now)

        async def use_descriptors_again() -> None:
            async with AsyncConversationClient(server.url) as another:
                await asyncio.gather(*(another.associate_asset("c", "a") for _ in range(5)))

        own.run_until_complete(use_descriptors_again())


@every_loop
def test_closing_on_another_loop_than_one_that_runs_ends_calls_and_watchers_there(
    factory: Factory, server: Emulator
) -> None:
    server.delay_next(LONG, operation="conversation_associate_asset")
    client = AsyncConversationClient(server.url)
    changes: list[ConversationChange] = []

    async def watch() -> None:
        changes.extend([change async for change in client.conversations.watch()])

    async def call() -> None:
        await client.associate_asset("c", "a")

    with closing(factory()) as own:
        with running(own):
            calls = [asyncio.run_coroutine_threadsafe(each(), own) for each in (watch, call)]
            wait_until(lambda: sum(server.counts.values()) == 2)
            asyncio.run(client.aclose())
            assert calls[0].exception(LONG) is None
            assert isinstance(calls[1].exception(LONG), ClientClosedError)
        with pytest.raises(ClientClosedError):
            own.run_until_complete(call())


def test_closing_on_another_loop_than_one_that_is_busy_tells_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_interpreter, "PATIENCE", 0.05)
    has_begun, may_go_on = threading.Event(), threading.Event()

    async def be_busy() -> None:
        has_begun.set()
        may_go_on.wait(LONG)

    with RawServer() as server, closing(asyncio.new_event_loop()) as own, running(own):
        client = AsyncConversationClient(server.url)
        asyncio.run_coroutine_threadsafe(client.associate_asset("c", "a"), own).result(LONG)
        busy = asyncio.run_coroutine_threadsafe(be_busy(), own)
        has_begun.wait(LONG)
        with pytest.raises(ConversationClientError, match="which has had no time for it"):
            asyncio.run(client.aclose())
        may_go_on.set()
        busy.result(LONG)
        wait_until(lambda: not server.open_now)


async def test_a_client_that_has_opened_nothing_closes_anywhere() -> None:
    client = AsyncConversationClient("http://127.0.0.1:9")
    with pytest.raises(StopIteration):
        client.aclose().send(None)  # as any other kind of loop would begin it
