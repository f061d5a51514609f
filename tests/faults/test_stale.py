"""A server that closes after each reply although it promised to keep the connection.

`CONVERSATION_CLIENT_STALE_CALLS=100000 pytest tests/faults/test_stale.py` makes that many calls.
"""

import asyncio
import os
import socket
import threading
from collections import Counter
from typing import Self

import pytest

from conversation_client import AsyncConversationClient, ConversationClient, Material

pytestmark = pytest.mark.heavy

EACH = int(os.environ.get("CONVERSATION_CLIENT_STALE_CALLS", "4000")) // 8
"""Calls of each of two operations in each of four tests."""
REPLY = b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n"


class ClosingServer:
    """Serves one connection at a time and one request on each."""

    def __init__(self) -> None:
        self.paths: Counter[bytes] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="closing-server")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                head = connection.recv(4096)
                if not head:
                    continue  # a connection that its client did without
                assert head.endswith(b"\r\n\r\n")
                self.paths[head.split(b" ")[1].rsplit(b"/", 2)[1]] += 1
                # In one packet, so that there is no moment at which the end is not to be seen.
                connection.send(REPLY, socket.MSG_MORE)
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(4096) == b"", "a request on a connection that is closed"


def expected(calls: int) -> dict[bytes, int]:
    return {b"associate": calls, b"scores": calls}


@pytest.mark.parametrize("rounds", [0, 3], ids=["unseen", "seen"])
async def test_no_call_of_an_async_client_fails(rounds: int) -> None:
    """Whether or not the loop has a chance to see the end of the connection between two calls."""
    with ClosingServer() as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            for number in range(EACH):
                await client.associate_asset("c1", f"a{number}")
                for _ in range(rounds):
                    await asyncio.sleep(0)
                await client.increment_scores("c1")
        assert server.paths == expected(EACH)


async def test_no_item_of_a_batch_fails() -> None:
    with ClosingServer() as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            ids = (f"a{number}" for number in range(2 * EACH))
            report = await client.associate_many("c1", Material.ASSET, ids, concurrency=1)
        assert (report.succeeded, report.failed) == (2 * EACH, 0)
        assert server.paths == {b"associate": 2 * EACH}


def call_blocking(client: ConversationClient) -> None:
    for number in range(EACH):
        client.associate_asset("c1", f"a{number}")
        client.increment_scores("c1")


def test_no_call_of_a_blocking_client_fails() -> None:
    with ClosingServer() as server, ConversationClient(server.url, retry=None) as client:
        call_blocking(client)
        assert server.paths == expected(EACH)


async def test_no_call_of_a_blocking_client_beside_a_running_loop_fails() -> None:
    with ClosingServer() as server, ConversationClient(server.url, retry=None) as client:
        call_blocking(client)
        assert server.paths == expected(EACH)
