"""Fixtures that several test files share."""

import gc
import importlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from children import VARIABLE
from disk import compiled

from conversation_client import AsyncConversationClient, ConversationClient
from conversation_client._batch import outage
from conversation_client.testing import Emulator


def pytest_configure(config: pytest.Config) -> None:
    # Whoever is done takes from others, lest one process is left with all the long ones.
    if config.pluginmanager.has_plugin("xdist") and config.option.dist == "load":
        config.option.dist = "worksteal"
    # Let the programs that tests interrupt be interrupted, also where a shell started this aside.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(gc, "set_threshold"):  # PyPy has none
        gc.set_threshold(20_000, 20)  # tests that want something collected say so


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Spare the collector the thousands of tests, which live as long as the process."""
    gc.disable()
    try:
        import_share()
        return (yield)
    finally:
        if hasattr(gc, "freeze"):  # PyPy has no need of it
            gc.freeze()
        gc.enable()


def import_share() -> None:
    """Import first, in a process of xdist, what the others do not, lest each rewrites all tests."""
    if (count := worker_count()) == 1:
        return
    names = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
    for name in names[int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) :: count]:
        with suppress(Exception, pytest.skip.Exception):  # which are told as it is collected
            importlib.import_module(name)


def worker_count() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, in each process of xdist, which has a part of the list."""
    count = worker_count()
    slow = [item for item in items if item.get_closest_marker("slow")]
    others = [item for item in items if not item.get_closest_marker("slow")]
    bounds = [len(others) * number // count for number in range(count + 1)]
    items.clear()
    for number, (begin, end) in enumerate(pairwise(bounds)):
        items += slow[number::count] + others[begin:end]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run twice as many tests as there are cores: most of them wait for the most part."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture
def server() -> Iterator[Emulator]:
    """A fresh emulator, in a thread of its own: blocking and async tests use it alike."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def client(server: Emulator) -> AsyncIterator[AsyncConversationClient]:
    async with AsyncConversationClient(server.url) as made:
        yield made


@pytest.fixture
def blocking_client(server: Emulator) -> Iterator[ConversationClient]:
    with ConversationClient(server.url) as made:
        yield made


@pytest.fixture
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable that says where a server is."""
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def fast_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between probes that are a hundredth of the real ones."""
    monkeypatch.setattr(outage, "FIRST_WAIT", outage.FIRST_WAIT / 100)
    monkeypatch.setattr(outage, "LONGEST_WAIT", outage.LONGEST_WAIT / 100)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What sees a program's writes, and ends it at one of them."""
    made = compiled(tmp_path_factory.mktemp("disk")) if sys.platform == "linux" else None
    if made is None:
        pytest.skip("needs Linux and a C compiler")
    return made
