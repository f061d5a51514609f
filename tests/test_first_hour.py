"""The first hour of whoever has a copy of the project: the README's blocks, pasted one after the other."""

import os
import re
import shutil
from pathlib import Path

import pytest
from snippets import PAGES, ROOT, at_another_url, make_environment, run_shell, snippets_on

LEFT_OUT = re.compile(r"\.|__pycache__|_build|tests|mutants|build|dist")


@pytest.mark.heavy
def test_readme_leads_to_an_asset_seen_in_get(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=left_out)
    url, blocks = at_another_url(snippets_on(PAGES[0]), "")
    last = next(place for place, each in enumerate(blocks) if "client get" in each.code)
    blocks = blocks[: last + 1]
    if not os.environ.get("CONVERSATION_CLIENT_FIRST_HOUR"):  # or it is installed as it says
        make_environment(copy, copy)
        blocks = [each for each in blocks if not each.installs]
    printed = run_shell(blocks, copy, "")
    pairs = zip(printed, blocks, strict=True)
    told = [(text.replace(f"{url}\n", "", 1), each) for text, each in pairs if not each.installs]
    assert [text for text, _ in told] == [each.output for _, each in told]
    assert "my-asset" in told[-1][0]


def left_out(_: str, names: list[str]) -> list[str]:
    """Name what is no part of a fresh copy, or nobody needs in the first hour."""
    return [name for name in names if LEFT_OUT.match(name)]
