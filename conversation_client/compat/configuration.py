"""Where the server is, and how it is called."""

import os
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import ClassVar

from conversation_client._arguments import URL_VARIABLE
from conversation_client._http.wire import DEFAULT_URL
from conversation_client.compat.exceptions import ApiValueError
from conversation_client.errors import InvalidArgumentError
from conversation_client.retry import RetryPolicy

OTHER_URL = "http://localhost:5323"
"""What a `server_index` of 1 means."""
APPLICATION = "application"
"""The one key of `api_key` that is sent."""


class Configuration:
    """Settings of an `ApiClient`, to be given or to be set as attributes; all have defaults.

    Those that are not told of here are taken and change nothing: the operations on conversations
    do not send other credentials in the official SDK, either. `ssl_ca_cert`, `ca_cert_data`,
    `verify_ssl`, `cert_file` and `key_file` are as there; a proxy, or another name in the server's
    certificate than that of the host, is refused with the first call.

    Args:
        host: Where the server is; by default the environment variable
            `CONVERSATION_CLIENT_BASE_URL`, and without it `http://localhost:1000`.
        api_key: Under the name `application`, what is sent as `X-Application-ID`.
        api_key_prefix: Under the same name, what goes before it.
        server_index: Without a host, 1 for `http://localhost:5323`.
        ssl_ca_cert: File of the certificates that are trusted, in place of the system's.
        ca_cert_data: The same, as PEM text or DER bytes.
        retries: How often a failed call may be sent again, where that is safe; `None` for twice, 0
            or `False` for never.

    Raises:
        ApiValueError: There is no such server, or a key or prefix is no mapping.
    """

    _default: ClassVar["Configuration | None"] = None

    def __init__(  # noqa: PLR0917  # the SDK's order
        self,
        host: str | None = None,
        api_key: Mapping[str, str] | None = None,
        api_key_prefix: Mapping[str, str] | None = None,
        username: str | None = None,
        password: str | None = None,
        access_token: str | None = None,
        server_index: int | None = None,
        server_variables: Mapping[str, str] | None = None,
        server_operation_index: Mapping[int, int] | None = None,
        server_operation_variables: Mapping[int, Mapping[str, str]] | None = None,
        ignore_operation_servers: bool = False,
        ssl_ca_cert: str | None = None,
        retries: int | None = None,
        ca_cert_data: str | bytes | None = None,
        *,
        debug: bool | None = None,
    ) -> None:
        self.host: str = host or _server(server_index)
        try:
            self.api_key: dict[str, str] = _mapping("api_key", api_key)
            self.api_key_prefix: dict[str, str] = _mapping("api_key_prefix", api_key_prefix)
        except InvalidArgumentError as error:
            raise ApiValueError(0, str(error)) from error
        self.username = username
        self.password = password
        self.access_token = access_token
        self.retries = retries
        self.debug: bool = bool(debug)
        self.verify_ssl = True
        self.ssl_ca_cert = ssl_ca_cert
        self.ca_cert_data = ca_cert_data
        self.cert_file: str | None = None
        self.key_file: str | None = None
        self.assert_hostname: bool | str | None = None
        self.tls_server_name: str | None = None
        self.proxy: str | None = None

    @classmethod
    def set_default(cls, default: "Configuration | None") -> None:
        """Set what clients use that are given none."""
        cls._default = default

    @classmethod
    def get_default(cls) -> "Configuration":
        """Return what clients use that are given none."""
        if cls._default is None:
            cls._default = cls()
        return cls._default

    get_default_copy = get_default

    def headers(self) -> dict[str, str]:
        """Return the headers that the settings have sent.

        Raises:
            InvalidArgumentError: `api_key` or `api_key_prefix` is no mapping.
        """
        key = _mapping("api_key", self.api_key).get(APPLICATION)
        prefix = _mapping("api_key_prefix", self.api_key_prefix).get(APPLICATION)
        if not key:
            return {}
        return {"X-Application-ID": f"{prefix} {key}" if prefix else key}

    def retry(self) -> RetryPolicy | None:
        """Return when a failed call is sent again.

        Raises:
            InvalidArgumentError: `retries` is no such number.
        """
        if self.retries is None:
            return RetryPolicy()
        if not isinstance(self.retries, int) or self.retries < 0:
            raise InvalidArgumentError(f"retries: a whole number or None, not {self.retries!r}")
        return RetryPolicy(attempts=self.retries + 1) if self.retries else None

    def tls(self) -> ssl.SSLContext | bool:
        """Return how the certificate of an https server is checked.

        Raises:
            InvalidArgumentError: A file cannot be used, or a setting not be kept.
        """
        for name in ("tls_server_name", "proxy"):
            if getattr(self, name) is not None:
                raise InvalidArgumentError(f"Configuration.{name}: None only, as yet")
        if isinstance(self.assert_hostname, str):
            raise InvalidArgumentError("Configuration.assert_hostname: no other name, as yet")
        own = (self.ssl_ca_cert, self.ca_cert_data, self.cert_file, self.key_file)
        if not any(own) and self.assert_hostname is not False:
            return bool(self.verify_ssl)
        return self._context()

    def _context(self) -> ssl.SSLContext:
        cafile, cadata = self.ssl_ca_cert, self.ca_cert_data
        with _usable("ssl_ca_cert or ca_cert_data"):
            context = ssl.create_default_context(cafile=cafile, cadata=cadata)
        if self.assert_hostname is False or not self.verify_ssl:
            context.check_hostname = False
        if not self.verify_ssl:
            context.verify_mode = ssl.CERT_NONE
        if self.cert_file or self.key_file:
            with _usable("cert_file and key_file"):
                context.load_cert_chain(self.cert_file or "", self.key_file)
        return context


@contextmanager
def _usable(names: str) -> Generator[None]:
    try:
        yield
    except (OSError, ValueError, TypeError) as error:
        raise InvalidArgumentError(f"Configuration.{names}: {error}") from error


def _mapping(name: str, given: Mapping[str, str] | None) -> dict[str, str]:
    """Return a setting by names, which may be left out.

    Raises:
        InvalidArgumentError: It is none.
    """
    if given is None or isinstance(given, Mapping):
        return dict(given or {})
    kind = type(given).__name__
    raise InvalidArgumentError(f"Configuration.{name}: a mapping or None is needed, not {kind}")


def _server(index: int | None) -> str:
    if not index:
        return os.environ.get(URL_VARIABLE) or DEFAULT_URL
    if index != 1:
        raise ApiValueError(0, f"server_index: 0 or 1, not {index!r}")
    return OTHER_URL
