"""A notebook as people run it: executed by nbclient in a kernel of its own."""

from pathlib import Path
from typing import Any

import pytest
from children import VARIABLE
from waiting import LONG

from conversation_client.testing import Emulator

nbclient = pytest.importorskip("nbclient", reason="needs the extra `integration`")
nbformat = pytest.importorskip("nbformat", reason="needs the extra `integration`")
pytest.importorskip("ipykernel", reason="needs the extra `test`")

NAME = "<script>alert('&')</script>"
CELLS = [
    "from conversation_client import AsyncConversationClient, ConversationClient, Material\n"
    "client = ConversationClient()\n"
    f'talk = client.conversations.create("{NAME}")\n'
    f'client.messages.add(talk.id, "{NAME}")\n'
    "client.get_conversation(talk.id)",
    "client.get_messages(talk.id)",
    "client.conversations.list()",
    'client.associate_many(talk.id, Material.ASSET, ["asset-1", "asset-2", ""])',
    'client.reconcile(talk.id, Material.ASSET, ["asset-2", "asset-3"])',
    "async with AsyncConversationClient() as async_client:\n"
    "    found = await async_client.get_conversation(talk.id)\n"
    "    roles = [message.role async for message in async_client.messages.of(talk.id)]\n"
    "found",
    "print(*roles)",
    "client.close()",
]


@pytest.fixture
def outputs(server: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[Any]]:
    """What the cells of the notebook have put out."""
    monkeypatch.setenv(VARIABLE, server.url)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(notebook, timeout=LONG, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def test_documents_and_reports_are_tables_and_both_clients_work(outputs: list[list[Any]]) -> None:
    *shown, printed, closed = outputs
    assert [len(output) for output in shown] == [1] * 6
    conversation, messages, conversations, report, reconciled, again = (
        output[0]["data"]["text/html"] for output in shown
    )
    for html in (conversation, messages, conversations, again):
        assert html.startswith("<table>")
        assert "&lt;script&gt;alert(" in html
        assert "<script" not in html
    assert "<td>assets</td><td>2</td>" in again
    assert "<td>succeeded</td><td>2</td>" in report
    assert "an id cannot be empty" in report
    assert "<td>to add</td><td>1</td>" in reconciled
    assert [output["text"] for output in printed] == ["USER\n"]
    assert closed == []
