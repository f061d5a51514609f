"""The command where it is run: its streams, the program around it, what listens on the port."""

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from children import closing, started
from click import UsageError
from click.testing import CliRunner
from command import LIMIT, run, terminal
from needs import needs_signals
from raw_server import EMPTY, RawRequest, RawServer, Reply, json_reply, reply
from waiting import wait_until

from conversation_client import ConversationClient, Material
from conversation_client._http.wire import MAX_DOCUMENT, MAX_TEXT
from conversation_client.cli import main
from conversation_client.testing import Emulator
from conversation_client.testing.emulator import STARTING_CONVERSATION as CONVERSATION

PAGE = reply(200, "<html>login</html>", content_type="text/html")
HOSTILE = "\x1b[31m \x9b \u200e\u200f\u061c \u202e\u2066\u206f end"
"""Text that would drive a terminal, or turn what is around it."""
INVISIBLE = "\x1b\x9b\u200e\u200f\u061c\u202e\u2066\u206f"


@pytest.fixture
def ids(tmp_path: Path) -> Path:
    file = tmp_path / "ids.txt"
    file.write_text("".join(f"id-{number}\n" for number in range(300)))
    return file


# Streams


@pytest.mark.parametrize(
    "closed",
    [
        *("stdin stdout", "stdin stderr", "stdout stderr", "stdin stdout stderr"),
        *("stdin", "stdout", "stderr"),
    ],
)
def test_closed_streams_are_no_hindrance(closed: str, server: Emulator, ids: Path) -> None:
    asked = ("associate", CONVERSATION, "--assets", str(ids), "--server", server.url)
    ended = run(*asked, without=closed)
    assert ended.returncode == 0
    assert len(server.associations(CONVERSATION, Material.ASSET)) == 300
    assert ended.stdout == ("" if "stdout" in closed else "300 associated\n")


def test_a_python_that_begins_without_any_stream_is_no_hindrance(
    server: Emulator, ids: Path
) -> None:
    asked = ("associate", CONVERSATION, "--assets", str(ids), "--server", server.url)
    assert run(*asked, wrapper=closing("stdin stdout stderr")).returncode == 0
    assert len(server.associations(CONVERSATION, Material.ASSET)) == 300


PRINTING: dict[str, tuple[str, ...]] = {
    "ls": ("ls",),
    "new": ("new", "A name"),
    "add": ("add", CONVERSATION, "A text"),
    "get": ("get", CONVERSATION),
    "get --raw": ("get", CONVERSATION, "--raw"),
    "messages": ("messages", CONVERSATION),
    "summarize": ("summarize", CONVERSATION),
    "watch": ("watch",),
    "doctor": ("doctor", "--json"),
    "reconcile --dry-run": ("reconcile", CONVERSATION, "--assets", __file__, "--dry-run"),
}
"""What is asked for what it prints."""


@pytest.mark.parametrize("name", PRINTING)
def test_what_cannot_be_printed_is_not_asked_for(name: str, server: Emulator) -> None:
    ended = run(*PRINTING[name], "--server", server.url, without="stdout")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "standard output is closed" in ended.stderr
    assert ended.stderr.splitlines()[0].startswith("Usage: ")
    assert not server.requests


def test_a_journal_is_not_told_of_where_nothing_can_be_printed(
    server: Emulator, tmp_path: Path
) -> None:
    journal = journal_with_failures(server, tmp_path, ["a"], "no")
    ended = run("journal", journal, without="stdout")
    assert ended.returncode == 2
    assert "standard output is closed" in ended.stderr
    failures = tmp_path / "failures.csv"
    ended = run("journal", journal, "--failures", str(failures), without="stdout")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert failures.read_text().count("\n") == 2


@pytest.mark.parametrize("verb", [("get", CONVERSATION), ("ls",)], ids=" ".join)
def test_standard_output_that_the_program_around_it_has_closed_is_told(
    verb: tuple[str, ...], server: Emulator
) -> None:
    output = io.StringIO()
    output.close()
    with contextlib.redirect_stdout(output), pytest.raises(UsageError, match="output is closed"):
        main([*verb, "--server", server.url], standalone_mode=False)
    assert not server.requests


def test_input_that_is_closed_is_misuse(server: Emulator) -> None:
    asked = ("associate", CONVERSATION, "--assets", "-", "--server", server.url)
    for closed in ("stdin", "stdin stdout"):
        ended = run(*asked, without=closed)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "standard input is closed" in ended.stderr
    assert not server.requests


def journal_with_failures(server: Emulator, path: Path, items: list[str], text: str) -> str:
    journal = str(path / "j")
    server.fail_next(404, times=len(items), text=text, operation="conversation_associate_asset")
    with ConversationClient(server.url, retry=None) as client:
        client.associate_many(CONVERSATION, Material.ASSET, items, journal=journal)
    return journal


def test_output_that_is_closed_is_misuse_where_it_is_asked_for(
    server: Emulator, tmp_path: Path
) -> None:
    journal = journal_with_failures(server, tmp_path, ["a"], "no")
    ended = run("journal", journal, "--failures", "-", without="stdout")
    assert ended.returncode == 2
    assert "standard output is closed" in ended.stderr


# Within another program


def test_standard_input_may_be_a_file_that_the_program_around_it_has_opened(
    server: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "ids.csv"
    file.write_bytes(b"a\nb\n")
    asked = ["associate", CONVERSATION, "--assets", "-", "--server", server.url]
    for name in (os.open(file, os.O_RDONLY), str(file).encode(), file):
        with open(name) as stream, pytest.MonkeyPatch.context() as patched:  # noqa: PTH123
            patched.setattr(sys, "stdin", stream)
            main(asked, standalone_mode=False)
    assert sorted(server.associations(CONVERSATION, Material.ASSET)) == ["a", "b"]
    asked = ["rm", "-", "--yes", "--server", server.url]
    with file.open() as stream, pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", open(stream.fileno(), closefd=False))  # noqa: SIM115
        with pytest.raises(SystemExit) as ended:
            main(asked, standalone_mode=False)
        assert ended.value.code == 1  # they are no conversations


def test_failures_may_go_to_an_output_that_the_program_around_it_has_opened(
    server: Emulator, tmp_path: Path
) -> None:
    journal = journal_with_failures(server, tmp_path, ["x"], "no")
    file = tmp_path / "output"
    with (
        open(os.open(file, os.O_CREAT | os.O_RDWR), "w") as stream,  # noqa: PTH123
        contextlib.redirect_stdout(stream),
    ):
        main(["journal", journal, "--failures", "-"], standalone_mode=False)
    assert file.read_text().startswith("position,id,error\n1,x,")


@pytest.mark.parametrize("verb", ["get", "messages", "rename"])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_command_may_be_called_where_standard_output_is_replaced(
    verb: str, options: tuple[str, ...], server: Emulator
) -> None:
    conversation = server.seed({"name": HOSTILE}, messages=[HOSTILE])
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        main([verb, conversation, "--server", server.url, *options], standalone_mode=False)
    shown = output.getvalue()
    assert shown.endswith("\n")
    assert not set(shown) & set(INVISIBLE)
    if options:
        json.loads(shown)


def test_the_command_may_be_called_with_an_input_of_the_program_around_it(
    server: Emulator, tmp_path: Path
) -> None:
    asked = ["associate", CONVERSATION, "--assets", "-", "--server", server.url]
    ended = CliRunner().invoke(main, asked, input="a\nb\n")
    assert (ended.exit_code, ended.stdout) == (0, "2 associated\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", io.StringIO("c\n"))
        with pytest.raises(SystemExit) as ended_program:
            main(asked)
    assert ended_program.value.code == 2
    assert set(server.associations(CONVERSATION, Material.ASSET)) == {"a", "b"}
    journal = journal_with_failures(server, tmp_path, ["x"], "no")
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        main(["journal", journal, "--failures", "-"], standalone_mode=False)
    assert output.getvalue().startswith("position,id,error\n1,x,")


def test_help_has_its_texts_without_docstrings() -> None:
    for verb in ("associate", "resume", "get"):
        outputs = [
            subprocess.run(
                [sys.executable, *options, "-m", "conversation_client", verb, "--help"],
                capture_output=True,
                text=True,
                check=True,
                timeout=LIMIT,
            ).stdout
            for options in ((), ("-OO",))
        ]
        assert outputs[0] == outputs[1]
        assert len(outputs[0].splitlines()) > 3
    overview = subprocess.run(
        [sys.executable, "-OO", "-m", "conversation_client", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    ).stdout
    assert "Talk to the Conversation API" in overview
    assert overview.startswith("Usage: python -m conversation_client ")
    assert "  get           Show a conversation." in overview


# What listens there


def test_no_server_is_told_as_that_alone(ids: Path) -> None:
    for verb in (("associate", "c1", "--assets", str(ids)), ("get", "c1")):
        ended = run(*verb, "--server", "http://127.0.0.1:9")
        assert (ended.returncode, ended.stdout) == (3, "")
        assert "nobody answers there" in ended.stderr
        assert ended.stderr.count("\n") == 1
        assert "00000000-0000-0000-0000-000000000000" not in ended.stderr
    assert "conversation_get_specific_conversation" in ended.stderr  # which was asked for
    ended = run(*("associate", "c1", "--assets", str(ids)), "--server", "http://127.0.0.1:9")
    assert "conversation_get" not in ended.stderr


STRANGERS: dict[str, Any] = {
    "page": PAGE,
    "page as text": reply(200, "<html>login</html>", content_type="text/plain"),
    "redirect": reply(302, "", location="/login"),
    "not found page": reply(404, "<!DOCTYPE HTML><html>", content_type="text/html"),
    "forbidden page": reply(403, "<html>", content_type="text/html"),
    "nothing": EMPTY,
    "text": reply(200, "It works!", content_type="text/plain"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_another_program_is_told_and_gets_no_ids(name: str, ids: Path) -> None:
    asked = ("c1", "--assets", str(ids))
    with RawServer(STRANGERS[name]) as stranger:
        for verb in (("associate", *asked), ("get", "c1")):
            ended = run(*verb, "--server", stranger.url)
            assert (ended.returncode, ended.stdout) == (3, "")
            assert "another program than Pieces OS seems to listen there" in ended.stderr
            assert ended.stderr.count("\n") == 1
        ended = run("associate", *asked, "--dry-run", "--server", stranger.url)
        assert ended.returncode == 3
        assert ended.stdout == "300 ids are good, 0 lines hold none; nothing was sent\n"
        assert "another program than Pieces OS" in ended.stderr
        assert {request.method for request in stranger.requests} == {"GET"}


def json_text(text: str) -> bytes:
    return reply(200, text, content_type="application/json")


TOO_LARGE = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BEYOND: dict[str, tuple[Reply, str]] = {
    "announced": ((TOO_LARGE % (MAX_DOCUMENT + 1),), f"more than {MAX_DOCUMENT}"),
    "as it comes": (
        reply(200, b" " * (MAX_DOCUMENT + 1), length=False, content_type="application/json"),
        f"more than {MAX_DOCUMENT}",
    ),
    "too deep": (json_text("[" * 100_000 + "]" * 100_000), "nested too deeply"),
}
"""What is more than the client reads, and may be Pieces OS's."""


@pytest.mark.parametrize("name", BEYOND)
@pytest.mark.parametrize(
    "verb",
    [("get",), ("messages",), ("associate", "--dry-run"), ("reconcile", "--dry-run")],
    ids=" ".join,
)
def test_a_reply_beyond_what_is_read_is_told_as_that(
    verb: tuple[str, ...], name: str, ids: Path
) -> None:
    answer, told = BEYOND[name]
    command, *options = verb
    options += ["--assets", str(ids)] if options else []
    with RawServer(answer) as server:
        ended = run(command, str(UUID(int=1)), *options, "--server", server.url)
    assert ended.returncode == 1
    assert told in ended.stderr
    assert "another program" not in ended.stderr


def test_a_page_that_is_too_large_for_an_answer_is_another_programs(tmp_path: Path) -> None:
    page = reply(200, "<html>" + " " * MAX_TEXT, content_type="text/html")
    lines = "".join(f"{UUID(int=number)}\n" for number in range(300))
    with RawServer(lambda request: page if request.method == "POST" else EMPTY) as server:
        ended = run("rm", "-", "--yes", "--server", server.url, stdin=lines)
    assert ended.returncode == 3


def test_a_server_in_trouble_is_no_other_program(ids: Path) -> None:
    page = reply(502, "<html>Bad Gateway</html>", content_type="text/html")
    with RawServer(page) as server:
        asked = ("associate", "c1", "--assets", str(ids), "--give-up-after", "0.5")
        ended = run(*asked, "--server", server.url)
    assert "another program" not in ended.stderr


def test_a_dry_run_asks_the_server_that_it_is_given(server: Emulator, ids: Path) -> None:
    asked = ("--assets", str(ids), "--dry-run", "--server")
    good = run("associate", CONVERSATION, *asked, server.url)
    assert (good.returncode, good.stderr) == (0, "")
    gone = run("associate", "no-such", *asked, server.url)
    assert gone.returncode == 1
    assert "410 Gone" in gone.stderr
    nobody = run("associate", CONVERSATION, *asked, "http://127.0.0.1:9")
    assert nobody.returncode == 3
    assert {request.method for request in server.requests} == {"GET"}
    assert not server.associations(CONVERSATION, Material.ASSET)


# Secrets


SECRETS = ("me", "s3cret")
CANARY = "me:s3cret@"


def with_secrets(url: str) -> str:
    return url.replace("://", f"://{CANARY}")


@pytest.fixture
def closing_server() -> Iterator[RawServer]:
    """A server that answers reads and closes the connection of all else."""

    def answer(request: RawRequest) -> Any:
        return reply(410) if request.method == "GET" else []

    with RawServer(answer) as server:
        yield server


@needs_signals
@pytest.mark.parametrize("spelled", ["--server {}", "--server={}"])
@pytest.mark.parametrize("is_complete", [True, False])
def test_the_command_to_go_on_with_holds_no_credentials(
    spelled: str, is_complete: bool, server: Emulator, ids: Path, tmp_path: Path
) -> None:
    server.delay_next(60.0, times=10_000, operation="conversation_associate_asset")
    url = with_secrets(server.url)
    asked = ["associate", CONVERSATION, "--assets", str(ids) if is_complete else "-"]
    asked += ["--journal", str(tmp_path / "j"), *spelled.format(url).split()]
    with started(None, *asked) as process:
        wait_until(
            lambda: (
                server.counts["conversation_associate_asset"] if is_complete else server.requests
            )
        )
        process.terminate()
        process.wait(LIMIT)
        output, told = process.communicate()
    assert process.returncode == 130
    assert CANARY not in output + told
    lines = told.splitlines()
    assert lines[-2].startswith("conversation-client: to go on: python -m conversation_client.cli")
    assert server.url in lines[-2]
    assert lines[-1].endswith("have to be put back into it")


def test_what_gives_up_holds_no_credentials(
    closing_server: RawServer, ids: Path, tmp_path: Path
) -> None:
    ended = run(
        *("associate", "c1", "--assets", str(ids), "--journal", str(tmp_path / "j")),
        *("--give-up-after", "0.3", "--server", with_secrets(closing_server.url)),
    )
    assert ended.returncode == 3
    assert "to go on: " in ended.stderr
    for part in SECRETS[1:]:
        assert part not in ended.stderr + ended.stdout
        assert part.encode() not in (tmp_path / "j").read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ("get", "c1", "--server", "http://me:s3cret@127.0.0.1:9"),
        ("get", "c1", "--server", "http://me:s3cret@127.0.0.1:99999"),
        ("get", "c1", "--server", "http://me:s3cret@127.0.0.1/?query"),
        ("get", "c1", "--server", "ftp://me:s3cret@127.0.0.1"),
        ("get", "c1", "http://me:s3cret@127.0.0.1:9"),
        ("http://me:s3cret@127.0.0.1:9",),
        ("associate", "c1", "--assets", "http://me:s3cret@127.0.0.1:9"),
        ("demo", "--assets", "http://me:s3cret@127.0.0.1:9"),
        ("demo", "--server", "http://me:s3cret@127.0.0.1:9"),
        ("resume", "http://me:s3cret@127.0.0.1:9"),
        ("get", "c1", "--server", "HTTP://me:s3c@ret:s3cret@127.0.0.1:9"),
    ],
)
def test_no_error_shows_credentials(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.returncode in (2, 3)
    assert "s3cret" not in ended.stderr + ended.stdout
    ended = run("get", "c1", CONVERSATION_CLIENT_BASE_URL="http://me:s3cret@h:0")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "CONVERSATION_CLIENT_BASE_URL" in ended.stderr
    assert "s3cret" not in ended.stderr


def test_the_demo_names_its_server_without_credentials(server: Emulator) -> None:
    ended = run("demo", "--assets", "3", "--server", with_secrets(server.url))
    assert ended.returncode == 0
    assert f"on {server.url}\n" in ended.stdout
    assert CANARY not in ended.stdout + ended.stderr


# Texts that others have written


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "'=1", " =1", "a=1"]


def test_failures_are_no_formulas_for_a_spreadsheet(server: Emulator, tmp_path: Path) -> None:
    items = [*FORMULAS, "\t=1", "\r=1"]
    journal = journal_with_failures(server, tmp_path, items, "=cmd()")
    file = tmp_path / "failures.csv"
    assert run("journal", journal, "--failures", str(file)).returncode == 0
    with file.open(newline="", encoding="utf-8") as written:
        rows = list(csv.reader(written))[1:]
    cells = {int(position): item for position, item, _ in rows}
    for number, item in enumerate(items, 1):
        is_formula = item[0] in "=+-@\t\r\uff1d"
        assert cells[number] == (f"'{item}" if is_formula else item)
    (second := tmp_path / "second").mkdir()
    journal = journal_with_failures(server, second, FORMULAS, "=cmd()")
    piped = run("journal", journal, "--failures", "-").stdout
    assert [row[1] for row in csv.reader(io.StringIO(piped))][1:4] == ["'=1+1", "'+1", "'-1"]


@pytest.mark.parametrize("suffix", [".jsonl", ".NDJSON"])
def test_failures_as_json_lines_are_exact_and_can_be_fed_back(
    suffix: str, server: Emulator, tmp_path: Path
) -> None:
    items = [
        *(item for item in FORMULAS if item == item.strip()),  # others are never sent
        '"quoted"',
        "a,b;c",
        "v\xf6r \U0001f600",
        HOSTILE.replace("\x1b", "").replace("\x9b", ""),
    ]
    journal = journal_with_failures(server, tmp_path, items, "=cmd()")
    file = tmp_path / f"failures{suffix}"
    ended = run("journal", journal, "--failures", str(file))
    assert ended.returncode == 0
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["id"] for row in rows] == items
    assert [row["position"] for row in rows] == [*range(1, len(items) + 1)]
    asked = ("--assets", str(file), "--field", "id", "--server", server.url)
    ended = run("associate", CONVERSATION, *asked)
    assert ended.returncode == 0, ended.stderr
    assert set(server.associations(CONVERSATION, Material.ASSET)) == set(items)


def test_json_is_escaped_in_a_pipe_as_in_a_terminal(server: Emulator) -> None:
    conversation = server.seed({"name": HOSTILE}, messages=[HOSTILE])
    for verb in ("get", "messages"):
        piped = run(verb, conversation, "--json", "--server", server.url)
        assert not set(piped.stdout) & set(INVISIBLE)
        assert HOSTILE in json.dumps(json.loads(piped.stdout), ensure_ascii=False).replace(
            "\\u001b", "\x1b"
        )
        viewed = run(verb, conversation, "--server", server.url)
        assert not set(viewed.stdout) & set(INVISIBLE)
        with terminal(verb, conversation, "--server", server.url, columns=200) as shown:
            assert shown.wait() == 0
            assert not set(shown.screen) & set(INVISIBLE)


def test_text_in_errors_and_failures_does_not_turn_what_is_around_it(
    server: Emulator, tmp_path: Path
) -> None:
    with RawServer(reply(500, HOSTILE)) as failing:
        ended = run("get", "c1", "--server", failing.url)
    assert not set(ended.stderr) & set(INVISIBLE)
    journal = journal_with_failures(server, tmp_path, ["a\u202eb\u200fc"], HOSTILE)
    with terminal("journal", journal, "--failures", "-", columns=300) as shown:
        assert shown.wait() == 0
        assert not set(shown.screen) & set(INVISIBLE)


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-16"])
def test_json_is_utf_8_whatever_the_output_says(encoding: str) -> None:
    name = "v日r \U0001f600"
    when = {"value": "2024-05-01T12:00:00+00:00"}
    document = {"id": "c1", "created": when, "updated": when, "type": "COPILOT", "name": name}
    with RawServer(json_reply(document | {"messages": {"iterable": []}})) as server:
        ended = run("get", "c1", "--json", "--server", server.url, PYTHONIOENCODING=encoding)
    assert json.loads(ended.stdout)["name"] == name


def test_a_demo_that_took_no_time_by_the_clock_ends_well(
    server: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock: Callable[[], float] = lambda: 5.0  # noqa: E731
    monkeypatch.setattr("conversation_client._batch.progress.time.perf_counter", clock)
    main(["demo", "--assets", "1", "--server", server.url], standalone_mode=False)
    assert "The server holds 1 of 1 assets" in capsys.readouterr().out


def test_counts_of_one_are_told_in_the_singular(server: Emulator) -> None:
    asked = ("associate", CONVERSATION, "--assets", "-", "--dry-run")
    ended = run(*asked, stdin="a\n\n")
    assert ended.stdout == "1 id is good, 1 line holds none; nothing was sent\n"
    ended = run(*asked, stdin="\n" * 21)
    assert ended.stdout == "0 ids are good, 21 lines hold none; nothing was sent\n"
    assert ended.stderr.endswith("and 1 more line that hold no id\n") is False
    assert ended.stderr.endswith("and 1 more line that holds no id\n")
