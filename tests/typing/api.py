"""What a user's type checker sees. Checked by mypy and pyright in strict mode, never run."""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_type
from uuid import UUID

from conversation_client import (
    AsyncConversationClient,
    BatchFailure,
    BatchProgress,
    BatchReport,
    ConversationClient,
    ConversationClientError,
    DecodeError,
    Material,
    RetryPolicy,
    StatusError,
    decode,
    encode,
    operations,
)
from conversation_client.models.asset import FlattenedAssets
from conversation_client.models.common import SeededScore, SeededScoreIncrement
from conversation_client.models.conversation import (
    Conversation,
    ConversationSummarizeOutput,
    ConversationTypeEnum,
)
from conversation_client.models.message import ConversationMessage, ConversationMessages


async def asynchronous(client: AsyncConversationClient, id_: UUID) -> None:
    assert_type(await client.get_conversation("c"), Conversation)
    assert_type(await client.get_messages(id_, transferables=False), ConversationMessages)
    assert_type(await client.update_conversation(None), Conversation)
    assert_type(await client.rename_conversation("c"), Conversation)
    assert_type(await client.summarize_conversation("c"), ConversationSummarizeOutput)
    assert_type(await client.associate_many("c", Material.ASSET, [id_, "a"]), BatchReport)
    assert_type(await client.call(operations.GET_CONVERSATION, "c"), Conversation)
    assert_type(client.with_options(timeout=None, retry=RetryPolicy()), AsyncConversationClient)
    async with client as entered:
        assert_type(entered, AsyncConversationClient)
    await client.associate_asset("c", "a")

    await client.get_conversation()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.get_conversation("c", True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.associate_asset("c", 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.associate_many("c", "asset", [])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def blocking(client: ConversationClient, id_: UUID) -> None:
    assert_type(client.get_conversation("c"), Conversation)
    assert_type(client.get_messages(id_, transferables=False), ConversationMessages)
    assert_type(client.update_conversation(None), Conversation)
    assert_type(client.rename_conversation("c"), Conversation)
    assert_type(client.summarize_conversation("c"), ConversationSummarizeOutput)
    assert_type(client.associate_many("c", Material.ASSET, [id_, "a"]), BatchReport)
    assert_type(client.with_options(headers={"X-Application-ID": "x"}), ConversationClient)
    with client as entered:
        assert_type(entered, ConversationClient)
    client.associate_asset("c", asset="a")

    client.get_conversation()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.get_conversation("c", transfer=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.associate_asset("c", 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def models(conversation: Conversation, message: ConversationMessage) -> None:
    assert_type(conversation.id, str)
    assert_type(conversation.name, str | None)
    assert_type(conversation.type, ConversationTypeEnum)
    assert_type(conversation.created.value, datetime)
    assert_type(conversation.assets, FlattenedAssets | None)
    assert_type(conversation.extra, dict[str, object])
    assert_type(decode(b"", ConversationMessages).iterable, list[ConversationMessage])
    assert_type(encode(conversation), bytes)
    SeededScoreIncrement(asset=SeededScore(reuse=True), extra={"new": 1})

    conversation.name = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    SeededScoreIncrement(assert_=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    SeededScore(True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def reports(report: BatchReport, progress: BatchProgress, failure: BatchFailure) -> None:
    assert_type(report.succeeded, int)
    assert_type(report.failures, tuple[BatchFailure, ...])
    assert_type(failure.item, str | UUID)
    assert_type(failure.error, ConversationClientError)
    assert_type(progress.total, int | None)


def problems(error: ConversationClientError, status: StatusError, shape: DecodeError) -> None:
    assert_type(error.operation, str | None)
    assert_type(error.ids, Mapping[str, str])
    assert_type(error.attempts, int)
    assert_type(status.status, int)
    assert_type(status.retry_after, float | None)
    assert_type(shape.problems, tuple[str, ...])
