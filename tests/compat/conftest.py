"""Fixtures of the tests of what stands for the official SDK."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from conversation_client import compat
from conversation_client.testing import Emulator

ApiOf = Callable[..., compat.ConversationApi]


@pytest.fixture
def api_of() -> Iterator[ApiOf]:
    """Make one for a server and settings, by default without retries."""
    with ExitStack() as stack:

        def make(url: str, **settings: Any) -> compat.ConversationApi:
            configuration = compat.Configuration(host=url, **{"retries": 0} | settings)
            client = stack.enter_context(compat.ApiClient(configuration))
            return compat.ConversationApi(client)

        yield make


@pytest.fixture
def api(server: Emulator, api_of: ApiOf) -> compat.ConversationApi:
    return api_of(server.url, retries=None)


@pytest.fixture
def unused_url() -> Iterator[str]:
    """Where nobody listens: the port is taken, and refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
