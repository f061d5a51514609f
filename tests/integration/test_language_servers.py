"""What editors show of the library: completion, hover, signatures, definitions."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from language_server import LanguageServer, serving

JEDI = "jedi_language_server"
SERVERS = {
    "pyright": [sys.executable, "-m", "pyright.langserver", "--stdio"],
    JEDI: [sys.executable, "-c", "from jedi_language_server.cli import cli; cli()"],
}
ASYNC = """
from conversation_client import AsyncConversationClient

async def main() -> None:
    async with AsyncConversationClient() as client:
        """
BLOCKING = """
from conversation_client import ConversationClient

with ConversationClient() as client:
    """
CLIENTS = pytest.mark.parametrize("program", [ASYNC, BLOCKING], ids=["async", "blocking"])


def has_node() -> bool:
    version = [sys.executable, "-m", "pyright", "--version"]
    return not subprocess.run(version, capture_output=True, check=False).returncode


@pytest.fixture(scope="module", params=SERVERS)
def editor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LanguageServer]:
    if find_spec(request.param) is None:
        pytest.skip(f"needs {request.param}, of the extra `integration`")
    with serving(
        request.param, SERVERS[request.param], tmp_path_factory.mktemp("project")
    ) as server:
        yield server


def test_models_are_completed(editor: LanguageServer) -> None:
    found = editor.complete("from conversation_client.models import Conv")
    assert {"Conversation", "Conversations", "ConversationMessage"} <= set(found)


def test_a_model_is_defined_where_its_class_is(editor: LanguageServer) -> None:
    file, line = editor.definition("from conversation_client.models import Conversation")
    assert (file, line) == ("conversation.py", "class Conversation(_ConversationFields):")


@CLIENTS
def test_methods_and_groups_are_completed(editor: LanguageServer, program: str) -> None:
    found = set(editor.complete(f"{program}client."))
    assert {"get_conversation", "associate_many", "conversations", "messages"} <= found
    assert {"create", "iter_get"} <= set(editor.complete(f"{program}client.conversations."))


@CLIENTS
def test_a_method_shows_its_parameters_and_what_it_does(
    editor: LanguageServer, program: str
) -> None:
    if program is BLOCKING and editor.name == JEDI:
        pytest.skip("jedi knows nothing of ParamSpec, by which blocking methods are typed")
    shown = " ".join(editor.hover(f"{program}client.get_conversation").split())
    for part in ("conversation: Id", "transferables: bool | None", "Get a conversation", "GoneErr"):
        assert part in shown
    signature = editor.signature(f"{program}client.associate_asset(")
    assert signature.startswith(("(", "def associate_asset("))
    assert "conversation: Id, asset: Id) -> " in signature
