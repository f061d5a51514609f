"""The reference's own examples, and a program that was written for the official SDK, run on `compat`.

They are as they stand, but for the package's name in imports, for where the server is, and for the
required fields of a body, which the examples leave out.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import NoneType

import pytest
from cases import REFERENCE, golden

from conversation_client import Material
from conversation_client.operations import BY_ID
from conversation_client.testing import STARTING_CONVERSATION, Emulator

EXAMPLES = golden("sdk/examples")
"""The lines of each, by operation id."""
NAME = "conversation_client.compat"
CONVERSATION = "conversation_example"
REQUIRED = f"""
    id="{CONVERSATION}",
    name="named by the example",
    created=pieces_os_client.GroupedTimestamp(value=datetime.now(UTC)),
    updated=pieces_os_client.GroupedTimestamp(value=datetime.now(UTC)),
    messages=pieces_os_client.FlattenedConversationMessages(iterable=[]),
    type="COPILOT",
"""
PROGRAM = Path(__file__).parents[1] / "interop/drive_sdk.py"


def on_compat(program: str) -> str:
    """Replace the package's name in the imports of a program."""
    whole = re.sub(r"(?m)^import pieces_os_client$", rf"import {NAME} as pieces_os_client", program)
    return re.sub(r"(?m)^from pieces_os_client\b", f"from {NAME}", whole)


def example(operation: str, url: str) -> str:
    program = on_compat("\n".join(EXAMPLES[operation]))
    assert "http://localhost:1000" in program
    program = (
        program.replace("http://localhost:1000", url)
        .replace("Conversation API(", "pieces_os_client.ConversationApi(")
        .replace("pieces_os_client.Conversation()", f"pieces_os_client.Conversation({REQUIRED})")
    )
    return f"from datetime import UTC, datetime\n{program}"


@pytest.fixture
def known(server: Emulator) -> Emulator:
    """A server that knows the conversation of the examples."""
    server.seed({"id": CONVERSATION}, messages=["a question", "an answer"])
    return server


def test_there_is_an_example_of_each_operation_of_the_reference() -> None:
    assert EXAMPLES.keys() == REFERENCE


@pytest.mark.parametrize("operation", EXAMPLES)
def test_example_runs(operation: str, known: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    exec(example(operation, known.url), {})
    output, row = capsys.readouterr().out, BY_ID[operation]
    if row.returns is NoneType:
        assert output == ""
    else:
        assert output.startswith(f"The response of ConversationApi->{operation}:\n\n")
        assert f"{row.returns.__name__}(" in output
    (request,) = known.requests
    assert request.operation == operation
    assert request.ids.get("conversation", CONVERSATION) == CONVERSATION
    assert ("transferables=true" in request.target) == row.transferables
    assert bool(request.body) == (row.body is not None)


@pytest.mark.parametrize("operation", EXAMPLES)
def test_example_tells_what_the_server_said(
    operation: str, known: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    known.fail_next(400, text="no such thing")
    exec(example(operation, known.url), {})
    output = capsys.readouterr().out
    failed = f"Exception when calling ConversationApi->{operation}: (400)\nReason: Bad Request\n"
    assert output.startswith(failed)
    assert "HTTP response body: no such thing\n" in output


def test_examples_do_what_they_say(known: Emulator) -> None:
    for operation in EXAMPLES:
        if BY_ID[operation].verb == "associate":
            exec(example(operation, known.url), {})
    assert known.associations(CONVERSATION, Material.ANCHOR) == ("anchor_example",)
    assert known.associations(CONVERSATION, Material.RANGE) == ("range_example",)
    for operation in EXAMPLES:
        if BY_ID[operation].verb == "disassociate":
            exec(example(operation, known.url), {})
    for material in Material:
        assert known.associations(CONVERSATION, material) == ()


def test_a_program_for_the_sdk_runs_in_full(server: Emulator, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(on_compat(PROGRAM.read_text()))
    command = [sys.executable, "-W", "error", str(script)]
    arguments = ["use", server.url, STARTING_CONVERSATION, "kept", "removed"]
    run = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    returned = json.loads(run.stdout)
    assert returned.keys() == REFERENCE
    for operation, document in returned.items():
        assert (document is None) == (BY_ID[operation].returns is NoneType), operation
    assert returned["conversation_update"]["name"] == "named by the official SDK"
    assert server.associations(STARTING_CONVERSATION, Material.ASSET) == ("kept",)
