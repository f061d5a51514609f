"""Journals whose processes are killed at any point, or race for them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from children import without_coverage
from disk import watching
from journal_forks import COUNT
from stub_server import stub
from waiting import LONG

KILLS = int(os.environ.get("CONVERSATION_CLIENT_JOURNAL_KILLS", "12"))
ALL = {"ended": [COUNT, 0], "done": COUNT}
"""What is told of a journal all of whose items are done."""
RACES = int(os.environ.get("CONVERSATION_CLIENT_JOURNAL_RACES", "8"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with stub() as at:
        yield at


def forks(
    url: str, folder: Path, task: str, argument: str, rounds: int, **environment: str
) -> list[Any]:
    program = str(Path(__file__).with_name("journal_forks.py"))
    # CPython 3.12 and newer warn of a fork in a process with threads.
    command = [sys.executable, "-W", "ignore:This process:DeprecationWarning", program]
    ended = subprocess.run(
        [*command, url, str(folder), task, argument],
        env={**without_coverage(), **environment},  # those that are killed write nothing down
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * LONG + rounds,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    [
        "new",
        pytest.param("new, half", marks=pytest.mark.heavy),
        pytest.param("begun", marks=pytest.mark.heavy),
    ],
)
def test_a_kill_at_any_write_sync_or_name_leaves_a_journal_to_go_on_with(
    url: str, tmp_path: Path, library: Path, how: str
) -> None:
    told = forks(url, tmp_path, "points", how, COUNT, **watching(library, tmp_path))
    for each in told:
        assert (each["told"], each["files"]) == (ALL, ["j"]), each
    assert [each["exit"] for each in told[:-1]] == [-9] * (len(told) - 1)
    assert told[-1]["exit"] == 0
    assert len(told) > 30


def test_a_kill_at_any_moment_leaves_a_journal_to_go_on_with(url: str, tmp_path: Path) -> None:
    told = forks(url, tmp_path, "moments", str(KILLS), KILLS)
    assert len(told) == KILLS
    for each in told:
        assert (each["told"], each["files"]) == (ALL, ["j"]), each


@pytest.mark.parametrize("runners", [2, 4])
def test_a_race_for_a_journal_has_one_winner_and_the_others_are_told_that_it_is_in_use(
    url: str, tmp_path: Path, runners: int
) -> None:
    told = forks(url, tmp_path, "races", f"{RACES}x{runners}", RACES)
    assert len(told) == RACES
    for each in told:
        assert each["told"] == ["holds", *["locked"] * (runners - 1)], each
        assert each["done"] == COUNT
