"""The benchmarks run; what they say is nothing that a test could know."""

import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from children import with_authorities

from benchmarks.figures import FIGURES

pytestmark = [
    pytest.mark.interop,  # drives the official SDK where its environments are kept
    pytest.mark.skipif(not hasattr(select, "epoll"), reason="the server needs epoll"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="the server needs a C compiler"),
]

ROOT = Path(__file__).parent.parent


def test_every_case_runs(tmp_path: Path) -> None:
    kept = os.environ.get("CONVERSATION_CLIENT_INTEROP_ENVS", str(tmp_path / "environments"))
    environment = {"CONVERSATION_CLIENT_BENCH_ENVS": kept} | with_authorities()
    output = tmp_path / "made if need be"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(output)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = (output / "RESULTS.md").read_text(encoding="utf-8")
    assert done.stdout.partition("\n\n")[2].strip() in report
    left_out = [figure.text for figure in FIGURES if f"| {figure.text} |" not in report]
    assert all("official SDK" in text for text in left_out), left_out
