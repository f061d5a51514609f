"""The command's single calls, its demo, and what every verb has in common."""

import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from children import started
from command import run, terminal
from needs import needs_signals, needs_utf8
from raw_server import RawServer, json_reply, reply
from snippets import make_environment

from conversation_client import ConversationClient
from conversation_client.testing import Emulator
from conversation_client.testing.emulator import STARTING_CONVERSATION

WHEN = {"value": "2024-05-01T12:00:00+00:00"}
HOSTILE = "\x1b[31m[bold]red[/bold]\x07\r\n\tend \x9b \u202egnp\ud800 &#27;[0m"
"""Text that would drive a terminal, if it were not kept from it."""


def message(text: str | None, role: str = "USER", **fragment: object) -> dict[str, object]:
    return {
        "id": "m1",
        "created": WHEN,
        "updated": WHEN,
        "conversation": {"id": "c1"},
        "role": role,
        "fragment": {"string": {"raw": text}} if text is not None else fragment or None,
    }


def conversation(**changes: object) -> dict[str, object]:
    made = {"id": "c1", "created": WHEN, "updated": WHEN, "type": "COPILOT"}
    return made | {"messages": {"iterable": []}} | changes


CALLS = {
    "get": json_reply(conversation(name="A name", favorited=True, new_field=[1.5])),
    "messages": json_reply({"iterable": [message("Hello")]}),
    "rename": json_reply(conversation(name="Another name")),
    "summarize": json_reply({"conversation": {"id": "c1"}, "annotation": {"id": "a1"}}),
    "increment": reply(204),
}


@pytest.mark.parametrize("verb", CALLS)
def test_json_is_what_the_server_sent(verb: str) -> None:
    with RawServer(CALLS[verb]) as server:
        ended = run(verb, "c1", "--json", "--server", server.url)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("\n") == 1
    sent = CALLS[verb].partition(b"\r\n\r\n")[2]
    assert json.loads(ended.stdout) == (json.loads(sent) if sent else None)


@pytest.mark.parametrize(
    "option", ["--server", "--timeout", "--json", "--assets", "--no-remove", "-y", "--no-header"]
)
def test_option_of_verbs_that_stands_before_them_is_told_where_it_belongs(option: str) -> None:
    ended = run(option, "http://localhost:1", "ls")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"{option} is an option of verbs and stands after them: " in ended.stderr
    verb = ended.stderr.split(f" {option} ...")[0].split()[-1]
    assert option in run(verb, "--help").stdout
    unknown = run("--nothing", "ls").stderr
    assert "Error: No such option" in unknown
    assert "option of verbs" not in unknown


def test_views_say_what_people_want_to_know(server: Emulator) -> None:
    held = server.seed(messages=["How do I *stop*?", "Like `this`."])
    with ConversationClient(server.url) as client:
        client.associate_asset(held, "asset-1")
        client.associate_range(held, "range-1")
    environment = {"CONVERSATION_CLIENT_BASE_URL": server.url, "TZ": "UTC"}
    shown = run("get", held, **environment).stdout.splitlines()
    assert [line.split()[0] for line in shown[:5]] == ["name", "id", "type", "created", "updated"]
    assert shown[5:] == [
        "messages                        2",
        "assets                          1",
        "grounding temporal workstreams  1",
    ]
    transcript = run("messages", held, **environment).stdout
    now = f"{datetime.now(UTC):%Y-%m-%d}"
    assert transcript.splitlines()[1:4] == ["How do I *stop*?", "", transcript.splitlines()[3]]
    assert transcript.splitlines()[3].startswith(f"ASSISTANT  {now} ")
    assert run("rename", held, **environment).stdout == "new name: How do I *stop*?\n"
    summarized = run("summarize", held, **environment).stdout
    assert summarized.startswith("annotation: ")
    assert summarized.endswith("\n2 messages, from “How do I *stop*?” to “Like `this`.”.\n")


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        ((), None),
        (("--reuse", "--priority"), {"conversation": {"reuse": True, "priority": True}}),
        (("--kind", "anchor_point", "--update"), {"anchorPoint": {"update": True}}),
    ],
)
def test_increment_sends_the_flags_that_are_given(arguments: tuple[str, ...], body: object) -> None:
    with RawServer(reply(204)) as server:
        ended = run("increment", "c1", *arguments, "--server", server.url)
    assert (ended.returncode, ended.stdout) == (0, "incremented\n")
    assert (server.request.json() if server.request.body else None) == body


def test_summary_is_looked_up_if_only_its_id_came() -> None:
    annotation = {"id": "a1", "created": WHEN, "updated": WHEN, "type": "SUMMARY"}
    entries = [{"id": "a0"}, {"id": "a1", "reference": annotation | {"text": "All of it."}}]
    held = [json_reply(conversation(annotations={"iterable": entries}))]
    held += [json_reply(conversation()), reply(410)]
    with RawServer(lambda request: held[0] if request.method == "GET" else CALLS["summarize"]) as s:
        texts = []
        while held:
            ended = run("summarize", "c1", "--server", s.url)
            assert ended.returncode == 0
            texts.append(ended.stdout)
            held.pop(0)
    assert texts == ["annotation: a1\nAll of it.\n", "annotation: a1\n", "annotation: a1\n"]


def test_text_of_a_server_does_not_drive_the_terminal() -> None:
    spelled = "\\x1b[31m[bold]red[/bold]\\x07\n    end \\x9b \\u202egnp\\ud800 &#27;[0m"
    odd = [message(None), message(None, bytes={"raw": [1, 2]}), message(HOSTILE, HOSTILE)]
    odd[1]["created"] = {"value": "0001-01-01T00:00:00Z"}
    messages = json_reply({"iterable": odd})
    with RawServer(messages) as server:
        plain = run("messages", "c1", "--server", server.url, TZ="UTC+12").stdout
        with terminal("messages", "c1", "--server", server.url) as shown:
            assert shown.wait() == 0
            screen = shown.screen
    assert plain.splitlines()[:2] == ["USER  2024-05-01 00:00:00-12:00", "(no text)"]
    assert "USER  0001-01-01 00:00:00+00:00\n(2 bytes)\n" in plain
    assert plain.endswith(f"{spelled}\n")
    assert "\\x1b[31m[bold]red[/bold]\\x07" in screen
    assert "\x1b[0m" not in screen
    with RawServer(json_reply(conversation(name=HOSTILE))) as server:
        table = run("get", "c1", "--server", server.url).stdout
        renamed = run("rename", "c1", "--server", server.url).stdout
        with terminal("get", "c1", "--json", "--server", server.url, columns=1000) as shown:
            assert shown.wait() == 0
            assert json.loads(shown.screen)["name"] == HOSTILE
    assert spelled.replace("\n", "\\n") in table
    assert renamed == f"new name: {spelled}\n".replace("\n    end", "\\n    end")
    with RawServer(reply(500, HOSTILE.replace("\ud800", ""))) as server:
        assert run("get", "c1", "--server", server.url).returncode == 1


def test_what_an_output_cannot_encode_is_spelled() -> None:
    with RawServer(json_reply(conversation(name="v日r"))) as server:
        shown = run("rename", "c1", "--server", server.url, PYTHONIOENCODING="latin-1")
        assert run("rename", "c1", "--server", server.url, without="stdout").returncode == 0
    assert (
        run("associate", "c1", "--assets", "-", "--dry-run", without="stdout stderr").returncode
        == 0
    )
    assert (shown.returncode, shown.stdout) == (0, "new name: v\\u65e5r\n")


@needs_utf8
def test_markdown_is_rendered_in_a_terminal() -> None:
    text = "# Head\n\n- *one*\n- [two](http://example.com)"
    with (
        RawServer(json_reply({"iterable": [message(text)]})) as server,
        terminal("messages", "c1", "--server", server.url, columns=40) as shown,
    ):
        assert shown.wait() == 0
        screen = shown.screen
    assert "Head" in screen
    assert "#" not in screen
    assert " • one\n • two (http://example.com)" in screen


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("get", "no-such"), 1, "410 Gone"),
        (("get", "a\nb"), 2, "control character in 'a\\nb'"),
        (("get", "c1", "--server", "ftp://here"), 2, "base_url: its scheme is not http or https"),
        (("rename", "c1", "--server", "http://127.0.0.1:9"), 3, "nobody answers there"),
    ],
)
def test_error_is_one_line_and_an_exit_code(
    arguments: tuple[str, ...], code: int, told: str, server: Emulator
) -> None:
    ended = run(*arguments, CONVERSATION_CLIENT_BASE_URL=server.url)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.startswith("conversation-client: ")
    assert ended.stderr.count("\n") == 1
    assert told in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("demo", "--assets", "0"),
        ("demo", "--concurrency", "x"),
        ("increment", "c1", "--kind", "nothing"),
        ("get",),
        ("nothing",),
    ],
)
def test_misuse_is_refused(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Usage:" in ended.stderr


def test_reader_that_has_enough_is_no_error(server: Emulator) -> None:
    held = server.seed(messages=["Hello"] * 5000)  # more than a pipe holds
    with started(None, "messages", held, "--server", server.url) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""


def test_ctrl_c_during_a_call_ends_it_quietly(server: Emulator) -> None:
    server.delay = 60.0
    with terminal("get", "c1", "--server", server.url) as shown:
        while not server.requests:
            time.sleep(0.01)
        shown.type("\x03")
        assert shown.wait() == 130
        assert shown.screen == "^Cconversation-client: interrupted"


@needs_signals
def test_emulator_is_the_one_of_the_testing_package() -> None:
    assert "--strict" in run("emulator", "--help").stdout
    assert run("emulator", "--port", "x").returncode == 2
    with started(None, "emulator", "--port", "0") as process:
        url = process.stdout.readline().strip()
        ended = run("rename", STARTING_CONVERSATION, "--server", url)
        process.terminate()
    assert (ended.returncode, process.returncode) == (0, 0)


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


def test_demo_whose_emulator_does_not_start_says_so(tmp_path: Path) -> None:
    (tmp_path / "argparse.py").write_text("raise SystemExit")  # which the emulator needs
    demo = run("demo", PYTHONPATH=str(tmp_path))
    assert (demo.returncode, demo.stdout) == (1, "")
    assert demo.stderr == "Error: the emulator did not start\n"


def test_completion_is_given_to_bash(tmp_path: Path) -> None:
    make_environment(tmp_path)
    activate = f". {tmp_path}/.venv/bin/activate\n"
    complete = 'eval "$(_CONVERSATION_CLIENT_COMPLETE=bash_source conversation-client)"\n'
    ask = "complete -p conversation-client && declare -F _conversation_client_completion"
    shown = subprocess.run(
        ["bash", "-ec", activate + complete + ask],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_conversation_client_completion" in shown.stdout


def test_help_names_every_verb() -> None:
    text = run("--help").stdout
    batches = ("associate", "disassociate", "reconcile", "resume", "journal", "rm")
    for verb in (*batches, *CALLS, "ls", "new", "add", "name", "emulator", "demo"):
        assert f"\n  {verb} " in text


@pytest.mark.parametrize("package", ["click", "rich"])
def test_command_without_its_extra_says_what_to_install(package: str, tmp_path: Path) -> None:
    (tmp_path / f"{package}.py").write_text(f"raise ImportError('no', name='{package}')")
    help_ = run("--help", PYTHONPATH=str(tmp_path))
    assert (help_.returncode, help_.stdout) == (2, "")
    assert f"needs {package}" in help_.stderr
    assert "pip install 'conversation-client[cli]'" in help_.stderr
