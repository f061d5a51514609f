"""A network of a test's own: its loopback alone, with nobody else's ports and servers (Linux)."""

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import ModuleType

import pytest
from system_calls import call

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:
    fcntl = None

_NETWORK = 0x40000000  # CLONE_NEWNET
_CURRENT = Path("/proc/thread-self/ns/net")
_SET_FLAGS, _UP = 0x8914, 0x1  # SIOCSIFFLAGS, IFF_UP


@contextmanager
def network_of_its_own() -> Iterator[None]:
    """Take this thread, with the threads and programs that it starts, to a network of its own.

    Skips the test where the system refuses that: it takes Linux and the rights of root.
    """
    if fcntl is None:
        pytest.skip("there is nothing here to bring a network up with")
    try:
        before = _CURRENT.open("rb")
    except OSError:
        pytest.skip("there are no network namespaces here")
    with before:
        try:
            call("unshare", _NETWORK)
        except OSError as error:
            pytest.skip(f"no network namespace is allowed here: {error.strerror}")
        try:
            _bring_loopback_up()
            yield
        finally:
            call("setns", before.fileno(), _NETWORK)


@contextmanager
def away_from_others() -> Iterator[None]:
    """As `network_of_its_own`, but stay in that of all where the system refuses one.

    A search of the usual ports asks whoever has them, which may be the servers of other tests.
    """
    with ExitStack() as stack:
        with suppress(pytest.skip.Exception):
            stack.enter_context(network_of_its_own())
        yield


def _bring_loopback_up() -> None:
    assert fcntl is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
