"""What the emulator refuses: bodies without bounds, and hosts that it is not."""

import asyncio
import http.client
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from command import LIMIT

from conversation_client.testing import STARTING_CONVERSATION, Emulator, frontend

PATH = f"/conversation/{STARTING_CONVERSATION}"


def status_for(server: Emulator, *hosts: str) -> int:
    """Return the status of a request with these `Host` headers."""
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=LIMIT)
    connection.putrequest("GET", PATH, skip_host=True)
    for host in hosts:
        connection.putheader("Host", host)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1:1000", "127.1.2.3", "localhost", "LocalHost:80", "localhost."),
        *("app.localhost", "[::1]", "[::1]:1000", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"),
    ],
)
def test_names_of_the_loopback_are_served(server: Emulator, host: str) -> None:
    assert status_for(server, host) == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:1000", "127.0.0.1.evil.example", "localhost.evil.example"),
        *("evil-localhost", "192.168.1.7", "[2001:db8::1]", "0.0.0.0", "127.1", "2130706433"),
        *("me@localhost", "localhost evil.example", "evil.example/localhost", "", "localhost:x"),
    ],
)
def test_another_host_is_refused_and_nothing_is_done(server: Emulator, host: str) -> None:
    assert status_for(server, host) in (400, 403)
    assert not server.counts["conversation_get_specific_conversation"]


def test_one_right_host_does_not_excuse_another(server: Emulator) -> None:
    assert status_for(server, "localhost", "evil.example") in (400, 403)
    assert status_for(server, "evil.example", "localhost") in (400, 403)


def test_a_refused_request_is_in_the_log(server: Emulator) -> None:
    assert status_for(server, "evil.example") == 403
    (request,) = server.requests
    assert (request.operation, request.headers["Host"]) == ("", "evil.example")


def test_hosts_can_be_allowed() -> None:
    with Emulator(allowed_hosts=["pieces", "PIECES.example.", "192.168.1.7"]) as server:
        for host in ("pieces", "Pieces:1000", "pieces.example", "192.168.1.7:39300", "localhost"):
            assert status_for(server, host) == 200
        assert status_for(server, "other") == 403
    with Emulator(allowed_hosts=["*"]) as server:
        assert status_for(server, "evil.example") == 200
    with pytest.raises(TypeError, match="allowed_hosts must be names"):
        Emulator(allowed_hosts="pieces")


async def test_an_emulator_for_all_interfaces_is_reached_at_its_url() -> None:
    async with Emulator(host="0.0.0.0") as server, aiohttp.ClientSession() as session:
        async with session.get(server.url + PATH) as response:
            assert response.status == 200
        async with session.get(server.url + PATH, headers={"Host": "evil.example"}) as response:
            assert response.status == 403


def test_hosts_can_be_allowed_on_the_command_line() -> None:
    command = [sys.executable, "-m", "conversation_client.testing", "--port", "0"]
    command += ["--allow-host", "pieces", "--allow-host", "other"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        place = urlsplit(process.stdout.readline().strip())
        statuses = []
        for host in ("pieces", "other", "third"):
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=LIMIT)
            connection.request("GET", PATH, headers={"Host": host})
            statuses.append(connection.getresponse().status)
            connection.close()
        process.terminate()
    assert statuses == [200, 200, 403]


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_is_bounded(monkeypatch: pytest.MonkeyPatch, chunked: bool) -> None:
    monkeypatch.setattr(frontend, "MAX_BODY", 100_000)

    async def chunks(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b" " * 10_000
            await asyncio.sleep(0)

    async with Emulator() as server, aiohttp.ClientSession() as session:
        url = server.url + "/conversation/update"
        for count, statuses in ((9, {500}), (50, {413})):
            body: Any = chunks(count) if chunked else b" " * 10_000 * count
            async with session.post(url, data=body) as response:
                assert response.status in statuses
        async with session.get(server.url + PATH) as response:
            assert response.status == 200


def test_the_bound_of_a_body_is_above_every_document() -> None:
    assert frontend.MAX_BODY == 64 * 1024 * 1024


def test_a_database_is_opened_with_nothing_left_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than in CPython a statement that is not read to its end stays open."""
    cursors: list[sqlite3.Cursor] = []

    class Connection(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            cursor = super().execute(statement, *values)
            if statement.startswith("PRAGMA"):
                cursors.append(cursor)
            return cursor

    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *args, **options: connect(*args, **options, factory=Connection)
    )
    with Emulator():
        assert cursors
        assert {cursor.fetchone() for cursor in cursors} == {None}
