"""The command's verbs for the life of a conversation, and how conversations are named to all verbs."""

import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from children import started
from command import run, terminal
from needs import needs_utf8
from rich.cells import cell_len

from conversation_client import ConversationClient, Material
from conversation_client.cli import main
from conversation_client.testing import Emulator

LISTING = "conversations_identifiers_snapshot"
HOSTILE = "\x1b[31m[bold]red\x07\r\n\tend \x9b \u202egnp \u2028&#27;[0m 日本語"
SPELLED = r"\x1b[31m[bold]red\x07  end \x9b \u202egnp  &#27;[0m 日本語"
FIRST, SECOND, OTHER = (
    "aaaaaaaa-0000-4000-8000-000000000001",
    "aaaaaaaa-0000-4000-8000-000000000002",
    "bbbbbbbb-0000-4000-8000-000000000003",
)


def conversation(id_: str, name: str | None = None, changed: int = 0) -> dict[str, Any]:
    made = {"value": "2024-05-01T12:00:00Z"}
    changed_at = {"value": f"2024-05-{changed + 1:02}T12:00:00Z"}
    document = {"id": id_, "created": made, "updated": changed_at, "type": "COPILOT"}
    return document | {"messages": {"iterable": []}} | ({"name": name} if name else {})


@pytest.fixture
def empty() -> Iterator[Emulator]:
    """An emulator with no conversation but those of the test."""
    with Emulator() as emulator, ConversationClient(emulator.url) as client:
        for each in client.conversations.identifiers().iterable:
            client.conversations.delete(each.id)
        yield emulator


@pytest.fixture(autouse=True)
def at_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command find the test's emulator, where a test has one."""
    for name in ("server", "empty"):
        if name in request.fixturenames:
            url = request.getfixturevalue(name).url
            monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", url)
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def three(empty: Emulator) -> Emulator:
    """An emulator with three conversations, two of which begin alike."""
    for number, id_ in enumerate((FIRST, SECOND, OTHER)):
        empty.seed(conversation(id_, f"Name {number}"), messages=["What is it?", "It is this."])
    return empty


def texts(server: Emulator, id_: str) -> list[tuple[str, str | None]]:
    with ConversationClient(server.url) as client:
        held = client.get_messages(id_, transferables=True).iterable
    strings = [message.fragment.string for message in held if message.fragment]
    return [
        (message.role.value, string.raw if string else None)
        for message, string in zip(held, strings, strict=True)
    ]


def names(server: Emulator) -> dict[str, str | None]:
    with ConversationClient(server.url) as client:
        return {each.id: each.name for each in client.conversations.list().iterable}


# Making


def test_conversation_is_made_filled_named_and_deleted(empty: Emulator) -> None:
    made = run("new", "A name")
    assert (made.returncode, made.stderr) == (0, "")
    id_ = made.stdout.removesuffix("\n")
    assert names(empty) == {id_: "A name"}
    for arguments, piped in ((("said",), ""), (("--role", "assistant"), "one\r\ntwo\r\n")):
        added = run("add", id_, *arguments, stdin=piped)
        assert (added.returncode, added.stdout.count("\n"), added.stderr) == (0, 1, "")
    assert texts(empty, id_) == [("USER", "said"), ("ASSISTANT", "one\r\ntwo")]
    named = run("name", id_, "Another name")
    assert (named.returncode, named.stdout) == (0, "new name: Another name\n")
    assert names(empty) == {id_: "Another name"}
    deleted = run("rm", "--yes", id_)
    assert (deleted.returncode, deleted.stdout) == (0, "1 deleted\n")
    assert names(empty) == {}


def test_what_is_made_is_shown_to_programs_as_json(three: Emulator) -> None:
    made = json.loads(run("new", HOSTILE, "--json").stdout)
    assert made["name"] == HOSTILE
    added = json.loads(run("add", OTHER, HOSTILE, "--json").stdout)
    assert added["conversation"]["id"] == OTHER
    assert texts(three, OTHER)[-1] == ("USER", HOSTILE)
    assert json.loads(run("name", OTHER, HOSTILE, "--json").stdout)["name"] == HOSTILE


@pytest.mark.parametrize(
    ("arguments", "piped", "told"),
    [
        ((), b"", "a text is needed"),
        ((), b"\n", "a text is needed"),
        (("",), b"piped", "a text is needed"),
        ((), b"a\xff", "not UTF-8 from byte 2 on"),
        (("text", "--role", "nobody"), b"", "nobody"),
    ],
)
def test_message_without_a_text_is_misuse(
    arguments: tuple[str, ...], piped: bytes, told: str, three: Emulator
) -> None:
    before = len(three.requests)
    ended = run("add", OTHER, *arguments, stdin=piped)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert len(three.requests) == before


def test_input_that_is_closed_or_a_keyboard_is_no_text(three: Emulator) -> None:
    closed = run("add", OTHER, without="stdin")
    assert closed.returncode == 2
    assert "standard input is closed" in closed.stderr
    with terminal("add", OTHER) as shown:
        assert shown.wait() == 2
        assert "a text is needed" in shown.screen
    with terminal("add", OTHER, "-") as shown:
        shown.type("typed\n\x04")
        assert shown.wait() == 0
    assert texts(three, OTHER)[-1] == ("USER", "typed")


# Listing


def test_list_is_a_line_each_the_last_changed_first(empty: Emulator) -> None:
    for id_, name, changed in ((FIRST, HOSTILE, 1), (SECOND, None, 3), (OTHER, "A name", 2)):
        empty.seed(conversation(id_, name, changed))
    listed = run("ls", separator="\t")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.splitlines() == [
        f"{SECOND}\t2024-05-04T12:00:00+00:00\t",
        f"{OTHER}\t2024-05-03T12:00:00+00:00\tA name",
        f"{FIRST}\t2024-05-02T12:00:00+00:00\t{SPELLED}",
    ]
    documents = [json.loads(line) for line in run("ls", "--json").stdout.splitlines()]
    assert [(each["id"], each.get("name")) for each in documents] == [
        (SECOND, None),
        (OTHER, "A name"),
        (FIRST, HOSTILE),
    ]


def test_list_of_what_is_found(three: Emulator) -> None:
    run("add", SECOND, "a needle")
    assert run("ls", "--search", "needle", separator="\t").stdout.startswith(f"{SECOND}\t")
    (found,) = run("ls", "--search", "needle", "--json").stdout.splitlines()
    assert json.loads(found)["name"] == "Name 1"
    assert run("ls", "--search", "haystack").stdout == ""


@pytest.mark.parametrize("columns", [pytest.param(200, marks=needs_utf8), 80, 60, 40, 24, 7])
def test_list_on_a_terminal_is_as_wide_as_that(columns: int, empty: Emulator) -> None:
    third = FIRST.replace("a", "c")
    empty.seed(conversation(FIRST, HOSTILE, 2))
    empty.seed(conversation(third, "日本語" * 50, 1))
    empty.seed(conversation(OTHER))
    with terminal("ls", columns=columns) as shown:
        assert shown.wait() == 0
        lines = shown.screen.rstrip().splitlines()
    assert len(lines) == 4
    assert all(cell_len(line) <= columns for line in lines)
    if columns >= 24:
        assert [line[:8] for line in lines] == ["ID      ", FIRST[:8], third[:8], OTHER[:8]]
    if columns >= 80:
        assert [line.split()[0] for line in lines[1:]] == [FIRST, third, OTHER]
    if columns == 200:
        assert lines[1] == f"{FIRST}  2024-05-03 12:00  {SPELLED}"
        assert lines[3].endswith("(no name)")
    elif columns >= 24:
        assert lines[2].endswith("...")


def test_short_ids_of_a_terminal_tell_the_conversations_apart(empty: Emulator) -> None:
    alike = [f"aaaaaaaa-0000-4000-80{number:02}-000000000001" for number in range(3)]
    for id_ in alike:
        empty.seed(conversation(id_, f"Name of {id_}"))
    with terminal("ls", columns=60) as shown:
        assert shown.wait() == 0
        short = [line.split()[0] for line in shown.screen.splitlines()[1:]]
    assert all(len(text) < len(alike[0]) for text in short)
    found = [json.loads(run("get", text, "--json").stdout)["id"] for text in short]
    assert sorted(found) == alike


def test_list_of_nothing_is_empty(empty: Emulator) -> None:
    nothing = run("ls", separator="\t")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "")
    with terminal("ls") as shown:
        assert shown.wait() == 0
        assert shown.screen == "conversation-client: no conversations"
    assert empty.counts["conversations_snapshot"] == 2


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_reader_of_a_list_that_has_enough_is_no_error(
    options: tuple[str, ...], empty: Emulator
) -> None:
    for number in range(500):
        empty.seed(conversation(f"{number}", "x" * 500))  # more than a pipe holds
    with started(None, "ls", *options) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""


def test_list_whose_output_lacks_characters(empty: Emulator) -> None:
    empty.seed(conversation(FIRST, "v日r"))
    assert run("ls", separator="\t", PYTHONIOENCODING="latin-1").stdout.endswith("\tv\\u65e5r\n")
    with terminal("ls", columns=80, PYTHONIOENCODING="latin-1") as shown:
        assert shown.wait() == 0
        assert shown.screen.endswith("  v\\u65e5r")


def test_no_server_is_an_exit_code() -> None:
    for asked in (("ls",), ("new", "x"), ("add", "c", "x"), ("name", "c", "x"), ("rm", "c", "-y")):
        ended = run(*asked, "--server", "http://127.0.0.1:9")
        assert (ended.returncode, ended.stdout) == (3, "")
        assert "nobody answers there" in ended.stderr


# How conversations are named

ABOUT_ONE = {
    "get": ("get", "{}"),
    "messages": ("messages", "{}"),
    "rename": ("rename", "{}"),
    "summarize": ("summarize", "{}"),
    "increment": ("increment", "{}", "--reuse"),
    "add": ("add", "{}", "text"),
    "name": ("name", "{}", "Another name"),
    "associate": ("associate", "{}", "--assets", "-"),
    "disassociate": ("disassociate", "{}", "--assets", "-"),
    "rm": ("rm", "{}", "--yes"),
}


def call(verb: str, conversation: str) -> "subprocess.CompletedProcess[str]":
    arguments = [word.format(conversation) for word in ABOUT_ONE[verb]]
    return run(*arguments, stdin="asset-1\n" if "--assets" in arguments else "")


@pytest.mark.parametrize("verb", ABOUT_ONE)
def test_beginning_of_one_id_is_enough(verb: str, three: Emulator) -> None:
    before = names(three), texts(three, OTHER)
    if verb == "disassociate":
        with ConversationClient(three.url) as client:
            client.associate_asset(OTHER, "asset-1")
    ended = call(verb, "bbb")
    assert ended.returncode == 0, ended.stderr
    match verb:
        case "rm":
            assert names(three).keys() == {FIRST, SECOND}
        case "name":
            assert names(three)[OTHER] == "Another name"
        case "rename":
            assert names(three)[OTHER] == "What is it?"
        case "add":
            assert texts(three, OTHER) == [*before[1], ("USER", "text")]
        case "associate" | "disassociate":
            held = ("asset-1",) if verb == "associate" else ()
            assert three.associations(OTHER, Material.ASSET) == held
        case "increment":
            assert three.requests[-1].ids == {"conversation": OTHER}
        case _:
            shown = [
                part for part in ended.stdout.splitlines() if not part.startswith("annotation")
            ]
            assert shown
            assert set(shown) <= set(call(verb, OTHER).stdout.splitlines())


@pytest.mark.parametrize("verb", ABOUT_ONE)
def test_beginning_of_several_ids_is_misuse_and_tells_them(verb: str, three: Emulator) -> None:
    before = names(three), texts(three, FIRST), three.associations(FIRST, Material.ASSET)
    ended = call(verb, "aaaa")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert FIRST in ended.stderr
    assert SECOND in ended.stderr
    assert OTHER not in ended.stderr
    assert before == (names(three), texts(three, FIRST), three.associations(FIRST, Material.ASSET))


@pytest.mark.parametrize("verb", ABOUT_ONE)
def test_beginning_of_no_id_fails(verb: str, three: Emulator) -> None:
    before = names(three)
    ended = call(verb, "ccc")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "ccc" in ended.stderr or "410 Gone" in ended.stderr
    assert names(three) == before


@pytest.mark.parametrize("verb", ABOUT_ONE)
@pytest.mark.parametrize("id_", [OTHER, "odd"])
def test_full_id_costs_no_list(verb: str, id_: str, three: Emulator) -> None:
    three.seed(conversation("odd"), messages=["One", "Two"])
    three.seed(conversation("odder"), messages=["One", "Two"])
    ended = call(verb, id_)
    assert ended.returncode == 0, ended.stderr
    assert "odder" in names(three)
    if (verb, id_) != ("rm", "odd"):  # a deletion of what only looks like an id is asked about
        assert three.counts[LISTING] == 1  # the fixture's own


def test_many_candidates_are_counted(empty: Emulator) -> None:
    for number in range(30):
        empty.seed(conversation(f"same-{number:02}"))
    ended = run("get", "same")
    assert ended.returncode == 2
    assert "30 conversations have ids that begin with 'same': same-00, " in ended.stderr
    assert ended.stderr.endswith(" and 10 more\n")


# Waiting


def test_call_ends_when_its_time_is_up_and_says_how_to_have_more(three: Emulator) -> None:
    three.delay = 60.0
    for asked in (("ls",), ("get", OTHER), ("summarize", OTHER), ("rename", OTHER), ("new", "x")):
        ended = run(*asked, "--timeout", "0.3")
        assert (ended.returncode, ended.stdout) == (3, "")
        assert "time is up after 0.3 s" in ended.stderr
        assert "a longer `timeout` allows more" in ended.stderr
    assert run("ls", "--timeout", "0").returncode == 2


def test_verbs_that_wait_for_a_model_wait_as_long_as_it_takes() -> None:
    defaults = {
        verb: parameter.default
        for verb, command in main.commands.items()
        for parameter in command.params
        if parameter.name == "timeout"
    }
    called = {
        verb
        for verb, command in main.commands.items()
        if "server" in {parameter.name for parameter in command.params}
    }
    assert defaults.keys() == called - {"doctor"}  # which is to end soon, whatever it finds
    patient = {verb for verb, seconds in defaults.items() if seconds is None}
    assert patient == {"rename", "summarize"}


@pytest.mark.parametrize("verb", ["rename", "summarize"])
def test_spinner_turns_on_a_terminal_while_a_model_works(verb: str, three: Emulator) -> None:
    plain = run(verb, OTHER)
    assert (plain.returncode, plain.stderr) == (0, "")
    three.delay = 1.0
    with terminal(verb, OTHER) as shown:
        shown.wait_for("the conversation .*the conversation ")
        assert shown.wait() == 0
        assert "the conversation " not in shown.screen
        assert shown.screen.split(":")[0].strip() == plain.stdout.split(":")[0]


def test_ctrl_c_ends_the_spinner(three: Emulator) -> None:
    three.delay = 60.0
    with terminal("summarize", OTHER) as shown:
        shown.wait_for("Summarizing the conversation")
        while not three.requests:
            time.sleep(0.01)
        shown.type("\x03")
        assert shown.wait() == 130
        assert shown.screen.strip() == "conversation-client: interrupted"
