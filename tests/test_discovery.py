"""Finding Pieces OS: by which rung of the ladder, and what is asked of whom on the way."""

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from children import VARIABLE, completed
from machines import (
    HEALTH,
    NOT_YET,
    STARTING,
    STRANGERS,
    WELL,
    asked,
    by_port,
    discovered,
    nobody,
    only_its_health_was_asked,
    pieces,
    port_of,
    silence,
    url_of,
)
from namespaces import network_of_its_own
from needs import needs_resource
from raw_server import RawServer, Reply, reply
from waiting import LONG

from conversation_client import (
    AsyncConversationClient,
    ConversationClient,
    FoundServer,
    InvalidArgumentError,
    NotFoundError,
    ServerNotRunningError,
    discovery,
    find_servers,
)
from conversation_client.testing import STARTING_CONVERSATION, Emulator

pytestmark = pytest.mark.usefixtures("unnamed", "patience")


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """More time for an answer, which on a busy machine comes late."""
    monkeypatch.setattr(discovery, "PROMPT", 5 * discovery.PROMPT)


# Ports.


async def test_of_two_servers_the_one_on_the_lower_port_is_taken() -> None:
    with pieces() as one, pieces() as other:
        low, high = by_port(one, other)
        assert await discovered(port_of(high.url), port_of(low.url)) == low.url
        assert set(asked(high)) <= {("GET", HEALTH)}


async def test_all_servers_are_found_by_port_with_version_and_latency() -> None:
    with pieces("11.9.9") as one, pieces("11.9.9") as other, nobody() as free:
        ports = [free, *(port_of(server.url) for server in (one, other))]
        found = await find_servers(ports=reversed(ports))
        assert [server.url for server in found] == [low.url for low in by_port(one, other)]
        assert {server.version for server in found} == {"11.9.9"}
        assert all(0 < server.latency < LONG for server in found)


async def test_where_there_is_no_server_none_is_found() -> None:
    with nobody() as free, silence() as silent:
        assert await find_servers(ports=[free, silent]) == ()
    assert await find_servers(ports=[]) == ()


async def test_a_server_that_tells_no_version_is_found_without() -> None:
    no_version = reply(500, "cannot", content_type="text/plain")

    with RawServer(lambda request: WELL if request.target == HEALTH else no_version) as server:
        (found,) = await find_servers(ports=[port_of(server.url)])
        assert found == FoundServer(server.url, None, found.latency)


@pytest.mark.parametrize("answer", STRANGERS.values(), ids=STRANGERS)
async def test_a_squatter_is_asked_for_its_health_alone_and_passed_over(answer: Reply) -> None:
    with RawServer(answer) as squatter, pieces() as server:
        ports = [port_of(squatter.url), port_of(server.url)]
        client = await AsyncConversationClient.discover(
            ports=ports, headers={"X-Application-ID": "mine"}
        )
        async with client:
            assert url_of(client) == server.url
        assert only_its_health_was_asked(squatter)
        squatter.requests.clear()
        assert [found.url for found in await find_servers(ports=ports)] == [server.url]
        assert only_its_health_was_asked(squatter)


@pytest.mark.parametrize("answer", STRANGERS.values(), ids=STRANGERS)
async def test_a_squatter_alone_is_told_as_one(answer: Reply) -> None:
    with (
        RawServer(answer) as squatter,
        pytest.raises(ServerNotRunningError, match="another program than Pieces OS") as caught,
    ):
        await discovered(port_of(squatter.url))
    assert str(port_of(squatter.url)) in str(caught.value)
    assert only_its_health_was_asked(squatter)


@pytest.mark.parametrize("answer", STRANGERS.values(), ids=STRANGERS)
async def test_a_squatter_at_the_url_that_is_given_gets_nothing_but_that_either(
    answer: Reply,
) -> None:
    with RawServer(answer) as squatter:
        async with aiohttp.ClientSession() as session:  # which sends a GET twice
            with pytest.raises(ServerNotRunningError, match="another program") as caught:
                await AsyncConversationClient.discover(squatter.url, session=session)
    assert squatter.url in str(caught.value)
    assert only_its_health_was_asked(squatter)


async def test_a_port_that_hangs_holds_nobody_up() -> None:
    with silence() as one, silence() as other, pieces() as server:
        began = time.monotonic()
        assert await discovered(one, other, port_of(server.url)) == server.url
        assert time.monotonic() - began < LONG / 4


async def test_a_port_that_hangs_alone_is_told_as_that() -> None:
    with silence() as silent, pytest.raises(ServerNotRunningError, match="no answer") as caught:
        await discovered(silent)
    assert str(silent) in str(caught.value)


async def test_where_nobody_is_what_was_tried_is_told() -> None:
    with (
        nobody() as free,
        pytest.raises(ServerNotRunningError, match=f"nobody answers .* {free}") as caught,
    ):
        await discovered(free)
    assert "doctor" in str(caught.value)
    assert VARIABLE in str(caught.value)
    assert caught.value.operation is None
    assert caught.value.effect == "none"


@pytest.mark.parametrize("answer", [STARTING, NOT_YET], ids=["503", "not ok"])
async def test_a_server_that_is_just_starting_is_not_taken_and_told_as_that(
    answer: bytes,
) -> None:
    with pieces(health=answer) as server:
        with pytest.raises(ServerNotRunningError, match="starting"):
            await discovered(port_of(server.url))
        with pytest.raises(ServerNotRunningError, match=r"starting.*wait_ready"):
            await discovered(base_url=server.url)
        assert set(asked(server)) == {("GET", HEALTH)}


@pytest.mark.parametrize("ports", [[0], [65536], [-1], [True], ["1000"], [None], 1000, "1000"])
async def test_ports_that_are_none_are_refused(ports: object) -> None:
    with pytest.raises(InvalidArgumentError, match="ports"):
        await find_servers(ports=ports)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="ports"):
        await AsyncConversationClient.discover(ports=ports)  # type: ignore[arg-type]


async def test_a_search_that_is_cancelled_leaves_nothing() -> None:
    before = asyncio.all_tasks()
    with silence() as silent:
        search = asyncio.create_task(find_servers(ports=[silent]))
        await asyncio.sleep(0.05)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
    assert asyncio.all_tasks() == before


@needs_resource
async def test_thousands_of_ports_take_no_more_descriptors_than_there_are() -> None:
    code = (
        "import asyncio, resource, conversation_client as c\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (250, 250))\n"
        "print(len(asyncio.run(c.find_servers(ports=range(40000, 42000)))) >= 0)"
    )
    with network_of_its_own():
        ended = completed(code, is_new=True)  # whose late imports take descriptors, too
        assert (ended.stdout, ended.stderr) == ("True\n", "")


# Argument and variable.


async def test_the_url_that_is_given_is_the_answer_dead_or_alive() -> None:
    with pieces() as server, nobody() as free:
        dead = f"http://127.0.0.1:{free}"
        with pytest.raises(ServerNotRunningError, match=dead):
            await discovered(port_of(server.url), base_url=dead)
        assert asked(server) == []
        assert await discovered(free, base_url=server.url) == server.url


async def test_the_variable_is_the_answer_dead_or_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    with pieces() as server, pieces() as other, nobody() as free:
        monkeypatch.setenv(VARIABLE, dead := f"http://127.0.0.1:{free}")
        with pytest.raises(ServerNotRunningError, match=dead):
            await discovered(port_of(other.url))
        assert await discovered(free, base_url=server.url) == server.url
        monkeypatch.setenv(VARIABLE, server.url)
        assert await discovered(port_of(other.url)) == server.url
        assert asked(other) == []


async def test_a_server_that_was_named_gets_credentials_and_headers() -> None:
    with pieces() as server:
        url = server.url.replace("//", "//me:secret@")
        client = await AsyncConversationClient.discover(url, headers={"X-Application-ID": "mine"})
        await client.aclose()
        for request in server.requests:
            assert request.header("X-Application-ID") == "mine"
            assert (request.header("Authorization") or "").startswith("Basic ")
        assert "secret" not in repr(client)


async def test_a_url_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidArgumentError, match="base_url"):
        await AsyncConversationClient.discover("localhost:1000")
    monkeypatch.setenv(VARIABLE, "nonsense")
    with pytest.raises(InvalidArgumentError, match=VARIABLE):
        await AsyncConversationClient.discover()


@pytest.mark.parametrize("options", [{"timeout": "5"}, {"timeout": -1}, {"headers": 5}])
async def test_options_that_are_none_are_refused_before_anybody_is_asked(
    options: dict[str, Any],
) -> None:
    with pieces() as server:
        with pytest.raises(InvalidArgumentError, match=next(iter(options))):
            await AsyncConversationClient.discover(server.url, **options)
        assert asked(server) == []


# Versions.


@pytest.mark.parametrize(
    ("os_version", "path"),
    [
        ("9", "delete"),
        ("9.2.1", "delete"),
        ("10.0.3", "delete"),
        ("10.1.0", "disassociate"),
        ("10.10.1", "disassociate"),
        ("11.9.9", "disassociate"),
        ("13.0.0", "disassociate"),
        ("debug", "disassociate"),
    ],
)
async def test_the_version_that_is_told_settles_the_dialect(os_version: str, path: str) -> None:
    with Emulator(os_version=os_version) as server:
        async with await AsyncConversationClient.discover(ports=[port_of(server.url)]) as client:
            await client.disassociate_asset(STARTING_CONVERSATION, "a")
        assert f"/{path}/" in server.requests[-1].target
        assert [request.target for request in server.requests[:-1]] == [
            HEALTH,
            "/.well-known/version",
        ]


async def test_a_version_that_is_not_told_settles_nothing() -> None:
    with RawServer(lambda request: WELL if request.target == HEALTH else reply(404)) as server:
        async with await AsyncConversationClient.discover(ports=[port_of(server.url)]) as client:
            with pytest.raises(NotFoundError):
                await client.disassociate_asset("c", "a")
        paths = [target for _, target in asked(server)[2:]]
        assert ["/delete/" in path for path in paths] == [True, False]


async def test_a_version_that_is_given_is_not_asked_for() -> None:
    with pieces() as server:
        client = await AsyncConversationClient.discover(server.url, api_version="2.2")
        await client.aclose()
        assert asked(server) == [("GET", HEALTH)]


# The usual ports, on a machine of the test's own.


@pytest.mark.parametrize("port", [1000, 5323, 39300, 39317, 39333])
async def test_the_usual_ports_are_found_without_a_word(port: int, home: Path) -> None:
    with network_of_its_own(), Emulator(port=port) as server:
        (found,) = await find_servers()
        assert found.url == server.url
        async with await AsyncConversationClient.discover() as client:
            assert url_of(client) == server.url


async def test_no_other_ports_are_asked(home: Path) -> None:
    with network_of_its_own(), pieces() as server:
        assert await find_servers() == ()
        with pytest.raises(ServerNotRunningError, match="1000, 5323, 39300 to 39333") as caught:
            await AsyncConversationClient.discover()
        assert str(home) in str(caught.value)
        assert server.connections == 0


async def test_who_is_not_at_the_default_url_may_be_found_elsewhere() -> None:
    with network_of_its_own():
        async with AsyncConversationClient(retry=None) as client:
            with pytest.raises(ServerNotRunningError, match=r"39300 to 39333.*discover.*doctor"):
                await client.get_conversation("c")
        async with AsyncConversationClient("http://127.0.0.1:1000", retry=None) as client:
            with pytest.raises(ServerNotRunningError) as caught:
                await client.get_conversation("c")
            assert "39300" not in str(caught.value)


# The blocking client.


def test_the_blocking_client_is_found_where_a_loop_runs_in_threads_and_without() -> None:
    with pieces() as server:
        ports = [port_of(server.url)]
        found: list[str] = []

        def discover() -> None:
            with ConversationClient.discover(ports=ports) as client:
                client.wait_ready()
                found.append(url_of(client))

        async def within_a_loop() -> None:
            discover()

        discover()
        asyncio.run(within_a_loop())
        thread = threading.Thread(target=discover)
        thread.start()
        thread.join()
        assert found == [server.url] * 3


def test_a_subclass_is_discovered_as_itself_with_its_options() -> None:
    class Mine(ConversationClient):
        pass

    with pieces() as server, Mine.discover(server.url, timeout=1.5, api_version="4.3") as client:
        assert type(client) is Mine
        with pytest.raises(ServerNotRunningError), nobody() as free:
            Mine.discover(ports=[free])


def test_what_is_found_prints_and_compares() -> None:
    found = FoundServer("http://127.0.0.1:39300", "12.6.2", 0.002)
    assert json.loads(json.dumps(found.url)) in repr(found)
    assert found == FoundServer("http://127.0.0.1:39300", "12.6.2", 0.002)
