"""Processes that tests start."""

import os
import subprocess
import sys

from waiting import LONG

VARIABLE = "CONVERSATION_CLIENT_BASE_URL"


def without_coverage() -> dict[str, str]:
    """The environment of a process that may be unable to write down what coverage has seen."""
    return {name: value for name, value in os.environ.items() if "COVERAGE" not in name}


def run(code: str, **environment: str) -> str:
    """Run a program and return what it prints."""
    inherited = {name: value for name, value in os.environ.items() if name != VARIABLE}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONG,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
