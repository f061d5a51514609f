"""A server that has one answer and is in nobody's way."""

from collections.abc import Iterator
from contextlib import contextmanager

from children import started

ONLY_SOME = {"X-Only-Some": "1"}
"""Headers of requests of which a connection gets only so many answered."""
SOME = 100
STUB = f"""
import asyncio

class Stub(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.answered = 0

    def data_received(self, data):
        if b"X-Only-Some" in data and self.answered >= {SOME}:
            return
        requests = data.count(b"\\r\\n\\r\\n")
        self.answered += requests
        self.transport.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n" * requests)

async def serve():
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    print("http://127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(serve())
"""


@contextmanager
def stub() -> Iterator[str]:
    """A server process that answers as fast as it can."""
    with started(STUB) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()
