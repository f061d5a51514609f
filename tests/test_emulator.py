"""The emulator, asked over real sockets with nothing of the client in between."""

import asyncio
import errno
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import aiohttp
import attrs
import pytest
from needs import needs_signals
from waiting import until
from yarl import URL

from conversation_client import operations
from conversation_client.codec import decode
from conversation_client.models.common import GroupedTimestamp
from conversation_client.models.conversation import Conversation, ConversationTypeEnum
from conversation_client.models.message import ConversationMessages, FlattenedConversationMessages
from conversation_client.operations import (
    ASSOCIATIONS,
    BY_ID,
    DISASSOCIATIONS,
    OPERATIONS,
    AssociationOperation,
    Material,
    Operation,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator
from conversation_client.testing.__main__ import main

PLACES = {
    Material.ANCHOR: ["anchors"],
    Material.ANNOTATION: ["annotations"],
    Material.ASSET: ["assets"],
    Material.MESSAGE: ["grounding", "messages"],
    Material.RANGE: ["grounding", "temporal", "workstreams"],
    Material.SOURCE: ["grounding", "sources"],
    Material.WEBSITE: ["websites"],
    Material.WORKSTREAM_SUMMARY: ["summaries"],
}
ODD_IDS = [
    *("a b/c?d#é", "%2F", "a%25b", "+", "a+b", "a%2fb", "{x}", "a\nb", "😀", "a;b=c&d", "%", "..."),
    *("update", "associate", " ", "a\x00b", "'", '"', "\\"),
]
TIME = {"value": "2024-05-14T09:12:33.418207Z"}

ON_ONE = [
    *(row for row in OPERATIONS if "conversation" in row.parameters),
    operations.UPDATE_CONVERSATION,
]
"""Operations on one conversation, which the first of them gets."""
ON_ONE.remove(operations.GET_CONVERSATION)

each_material = pytest.mark.parametrize("material", list(Material))


@attrs.frozen
class Answer:
    status: int
    type: str
    body: bytes

    @property
    def json(self) -> Any:
        assert (self.status, self.type) == (200, "application/json"), self.body
        return json.loads(self.body)

    @property
    def is_empty(self) -> bool:
        return (self.status, self.body) == (204, b"")

    @property
    def refusal(self) -> str:
        assert (self.status, self.type) == (500, "text/plain"), self.body
        return self.body.decode()


@attrs.frozen
class Caller:
    """Sends what the table says, and nothing that the client would add."""

    url: str
    session: aiohttp.ClientSession

    async def __call__(
        self,
        row: Operation[Any],
        conversation: str = STARTING_CONVERSATION,
        /,
        *,
        body: object = None,
        path: str | None = None,
        query: str = "",
        **ids: str,
    ) -> Answer:
        ids = {**dict.fromkeys(row.parameters, "x"), "conversation": conversation, **ids}
        quoted = {name: quote(value, safe="") for name, value in ids.items()}
        url = f"{self.url}{(path or row.path).format(**quoted)}{query}"
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = self.session.request(row.method, URL(url, encoded=True), data=data)
        async with request as response:
            return Answer(response.status, response.content_type, await response.read())

    async def associate(
        self, material: Material | str, name: str, conversation: str = STARTING_CONVERSATION
    ) -> Answer:
        row = ASSOCIATIONS[Material(material)]
        return await self(row, conversation, **{row.item: name})

    async def disassociate(
        self, material: Material | str, name: str, conversation: str = STARTING_CONVERSATION
    ) -> Answer:
        row = DISASSOCIATIONS[Material(material)]
        return await self(row, conversation, **{row.item: name})

    async def get(self, conversation: str = STARTING_CONVERSATION, *, query: str = "") -> Any:
        return (await self(operations.GET_CONVERSATION, conversation, query=query)).json

    async def messages(self, conversation: str = STARTING_CONVERSATION, *, query: str = "") -> Any:
        return (await self(operations.GET_MESSAGES, conversation, query=query)).json

    async def collection(
        self, material: Material | str, conversation: str = STARTING_CONVERSATION
    ) -> Any:
        part = await self.get(conversation)
        for name in PLACES[Material(material)]:
            part = part[name]
        return part

    async def update(self, conversation: str = STARTING_CONVERSATION, /, **fields: object) -> Any:
        body = {"id": conversation, **fields}
        return (await self(operations.UPDATE_CONVERSATION, body=body)).json


@attrs.frozen
class EmulatorCaller(Caller):
    """One that has the emulator itself, too."""

    server: Emulator


@asynccontextmanager
async def calling(**options: Any) -> AsyncIterator[EmulatorCaller]:
    async with Emulator(**options) as server, aiohttp.ClientSession() as session:
        yield EmulatorCaller(server.url, session, server)


@pytest.fixture
async def call() -> AsyncIterator[EmulatorCaller]:
    async with calling() as caller:
        yield caller


def of(*names: str) -> dict[str, Any]:
    return {"iterable": [{"id": name} for name in names]}


def listing(*names: str, removed: Iterable[str] = ()) -> dict[str, Any]:
    positions = {name: position for position, name in enumerate(names)}
    return {**of(*names), "indices": positions | dict.fromkeys(removed, -1)}


def texts(messages: Any) -> list[str]:
    return [message["fragment"]["string"]["raw"] for message in messages["iterable"]]


async def give_up_on(call: "EmulatorCaller", asset: str) -> None:
    """Ask for an association whose answer is late, and ask no more once it has been made."""
    asking = asyncio.create_task(call.associate("asset", asset))
    await until(lambda: call.server.associations(STARTING_CONVERSATION, "asset") == (asset,))
    done, _ = await asyncio.wait([asking], timeout=0.05)
    assert not done
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


class TestConversations:
    async def test_starting_conversation_holds_four_messages(self, call: EmulatorCaller) -> None:
        messages = await call.messages()
        assert [message["role"] for message in messages["iterable"]] == ["USER", "ASSISTANT"] * 2
        assert all(texts(messages))

    async def test_document_has_what_every_release_requires(self, call: EmulatorCaller) -> None:
        call.server.seed(messages=["hello"])
        for document in (await call(operations.LIST_CONVERSATIONS)).json["iterable"]:
            UUID(document["id"])
            assert document["type"] == "COPILOT"
            for name in ("created", "updated"):
                assert document[name]["value"].endswith("Z")
                assert datetime.fromisoformat(document[name]["value"]) <= datetime.now(UTC)
            for entry in document["messages"]["iterable"]:
                message = entry["reference"]
                assert message["id"] == entry["id"]
                assert message["conversation"] == {"id": document["id"]}
                assert message.keys() >= {"created", "updated", "role", "fragment"}

    async def test_models_read_the_documents(self, call: EmulatorCaller) -> None:
        conversation = await call(operations.GET_CONVERSATION)
        assert decode(conversation.body, Conversation).name == "Retries in asyncio"
        messages = await call(operations.GET_MESSAGES)
        assert len(decode(messages.body, ConversationMessages).iterable) == 4

    async def test_messages_have_their_position_as_index(self, call: EmulatorCaller) -> None:
        document = await call.get()
        ids = [entry["id"] for entry in document["messages"]["iterable"]]
        assert document["messages"]["indices"] == {name: n for n, name in enumerate(ids)}
        assert (await call.messages())["indices"] == document["messages"]["indices"]

    async def test_missing_conversation_is_gone(self, call: EmulatorCaller) -> None:
        answer = await call(operations.GET_CONVERSATION, "no such id")
        assert (answer.status, answer.type) == (410, "text/plain")
        assert "no such id" in answer.body.decode()

    @pytest.mark.parametrize("row", ON_ONE, ids=lambda row: row.id)
    async def test_missing_conversation_is_refused_by_its_id(
        self, call: EmulatorCaller, row: Operation[Any]
    ) -> None:
        body = {"id": "nowhere", "engines": {"iterable": []}}
        assert "nowhere" in (await call(row, "nowhere", body=body)).refusal

    async def test_all_conversations_are_listed(self, call: EmulatorCaller) -> None:
        first, second = call.server.seed(), call.server.seed()
        conversations = (await call(operations.LIST_CONVERSATIONS)).json
        ids = [STARTING_CONVERSATION, first, second]
        assert [document["id"] for document in conversations["iterable"]] == ids
        assert conversations["indices"] == {name: position for position, name in enumerate(ids)}

    async def test_other_paths_are_not_found(self, call: EmulatorCaller) -> None:
        answer = await call(operations.GET_CONVERSATION, path="/nowhere")
        assert (answer.status, answer.type) == (404, "text/plain")
        answer = await call(operations.GET_CONVERSATION, path=operations.UPDATE_CONVERSATION.path)
        assert answer.status == 410


class TestTransferables:
    async def test_contents_are_there_by_default_and_on_request(self, call: EmulatorCaller) -> None:
        for query in ("", "?transferables=true"):
            assert len(texts(await call.messages(query=query))) == 4
            document = await call.get(query=query)
            assert "string" in document["messages"]["iterable"][0]["reference"]["fragment"]

    async def test_contents_are_left_out_and_metadata_stays(self, call: EmulatorCaller) -> None:
        call.server.seed({"id": "c"})
        seed = {
            "role": "USER",
            "conversation": {"id": "c"},
            "fragment": {"bytes": {"raw": [1]}, "metadata": {"ext": "png"}},
        }
        await call(operations.CREATE_MESSAGE, body=seed)
        bare = {"metadata": {"ext": "png"}}
        for document in (
            await call.get("c", query="?transferables=false"),
            (await call(operations.RENAME_CONVERSATION, "c", query="?transferables=false")).json,
        ):
            assert document["messages"]["iterable"][0]["reference"]["fragment"] == bare
        messages = await call.messages("c", query="?transferables=false")
        assert messages["iterable"][0]["fragment"] == bare

    async def test_message_without_fragment_is_shown_as_it_is(self, call: EmulatorCaller) -> None:
        message = {"id": "m", "role": "USER", "fragment": None}
        call.server.seed({"id": "c", "messages": {"iterable": [{"id": "m", "reference": message}]}})
        shown = await call.messages("c", query="?transferables=false")
        assert shown["iterable"] == [{**message, "conversation": {"id": "c"}}]

    async def test_update_with_what_was_read_without_contents_loses_none(
        self, call: EmulatorCaller
    ) -> None:
        before = await call.messages()
        document = await call.get(query="?transferables=false")
        await call.update(**document, demo=True)
        assert await call.messages() == before


class TestAssociations:
    @each_material
    async def test_association_is_in_the_conversation_and_on_the_other_side(
        self, call: EmulatorCaller, material: Material
    ) -> None:
        assert (await call.associate(material, "x")).is_empty
        assert await call.collection(material) == listing("x")
        assert call.server.associations(STARTING_CONVERSATION, material) == ("x",)
        assert call.server.conversations(material, "x") == (STARTING_CONVERSATION,)

    @each_material
    async def test_removal_is_on_both_sides_and_leaves_index_minus_one(
        self, call: EmulatorCaller, material: Material
    ) -> None:
        for name in "abc":
            await call.associate(material, name)
        assert (await call.disassociate(material, "b")).is_empty
        assert await call.collection(material) == listing("a", "c", removed="b")
        assert call.server.associations(STARTING_CONVERSATION, str(material)) == ("a", "c")
        assert call.server.conversations(str(material), "b") == ()

    @each_material
    async def test_associating_again_changes_nothing(
        self, call: EmulatorCaller, material: Material
    ) -> None:
        await call.associate(material, "x")
        document = await call.get()
        assert (await call.associate(material, "x")).is_empty
        assert await call.get() == document

    @each_material
    async def test_removing_what_is_not_there_changes_nothing(
        self, call: EmulatorCaller, material: Material
    ) -> None:
        document = await call.get()
        assert (await call.disassociate(material, "x")).is_empty
        assert await call.get() == document

    async def test_id_that_comes_back_gets_a_fresh_index(self, call: EmulatorCaller) -> None:
        for name in "ab":
            await call.associate("asset", name)
        await call.disassociate("asset", "a")
        await call.associate("asset", "a")
        assert await call.collection("asset") == listing("b", "a")

    async def test_materials_are_kept_apart(self, call: EmulatorCaller) -> None:
        for material in Material:
            await call.associate(material, f"{material} id")
        for material in Material:
            assert await call.collection(material) == listing(f"{material} id")

    async def test_material_knows_all_its_conversations(self, call: EmulatorCaller) -> None:
        other = call.server.seed()
        await call.associate("website", "w", other)
        await call.associate("website", "w")
        assert call.server.conversations("website", "w") == (other, STARTING_CONVERSATION)
        await call.disassociate("website", "w", other)
        assert call.server.conversations("website", "w") == (STARTING_CONVERSATION,)

    async def test_change_refreshes_updated(self, call: EmulatorCaller) -> None:
        before = (await call.get())["updated"]
        await call.associate("asset", "a")
        between = (await call.get())["updated"]
        await call.disassociate("asset", "a")
        assert before["value"] < between["value"] < (await call.get())["updated"]["value"]

    @pytest.mark.parametrize("row", [row for row in OPERATIONS if row.later_path])
    async def test_later_path_does_the_same(
        self, call: EmulatorCaller, row: AssociationOperation
    ) -> None:
        await call.associate(row.material, "x")
        assert (await call(row, path=row.later_path)).is_empty
        assert call.server.associations(STARTING_CONVERSATION, row.material) == ()
        assert call.server.counts[row.id] == 1

    @pytest.mark.parametrize("name", ODD_IDS)
    async def test_ids_arrive_exactly_as_sent(self, call: EmulatorCaller, name: str) -> None:
        call.server.seed({"id": name})
        await call.associate("asset", name, name)
        assert call.server.associations(name, "asset") == (name,)
        assert call.server.requests[-1].ids == {"conversation": name, "asset": name}
        assert await call.collection("asset", name) == listing(name)


class TestUpdate:
    async def test_sent_fields_are_replaced_and_others_stay(self, call: EmulatorCaller) -> None:
        before = await call.get()
        after = await call.update(name="new", favorited=True)
        assert after.pop("updated")["value"] > before.pop("updated")["value"]
        assert after == {**before, "name": "new", "favorited": True}
        assert await call.get() == {**after, "updated": (await call.get())["updated"]}

    async def test_unknown_fields_are_kept(self, call: EmulatorCaller) -> None:
        unknown = {"deep": [{"é": None}, 1.5, 2**70]}
        assets = {"iterable": [{"id": "a", "novel": unknown}], "novel": unknown}
        message = {"id": "m", "reference": {"id": "m", "novel": unknown}, "novel": unknown}
        await call.update(novel=unknown, assets=assets, messages={"iterable": [message]})
        document = await call.get()
        assert document["novel"] == unknown
        assert document["assets"] == {**assets, "indices": {"a": 0}}
        shown = document["messages"]["iterable"][-1]
        assert shown["novel"] == shown["reference"]["novel"] == unknown

    async def test_null_clears_a_field_unless_it_is_required(self, call: EmulatorCaller) -> None:
        before = await call.get()
        after = await call.update(name=None, messages=None, type=None, created=None)
        assert "name" not in after
        assert all(after[name] == before[name] for name in ("messages", "type", "created"))

    @each_material
    async def test_sent_associations_replace_both_sides(
        self, call: EmulatorCaller, material: Material
    ) -> None:
        for name in "abc":
            await call.associate(material, name)
        *parents, last = PLACES[material]
        body = {last: of("c", "d", "c")}
        for parent in reversed(parents):
            body = {parent: body}
        await call.update(**body)
        after = await call.collection(material)
        assert after == listing("c", "d", removed="ab")
        assert call.server.associations(STARTING_CONVERSATION, material) == ("c", "d")
        assert [len(call.server.conversations(material, name)) for name in "abcd"] == [0, 0, 1, 1]

    async def test_grounding_is_replaced_as_a_whole(self, call: EmulatorCaller) -> None:
        await call.associate("range", "r")
        await call.update(grounding={"messages": of("m")})
        assert call.server.associations(STARTING_CONVERSATION, "range") == ()
        assert await call.collection("range") == listing(removed="r")
        assert await call.collection("message") == listing("m")

    async def test_null_takes_all_associations_away(self, call: EmulatorCaller) -> None:
        await call.associate("asset", "a")
        await call.update(assets=None)
        assert await call.collection("asset") == listing(removed="a")

    async def test_reading_and_writing_back_changes_nothing(self, call: EmulatorCaller) -> None:
        for name in "abc":
            await call.associate("asset", name)
        await call.disassociate("asset", "a")
        await call(operations.SUMMARIZE_CONVERSATION)
        before = await call.get()
        after = await call.update(**before)
        assert after | {"updated": before["updated"]} == before

    async def test_message_that_is_left_out_stays(self, call: EmulatorCaller) -> None:
        before = await call.get()
        _, *rest = before["messages"]["iterable"]
        after = await call.update(messages={"iterable": rest})
        assert after["messages"] == before["messages"]
        await call.update(messages=listing(removed=before["messages"]["indices"]))
        assert (await call.get())["messages"] == before["messages"]

    async def test_message_that_was_deleted_stays_away(self, call: EmulatorCaller) -> None:
        before = await call.get()
        first = before["messages"]["iterable"][0]["id"]
        assert (await call(operations.DELETE_MESSAGE, message=first)).is_empty
        after = await call.update(messages=before["messages"])
        assert after["messages"]["indices"][first] == -1
        assert (await call(operations.GET_MESSAGE, message=first)).status == 410

    async def test_old_copy_of_a_message_does_not_undo_an_edit(self, call: EmulatorCaller) -> None:
        before = await call.get()
        message = before["messages"]["iterable"][0]["reference"]
        edited = message | {"fragment": {"string": {"raw": "edited"}}}
        await call(operations.UPDATE_MESSAGE_VALUE, body=edited)
        await call.update(**before)
        shown = (await call.messages())["iterable"][0]
        assert shown["fragment"]["string"] == {"raw": "edited"}

    async def test_message_without_document_is_only_named(self, call: EmulatorCaller) -> None:
        conversation = call.server.seed()
        after = await call.update(conversation, messages=of("m"))
        assert after["messages"]["iterable"] == [{"id": "m"}]
        assert (await call.messages(conversation))["iterable"] == []

    @pytest.mark.parametrize(
        "body",
        [
            *(None, b"", b"{", b"[]", b"null", b'"text"', b"\xff", b"[" * 100_000, b'{"id": NaN}'),
            *({}, {"id": 1}, {"id": STARTING_CONVERSATION, "name": "x", "assets": "text"}),
            {"id": STARTING_CONVERSATION, "name": "x", "assets": {"iterable": "text"}},
            {"id": STARTING_CONVERSATION, "name": "x", "assets": {"indices": "text"}},
            {"id": STARTING_CONVERSATION, "name": "x", "assets": {"iterable": [{}]}},
            {"id": STARTING_CONVERSATION, "name": "x", "assets": {"iterable": ["a"]}},
            {"id": STARTING_CONVERSATION, "name": "x", "grounding": 1},
            {"id": STARTING_CONVERSATION, "name": "\ud800"},
            {"id": STARTING_CONVERSATION, "name": "x", "assets": of("a", "\ud800")},
            b'{"id": "%s", "size": 1e999}' % STARTING_CONVERSATION.encode(),
        ],
    )
    async def test_malformed_body_is_refused_and_changes_nothing(
        self, call: EmulatorCaller, body: object
    ) -> None:
        before = await call.get()
        assert (await call(operations.UPDATE_CONVERSATION, body=body)).refusal
        assert await call.get() == before


class TestRename:
    async def test_name_comes_from_the_first_message_of_the_user(
        self, call: EmulatorCaller
    ) -> None:
        messages = [("SYSTEM", "Be terse."), ("USER", "  "), ("USER", "Why is\nthe sky blue?")]
        conversation = call.server.seed(messages=messages)
        document = (await call(operations.RENAME_CONVERSATION, conversation)).json
        assert document["name"] == "Why is the sky blue?"
        assert await call.get(conversation) == document

    async def test_name_is_short(self, call: EmulatorCaller) -> None:
        conversation = call.server.seed(messages=["word " * 100])
        document = (await call(operations.RENAME_CONVERSATION, conversation)).json
        assert document["name"] == "word word word word word word word word"

    async def test_other_messages_serve_when_the_user_said_nothing(
        self, call: EmulatorCaller
    ) -> None:
        messages = [("SYSTEM", "Be terse."), ("ASSISTANT", "Hello.")]
        conversation = call.server.seed(messages=messages)
        document = (await call(operations.RENAME_CONVERSATION, conversation)).json
        assert document["name"] == "Be terse."

    async def test_conversation_without_messages_gets_a_plain_name(
        self, call: EmulatorCaller
    ) -> None:
        document = (await call(operations.RENAME_CONVERSATION, call.server.seed())).json
        assert document["name"] == "New Conversation"


class TestSummarize:
    async def test_summary_is_an_annotation_of_the_conversation(self, call: EmulatorCaller) -> None:
        answer = (await call(operations.SUMMARIZE_CONVERSATION)).json
        assert answer["conversation"] == {"id": STARTING_CONVERSATION}
        annotation = answer["annotation"]["reference"]
        assert annotation["id"] == answer["annotation"]["id"]
        assert annotation["type"] == "SUMMARY"
        assert annotation["text"].startswith("4 messages, from “How do I retry")
        assert annotation["conversation"] == {"id": STARTING_CONVERSATION}
        assert annotation.keys() >= {"created", "updated"}
        annotations = (await call.get())["annotations"]
        assert annotations["iterable"] == [answer["annotation"]]
        assert annotations["indices"] == {annotation["id"]: 0}

    async def test_each_summary_is_a_new_one(self, call: EmulatorCaller) -> None:
        ids = [
            (await call(operations.SUMMARIZE_CONVERSATION)).json["annotation"]["id"]
            for _ in range(2)
        ]
        entries = (await call.get())["annotations"]["iterable"]
        assert [entry["id"] for entry in entries] == ids
        assert len(set(ids)) == 2

    async def test_named_messages_are_summarized_alone(self, call: EmulatorCaller) -> None:
        third = (await call.messages())["iterable"][2]["id"]
        body = {"messages": of(third, "unknown")}
        answer = (await call(operations.SUMMARIZE_CONVERSATION, body=body)).json
        text = answer["annotation"]["reference"]["text"]
        assert text.startswith("1 message: “And how long")

    async def test_nothing_can_be_summarized(self, call: EmulatorCaller) -> None:
        answer = (await call(operations.SUMMARIZE_CONVERSATION, call.server.seed(), body={})).json
        assert answer["annotation"]["reference"]["text"] == "0 messages."


class TestScores:
    async def test_each_flag_adds_one_to_its_counter(self, call: EmulatorCaller) -> None:
        increment = {"conversation": {"reuse": True, "update": True, "searched": False}}
        for _ in range(2):
            answer = await call(operations.INCREMENT_SCORES, body=increment)
            assert answer.is_empty
        score = {"manual": 0, "automatic": 2, "reuse": 2, "update": 2}
        assert (await call.get())["score"] == score

    async def test_every_increment_counts_even_without_body(self, call: EmulatorCaller) -> None:
        await call.update(score={"manual": 3, "automatic": 4, "priority": 5, "novel": "x"})
        for body in (None, {}, {"asset": {"reuse": True}}):
            assert (await call(operations.INCREMENT_SCORES, body=body)).is_empty
        score = {"manual": 3, "automatic": 7, "priority": 5, "novel": "x"}
        assert (await call.get())["score"] == score

    @pytest.mark.parametrize("score", ["text", {"automatic": "many"}])
    async def test_score_of_another_shape_is_not_counted(
        self, call: EmulatorCaller, score: object
    ) -> None:
        await call.update(score=score)
        assert "score" in (await call(operations.INCREMENT_SCORES)).refusal

    async def test_malformed_increment_is_refused(self, call: EmulatorCaller) -> None:
        answer = await call(operations.INCREMENT_SCORES, body={"conversation": [1]})
        assert "conversation" in answer.refusal


class TestStarters:
    async def test_created_conversation_has_all_parts_of_its_seed(
        self, call: EmulatorCaller
    ) -> None:
        seed = {
            "id": STARTING_CONVERSATION,
            "type": "COPILOT",
            "name": "new",
            "novel": [1],
            "favorited": None,
            "messages": [{"role": "USER", "fragment": {"string": {"raw": "hello"}}}],
            "assets": of("a"),
            "websites": of("w"),
            "anchors": [
                {"type": "FILE", "fullpath": "/tmp/x", "platform": "LINUX", "watch": True},
                {"type": "DIRECTORY", "fullpath": "/tmp"},
            ],
            "annotations": [
                {"type": "COMMENT", "text": "t", "asset": "a", "workstream_summary": "s"},
            ],
        }
        document = (await call(operations.CREATE_CONVERSATION, body=seed)).json
        assert document["id"] != STARTING_CONVERSATION
        assert await call.get(document["id"]) == document
        decode(json.dumps(document), Conversation)
        assert (document["name"], document["novel"]) == ("new", [1])
        assert "favorited" not in document
        assert texts(await call.messages(document["id"])) == ["hello"]
        assert call.server.associations(document["id"], "asset") == ("a",)
        assert call.server.conversations("website", "w") == (document["id"],)
        file, directory = (entry["reference"] for entry in document["anchors"]["iterable"])
        (point,) = (entry["reference"] for entry in file["points"]["iterable"])
        assert (file["type"], file["watch"]) == ("FILE", True)
        assert (point["fullpath"], point["platform"]) == ("/tmp/x", "LINUX")
        assert point["anchor"] == {"id": file["id"]}
        assert directory["points"]["iterable"][0]["reference"]["fullpath"] == "/tmp"
        annotation = document["annotations"]["iterable"][0]["reference"]
        assert annotation["asset"] == {"id": "a"}
        assert annotation["summary"] == {"id": "s"}

    async def test_created_message_is_the_conversations_last(self, call: EmulatorCaller) -> None:
        seed = {
            "role": "USER",
            "fragment": {"string": {"raw": "last"}},
            "conversation": {"id": STARTING_CONVERSATION},
            "created": TIME,
            "novel": 1,
        }
        message = (await call(operations.CREATE_MESSAGE, body=seed)).json
        assert (message["created"], message["novel"]) == (TIME, 1)
        assert (await call.messages())["iterable"][-1] == message
        document = await call.get()
        assert document["messages"]["iterable"][-1]["reference"] == message

    @pytest.mark.parametrize(
        "body",
        [
            *(None, {}, {"role": "USER"}),
            {"role": "USER", "fragment": {}, "conversation": {}},
            {"role": "USER", "fragment": {}, "conversation": {"id": "nowhere"}},
            {"role": "USER", "conversation": {"id": STARTING_CONVERSATION}},
            {"fragment": {}, "conversation": {"id": STARTING_CONVERSATION}},
            {"fragment": {}, "role": "USER", "conversation": "c"},
        ],
    )
    async def test_message_without_place_or_parts_is_refused(
        self, call: EmulatorCaller, body: object
    ) -> None:
        assert (await call(operations.CREATE_MESSAGE, body=body)).refusal
        assert len((await call.messages())["iterable"]) == 4

    @pytest.mark.parametrize(
        "body", [None, {"messages": {}}, {"messages": [1]}, {"anchors": [{"type": "FILE"}]}]
    )
    async def test_malformed_conversation_is_refused(
        self, call: EmulatorCaller, body: object
    ) -> None:
        assert (await call(operations.CREATE_CONVERSATION, body=body)).refusal
        assert len((await call(operations.LIST_CONVERSATIONS)).json["iterable"]) == 1


class TestStrict:
    @each_material
    async def test_unknown_material_is_refused(self, material: Material) -> None:
        async with calling(strict=True) as call:
            assert "x" in (await call.associate(material, "x")).refusal
            assert "x" in (await call.disassociate(material, "x")).refusal
            call.server.add_material(material, "x")
            call.server.add_material(material, "x")
            assert (await call.associate(material, "x")).is_empty
            assert (await call.disassociate(material, "x")).is_empty

    async def test_messages_and_seeded_materials_are_known(self) -> None:
        async with calling(strict=True) as call:
            message = (await call.messages())["iterable"][0]["id"]
            assert (await call.associate("message", message)).is_empty
            assert (await call.associate("asset", message)).refusal
            call.server.seed({"assets": of("a")})
            assert (await call.associate("asset", "a")).is_empty

    async def test_bodies_may_name_only_what_is_known(self) -> None:
        async with calling(strict=True) as call:
            for row, body in {
                operations.UPDATE_CONVERSATION: {"id": STARTING_CONVERSATION, "assets": of("x")},
                operations.CREATE_CONVERSATION: {"type": "COPILOT", "websites": of("x")},
                operations.SUMMARIZE_CONVERSATION: {"messages": of("x")},
            }.items():
                assert "'x'" in (await call(row, body=body)).refusal
            anchored = {"type": "COPILOT", "anchors": [{"type": "FILE", "fullpath": "/tmp/x"}]}
            document = (await call(operations.CREATE_CONVERSATION, body=anchored)).json
            assert await call.update(**document)


class TestSeeding:
    async def test_new_conversation_is_empty(self, call: EmulatorCaller) -> None:
        document = await call.get(call.server.seed())
        assert document["messages"] == {"iterable": [], "indices": {}}

    async def test_texts_alternate_between_user_and_assistant(self, call: EmulatorCaller) -> None:
        messages = await call.messages(call.server.seed(messages=["a", "b", ("SYSTEM", "c"), "d"]))
        assert texts(messages) == ["a", "b", "c", "d"]
        roles = [message["role"] for message in messages["iterable"]]
        assert roles == ["USER", "ASSISTANT", "SYSTEM", "ASSISTANT"]

    async def test_json_is_kept_as_it_is(self, call: EmulatorCaller) -> None:
        document = {
            "id": "c",
            "created": TIME,
            "updated": {**TIME, "readable": "long ago"},
            "type": "NOVEL",
            "name": None,
            "messages": {"score": {"manual": 1, "automatic": 2}, **listing("m")},
            "assets": listing("b", "a", removed="c"),
            "grounding": {"temporal": None, "sources": {"novel": 1, **listing()}},
            "novel": {"x": [1]},
        }
        sent = json.dumps(document)
        assert call.server.seed(document) == "c"
        assert await call.get("c") == document
        assert json.dumps(document) == sent
        assert call.server.associations("c", "asset") == ("b", "a")

    async def test_model_is_encoded(self, call: EmulatorCaller) -> None:
        then = GroupedTimestamp(value=datetime(2024, 5, 14, tzinfo=UTC))
        model = Conversation(
            id="c",
            created=then,
            updated=then,
            messages=FlattenedConversationMessages(iterable=[]),
            type=ConversationTypeEnum.COPILOT,
            name="model",
        )
        call.server.seed(model, messages=["hello"])
        assert (await call.get("c"))["name"] == "model"
        assert texts(await call.messages("c")) == ["hello"]

    async def test_existing_id_and_malformed_documents_are_refused(
        self, call: EmulatorCaller
    ) -> None:
        with pytest.raises(ValueError, match="already"):
            call.server.seed({"id": STARTING_CONVERSATION})
        with pytest.raises(ValueError, match="assets"):
            call.server.seed({"assets": 1})
        with pytest.raises(ValueError, match="reference"):
            call.server.seed({"messages": {"iterable": [{"id": "m", "reference": 1}]}})
        with pytest.raises(ValueError, match="JSON"):
            call.server.seed({"size": float("nan")})
        assert len((await call(operations.LIST_CONVERSATIONS)).json["iterable"]) == 1

    async def test_associations_of_a_missing_conversation_are_an_error(
        self, call: EmulatorCaller
    ) -> None:
        with pytest.raises(LookupError, match="nowhere"):
            call.server.associations("nowhere", Material.ASSET)
        with pytest.raises(ValueError, match="nothing"):
            call.server.associations(STARTING_CONVERSATION, "nothing")


class TestFaults:
    async def test_failed_request_does_nothing(self, call: EmulatorCaller) -> None:
        call.server.fail_next(times=2)
        for _ in range(2):
            assert (await call.associate("asset", "a")).refusal
        assert call.server.associations(STARTING_CONVERSATION, "asset") == ()
        assert (await call.associate("asset", "a")).is_empty

    @pytest.mark.parametrize("operation", [ASSOCIATIONS[Material.ASSET], operations.GET_MESSAGES])
    async def test_fault_waits_for_its_operation(
        self, call: EmulatorCaller, operation: Operation[Any]
    ) -> None:
        for name in (operation, operation.id):
            call.server.fail_next(503, operation=name)
            assert await call.get()
            assert (await call(operation)).status == 503
            assert (await call(operation)).status < 300

    async def test_faults_come_in_the_order_they_were_asked_for(self, call: EmulatorCaller) -> None:
        call.server.fail_next(503)
        call.server.fail_next(429, operation=operations.GET_MESSAGES.id)
        call.server.fail_next(502)
        statuses = [(await call(operations.GET_MESSAGES)).status for _ in range(4)]
        assert statuses == [503, 429, 502, 200]

    async def test_text_and_headers_are_as_asked(self, call: EmulatorCaller) -> None:
        headers = {"content-type": "text/html", "Retry-After": "7"}
        call.server.fail_next(429, text="<p>é</p>", headers=headers)
        async with call.session.get(call.server.url) as response:
            assert (response.status, response.content_type) == (429, "text/html")
            assert response.headers["Retry-After"] == "7"
            assert await response.text() == "<p>é</p>"

    async def test_dropped_request_gets_no_answer(self, call: EmulatorCaller) -> None:
        call.server.drop_next(2, ASSOCIATIONS[Material.ASSET])
        for _ in range(2):
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await call.associate("asset", "a")
        assert call.server.associations(STARTING_CONVERSATION, "asset") == ()
        assert (await call.associate("asset", "a")).is_empty

    async def test_request_may_be_carried_out_before_the_drop(self, call: EmulatorCaller) -> None:
        call.server.drop_next(after=True)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await call.associate("asset", "a")
        assert call.server.associations(STARTING_CONVERSATION, "asset") == ("a",)

    async def test_answer_waits_for_the_delay(self, call: EmulatorCaller) -> None:
        call.server.delay = 60
        await give_up_on(call, "a")
        assert call.server.delay == 60
        call.server.delay = 0.001
        assert (await call.associate("asset", "b")).is_empty

    async def test_only_the_next_answers_may_be_late(self, call: EmulatorCaller) -> None:
        call.server.delay_next(60, operation=ASSOCIATIONS[Material.ASSET])
        await give_up_on(call, "a")
        assert (await call.associate("asset", "b")).is_empty

    async def test_senseless_faults_are_refused(self, call: EmulatorCaller) -> None:
        with pytest.raises(ValueError, match="conversation_sing"):
            call.server.fail_next(operation="conversation_sing")
        with pytest.raises(ValueError, match="times"):
            call.server.drop_next(0)


class TestRecord:
    async def test_request_is_recorded_as_it_came(self, call: EmulatorCaller) -> None:
        body = {"id": STARTING_CONVERSATION, "name": "é"}
        query = "?transferables=false"
        await call(operations.UPDATE_CONVERSATION, body=body, query=query)
        await call.associate("anchor", "a/b")
        update, associate = call.server.requests
        assert (update.operation, update.method) == (operations.UPDATE_CONVERSATION.id, "POST")
        assert update.target == operations.UPDATE_CONVERSATION.path + query
        assert json.loads(update.body) == body
        assert update.ids == {}
        assert associate.ids == {"conversation": STARTING_CONVERSATION, "anchor": "a/b"}
        assert associate.target.endswith("/a%2Fb")
        assert associate.headers["user-agent"].startswith("Python")
        assert associate.body == b""

    async def test_every_row_of_the_table_is_answered_and_counted(
        self, call: EmulatorCaller
    ) -> None:
        message = (await call.messages())["iterable"][0]["id"]
        bodies = {
            "SearchInput": {"engines": {"iterable": []}},
            "ConversationMessage": {"id": message, "fragment": {}},
            "SeededConversationMessage": {
                "role": "USER",
                "fragment": {},
                "conversation": {"id": STARTING_CONVERSATION},
            },
        }
        other = {"id": STARTING_CONVERSATION, "type": "COPILOT"}
        last = [operations.DELETE_MESSAGE, operations.DELETE_CONVERSATION]
        for row in [*(row for row in BY_ID.values() if row not in last), *last]:
            body = bodies.get(row.body.__name__, other) if row.body else None
            answer = await call(row, body=body, message=message)
            assert answer.status == (204 if row.returns is NoneType else 200), row
        assert call.server.counts == dict.fromkeys(BY_ID, 1) | {operations.GET_MESSAGES.id: 2}

    async def test_unmatched_and_failed_requests_are_recorded_too(
        self, call: EmulatorCaller
    ) -> None:
        call.server.fail_next()
        await call(operations.GET_MESSAGES)
        await call(operations.GET_MESSAGES, path="/nowhere")
        assert [r.operation for r in call.server.requests] == [operations.GET_MESSAGES.id, ""]
        assert call.server.counts[""] == 1
        assert call.server.counts[operations.GET_CONVERSATION.id] == 0

    async def test_log_is_bounded_and_counts_are_not(self, call: EmulatorCaller) -> None:
        row = operations.GET_MESSAGES
        for _ in range(1_001):
            await call(row, path="/nowhere")
        await call(row)
        assert len(call.server.requests) == 1_000
        assert call.server.requests[-1].operation == row.id
        assert call.server.counts == {"": 1_001, row.id: 1}


class TestLifecycle:
    async def test_serves_on_the_running_loop_and_leaves_nothing(self) -> None:
        tasks, threads = asyncio.all_tasks(), threading.enumerate()
        async with Emulator() as server:
            assert threading.enumerate() == threads
            port = urlsplit(server.url).port
        assert asyncio.all_tasks() == tasks
        assert is_free(port)

    async def test_requests_in_progress_do_not_outlive_it(self) -> None:
        tasks = asyncio.all_tasks()
        async with calling(delay=60) as call:
            waiting = asyncio.create_task(call.get())
            while not call.server.requests:  # noqa: ASYNC110
                await asyncio.sleep(0)
        with pytest.raises(aiohttp.ClientError):
            await waiting
        assert asyncio.all_tasks() == tasks

    async def test_unfinished_requests_do_not_outlive_it(self) -> None:
        tasks = asyncio.all_tasks()
        async with Emulator() as server:
            address = urlsplit(server.url)
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
            await asyncio.sleep(0.01)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        assert asyncio.all_tasks() == tasks

    def test_serves_from_a_thread_and_leaves_nothing(self) -> None:
        threads = threading.enumerate()
        with Emulator() as server:
            port = urlsplit(server.url).port
            assert fetch(server.url)["id"] == STARTING_CONVERSATION
            assert len(threading.enumerate()) == len(threads) + 1
        assert threading.enumerate() == threads
        assert is_free(port)

    def test_can_be_used_from_many_threads(self) -> None:
        with Emulator() as server:
            workers = [threading.Thread(target=server.seed) for _ in range(20)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            assert len(fetch(server.url, operations.LIST_CONVERSATIONS)["iterable"]) == 21

    async def test_taken_port_is_an_os_error(self) -> None:
        async with Emulator() as server:
            threads = threading.enumerate()
            port = urlsplit(server.url).port
            assert port is not None
            other = Emulator(port=port)
            with pytest.raises(OSError, match=r"127\.0\.0\.1:.* in use") as caught:
                await other.__aenter__()
            assert caught.value.errno == errno.EADDRINUSE
            with pytest.raises(OSError, match="in use"):
                other.__enter__()
            assert threading.enumerate() == threads

    @pytest.mark.parametrize("port", [-1, 65536])
    def test_there_are_65536_ports(self, port: int) -> None:
        with pytest.raises(ValueError, match=str(port)):
            Emulator(port=port)

    async def test_cannot_be_entered_twice_at_a_time(self) -> None:
        server = Emulator()
        async with server:
            with pytest.raises(RuntimeError, match="already"):
                server.__enter__()
            assert server.url
        async with server:
            assert server.url

    def test_state_is_there_only_while_it_serves(self) -> None:
        server = Emulator()
        server.__exit__(None, None, None)
        with pytest.raises(RuntimeError, match="not running"):
            _ = server.url

    async def test_leaving_without_entering_does_nothing(self) -> None:
        await Emulator().__aexit__(None, None, None)

    async def test_address_of_version_6_is_bracketed(self) -> None:
        try:
            async with calling(host="::1") as call:
                assert call.server.url.startswith("http://[::1]:")
                assert await call.get()
        except OSError as error:
            pytest.skip(f"no IPv6 here: {error}")


def is_free(port: int | None) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def fetch(url: str, row: Operation[Any] = operations.GET_CONVERSATION) -> Any:
    """Ask from blocking code."""

    async def call() -> Any:
        async with aiohttp.ClientSession() as session:
            return (await Caller(url, session)(row)).json

    return asyncio.run(call())


class TestDatabase:
    async def test_everything_survives_a_restart(self, tmp_path: Path) -> None:
        db = tmp_path / "emulator.db"
        async with calling(db=db, strict=True) as call:
            call.server.seed({"id": "c", "novel": 1}, messages=["hello"])
            for name in "ab":
                call.server.add_material("asset", name)
                await call.associate("asset", name, "c")
            await call.disassociate("asset", "a", "c")
            await call(operations.SUMMARIZE_CONVERSATION, "c")
            await call(operations.INCREMENT_SCORES, "c")
            call.server.add_material("website", "w")
            before = (await call(operations.LIST_CONVERSATIONS)).json
        async with calling(db=str(db), strict=True) as call:
            assert (await call(operations.LIST_CONVERSATIONS)).json == before
            assert (await call.associate("website", "w")).is_empty
            assert call.server.conversations("asset", "b") == ("c",)

    async def test_memory_forgets(self) -> None:
        server = Emulator()
        async with server:
            server.seed({"id": "c"})
        async with server:
            server.seed({"id": "c"})

    async def test_file_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        db = tmp_path / "other.db"
        with closing(sqlite3.connect(db)) as other:
            other.execute("CREATE TABLE theirs (x)")
        before = db.read_bytes()
        with pytest.raises(OSError, match=r"other\.db: it belongs to another program"):
            await Emulator(db=db).__aenter__()
        assert db.read_bytes() == before
        assert list(tmp_path.iterdir()) == [db]  # noqa: ASYNC240  # nobody waits

    @pytest.mark.parametrize("name", ["text", ".", "no/such/folder"])
    async def test_what_is_no_database_is_an_os_error(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "text").write_text("not a database " * 100)
        with pytest.raises(OSError, match="cannot keep"):
            await Emulator(db=tmp_path / name).__aenter__()


COMMAND = [sys.executable, "-m", "conversation_client.testing"]


@contextmanager
def program(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the emulator as a program; yields the process and its URL."""
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


class TestProgram:
    @needs_signals
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_prints_its_url_first_and_ends_quietly(self, number: int) -> None:
        with program("--port", "0") as (process, url):
            assert fetch(url)["id"] == STARTING_CONVERSATION
            process.send_signal(number)
            assert process.communicate(timeout=10) == ("", "")
            assert process.returncode == 0

    @needs_signals
    def test_requests_in_progress_do_not_hold_it_up(self) -> None:
        with program("--delay", "60") as (process, url):
            address = urlsplit(url)
            with socket.create_connection((address.hostname, address.port)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                process.terminate()
                assert process.communicate(timeout=10) == ("", "")
            assert process.returncode == 0

    async def test_nothing_that_was_answered_is_lost_when_it_is_killed(
        self, tmp_path: Path
    ) -> None:
        options = ("--db", str(tmp_path / "emulator.db"))
        ids = [f"asset {number}" for number in range(50)]
        with program(*options) as (process, url):
            async with aiohttp.ClientSession() as session:
                call = Caller(url, session)
                for name in ids:
                    assert (await call.associate("asset", name)).is_empty
                before = await call.get()
                process.kill()
                process.wait()
        with program(*options) as (process, url):
            async with aiohttp.ClientSession() as session:
                call = Caller(url, session)
                assert await call.get() == before
                assert await call.collection("asset") == listing(*ids)

    async def test_strict_is_passed_on(self) -> None:
        with program("--strict", "--host", "127.0.0.1") as (_, url):
            async with aiohttp.ClientSession() as session:
                assert (await Caller(url, session).associate("asset", "a")).refusal

    @pytest.mark.parametrize(
        ("options", "word"),
        [
            (["--port", "70000"], "70000"),
            (["--db", "/no/such/folder/x.db"], "/no/such/folder/x.db"),
            (["--host", "256.1.1.1"], "256.1.1.1"),
        ],
    )
    def test_bad_input_is_one_clear_line(
        self, capsys: pytest.CaptureFixture[str], options: list[str], word: str
    ) -> None:
        assert main(options) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert word in err
        assert err.count("\n") == 1

    def test_taken_port_is_one_clear_line(self) -> None:
        with Emulator() as server:
            options = ["--port", str(urlsplit(server.url).port)]
            done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "in use" in done.stderr
        assert done.stderr.count("\n") == 1

    def test_unknown_option_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match="2"):
            main(["--colour", "blue"])
        assert "--colour" in capsys.readouterr().err
