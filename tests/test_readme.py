"""The README's snippets run and print what it says, and its tables are complete."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cases import REFERENCE

import conversation_client
from conversation_client import AsyncConversationClient, ConversationClientError, errors
from conversation_client.testing import Emulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", README, re.DOTALL)
SCRIPTS = [(code, output) for code, output in SNIPPETS if "def test_" not in code]
TESTS = [code for code, _ in SNIPPETS if "def test_" in code]


def test_every_kind_of_snippet_is_found() -> None:
    assert sum(bool(output) for _, output in SCRIPTS) == 9
    assert len(TESTS) == 1


@pytest.mark.parametrize(("code", "output"), SCRIPTS)
def test_snippet_prints_what_the_readme_says(
    code: str, output: str, server: Emulator, tmp_path: Path
) -> None:
    names = "from conversation_client import *\n"
    environment = {
        **os.environ,
        "CONVERSATION_CLIENT_BASE_URL": server.url,
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", names + code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stdout, run.stderr) == (output, "")


@pytest.mark.parametrize("code", TESTS)
def test_snippet_of_tests_passes(code: str, tmp_path: Path) -> None:
    (tmp_path / "test_tagger.py").write_text(code)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings = error\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "2 passed" in run.stdout


def test_table_names_the_method_of_every_operation_of_the_reference() -> None:
    table = dict(re.findall(r"^\| `(conversation_\w+)` \| `(\w+)` \|$", README, re.MULTILINE))
    assert set(table) == REFERENCE
    for operation_id, method in table.items():
        source = inspect.getsource(getattr(AsyncConversationClient, method))
        assert f"`{operation_id}`" in source


def test_table_of_errors_has_every_class_that_is_raised() -> None:
    table = set(re.findall(r"^\| `(\w+Error)`", README, re.MULTILINE))
    classes = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, ConversationClientError)
    }
    bases = {"ConversationClientError", "TransportError", "ResponseError", "StatusError"}
    assert table == classes - bases
    assert classes <= set(conversation_client.__all__)


def test_figures_are_the_first_of_the_last_benchmarks() -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text()
    figures = results.partition("## Figures\n\n")[2].splitlines()[:8]  # the header, and six
    performance = README.partition("\n## Performance\n")[2].partition("\n## ")[0]
    assert [line for line in performance.splitlines() if line.startswith("|")] == figures
