"""The log: a line for each attempt, and nothing secret in it."""

import json
import logging
import os
import re
import subprocess
import sys

import pytest
from cases import minimal

from conversation_client import AsyncConversationClient, RetryPolicy, decode, problems
from conversation_client.models import Conversation
from conversation_client.testing import STARTING_CONVERSATION, Emulator

CALL = """
import sys
from conversation_client import ConversationClient
with ConversationClient(sys.argv[1]) as client:
    client.get_conversation(sys.argv[2])
"""


def stderr_of_call(server: Emulator, level: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", CALL, server.url, STARTING_CONVERSATION],
        env={**os.environ, "CONVERSATION_CLIENT_LOG": level},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stderr


async def test_every_attempt_is_a_line(server: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "conversation_client")
    server.fail_next(503)
    policy = RetryPolicy(wait_initial=0.001, wait_max=0.001)
    async with AsyncConversationClient(server.url, retry=policy) as client:
        await client.associate_asset(STARTING_CONVERSATION, "a1")
    lines = [line.message for line in caplog.records if line.name == "conversation_client"]
    assert len(lines) == 2
    assert re.fullmatch(r"conversation_associate_asset: 503 in [\d.]+ ms, attempt 1", lines[0])
    assert re.fullmatch(r"conversation_associate_asset: done in [\d.]+ ms, attempt 2", lines[1])


def test_what_does_not_fit_is_told_by_its_place_alone(caplog: pytest.LogCaptureFixture) -> None:
    document = dict(minimal("Conversation"))
    document["favorited"] = "a secret"
    document["score"] = {"manual": "another", "automatic": 1}
    document["messages"] = {"iterable": [], "indices": {"an-id": "a third"}}
    read = decode(json.dumps(document), Conversation)
    assert len(problems(read)) == 3
    (record,) = caplog.records
    places = "$.favorited, $.score.manual, $.messages.indices"
    assert record.getMessage().startswith("a Conversation in which not all fits: ")
    assert set(record.getMessage().partition(": ")[2].split(" (")[0].split(", ")) == set(
        places.split(", ")
    )


@pytest.mark.parametrize("level", ["debug", "DEBUG"])
def test_variable_sends_the_log_to_stderr(server: Emulator, level: str) -> None:
    line = r".* conversation_client DEBUG conversation_get_specific_conversation: done in .*\n"
    assert re.fullmatch(line, stderr_of_call(server, level))


@pytest.mark.parametrize("level", ["", "warning", "loud"])
def test_any_other_value_stays_silent(server: Emulator, level: str) -> None:
    assert stderr_of_call(server, level) == ""
