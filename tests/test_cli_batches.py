"""Batches by the command: its input, its journal, its exit codes."""

import csv
import io
import json
import os
import re
import shlex
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from children import started
from command import LIMIT, run, terminal
from needs import needs_signals, needs_utf8
from raw_server import RawRequest, RawServer, reply

from conversation_client import BatchProgress, Material
from conversation_client.cli.batches import command_line
from conversation_client.cli.progress import watch
from conversation_client.testing import Emulator
from conversation_client.testing.emulator import STARTING_CONVERSATION as CONVERSATION

TO_GO_ON = "conversation-client: to go on: python -m conversation_client.cli"


@pytest.fixture(autouse=True)
def at_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command find the test's emulator, where a test has one."""
    if "server" in request.fixturenames:
        url = request.getfixturevalue("server").url
        monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", url)


def dry_run(data: bytes, *options: str, name: str = "ids.txt", path: Path) -> tuple[str, list[str]]:
    """Return what a dry run says of a file: its result, and the lines that hold no id."""
    (path / name).write_bytes(data)
    ended = run("associate", CONVERSATION, "--assets", str(path / name), "--dry-run", *options)
    told = [line.removeprefix("conversation-client: ") for line in ended.stderr.splitlines()]
    assert ended.returncode == bool(told), ended.stderr
    return ended.stdout, told


def test_what_nobody_sees_at_the_ends_of_lines_is_no_part_of_an_id(
    server: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "ids").write_text(" one \ntwo\t\n\u200bthree\ufeff\n\u00a0four\u3000\n", "utf-8")
    (tmp_path / "ids.csv").write_text("five ,x\n six,y\n", "utf-8")
    for name in ("ids", "ids.csv"):
        assert run("associate", CONVERSATION, "--assets", str(tmp_path / name)).returncode == 0
    found = set(server.associations(CONVERSATION, Material.ASSET))
    assert found == {"one", "two", "three", "four", "five", "six"}


def test_file_of_ids_is_associated_and_taken_out_again(server: Emulator, tmp_path: Path) -> None:
    ids = tmp_path / "ids"
    ids.write_bytes(b"\xef\xbb\xbfone\r\ntwo three\nv\xc3\xb6r\n")
    options = {Material.WORKSTREAM_SUMMARY: "--workstream-summaries", Material.ASSET: "--assets"}
    for material, option in options.items():
        ended = run("associate", CONVERSATION, option, str(ids))
        assert (ended.returncode, ended.stdout) == (0, "3 associated\n")
        assert ended.stderr.startswith("Associating: 3 of 3 done, 0 failed, ")
        assert set(server.associations(CONVERSATION, material)) == {"one", "two three", "vör"}
    ended = run("disassociate", CONVERSATION, "--assets", "-", stdin="one\nvör")
    assert (ended.returncode, ended.stdout) == (0, "2 disassociated\n")
    assert server.associations(CONVERSATION, Material.ASSET) == ("two three",)


def test_unreadable_line_fails_alone_with_its_number(server: Emulator) -> None:
    lines = b"a\n\n \t\nb\x01\n\xff\n..\n" + b"x" * 1025 + b"\n" + b"y" * 3_000_000 + b"\nlast"
    ended = run("associate", CONVERSATION, "--assets", "-", stdin=lines)
    assert (ended.returncode, ended.stdout) == (1, "2 associated, 7 failed\n")
    assert set(server.associations(CONVERSATION, Material.ASSET)) == {"a", "last"}
    assert ended.stderr.splitlines()[:-1] == [
        "conversation-client: line 2: empty",
        "conversation-client: line 3: empty",
        "conversation-client: line 4: asset: control character in 'b\\x01'",
        "conversation-client: line 5: not UTF-8 from byte 1 on",
        "conversation-client: line 6: asset: '..' would change the path",
        "conversation-client: line 7: asset: an id has at most 1024 bytes, not 1025",
        "conversation-client: line 8: longer than 1,048,576 bytes",
    ]


def test_first_column_of_a_csv_is_taken(tmp_path: Path) -> None:
    data = (
        b'id,text\r\na,1\r\n"b",2\n"c,3\nd,"on\nseveral\nlines, ""quoted"""\ne,5\n\n,x\nf"g,1\n'
        b'h,"open\ni,1\nj,"x"y\n"k""l","\n",\nm,"open till the end\nn'
    )
    result, told = dry_run(data, "--header", name="ids.CSV", path=tmp_path)
    assert result == "7 ids are good, 7 lines hold none; nothing was sent\n"
    assert told == [
        "line 4: not CSV: a quotation mark out of place in the first column",
        "line 9: empty",
        "line 10: asset: an id cannot be empty",
        "line 11: not CSV: a quotation mark out of place in the first column",
        "line 12: not CSV: ',' expected after '\"'",
        "line 14: not CSV: ',' expected after '\"'",
        "line 17: not CSV: a quoted field does not end",
    ]
    unending = b'a,"' + b"\nb" * 2000
    result, told = dry_run(unending, "--format", "csv", path=tmp_path)
    assert result.startswith("2,000 ids are good, 1 line holds none")
    assert told == ["line 1: not CSV: a quoted field does not end"]


def test_ids_are_taken_from_json_lines(tmp_path: Path) -> None:
    data = b'"a"\n{"id": "b"}\n["\n"\\ud800"\n' + b"[" * 100_000 + b"\n" + b"1" * 5000 + b"\n"
    result, told = dry_run(data, name="ids.ndjson", path=tmp_path)
    assert result.startswith("1 id is good, 5 lines hold none")
    assert told == [
        "line 2: not a JSON string; --field names the field of an object",
        "line 3: not JSON: Unterminated string starting at, at column 2",
        "line 4: asset: lone surrogate in '\\ud800'",
        "line 5: JSON beyond what can be read",
        "line 6: JSON beyond what can be read",
    ]
    data = b'{"key": "a"}\r\n{"key": 1}\n["key"]\n{"id": "b"}\n'
    result, told = dry_run(data, "--field", "key", path=tmp_path)
    assert result.startswith("1 id is good, 3 lines hold none")
    assert told == [
        "line 2: field 'key' is not a string",
        "line 3: not a JSON object",
        "line 4: no field 'key'",
    ]


def test_file_without_any_line_is_done_at_once(server: Emulator, tmp_path: Path) -> None:
    assert dry_run(b"\xef\xbb\xbf", path=tmp_path)[0].startswith("0 ids are good, 0 lines")
    ended = run("associate", CONVERSATION, "--assets", os.devnull)
    assert (ended.returncode, ended.stdout) == (0, "0 associated\n")


def test_dry_run_sends_nothing_and_leaves_the_journal_alone(
    server: Emulator, tmp_path: Path
) -> None:
    many = b"\n" * 25
    result, told = dry_run(many, "--journal", str(tmp_path / "journal"), path=tmp_path)
    assert result == "0 ids are good, 25 lines hold none; nothing was sent\n"
    assert told[19:] == ["line 20: empty", "and 5 more lines that hold no id"]
    assert not (tmp_path / "journal").exists()
    assert not server.requests


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "--workstream-summaries is needed"),
        (("--assets", "-", "--anchors", "-"), "exactly one of --anchors, "),
        (("--assets", "/no/such/file"), "No such file"),
        (("--assets", "/"), "Is a directory"),
        (("--assets", "-", "--field", "id", "--format", "csv"), "--field is for JSON Lines"),
        (("--assets", "-", "--header"), "--header is for CSV"),
        (("--assets", "-", "--concurrency", "0"), "not in the range"),
        (("--assets", "-", "--give-up-after", "nan"), "give_up_after: seconds above 0"),
    ],
)
def test_misuse_is_refused(options: tuple[str, ...], told: str, server: Emulator) -> None:
    ended = run("associate", CONVERSATION, *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr


def test_failures_are_told_and_kept_in_the_journal(server: Emulator, tmp_path: Path) -> None:
    journal = str(tmp_path / "journal")
    server.fail_next(404, times=22, operation="conversation_associate_asset")
    ids = "\n".join(f"asset-{number}" for number in range(30))
    options = ("--assets", "-", "--journal", journal)
    ended = run("associate", CONVERSATION, *options, "--concurrency", "1", stdin=ids)
    assert (ended.returncode, ended.stdout) == (1, "8 associated, 22 failed\n")
    assert ended.stderr.count("404 Not Found") == 20
    assert ended.stderr.endswith("conversation-client: and 2 more failures\n")

    shown = run("journal", journal)
    assert shown.stdout.splitlines() == [
        f"associate asset ids, conversation {CONVERSATION}",
        f"begun on {server.url}",
        "8 done, 22 failed, 0 to do, 30 in all",
    ]
    summary = json.loads(run("journal", journal, "--json").stdout)
    assert (summary["verb"], summary["material"], summary["done"]) == ("associate", "asset", 8)

    rows = list(csv.reader(io.StringIO(run("journal", journal, "--failures", "-").stdout)))
    assert rows[0] == ["position", "id", "error"]
    assert rows[22][:2] == ["22", "asset-21"]
    assert "404 Not Found" in rows[22][2]
    file = tmp_path / "failures.csv"
    ended = run("journal", journal, "--failures", "/dev/full")
    assert (ended.returncode, ended.stdout) == (1, shown.stdout)
    assert ended.stderr == "conversation-client: [Errno 28] No space left on device\n"
    assert run("journal", journal, "--failures", str(file)).stdout == shown.stdout
    assert list(csv.reader(io.StringIO(file.read_text()))) == rows

    ended = run("associate", CONVERSATION, *options, stdin=ids)
    assert (ended.returncode, ended.stdout) == (0, "22 associated, 8 done before\n")
    assert len(server.associations(CONVERSATION, Material.ASSET)) == 30


def test_failures_are_not_written_over_the_journal(server: Emulator, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    asked = ("--assets", "-", "--journal", str(journal))
    assert run("associate", CONVERSATION, *asked, stdin="a\n").returncode == 0
    before = journal.read_bytes()
    (tmp_path / "link").symlink_to(journal)
    (tmp_path / "hard").hardlink_to(journal)
    (tmp_path / "journal-wal").touch()
    (tmp_path / "of log").hardlink_to(tmp_path / "journal-wal")
    for file in (
        "journal",
        "link",
        "hard",
        "journal-wal",
        "of log",
        "journal-shm",
        "journal-claim",
    ):
        for name in ("journal", "link"):
            ended = run("journal", str(tmp_path / name), "--failures", str(tmp_path / file))
            assert (ended.returncode, ended.stdout) == (2, ""), file
            assert "--failures: that is the journal itself" in ended.stderr
    assert journal.read_bytes() == before
    assert not (tmp_path / "journal-shm").exists()
    assert run("journal", str(journal), "--failures", str(tmp_path / "new")).returncode == 0


def test_command_to_go_on_with_is_spelled_for_the_shell_that_takes_it() -> None:
    words = ["resume", "C:\\My jobs\\it's.db", "--server", "http://[::1]:1000"]
    assert command_line(words, system="nt") == (
        'resume "C:\\My jobs\\it\'s.db" --server http://[::1]:1000'
    )
    assert shlex.split(command_line(words, system="posix")) == words
    assert command_line(words) == command_line(words, system=os.name)


def test_journal_whose_name_begins_as_options_do_can_be_gone_on_with(
    server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with RawServer(lambda request: reply(410) if request.method == "GET" else []) as raw:
        monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", raw.url)
        options = ("--journal=-j", "--give-up-after", "0.3")
        ended = run("associate", CONVERSATION, "--assets", "-", *options, stdin="a\nb\n")
    again = ended.stderr.splitlines()[-1].removeprefix(TO_GO_ON)
    ended = run(*shlex.split(again), "--server", server.url)
    assert (ended.returncode, ended.stdout) == (0, "2 associated\n")


def test_no_server_is_exit_code_3_before_anything_is_read(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    options = ("--assets", "-", "--journal", str(journal), "--server", "http://127.0.0.1:9")
    ended = run("associate", CONVERSATION, *options, stdin="a\n")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "nobody answers there" in ended.stderr
    assert not journal.exists()


def test_server_that_stays_away_is_waited_for_and_then_given_up(
    server: Emulator, tmp_path: Path
) -> None:
    def answer(request: RawRequest) -> bytes | list[bytes]:
        return reply(410) if request.method == "GET" else []

    journal = tmp_path / "a journal"
    with RawServer(answer) as raw:
        options = ["--server", raw.url, "--give-up-after", "0.3", "--journal", str(journal)]
        ended = run("associate", CONVERSATION, *options, "--assets", "-", stdin="a\nb\n")
        other = run("associate", CONVERSATION, *options[:4], "--assets", "-", stdin="a\n" * 99)
    assert other.returncode == 3
    assert other.stdout.endswith("the rest not started\n")
    assert "with --journal FILE" in other.stderr
    assert ended.returncode == 3
    assert "0 of 2 done, 0 failed, waiting for the server\n" in ended.stderr
    gave_up, again = ended.stderr.splitlines()[-2:]
    assert gave_up.startswith("conversation-client: gave up: ")
    assert again == f"{TO_GO_ON} resume '{journal}' --server {raw.url} --give-up-after 0.3"
    ended = run("resume", str(journal), "--server", server.url)
    assert ended.returncode == 0, ended.stderr
    assert set(server.associations(CONVERSATION, Material.ASSET)) == {"a", "b"}


def type_in(process: Any, keys: bytes, until: Callable[[], object]) -> None:
    """Send a process some input, and wait for what it makes of it."""
    assert process.stdin is not None
    process.stdin.write(keys)
    process.stdin.flush()
    while not until():
        assert process.poll() is None
        time.sleep(0.01)


@needs_signals
@pytest.mark.parametrize("uvloop", ["", "raise ImportError"], ids=["uvloop", "asyncio"])
def test_slow_pipe_holds_up_nothing_and_a_signal_ends_it(
    uvloop: str, server: Emulator, tmp_path: Path
) -> None:
    if uvloop:
        (tmp_path / "uvloop.py").write_text(uvloop)
    command = ["associate", CONVERSATION, "--assets", "-", "--concurrency", "1"]
    environment = os.environ | ({"PYTHONPATH": str(tmp_path)} if uvloop else {})
    held = partial(server.associations, CONVERSATION, Material.ASSET)
    with started(None, *command, environment=environment, text=False) as process:
        type_in(process, b"a\n", lambda: held() == ("a",))
        server.delay_next(60.0)  # for `b`, whose turn comes once `a` is done
        type_in(process, b"b\nc", lambda: held() == ("a", "b"))
        process.terminate()
        output, told = process.communicate()
    assert (process.returncode, output) == (130, b"")
    assert told.decode().splitlines() == [
        "conversation-client: interrupted; 1 done",
        "conversation-client: with --journal FILE, what is not done yet could be resumed",
    ]


@needs_signals
@pytest.mark.parametrize("is_begun", [False, True], ids=["no answer yet", "ids not all read"])
def test_job_whose_ids_are_not_in_the_journal_is_to_be_begun_again(
    is_begun: bool, server: Emulator, tmp_path: Path
) -> None:
    journal = tmp_path / "j"
    server.delay = 0.0 if is_begun else 60.0
    arguments = ["associate", CONVERSATION, "--assets", "-", "--journal", str(journal)]
    with started(None, *arguments, text=False) as process:
        type_in(process, b"a\n", journal.exists if is_begun else lambda: server.requests)
        process.terminate()
        process.wait(LIMIT)  # before the pipe ends, which would be the end of the ids
        _, told = process.communicate()
    assert process.returncode == 130
    assert told.decode().splitlines()[-1] == f"{TO_GO_ON} {shlex.join(arguments)}"
    if is_begun:
        ended = run("resume", str(journal))
        assert (ended.returncode, ended.stdout) == (2, "")
        shown = run("journal", str(journal)).stdout
        assert shown.endswith("repeat the command that began the job\n")


async def test_plain_lines_come_every_few_seconds_and_when_the_server_goes(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with watch("Associating", 100) as watching:
        watching.refuse(1, "empty")
        for done, elapsed, waiting in [(10, 1, 0), (40, 4, 0), (50, 5, 0), (60, 9, 1), (70, 10, 0)]:
            watching(
                BatchProgress(
                    done=done,
                    failed=0,
                    total=None,
                    elapsed=float(elapsed),
                    concurrency=8,
                    waiting=bool(waiting),
                )
            )
    assert capfd.readouterr().err.splitlines() == [
        "conversation-client: line 1: empty",
        "Associating: 50 of 100 done, 1 failed, 10/s, 0:00:05 left, 8 at once",
        "Associating: 60 of 100 done, 1 failed, waiting for the server",
        "Associating: 70 of 100 done, 1 failed, 7/s, 0:00:05 left, 8 at once",
    ]


def change(path: Path, place: int, data: bytes) -> None:
    """Change some bytes of a file."""
    content = bytearray(path.read_bytes())
    content[place : place + len(data)] = data
    path.write_bytes(content)


USER_VERSION = 60
"""Where the header of an SQLite file has it."""


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda _: None, "is the journal of conversation_associate_asset"),
        (lambda path: change(path, USER_VERSION, b"\0\0\1\0"), "newer version"),
        (lambda path: change(path, 0, b"ids in plain text\n"), "j: "),
        (lambda path: os.truncate(path, 5000), "it is damaged"),
    ],
    ids=["another job", "newer version", "no journal", "damaged"],
)
def test_journal_that_cannot_be_used_is_refused_untouched(
    spoil: Callable[[Path], object], told: str, server: Emulator, tmp_path: Path
) -> None:
    journal = tmp_path / "j"
    asked = ("--journal", str(journal))
    assert run("associate", CONVERSATION, "--assets", "-", *asked, stdin="a\n").returncode == 0
    spoil(journal)
    before = journal.read_bytes()
    ended = run("associate", CONVERSATION, "--anchors", "-", *asked, stdin="a\n")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert journal.read_bytes() == before
    assert [*tmp_path.iterdir()] == [journal]
    assert not server.associations(CONVERSATION, Material.ANCHOR)


@pytest.mark.heavy
def test_journal_in_use_or_absent_is_refused(server: Emulator, tmp_path: Path) -> None:
    journal = str(tmp_path / "j")
    ended = run("resume", journal)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "no journal" in ended.stderr
    asked = ("associate", CONVERSATION, "--assets", "-", "--journal", journal)
    assert run(*asked, stdin="a\n").returncode == 0
    with closing(sqlite3.connect(journal, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        for verb in (asked, ("resume", journal), ("journal", journal)):
            ended = run(*verb, stdin="a\n")
            assert (ended.returncode, ended.stdout) == (2, "")
            assert "it is in use" in ended.stderr


IN_NAMESPACE = ["unshare", "--map-root-user", "--mount"]


@pytest.mark.heavy
@pytest.mark.skipif(
    which("unshare") is None
    or subprocess.run([*IN_NAMESPACE, "true"], check=False).returncode != 0,
    reason="takes a file system of its own",
)
@pytest.mark.parametrize(
    ("mount", "told"),
    [
        ("mount -t tmpfs -o size=64k none {0}", "there is no space left for it"),
        ("mount --bind {0} {0}; mount -o remount,bind,ro {0}", "cannot be written to"),
    ],
    ids=["full", "read-only"],
)
def test_disk_that_takes_no_journal_is_told(
    mount: str, told: str, server: Emulator, tmp_path: Path
) -> None:
    wrapper = [*IN_NAMESPACE, "sh", "-c", f'{mount.format(tmp_path)}; exec "$@"', "-"]
    journal = str(tmp_path / "j")
    ids = "".join(f"asset-{number}\n" for number in range(20_000))
    arguments = ("associate", CONVERSATION, "--assets", "-", "--journal", journal)
    ended = run(*arguments, stdin=ids, wrapper=wrapper)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert not server.associations(CONVERSATION, Material.ASSET)


@needs_utf8
def test_bar_ctrl_c_half_way_and_resume_in_a_terminal(server: Emulator, tmp_path: Path) -> None:
    ids = tmp_path / "ids"
    ids.write_text("".join(f"asset-{number}\n" for number in range(800)) + "\n")
    options = ("--assets", str(ids), "--journal", str(tmp_path / "j"), "--concurrency", "8")
    server.delay = 0.02
    with terminal("associate", CONVERSATION, *options, columns=400) as shown:
        shown.wait_for(r" [1-6]\d\d of 801 done, 1 failed, [\d,]+/s, [\d:]+ left, \d+ at once")
        shown.type("\x03")
        assert shown.wait() == 130
        unreadable, bar, interrupted, again = shown.screen.splitlines()
    assert unreadable == "conversation-client: line 801: empty"
    done = re.fullmatch(
        r"Associating ━+[╸╺]?━+ (\d+) of 801 done, 1 failed, .* left, \d+ at once", bar
    )
    assert done is not None, shown.screen
    assert interrupted == f"conversation-client: interrupted; {done[1]} of 801 done"
    assert again.startswith(TO_GO_ON)
    server.delay = 0.0
    with terminal(*shlex.split(again.removeprefix(TO_GO_ON)), columns=400) as shown:
        assert shown.wait() == 0
        bar, result = shown.screen.splitlines()
    assert re.fullmatch(r"Associating ━+ 800 of 800 done, 0 failed, [\d,]+/s, \d+ at once", bar)
    assert result == f"{800 - int(done[1])} associated, {done[1]} done before"
    assert len(server.associations(CONVERSATION, Material.ASSET)) == 800


def test_input_may_be_typed(server: Emulator) -> None:
    with terminal("associate", CONVERSATION, "--assets", "-") as shown:
        shown.type("a\nb\n\x04")
        assert shown.wait() == 0
    assert set(server.associations(CONVERSATION, Material.ASSET)) == {"a", "b"}
