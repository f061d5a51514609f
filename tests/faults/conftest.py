"""The fault matrix, and the summary of its cells."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from .chaos import ChaosServer
from .matrix import Matrix


@dataclass
class Summary:
    """What the end of the run tells of the matrix."""

    cells: int = 0
    overrun: float = 0.0
    """Seconds after its deadline that the latest call ended."""

    def add(self, overrun: float, cells: int = 1) -> None:
        self.cells += cells
        self.overrun = max(self.overrun, overrun)


SUMMARY = pytest.StashKey[Summary]()
IN_WORKER = "fault_matrix"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SUMMARY] = Summary()


@pytest.fixture(scope="session")
def matrix() -> Iterator[Matrix]:
    made = Matrix()
    yield made
    made.close()


@pytest.fixture(scope="session")
def chaos() -> Iterator[ChaosServer]:
    with ChaosServer() as server:
        yield server


@pytest.fixture(scope="session")
def summary(pytestconfig: pytest.Config) -> Summary:
    return pytestconfig.stash[SUMMARY]


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[IN_WORKER] = asdict(session.config.stash[SUMMARY])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has counted."""
    told = getattr(node, "workeroutput", {}).get(IN_WORKER)
    if told:
        node.config.stash[SUMMARY].add(**told)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    told = config.stash[SUMMARY]
    if told.cells:
        terminalreporter.write_line(
            f"fault matrix: {told.cells} cells, the latest ended"
            f" {told.overrun:.3f} s after its deadline"
        )
