"""A Python that was built without sqlite3: all works that needs none, the rest says what is missing."""

import os
from pathlib import Path

import pytest
from children import completed
from command import run

from conversation_client import Material
from conversation_client.testing import STARTING_CONVERSATION as CONVERSATION
from conversation_client.testing import Emulator

BATCHES = """
import sys
from conversation_client import *

conversation = sys.argv[2]
with ConversationClient(sys.argv[1]) as client:
    print(client.associate_many(conversation, Material.ASSET, ["a"]).succeeded)
    for work in (
        lambda: client.associate_many(conversation, Material.ASSET, ["b"], journal="j"),
        lambda: client.resume("j"),
        lambda: read_journal("j"),
        lambda: resume("j"),
    ):
        try:
            work()
        except JournalError as error:
            print(error)
"""
EMULATOR = """
import sys
from conversation_client.testing import Emulator

try:
    with Emulator():
        pass
except ImportError as error:
    print(error.name, error)
"""
NEEDS_SQLITE = "it keeps its state by sqlite3, which this Python was built without: use another"


@pytest.fixture
def lacking(tmp_path: Path) -> dict[str, str]:
    """The variable by which a process has no sqlite3."""
    (tmp_path / "sqlite3.py").write_text("raise ImportError('no', name='sqlite3')")
    return {"PYTHONPATH": str(tmp_path)}


def test_batches_work_and_journals_say_what_is_missing(
    server: Emulator, lacking: dict[str, str]
) -> None:
    ended = completed(BATCHES, server.url, CONVERSATION, environment=os.environ | lacking)
    assert ended.stderr == ""
    first, *others = ended.stdout.splitlines()
    assert first == "1"
    assert len(others) == 4
    for told in others:
        assert told.startswith("j: journals need sqlite3, which this Python was built without: ")
    assert server.associations(CONVERSATION, Material.ASSET) == ("a",)


def test_the_command_works_and_says_what_journals_lack(
    server: Emulator, lacking: dict[str, str], tmp_path: Path
) -> None:
    journal = str(tmp_path / "j")
    asked = (CONVERSATION, "--assets", "-", "--server", server.url)
    for verb in ("associate", "reconcile"):
        ended = run(verb, *asked, stdin="a\nb\n", **lacking)
        assert ended.returncode == 0, ended.stderr
    for asking in (["ls"], ["doctor", "--ports", "9"]):
        ended = run(*asking, "--server", server.url, separator="\t", **lacking)
        assert (ended.returncode, ended.stderr) == (0, "")
    for arguments in (
        ("associate", *asked, "--journal", journal),
        ("resume", journal),
        ("journal", journal),
    ):
        ended = run(*arguments, stdin="c\n", **lacking)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert f"{journal}: journals need sqlite3, which this Python was built" in ended.stderr
        assert ended.stderr.count("\n") == 1
    assert set(server.associations(CONVERSATION, Material.ASSET)) == {"a", "b"}


def test_the_emulator_says_what_it_lacks(lacking: dict[str, str]) -> None:
    ended = completed(EMULATOR, environment=os.environ | lacking)
    assert (ended.stdout.startswith(f"sqlite3 {NEEDS_SQLITE}"), ended.stderr) == (True, "")
    command = run("emulator", **lacking)
    assert (command.returncode, command.stdout) == (2, "")
    assert command.stderr.startswith(f"emulator: {NEEDS_SQLITE}")
    assert command.stderr.count("\n") == 1
    demo = run("demo", **lacking)
    assert (demo.returncode, demo.stdout) == (1, "")
    assert demo.stderr == f"{command.stderr}Error: the emulator did not start\n"
