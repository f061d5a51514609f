"""The event loops that there are: uvloop's is not made for every system and Python."""

import asyncio
from collections.abc import Callable

import pytest

Factory = Callable[[], asyncio.AbstractEventLoop]

uvloop: Factory | None
try:
    from uvloop import new_event_loop as uvloop
except ImportError:
    uvloop = None

needs_uvloop = pytest.mark.skipif(uvloop is None, reason="needs uvloop")
every_loop = pytest.mark.parametrize(
    "factory",
    [asyncio.new_event_loop, pytest.param(uvloop, marks=needs_uvloop)],
    ids=["asyncio", "uvloop"],
)
