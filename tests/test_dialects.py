"""Servers of different versions: which path of an operation is sent, and what is found out when."""

import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from raw_server import EMPTY, RawRequest, RawServer, reply
from waiting import LONG, until

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    ConversationClientError,
    DeadlineExceededError,
    Disassociation,
    InvalidArgumentError,
    Material,
    NotFoundError,
    ServerError,
    operations,
)
from conversation_client.operations import OPERATIONS, Operation, parse_version, spelled
from conversation_client.testing import STARTING_CONVERSATION, Emulator

C = STARTING_CONVERSATION
VERSIONS = ("2.2", "2.6", "3.2", "4.1", "4.3", "4.4", "5.0")
TWO_PATHS = [row for row in OPERATIONS if row.later_path]
NOT_FOUND = reply("404 Not Found", b"no such route")


def lacks(server: Emulator) -> int:
    """Requests that the server had no route for."""
    return server.counts[""]


def test_the_rows_with_two_paths_are_those_of_the_reference() -> None:
    assert {row.id for row in TWO_PATHS} == {
        "conversation_disassociate_anchor",
        "conversation_disassociate_asset",
    }


@pytest.mark.parametrize("version", VERSIONS)
async def test_many_are_taken_out_at_the_cost_of_one_404_at_most(version: str) -> None:
    ids = [f"a{number}" for number in range(100)]
    async with (
        Emulator(api_version=version) as server,
        AsyncConversationClient(server.url) as client,
    ):
        await client.associate_many(C, Material.ASSET, ids)
        report = await client.disassociate_many(C, Material.ASSET, ids, concurrency=32)
        report.raise_if_failed()
        assert report.succeeded == 100
        assert server.associations(C, Material.ASSET) == ()
        assert lacks(server) == (0 if version == "2.2" else 1)


async def test_the_path_of_the_reference_goes_out_first() -> None:
    async with Emulator(api_version="5.0") as server, AsyncConversationClient(server.url) as client:
        await client.disassociate_asset(C, "a")
        await client.disassociate_anchor(C, "a")
    assert [request.target for request in server.requests] == [
        f"/conversation/{C}/assets/delete/a",
        f"/conversation/{C}/assets/disassociate/a",
        f"/conversation/{C}/anchors/disassociate/a",
    ]


async def test_what_one_view_has_found_out_all_know() -> None:
    async with Emulator(api_version="5.0") as server, AsyncConversationClient(server.url) as client:
        await client.with_options(retry=None).disassociate_asset(C, "a")
        await client.with_options(headers={"X-A": "b"}).disassociate_anchor(C, "a")
        await client.disassociate_asset(C, "b c")
        pairs = [Disassociation(C, Material.ANCHOR, f"a{number}") for number in range(20)]
        (await client.apply(pairs)).raise_if_failed()
        assert lacks(server) == 1


async def test_calls_at_the_same_time_wait_for_the_one_that_finds_out() -> None:
    async with Emulator(api_version="5.0") as server, AsyncConversationClient(server.url) as client:
        server.delay = 0.05
        calls = [client.disassociate_asset(C, f"a{n}") for n in range(20)]
        calls += [client.disassociate_anchor(C, f"a{n}") for n in range(20)]
        await asyncio.gather(*calls)
        assert lacks(server) == 1
        assert len(server.requests) == 41


@pytest.mark.parametrize(
    "anew", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
async def test_copies_and_pickles_of_a_client_know_the_version(anew: Callable[[Any], Any]) -> None:
    async with Emulator(api_version="5.0") as server:
        async with anew(AsyncConversationClient(server.url, api_version="5.0")) as client:
            await client.disassociate_asset(C, "a")
        async with anew(AsyncConversationClient(server.url)) as client:
            await client.disassociate_asset(C, "a")
        assert [request.target for request in server.requests] == [
            f"/conversation/{C}/assets/disassociate/a",
            f"/conversation/{C}/assets/delete/a",
            f"/conversation/{C}/assets/disassociate/a",
        ]


def test_the_blocking_client_finds_out_too() -> None:
    with Emulator(api_version="5.0") as server, ConversationClient(server.url) as client:
        client.disassociate_anchor(C, "a")
        assert client.disassociate_many(C, Material.ASSET, ["a", "b"]).succeeded == 2
        assert lacks(server) == 1
    with (
        Emulator(api_version="5.0") as server,
        ConversationClient(server.url, api_version="5.0") as client,
    ):
        client.disassociate_anchor(C, "a")
        assert lacks(server) == 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_nothing_is_found_out_where_the_version_is_given(version: str) -> None:
    async with (
        Emulator(api_version=version) as server,
        AsyncConversationClient(server.url, api_version=version) as client,
    ):
        for material in (Material.ASSET, Material.ANCHOR):
            await client.associate_many(C, material, ["a", "b"])
            (await client.disassociate_many(C, material, ["a", "b"])).raise_if_failed()
            assert server.associations(C, material) == ()
        assert lacks(server) == 0


async def test_a_version_that_was_given_is_believed() -> None:
    async with (
        Emulator(api_version="5.0") as server,
        AsyncConversationClient(server.url, api_version="2.2") as client,
    ):
        for _ in range(2):
            with pytest.raises(NotFoundError) as caught:
                await client.disassociate_asset(C, "a")
            assert caught.value.attempts == 1
        assert len(server.requests) == 2


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_a_version_lacks_is_refused_unsent(version: str) -> None:
    lacking = [row for row in OPERATIONS if spelled(row.since) > version]
    async with (
        Emulator(api_version=version) as server,
        AsyncConversationClient(server.url, api_version=version) as client,
    ):
        for row in lacking:
            with pytest.raises(
                InvalidArgumentError, match=rf"API {spelled(row.since)}\b"
            ) as caught:
                await client.call(row, *row.parameters)
            assert (caught.value.attempts, caught.value.effect) == (0, "none")
            assert caught.value.operation == row.id
        if version < "4.3":
            with pytest.raises(InvalidArgumentError, match=r"API 4\.3 on"):
                await client.associate_many(C, Material.SOURCE, ["a"])
        assert server.requests == ()
    assert bool(lacking) == (parse_version(version) < max(row.since for row in OPERATIONS))


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_a_server_lacks_is_not_found_and_says_since_when_there_is_one(
    version: str,
) -> None:
    async with (
        Emulator(api_version=version) as server,
        AsyncConversationClient(server.url) as client,
    ):
        for row in OPERATIONS:
            if spelled(row.since) <= version:
                continue
            with pytest.raises(NotFoundError, match=rf"API {spelled(row.since)} on") as caught:
                await client.call(row, *row.parameters)
            assert (caught.value.operation, caught.value.attempts) == (row.id, 1)


@pytest.mark.parametrize("bad", ["", "2", "2.1", "12", "latest", 5.0, (5, 0)])
@pytest.mark.parametrize("kind", [AsyncConversationClient, ConversationClient])
def test_what_is_no_version_is_refused(kind: type, bad: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="api_version"):
        kind(api_version=bad)


async def test_another_path_is_no_retry_and_both_are_told() -> None:
    async with Emulator(api_version="5.0") as server:
        async with AsyncConversationClient(server.url, retry=None) as client:
            with pytest.raises(ServerError) as caught:
                await client.disassociate_asset("nobody", "a")
            assert (caught.value.attempts, caught.value.status) == (2, 500)
            with pytest.raises(ServerError) as caught:  # the route is known all the same
                await client.disassociate_asset("nobody", "a")
            assert caught.value.attempts == 1
        async with AsyncConversationClient(server.url) as client:
            server.fail_next(503, operation=operations.DISASSOCIATE_ASSET, times=2)
            await client.disassociate_asset(C, "a")
            assert [request.operation for request in server.requests][-4:] == [
                "",
                *[operations.DISASSOCIATE_ASSET.id] * 3,
            ]


async def test_a_server_that_has_neither_gets_two_requests_a_call_and_nothing_is_known() -> None:
    with RawServer(NOT_FOUND) as server:
        async with AsyncConversationClient(server.url) as client:
            for number in range(1, 4):
                with pytest.raises(NotFoundError) as caught:
                    await client.disassociate_asset("c", "a")
                assert caught.value.attempts == 2
                assert len(server.requests) == 2 * number
            errors = await asyncio.gather(
                *(client.disassociate_anchor("c", f"a{n}") for n in range(5)),
                return_exceptions=True,
            )
            assert all(isinstance(error, NotFoundError) for error in errors)
            assert len(server.requests) == 16


def having(path: Callable[[], str]) -> Callable[[RawRequest], bytes]:
    """Return the answers of a server that has one of the paths at a time."""
    return lambda request: EMPTY if f"/{path()}/" in request.target else NOT_FOUND


async def test_a_server_that_is_upgraded_under_the_client_is_asked_again() -> None:
    paths = ["delete"]
    with RawServer(having(lambda: paths[-1])) as server:
        async with AsyncConversationClient(server.url) as client:
            ids = [f"a{number}" for number in range(100)]
            for path, refused in (("delete", 0), ("disassociate", 1), ("delete", 1)):
                paths.append(path)
                before = len(server.requests)
                await client.disassociate_asset("c", "a")
                await client.disassociate_anchor("c", "a")
                report = await client.disassociate_many("c", Material.ASSET, ids)
                assert report.succeeded == 100
                assert len(server.requests) - before == 102 + refused


async def test_a_server_that_is_upgraded_amid_a_batch_costs_each_place_one_404() -> None:
    def answer(request: RawRequest) -> bytes:
        is_upgraded = len(server.requests) > 500
        path = "disassociate" if is_upgraded else "delete"
        return EMPTY if f"/{path}/" in request.target else NOT_FOUND

    with RawServer(answer) as server:
        async with AsyncConversationClient(server.url) as client:
            ids = [f"a{number}" for number in range(1000)]
            report = await client.disassociate_many("c", Material.ASSET, ids, concurrency=8)
            assert report.succeeded == 1000
    assert 1000 < len(server.requests) <= 1008


async def test_a_call_does_not_wait_for_another_beyond_its_own_deadline(server: Emulator) -> None:
    server.delay = LONG
    async with AsyncConversationClient(server.url, timeout=None) as client:
        finding_out = asyncio.create_task(client.disassociate_asset(C, "a"))
        await until(lambda: len(server.requests) == 1)
        with pytest.raises(DeadlineExceededError) as caught:
            await client.with_options(timeout=0.05).disassociate_anchor(C, "b")
        assert (caught.value.effect, caught.value.attempts) == ("none", 0)
        assert caught.value.ids == {"conversation": C, "anchor": "b"}
        assert len(server.requests) == 1
        finding_out.cancel()
        with pytest.raises(asyncio.CancelledError):
            await finding_out


async def test_the_next_one_finds_out_when_a_call_is_cancelled_or_learns_nothing() -> None:
    async with Emulator(api_version="5.0") as server:
        server.delay = LONG
        async with AsyncConversationClient(server.url, retry=None) as client:
            first = asyncio.create_task(client.disassociate_asset(C, "a"))
            await until(lambda: len(server.requests) == 1)
            second = asyncio.create_task(client.disassociate_asset(C, "b"))
            third = asyncio.create_task(client.disassociate_asset(C, "c"))
            await asyncio.sleep(0)
            server.delay = 0.0
            server.drop_next(1)
            first.cancel()
            outcomes = await asyncio.gather(first, second, third, return_exceptions=True)
            assert isinstance(outcomes[0], asyncio.CancelledError)
            assert isinstance(outcomes[1], ConversationClientError)
            assert outcomes[2] is None
            assert [request.target.split("/")[-2] for request in server.requests] == [
                *("delete", "delete", "delete", "disassociate")
            ]


@pytest.mark.parametrize("status", [429, 502, 503, 302])
async def test_a_status_of_somebody_in_between_tells_nothing_of_the_path(
    server: Emulator, status: int
) -> None:
    async with AsyncConversationClient(server.url, retry=None) as client:
        server.fail_next(status)
        server.fail_next(404)
        with pytest.raises(ConversationClientError):
            await client.disassociate_asset(C, "a")
        await client.disassociate_asset(C, "a")
    assert [request.target.split("/")[-2] for request in server.requests] == [
        *("delete", "delete", "disassociate")
    ]


@pytest.mark.parametrize("row", TWO_PATHS, ids=lambda row: row.id)
def test_the_later_path_is_a_row_like_the_first(row: Operation[object]) -> None:
    assert row.later is row.later
    assert row.later is not None
    assert (row.later.id, row.later.path, row.later.later) == (row.id, row.later_path, None)
    assert (row.later.returns, row.later.parameters) == (row.returns, row.parameters)
    assert operations.GET_CONVERSATION.later is None
