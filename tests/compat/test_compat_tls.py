"""The settings of the official SDK for https servers."""

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tls_server import Authority, TlsServer

from conversation_client import TlsError, compat
from conversation_client.compat.rest import ApiException

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the certificates are made with openssl"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls"))
    made.certify("here", "localhost")
    made.certify("elsewhere", "elsewhere.example")
    made.certify("client", "client.example")
    return made


def server_of(authority: Authority, name: str = "here", **options: Any) -> TlsServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.load(context, name)
    context.load_verify_locations(authority.path("authority"))
    for option, value in options.items():
        setattr(context, option, value)
    return TlsServer(context)


def call(server: TlsServer, **settings: Any) -> None:
    configuration = compat.Configuration(host=server.url, retries=0)
    for name, value in settings.items():
        assert hasattr(configuration, name)
        setattr(configuration, name, value)
    with compat.ApiClient(configuration) as client:
        compat.ConversationApi(client).conversation_associate_asset("c1", "a1")


@pytest.fixture
def trusted(authority: Authority) -> dict[str, Any]:
    return {"ssl_ca_cert": authority.path("authority")}


def trust(authority: Authority) -> Iterator[dict[str, Any]]:
    """Yield the ways to say whom to trust."""
    path = authority.path("authority")
    pem = Path(path).read_text()
    yield {"ssl_ca_cert": path}
    yield {"ca_cert_data": pem}
    yield {"ca_cert_data": ssl.PEM_cert_to_DER_cert(pem)}
    yield {"verify_ssl": False}


def test_whom_to_trust_is_a_file_or_data_or_anybody(authority: Authority) -> None:
    with server_of(authority) as server:
        for settings in trust(authority):
            call(server, **settings)
        assert server.requests == 4
        with pytest.raises(ApiException, match="certificate is refused") as caught:
            call(server)
        assert isinstance(caught.value.__cause__, TlsError)
        assert server.requests == 4


def test_a_certificate_of_another_host_is_refused_unless_its_name_is_not_asked_for(
    authority: Authority, trusted: dict[str, Any]
) -> None:
    with server_of(authority, "elsewhere") as server:
        for settings in ({}, {"assert_hostname": True}):
            with pytest.raises(ApiException, match="Hostname mismatch"):
                call(server, **trusted, **settings)
        call(server, **trusted, assert_hostname=False)
        call(server, **trusted, verify_ssl=False)
        with pytest.raises(ApiException, match="certificate is refused"):
            call(server, assert_hostname=False)
        assert server.requests == 2


@pytest.mark.parametrize("checks", [True, False])
def test_a_clients_certificate_is_shown(
    authority: Authority, trusted: dict[str, Any], checks: bool
) -> None:
    own = {
        "cert_file": authority.path("client"),
        "key_file": str(Path(authority.path("client")).with_suffix(".key")),
        "verify_ssl": checks,
    }
    with server_of(authority, verify_mode=ssl.CERT_REQUIRED) as server:
        call(server, **trusted, **own)
        with pytest.raises(ApiException, match="certificate"):
            call(server, **trusted)
        assert server.requests == 1
