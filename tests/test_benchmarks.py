"""The benchmarks run; what they say is nothing that a test could know."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.interop,  # drives the official SDK where its environments are kept
    pytest.mark.skipif(sys.platform != "linux", reason="the server needs epoll"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="the server needs a C compiler"),
]

ROOT = Path(__file__).parent.parent


def test_every_case_runs(tmp_path):
    kept = os.environ.get("CONVERSATION_CLIENT_INTEROP_ENVS", str(tmp_path / "environments"))
    environment = {"CONVERSATION_CLIENT_BENCH_ENVS": kept} | os.environ
    output = tmp_path / "made if need be"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", output]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = (output / "RESULTS.md").read_text(encoding="utf-8")
    assert done.stdout.partition("\n\n")[2].strip() in report
    assert "| `associate_asset`, 32 at a time, CPU against bare aiohttp as documented |" in report
    assert "| 1,000,000 items: peak resident memory |" in report
