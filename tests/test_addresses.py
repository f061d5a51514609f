"""A host of several addresses, of which some take long to be refused, as `::1` does on Windows."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from raw_server import EMPTY, RawServer
from ways import associate

from conversation_client import AsyncConversationClient, ServerNotRunningError

REFUSED_AFTER = 2.0
"""Seconds."""
connect, look_up = asyncio.SelectorEventLoop.sock_connect, socket.getaddrinfo


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_ipv6(), reason="this system has no ::1")


class Attempts:
    """Has `localhost` be `::1` first, and counts how often each is tried."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.of_ipv4 = self.of_ipv6 = 0
        self.is_ipv6_slow = True
        patch.setattr(socket, "getaddrinfo", self._look_up)
        patch.setattr(asyncio.SelectorEventLoop, "sock_connect", self._as_method())

    def _look_up(self, host: Any, port: Any, *args: Any, **options: Any) -> list[Any]:
        if host != "localhost":
            return look_up(host, port, *args, **options)
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    def _as_method(self) -> Any:
        async def slowly(loop: Any, sock: socket.socket, address: Any) -> None:
            self.of_ipv4 += sock.family == socket.AF_INET
            self.of_ipv6 += sock.family == socket.AF_INET6
            if sock.family == socket.AF_INET6 and self.is_ipv6_slow:
                await asyncio.sleep(REFUSED_AFTER)
                raise ConnectionRefusedError
            await connect(loop, sock, address)

        return slowly


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Attempts]:
    with monkeypatch.context() as patch:
        yield Attempts(patch)


async def test_the_address_that_answers_is_found_soon_and_remembered(attempts: Attempts) -> None:
    with RawServer() as server:
        url = server.url.replace("127.0.0.1", "localhost")
        async with AsyncConversationClient(url) as client:
            began = time.monotonic()
            await client.associate_asset("c1", "a1")
            assert time.monotonic() - began < REFUSED_AFTER / 2
            assert attempts.of_ipv6 == 1
            await asyncio.gather(*(client.associate_asset("c1", f"a{n}") for n in range(20)))
            assert (await associate(client, 200)).succeeded == 200
            assert server.connections > 1
    # One that takes long, as on a busy machine, is tried over the other, too.
    assert attempts.of_ipv6 <= server.connections / 2


async def test_a_server_that_comes_back_at_the_other_address_is_found_and_remembered(
    attempts: Attempts,
) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(EMPTY)
        writer.close()

    with RawServer() as server:
        url = server.url.replace("127.0.0.1", "localhost")
        client = AsyncConversationClient(url)
        await client.associate_asset("c1", "a1")
    attempts.is_ipv6_slow = False
    port = int(url.rpartition(":")[2])
    async with await asyncio.start_server(converse, "::1", port), client:
        await client.associate_asset("c1", "a2")
        tried = attempts.of_ipv4
        await asyncio.gather(*(client.associate_asset("c1", f"a{n}") for n in range(10)))
        assert attempts.of_ipv4 == tried


async def test_nobody_at_any_address_is_told_once_all_have_refused(attempts: Attempts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with AsyncConversationClient(f"http://localhost:{port}", retry=None) as client:
        with pytest.raises(ServerNotRunningError, match="nobody answers there"):
            await client.associate_asset("c1", "a1")
    assert attempts.of_ipv6 >= 1
