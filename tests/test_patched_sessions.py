"""Whatever patches aiohttp's sessions sees each request from the next call on, until its end."""

from collections.abc import Callable
from functools import partial

import aiohttp
import pytest
from raw_server import RawServer
from ways import associate

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    Material,
)


class Recorder:
    """Replaces a method of aiohttp's sessions, as mocks, recorders and instrumentations do."""

    def __init__(self, patch: pytest.MonkeyPatch, name: str, wrap: Callable[..., object]) -> None:
        self.count = 0
        self._patch = patch
        self._name = name
        original = getattr(aiohttp.ClientSession, name)

        def counted(session: object, *args: object, **options: object) -> object:
            self.count += 1
            return original(session, *args, **options)

        self._wrapped = wrap(original, counted)

    def __enter__(self) -> "Recorder":
        self._patch.setattr(aiohttp.ClientSession, self._name, self._wrapped)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


class Proxy:
    """Shows everything of a function as its own, as the wrappers of the library `wrapt` do."""

    def __init__(self, wrapped: object, call: Callable[..., object]) -> None:
        self.wrapped = wrapped
        self.call = call

    def __getattr__(self, name: str) -> object:
        return getattr(self.wrapped, name)

    def __get__(self, owner: object, kind: type) -> object:
        return self if owner is None else partial(self.call, owner)


plainly = pytest.mark.parametrize(
    "wrap", [lambda _, call: call, Proxy], ids=["a function", "a proxy"]
)


@plainly
async def test_a_session_patched_while_connections_are_kept_sees_the_next_call(
    monkeypatch: pytest.MonkeyPatch, wrap: Callable[..., object]
) -> None:
    async def both(client: AsyncConversationClient) -> None:
        await client.associate_asset("c1", "a1")
        assert (await associate(client, 4, concurrency=2)).succeeded == 4

    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await both(client)
            with Recorder(monkeypatch, "_request", wrap) as recorder:
                await both(client)
                assert recorder.count == 5
            await both(client)
            assert recorder.count == 5
            with recorder:
                await both(client)
            assert recorder.count == 10


@plainly
def test_a_session_patched_under_a_blocking_client_sees_the_next_call(
    monkeypatch: pytest.MonkeyPatch, wrap: Callable[..., object]
) -> None:
    with RawServer() as server, ConversationClient(server.url) as client:
        client.associate_asset("c1", "a1")
        with Recorder(monkeypatch, "_request", wrap) as recorder:
            client.associate_asset("c1", "a1")
            assert client.associate_many("c1", Material.ASSET, ["a1", "a2"]).succeeded == 2
        client.associate_asset("c1", "a1")
        assert recorder.count == 3


@plainly
async def test_an_instrumentation_of_sessions_sees_that_of_the_client(
    monkeypatch: pytest.MonkeyPatch, wrap: Callable[..., object]
) -> None:
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            with Recorder(monkeypatch, "__init__", wrap) as recorder:
                await client.associate_asset("c1", "a1")
            assert recorder.count == 1


async def test_a_patched_session_and_kept_connections_are_no_more_than_the_client_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with RawServer() as server:
        async with AsyncConversationClient(server.url, max_connections=2) as client:
            await associate(client, 10)
            with Recorder(monkeypatch, "_request", lambda _, call: call):
                await associate(client, 10)
            await associate(client, 10)
    assert server.open_at_most == 2
