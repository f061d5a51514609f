"""What a user's type checker sees. Checked by mypy and pyright in strict mode, never run.

A line with `type: ignore` is a mistake of a user. That it no longer is one, because a type has become
looser, is what both of them report.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, assert_type
from uuid import UUID

import conversation_client
from conversation_client import (
    Association,
    AsyncConversationClient,
    AsyncConversationsResource,
    AsyncMessagesResource,
    BatchFailure,
    BatchOutcome,
    BatchProgress,
    BatchReport,
    ConversationChange,
    ConversationClient,
    ConversationClientError,
    ConversationsResource,
    DecodeError,
    Disassociation,
    FoundServer,
    JournalFailure,
    JournalSummary,
    Material,
    MessageMaterial,
    MessagesResource,
    RawResponse,
    ReadOutcome,
    ReconcileReport,
    RetryPolicy,
    StatusError,
    compat,
    decode,
    encode,
    find_servers,
    journal_failures,
    operations,
    read_journal,
    resume,
)
from conversation_client.models.asset import FlattenedAssets
from conversation_client.models.common import SeededScore, SeededScoreIncrement
from conversation_client.models.conversation import (
    Conversation,
    Conversations,
    ConversationsCreateFromAssetOutput,
    ConversationSummarizeOutput,
    ConversationTypeEnum,
    FlattenedConversations,
)
from conversation_client.models.message import (
    ConversationMessage,
    ConversationMessages,
    QGPTConversationMessageRoleEnum,
    ReferencedConversationMessage,
)
from conversation_client.models.search import (
    SearchedConversationMessages,
    SearchedConversations,
    SearchEngines,
    SearchInput,
)
from conversation_client.models.stream import StreamedIdentifiers
from conversation_client.shards import Shard, run_shard, run_shard_async, split

ENGINES = SearchEngines(iterable=[])


async def asynchronous(client: AsyncConversationClient, id_: UUID, ids: AsyncIterator[str]) -> None:
    assert_type(await client.get_conversation("c"), Conversation)
    assert_type(await client.get_messages(id_, transferables=False), ConversationMessages)
    assert_type(await client.update_conversation(None), Conversation)
    assert_type(await client.rename_conversation("c"), Conversation)
    assert_type(await client.summarize_conversation("c"), ConversationSummarizeOutput)
    assert_type(await client.associate_many("c", Material.ASSET, [id_, "a"]), BatchReport)
    assert_type(await client.disassociate_many("c", Material.ASSET, ids), BatchReport)
    assert_type(await client.associate_many("c", Material.ASSET, [], journal="path"), BatchReport)
    assert_type(await client.resume(Path("path"), give_up_after=1), BatchReport)
    assert_type(await client.reconcile("c", Material.ASSET, ids, remove=False), ReconcileReport)
    assert_type(await client.apply([Association("c", Material.ASSET, id_)]), BatchReport)
    async for outcome in client.iter_associate_many("c", Material.ASSET, ids):
        assert_type(outcome, BatchOutcome)
        assert_type(outcome.error, ConversationClientError | None)
    assert_type(await client.call(operations.GET_CONVERSATION, "c"), Conversation)
    assert_type(await client.call(operations.GET_MESSAGES, id_), ConversationMessages)
    assert_type(await client.call_raw(operations.GET_MESSAGES, id_), RawResponse)
    assert_type(await client.get_health(), str)
    own = operations.Operation("own", "GET", "/conversation/{conversation}", Conversation)
    assert_type(await client.call(own, "c"), Conversation)
    assert_type(operations.GET_MESSAGES.returns, type[ConversationMessages])
    assert_type(operations.DISASSOCIATIONS[Material.ASSET].material, Material)
    assert_type(client.with_options(timeout=None, retry=RetryPolicy()), AsyncConversationClient)
    async with client as entered:
        assert_type(entered, AsyncConversationClient)
    await client.associate_asset("c", "a")

    await client.get_conversation()  # type: ignore[call-arg]
    await client.get_conversation("c", True)  # type: ignore[call-arg]
    await client.associate_asset("c", 1)  # type: ignore[arg-type]
    await client.associate_asset("c", website="w")  # type: ignore[call-arg]
    await client.associate_many("c", "asset", [])  # type: ignore[arg-type]
    await client.associate_many("c", Material.ASSET, [1])  # type: ignore[list-item]
    await client.associate_many("c", Material.ASSET, [], on_progress=print, concurency=2)  # type: ignore[call-arg]
    await client.update_conversation("c")  # type: ignore[arg-type]
    client.with_options(timeout="5")  # type: ignore[arg-type]
    AsyncConversationClient(timout=5)  # type: ignore[call-arg]
    AsyncConversationClient(api_version=5.0)  # type: ignore[arg-type]
    _ = conversation_client.AsyncClient  # type: ignore[attr-defined]
    _ = conversation_client.models.Conversaton  # type: ignore[attr-defined]


async def asynchronous_groups(client: AsyncConversationClient, ids: AsyncIterator[str]) -> None:
    assert_type(await client.prepare_conversation("c"), None)
    assert_type(await client.search_messages("c", "text"), SearchedConversationMessages)
    assert_type(await client.set_name("c", "name"), Conversation)
    conversations = client.conversations
    assert_type(conversations, AsyncConversationsResource)
    assert_type(await conversations.list(transferables=False), Conversations)
    assert_type(await conversations.identifiers(), FlattenedConversations)
    assert_type(await conversations.create("name"), Conversation)
    assert_type(await conversations.create_from_asset("a"), ConversationsCreateFromAssetOutput)
    assert_type(await conversations.search(SearchInput(engines=ENGINES)), SearchedConversations)
    assert_type(await conversations.delete("c"), None)
    assert_type(await conversations.delete_many(ids, journal="path"), BatchReport)
    async for conversation in conversations.iter_get(ids):
        assert_type(conversation, ReadOutcome[Conversation])
        assert_type(conversation.value, Conversation | None)
        assert_type(conversation.id, str | UUID)
    async for change in conversations.watch(give_up_after=60):
        assert_type(change, ConversationChange)
    messages = client.messages
    assert_type(messages, AsyncMessagesResource)
    assert_type(await messages.get("m"), ConversationMessage)
    assert_type(await messages.list(), ConversationMessages)
    assert_type(await messages.add("c", "text", role="ASSISTANT"), ConversationMessage)
    assert_type(await messages.associate("m", MessageMaterial.TAG, "t"), None)
    await messages.disassociate("m", "tag", "t")
    async for message in messages.iter_get(["m"]):
        assert_type(message, ReadOutcome[ConversationMessage])
    async for each in messages.of("c", concurrency=4):
        assert_type(each, ConversationMessage)
    assert_type(await client.call(operations.STREAM_CONVERSATION_IDENTIFIERS), StreamedIdentifiers)
    assert_type(operations.MESSAGE_ASSOCIATIONS[MessageMaterial.TAG].material, MessageMaterial)

    await conversations.create(5)  # type: ignore[arg-type]
    await conversations.search(ENGINES)  # type: ignore[arg-type]
    await messages.add("c")  # type: ignore[call-arg]
    await messages.associate("m", 5, "t")  # type: ignore[arg-type]
    await messages.get("m", transfer=True)  # type: ignore[call-arg]
    conversations.iter_get(ids, journal="path")  # type: ignore[call-arg]
    conversations.watch(give_up_after="1")  # type: ignore[arg-type]


def blocking_groups(client: ConversationClient) -> None:
    assert_type(client.prepare_conversation("c"), None)
    assert_type(client.search_messages("c", "text"), SearchedConversationMessages)
    assert_type(client.set_name("c", "name"), Conversation)
    conversations = client.conversations
    assert_type(conversations, ConversationsResource)
    assert_type(conversations.list(transferables=False), Conversations)
    assert_type(conversations.identifiers(), FlattenedConversations)
    assert_type(conversations.create("name"), Conversation)
    assert_type(conversations.create_from_asset("a"), ConversationsCreateFromAssetOutput)
    assert_type(conversations.search(SearchInput(engines=ENGINES)), SearchedConversations)
    assert_type(conversations.delete("c"), None)
    assert_type(conversations.delete_many(["c"], journal="path"), BatchReport)
    for conversation in conversations.iter_get(["c"]):
        assert_type(conversation, ReadOutcome[Conversation])
        assert_type(conversation.value, Conversation | None)
    for change in conversations.watch():
        assert_type(change, ConversationChange)
    messages = client.messages
    assert_type(messages, MessagesResource)
    assert_type(messages.get("m"), ConversationMessage)
    assert_type(messages.list(), ConversationMessages)
    assert_type(messages.add("c", "text", role="ASSISTANT"), ConversationMessage)
    assert_type(messages.associate("m", MessageMaterial.TAG, "t"), None)
    for message in messages.iter_get(["m"]):
        assert_type(message, ReadOutcome[ConversationMessage])
    for each in messages.of("c", concurrency=4):
        assert_type(each, ConversationMessage)

    conversations.create(5)  # type: ignore[arg-type]
    conversations.search(ENGINES)  # type: ignore[arg-type]
    messages.add("c")  # type: ignore[call-arg]
    messages.get("m", transfer=True)  # type: ignore[call-arg]
    messages.of("c", journal="path")  # type: ignore[call-arg]


def blocking(client: ConversationClient, id_: UUID) -> None:
    assert_type(client.get_conversation("c"), Conversation)
    assert_type(client.get_messages(id_, transferables=False), ConversationMessages)
    assert_type(client.update_conversation(None), Conversation)
    assert_type(client.rename_conversation("c"), Conversation)
    assert_type(client.summarize_conversation("c"), ConversationSummarizeOutput)
    assert_type(client.associate_many("c", Material.ASSET, [id_, "a"]), BatchReport)
    assert_type(client.disassociate_many("c", Material.RANGE, (id_,)), BatchReport)
    assert_type(client.resume("path"), BatchReport)
    assert_type(client.reconcile("c", Material.ASSET, [id_], dry_run=True), ReconcileReport)
    assert_type(client.apply(iter([Disassociation("c", Material.ASSET, "a")])), BatchReport)
    for outcome in client.iter_disassociate_many("c", Material.ASSET, [id_]):
        assert_type(outcome, BatchOutcome)
    assert_type(client.call(operations.GET_CONVERSATION, "c"), Conversation)
    assert_type(client.call(operations.GET_MESSAGES, id_), ConversationMessages)
    assert_type(client.call_raw(operations.GET_MESSAGES, id_), RawResponse)
    assert_type(client.get_version(), str)
    assert_type(client.with_options(headers={"X-Application-ID": "x"}), ConversationClient)
    with client as entered:
        assert_type(entered, ConversationClient)
    client.associate_asset("c", asset="a")

    client.get_conversation()  # type: ignore[call-arg]
    client.get_conversation("c", transfer=True)  # type: ignore[call-arg]
    client.associate_asset("c", 1)  # type: ignore[arg-type]
    client.associate_asset("c", website="w")  # type: ignore[call-arg]
    client.associate_many("c", Material.ASSET, [], on_progress=len)  # type: ignore[arg-type]
    client.iter_associate_many("c", Material.ASSET, [], journal="path")  # type: ignore[call-arg]
    client.apply(["a"])  # type: ignore[list-item]
    client.reconcile("c", "asset", ["a"])  # type: ignore[arg-type]
    client.reconcile("c", Material.ASSET, ["a"], True)  # type: ignore[call-arg]
    client.reconcile("c", Material.ASSET, ["a"], journal="path")  # type: ignore[call-arg]
    client.update_conversation("c")  # type: ignore[arg-type]
    ConversationClient(timeout="5")  # type: ignore[arg-type]
    assert_type(ConversationClient(api_version="5.0"), ConversationClient)


async def sharded(id_: UUID, path: Path) -> None:
    shards = split("c", Material.ASSET, [id_, "a"], directory=path, base_urls=["http://host"])
    assert_type(shards, Iterator[Shard])
    shard = next(shards)
    assert_type(shard.material, Material)
    assert_type(run_shard(shard, journal_directory=path, headers={"name": "value"}), BatchReport)
    assert_type(await run_shard_async(shard, timeout=None), BatchReport)
    Shard("http://host", "c", "asset", "ids", "journal")

    run_shard(shard, header={})  # type: ignore[call-arg]
    split("c", Material.ASSET, ["a"], path)  # type: ignore[call-arg]


def models(conversation: Conversation, message: ConversationMessage) -> None:
    assert_type(conversation.id, str)
    assert_type(conversation.name, str | None)
    assert_type(conversation.type, ConversationTypeEnum)
    assert_type(conversation.created.value, datetime)
    assert_type(conversation.assets, FlattenedAssets | None)
    assert_type(conversation.messages.iterable, list[ReferencedConversationMessage])
    assert_type(conversation.messages.indices, dict[str, int] | None)
    assert_type(conversation.extra, dict[str, object])
    assert_type(decode(b"", Conversation), Conversation)
    assert_type(message.role, QGPTConversationMessageRoleEnum)
    assert_type(decode(b"", ConversationMessages).iterable, list[ConversationMessage])
    assert_type(encode(conversation), bytes)
    SeededScoreIncrement(asset=SeededScore(reuse=True), extra={"new": 1})

    conversation.name = 5  # type: ignore[assignment]
    conversation.nam = "x"  # type: ignore[attr-defined]
    encode({"id": "c"})  # type: ignore[arg-type]
    SeededScoreIncrement(assert_=None)  # type: ignore[call-arg]
    SeededScore(True)  # type: ignore[call-arg, arg-type]


def reports(
    report: BatchReport,
    progress: BatchProgress,
    failure: BatchFailure,
    reconciled: ReconcileReport,
) -> None:
    assert_type(report.succeeded, int)
    assert_type(report.failures, tuple[BatchFailure, ...])
    assert_type(failure.item, str | UUID | Association | Disassociation)
    assert_type(failure.error, ConversationClientError)
    assert_type(progress.total, int | None)
    assert_type(report.not_started, int | None)
    assert_type(report.ended_by, ConversationClientError | None)
    assert_type(progress.waiting, bool)
    assert_type(report + report, BatchReport)
    assert_type(sum([report]), BatchReport | Literal[0])
    assert_type(reconciled.to_add, tuple[str, ...])
    assert_type(reconciled.associated, BatchReport | None)

    report + 1  # type: ignore[operator]


def journals(path: Path) -> None:
    assert_type(read_journal(path), JournalSummary)
    assert_type(read_journal("path").material, Material | None)
    assert_type(read_journal("path").verb, Literal["associate", "disassociate", "delete"])
    assert_type(journal_failures(path), Iterator[JournalFailure])
    assert_type(resume(path, "http://localhost", concurrency=2), BatchReport)

    read_journal(b"path")  # type: ignore[arg-type]
    resume(path, on_progress=len)  # type: ignore[arg-type]


def problems(error: ConversationClientError, status: StatusError, shape: DecodeError) -> None:
    assert_type(error.operation, str | None)
    assert_type(error.ids, Mapping[str, str])
    assert_type(error.attempts, int)
    assert_type(error.effect, Literal["none", "unknown", "answered"])
    assert_type(status.status, int)
    assert_type(status.text, str)
    assert_type(status.retry_after, float | None)
    assert_type(shape.path, str)
    assert_type(shape.problems, tuple[str, ...])
    try:
        raise error
    except* StatusError as group:
        assert_type(group, ExceptionGroup[StatusError])


def for_the_official_sdk(client: compat.ApiClient) -> None:
    api = compat.ConversationApi(client)
    assert_type(api.conversation_update(conversation=None), Conversation)
    assert_type(api.conversation_associate_asset("c", asset="a", _request_timeout=1), None)
    assert_type(api.conversation_update_with_http_info(), compat.ApiResponse[Conversation])
    assert_type(api.conversation_update_without_preload_content().status, int)
    assert_type(compat.SeededScore(reuse=True), SeededScore)
    api.no_such_operation()  # type: ignore[attr-defined]


async def discovering() -> None:
    client = await AsyncConversationClient.discover(
        ports=range(39300, 39334), timeout=5, retry=None
    )
    assert_type(client, AsyncConversationClient)
    assert_type(await client.wait_ready(), None)
    assert_type(await find_servers(), tuple[FoundServer, ...])
    assert_type((await find_servers(ports=[1000]))[0].version, str | None)
    await AsyncConversationClient.discover(time_out=5)  # type: ignore[call-arg]


def discovering_blocking() -> None:
    with ConversationClient.discover("http://localhost:1000", api_version="2.2") as client:
        assert_type(client, ConversationClient)
        assert_type(client.wait_ready(timeout=None), None)
