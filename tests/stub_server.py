"""A server that has one answer and is in nobody's way."""

from collections.abc import Iterator
from contextlib import contextmanager

from children import started

STUB = """
import asyncio

class Stub(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n" * data.count(b"\\r\\n\\r\\n"))

async def serve():
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
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
