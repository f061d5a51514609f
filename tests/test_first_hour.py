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
    """With `CONVERSATION_CLIENT_FIRST_HOUR=1` all is installed first, as the README says."""
    copy = tmp_path / "copy"
    shutil.copytree(
        ROOT, copy, ignore=lambda _, names: [each for each in names if LEFT_OUT.match(each)]
    )
    url, blocks = at_another_url(snippets_on(PAGES[0]), "")
    last = next(place for place, each in enumerate(blocks) if "client get" in each.code)
    if not os.environ.get("CONVERSATION_CLIENT_FIRST_HOUR"):
        make_environment(copy)
        blocks = [each for each in blocks[: last + 1] if not each.installs]
        assert run_shell(blocks, copy, url) == [each.output for each in blocks]
        return
    printed = run_shell(blocks[: last + 1], copy, url)
    assert [text for text, each in zip(printed, blocks, strict=False) if not each.installs] == [
        each.output for each in blocks[: last + 1] if not each.installs
    ]
