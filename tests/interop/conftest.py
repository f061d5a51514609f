"""The emulator, alone in a network with one released client at a time."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from namespaces import network_of_its_own

from conversation_client import ConversationClient
from conversation_client.testing import Emulator

from .environments import Environments, kept_environments

PORT = 39300
"""The first that current clients look at."""


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Environments:
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    return kept_environments(shared / "released-clients")


@pytest.fixture
def emulate() -> Iterator[Callable[..., Emulator]]:
    """Starts the emulator, with options of its own, in a network of its own."""
    with ExitStack() as stack:
        stack.enter_context(network_of_its_own())
        yield lambda **options: stack.enter_context(Emulator(**{"port": PORT} | options))


@pytest.fixture
def emulator(emulate: Callable[..., Emulator]) -> Emulator:
    return emulate()


@pytest.fixture
def client(emulator: Emulator) -> Iterator[ConversationClient]:
    with ConversationClient(emulator.url) as made:
        yield made
