"""The TypeScript client, under Node, and this client share a server, and read the same."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from calls import DELETIONS, cases_in, comparable, described, is_empty, read, reads_in
from cases import IDS, seed

from conversation_client import GoneError, Material

pytestmark = [pytest.mark.interop, pytest.mark.more_interop]

NAME, VERSION = "@pieces.app/pieces-os-client", "4.1.0"
API_VERSION = "4.3"
"""What it speaks; its own numbers are others."""
LIMIT = 60
"""Seconds after which a test fails rather than waits."""


@pytest.fixture(scope="module")
def place(environments):
    return environments.node(NAME, VERSION)


@pytest.fixture
def make(place, emulator, tmp_path):
    """Makes calls of the cases with the client, and returns what came by operation id."""
    script = Path(__file__).with_name("drive_typescript.cjs")

    def made(cases):
        calls = tmp_path / "calls.json"
        calls.write_text(described(cases), encoding="utf-8")
        command = [shutil.which("node"), script, emulator.url, calls]
        pipes = {"capture_output": True, "text": True}
        done = subprocess.run(command, cwd=place, check=False, timeout=LIMIT, **pipes)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return made


def test_it_makes_every_call_that_it_has(make, emulator, client):
    seed(emulator)
    cases = cases_in(API_VERSION)
    assert len(cases) + len(DELETIONS) == 65
    returned = make(cases)
    for case in cases:
        assert (returned[case.operation.id] is None) == is_empty(case), case.id
        assert emulator.counts[case.operation.id] == 1
    edited = client.messages.get(IDS["message"])
    assert edited.fragment.string.raw == "an edited question"
    assert set(make(DELETIONS).values()) == {None}
    with pytest.raises(GoneError):
        client.get_conversation(IDS["conversation"])


def test_both_read_the_same(make, emulator, client):
    seed(emulator)
    client.messages.add(IDS["conversation"], "by this client ✓")
    client.associate_asset(IDS["conversation"], "by this client")
    make(cases_in(API_VERSION))
    cases = reads_in(API_VERSION)
    returned = make(cases)
    for case in cases:
        theirs, ours = comparable(returned[case.operation.id]), read(client, case)
        assert in_milliseconds(theirs) == in_milliseconds(ours), case.id
    assert emulator.associations(IDS["conversation"], Material.ASSET) == ("by this client",)


def in_milliseconds(value):
    """Return a document with its times as JavaScript keeps them."""
    if isinstance(value, dict):
        return {name: in_milliseconds(part) for name, part in value.items()}
    if isinstance(value, list):
        return [in_milliseconds(part) for part in value]
    if hasattr(value, "microsecond"):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value
