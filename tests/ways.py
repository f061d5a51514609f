"""The ways that items can be sent."""

from collections.abc import Callable, Coroutine
from typing import Any

from conversation_client import AsyncConversationClient, BatchReport, Material
from conversation_client.operations import ASSOCIATE_ASSET
from conversation_client.testing import STARTING_CONVERSATION


async def associate(
    client: AsyncConversationClient,
    count: int,
    conversation: str = STARTING_CONVERSATION,
    **options: Any,
) -> BatchReport:
    ids = (f"a{number}" for number in range(count))
    return await client.associate_many(conversation, Material.ASSET, ids, **options)


async def one_by_one(client: AsyncConversationClient, ids: list[str]) -> None:
    for id_ in ids:
        await client.associate_asset("c1", id_)


async def as_a_batch(client: AsyncConversationClient, ids: list[str]) -> None:
    report = await client.associate_many("c1", Material.ASSET, ids, concurrency=1)
    assert report.succeeded == len(ids)


async def as_a_stream(client: AsyncConversationClient, ids: list[str]) -> None:
    await client._items(ASSOCIATE_ASSET, "c1").stream(iter(ids))


Way = Callable[[AsyncConversationClient, list[str]], Coroutine[Any, Any, None]]
WAYS: dict[str, Way] = {way.__name__: way for way in (one_by_one, as_a_batch, as_a_stream)}
