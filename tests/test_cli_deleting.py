"""`rm`: who is asked, what is deleted, and what a journal keeps."""

import json
import time
from pathlib import Path

import pytest
from children import started
from command import run, terminal

from conversation_client import ConversationClient
from conversation_client.testing import Emulator

DELETION = "conversations_delete_specific_conversation"


@pytest.fixture(autouse=True)
def at_server(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", server.url)


@pytest.fixture
def ids(server: Emulator) -> list[str]:
    """Three conversations that are to be deleted, beside the one that every emulator has."""
    with ConversationClient(server.url) as client:
        return [client.conversations.create(f"To go {number}").id for number in range(3)]


def held(server: Emulator) -> set[str]:
    with ConversationClient(server.url) as client:
        return {each.id for each in client.conversations.identifiers().iterable}


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_nothing_is_deleted_unasked(
    arguments: tuple[str, ...], server: Emulator, ids: list[str]
) -> None:
    ended = run("rm", *ids, *arguments, stdin=ids[0])
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--yes is needed" in ended.stderr
    assert held(server) >= set(ids)
    with terminal("rm", "-") as shown:  # which cannot be read from and asked on
        assert shown.wait() == 2


def test_person_is_asked_and_may_agree(server: Emulator, ids: list[str]) -> None:
    with terminal("rm", ids[0][:10], ids[1]) as shown:
        shown.wait_for(r"\[y/N\]")
        assert f"{ids[0]}  To go 0\n{ids[1]}  To go 1\n" in shown.screen
        assert held(server) >= set(ids)
        shown.type("y\n")
        assert shown.wait() == 0
        assert "2 deleted" in shown.screen
    assert held(server).intersection(ids) == {ids[2]}


@pytest.mark.parametrize(
    ("keys", "code", "told"),
    [
        ("\n", 1, "nothing was deleted"),
        ("yeah\n", 1, "nothing was deleted"),
        ("\x04", 1, "nothing was deleted"),
        ("\x03", 130, "interrupted"),
    ],
)
def test_person_may_refuse(
    keys: str, code: int, told: str, server: Emulator, ids: list[str]
) -> None:
    with terminal("rm", *ids) as shown:
        shown.wait_for(r"Delete these 3 conversations\? \[y/N\]")
        shown.type(keys)
        assert shown.wait() == code
        assert told in shown.screen
    assert held(server) >= set(ids)


def test_hostile_name_does_not_drive_the_terminal_that_asks(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        id_ = client.conversations.create("\x1b[2J\r\nDelete nothing? \u202e").id
    with terminal("rm", id_) as shown:
        shown.wait_for(r"\[y/N\]")
        assert f"{id_}  \\x1b[2J Delete nothing? \\u202e\n" in shown.screen
        shown.type("y\n")
        assert shown.wait() == 0


def test_nothing_is_deleted_if_one_name_is_wrong(server: Emulator, ids: list[str]) -> None:
    for wrong, code in (("zz", 1), ("", 2), ("a\nb", 2)):
        ended = run("rm", ids[0], wrong, ids[1], "--yes")
        assert (ended.returncode, ended.stdout) == (code, "")
    assert held(server) >= set(ids)
    assert server.counts[DELETION] == 0


def test_full_id_that_is_gone_counts_as_deleted(server: Emulator, ids: list[str]) -> None:
    for _ in range(2):
        ended = run("rm", *ids, ids[0], "--yes")
        assert (ended.returncode, ended.stdout) == (0, "3 deleted\n")
    with terminal("rm", ids[0]) as shown:
        shown.wait_for(r"\(gone already\)")
        shown.type("y\n")
        assert shown.wait() == 0
    assert not held(server).intersection(ids)


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_is_listed_can_be_deleted(
    options: tuple[str, ...], server: Emulator, ids: list[str]
) -> None:
    with ConversationClient(server.url) as client:
        client.set_name(ids[0], '"a, "quoted" name')
    listed = run("ls", *options, separator="\t").stdout
    ended = run("rm", "-", "--yes", stdin=listed)
    assert (ended.returncode, ended.stdout) == (0, "4 deleted\n")
    assert held(server) == set()


def test_line_that_is_no_id_fails_alone(server: Emulator, ids: list[str]) -> None:
    odd = server.seed({"id": "odd one", "type": "COPILOT"})
    lines = [ids[0], ids[1][:10], "nobody", "", "\tx", '{"name": "x"}', odd, json.dumps(ids[2])]
    ended = run("rm", "-", "--yes", stdin="\n".join(lines))
    assert (ended.returncode, ended.stdout) == (1, "2 deleted, 6 failed\n")
    assert held(server).intersection([*ids, odd]) == {ids[1], ids[2]}
    told = ended.stderr.splitlines()
    assert f"conversation-client: no conversation has the id {ids[1][:10]!r}" in told
    assert "conversation-client: line 4: empty" in told


def test_journal_of_deletions_is_resumed(server: Emulator, tmp_path: Path) -> None:
    with ConversationClient(server.url) as client:
        ids = [client.conversations.create(f"{number}").id for number in range(60)]
    journal = str(tmp_path / "j")
    server.delay = 0.2
    command = ("rm", "-", "--yes", "--journal", journal, "--concurrency", "2")
    with started(None, *command) as process:
        process.stdin.write("\n".join(ids))
        process.stdin.close()
        while server.counts[DELETION] < 6:
            time.sleep(0.01)
        process.kill()
    server.delay = 0.0
    told = run("journal", journal).stdout
    assert told.startswith("delete conversations\n")
    assert told.endswith("60 in all\n")
    assert held(server).intersection(ids)
    ended = run("resume", journal)
    assert ended.returncode == 0, ended.stderr
    assert " deleted" in ended.stdout
    assert not held(server).intersection(ids)


def test_interrupted_deletion_says_how_to_go_on(server: Emulator, tmp_path: Path) -> None:
    with ConversationClient(server.url) as client:
        ids = [client.conversations.create(f"{number}").id for number in range(40)]
    server.delay = 0.3
    journal = str(tmp_path / "j")
    with terminal("rm", *ids, "--yes", "--journal", journal, "--concurrency", "1") as shown:
        while server.counts[DELETION] < 3:
            time.sleep(0.01)
        shown.type("\x03")
        assert shown.wait() == 130
        assert "resume" in shown.screen
    server.delay = 0.0
    assert run("resume", journal).returncode == 0
    assert not held(server).intersection(ids)
