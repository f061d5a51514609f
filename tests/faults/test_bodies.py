"""Replies of a gigabyte, and documents that are none."""

import json
import os
import zlib
from collections.abc import Callable, Iterator

import pytest
from children import completed

from conversation_client import DecodeError

from .catalogue import JSON, answers, body, payload
from .cells import AsyncSide, BlockingSide
from .chaos import ChaosServer, Peer, Request, Script, reply
from .matrix import PARSERS

pytestmark = pytest.mark.heavy

MIB = 1024 * 1024
GIB = 1024 * MIB

CHILD = """
import asyncio, json, re, sys
from pathlib import Path
from conversation_client import AsyncConversationClient, ConversationClientError

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

async def main(url, method, *ids):
    async with AsyncConversationClient(url) as client:
        await client.get_messages("probe")
        before = peak()
        try:
            await getattr(client, method)(*ids)
        except ConversationClientError as error:
            print(json.dumps([type(error).__name__, error.effect, error.attempts, peak() - before]))

asyncio.run(main(*sys.argv[1:]))
"""


def zeros(size: int) -> Iterator[bytes]:
    yield from (bytes(MIB) for _ in range(size // MIB))


def gzipped(size: int) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    yield from map(packer.compress, zeros(size))
    yield packer.flush()


def in_chunks(stream: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in stream:
        if chunk:
            yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


def streams(head: bytes, make: Callable[[], Iterator[bytes]]) -> Script:
    async def script(peer: Peer) -> None:
        request = await peer.request()
        if request.is_probe:
            await peer.send(reply(200, json.dumps({"iterable": []}).encode(), JSON))
            request = await peer.request()
        await peer.send(head)
        for chunk in make():
            await peer.send(chunk)

    return script


def head(*headers: str) -> bytes:
    return reply(200, b"", JSON, *headers, length=False)


CHUNKED = "Transfer-Encoding: chunked"
GZIP = "Content-Encoding: gzip"
LARGE: dict[str, Script] = {
    "a gigabyte, announced": streams(head(f"Content-Length: {GIB}"), lambda: zeros(GIB)),
    "a gigabyte until closed": streams(head(), lambda: zeros(GIB)),
    "a gigabyte in chunks": streams(head(CHUNKED), lambda: in_chunks(zeros(GIB))),
    "512 MiB of gzip": streams(head(GZIP), lambda: gzipped(512 * MIB)),
    "512 MiB of gzip in chunks": streams(
        head(GZIP, CHUNKED), lambda: in_chunks(gzipped(512 * MIB))
    ),
}


@pytest.mark.parametrize("without_extensions", [False, True], ids=PARSERS)
@pytest.mark.parametrize(
    ("call", "limit"), [("get_conversation c1", 64 * MIB), ("associate_asset c1 a1", 4 * MIB)]
)
@pytest.mark.parametrize("large", LARGE)
def test_body_beyond_the_limit_is_not_held(
    chaos: ChaosServer, *, large: str, call: str, limit: int, without_extensions: bool
) -> None:
    """Reading of a reply that promises nothing ends at 64 KiB; what else goes on needs memory too."""
    with chaos.site(LARGE[large]) as site:
        variables = {"AIOHTTP_NO_EXTENSIONS": "1"} if without_extensions else {}
        child = completed(CHILD, site.url, *call.split(), environment=os.environ | variables)
        assert child.returncode == 0, child.stderr
        kind, effect, attempts, grown = json.loads(child.stdout)
        assert (kind, effect, attempts) == ("BodyTooLargeError", "unknown", 1)
        assert grown < 2 * limit
        assert len(site.requests) == 1


def shaped(make: Callable[[bytes], bytes]) -> Callable[[Request], bytes]:
    return lambda request: reply(200, make(payload(request)), JSON)


NO_DOCUMENTS = {
    "100,000 objects deep": body(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "100,000 lists deep": body(b"[" * 100_000 + b"]" * 100_000),
    "100,000 deep within an unknown field": shaped(
        lambda document: document[:-1] + b',"novel":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    ),
    "bad UTF-8": shaped(lambda document: document.replace(b'"id": "', b'"id": "\xff')),
    "NaN": shaped(lambda document: document[:-1] + b',"novel":NaN}'),
    "nothing": body(b""),
    "null": body(b"null"),
    "a list": shaped(lambda document: b"[%b]" % document),
}


@pytest.mark.parametrize("kind", [AsyncSide, BlockingSide])
@pytest.mark.parametrize("what", NO_DOCUMENTS)
async def test_what_is_no_document_is_said_so(
    chaos: ChaosServer, what: str, kind: type[AsyncSide | BlockingSide]
) -> None:
    with chaos.site(answers(NO_DOCUMENTS[what])) as site:
        side = kind(site.url, 10)
        with pytest.raises(DecodeError) as caught:
            await side.ask(lambda client: client.get_conversation("c1"))
        await side.close()
        assert caught.value.path == "$"
        assert caught.value.effect == "unknown"
        assert caught.value.attempts == len(site.requests) == 1
