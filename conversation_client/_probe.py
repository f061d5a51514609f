"""Asking who listens at a URL: its health route, once, on a connection of the asker's own."""

import asyncio
import socket
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from enum import StrEnum
from ssl import SSLContext
from types import MappingProxyType, UnionType
from typing import Any, TypeVar

import aiohttp
import attrs

from conversation_client import operations
from conversation_client._http.call import Options, RawCall
from conversation_client._http.charset import text_of
from conversation_client._http.dialect import Dialect
from conversation_client._http.lane import Lane
from conversation_client._http.session import Session
from conversation_client._http.transport import Transport
from conversation_client._http.wire import Reply
from conversation_client.errors import (
    ConversationClientError,
    DeadlineExceededError,
    RateLimitedError,
    ResponseError,
    ServerError,
    ServerNotRunningError,
    ServerUnresponsiveError,
    TlsError,
    TransportError,
)
from conversation_client.operations import Operation

T = TypeVar("T")

LONGEST_VERSION = 64
"""Characters of a text that may be a version."""
LOOPBACK = "127.0.0.1"
SLICES = 20
"""Into which a wait is cut, so that it is longer where this process does not come to run."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Presence(StrEnum):
    """Who is at a URL, as it is told."""

    WELL = "Pieces OS answers"
    STARTING = "Pieces OS seems to be starting"
    SILENT = "no answer comes in time"
    OTHER = "another program than Pieces OS answers"
    NOBODY = "nobody answers"
    NO_HOST = "there is no such host"
    NO_TLS = "the TLS handshake fails"


@attrs.frozen
class Sight:
    """What was seen at a URL."""

    url: str
    presence: Presence
    latency: float
    """Seconds until it was seen."""
    error: ConversationClientError | None = None
    """Why Pieces OS is not well there."""


MEANINGS: tuple[tuple[type[ConversationClientError] | UnionType, Presence], ...] = (
    (ServerNotRunningError, Presence.NOBODY),
    (ServerUnresponsiveError | DeadlineExceededError, Presence.SILENT),
    (TlsError, Presence.NO_TLS),
    (TransportError, Presence.OTHER),
    (ServerError | RateLimitedError, Presence.STARTING),
    (ResponseError, Presence.OTHER),
)
"""Who is where asking for the health ends in an error; the first match counts."""


def says_well(content_type: str, content: bytes) -> bool:
    """Tell whether that is what a server says that is well."""
    return is_plain(content_type) and content.startswith(b"ok")


def is_plain(content_type: str) -> bool:
    """Tell whether that is plain text, which whatever a Pieces OS says of itself is."""
    return content_type.partition(";")[0].strip().lower() == "text/plain"


def presence_of(error: ConversationClientError) -> Presence | None:
    """Say who is where asking ended in an error; `None` if it is for what this process lacks."""
    if isinstance(error, TransportError) and error.is_local:
        return None
    if isinstance(error.__cause__, aiohttp.ClientConnectorDNSError | aiohttp.InvalidURL):
        return Presence.NO_HOST
    return next((presence for kinds, presence in MEANINGS if isinstance(error, kinds)), None)


def presence_by(reply: Reply) -> Presence:
    """Say who is where there was a reply."""
    if says_well(reply.content_type, reply.body):
        return Presence.WELL
    return Presence.STARTING if is_plain(reply.content_type) else Presence.OTHER


async def look(
    url: str,
    within: float,
    headers: Mapping[str, str] = NO_HEADERS,
    tls: SSLContext | bool = True,
) -> Sight:
    """Ask whoever is at a URL for the health.

    Args:
        url: Without credentials.
        within: Seconds that an answer may take.
        headers: Sent along; a place that nobody has named gets none.
        tls: How its certificate is checked, as aiohttp has it.

    Raises:
        ConversationClientError: What this process lacks.
    """
    began = time.perf_counter()
    error: ConversationClientError | None = None
    try:
        presence = presence_by(await _ask(operations.GET_HEALTH, url, within, headers, tls))
    except ConversationClientError as caught:
        seen = presence_of(caught)
        if seen is None:
            raise
        presence, error = seen, caught
    return Sight(url, presence, time.perf_counter() - began, error)


async def look_at_port(port: int, within: float) -> Sight:
    """Do so at a port of this machine, of which most refuse a connection at once."""
    url, began = f"http://{LOOPBACK}:{port}", time.perf_counter()
    with suppress(DeadlineExceededError):
        if await _in_time(_is_refused(port), within):
            return Sight(url, Presence.NOBODY, time.perf_counter() - began)
        return await look(url, within)
    return Sight(url, Presence.SILENT, time.perf_counter() - began)


async def version_at(
    url: str,
    within: float,
    headers: Mapping[str, str] = NO_HEADERS,
    tls: SSLContext | bool = True,
) -> str | None:
    """Ask a Pieces OS that is well for its version; `None` if it does not say."""
    try:
        reply = await _ask(operations.GET_VERSION, url, within, headers, tls)
    except (TransportError, ResponseError):
        return None
    text = text_of(reply.body, reply.content_type).strip()
    return text if text.isprintable() and 0 < len(text) <= LONGEST_VERSION else None


async def _ask(
    operation: Operation[str],
    url: str,
    within: float,
    headers: Mapping[str, str],
    tls: SSLContext | bool,
) -> Reply:
    """Ask once, on a connection of its own: a session of the user's might repeat it."""
    session = Session(url, None, 1, tls)
    transport = Transport(session, Lane(session).attempt, Dialect())
    try:
        call = RawCall(operation, (), Options(None, None, headers))
        return await _in_time(transport.send(call), within)
    finally:
        await session.aclose()


async def _is_refused(port: int) -> bool:
    """Tell whether nobody listens on a port of this machine."""
    try:
        with socket.socket() as trial:
            trial.setblocking(False)
            await asyncio.get_running_loop().sock_connect(trial, (LOOPBACK, port))
    except OSError as error:  # what else is wrong is told better by who asks
        return isinstance(error, ConnectionRefusedError)
    return False


async def _in_time(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Await something for so long.

    Raises:
        DeadlineExceededError: It is not done by then.
    """
    task = asyncio.ensure_future(work)
    try:
        for _ in range(SLICES):
            if (await asyncio.wait([task], timeout=seconds / SLICES))[0]:
                return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    raise DeadlineExceededError(f"no answer within {seconds} s")
