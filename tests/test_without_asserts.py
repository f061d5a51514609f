"""The package works where asserts and docstrings are gone, as `python -OO` has it."""

import subprocess
import sys
from pathlib import Path

import pytest
from waiting import LONG


@pytest.mark.slow
def test_it_works_without_asserts_and_docstrings(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-OO", Path(__file__).with_name("without_asserts.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * LONG,
    )
    assert ended.returncode == 0, ended.stderr
