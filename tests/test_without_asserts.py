"""The package works where asserts and docstrings are gone, as `python -OO` has it."""

import subprocess
import sys
from pathlib import Path

import pytest
import without_asserts
from waiting import LONG


@pytest.mark.parametrize("way", without_asserts.WAYS)
def test_it_works_without_asserts_and_docstrings(way: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-OO", without_asserts.__file__, way],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * LONG,
    )
    assert ended.returncode == 0, ended.stderr
