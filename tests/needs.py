"""What tests need of a system, or of a Python, that not every one has."""

import asyncio
import locale
import os
import signal
import socket
import sys
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

resource: ModuleType | None
try:
    import resource
except ImportError:
    resource = None


def _awaits_files() -> bool:
    one, other = socket.socketpair()
    with one, other, closing(asyncio.new_event_loop()) as loop:
        try:
            loop.add_reader(one, print)
        except NotImplementedError:
            return False
        loop.remove_reader(one)
    return True


INTERRUPTED = -signal.SIGINT if hasattr(signal, "SIGUSR1") else 0xC000013A
"""What a process ends with that KeyboardInterrupt has ended."""

needs_forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
needs_fifos = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
needs_awaited_files = pytest.mark.skipif(
    not _awaits_files(), reason="needs event loops that can await files"
)
needs_signals = pytest.mark.skipif(
    not hasattr(signal, "SIGUSR1"), reason="needs signals that can be sent to a process"
)
needs_fine_clock = pytest.mark.skipif(
    time.get_clock_info("monotonic").resolution > 0.001,
    reason="needs a clock that tells milliseconds",
)
needs_resource = pytest.mark.skipif(
    resource is None, reason="needs to know, or to limit, what a process takes"
)
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs /proc, which says what a process takes"
)
needs_utf8 = pytest.mark.skipif(
    locale.getpreferredencoding(False).lower() != "utf-8", reason="needs a locale in UTF-8"
)
needs_unordered_sets = pytest.mark.skipif(
    [*map(int, {*map(str, range(100))})] == [*range(100)],
    reason="needs sets whose order differs from one process to another",
)

has_orjson = find_spec("orjson") is not None
assert has_orjson or sys.implementation.name != "cpython", "the tests need the extra `speed`"
needs_orjson = pytest.mark.skipif(not has_orjson, reason="needs orjson, which not every Python has")
