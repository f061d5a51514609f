"""pytest fixtures: a server to test against, and a client of it.

pytest imports this module whenever the package is installed, so whatever a fixture needs is imported
when it is first asked for.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conversation_client import AsyncConversationClient, ConversationClient
    from conversation_client.testing import Emulator


@pytest.fixture
def conversation_server() -> Iterator[Emulator]:
    """Serve an emulator for one test, in a thread of its own; its `url` says where."""
    from conversation_client.testing import Emulator  # noqa: PLC0415

    with Emulator() as server:
        yield server


@pytest.fixture
def conversation_client(
    request: pytest.FixtureRequest, conversation_server: Emulator
) -> Iterator[AsyncConversationClient | ConversationClient]:
    """Make a client of `conversation_server`: async for an async test, blocking for any other."""
    from conversation_client import AsyncConversationClient, ConversationClient  # noqa: PLC0415

    if inspect.iscoroutinefunction(request.function):
        async_client = AsyncConversationClient(conversation_server.url)
        _close_after_test(request.node, async_client)
        yield async_client
    else:
        with ConversationClient(conversation_server.url) as client:
            yield client


def _close_after_test(test: pytest.Function, client: AsyncConversationClient) -> None:
    """Close the client within the test's loop, which has gone when fixtures are torn down."""
    function = test.obj

    @functools.wraps(function)
    async def closing(*args: object, **kwargs: object) -> None:
        async with client:
            await function(*args, **kwargs)

    test.obj = closing
