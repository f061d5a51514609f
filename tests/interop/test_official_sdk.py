"""The official SDK and this client share a server, and each reads what the other wrote."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from cases import IDS, REFERENCE, Case, seed, text_of

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    GoneError,
    Material,
    decode,
)
from conversation_client.models.common import SeededScore, SeededScoreIncrement
from conversation_client.models.conversation import Conversation, SeededConversation
from conversation_client.operations import (
    ASSOCIATIONS,
    CREATE_CONVERSATION,
    GET_CONVERSATION,
    GET_MESSAGES,
    RENAME_CONVERSATION,
    SUMMARIZE_CONVERSATION,
    UPDATE_CONVERSATION,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

from .calls import DELETIONS, cases_in, comparable, described, document, is_empty, read, reads_in
from .environments import Environments

pytestmark = pytest.mark.interop

OPERATIONS_OF = {
    "5.0.1": 65,
    "2.2.0": 35,
    "2.6.0": 38,
    "3.2.1": 45,
    "4.1.0": 45,
    "4.3.0": 65,
    "4.4.1": 65,
}
"""How many of the table's operations each release has."""
VERSIONS = [
    pytest.param(version, marks=() if version in ("5.0.1", "2.2.0") else pytest.mark.more_interop)
    for version in OPERATIONS_OF
]
KEPT = "kept a b/c?d#é%2F+"
REMOVED = "removed"
MATERIALS = [material for material in Material if ASSOCIATIONS[material].id in REFERENCE]
"""Those that every release knows."""
LIMIT = 120
"""Seconds after which a test fails rather than waits."""

Make = Callable[[list[Case]], dict[str, Any]]


@attrs.frozen
class OfficialSdk:
    """One release, used in a process of its own."""

    version: str
    python: Path

    def __call__(self, action: str, *arguments: str) -> dict[str, Any]:
        """Let `drive_sdk.py` act, and return what each call returned by operation id."""
        script = Path(__file__).with_name("drive_sdk.py")
        command: list[str | Path] = [self.python, script, action, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
        assert done.returncode == 0, done.stderr
        returned: dict[str, Any] = json.loads(done.stdout)
        return returned

    def read(self, url: str, conversation: str = STARTING_CONVERSATION) -> tuple[Any, Any]:
        returned = self("read", url, conversation)
        return comparable(returned[GET_CONVERSATION.id]), comparable(returned[GET_MESSAGES.id])


@pytest.fixture(scope="module", params=VERSIONS)
def sdk(request: pytest.FixtureRequest, environments: Environments) -> OfficialSdk:
    return OfficialSdk(request.param, environments.python("pieces_os_client", request.param))


@pytest.fixture
def emulator(emulate: Callable[..., Emulator], sdk: OfficialSdk) -> Emulator:
    """Has what the release has, and nothing else."""
    return emulate(api_version=sdk.version)


@pytest.fixture
def url(emulator: Emulator) -> str:
    return emulator.url


def associated(conversation: Conversation) -> dict[Material, Any]:
    """Return what a conversation is associated with, as the models show it."""
    grounding = conversation.grounding
    assert grounding is not None
    assert grounding.temporal is not None
    return {
        Material.ANCHOR: conversation.anchors,
        Material.ASSET: conversation.assets,
        Material.MESSAGE: grounding.messages,
        Material.RANGE: grounding.temporal.workstreams,
        Material.WEBSITE: conversation.websites,
        Material.WORKSTREAM_SUMMARY: conversation.summaries,
    }


@pytest.fixture
def make(sdk: OfficialSdk, url: str, tmp_path: Path) -> Make:
    """Makes calls of the cases with the SDK, and returns what came by operation id."""

    def made(cases: list[Case]) -> dict[str, Any]:
        calls = tmp_path / "calls.json"
        calls.write_text(described(cases), encoding="utf-8")
        return sdk("make", url, str(calls))

    return made


def test_sdk_makes_every_call_that_it_has(
    sdk: OfficialSdk, make: Make, emulator: Emulator, client: ConversationClient
) -> None:
    seed(emulator)
    cases = cases_in(sdk.version)
    assert len(cases) + len(DELETIONS) == OPERATIONS_OF[sdk.version]
    returned = make(cases)
    for case in cases:
        assert (returned[case.operation.id] is None) == is_empty(case), case.id
        assert emulator.counts[case.operation.id] == 1
    edited = client.messages.get(IDS["message"])
    assert text_of(edited) == "an edited question"
    assert set(make(DELETIONS).values()) == {None}
    with pytest.raises(GoneError):
        client.messages.get(IDS["message"])
    with pytest.raises(GoneError):
        client.get_conversation(IDS["conversation"])


def test_both_read_the_same(
    sdk: OfficialSdk, make: Make, emulator: Emulator, client: ConversationClient
) -> None:
    seed(emulator)
    make(cases_in(sdk.version))
    cases = reads_in(sdk.version)
    returned = make(cases)
    for case in cases:
        assert comparable(returned[case.operation.id]) == read(client, case), case.id


def test_client_reads_what_the_sdk_wrote(
    sdk: OfficialSdk, url: str, client: ConversationClient
) -> None:
    returned = sdk("use", url, STARTING_CONVERSATION, KEPT, REMOVED)
    conversation = client.get_conversation(STARTING_CONVERSATION)
    for entries in associated(conversation).values():
        assert [entry.id for entry in entries.iterable] == [KEPT]
        assert entries.indices == {KEPT: 0, REMOVED: -1}
    assert conversation.favorited
    assert returned[UPDATE_CONVERSATION.id]["name"] == "named by the official SDK"
    assert returned[RENAME_CONVERSATION.id]["name"] == conversation.name
    assert conversation.annotations is not None
    (annotation,) = conversation.annotations.iterable
    assert returned[SUMMARIZE_CONVERSATION.id]["annotation"]["id"] == annotation.id
    assert annotation.reference is not None
    assert annotation.reference.type == "SUMMARY"
    assert annotation.reference.text.startswith("1 message")
    assert conversation.score is not None
    assert (conversation.score.automatic, conversation.score.reuse) == (1, 1)
    messages = client.get_messages(STARTING_CONVERSATION)
    assert sdk.read(url) == (document(conversation), document(messages))


async def test_sdk_reads_what_the_client_wrote(sdk: OfficialSdk, url: str) -> None:
    async with AsyncConversationClient(url) as client:
        conversation = await client.get_conversation(STARTING_CONVERSATION)
        conversation.name = "named by this client ✓"
        conversation.demo = False
        await client.update_conversation(conversation)
        for material in MATERIALS:
            await client.associate_many(STARTING_CONVERSATION, material, [KEPT, REMOVED])
            await client.disassociate_many(STARTING_CONVERSATION, material, [REMOVED])
        await client.summarize_conversation(STARTING_CONVERSATION)
        increment = SeededScoreIncrement(conversation=SeededScore(update=True))
        await client.increment_scores(STARTING_CONVERSATION, increment)
        conversation = await client.get_conversation(STARTING_CONVERSATION)
        messages = await client.get_messages(STARTING_CONVERSATION)
    seen, seen_messages = sdk.read(url)
    assert seen == document(conversation)
    assert seen_messages == document(messages)
    assert (seen["name"], seen["demo"]) == ("named by this client ✓", False)
    assert seen["score"]["update"] == 1
    assert [entry["reference"]["type"] for entry in seen["annotations"]["iterable"]] == ["SUMMARY"]
    for entries in associated(conversation).values():
        assert entries.indices == {KEPT: 0, REMOVED: -1}


def test_sdk_reads_a_conversation_that_the_client_created(
    sdk: OfficialSdk, url: str, client: ConversationClient
) -> None:
    fragment = {"string": {"raw": "hello"}, "metadata": {"ext": "txt"}}
    seed = {
        "type": "COPILOT",
        "name": "created",
        "messages": [{"role": "USER", "fragment": fragment}],
        "annotations": [{"type": "DESCRIPTION", "text": "a description", "asset": KEPT}],
        "anchors": [{"type": "FILE", "fullpath": "/tmp/x", "platform": "LINUX"}],
        "assets": {"iterable": [{"id": KEPT}]},
    }
    body = decode(json.dumps(seed), SeededConversation)
    created = client.call(CREATE_CONVERSATION, body=body)
    seen, messages = sdk.read(url, created.id)
    assert seen == document(created) == document(client.get_conversation(created.id))
    assert [message["fragment"] for message in messages["iterable"]] == [fragment]


def test_each_keeps_what_the_other_wrote(
    sdk: OfficialSdk, url: str, client: ConversationClient
) -> None:
    conversation = client.get_conversation(STARTING_CONVERSATION)
    conversation.extra["novel"] = {"only": "this client knows it"}
    client.update_conversation(conversation)
    client.associate_asset(STARTING_CONVERSATION, "asset of this client")
    sdk("use", url, STARTING_CONVERSATION, KEPT, REMOVED)
    conversation = client.get_conversation(STARTING_CONVERSATION)
    conversation.demo = True
    updated = client.update_conversation(conversation)
    assert updated.extra == {"novel": {"only": "this client knows it"}}
    assert updated.assets is not None
    assert updated.assets.iterable is not None
    assert [entry.id for entry in updated.assets.iterable] == ["asset of this client", KEPT]
    assert updated.favorited
    seen, messages = sdk.read(url)
    del updated.extra["novel"]
    assert seen == document(updated)
    assert messages == document(client.get_messages(STARTING_CONVERSATION))
