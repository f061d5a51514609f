"""Views, copies and pickles of clients: what they share, and how long it lives."""

import asyncio
import copy
import gc
import multiprocessing
import os
import pickle
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import aiohttp
import pytest
from waiting import LONG

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConversationClient,
    InvalidArgumentError,
    Material,
    RetryPolicy,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

OPTIONS: dict[str, Any] = {
    "timeout": 7.5,
    "retry": RetryPolicy(attempts=2),
    "max_connections": 3,
}


def pickled(client: Any, *, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(client, protocol))


PICKLED: list[Callable[[Any], Any]] = [
    partial(pickled, protocol=protocol) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
]
ANEW = [copy.deepcopy, *PICKLED]
"""Ways to another client of the same configuration."""


class Named(ConversationClient):
    """A subclass with something of its own."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self.names = ["mine"]


class AsyncNamed(AsyncConversationClient):
    """The same."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self.names = ["mine"]


def name(client: ConversationClient) -> str | None:
    return client.get_conversation(STARTING_CONVERSATION).name


async def async_name(client: AsyncConversationClient) -> str | None:
    return (await client.get_conversation(STARTING_CONVERSATION)).name


def name_by_an_async_client(client: AsyncConversationClient) -> str | None:
    async def ask() -> str | None:
        async with client:
            return await async_name(client)

    return asyncio.run(ask())


# Views


def test_views_of_views_do_not_keep_each_other(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        view = client.with_options(timeout=1)
        gone = weakref.ref(view)
        view = view.with_options(timeout=2)
        gc.collect()
        assert gone() is None
        assert name(view)
        tracemalloc = pytest.importorskip("tracemalloc")
        tracemalloc.start()
        try:
            for turn in range(2000):
                view = view.with_options(timeout=3)
                if turn == 100:
                    before, _ = tracemalloc.get_traced_memory()
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert grown < 100_000
        assert name(view)


def test_a_view_keeps_the_loop_of_a_client_that_nobody_has_any_more(server: Emulator) -> None:
    view = ConversationClient(server.url).with_options(timeout=5).with_options(retry=None)
    gc.collect()
    assert name(view)
    view.close()
    assert name(view)


# Copies


@pytest.mark.parametrize("in_thread", [False, True])
def test_a_copy_outlives_its_original(server: Emulator, in_thread: bool) -> None:
    client = ConversationClient(server.url)
    assert name(client)
    if in_thread:

        async def notebook(client: ConversationClient) -> None:
            name(client)

        asyncio.run(notebook(client))
    twin = copy.copy(client)
    del client
    gc.collect()
    assert name(twin)
    del twin
    gc.collect()
    assert "conversation-client" not in {thread.name for thread in threading.enumerate()}


def test_closing_a_copy_closes_both(server: Emulator) -> None:
    client = ConversationClient(server.url)
    twin = copy.copy(client)
    assert name(twin) == name(client)
    twin.close()
    for closed in (client, twin):
        with pytest.raises(ClientClosedError):
            name(closed)
    client.close()


async def test_a_copy_of_an_async_client_is_on_the_same_session(server: Emulator) -> None:
    client = AsyncConversationClient(server.url)
    twin = copy.copy(client)
    assert await async_name(twin) == await async_name(client)
    await twin.aclose()
    with pytest.raises(ClientClosedError):
        await async_name(client)


@pytest.mark.parametrize("anew", ANEW)
def test_another_client_of_the_same_configuration_has_its_own_life(
    server: Emulator, anew: Callable[[Any], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    client = Named(server.url, **OPTIONS)
    assert name(client)
    twin = anew(client)
    assert type(twin) is Named
    assert twin.names == ["mine"]
    assert twin.names is not client.names
    client.close()
    with twin:
        assert name(twin)
    del client, twin
    gc.collect()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("anew", ANEW)
async def test_another_async_client_has_the_same_options(
    server: Emulator, anew: Callable[[Any], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    client = AsyncNamed(server.url + "/prefix/..", **OPTIONS)
    view = client.with_options(timeout=2.5)
    with pytest.raises(Exception, match="404"):
        await async_name(client)
    for original, timeout in ((client, 7.5), (view, 2.5)):
        async with anew(original) as twin:
            assert type(twin) is AsyncNamed
            assert twin.names == ["mine"]
            assert repr(twin) == repr(client)
            with pytest.raises(Exception, match="404"):
                await async_name(twin)
            server.delay_next(60.0)
            with pytest.raises(TimeoutError, match=f"after {0.2} s"):
                await async_name(twin.with_options(timeout=0.2))
            assert twin._options.timeout == timeout
            assert twin._options.retry == OPTIONS["retry"]
            assert twin._transport.session.max_connections == 3
        with pytest.raises(ClientClosedError):  # it is no view
            await async_name(twin)
    await client.aclose()
    assert capsys.readouterr() == ("", "")


def test_a_client_that_refers_to_itself_is_copied_deeply() -> None:
    client: Any = Named("http://127.0.0.1:9")
    client.names.append(client)
    twin = copy.deepcopy(client)
    assert twin.names[1] is twin


async def test_a_deep_copy_keeps_headers_and_uses_the_same_session(server: Emulator) -> None:
    async with aiohttp.ClientSession(headers={"X-Lender": "me"}) as session:
        client = AsyncConversationClient(server.url, session=session, headers={"X-Name": "mine"})
        twin = copy.deepcopy(client)
        await client.aclose()
        assert await async_name(twin)
    headers = server.requests[-1].headers
    assert (headers["X-Lender"], headers["X-Name"]) == ("me", "mine")


def test_a_deep_copy_of_a_blocking_client_with_a_session_is_on_its_loop(server: Emulator) -> None:
    async def ids() -> Any:
        made.append(aiohttp.ClientSession())
        yield "a"

    made: list[aiohttp.ClientSession] = []
    with ConversationClient(server.url) as maker:
        maker.associate_many(STARTING_CONVERSATION, Material.ASSET, ids())
        client = ConversationClient(server.url, session=made[0])
        twin = copy.deepcopy(client)
        client.close()
        with pytest.raises(ClientClosedError):
            name(twin)

        async def closing() -> Any:
            await made[0].close()
            yield "b"

        maker.associate_many(STARTING_CONVERSATION, Material.ASSET, closing())


# Pickles


async def test_secrets_and_sessions_are_not_pickled() -> None:
    async with aiohttp.ClientSession() as session:
        for kind in (AsyncConversationClient, ConversationClient):
            for client in (
                kind("http://127.0.0.1:9", headers={"X-Key": "secret"}),
                kind("http://me:secret@127.0.0.1:9"),
                kind("http://127.0.0.1:9", session=session),
                kind("http://127.0.0.1:9").with_options(headers={"X-Key": "secret"}),
            ):
                for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                    with pytest.raises(InvalidArgumentError, match="where it is used") as caught:
                        pickle.dumps(client, protocol)
                    assert "secret" not in str(caught.value)
                assert repr(copy.deepcopy(client)) == repr(client)


def test_a_pickle_holds_the_configuration_alone(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        assert name(client)
        assert len(pickle.dumps(client)) < 1000


def test_clients_are_arguments_of_a_pool_of_processes(server: Emulator) -> None:
    with (
        ConversationClient(server.url) as client,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool,
    ):
        expected = name(client)
        assert pool.submit(name, client).result(LONG) == expected
        async_client = AsyncConversationClient(server.url)
        assert pool.submit(name_by_an_async_client, async_client).result(LONG) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="takes fork")
@pytest.mark.parametrize("anew", [*ANEW, copy.copy])
def test_a_copy_is_of_use_in_a_forked_child(server: Emulator, anew: Callable[[Any], Any]) -> None:
    runner = asyncio.Runner()
    original = AsyncConversationClient(server.url)
    client = anew(original)
    blocking = anew(ConversationClient(server.url))
    runner.run(async_name(client))
    assert name(blocking)
    child = os.fork()
    if not child:
        code = 1
        try:
            is_right = asyncio.run(async_name(client)) == name(blocking)
            code = 0 if is_right else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert runner.run(async_name(client)) == name(blocking)
    runner.run(client.aclose())
    runner.close()
    blocking.close()


# The end


@pytest.mark.parametrize("used", [False, True])
async def test_a_closed_client_is_not_entered_again(server: Emulator, used: bool) -> None:
    client = AsyncConversationClient(server.url)
    async with client:
        if used:
            await async_name(client)
    for closed in (client, client.with_options(timeout=1), copy.copy(client)):
        with pytest.raises(ClientClosedError, match="make a new one"):
            await closed.__aenter__()
    blocking = ConversationClient(server.url)
    with blocking:
        if used:
            assert await asyncio.to_thread(name, blocking)
    for again in (blocking, blocking.with_options(timeout=1), copy.copy(blocking)):
        with pytest.raises(ClientClosedError, match="make a new one"):
            again.__enter__()
    async with copy.deepcopy(client) as twin:
        assert await async_name(twin)


async def test_a_client_whose_session_is_closed_is_not_entered() -> None:
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(ClientClosedError):
        await AsyncConversationClient("http://127.0.0.1:9", session=session).__aenter__()
