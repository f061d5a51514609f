"""The client under aioresponses, which some of its users mock aiohttp with."""

import errno
import functools
from collections.abc import Iterator
from unittest.mock import Mock

import aiohttp
import pytest
from aioresponses import aioresponses

from conversation_client import (
    AsyncConversationClient,
    GoneError,
    ServerNotRunningError,
    ServerUnresponsiveError,
)

URL = "http://localhost:1000"
DOCUMENT = {
    "id": "c1",
    "name": "Mocked",
    "created": {"value": "2024-05-14T09:26:29Z"},
    "updated": {"value": "2024-05-14T09:26:29Z"},
    "messages": {"iterable": []},
    "type": "COPILOT",
}


Response = functools.partial(aiohttp.ClientResponse, stream_writer=Mock(output_size=0))
"""Has what aiohttp 3.14 asks for and aioresponses 0.7.9 does not know (its issue #289)."""


@pytest.fixture
def mocked() -> Iterator[aioresponses]:
    with aioresponses() as mock:
        yield mock


async def test_mocked_document_is_decoded(mocked: aioresponses) -> None:
    mocked.get(f"{URL}/conversation/c1", payload=DOCUMENT, response_class=Response)
    async with AsyncConversationClient(URL) as client:
        conversation = await client.get_conversation("c1")
    assert conversation.name == "Mocked"


async def test_mocked_status_raises_its_error(mocked: aioresponses) -> None:
    mocked.get(f"{URL}/conversation/c1", status=410, body="gone", response_class=Response)
    async with AsyncConversationClient(URL) as client:
        with pytest.raises(GoneError, match="410 Gone: 'gone'"):
            await client.get_conversation("c1")


async def test_mocked_association_succeeds(mocked: aioresponses) -> None:
    url = f"{URL}/conversation/c1/assets/associate/a1"
    mocked.post(url, status=204, response_class=Response)
    async with AsyncConversationClient(URL) as client:
        await client.associate_asset("c1", "a1")
    mocked.assert_called_once()


async def test_mocked_refusal_is_translated(mocked: aioresponses) -> None:
    refused = aiohttp.ClientConnectorError(Mock(), ConnectionRefusedError(111, "refused"))
    mocked.get(f"{URL}/conversation/c1", exception=refused)
    async with AsyncConversationClient(URL, retry=None) as client:
        with pytest.raises(ServerNotRunningError):
            await client.get_conversation("c1")


async def test_connection_that_the_kernel_gave_up_is_told_from_a_refused_one(
    mocked: aioresponses,
) -> None:
    gave_up = aiohttp.ClientConnectorError(Mock(), TimeoutError(errno.ETIMEDOUT, "timed out"))
    mocked.get(f"{URL}/conversation/c1", exception=gave_up)
    async with AsyncConversationClient(URL, retry=None) as client:
        with pytest.raises(ServerUnresponsiveError) as caught:
            await client.get_conversation("c1")
    assert caught.value.effect == "none"


async def test_bug_of_a_library_below_is_not_taken_for_a_failed_request(
    mocked: aioresponses,
) -> None:
    mocked.get(f"{URL}/conversation/c1", exception=RuntimeError("a bug"))
    async with AsyncConversationClient(URL) as client:
        with pytest.raises(RuntimeError, match="a bug"):
            await client.get_conversation("c1")
