"""Every snippet of README and documentation runs, and prints what the text after it says."""

import codeop
import importlib.util
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from namespaces import away_from_others
from snippets import (
    NOT_RUN,
    PAGES,
    ROOT,
    RUN,
    SHELL_LIMIT,
    URL,
    Snippet,
    at_another_url,
    languages_on,
    make_environment,
    run_python,
    run_shell,
    snippets_on,
)
from tls_server import Authority, TlsServer

from conversation_client.testing import Emulator

TLS_URL = "https://localhost:8443"
"""Where the https server is on every page."""
OPTIONAL = {
    **{name: (name,) for name in ("anyio", "pandas", "polars", "rich", "tqdm")},
    "fastapi": ("fastapi", "httpx2"),
}
"""What a snippet may be about, and the packages of others that it takes."""

SNIPPETS = [each for page in PAGES for each in snippets_on(page)]
SCRIPTS = [each for each in SNIPPETS if each.language == "python" and not each.file]
FILES = sorted({each.page for each in SNIPPETS if each.file})
SHELLS = sorted({each.page for each in SNIPPETS if each.language == "sh"})


def by_place(value: Snippet | Path) -> str:
    return value.place if isinstance(value, Snippet) else str(value.relative_to(ROOT))


@pytest.fixture
def server() -> Iterator[Emulator]:
    """An emulator for snippets, some of which look for all servers of the machine."""
    with away_from_others(), Emulator() as emulator:
        yield emulator


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of the test's own, as that of the process."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lacking(code: str) -> set[str]:
    """Return the packages of others that a snippet is about and that are not installed."""
    named = re.findall(r"^(?:import |from |@pytest\.mark\.)(\w+)", code, re.MULTILINE)
    takes = {name for each in named for name in OPTIONAL.get(each, ())}
    return {name for name in takes if importlib.util.find_spec(name) is None}


def skip_if_any(names: set[str]) -> None:
    if names:
        pytest.skip(f"{' and '.join(sorted(names))} is not installed")


@pytest.mark.parametrize("page", PAGES, ids=by_place)
def test_every_block_is_run_or_marked_as_not_to_be(page: Path) -> None:
    before = ""
    for language in languages_on(page):
        assert language in (*RUN, *NOT_RUN, "text") or language.startswith("{"), language
        assert language != "text" or before in RUN, "a text that nothing prints"
        before = language


def test_few_snippets_are_not_run() -> None:
    ways = [each.language in RUN and not each.installs for each in SNIPPETS]
    assert sum(ways) >= 0.85 * len(ways)


@pytest.mark.parametrize("snippet", SCRIPTS, ids=by_place)
def test_script_prints_what_the_page_says(
    snippet: Snippet, server: Emulator, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_if_any(lacking(snippet.code))
    monkeypatch.setenv("CONVERSATION_CLIENT_BASE_URL", server.url)
    if TLS_URL not in snippet.code:
        assert run_python(snippet.code) == snippet.output.replace(URL, server.url)
        return
    if shutil.which("openssl") is None:
        pytest.skip("the certificates are made with openssl")
    authority, context = Authority(here), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.load(context, authority.certify("server", "localhost"))
    with TlsServer(context) as tls:
        printed = run_python(snippet.code.replace(TLS_URL, tls.url))
        assert printed == snippet.output.replace(TLS_URL, tls.url)


@pytest.mark.parametrize(
    "snippet", [each for each in SCRIPTS if each.page.name == "README.md"], ids=by_place
)
def test_script_of_the_readme_can_be_pasted_into_a_console(snippet: Snippet) -> None:
    entered: list[str] = []
    for line in [*snippet.code.splitlines(), ""]:
        entered.append(line)
        if codeop.compile_command("\n".join(entered)) is not None:  # or a SyntaxError
            entered.clear()
    assert not entered


@pytest.mark.parametrize("page", FILES, ids=by_place)
def test_files_of_tests_pass(page: Path, tmp_path: Path) -> None:
    files = [each for each in snippets_on(page) if each.file]
    there = [each for each in files if not lacking(each.code)]
    for each in there:
        (tmp_path / str(each.file)).write_text(each.code)
    of_anyio = [each for each in there if "@pytest.mark.anyio" in each.code]
    pass_under("auto", [each for each in there if each not in of_anyio], tmp_path)
    pass_under("strict", of_anyio, tmp_path)
    skip_if_any(set[str]().union(*(lacking(each.code) for each in files)))


def pass_under(mode: str, files: list[Snippet], directory: Path) -> None:
    """Run the tests in files with pytest-asyncio in a mode."""
    tests = [each for each in files if "def test_" in each.code]
    if not tests:
        return
    options = [f"asyncio_mode={mode}", "asyncio_default_fixture_loop_scope=function"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    for option in options:
        command += ["-o", option]
    run = subprocess.run(
        [*command, *(str(each.file) for each in tests)],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SHELL_LIMIT,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{sum(each.code.count('def test_') for each in tests)} passed" in run.stdout


@pytest.mark.parametrize("page", SHELLS, ids=by_place)
def test_shell_prints_what_the_page_says(page: Path, server: Emulator, tmp_path: Path) -> None:
    snippets = [each for each in snippets_on(page) if each.language == "sh" and not each.installs]
    make_environment(tmp_path)
    url, here = at_another_url(snippets, server.url)
    printed = run_shell(here, tmp_path, url)
    assert printed == [each.output for each in here]
