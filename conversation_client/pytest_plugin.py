"""pytest fixtures: a server to test against, and a client of it.

pytest imports this module whenever the package is installed, so whatever a fixture needs is imported
when it is first asked for.
"""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from conversation_client import AsyncConversationClient, ConversationClient
    from conversation_client.testing import Emulator

CLIENT = "conversation_client"


@pytest.fixture
def conversation_server() -> Iterator[Emulator]:
    """Serve an emulator for one test, in a thread of its own; its `url` says where."""
    from conversation_client.testing import Emulator  # noqa: PLC0415

    with Emulator() as server:
        yield server


@pytest.fixture(scope="session")
def conversation_server_factory() -> Iterator[Callable[..., Emulator]]:
    """Make emulators that serve until the session ends; called with the options of `Emulator`."""
    from conversation_client.testing import Emulator  # noqa: PLC0415

    with contextlib.ExitStack() as running:

        def serve(**options: Any) -> Emulator:
            return running.enter_context(Emulator(**options))

        yield serve


@pytest.fixture
def conversation_client(
    request: pytest.FixtureRequest, conversation_server: Emulator
) -> Iterator[AsyncConversationClient | ConversationClient]:
    """Make a client of `conversation_server`, as whoever asks for it needs it.

    It is async for an async test, also one of hypothesis, and for an async fixture of any test;
    otherwise it is blocking. It is closed after all that has used it.
    """
    from conversation_client import AsyncConversationClient, ConversationClient  # noqa: PLC0415

    if not _is_for_coroutines(request):
        with ConversationClient(conversation_server.url) as client:
            yield client
        return
    for loop in _loops(request):
        request.getfixturevalue(loop)
    async_client = AsyncConversationClient(conversation_server.url)
    yield async_client
    _close(async_client)


def _is_for_coroutines(request: pytest.FixtureRequest) -> bool:
    """Tell whether coroutines are to use the client.

    Raises:
        pytest.fail.Exception: They are, and the test itself, which is none, is to use it, too.
    """
    if _is_async(request.function):
        return True
    information = request.node._fixtureinfo
    fixtures = (named[-1] for named in information.name2fixturedefs.values() if named)
    users = [fixture for fixture in fixtures if CLIENT in fixture.argnames]
    in_coroutines = [fixture.argname for fixture in users if _is_async(fixture.func)]
    if in_coroutines and CLIENT in information.argnames:
        pytest.fail(
            f"{CLIENT} is one client, and both {in_coroutines[0]}, an async fixture, and the test,"
            " which is not async, ask for it: make AsyncConversationClient(conversation_server.url)"
            " in the fixture",
            pytrace=False,
        )
    return bool(in_coroutines)


def _is_async(function: object) -> bool:
    """Tell whether it is a coroutine function, or what a plugin has made of one to call it."""
    while function is not None:
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            return True
        of_hypothesis = getattr(getattr(function, "hypothesis", None), "inner_test", None)
        of_anyio = getattr(function, "_anyio_original_func", None)
        function = of_hypothesis or of_anyio or getattr(function, "__wrapped__", None)
    return False


def _loops(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the fixture that has a plugin's event loop outlive the client, if there is one."""
    if "anyio_backend" in request.fixturenames:
        yield "_conversation_loop_of_anyio"
    elif request.config.pluginmanager.has_plugin("asyncio"):
        yield "_conversation_loop_of_asyncio"


@pytest.fixture
async def _conversation_loop_of_anyio(anyio_backend: object) -> AsyncIterator[None]:
    yield  # noqa: PT022  # the loop lives as long as what waits here


def pytest_configure(config: pytest.Config) -> None:
    """Add the fixture that pytest-asyncio has to know as its own, in whatever mode it is."""
    if config.pluginmanager.has_plugin("asyncio"):
        import pytest_asyncio  # noqa: PLC0415

        class OfAsyncio:
            @pytest_asyncio.fixture(loop_scope="function")
            async def _conversation_loop_of_asyncio(self) -> AsyncIterator[None]:
                yield

        config.pluginmanager.register(OfAsyncio(), f"{__name__}.asyncio")


def _close(client: AsyncConversationClient) -> None:
    """Close a client on the event loop that it was used on."""
    session = client._transport.session  # pyright: ignore[reportPrivateUsage]  # our own class
    loop = session._loop  # pyright: ignore[reportPrivateUsage]  # our own class
    if loop is not None and not loop.is_closed():
        loop.run_until_complete(client.aclose())
    session.warns = False
