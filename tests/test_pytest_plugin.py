"""The pytest plugin, in a run of its own as a user's project has it."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import asyncio
import pytest
from conversation_client import AsyncConversationClient, ConversationClient
from conversation_client.testing import STARTING_CONVERSATION, Emulator

def test_blocking(conversation_client, conversation_server):
    assert type(conversation_client) is ConversationClient
    assert type(conversation_server) is Emulator
    assert conversation_client.get_conversation(STARTING_CONVERSATION).id
    assert conversation_server.counts["conversation_get_specific_conversation"] == 1

{mark}
async def test_async(conversation_client, conversation_server):
    assert type(conversation_client) is AsyncConversationClient
    assert (await conversation_client.get_conversation(STARTING_CONVERSATION)).id
    assert conversation_server.counts["conversation_get_specific_conversation"] == 1

class TestMethods:
    {mark}
    async def test_async(self, conversation_client):
        await conversation_client.get_messages(STARTING_CONVERSATION)

{mark}
async def test_unused(conversation_client):
    pass

{mark}
async def test_failing(conversation_client):
    await conversation_client.get_messages(STARTING_CONVERSATION)
    assert False
"""


@pytest.mark.parametrize(("mode", "mark"), [("auto", ""), ("strict", "@pytest.mark.asyncio")])
def test_fixtures_serve_blocking_and_async_tests(tmp_path: Path, mode: str, mark: str) -> None:
    (tmp_path / "test_service.py").write_text(TESTS.replace("{mark}", mark))
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 failed, 4 passed" in run.stdout, run.stdout
    assert "assert False" in run.stdout
