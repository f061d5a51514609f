"""What is imported, and what is left until it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

import conversation_client

HEAVY = {"aiohttp", "cattrs", "attrs", "click", "rich", "orjson"}


def imported_by(statement: str) -> set[str]:
    """Names in `sys.modules` of a new interpreter that ran the statement."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_package_alone_imports_nothing_heavy() -> None:
    assert not imported_by("import conversation_client") & HEAVY


def test_clients_import_neither_emulator_nor_command() -> None:
    modules = imported_by(
        "from conversation_client import AsyncConversationClient, ConversationClient"
    )
    assert not modules & {"aiohttp.web", "click", "rich"}
    assert not {name for name in modules if name.startswith("conversation_client.testing")}


def test_clients_import_what_runs_batches_with_the_first_batch() -> None:
    statement = "from conversation_client import AsyncConversationClient, ConversationClient"
    batches = {"conversation_client._batch.engine", "conversation_client._journal_file"}
    assert not imported_by(statement) & batches
    first = (
        f"{statement}\n"
        "with ConversationClient('http://127.0.0.1:9', retry=None) as client:\n"
        "    print(client.associate_many('c1', 'asset', []).succeeded)"
    )
    assert imported_by(first) >= batches


def test_nothing_but_itself_imports_what_stands_for_the_official_sdk() -> None:
    modules = imported_by(
        "import conversation_client, conversation_client.testing, conversation_client.cli\n"
        "for name in conversation_client.__all__: getattr(conversation_client, name)"
    )
    assert not {name for name in modules if name.startswith("conversation_client.compat")}


def test_a_client_that_is_told_where_its_server_is_does_not_import_the_search() -> None:
    modules = imported_by("from conversation_client import ConversationClient")
    assert not modules & {"conversation_client.discovery", "conversation_client._probe"}


def test_help_of_the_command_does_not_import_aiohttp() -> None:
    assert "aiohttp" not in imported_by("import conversation_client.cli")


def test_documents_are_read_and_written_without_orjson() -> None:
    code = (
        "import sys\n"
        "sys.modules['orjson'] = None\n"
        "from conversation_client import decode, encode\n"
        "from conversation_client.models.common import SeededScore\n"
        'print(encode(decode(\'{"reuse":true,"new":[1.5]}\', SeededScore)).decode())'
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == '{"reuse":true,"new":[1.5]}\n'


def test_public_names_are_all_there() -> None:
    assert set(conversation_client.__all__) <= set(dir(conversation_client))
    for name in conversation_client.__all__:
        assert getattr(conversation_client, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = conversation_client.Nothing  # type: ignore[attr-defined]


def test_submodules_are_attributes_of_the_package() -> None:
    code = "import conversation_client as c\nprint(c.errors.GoneError.statuses, c.models.asset)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("(410,)")


def test_pytest_plugin_imports_nothing_heavy_until_a_fixture_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "test_light.py").write_text(
        "import sys\n"
        "def test_before():\n"
        "    assert 'conversation_client.pytest_plugin' in sys.modules\n"
        f"    assert not {HEAVY - {'rich'}} & set(sys.modules)\n"
        "def test_with(conversation_client):\n"
        "    assert type(conversation_client).__name__ == 'ConversationClient'\n"
    )
    others = ("aiohttp", "anyio", "asyncio", "cacheprovider", "hypothesispytest", "randomly")
    command = [sys.executable, "-m", "pytest", "-q", *(f"-pno:{plugin}" for plugin in others)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
