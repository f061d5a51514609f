"""The garbage collector is paused for large documents alone, and never stays off."""

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from needs import needs_forks

from conversation_client import DecodeError, decode
from conversation_client._collector import collector
from conversation_client.codec import LARGE
from conversation_client.models.common import SeededScore


def document(size: int) -> bytes:
    """Return a document of about this size that makes many objects."""
    return b'{"reuse":true,"later":[%s]}' % b",".join([b"[]"] * (size // 3))


SMALL_DOCUMENT = document(LARGE - 100)
LARGE_DOCUMENT = document(LARGE + 100)


@pytest.fixture(autouse=True)
def _enabled() -> Iterator[None]:
    assert gc.isenabled()
    yield
    gc.enable()


@contextmanager
def collections() -> Iterator[list[str]]:
    """Note when the collector runs."""
    phases: list[str] = []

    def note(phase: str, _: dict[str, Any]) -> None:
        phases.append(phase)

    gc.callbacks.append(note)
    try:
        yield phases
    finally:
        gc.callbacks.remove(note)


def test_large_document_is_read_without_collecting() -> None:
    with collections() as phases:
        decode(LARGE_DOCUMENT, SeededScore)
    assert phases.count("start") <= 1  # once the pause is over


def test_small_document_is_read_without_a_pause() -> None:
    with collections() as phases:
        decode(SMALL_DOCUMENT, SeededScore)
    assert phases.count("start") > 1


@pytest.mark.parametrize(
    "data",
    [LARGE_DOCUMENT, LARGE_DOCUMENT[:-1], LARGE_DOCUMENT.replace(b"true", b"1")],
    ids=["read", "no-json", "another-shape"],
)
@pytest.mark.parametrize("enabled", [True, False])
def test_collector_is_left_as_it_was(data: bytes, enabled: bool) -> None:
    if not enabled:
        gc.disable()
    with suppress(DecodeError):
        decode(data, SeededScore)
    assert gc.isenabled() == enabled


def test_reading_in_another_thread_does_not_end_a_pause() -> None:
    with collector.paused():
        thread = threading.Thread(target=decode, args=[LARGE_DOCUMENT, SeededScore])
        thread.start()
        thread.join()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_collector_is_enabled_after_many_threads_have_read() -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(decode, [LARGE_DOCUMENT] * 40, [SeededScore] * 40))
    assert all(one == found[0] for one in found)
    assert gc.isenabled()


def test_interrupted_pause_ends() -> None:
    with pytest.raises(KeyboardInterrupt), collector.paused():
        raise KeyboardInterrupt
    assert gc.isenabled()


FORK = """
import contextlib, gc, os, sys
from conversation_client._collector import collector
with collector.paused() if sys.argv[1] == "paused" else contextlib.nullcontext():
    pid = os.fork()
    if not pid:
        assert gc.isenabled()
        with collector.paused():
            assert not gc.isenabled()
        assert gc.isenabled()
        sys.exit()
    assert os.waitpid(pid, 0)[1] == 0
    assert gc.isenabled() == (sys.argv[1] != "paused")
assert gc.isenabled()
"""


@needs_forks
@pytest.mark.parametrize("how", ["paused", "enabled"])
def test_pause_does_not_go_on_in_a_forked_child(how: str) -> None:
    command = [sys.executable, "-W", "error", "-c", FORK, how]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)
