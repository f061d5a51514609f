"""The site builds without a warning, and has an entry for every public name."""

import importlib.util
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from snippets import ROOT
from waiting import wait_until

import conversation_client
from conversation_client import ConversationClientError, compat, errors, models, shards, testing
from conversation_client.models.base import Document, fields
from conversation_client.models.common import Versioned
from conversation_client.operations import OPERATIONS

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("sphinx", "furo", "myst_parser")),
    reason="the extra `docs` is not installed",
)

BUILD_LIMIT = 600
"""Seconds."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once as the documentation says, every warning an error."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    built, said = shared / "site", shared / "site.txt"
    try:
        built.mkdir()
    except FileExistsError:
        wait_until(said.exists, BUILD_LIMIT)
    else:
        said.write_text(build(built))
    assert said.read_text(encoding="utf-8") == "0\n"
    return built


def build(directory: Path) -> str:
    """Build the site, and return the exit code and what was said."""
    command = ["-m", "sphinx", "-W", "--keep-going", "-n", "-q", "docs", str(directory)]
    unmeasured = {name: os.environ[name] for name in os.environ if "COVERAGE" not in name}
    run = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=unmeasured,
        capture_output=True,
        text=True,
        timeout=BUILD_LIMIT,
        check=False,
    )
    return f"{run.returncode}\n{run.stderr}"


@pytest.fixture(scope="module")
def entries(site: Path) -> set[str]:
    """The Python names that other projects can link to."""
    content = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(content).decode().splitlines()
    return {line.split()[0] for line in lines if line.split()[1].startswith("py:")}


def public_names() -> Iterator[str]:
    """Yield every public name, where it is documented."""
    package = conversation_client.__name__
    for name in conversation_client.__all__:
        yield f"{package}.{name}"
    library: Any = models  # its `__all__` is made when it is asked for
    for name in library.__all__:
        yield f"{getattr(library, name).__module__}.{name}"
    for name in testing.__all__:
        yield f"{testing.__name__}.{name}"
    for name in compat.api.__all__:
        yield f"{compat.__name__}.{name}"
    for name, value in vars(shards).items():
        if not name.startswith("_") and getattr(value, "__module__", "") == shards.__name__:
            yield f"{shards.__name__}.{name}"


def test_every_public_name_has_an_entry(entries: set[str]) -> None:
    names = set(public_names())
    assert len(names) > 300
    assert names - entries == set()


def test_every_method_of_both_clients_has_an_entry(entries: set[str]) -> None:
    kinds = ("ConversationClient", "ConversationsResource", "MessagesResource")
    for kind in (*kinds, *(f"Async{kind}" for kind in kinds)):
        for name in dir(getattr(conversation_client, kind)):
            if not name.startswith("_"):
                assert f"conversation_client.{kind}.{name}" in entries


def test_every_field_of_every_model_has_an_entry(entries: set[str]) -> None:
    for model in models.documents():
        own = [each for each in fields(model) if each.owner not in (Versioned, Document)]
        for field in own:
            assert f"{model.__module__}.{model.__qualname__}.{field.name}" in entries


def test_every_error_has_an_anchor_of_its_name(site: Path) -> None:
    page = (site / "guides" / "errors.html").read_text(encoding="utf-8")
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, ConversationClientError):
            assert f'id="{name}"' in page


def test_tables_have_every_operation_and_what_to_call(site: Path) -> None:
    for page in ("migration.html", "reference/operations.html"):
        text = (site / page).read_text(encoding="utf-8")
        rows = re.findall(r"<tr.*?</tr>", text, re.DOTALL)
        for row in OPERATIONS:
            named = row.id if page == "migration.html" else row.path
            (found, *_) = (each for each in rows if f">{named}<" in each or f" {named}<" in each)
            assert 'href="' in found


def test_every_link_inside_leads_somewhere(site: Path) -> None:
    anchors = {
        page: set(re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf-8")))
        for page in site.rglob("*.html")
    }
    for page, own in anchors.items():
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("?")[0].partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), f"{page.name}: {link}"
            ids = own if target == page else anchors.get(target, set())
            assert not anchor or anchor in ids, f"{page.name}: {link}"
    for link in re.findall(r"\]\((\S+)\)", (site / "llms.txt").read_text(encoding="utf-8")):
        assert (site / link).is_file(), link
