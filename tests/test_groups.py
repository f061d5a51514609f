"""Conversations and messages as a whole: `client.conversations`, `client.messages`, names."""

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from cases import IDS, PLAIN, Case, minimal, seed, text_of
from raw_server import RawRequest, RawServer, json_reply, reply

from conversation_client import (
    AsyncConversationClient,
    BatchProgress,
    ClientClosedError,
    ConnectionLostError,
    ConversationClient,
    ConversationClientError,
    GoneError,
    InvalidArgumentError,
    MessageMaterial,
    ServerError,
    operations,
    read_journal,
    resume,
)
from conversation_client.models.common import TransferableString
from conversation_client.models.conversation import ReferencedConversation, SeededConversation
from conversation_client.models.message import (
    ConversationMessage,
    FragmentFormat,
    SeededConversationMessage,
)
from conversation_client.models.search import (
    FullTextSearchOptions,
    SearchEngine,
    SearchEngines,
    SearchInput,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

C = STARTING_CONVERSATION


# Every row


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.id)
async def test_every_operation_answers_its_method_with_what_it_promises(
    server: Emulator, client: AsyncConversationClient, case: Case
) -> None:
    seed(server)
    body: Any = case.body(IDS) if case.body else None
    if isinstance(body, ConversationMessage):
        body.id, body.fragment = IDS["message"], FragmentFormat()
    if isinstance(body, SeededConversationMessage):
        body.conversation = ReferencedConversation(id=IDS["conversation"])
    result = await case.call(client, IDS, body)
    promised = case.operation.returns
    assert result is None if promised is type(None) else type(result) is promised
    assert server.counts[case.operation.id] == 1


# The life of a conversation


async def test_a_conversation_is_made_named_found_and_deleted(
    client: AsyncConversationClient,
) -> None:
    made = await client.conversations.create("Garden")
    assert (made.name, made.type) == ("Garden", "COPILOT")
    assert (await client.conversations.create()).id != made.id
    kind = SeededConversation(type=made.type, name="seeded")
    assert (await client.conversations.create(kind, transferables=False)).name == "seeded"
    listed = await client.conversations.list()
    assert [each.name for each in listed.iterable if each.id == made.id] == ["Garden"]
    ids = [each.id for each in (await client.conversations.identifiers()).iterable]
    assert ids == [each.id for each in listed.iterable]
    found = await client.conversations.search("garden")
    assert [(each.identifier, each.exact) for each in found.iterable] == [(made.id, True)]
    await client.conversations.delete(made.id)
    with pytest.raises(GoneError):
        await client.get_conversation(made.id)
    assert made.id not in [each.id for each in (await client.conversations.identifiers()).iterable]


async def test_a_conversation_is_made_of_an_asset_or_a_summary(
    server: Emulator, client: AsyncConversationClient
) -> None:
    of_asset = (await client.conversations.create_from_asset("a1")).conversation.id
    assert server.associations(of_asset, "asset") == ("a1",)
    of_summary = await client.conversations.create_from_workstream_summary("s1")
    assert server.associations(of_summary.conversation.id, "workstream_summary") == ("s1",)


async def test_messages_are_added_read_changed_and_deleted(
    server: Emulator, client: AsyncConversationClient
) -> None:
    made = await client.conversations.create("talk")
    question = await client.messages.add(made.id, "Why?")
    answer = await client.messages.add(made.id, "Because.", role="ASSISTANT")
    assert (question.role, answer.role) == ("USER", "ASSISTANT")
    assert [text_of(each) async for each in client.messages.of(made.id)] == ["Why?", "Because."]
    answer.fragment = FragmentFormat(string=TransferableString(raw="Just so."))
    assert text_of(await client.messages.update_value(answer)) == "Just so."
    question.extra["novel"] = 1
    assert (await client.messages.update(question)).extra["novel"] == 1
    assert text_of(await client.messages.get(answer.id)) == "Just so."
    bare = await client.messages.get(answer.id, transferables=False)
    assert bare.fragment is None or bare.fragment.string is None
    best = (await client.messages.search("just so")).iterable[0]
    assert (best.identifier, best.exact, best.similarity) == (answer.id, True, 1.0)
    found = await client.search_messages(made.id, "so")
    assert [each.identifier for each in found.iterable] == [answer.id]
    await client.messages.delete(question.id)
    with pytest.raises(GoneError):
        await client.messages.get(question.id)
    assert (await client.get_conversation(made.id)).messages.indices == {
        question.id: -1,
        answer.id: 0,
    }
    assert question.id not in [each.id for each in (await client.messages.list()).iterable]


async def test_deleting_a_conversation_deletes_its_messages(
    client: AsyncConversationClient,
) -> None:
    made = await client.conversations.create("talk")
    message = await client.messages.add(made.id, "Why?")
    await client.conversations.delete(made.id)
    with pytest.raises(GoneError):
        await client.messages.get(message.id)


@pytest.mark.parametrize("material", MessageMaterial)
@pytest.mark.parametrize("spelled", [MessageMaterial, str])
async def test_every_material_of_a_message_is_associated_and_taken_out_again(
    client: AsyncConversationClient, material: MessageMaterial, spelled: Any
) -> None:
    message = await client.messages.add(C, "hello")
    place = material.collection
    for name in ("x", "y", "x"):
        await client.messages.associate(message.id, spelled(material), name)
    await client.messages.disassociate(message.id, spelled(material), "x")
    await client.messages.disassociate(message.id, spelled(material), "never there")
    collection = getattr(await client.messages.get(message.id), place)
    assert [each.id for each in collection.iterable] == ["y"]
    assert collection.indices == {"x": -1, "y": 0}
    assert text_of(await client.messages.get(message.id)) == "hello"


async def test_scores_of_a_message_add_up(client: AsyncConversationClient) -> None:
    message = await client.messages.add(C, "hello")
    for _ in range(3):
        await client.messages.increment_scores(message.id)
    score = (await client.messages.get(message.id)).score
    assert score is not None
    assert score.automatic == 3


async def test_a_search_may_be_of_several_engines(client: AsyncConversationClient) -> None:
    def engine(query: str, **options: Any) -> SearchEngine:
        return SearchEngine(query=query, full_text=FullTextSearchOptions(**options))

    for name in ("red car", "red house", "blue car"):
        await client.conversations.create(name)

    async def found(kind: str | None, *engines: SearchEngine) -> set[str | None]:
        combined = SearchEngines(iterable=list(engines), extra={"type": kind} if kind else {})
        result = await client.conversations.search(SearchInput(engines=combined))
        return {each.conversation.name for each in result.iterable if each.conversation}

    assert await found("AND", engine("red"), engine("car")) == {"red car"}
    assert await found("OR", engine("house"), engine("blue")) == {"red house", "blue car"}
    assert await found(None, engine("red car", exact=True)) == {"red car"}
    assert await found(None, engine("red car")) == {"red car", "red house", "blue car"}


BAD_CALLS: dict[str, Any] = {
    "a dict to search for": lambda client: client.conversations.search({"engines": {}}),
    "a number to search for": lambda client: client.messages.search(5),
    "no model to create": lambda client: client.conversations.create({"type": "COPILOT"}),
    "a role that is none": lambda client: client.messages.add("c", "text", role=5),
    "a text that is none": lambda client: client.messages.add("c", b"text"),
    "a conversation that is none": lambda client: client.messages.add("", "text"),
    "a material that is none": lambda client: client.messages.associate("m", "assets", "a"),
    "a material of another kind": lambda client: client.messages.associate("m", None, "a"),
    "a name that is none": lambda client: client.set_name("c", None),
    "an id that is none": lambda client: client.messages.get(".."),
}


@pytest.mark.parametrize("call", BAD_CALLS.values(), ids=BAD_CALLS)
async def test_what_cannot_be_sent_is_refused_unsent(
    server: Emulator,
    client: AsyncConversationClient,
    blocking_client: ConversationClient,
    call: Any,
) -> None:
    with pytest.raises(InvalidArgumentError):
        await call(client)
    with pytest.raises(InvalidArgumentError):
        call(blocking_client)
    assert server.requests == ()


def test_a_group_keeps_its_client(server: Emulator) -> None:
    conversations = ConversationClient(server.url).conversations
    gc.collect()
    assert conversations.list().iterable[0].id == C
    messages = ConversationClient(server.url).messages.of(C)
    gc.collect()
    assert len(list(messages)) == 4


# Deleting


async def test_a_deletion_whose_answer_was_lost_is_found_to_be_done(
    server: Emulator, client: AsyncConversationClient
) -> None:
    made = await client.conversations.create("gone soon")
    server.drop_next(operation=operations.DELETE_CONVERSATION, after=True)
    await client.conversations.delete(made.id)
    message = await client.messages.add(C, "gone soon")
    server.drop_next(operation=operations.DELETE_MESSAGE, after=True)
    await client.messages.delete(message.id)


async def test_deleting_what_never_was_is_an_error(
    server: Emulator, client: AsyncConversationClient
) -> None:
    with pytest.raises(ServerError) as caught:
        await client.conversations.delete("nobody")
    assert (caught.value.operation, caught.value.effect) == (
        operations.DELETE_CONVERSATION.id,
        "answered",
    )
    server.drop_next(operation=operations.DELETE_CONVERSATION)
    server.fail_next(500, operation=operations.DELETE_CONVERSATION, times=2)
    with pytest.raises(ConversationClientError) as lost:
        await client.conversations.delete(C)  # it is there still
    assert lost.value.effect == "unknown"
    assert (await client.get_conversation(C)).id == C


async def test_many_are_deleted_and_what_is_gone_counts_as_done(
    server: Emulator, client: AsyncConversationClient
) -> None:
    ids = [server.seed() for _ in range(100)]
    for id_ in ids[:10]:
        await client.conversations.delete(id_)
    told: list[BatchProgress] = []
    report = await client.conversations.delete_many(
        [*ids, "never there", ids[50]], on_progress=told.append
    )
    assert (report.succeeded, report.failed, report.not_started) == (102, 0, 0)
    assert told[-1].done == 102
    left = [each.id for each in (await client.conversations.identifiers()).iterable]
    assert left == [C]


async def test_what_cannot_be_deleted_for_another_reason_fails(
    server: Emulator, client: AsyncConversationClient
) -> None:
    ids = [server.seed() for _ in range(3)]
    server.fail_next(500, operation=operations.DELETE_CONVERSATION, times=2)
    report = await client.conversations.delete_many(ids, concurrency=1)
    assert (report.succeeded, [failure.item for failure in report.failures]) == (2, [ids[0]])
    assert isinstance(report.failures[0].error, ServerError)


def test_a_journal_of_deletions_is_gone_on_with(server: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    ids = [server.seed() for _ in range(300)]

    def some() -> Iterator[str]:
        yield from ids

    with ConversationClient(server.url) as client:
        seen: list[BatchProgress] = []

        def stop(progress: BatchProgress) -> None:
            seen.append(progress)
            if progress.done > 50:
                client.close()

        server.delay = 0.05
        report = client.conversations.delete_many(
            some(), journal=path, concurrency=4, on_progress=stop
        )
        assert isinstance(report.ended_by, ClientClosedError)
    server.delay = 0.0
    summary = read_journal(path)
    assert (summary.verb, summary.conversation, summary.material) == ("delete", "", None)
    assert 50 < summary.done < 300
    assert summary.operation == operations.DELETE_CONVERSATION.id
    report = resume(path)
    assert report.succeeded + report.skipped == 300
    with ConversationClient(server.url) as client:
        assert client.conversations.delete_many(ids, journal=path).skipped == 300
        assert [each.id for each in client.conversations.identifiers().iterable] == [C]


# Reading many


async def test_many_conversations_are_read_each_once_and_failures_are_told(
    server: Emulator, client: AsyncConversationClient
) -> None:
    ids = [server.seed({"id": f"c{number}", "name": f"n{number}"}) for number in range(200)]

    async def asked() -> AsyncIterator[str]:
        for id_ in [*ids, "nobody", "", ids[0]]:
            yield id_

    outcomes = [each async for each in client.conversations.iter_get(asked(), concurrency=8)]
    assert len(outcomes) == 203
    good = {each.id: each.value for each in outcomes if each.succeeded}
    assert {id_: value.name for id_, value in good.items() if value} == {
        id_: id_.replace("c", "n") for id_ in ids
    }
    bad = {each.id: each.error for each in outcomes if not each.succeeded}
    assert isinstance(bad["nobody"], GoneError)
    assert isinstance(bad[""], InvalidArgumentError)
    assert all(each.value is None for each in outcomes if each.error is not None)


async def test_reading_is_bounded_by_whoever_takes_what_was_read(
    server: Emulator, client: AsyncConversationClient
) -> None:
    ids = [server.seed() for _ in range(100)]
    async with aclosing(client.conversations.iter_get(ids, concurrency=4)) as outcomes:
        await anext(outcomes)
        await asyncio.sleep(0.2)
        assert server.counts[operations.GET_CONVERSATION.id] <= 1 + 4 + 4 + 4
    await asyncio.sleep(0.05)
    count = server.counts[operations.GET_CONVERSATION.id]
    await asyncio.sleep(0.05)
    assert server.counts[operations.GET_CONVERSATION.id] == count


async def anext_failed(outcomes: AsyncGenerator[Any, None], count: int) -> None:
    """Take outcomes to their end, fewer than so many, of which none is good."""
    taken = 0
    async for outcome in outcomes:
        assert isinstance(outcome.error, ConnectionLostError)
        taken += 1
    assert taken == count


async def test_an_outage_for_too_long_ends_the_reading_with_its_error(
    server: Emulator,
) -> None:
    ids = [server.seed() for _ in range(50)]
    async with AsyncConversationClient(server.url, retry=None) as client:
        server.drop_next(10_000)
        reading = client.conversations.iter_get(ids, give_up_after=0.3)
        with pytest.raises(ConnectionLostError):
            await anext_failed(reading, len(ids))
        with pytest.raises(ConnectionLostError):
            await anext_failed(client.messages.iter_get(ids, give_up_after=0.3), len(ids))


def test_the_blocking_client_reads_many_too(server: Emulator) -> None:
    with ConversationClient(server.url) as client:
        ids = [server.seed() for _ in range(50)]
        outcomes = list(client.conversations.iter_get(iter(ids), concurrency=3))
        assert sorted(each.id for each in outcomes) == sorted(ids)
        assert all(each.value and each.value.id == each.id for each in outcomes)
        messages = [message.id for message in client.messages.of(C)]
        read = client.messages.iter_get(messages, transferables=False)
        assert sorted(str(each.id) for each in read) == sorted(messages)


# The messages of a conversation


def talk(indices: dict[str, int] | None, listed: list[str]) -> dict[str, Any]:
    """Return a conversation with messages."""
    messages: dict[str, Any] = {"iterable": [{"id": id_} for id_ in listed]}
    if indices is not None:
        messages["indices"] = indices
    document: dict[str, Any] = minimal("Conversation") | {"messages": messages}
    return document


def message(id_: str) -> dict[str, Any]:
    document: dict[str, Any] = minimal("ConversationMessage") | {"id": id_}
    return document


def serving(conversation: dict[str, Any], **others: bytes) -> Callable[[RawRequest], bytes]:
    """Return the answers of a server that has a conversation and its messages.

    Args:
        conversation: The conversation.
        others: Answers in place of a message, by its id.
    """

    def answer(request: RawRequest) -> bytes:
        kind, id_ = request.target.partition("?")[0].split("/")[1:]
        if kind == "conversation":
            return json_reply(conversation)
        return others.get(id_) or json_reply(message(id_))

    return answer


async def read(server: RawServer, **options: Any) -> list[str]:
    async with AsyncConversationClient(server.url, retry=None) as client:
        return [each.id async for each in client.messages.of("c", **options)]


@pytest.mark.parametrize("concurrency", [2, 3, 32])
async def test_messages_come_in_the_order_of_the_conversation(concurrency: int) -> None:
    ids = [f"m{number}" for number in range(100)]
    indices = {id_: 99 - number for number, id_ in enumerate(ids)} | {"gone": -1}
    with RawServer(serving(talk(indices, ids))) as server:
        assert await read(server, concurrency=concurrency) == ids[::-1]
        assert len(server.requests) == 101
    with RawServer(serving(talk(None, ids))) as server:
        assert await read(server, concurrency=concurrency) == ids
    with RawServer(serving(talk({}, []))) as server:
        assert await read(server, concurrency=concurrency) == []


async def test_messages_come_in_order_though_answers_do_not() -> None:
    ids = [f"m{number}" for number in range(60)]

    async with Emulator() as server, AsyncConversationClient(server.url) as client:
        made = await client.conversations.create("talk")
        ids = [(await client.messages.add(made.id, str(number))).id for number in range(60)]
        for _ in range(10):
            server.delay_next(0.05, operation=operations.GET_MESSAGE)
        texts = [text_of(each) async for each in client.messages.of(made.id, concurrency=8)]
        assert texts == [str(number) for number in range(60)]
        assert server.counts[operations.GET_MESSAGE.id] == len(ids)


async def test_a_message_deleted_meanwhile_is_passed_over() -> None:
    gone = reply("410 Gone", b"no such message")
    with RawServer(serving(talk(None, ["a", "b", "c"]), a=gone, c=gone)) as server:
        assert await read(server) == ["b"]


@pytest.mark.parametrize("concurrency", [2, 32])
async def test_another_failure_is_raised_in_the_place_of_its_message(concurrency: int) -> None:
    bad = reply("500 Internal Server Error", b"broken")
    ids = [f"m{number}" for number in range(40)]
    with RawServer(serving(talk(None, ids), m20=bad)) as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            messages = client.messages.of("c", concurrency=concurrency)
            taken = [(await anext(messages)).id for _ in range(20)]
            with pytest.raises(ServerError) as caught:
                await anext(messages)
    assert taken == ids[:20]
    assert caught.value.ids == {"message": "m20"}
    assert caught.value.operation == operations.GET_MESSAGE.id


async def test_a_conversation_that_is_not_there_is_told(client: AsyncConversationClient) -> None:
    with pytest.raises(GoneError) as caught:
        await anext(client.messages.of("nobody"))
    assert caught.value.operation == operations.GET_CONVERSATION.id
    with pytest.raises(InvalidArgumentError):
        client.messages.of("")
    with pytest.raises(InvalidArgumentError):
        client.messages.of("c", concurrency=0)


async def test_no_more_are_read_ahead_than_is_said(server: Emulator) -> None:
    texts = [str(number) for number in range(100)]
    conversation = server.seed(messages=texts)
    async with AsyncConversationClient(server.url) as client:
        async with aclosing(client.messages.of(conversation, concurrency=4)) as messages:
            assert text_of(await anext(messages)) == "0"
            await asyncio.sleep(0.2)
            assert server.counts[operations.GET_MESSAGE.id] <= 9
            assert [text_of(each) async for each in messages] == texts[1:]
        reading = client.messages.of(conversation, concurrency=4)
        await anext(reading)
        await reading.aclose()
        before = len(asyncio.all_tasks())
        await asyncio.sleep(0.1)  # the server has seen what was sent before
        count = server.counts[operations.GET_MESSAGE.id]
        await asyncio.sleep(0.05)
        assert server.counts[operations.GET_MESSAGE.id] == count
        assert before == 1


async def test_reading_waits_for_a_server_that_is_away(server: Emulator) -> None:
    conversation = server.seed(messages=[str(number) for number in range(50)])
    async with AsyncConversationClient(server.url, retry=None) as client:
        reading = client.messages.of(conversation, concurrency=4)
        texts = [text_of(await anext(reading))]
        server.drop_next(3, operation=operations.GET_MESSAGE)
        texts += [text_of(each) async for each in reading]
        assert texts == [str(number) for number in range(50)]
        server.drop_next(1000, operation=operations.GET_MESSAGE)
        with pytest.raises(ConnectionLostError):
            await anext(client.messages.of(conversation, give_up_after=0.5))


# Names


async def test_a_new_name_costs_nobody_a_message_or_an_edit(
    server: Emulator, client: AsyncConversationClient
) -> None:
    async def others(view: AsyncConversationClient) -> None:
        for number in range(20):
            added = await view.messages.add(C, f"added {number}")
            added.fragment = FragmentFormat(string=TransferableString(raw=f"edited {number}"))
            await view.messages.update_value(added)

    async def names(view: AsyncConversationClient) -> None:
        for number in range(20):
            assert (await view.set_name(C, f"name {number}")).name == f"name {number}"

    await asyncio.gather(others(client), names(client.with_options(retry=None)))
    texts = [text_of(each) async for each in client.messages.of(C)]
    assert texts[4:] == [f"edited {number}" for number in range(20)]
    assert (await client.get_conversation(C)).name == "name 19"
    sent = [each for each in server.requests if each.operation == operations.UPDATE_CONVERSATION.id]
    assert all(b"reference" not in each.body for each in sent)
    assert all(b'"messages":{' in each.body for each in sent)


async def test_a_new_name_changes_nothing_else(client: AsyncConversationClient) -> None:
    await client.associate_asset(C, "a")
    before = await client.get_conversation(C)
    before.extra["novel"] = {"x": 1}
    before = await client.update_conversation(before)
    after = await client.set_name(C, "new ✓")
    read = await client.get_conversation(C)
    assert (after.name, read.name) == ("new ✓", "new ✓")
    read.name, read.updated = before.name, before.updated
    assert read == before
    with pytest.raises(GoneError):
        await client.set_name("nobody", "name")
