"""pieces-copilot-sdk, which reads messages one by one and asks by HTTP, on the emulator."""

import json
import subprocess
from pathlib import Path

import pytest
from cases import text_of

from conversation_client import ConversationClient
from conversation_client.testing import Emulator

from .environments import Environments

pytestmark = [pytest.mark.interop, pytest.mark.more_interop]

NAME, VERSION = "pieces-copilot-sdk", "0.6.0"
LIMIT = 120
"""Seconds after which a test fails rather than waits."""


@pytest.fixture(scope="module")
def python(environments: Environments) -> Path:
    return environments.python(NAME, VERSION)


def test_everything_that_it_can_do(
    python: Path, emulator: Emulator, client: ConversationClient
) -> None:
    known = client.conversations.create("by this client").id
    client.messages.add(known, "How do I retry?")
    client.messages.add(known, "In a loop.", role="ASSISTANT")
    script = Path(__file__).with_name("drive_copilot_sdk.py")
    command: list[str | Path] = [python, script, emulator.url, known]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    returned = json.loads(done.stdout)
    assert returned["known"] == [
        {"message": "How do I retry?", "is_user_message": True},
        {"message": "In a loop.", "is_user_message": False},
    ]
    assert returned["renamed"] == client.get_conversation(known).name == "How do I retry?"
    created = returned["created"]
    assert created in returned["listed"]
    assert known in returned["listed"]
    texts = ["a first?", returned["answer"], "a second?", returned["prompted"]["text"]]
    assert [message["message"] for message in returned["messages"]] == texts
    assert [text_of(message) for message in client.messages.of(created)] == texts
    assert returned["name"] == client.get_conversation(created).name == "a first?"
    assert "a first?" in returned["answer"]
    assert "a question?" in returned["asked"]
    assert returned["picture"]  # made up by the SDK, for the user that it found
    assert client.messages.get(returned["prompted"]["bot_message_id"]).role == "ASSISTANT"
