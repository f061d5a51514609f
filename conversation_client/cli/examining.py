"""`doctor`: says whether Pieces OS can be used, and what to do if not."""

import asyncio
import ipaddress
import json
import os
from collections.abc import Awaitable
from typing import TypeVar
from urllib.parse import urlsplit

import attrs
import click

from conversation_client._arguments import URL_VARIABLE, checked_base_url
from conversation_client._diagnosis import Diagnosis, Seen, Told, diagnose
from conversation_client._http.wire import BaseUrl
from conversation_client._probe import Presence, Sight, look
from conversation_client.cli.program import MISUSE, NO_SERVER
from conversation_client.cli.streams import write_json
from conversation_client.cli.text import counted, one_line, printable_json, without_credentials
from conversation_client.client import AsyncConversationClient
from conversation_client.discovery import ports_to_see, see_ports
from conversation_client.errors import ConversationClientError, InvalidArgumentError

T = TypeVar("T")

PATIENCE = 0.5
"""Seconds after which a program that has not answered hangs."""
MORE = 0.5
"""Seconds in which a server that is well tells more of itself."""


def examine(server: str | None, ports: frozenset[int] | None, *, as_json: bool) -> None:
    """Say whether Pieces OS can be used.

    Args:
        server: Its URL; None for where the variable says, or wherever it is.
        ports: Ports of this machine to look at in place of the usual ones.
        as_json: Whether to print JSON.

    Raises:
        SystemExit: It cannot.
        ConversationClientError: This process lacks what it takes to look.
    """
    found = asyncio.run(_examine(server or os.environ.get(URL_VARIABLE), ports))
    if as_json:
        write_json(printable_json(json.dumps(attrs.asdict(found))))
    else:
        _show(found)
    if found.state != "running":
        raise SystemExit(MISUSE if found.state == "wrong_url" else NO_SERVER)


async def _examine(asked: str | None, ports: frozenset[int] | None) -> Diagnosis:
    if ports is None:
        ports = ports_to_see()
    if asked is None:
        return await _diagnose(Seen(None, await see_ports(ports, PATIENCE)), None, None)
    try:
        base = checked_base_url(asked)
    except InvalidArgumentError as error:
        seen = Seen(None, await see_ports(ports, PATIENCE), wrong=str(error))
        return await _diagnose(seen, None, without_credentials(asked))
    own = _local_port(base.url)
    (sight, wrong), others = await asyncio.gather(_look(base), see_ports(ports - {own}, PATIENCE))
    seen = Seen(sight, others, wrong, is_local=own is not None)
    return await _diagnose(seen, asked, base.url)


async def _look(base: BaseUrl) -> tuple[Sight, str | None]:
    """Look at a URL; say what is wrong with it if its path leads away from Pieces OS."""
    headers = base.authorization()
    sight = await look(base.url, PATIENCE, headers)
    parts = urlsplit(base.url)
    if sight.presence is Presence.OTHER and parts.path:
        root = await look(f"{parts.scheme}://{parts.netloc}", PATIENCE, headers)
        if root.presence is Presence.WELL:
            return sight, f"Pieces OS is at {root.url}, without a path"
    return sight, None


def _local_port(url: str) -> int | None:
    """Return the port of a URL of this machine; `None` for one elsewhere."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    return (parts.port or (443 if parts.scheme == "https" else 80)) if is_local else None


async def _diagnose(seen: Seen, given: str | None, url: str | None) -> Diagnosis:
    told = Told()
    if seen.well:
        alive = seen.well[0]
        is_asked = alive is seen.asked
        told = await _ask(given if is_asked and given else alive.url)
    return diagnose(seen, told, url)


async def _ask(url: str) -> Told:
    """Ask a server that is well what more there is to know of it."""
    async with AsyncConversationClient(url, timeout=MORE, retry=None) as client:
        version, held = await asyncio.gather(
            _if_told(client.get_version()),
            _if_told(client.conversations.identifiers()),
        )
    return Told(version, None if held is None else len(held.iterable))


async def _if_told(answer: Awaitable[T]) -> T | None:
    try:
        return await answer
    except ConversationClientError:
        return None


def _show(found: Diagnosis) -> None:
    """Print what there is to say, a line each."""
    lacks = (
        ", ".join(found.lacks)
        and f"{counted(len(found.lacks), 'operations')}, such as {found.lacks[0]}"
    )
    latency = None if found.latency is None else f"{found.latency * 1e3:.0f} ms"
    rows: dict[str, str | None] = {
        "state": found.state.replace("_", " "),
        "url": found.url,
        "found": ", ".join(found.found),
        "version": found.version,
        "latency": latency,
        "conversations": None if found.conversations is None else f"{found.conversations:,}",
        "lacks": lacks,
        "next step": found.next_step,
    }
    width = max(map(len, rows)) + 2
    for name, value in rows.items():
        if value:
            click.echo(f"{click.style(f'{name:{width}}', dim=True)}{one_line(value)}")
