"""Waiting until a server is well."""

import math
from asyncio import sleep
from collections.abc import Awaitable, Callable

from conversation_client._http.wire import SHOWN_TEXT
from conversation_client._interpreter import running_loop
from conversation_client._probe import says_well
from conversation_client.errors import (
    DeadlineExceededError,
    ResponseError,
    ServerUnresponsiveError,
    TransportError,
)
from conversation_client.response import RawResponse

FIRST_WAIT = 0.05
LONGEST_WAIT = 1.0
"""Seconds between two questions; each wait is twice the one before."""

OUT_OF_TIME = (DeadlineExceededError, ServerUnresponsiveError)
"""How a call ends whose time is up, waiting for an answer or for a connection."""

Ask = Callable[[float], Awaitable[RawResponse]]
"""Asks for the health, for so many seconds at most."""


async def wait_until_well(ask: Ask, url: str, seconds: float | None) -> None:
    """Ask for the health of a server until it is well.

    Raises:
        DeadlineExceededError: It is not in time; the message says what it was instead.
    """
    now = running_loop().time
    until = math.inf if seconds is None else now() + seconds
    wait, asked = FIRST_WAIT, 0
    problem, cause = "", None
    while True:
        asked, left = asked + 1, until - now()
        try:
            health = await ask(left)
            if says_well(health.headers.get("Content-Type", ""), health.content):
                return
            problem, cause = f"{url}: its health is {health.content[:SHOWN_TEXT]!r}", None
        except (TransportError, ResponseError) as error:
            had_no_time = isinstance(error, OUT_OF_TIME) and left < FIRST_WAIT
            if not (problem and had_no_time):
                problem, cause = str(error.args[0]), error
        await sleep(max(0.0, min(wait, until - now())))
        wait = min(2 * wait, LONGEST_WAIT)
        if now() >= until:
            late = DeadlineExceededError(f"not ready after {seconds} s: {problem}")
            late.effect, late.attempts = "none", asked
            raise late from cause
