"""Fixtures that several test files share."""

from collections.abc import AsyncIterator, Iterator

import pytest

from conversation_client import AsyncConversationClient, ConversationClient
from conversation_client.testing import Emulator


@pytest.fixture
def server() -> Iterator[Emulator]:
    """A fresh emulator, in a thread of its own: blocking and async tests use it alike."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def client(server: Emulator) -> AsyncIterator[AsyncConversationClient]:
    async with AsyncConversationClient(server.url) as made:
        yield made


@pytest.fixture
def blocking_client(server: Emulator) -> Iterator[ConversationClient]:
    with ConversationClient(server.url) as made:
        yield made
