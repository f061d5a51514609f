"""What Python can do at best: a protocol that knows nothing but these requests and replies."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from benchmarks.peers.sample import AsyncRun, Job, asset_ids, asset_url, in_loop, main

SMALL_READ = 64 * 1024
"""asyncio reads 256 KiB at a time, which the C library maps and unmaps for every read."""


@in_loop
@asynccontextmanager
async def calls(job: Job) -> AsyncIterator[AsyncRun]:
    loop = asyncio.get_running_loop()
    host, _, port = urlsplit(job.url).netloc.partition(":")
    connections = [
        (await loop.create_connection(lambda: Connection(job), host, int(port)))[1]
        for _ in range(job.concurrency)
    ]

    async def run(count: int) -> None:
        assets = asset_ids(count)
        await asyncio.gather(*(connection.send_all(assets) for connection in connections))

    yield run
    for connection in connections:
        connection.transport.close()


class Connection(asyncio.Protocol):
    """Sends the next request from the callback that brings the last one's reply."""

    def __init__(self, job: Job) -> None:
        parts = urlsplit(asset_url(job, ""))
        self._before = f"POST {parts.path}".encode()
        self._after = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 0\r\n\r\n".encode()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        if hasattr(transport, "max_size"):
            transport.max_size = SMALL_READ
        self._received = b""

    def send_all(self, assets: Iterator[str]) -> asyncio.Future[None]:
        self._assets = assets
        self._done = asyncio.get_running_loop().create_future()
        self._send_next()
        return self._done

    def _send_next(self) -> None:
        asset = next(self._assets, None)
        if asset is None:
            self._done.set_result(None)
        else:
            self.transport.write(self._before + asset.encode() + self._after)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        if not received.endswith(b"\r\n\r\n"):
            self._received = received
            return
        self._received = b""
        if received.startswith(b"HTTP/1.1 204 "):
            self._send_next()
        else:
            self._done.set_exception(AssertionError(received))

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionError("closed by the server"))


if __name__ == "__main__":
    main({"calls": calls})
