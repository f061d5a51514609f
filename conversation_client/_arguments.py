"""What a client may be made with, and what its methods have in common."""

import math
import os
from collections.abc import Mapping
from ssl import SSLContext
from typing import TypedDict, TypeVar

import aiohttp
from yarl import URL

from conversation_client._http.wire import (
    DEFAULT_URL,
    BaseUrl,
    check_headers,
    check_seconds,
    parse_base_url,
    plain_text,
)
from conversation_client.errors import InvalidArgumentError
from conversation_client.operations import ApiVersion, Material, MessageMaterial, parse_version
from conversation_client.retry import RetryPolicy

M = TypeVar("M", Material, MessageMaterial)

URL_VARIABLE = "CONVERSATION_CLIENT_BASE_URL"


class ClientOptions(TypedDict, total=False):
    """What a client is made with, beside its URL."""

    session: aiohttp.ClientSession | None
    timeout: float | None
    retry: RetryPolicy | None
    headers: Mapping[str, str] | None
    max_connections: int
    ssl: SSLContext | bool
    api_version: str | None
    strict: bool


def checked_base_url(given: str | URL | None) -> BaseUrl:
    """Return where the server is: as given, else as the environment says, else as usual."""
    in_environment = os.environ.get(URL_VARIABLE)
    if given or not in_environment:
        return parse_base_url(str(given) if isinstance(given, URL) else given or DEFAULT_URL)
    try:
        return parse_base_url(in_environment)
    except InvalidArgumentError as error:
        problem = str(error).partition(": ")[2]
        raise InvalidArgumentError(f"the variable {URL_VARIABLE}: {problem}") from None


def checked_timeout(seconds: float | None) -> float | None:
    """Return seconds; `None` for no bound."""
    if seconds is None:
        return None
    check_seconds("timeout", seconds)
    return seconds if math.isfinite(seconds) else None


def checked_retry(policy: RetryPolicy | None) -> RetryPolicy | None:
    """Return a policy, or `None`."""
    if policy is None or isinstance(policy, RetryPolicy):
        return policy
    raise InvalidArgumentError(f"retry: a RetryPolicy or None, not {policy!r}")


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers that can be sent."""
    if not isinstance(headers, Mapping):
        raise InvalidArgumentError(f"headers: a mapping is needed, not {type(headers).__name__}")
    return check_headers(headers)


def checked_session(session: aiohttp.ClientSession | None) -> aiohttp.ClientSession | None:
    """Return a session, or `None`."""
    if session is None or all(hasattr(session, name) for name in ("request", "closed")):
        return session
    kind = type(session).__name__
    raise InvalidArgumentError(f"session: an aiohttp.ClientSession or None, not {kind}")


def checked_tls(
    tls: SSLContext | bool,  # as aiohttp has it
    session: aiohttp.ClientSession | None,
) -> SSLContext | bool:
    """Return how certificates are checked."""
    if not isinstance(tls, SSLContext | bool):
        raise InvalidArgumentError(f"ssl: an ssl.SSLContext, True or False, not {tls!r}")
    if session is not None and tls is not True:
        raise InvalidArgumentError(
            "ssl: a session checks certificates in its own way: give it to its connector"
        )
    return tls


def checked_strict(strict: bool) -> bool:  # it is what is checked
    """Return whether replies are read strictly."""
    if isinstance(strict, bool):
        return strict
    raise InvalidArgumentError(f"strict: True or False, not {strict!r}")


def checked_version(text: str | None) -> ApiVersion | None:
    """Return a version of the API; `None` for whichever it is."""
    if text is None:
        return None
    try:
        return parse_version(text)
    except (ValueError, TypeError):
        known = "a version of the API, 2.2 or later, such as '4.3', or None"
        raise InvalidArgumentError(f"api_version: {known}, not {text!r}") from None


def checked_material(kind: type[M], value: str) -> M:
    """Return a kind of material, which may have been named by its text."""
    try:
        return kind(plain_text(value))
    except ValueError:
        raise InvalidArgumentError(f"material: one of {', '.join(kind)}, not {value!r}") from None


def check_flag(name: str, value: bool) -> None:
    """Check what is to be either true or false."""
    if not isinstance(value, bool):
        raise InvalidArgumentError(f"{name}: True or False, not {value!r}")
