"""Services with one client for their lifetime: FastAPI under uvicorn, aiohttp.web, on both loops."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path

import aiohttp
import attrs
import pytest
from children import VARIABLE, without_coverage
from waiting import LONG, until

from conversation_client import Material
from conversation_client.testing import STARTING_CONVERSATION, Emulator

HERE = Path(__file__).parent
UVICORN = ["-m", "uvicorn", "fastapi_app:app", "--fd", "{fd}", "--loop", "{loop}"]
PROGRAMS = {
    "fastapi": [*UVICORN, "--log-level", "warning"],
    "aiohttp": [str(HERE / "aiohttp_app.py"), "{fd}", "{loop}"],
}
KINDS = [(name, loop) for name in PROGRAMS for loop in ("asyncio", "uvloop")]
ENDS = {"fastapi": {0, -signal.SIGTERM}, "aiohttp": {0}}
"""Exit codes; uvicorn ends by the signal that stopped it, once all is cleaned up."""
SIGNS = (
    "Traceback",
    "ResourceWarning",
    "never retrieved",
    "Unclosed",
    "destroyed",
    "never awaited",
)
"""What Python says of what a program has left."""
CONVERSATION = f"/conversations/{STARTING_CONVERSATION}"


for needed in ("fastapi", "uvicorn", "uvloop"):
    pytest.importorskip(needed, reason=f"needs {needed}, of the extra `integration`")
pytestmark = pytest.mark.heavy


@attrs.frozen
class Service:
    """A service in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    def get(self, session: aiohttp.ClientSession, path: str = "") -> Coroutine[None, None, int]:
        return self._answer(session, "GET", path)

    def associate(self, session: aiohttp.ClientSession, asset: str) -> Coroutine[None, None, int]:
        return self._answer(session, "PUT", f"/assets/{asset}")

    async def _answer(self, session: aiohttp.ClientSession, method: str, path: str) -> int:
        async with session.request(method, self.url + CONVERSATION + path) as response:
            await response.read()
            return response.status


@pytest.fixture
def reserved() -> Iterator[int]:
    """A port that nobody else takes while Pieces OS is away from it."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def pieces_os(reserved: int) -> Iterator[Emulator]:
    with Emulator(port=reserved) as emulator:
        yield emulator


@pytest.fixture(params=KINDS, ids="-".join)
def service(request: pytest.FixtureRequest, reserved: int) -> Iterator[Service]:
    """A service that is stopped at last, if it is not yet, and has to leave nothing."""
    name, loop = request.param
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        descriptor, port = listener.fileno(), listener.getsockname()[1]
        command = [part.format(fd=descriptor, loop=loop) for part in PROGRAMS[name]]
        process = subprocess.Popen(
            [sys.executable, "-W", "always::ResourceWarning", *command],
            cwd=HERE,
            env={**without_coverage(), VARIABLE: f"http://127.0.0.1:{reserved}"},
            pass_fds=[descriptor],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    with process:
        try:
            yield Service(process, f"http://127.0.0.1:{port}")
            process.terminate()
            output, errors = process.communicate(timeout=LONG)
        finally:
            process.kill()
    assert process.returncode in ENDS[name], errors
    assert "left: []\n" in output
    assert not [sign for sign in SIGNS if sign in errors], errors


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=32)
    timeout = aiohttp.ClientTimeout(total=LONG)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as made:
        yield made


async def test_each_request_under_load_is_answered_and_what_pieces_os_refuses_refused(
    pieces_os: Emulator, service: Service, session: aiohttp.ClientSession
) -> None:
    assets = [f"a{number}" for number in range(100)]
    statuses = await asyncio.gather(
        *(service.associate(session, asset) for asset in assets),
        *(service.get(session, path) for path in ("", "/messages") for _ in assets),
    )
    assert Counter(statuses) == {204: 100, 200: 200}
    assert set(pieces_os.associations(STARTING_CONVERSATION, Material.ASSET)) == set(assets)
    async with session.get(f"{service.url}/conversations/none-such") as response:
        assert response.status == 404
        assert "410 Gone" in await response.text()
    pieces_os.fail_next(400)
    assert await service.get(session) == 502
    assert await service.get(session) == 200


@pytest.mark.parametrize("service", [KINDS[0], KINDS[-1]], ids="-".join, indirect=True)
async def test_models_come_in_and_go_out_as_they_are(
    pieces_os: Emulator, service: Service, session: aiohttp.ClientSession
) -> None:
    seed = {"type": "COPILOT", "name": "Compost", "later": [1]}
    async with session.post(f"{service.url}/conversations", json=seed) as response:
        made = await response.json()
        assert (response.status, made["name"]) == (201, "Compost")
    assert json.loads(pieces_os.requests[-1].body) == seed
    async with session.get(f"{service.url}/conversations/{made['id']}") as response:
        assert await response.json() == made
    for odd in ({"name": "Compost"}, [seed]):
        async with session.post(f"{service.url}/conversations", json=odd) as response:
            assert response.status == 422
            assert "$" in await response.text()


async def test_clients_that_hang_up_harm_nobody(
    pieces_os: Emulator, service: Service, session: aiohttp.ClientSession
) -> None:
    assert await service.get(session) == 200
    pieces_os.delay = 0.05
    chance = random.Random(1)

    async def hang_up(path: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chance.uniform(0, 0.15)):
                await service.get(session, path)

    for _ in range(4):
        await asyncio.gather(*(hang_up(path) for path in ("", "/messages") for _ in range(25)))
        answered = await asyncio.gather(*(service.get(session) for _ in range(10)))
        assert set(answered) == {200}


async def test_those_who_watch_may_hang_up(
    pieces_os: Emulator, service: Service, session: aiohttp.ClientSession
) -> None:
    known = {STARTING_CONVERSATION}
    for _ in range(5):
        async with session.get(f"{service.url}/changes") as response:
            assert (await response.content.readline()).decode().strip() in known
            known.add(made := pieces_os.seed(messages=["Hello"]))
            while (await response.content.readline()).decode().strip() != made:
                assert not response.content.at_eof()
    assert await service.get(session) == 200


async def test_pieces_os_may_go_and_come_back(
    reserved: int, service: Service, session: aiohttp.ClientSession
) -> None:
    statuses: Counter[int] = Counter()
    is_over = False

    async def ask() -> None:
        while not is_over:
            statuses[await service.get(session)] += 1

    async with asyncio.TaskGroup() as asking:
        for _ in range(10):
            asking.create_task(ask())
        async with Emulator(port=reserved):
            await until(lambda: statuses[200] > 50)
        away = statuses[503]
        await until(lambda: statuses[503] > away + 20)
        async with Emulator(port=reserved):
            back = statuses[200]
            await until(lambda: statuses[200] > back + 50)
            is_over = True
    assert set(statuses) == {200, 503}


async def test_requests_under_way_are_answered_before_the_end(
    pieces_os: Emulator, service: Service, session: aiohttp.ClientSession
) -> None:
    assert await service.get(session) == 200
    pieces_os.delay = 0.5
    asking = [asyncio.create_task(service.get(session)) for _ in range(20)]
    await until(lambda: sum(pieces_os.counts.values()) == 21)
    os.kill(service.process.pid, signal.SIGTERM)
    assert set(await asyncio.gather(*asking)) == {200}
    assert await asyncio.to_thread(service.process.wait, LONG) is not None
