"""`reconcile` by the command: what it prints, whom it asks, what it writes."""

import json
import os
import time
from pathlib import Path

import pytest
from command import run, terminal

from conversation_client import ConversationClient, Material, operations
from conversation_client.testing import STARTING_CONVERSATION, Emulator

C = STARTING_CONVERSATION
ASSET = Material.ASSET
HELD = ("a1", "a2", "a3", "a4")


@pytest.fixture(autouse=True)
def at_server(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", server.url)
    with ConversationClient(server.url) as client:
        client.associate_many(C, ASSET, HELD, concurrency=1)  # in that order


@pytest.fixture
def wanted(tmp_path: Path) -> str:
    """A file of two ids that the conversation has, and two that it has not."""
    file = tmp_path / "ids"
    file.write_text("b1\na2\na1\nb2\nb1\n")
    return str(file)


def held(server: Emulator, material: Material = ASSET) -> set[str]:
    return set(server.associations(C, material))


def test_difference_is_shown_in_a_pipe_and_fails(server: Emulator, wanted: str) -> None:
    ended = run("reconcile", C, "--assets", wanted, "--dry-run")
    assert (ended.returncode, ended.stdout) == (1, "+ b1\n+ b2\n- a3\n- a4\n")
    assert ended.stderr == ""
    ended = run("reconcile", C, "--assets", wanted, "--dry-run", "--no-remove")
    assert (ended.returncode, ended.stdout) == (1, "+ b1\n+ b2\n")
    assert held(server) == set(HELD)


def test_difference_is_shown_on_a_terminal_and_nothing_else(server: Emulator, wanted: str) -> None:
    with terminal("reconcile", C, "--assets", wanted, "--dry-run") as shown:
        assert shown.wait() == 1
        assert shown.screen.splitlines() == ["+ b1", "+ b2", "- a3", "- a4"]
    assert held(server) == set(HELD)


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_no_difference_is_no_output_and_no_failure(options: tuple[str, ...]) -> None:
    command = ("reconcile", C, "--assets", "-", "--dry-run", *options)
    ended = run(*command, stdin="\n".join(HELD))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "" or json.loads(ended.stdout)["kept"] == len(HELD)


def test_difference_is_written_and_then_there_is_none(server: Emulator, wanted: str) -> None:
    ended = run("reconcile", C[:8], "--assets", wanted)
    assert (ended.returncode, ended.stdout) == (0, "2 added, 2 removed, 2 kept\n")
    assert ended.stderr.startswith("Reconciling: 4 of 4 done, 0 failed")
    assert held(server) == {"a1", "a2", "b1", "b2"}
    before = server.counts[operations.ASSOCIATE_ASSET.id]
    ended = run("reconcile", C, "--assets", wanted)
    assert (ended.returncode, ended.stdout) == (0, "0 added, 0 removed, 4 kept\n")
    assert server.counts[operations.ASSOCIATE_ASSET.id] == before


def test_other_materials_and_layouts_are_read_as_for_batches(
    server: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "ids.jsonl").write_text('{"key": "s1"}\n{"key": "s2"}\n')
    file = str(tmp_path / "ids.jsonl")
    ended = run("reconcile", C, "--workstream-summaries", file, "--field", "key")
    assert (ended.returncode, ended.stdout) == (0, "2 added, 0 removed, 0 kept\n")
    assert held(server, Material.WORKSTREAM_SUMMARY) == {"s1", "s2"}
    assert held(server) == set(HELD)
    assert run("reconcile", C).returncode == 2


def test_json_is_one_object_of_what_was_needed_and_what_became_of_it(
    server: Emulator, wanted: str
) -> None:
    ended = run("reconcile", C, "--assets", wanted, "--dry-run", "--json")
    assert ended.returncode == 1
    planned = {"to_add": ["b1", "b2"], "to_remove": ["a3", "a4"], "kept": 2}
    assert json.loads(ended.stdout) == planned | {"associated": None, "disassociated": None}
    assert ended.stdout.count("\n") == 1
    server.fail_next(500, times=9, operation=operations.DISASSOCIATE_ASSET, text="no\x1b")
    ended = run("reconcile", C, "--assets", wanted, "--json")
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert {name: told[name] for name in planned} == planned
    assert told["associated"] == {"succeeded": 2, "failed": 0, "failures": [], "not_started": 0}
    assert told["disassociated"]["failed"] == 2
    assert {each["id"] for each in told["disassociated"]["failures"]} == {"a3", "a4"}
    assert held(server) == {*HELD, "b1", "b2"}


def test_what_fails_is_told_and_the_rest_is_done(server: Emulator, wanted: str) -> None:
    server.fail_next(500, times=3, operation=operations.ASSOCIATE_ASSET, text="not today")
    ended = run("reconcile", C, "--assets", wanted, "--concurrency", "1")
    assert (ended.returncode, ended.stdout) == (1, "1 added, 2 removed, 2 kept, 1 failed\n")
    assert "not today" in ended.stderr


# Who is asked


def test_without_a_terminal_more_than_half_are_not_removed_unasked(server: Emulator) -> None:
    for options in ((), ("--json",)):
        ended = run("reconcile", C, "--assets", "-", *options, stdin="a1\nb1")
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "3 of the 4 that the conversation has would be removed" in ended.stderr
        assert "--yes is needed" in ended.stderr
    assert held(server) == set(HELD)
    assert run("reconcile", C, "--assets", os.devnull).returncode == 2
    with terminal("reconcile", C, "--assets", "-") as shown:  # which is read, and cannot be asked
        shown.type("a1\n\x04")
        assert shown.wait() == 2
    assert held(server) == set(HELD)
    ended = run("reconcile", C, "--assets", "-", "--no-remove", stdin="a1\nb1")
    assert (ended.returncode, ended.stdout) == (0, "1 added, 0 removed, 1 kept\n")
    ended = run("reconcile", C, "--assets", "-", "--yes", stdin="a1\nb1")
    assert (ended.returncode, ended.stdout) == (0, "0 added, 3 removed, 2 kept\n")
    assert held(server) == {"a1", "b1"}


@pytest.mark.parametrize(
    ("keys", "code", "told"),
    [
        ("y\n", 0, "1 added, 3 removed, 1 kept"),
        ("\n", 1, "nothing was added or removed"),
        ("n\n", 1, "nothing was added or removed"),
        ("\x04", 1, "nothing was added or removed"),
        ("\x03", 130, "interrupted"),
    ],
)
def test_on_a_terminal_somebody_is_asked_before_more_than_half_are_removed(
    server: Emulator, tmp_path: Path, keys: str, code: int, told: str
) -> None:
    (tmp_path / "ids").write_text("a1\nb1\n")
    with terminal("reconcile", C, "--assets", str(tmp_path / "ids")) as shown:
        shown.wait_for(r"Remove 3 and add 1\? \[y/N\]")
        assert held(server) == set(HELD)
        shown.type(keys)
        assert shown.wait() == code
        assert told in shown.screen
    assert held(server) == (set(HELD) if code else {"a1", "b1"})


def test_half_are_removed_unasked_on_a_terminal(server: Emulator, wanted: str) -> None:
    with terminal("reconcile", C, "--assets", wanted) as shown:
        assert shown.wait() == 0
        assert "2 added, 2 removed, 2 kept" in shown.screen
        assert "[y/N]" not in shown.screen


# What goes wrong


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--yes",), ("--no-remove",)])
def test_file_with_a_line_that_holds_no_id_is_not_acted_upon(
    server: Emulator, options: tuple[str, ...]
) -> None:
    asked = sum(server.counts.values())
    ended = run("reconcile", C, "--assets", "-", *options, stdin="a1\n\n..\nb1")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "line 2: empty" in ended.stderr
    assert "line 3: asset: '..' would change the path" in ended.stderr
    assert "nothing was sent" in ended.stderr
    assert sum(server.counts.values()) == asked


def test_conversation_or_server_that_is_not_there_is_told(server: Emulator, wanted: str) -> None:
    nobody = "11111111-1111-4111-8111-111111111111"
    ended = run("reconcile", nobody, "--assets", wanted)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "410 Gone" in ended.stderr
    ended = run("reconcile", C, "--assets", wanted, "--server", "http://127.0.0.1:9")
    assert (ended.returncode, ended.stdout) == (3, "")


def test_server_that_goes_away_is_given_up(server: Emulator, wanted: str) -> None:
    server.drop_next(times=10_000, operation=operations.ASSOCIATE_ASSET)
    command = ("reconcile", C, "--assets", "-", "--give-up-after", "0.3", "--concurrency", "1")
    many = "\n".join([*HELD[1:], *(f"b{number}" for number in range(40))])
    ended = run(*command, stdin=many)
    assert ended.returncode == 3
    assert ended.stdout.startswith("0 added, 0 removed, 3 kept, ")
    assert "gave up" in ended.stderr
    assert "the same command does the rest" in ended.stderr
    assert held(server) == set(HELD)


def test_interrupted_it_says_that_the_same_command_does_the_rest(
    server: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "ids").write_text("\n".join([*HELD, *(f"b{number}" for number in range(60))]))
    server.delay = 0.2
    command = ("reconcile", C, "--assets", str(tmp_path / "ids"), "--concurrency", "1")
    with terminal(*command) as shown:
        while server.counts[operations.ASSOCIATE_ASSET.id] < len(HELD) + 3:
            time.sleep(0.01)
        shown.type("\x03")
        assert shown.wait() == 130
        assert "the same command does the rest" in shown.screen
    server.delay = 0.0
    assert run(*command).returncode == 0
    assert len(held(server)) == 64


def test_ids_of_a_hostile_server_do_not_drive_the_terminal(server: Emulator) -> None:
    known = server.seed({"assets": {"iterable": [{"id": "\x1b[2J\r\nnext"}, {"id": "b\ta"}]}})
    with terminal("reconcile", known, "--assets", os.devnull, "--dry-run") as shown:
        assert shown.wait() == 1
        assert shown.screen.splitlines() == ["- \\x1b[2J next", "- b a"]
