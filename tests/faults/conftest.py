"""The fault matrix, shared by the tests that look at it, and its summary."""

from collections.abc import Iterator

import pytest
from chaos import ChaosServer
from matrix import Matrix

SUMMARY = pytest.StashKey[dict[str, float]]()


@pytest.fixture(scope="session")
def matrix(request: pytest.FixtureRequest) -> Iterator[Matrix]:
    """The cells of the faults that the tests of this run name."""
    made = Matrix(
        dict.fromkeys(
            item.callspec.params["fault"]
            for item in request.session.items
            if isinstance(item, pytest.Function) and "matrix" in item.fixturenames
        )
    )
    yield made
    made.close()


@pytest.fixture(scope="session")
def chaos() -> Iterator[ChaosServer]:
    with ChaosServer() as server:
        yield server


@pytest.fixture(scope="session")
def summary(pytestconfig: pytest.Config) -> dict[str, float]:
    """What the end of the run tells: the number of cells, and how late the latest was."""
    return pytestconfig.stash.setdefault(SUMMARY, {"cells": 0, "overrun": 0.0})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    told = config.stash.get(SUMMARY, None)
    if told:
        terminalreporter.write_line(
            f"fault matrix: {told['cells']:.0f} cells, the latest ended"
            f" {max(told['overrun'], 0):.3f} s after its deadline"
        )
