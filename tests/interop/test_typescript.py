"""The TypeScript client, under Node, and this client share a server, and read the same."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases import IDS, Case, seed, text_of

from conversation_client import ConversationClient, GoneError, Material
from conversation_client.testing import Emulator

from .calls import DELETIONS, cases_in, comparable, described, is_empty, read, reads_in
from .environments import Environments

pytestmark = [pytest.mark.interop, pytest.mark.more_interop]

NAME, VERSION = "@pieces.app/pieces-os-client", "4.1.0"
API_VERSION = "4.3"
"""What it speaks; its own numbers are others."""
LIMIT = 60
"""Seconds after which a test fails rather than waits."""

Make = Callable[[list[Case]], dict[str, Any]]


@pytest.fixture(scope="module")
def place(environments: Environments) -> Path:
    return environments.node(NAME, VERSION)


@pytest.fixture
def make(place: Path, emulator: Emulator, tmp_path: Path) -> Make:
    """Makes calls of the cases with the client, and returns what came by operation id."""
    script = Path(__file__).with_name("drive_typescript.cjs")

    def made(cases: list[Case]) -> dict[str, Any]:
        calls = tmp_path / "calls.json"
        calls.write_text(described(cases), encoding="utf-8")
        command: list[str | Path] = ["node", script, emulator.url, calls]
        done = subprocess.run(
            command, cwd=place, check=False, timeout=LIMIT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        returned: dict[str, Any] = json.loads(done.stdout)
        return returned

    return made


def test_it_makes_every_call_that_it_has(
    make: Make, emulator: Emulator, client: ConversationClient
) -> None:
    seed(emulator)
    cases = cases_in(API_VERSION)
    assert len(cases) + len(DELETIONS) == 65
    returned = make(cases)
    for case in cases:
        assert (returned[case.operation.id] is None) == is_empty(case), case.id
        assert emulator.counts[case.operation.id] == 1
    edited = client.messages.get(IDS["message"])
    assert text_of(edited) == "an edited question"
    assert set(make(DELETIONS).values()) == {None}
    with pytest.raises(GoneError):
        client.get_conversation(IDS["conversation"])


def test_both_read_the_same(make: Make, emulator: Emulator, client: ConversationClient) -> None:
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


def in_milliseconds(value: Any) -> Any:
    """Return a document with its times as JavaScript keeps them."""
    if isinstance(value, dict):
        return {name: in_milliseconds(part) for name, part in value.items()}
    if isinstance(value, list):
        return [in_milliseconds(part) for part in value]
    if hasattr(value, "microsecond"):
        return value.replace(microsecond=value.microsecond // 1000 * 1000)
    return value
