"""Finding the Pieces OS of this machine."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from itertools import pairwise
from typing import TypeVar

import attrs
from yarl import URL

from conversation_client._arguments import (
    URL_VARIABLE,
    ClientOptions,
    checked_base_url,
    checked_headers,
    checked_timeout,
    checked_tls,
)
from conversation_client._port_files import port_files, read_port
from conversation_client._probe import (
    NO_HEADERS,
    Presence,
    Sight,
    look,
    look_at_port,
    version_at,
)
from conversation_client.errors import InvalidArgumentError, ServerNotRunningError
from conversation_client.operations import FIRST, OPERATIONS, ApiVersion, spelled

T = TypeVar("T")

USUAL_PORTS = (1000, 5323, *range(39300, 39334))
"""Up to version 10, on Linux up to then, and from version 11 on."""
PROMPT = 0.3
"""Seconds in which a port of this machine is to answer."""
PATIENT = 5.0
"""Seconds in which a server is to answer that somebody has named."""
AT_ONCE = 128
"""Ports that are asked at the same time, at most."""

OsVersion = tuple[int, int]
RENAMED: OsVersion = (10, 1)
"""From which version of Pieces OS on two paths are other ones."""
SPOKEN: Sequence[tuple[OsVersion, ApiVersion]] = (
    (RENAMED, FIRST),
    ((11, 0), (3, 2)),
    ((12, 0), (4, 1)),
)
"""Up to which version of Pieces OS, itself left out, a version of the API is what it has."""
NEWEST: ApiVersion = max(row.since for row in OPERATIONS)
"""From which version of the API on no operation has come."""


@attrs.frozen
class FoundServer:
    """A Pieces OS on this machine that is well."""

    url: str
    """Such as `http://127.0.0.1:39300`."""
    version: str | None
    """That of Pieces OS, such as `12.6.2` or `debug`; `None` if it did not say."""
    latency: float
    """Seconds until it had told its health."""


async def find_servers(*, ports: Iterable[int] | None = None) -> tuple[FoundServer, ...]:
    """Find every Pieces OS on this machine.

    Ports of 127.0.0.1 are asked for their health, all at the same time; only those where Pieces OS
    is well are asked for their version.

    Args:
        ports: Those to ask, and no others; by default the usual ones, 1000, 5323 and 39300 to
            39333, and those that files of Pieces OS name.

    Returns:
        Those that answer within 0.3 s, by port.

    Raises:
        InvalidArgumentError: A port is not from 1 to 65535.
        TransportError: This process has no file descriptor or no memory left.
    """
    asked = ports_to_see() if ports is None else checked_ports(ports)
    async with aclosing(_each(sorted(asked), _server_at)) as servers:
        return tuple([server async for server in servers if server is not None])


async def locate(
    base_url: str | URL | None, ports: Iterable[int] | None, options: ClientOptions
) -> tuple[str | URL, ClientOptions]:
    """Find the server that a client is for.

    Args:
        base_url: Where it is, if that is known.
        ports: As for `find_servers`.
        options: Those for the client.

    Returns:
        Its URL, and the options with the version of its API.

    Raises:
        InvalidArgumentError: An argument is out of range.
        ServerNotRunningError: It is not there, or not well.
        TransportError: This process has no file descriptor or no memory left.
    """
    among = None if ports is None else checked_ports(ports)
    named = base_url or os.environ.get(URL_VARIABLE)
    within = min(PATIENT, checked_timeout(options.get("timeout")) or PATIENT)
    headers: Mapping[str, str] = NO_HEADERS
    tls = checked_tls(options.get("ssl", True), options.get("session"))
    if named:
        base = checked_base_url(base_url)
        url, headers = base.url, base.authorization()
        headers |= checked_headers(options.get("headers") or {})
        _check_well(await look(url, within, headers, tls))
    else:
        url = await _find(among)
    if options.get("api_version") is None:
        version = await version_at(url, within, headers, tls)
        if version is not None:
            options = {**options, "api_version": spelled(dialect_of(version))}
    return named or url, options


def checked_ports(ports: Iterable[int]) -> frozenset[int]:
    """Return ports that can be asked.

    Raises:
        InvalidArgumentError: One is not from 1 to 65535.
    """
    if not isinstance(ports, Iterable):
        raise InvalidArgumentError(f"ports: numbers of ports, not {ports!r}")
    found = list(ports)
    for port in found:
        if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
            raise InvalidArgumentError(f"ports: numbers from 1 to 65535, not {port!r}")
    return frozenset(found)


def parse_os_version(text: str) -> OsVersion | None:
    """Read a version of Pieces OS; `None` for a text such as `debug`."""
    found = re.match(r"v?([0-9]{1,4})(?:\.([0-9]{1,4}))?(?![0-9])", text)
    return (int(found[1]), int(found[2] or 0)) if found else None


def dialect_of(version: str) -> ApiVersion:
    """Return the version of the API whose paths a Pieces OS has."""
    known = parse_os_version(version)
    return FIRST if known is not None and known < RENAMED else NEWEST


def api_of(version: str) -> ApiVersion:
    """Return the version of the API that a Pieces OS has, as far as that is known."""
    known = parse_os_version(version)
    if known is None:
        return NEWEST
    return next((api for below, api in SPOKEN if known < below), NEWEST)


async def see_ports(ports: Iterable[int], within: float) -> tuple[Sight, ...]:
    """Look at ports of this machine, and return what was seen, by port."""
    async with aclosing(_each(sorted(ports), partial(look_at_port, within=within))) as sights:
        return tuple([sight async for sight in sights])


def ports_to_see() -> frozenset[int]:
    """Return the usual ports, and those that files of Pieces OS name."""
    return frozenset({*USUAL_PORTS, *_noted_ports()})


async def _find(among: frozenset[int] | None) -> str:
    """Return the URL of the first server by the ladder: what files name, then the lowest port."""
    noted = [port for port in _noted_ports() if among is None or port in among]
    others = (frozenset(USUAL_PORTS) if among is None else among) - set(noted)
    seen: list[Sight] = []
    for ports in (noted, sorted(others)):
        async with aclosing(_each(ports, partial(look_at_port, within=PROMPT))) as sights:
            async for sight in sights:
                if sight.presence is Presence.WELL:
                    return sight.url
                seen.append(sight)
    raise ServerNotRunningError(_nobody(seen, _places() if among is None else ()))


async def _server_at(port: int) -> FoundServer | None:
    sight = await look_at_port(port, PROMPT)
    if sight.presence is not Presence.WELL:
        return None
    return FoundServer(sight.url, await version_at(sight.url, PROMPT), sight.latency)


async def _each(
    ports: Sequence[int], ask: Callable[[int], Awaitable[T]]
) -> AsyncGenerator[T, None]:
    """Ask all ports at the same time, and yield what comes of each in their order."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask_in_turn(port: int) -> T:
        async with turns:
            return await ask(port)

    tasks = [asyncio.create_task(ask_in_turn(port)) for port in ports]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _places() -> tuple[str, ...]:
    return port_files(sys.platform, os.path.expanduser("~"), os.environ)  # noqa: PTH111  # never raises


def _noted_ports() -> list[int]:
    """Return the ports that files of Pieces OS name, the likeliest first."""
    ports = (read_port(place) for place in _places())
    return list(dict.fromkeys(port for port in ports if port is not None))


def _check_well(sight: Sight) -> None:
    """Raise if Pieces OS is not well where somebody has said that it is."""
    if sight.presence is Presence.WELL:
        return
    instead = "`wait_ready()` of a client waits for it"
    advice = {
        Presence.STARTING: instead,
        Presence.NOBODY: "is Pieces OS running, and is this its port?",
    }.get(sight.presence, "without base_url= and the variable, `discover()` looks for Pieces OS")
    raise ServerNotRunningError(f"{sight.url}: {sight.presence} there; {advice}") from sight.error


def _nobody(seen: Sequence[Sight], files: Sequence[str]) -> str:
    """Say where Pieces OS was looked for, and what was there instead."""
    by_presence: dict[Presence, list[int]] = {}
    for sight in seen:
        by_presence.setdefault(sight.presence, []).append(int(sight.url.rpartition(":")[2]))
    lines = [f"{presence} at 127.0.0.1, {ranges(ports)}" for presence, ports in by_presence.items()]
    lines += [f"no port file of it at {' or '.join(files)}"] if files else []
    return (
        f"no Pieces OS was found: {'; '.join(lines) or 'no port was to be asked'}. Start it, or say"
        f" where it is with base_url= or {URL_VARIABLE}; `conversation-client doctor` tells more"
    )


def ranges(ports: Iterable[int]) -> str:
    """Spell ports in short, such as `1000, 39300 to 39333`."""
    ordered = sorted(set(ports))
    ends = [last for last, following in pairwise(ordered) if following != last + 1]
    begins = [following for last, following in pairwise(ordered) if following != last + 1]
    runs = zip([*ordered[:1], *begins], [*ends, *ordered[-1:]], strict=True)
    return ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in runs)
