"""`doctor`, and how the command finds its server: each state that Pieces OS may be in, staged."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import run
from machines import (
    NOT_YET,
    STARTING,
    STRANGERS,
    nobody,
    note_port,
    only_its_health_was_asked,
    pieces,
    port_of,
    silence,
)
from namespaces import network_of_its_own
from raw_server import RawServer, Reply

from conversation_client.operations import OPERATIONS
from conversation_client.testing import STARTING_CONVERSATION, Emulator

pytestmark = pytest.mark.usefixtures("unnamed")

KEYS = [
    *("state", "url", "found", "version", "latency", "conversations", "lacks", "next_step"),
]


def doctor(*arguments: str, ports: tuple[int, ...] = (), **environment: str) -> dict[str, Any]:
    """Run `doctor --json`, which looks at no other ports of this machine than are given."""
    with ExitStack() as stack:
        if not ports:
            ports = (stack.enter_context(nobody()),)
        among = ",".join(map(str, ports))
        ended = run("doctor", "--json", "--ports", among, *arguments, **environment)
    assert ended.stderr == ""
    found: dict[str, Any] = json.loads(ended.stdout)
    assert list(found) == KEYS
    assert (ended.returncode == 0) == (found["state"] == "running")
    assert found["next_step"]
    return found


def test_running_where_it_was_said_to_be() -> None:
    with Emulator(os_version="12.6.2") as server:
        found = doctor("--server", server.url)
        assert found["state"] == "running"
        assert (found["url"], found["found"]) == (server.url, [server.url])
        assert (found["version"], found["conversations"], found["lacks"]) == ("12.6.2", 1, [])
        assert 0 < found["latency"] < 1


def test_running_without_a_word_where_it_is() -> None:
    with Emulator() as server, RawServer(STRANGERS["404"]) as squatter:
        found = doctor(ports=(port_of(squatter.url), port_of(server.url)))
        assert only_its_health_was_asked(squatter)
        assert (found["state"], found["url"]) == ("running", server.url)


def test_running_where_the_variable_says() -> None:
    with Emulator() as server, Emulator() as other:
        found = doctor(ports=(port_of(other.url),), CONVERSATION_CLIENT_BASE_URL=server.url)
        assert (found["state"], found["url"]) == ("running", server.url)
        assert set(found["found"]) == {server.url, other.url}


@pytest.mark.parametrize(
    ("os_version", "api_version"), [("10.0.0", "2.2"), ("10.1.5", "3.2"), ("11.0.0", "4.1")]
)
def test_what_a_version_lacks_is_told_and_is_what_the_emulator_of_it_lacks(
    os_version: str, api_version: str
) -> None:
    with Emulator(api_version=api_version, os_version=os_version) as server:
        found = doctor("--server", server.url)
    major, minor = map(int, api_version.split("."))
    assert found["state"] == "running"
    assert found["lacks"] == [row.id for row in OPERATIONS if row.since > (major, minor)] != []


def test_a_server_that_tells_only_its_health_is_running() -> None:
    with pieces("debug") as server:
        found = doctor("--server", server.url)
    assert (found["state"], found["version"], found["conversations"]) == ("running", "debug", None)


def test_not_running() -> None:
    with nobody() as free:
        found = doctor("--server", f"http://127.0.0.1:{free}")
    assert (found["state"], found["url"]) == ("not_running", f"http://127.0.0.1:{free}")
    assert (found["found"], found["latency"], found["lacks"]) == ([], None, [])
    assert "start Pieces OS" in found["next_step"]
    assert doctor()["state"] == "not_running"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_moved(host: str) -> None:
    with nobody() as free, Emulator(os_version="11.0.0") as server:
        url = f"http://{host}:{free}"
        found = doctor("--server", url, ports=(port_of(server.url),))
        assert (found["state"], found["url"]) == ("moved", url)
        assert (found["found"], found["version"]) == ([server.url], "11.0.0")
        assert server.url in found["next_step"]


def test_moved_away_from_a_squatter() -> None:
    with RawServer(STRANGERS["404"]) as squatter, Emulator() as server:
        ports = (port_of(server.url), port_of(squatter.url))
        found = doctor("--server", squatter.url, ports=ports)
        assert only_its_health_was_asked(squatter)
    assert found["state"] == "moved"


@pytest.mark.parametrize("answer", STRANGERS.values(), ids=STRANGERS)
def test_another_program(answer: Reply) -> None:
    with RawServer(answer) as squatter:
        found = doctor("--server", squatter.url)
        assert only_its_health_was_asked(squatter)
        assert (found["state"], found["url"]) == ("other_program", squatter.url)


def test_another_program_on_a_port_where_it_is_looked_for() -> None:
    with RawServer(STRANGERS["a page"]) as squatter, nobody() as free:
        found = doctor(ports=(free, port_of(squatter.url)))
    assert (found["state"], found["url"]) == ("other_program", squatter.url)


@pytest.mark.parametrize("answer", [STARTING, NOT_YET], ids=["503", "not ok"])
def test_starting(answer: bytes) -> None:
    with pieces(health=answer) as server:
        found = doctor("--server", server.url)
        assert (found["state"], found["url"]) == ("starting", server.url)
        found = doctor(ports=(port_of(server.url),))
        assert (found["state"], found["url"]) == ("starting", server.url)


def test_hung() -> None:
    with silence() as port:
        url = f"http://127.0.0.1:{port}"
        found = doctor("--server", url)
        assert (found["state"], found["url"]) == ("hung", url)
        assert "restart" in found["next_step"]
        assert doctor(ports=(port,))["state"] == "hung"


@pytest.mark.parametrize("version", ["9.2.1", "9", "9.99.99"])
def test_unsupported(version: str) -> None:
    with pieces(version) as server:
        found = doctor("--server", server.url)
    assert (found["state"], found["version"]) == ("unsupported", version)
    assert "update" in found["next_step"]


@pytest.mark.parametrize(
    "url", ["localhost:1000", "ftp://localhost", "http://", "http://127.0.0.1:99999", "nonsense"]
)
def test_a_url_that_is_none(url: str) -> None:
    with Emulator() as server:
        found = doctor("--server", url, ports=(port_of(server.url),))
        assert (found["state"], found["url"]) == ("wrong_url", url)
        assert (found["found"], server.url in found["next_step"]) == ([server.url], True)


def test_a_url_that_leads_nowhere() -> None:
    with Emulator() as server:
        found = doctor("--server", f"{server.url}/api")
        assert found["state"] == "wrong_url"
        assert server.url in found["next_step"]
        found = doctor("--server", server.url.replace("http:", "https:"))
        assert found["state"] == "wrong_url"
        assert "TLS" in found["next_step"]
    found = doctor("--server", "http://no-such-host.invalid:1000")
    assert found["state"] == "wrong_url"
    assert "no such host" in found["next_step"]


def test_a_server_elsewhere_that_is_dead_has_not_moved_here() -> None:
    with network_of_its_own(), Emulator(port=39300) as server:
        ended = run("doctor", "--json", "--server", "http://192.0.2.1:1000")
        found = json.loads(ended.stdout)
        assert found["state"] == "not_running"
        assert server.url in found["next_step"]


def test_what_people_read_says_the_same() -> None:
    with Emulator(api_version="2.2", os_version="10.0.0") as server:
        ended = run("doctor", "--server", server.url, "--ports", "9")
    lines = dict(line.split(maxsplit=1) for line in ended.stdout.splitlines())
    assert ended.returncode == 0
    assert lines["state"] == "running"
    assert lines["version"] == "10.0.0"
    assert lines["lacks"].startswith(f"{sum(row.since > (2, 2) for row in OPERATIONS)} operations")


def test_no_password_is_shown() -> None:
    with Emulator() as server:
        url = server.url.replace("//", "//me:secret@")
        for arguments in ((), ("--json",)):
            ended = run("doctor", "--server", url, "--ports", "9", *arguments)
            assert ended.returncode == 0
            assert "secret" not in ended.stdout + ended.stderr
    for arguments in ((), ("--json",)):
        ended = run("doctor", "--server", "http://me:secret@:1", "--ports", "9", *arguments)
        assert ended.returncode == 2
        assert "secret" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("ports", ["", "0", "65536", "5-", "7-5", "a", "1,,2", "-5", "1000000"])
def test_ports_that_are_none_are_misuse(ports: str) -> None:
    ended = run("doctor", f"--ports={ports}")
    assert (ended.returncode, ended.stdout) == (2, "")


# Other verbs.


@contextmanager
def machine(home: Path) -> Iterator[dict[str, str]]:
    """A machine of the test's own."""
    with network_of_its_own():
        yield {"HOME": str(home)}


@pytest.mark.parametrize("port", [1000, 39305])
def test_verbs_find_their_server_themselves(port: int, tmp_path: Path) -> None:
    with machine(tmp_path) as home, Emulator(port=port) as server:
        assert STARTING_CONVERSATION in run("ls", "--json", **home).stdout
        single = run("get", STARTING_CONVERSATION, **home)
        assert (single.returncode, single.stderr) == (0, "")
        many = run("associate", STARTING_CONVERSATION, "--assets", "-", stdin="a\nb\n", **home)
        assert many.returncode == 0, many.stderr
        assert sorted(server.associations(STARTING_CONVERSATION, "asset")) == ["a", "b"]


def test_verbs_find_their_server_by_its_port_file(tmp_path: Path) -> None:
    with machine(tmp_path) as home, Emulator() as server:
        note_port(tmp_path, b"%d\n" % port_of(server.url))
        assert STARTING_CONVERSATION in run("ls", "--json", **home).stdout


def test_a_verb_that_finds_none_says_where_it_looked(tmp_path: Path) -> None:
    with machine(tmp_path) as home:
        ended = run("ls", **home)
        assert (ended.returncode, ended.stdout) == (3, "")
        assert ended.stderr.count("\n") == 1
        for told in ("39300 to 39333", "doctor", str(tmp_path)):
            assert told in ended.stderr
        found = json.loads(run("doctor", "--json", **home).stdout)
        assert (found["state"], found["url"]) == ("not_running", None)


def test_a_verb_that_is_told_where_its_server_is_looks_nowhere_else(tmp_path: Path) -> None:
    with machine(tmp_path) as home, pieces() as server, nobody() as free:
        note_port(tmp_path, b"%d" % port_of(server.url))
        dead = f"http://127.0.0.1:{free}"
        assert run("ls", "--server", dead, **home).returncode == 3
        assert run("ls", **home, CONVERSATION_CLIENT_BASE_URL=dead).returncode == 3
        assert server.connections == 0
