"""Processes that tests start."""

import os


def without_coverage() -> dict[str, str]:
    """The environment of a process that may be unable to write down what coverage has seen."""
    return {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
