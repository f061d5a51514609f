"""Where the server is, and how it is called."""

import os
from collections.abc import Mapping
from typing import Any, ClassVar

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
    do not send other credentials in the official SDK, either. Another proxy or other certificates
    than the usual are refused with the first call.

    Args:
        host: Where the server is; by default the environment variable
            `CONVERSATION_CLIENT_BASE_URL`, and without it `http://localhost:1000`.
        api_key: Under the name `application`, what is sent as `X-Application-ID`.
        api_key_prefix: Under the same name, what goes before it.
        server_index: Without a host, 1 for `http://localhost:5323`.
        retries: How often a failed call may be sent again, where that is safe; `None` for twice, 0
            or `False` for never.

    Raises:
        ApiValueError: There is no such server.
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
        self.api_key: dict[str, str] = dict(api_key or {})
        self.api_key_prefix: dict[str, str] = dict(api_key_prefix or {})
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
        """Return the headers that the settings have sent."""
        key = self.api_key.get(APPLICATION)
        if not key:
            return {}
        prefix = self.api_key_prefix.get(APPLICATION)
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

    def check(self) -> None:
        """Refuse settings without which a call would not be the one that is meant.

        Raises:
            InvalidArgumentError: There is one.
        """
        usual: dict[str, Any] = dict.fromkeys(_UNUSUAL) | {"verify_ssl": True}
        for name, value in usual.items():
            if getattr(self, name) != value:
                raise InvalidArgumentError(f"Configuration.{name}: {value} only, as yet")


def _server(index: int | None) -> str:
    if not index:
        return os.environ.get(URL_VARIABLE) or DEFAULT_URL
    if index != 1:
        raise ApiValueError(0, f"server_index: 0 or 1, not {index!r}")
    return OTHER_URL


_UNUSUAL = (
    *("ssl_ca_cert", "ca_cert_data", "cert_file", "key_file", "assert_hostname"),
    *("tls_server_name", "proxy"),
)
