"""A process that has no file descriptors left: what is said, and what a batch makes of it."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from children import without_coverage
from needs import needs_resource
from raw_server import RawServer
from stub_server import stub

from conversation_client.testing import STARTING_CONVERSATION, Emulator

pytestmark = needs_resource

BEGINNING = f"""
import asyncio, os, resource, sys, threading
from conversation_client import (
    AsyncConversationClient, ConversationClient, ConversationClientError, Material
)
URL, C = sys.argv[1], {STARTING_CONVERSATION!r}
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []

def take_all():
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass

def give_back():
    while held:
        os.close(held.pop())

def tell(call, *arguments):
    try:
        print(call(*arguments))
    except ConversationClientError as error:
        print(type(error).__name__, error.effect, error)

def ids(count):
    return (f"a{{number}}" for number in range(count))
"""
NO_DESCRIPTOR = "no file descriptor left in this process: allow more (ulimit -n)"
MANY = "concurrency=1000, give_up_after=60"
LIMIT = 100
"""Seconds after which a program fails rather than waits."""


def run(program: str, url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + program, url],
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
        env=without_coverage(),
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Emulator() as server:
        yield server.url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_call_says_what_is_lacking_and_nothing_of_the_server(url: str, host: str) -> None:
    said = run(
        """
async def main():
    async with AsyncConversationClient(URL, retry=None) as client:
        take_all()
        await client.associate_asset(C, "a1")
tell(asyncio.run, main())
""",
        url.replace("127.0.0.1", host),
    )
    assert said.startswith("TransportError none ")
    assert NO_DESCRIPTOR in said
    assert "nobody answers" not in said
    assert "no such host" not in said


@pytest.mark.parametrize("call", ["get_conversation", "get_messages", "summarize_conversation"])
def test_a_first_document_that_cannot_be_read_for_it_says_so_and_can_be_later(
    url: str, call: str
) -> None:
    said = run(
        f"""
with ConversationClient(URL, retry=None) as client:
    client.associate_asset(C, "a1")
    take_all()
    tell(client.{call}, C)
    give_back()
    print(type(client.{call}(C)).__name__)
""",
        url,
    )
    first, then = said.splitlines()
    assert NO_DESCRIPTOR in first or first.startswith("Conversation")  # where nothing is imported
    assert then.startswith("Conversation")


def test_a_batch_goes_on_with_as_many_connections_as_there_are_descriptors() -> None:
    with stub() as server:
        said = run(
            f"""
with ConversationClient(URL, max_connections=1000) as client:
    print(repr(client.associate_many(C, Material.ASSET, ids(20_000), {MANY})))
""",
            server,
        )
    assert "succeeded=20000, failed=0, skipped=0, not_started=0, ended_by=None" in said


SLOW = """
import asyncio

class Slow(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        answer = b"HTTP/1.1 204 No Content\\r\\n\\r\\n"
        asyncio.get_running_loop().call_later(0.01, self.transport.write, answer)

async def serve():
    server = await asyncio.get_running_loop().create_server(Slow, "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()

asyncio.run(serve())
"""


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    """A server that does many at a time, so that a batch opens up as far as it may."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.kill()


@pytest.mark.heavy
@pytest.mark.slow
@pytest.mark.parametrize(("host", "count"), [("127.0.0.1", 20_000), ("localhost", 2_000)])
def test_a_batch_that_opens_up_beyond_the_descriptors_does_all(
    slow: str, host: str, count: int
) -> None:
    said = run(
        f"""
with ConversationClient(URL, max_connections=1000) as client:
    print(repr(client.associate_many(C, Material.ASSET, ids({count}), {MANY})))
    client.associate_asset(C, "a1")
""",
        slow.replace("127.0.0.1", host),
    )
    assert f"succeeded={count}, failed=0, skipped=0, not_started=0, ended_by=None" in said


def test_a_batch_that_begins_without_any_waits_for_some(url: str) -> None:
    said = run(
        f"""
client = ConversationClient(URL, max_connections=1000)
client.associate_many(C, Material.ASSET, [])
take_all()
threading.Timer(0.5, give_back).start()
print(repr(client.associate_many(C, Material.ASSET, ids(2_000), {MANY})))
""",
        url,
    )
    assert "succeeded=2000, failed=0, skipped=0, not_started=0, ended_by=None" in said


def test_a_batch_that_gets_none_ends_and_says_why() -> None:
    with RawServer() as server:
        said = run(
            """
client = ConversationClient(URL)
client.associate_many(C, Material.ASSET, [])
take_all()
print(repr(client.associate_many(C, Material.ASSET, ["a1", "a2"], give_up_after=0.3)))
""",
            server.url,
        )
    assert "succeeded=0, failed=0, skipped=0, not_started=2" in said
    assert NO_DESCRIPTOR in said
    assert server.requests == []
