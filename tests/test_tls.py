"""An https server: the same calls, over TLS, and why a handshake fails."""

import asyncio
import copy
import gc
import os
import pickle
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from loops import Factory, every_loop
from tls_server import Authority, TlsServer

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    InvalidArgumentError,
    Material,
    TlsError,
    TransportError,
)

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the certificates are made with openssl"
)

PROGRAM = """
import sys
from conversation_client import ConversationClient
with ConversationClient(sys.argv[1]) as client:
    client.associate_asset("c1", "a1")
print("associated")
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls"))
    made.certify("here", "localhost")
    made.certify("elsewhere", "elsewhere.example")
    made.certify("expired", "localhost", last_year=2020)
    made.certify("client", "client.example")
    return made


def context_of(authority: Authority, name: str = "here", **options: Any) -> ssl.SSLContext:
    """Return a server's context."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.load(context, name)
    context.load_verify_locations(authority.path("authority"))
    for option, value in options.items():
        setattr(context, option, value)
    return context


@pytest.fixture
def server(authority: Authority) -> Iterator[TlsServer]:
    with TlsServer(context_of(authority)) as serving:
        yield serving


@every_loop
def test_single_calls_and_batches_take_the_lane_over_tls(
    server: TlsServer, authority: Authority, factory: Factory
) -> None:
    def sessions() -> int:
        return sum(type(each) is aiohttp.ClientSession for each in gc.get_objects())

    before = sessions()

    async def work() -> None:
        async with AsyncConversationClient(server.url, ssl=authority.trusted()) as client:
            for number in range(10):
                await client.associate_asset("c1", f"a{number}")
            report = await client.associate_many("c1", Material.ASSET, map(str, range(100)))
            assert report.succeeded == 100
            assert sessions() == before

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work())
    assert (server.requests, server.connections <= 32) == (110, True)


def test_a_blocking_client_has_the_same_trust(server: TlsServer, authority: Authority) -> None:
    with ConversationClient(server.url, ssl=authority.trusted()) as client:
        client.associate_asset("c1", "a1")
        client.with_options(timeout=5).associate_asset("c1", "a2")
    assert (server.requests, server.connections) == (2, 1)


def test_the_trust_of_the_system_is_heeded(server: TlsServer, authority: Authority) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, server.url],
        env={**os.environ, "SSL_CERT_FILE": authority.path("authority")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ("associated\n", "")


async def test_without_checks_any_certificate_will_do(authority: Authority) -> None:
    with TlsServer(context_of(authority, "expired")) as server:
        async with AsyncConversationClient(server.url, ssl=False) as client:
            await client.associate_asset("c1", "a1")
        assert server.requests == 1


async def refused(server: TlsServer, trust: ssl.SSLContext | bool) -> str:
    """Return what a call and a batch are told, having tried but once."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: pytest.fail(str(context)))
    async with AsyncConversationClient(server.url, ssl=trust, timeout=20) as client:
        with pytest.raises(TlsError) as told:
            await client.associate_asset("c1", "a1")
        assert isinstance(told.value, TransportError)
        assert (told.value.effect, server.requests, server.connections) == ("none", 0, 1)
        report = await client.associate_many("c1", Material.ASSET, ["a1", "a2"])
        assert (report.succeeded, report.failed, report.not_started) == (0, 0, 2)
        assert isinstance(report.ended_by, TlsError)
    assert server.requests == 0
    return str(told.value)


@pytest.mark.parametrize(
    ("certificate", "why"),
    [("elsewhere", "Hostname mismatch"), ("expired", "certificate has expired")],
)
async def test_a_wrong_certificate_is_told(
    authority: Authority, certificate: str, why: str
) -> None:
    with TlsServer(context_of(authority, certificate)) as server:
        assert why in await refused(server, authority.trusted())


async def test_a_certificate_that_nobody_trusts_is_told(server: TlsServer) -> None:
    assert "the server's certificate is refused: " in await refused(server, True)


@pytest.mark.parametrize("own", [None, "rogue"], ids=["none", "one that is not trusted"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_whose_certificate_is_refused_is_told(
    authority: Authority, version: ssl.TLSVersion, own: str | None
) -> None:
    wants = context_of(authority, verify_mode=ssl.CERT_REQUIRED, maximum_version=version)
    with TlsServer(wants) as server:
        text = await refused(server, authority.trusted(own))
        assert "refuses the client's certificate, or wants one" in text


async def test_a_clients_certificate_is_shown(authority: Authority) -> None:
    with TlsServer(context_of(authority, verify_mode=ssl.CERT_REQUIRED)) as server:
        async with AsyncConversationClient(server.url, ssl=authority.trusted("client")) as client:
            await client.associate_asset("c1", "a1")
        assert server.requests == 1


async def test_a_version_that_the_server_has_not_is_told(authority: Authority) -> None:
    trust = authority.trusted()
    trust.minimum_version = ssl.TLSVersion.TLSv1_3
    old = context_of(authority, maximum_version=ssl.TLSVersion.TLSv1_2)
    with TlsServer(old) as server:
        assert "no version of TLS in common" in await refused(server, trust)


async def test_a_server_without_tls_is_told(authority: Authority) -> None:
    with TlsServer(None) as server:
        assert "does not speak TLS" in await refused(server, authority.trusted())


async def test_a_server_that_hangs_up_in_the_handshake_is_told(authority: Authority) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        async with AsyncConversationClient(url, ssl=authority.trusted()) as client:
            with pytest.raises(TlsError, match="ended the TLS handshake without a word") as told:
                await client.associate_asset("c1", "a1")
    assert told.value.attempts == 0


def test_trust_goes_with_a_copy_but_not_with_a_pickle(
    server: TlsServer, authority: Authority
) -> None:
    with ConversationClient(server.url, ssl=authority.trusted()) as client:
        with copy.deepcopy(client) as twin:
            twin.associate_asset("c1", "a1")
        with pytest.raises(InvalidArgumentError, match="SSLContext"):
            pickle.dumps(client)
    with ConversationClient(server.url, ssl=False) as unchecked:
        same: ConversationClient = pickle.loads(pickle.dumps(unchecked))
        with same:
            same.associate_asset("c1", "a2")
    assert server.requests == 2


@pytest.mark.parametrize("wrong", [None, "yes", 1, ssl.PROTOCOL_TLS_CLIENT])
def test_what_says_nothing_of_certificates_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"ssl: an ssl\.SSLContext, True or False"):
        AsyncConversationClient(ssl=wrong)


async def test_a_session_has_its_own_way_to_check(authority: Authority) -> None:
    async with aiohttp.ClientSession() as session:
        for trust in (authority.trusted(), False):
            with pytest.raises(InvalidArgumentError, match="give it to its connector"):
                AsyncConversationClient(session=session, ssl=trust)
