"""The command, run as a user runs it: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conversation_client.testing import Emulator


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conversation_client.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_demo_runs_an_emulator_and_says_what_it_did() -> None:
    demo = run("demo", "--assets", "300")
    assert demo.returncode == 0, demo.stderr
    assert "Associated 300 assets" in demo.stdout
    assert "Failures: 0" in demo.stdout
    assert "Name: How do I retry" in demo.stdout
    assert "Summary: annotation" in demo.stdout
    assert "The server holds 300 of 300 assets" in demo.stdout


def test_demo_uses_a_running_server(server: Emulator) -> None:
    demo = run("demo", "--assets", "20", "--concurrency", "3", "--server", server.url)
    assert demo.returncode == 0, demo.stderr
    assert server.counts["conversation_associate_asset"] == 20
    assert server.counts["conversations_create_specific_conversation"] == 1


def test_demo_fails_if_the_server_does_not_hold_every_asset(server: Emulator) -> None:
    server.fail_next(500, times=2, operation="conversation_associate_asset")
    demo = run("demo", "--assets", "1", "--server", server.url)
    assert demo.returncode == 1
    assert "The server holds 0 of 1 assets" in demo.stdout
    assert "Failures: 1" in demo.stdout


def test_demo_without_a_server_says_so() -> None:
    demo = run("demo", "--server", "http://127.0.0.1:9")
    assert (demo.returncode, demo.stdout) == (3, "")
    assert "nobody answers there" in demo.stderr
    assert "Traceback" not in demo.stderr


def test_demo_reports_the_error_of_a_server(server: Emulator) -> None:
    server.fail_next(404, operation="conversations_create_specific_conversation")
    demo = run("demo", "--server", server.url)
    assert demo.returncode == 1
    assert "404 Not Found" in demo.stderr


@pytest.mark.parametrize(
    "arguments", [("--server", "ftp://localhost"), ("--assets", "0"), ("--concurrency", "x")]
)
def test_misuse_is_refused(arguments: tuple[str, ...]) -> None:
    demo = run("demo", *arguments)
    assert (demo.returncode, demo.stdout) == (2, "")
    assert "Usage:" in demo.stderr


def test_command_without_its_extra_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ImportError('no click', name='click')")
    help_ = run("--help", PYTHONPATH=str(tmp_path))
    assert (help_.returncode, help_.stdout) == (2, "")
    assert "pip install 'conversation-client[cli]'" in help_.stderr
