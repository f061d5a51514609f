"""An https server: the same calls, over TLS and with its certificate checked."""

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the certificate is made with openssl"
)

CERTIFY = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost"
    " -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem"
)
REPLY = b"HTTP/1.1 204 No Content\r\n\r\n"
PROGRAM = """
import sys
from conversation_client import ConversationClient, Material, TransportError
with ConversationClient(sys.argv[1], retry=None) as client:
    try:
        client.associate_asset("c1", "a1")
        print(client.associate_many("c1", Material.ASSET, map(str, range(100))).succeeded)
    except TransportError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the key and the certificate of localhost are, which is signed by itself."""
    made = tmp_path_factory.mktemp("tls")
    subprocess.run(CERTIFY.split(), cwd=made, capture_output=True, check=True)
    return made


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    asyncio.run_coroutine_threadsafe(ended(server), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(REPLY)
    except (OSError, EOFError):
        pass
    finally:
        writer.close()


async def ended(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


def run(url: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_calls_and_batches_go_over_tls(url: str, folder: Path) -> None:
    assert run(url, SSL_CERT_FILE=str(folder / "certificate.pem")) == "100\n"


def test_certificate_that_nobody_trusts_is_refused(url: str) -> None:
    assert "the TLS handshake failed" in run(url)
