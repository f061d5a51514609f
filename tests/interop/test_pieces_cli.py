"""pieces-cli, the command of Pieces, on the emulator."""

import os
import subprocess
from pathlib import Path

import attrs
import pytest
from cases import text_of

from conversation_client import ConversationClient, GoneError
from conversation_client.testing import Emulator

from .environments import Environments

pytestmark = pytest.mark.interop

NAME, VERSION = "pieces-cli", "1.20.1"
LIMIT = 120
"""Seconds after which a test fails rather than waits."""


@attrs.frozen
class Pieces:
    """The command, with a user's directory of its own."""

    python: Path
    home: Path

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run the command, and return what it prints."""
        place = {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home), "COLUMNS": "200"}
        done = subprocess.run(
            [self.python, "-m", "pieces", "--ignore-onboarding", *arguments],
            env=os.environ | place,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
        )
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def python(environments: Environments) -> Path:
    return environments.python(NAME, VERSION)


@pytest.fixture
def pieces(python: Path, emulator: Emulator, tmp_path: Path) -> Pieces:
    return Pieces(python, tmp_path)


@pytest.fixture
def known(client: ConversationClient) -> str:
    """A conversation that this client wrote; second in the list."""
    made = client.conversations.create("by this client").id
    client.messages.add(made, "How do I retry?")
    client.messages.add(made, "In a **loop**.", role="ASSISTANT")
    client.summarize_conversation(made)
    return made


def test_it_tells_both_versions(pieces: Pieces) -> None:
    printed = pieces("version")
    assert "12.6.2" in printed
    assert VERSION in printed


def test_it_lists_conversations_and_shows_one(pieces: Pieces, known: str) -> None:
    printed = pieces("chats")
    assert "just now" in printed.splitlines()[0]
    assert "1. Retries in asyncio" in printed
    assert "2. by this client" in printed
    assert "2 messages" in printed  # the summary
    printed = pieces("chat", "2")
    assert printed.split() == [
        "USER:",
        "How",
        "do",
        "I",
        "retry?",
        "ASSISTANT:",
        "In",
        "a",
        "loop.",
    ]


def test_it_renames_to_a_name_and_undoes_nothing(
    pieces: Pieces, known: str, client: ConversationClient
) -> None:
    assert "successfully" in pieces("chat", "2", "--rename", "by pieces-cli")
    assert client.get_conversation(known).name == "by pieces-cli"
    assert len(list(client.messages.of(known))) == 2


def test_it_has_the_server_find_a_name(
    pieces: Pieces, known: str, client: ConversationClient
) -> None:
    assert "Renamed the chat to How do I retry?" in pieces("chat", "2", "--rename")
    assert client.get_conversation(known).name == "How do I retry?"


def test_it_asks_and_the_server_keeps_question_and_answer(
    pieces: Pieces, client: ConversationClient
) -> None:
    before = {conversation.id for conversation in client.conversations.list().iterable}
    assert "a question?" in pieces("ask", "a question?")
    after = {conversation.id for conversation in client.conversations.list().iterable}
    (made,) = after - before
    question, answer = client.messages.of(made)
    assert (question.role, text_of(question)) == ("USER", "a question?")
    assert (answer.role, text_of(answer)) == ("ASSISTANT", "You said: a question?")


def test_it_begins_a_new_conversation(pieces: Pieces) -> None:
    assert "New chat created" in pieces("chat", "--new")


def test_it_deletes(pieces: Pieces, known: str, client: ConversationClient) -> None:
    assert "deleted successfully" in pieces("chat", "2", "--delete", stdin="y\n")
    with pytest.raises(GoneError):
        client.get_conversation(known)
