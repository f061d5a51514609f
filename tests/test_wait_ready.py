"""Waiting until a server says that it is well."""

import asyncio
import socket

import pytest
from machines import (
    HEALTH,
    NOT_YET,
    STARTING,
    STRANGERS,
    WELL,
    asked,
    nobody,
)
from raw_server import RawServer
from waiting import LONG, until

from conversation_client import (
    AsyncConversationClient,
    ClientClosedError,
    ConversationClient,
    DeadlineExceededError,
    InvalidArgumentError,
)
from conversation_client.testing import Emulator

pytestmark = pytest.mark.usefixtures("unnamed")


async def test_a_client_waits_until_the_server_is_well() -> None:
    answers = iter([STARTING, NOT_YET, STRANGERS["404"], STARTING])
    with RawServer(lambda _: next(answers, WELL)) as server:
        async with AsyncConversationClient(server.url) as client:
            await client.wait_ready()
        assert asked(server) == [("GET", HEALTH)] * 5


async def test_a_client_waits_for_a_server_that_is_yet_to_be_started() -> None:
    with nobody() as port:
        client = AsyncConversationClient(f"http://127.0.0.1:{port}")
        waiting = asyncio.create_task(client.wait_ready())
        await asyncio.sleep(0.1)
        assert not waiting.done()
    with Emulator(port=port):
        await asyncio.wait_for(waiting, LONG)
    await client.aclose()


@pytest.mark.parametrize("answer", [STARTING, NOT_YET, STRANGERS["a page"]])
async def test_a_server_that_does_not_get_well_in_time_is_told_with_what_it_said(
    answer: bytes,
) -> None:
    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url) as client:
            with pytest.raises(DeadlineExceededError, match=r"not ready after 0\.2 s") as caught:
                await client.wait_ready(0.2)
        assert caught.value.attempts > 0
        # The server may have yet to read what was sent.
        await until(lambda: len(server.requests) == caught.value.attempts)
        assert caught.value.effect == "none"


async def test_the_client_s_timeout_bounds_each_question_of_a_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with AsyncConversationClient(url, timeout=0.05) as client:
            with pytest.raises(DeadlineExceededError) as caught:
                await client.wait_ready(2)
        assert caught.value.attempts > 1


def test_the_blocking_client_waits_as_well() -> None:
    with (
        nobody() as port,
        ConversationClient(f"http://127.0.0.1:{port}") as client,
        pytest.raises(DeadlineExceededError, match="nobody answers"),
    ):
        client.wait_ready(timeout=0.1)
    with pytest.raises(ClientClosedError):
        client.wait_ready()


@pytest.mark.parametrize("seconds", [0, -1, "1", True])
async def test_a_time_to_wait_that_is_none_is_refused(seconds: object) -> None:
    async with AsyncConversationClient("http://127.0.0.1:9") as client:
        with pytest.raises(InvalidArgumentError, match="timeout"):
            await client.wait_ready(seconds)  # type: ignore[arg-type]
