"""The official SDK's wrapper, `PiecesClient`, which finds the server and keeps up by websockets."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cases import text_of

from conversation_client import ConversationClient, GoneError, Material
from conversation_client.operations import parse_version
from conversation_client.testing import Emulator
from conversation_client.testing.handshake import os_version_for

from .environments import Environments

pytestmark = pytest.mark.interop

PORTS = {"5.0.1": 39333, "4.4.1": 39300, "4.1.0": 39301, "3.2.1": 5323}
"""Where each release looks for a server, and the emulator is."""
RELEASES = [
    pytest.param(release, marks=() if release == "5.0.1" else pytest.mark.more_interop)
    for release in PORTS
]
ASSOCIATED = {"5.0.1": 4, "4.4.1": 4, "4.1.0": 0, "3.2.1": 0}
"""How many kinds of material each release associates."""
LIMIT = 120
"""Seconds after which a test fails rather than waits."""


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def python(release: str, environments: Environments) -> Path:
    return environments.python("pieces_os_client", release)


@pytest.fixture
def emulator(emulate: Callable[..., Emulator], release: str) -> Emulator:
    return emulate(port=PORTS[release], api_version=release)


@contextmanager
def program(python: Path, *arguments: str) -> Iterator[Callable[[], str]]:
    """Run `drive_wrapper.py`; yields what gives its next line, other than what the wrapper says."""
    script = Path(__file__).with_name("drive_wrapper.py")
    command: list[str | Path] = [python, script, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said, complained = process.stdout, process.stderr

        def next_line() -> str:
            line = said.readline()
            assert line, complained.read()
            return line.strip()

        try:
            yield next_line
            process.wait(LIMIT)
        finally:
            process.kill()


def test_everything_that_people_do_with_it(
    python: Path, release: str, emulator: Emulator, client: ConversationClient
) -> None:
    known = client.conversations.create("by this client").id
    for text, role in (("first", "USER"), ("second", "ASSISTANT"), ("third", "USER")):
        client.messages.add(known, text, role=role)
    with program(python, known) as next_line:
        assert next_line() == "ready"
        watched = client.conversations.create("watched").id
        assert next_line() == "seen"
        client.conversations.delete(watched)
        assert next_line() == "gone"
        told = json.loads(next_line())

    assert [known, "by this client"] in told["listed"]
    assert len(told["listed"]) == 2
    assert told["version"] == os_version_for(parse_version(release), None)
    assert told["health"].startswith("ok:")
    assert told["watched"] == watched
    assert told["messages"] == [["USER", "first"], ["ASSISTANT", "second"], ["USER", "third"]]
    texts = [text_of(message) for message in client.messages.of(known)]
    assert texts == ["edited by the wrapper", "third"]

    created = client.get_conversation(told["created"])
    assert created.name == told["name"] == "renamed by the wrapper"
    for kind in told["associated"]:
        assert emulator.associations(created.id, Material(kind)) == (f"kept {kind}",)
    assert len(told["associated"]) == ASSOCIATED[release]
    question, answer = client.messages.of(created.id)
    assert (question.role, answer.role) == ("USER", "ASSISTANT")
    assert text_of(question) == "a question by the wrapper?"
    assert text_of(answer) == told["answer"] != ""
    with pytest.raises(GoneError):
        client.get_conversation(told["deleted"])
