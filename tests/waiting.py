"""Waiting for what no event tells, such as what a server in another thread has seen."""

import asyncio
import time
from collections.abc import Callable

LONG = 20.0
"""Seconds that no test waits for."""
STEP = 0.001


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LONG):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(STEP)


def wait_until(condition: Callable[[], object], seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(STEP)
