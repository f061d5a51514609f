"""Power cuts under a journal: the writes of a real batch, and what a disk may make of them."""

import asyncio
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

import attrs
import pytest
from cases import golden
from disk import Disk, operations, watching
from needs import needs_fine_clock
from raw_server import json_reply
from waiting import LONG, wait_until

from conversation_client import JournalError, read_journal
from conversation_client._journal_file import Reader

CUTS = int(os.environ.get("CONVERSATION_CLIENT_POWER_CUTS", "30"))
CONVERSATION = json_reply(golden("samples/2.2.0/Conversation.minimal"))
LASTING = 1.0
"""Seconds after which what was confirmed is on the disk."""


class Confirming:
    """A server in a thread that knows when it confirmed or refused what."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.first: float | None = None
        """When the first request came."""
        self.requests = 0
        self.confirmed: dict[str, list[float]] = defaultdict(list)
        self.refused: dict[str, list[float]] = defaultdict(list)

    def answer(self, transport: asyncio.Transport, id_: str) -> None:
        refuses = id_.endswith("7")
        (self.refused if refuses else self.confirmed)[id_].append(time.monotonic())
        status = b"500 No" if refuses else b"204 No Content"
        length = b"Content-Length: 0\r\n" if refuses else b""
        transport.write(b"HTTP/1.1 " + status + b"\r\n" + length + b"\r\n")

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,))
        self._thread.start()
        started.wait(LONG)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.cancel)
        self._thread.join()

    def _serve(self, started: threading.Event) -> None:
        async def serve() -> None:
            server = await self._loop.create_server(lambda: Connection(self), "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self._stop = asyncio.ensure_future(asyncio.Event().wait())
            started.set()
            await asyncio.wait([self._stop])
            server.close()

        self._loop.run_until_complete(serve())
        self._loop.close()


class Connection(asyncio.Protocol):
    def __init__(self, server: Confirming) -> None:
        self._server = server
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._server.first = self._server.first or time.monotonic()
        self._server.requests += 1
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            verb, path, _ = head.split(b" ", 2)
            if verb == b"GET":
                self._transport.write(CONVERSATION)
                continue
            id_ = path.rpartition(b"/")[2].decode()
            loop = asyncio.get_running_loop()
            loop.call_later(self._server.delay, self._server.answer, self._transport, id_)


PROGRAM = """
import sys
from conversation_client import ConversationClient
url, path, count, concurrency = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
ids = (f"a{number}" for number in range(count))
with ConversationClient(url, retry=None) as client:
    client.associate_many("c", "asset", ids, journal=path, concurrency=concurrency)
"""


@attrs.frozen
class Recording:
    """What a batch did to its disk, and when its server answered."""

    path: Path
    log: Path
    server: Confirming
    count: int
    dead: tuple[float, float]
    """When nobody was there to write, from a kill to the next request."""

    def check(self, cut: float, left: dict[str, bytes], folder: Path) -> None:
        """See that what a power cut has left is what there has to be."""
        path = folder / self.path.name
        for name, content in left.items():
            (folder / name).write_bytes(content)
        was_sent = self.server.first is not None and self.server.first < cut
        if path.name not in left:
            assert not was_sent
            return
        summary = read_journal(path)
        assert summary.complete or not was_sent
        if summary.complete:
            states = dict(states_in(path))
            assert [*states] == [f"a{number}" for number in range(self.count)]
            self._compare(cut, states)

    def _compare(self, cut: float, states: dict[str, str]) -> None:
        for answers, state in ((self.server.confirmed, "done"), (self.server.refused, "failed")):
            held = {id_ for id_, its in states.items() if its == state}
            answered = {id_ for id_, times in answers.items() if times[0] < cut}
            certain = {id_ for id_, times in answers.items() if self._lasts(times[-1], cut)}
            assert held <= answered
            assert certain <= held

    def _lasts(self, answered: float, cut: float) -> bool:
        """Whether an answer, the last to that id, is on the disk for certain."""
        killed, repeated = self.dead
        if killed - LASTING < answered < repeated and cut < repeated:
            return False
        return answered < cut - LASTING


def states_in(path: Path) -> Iterator[tuple[str, str]]:
    with Reader(str(path)) as reader:
        yield from reader.query("SELECT id, state FROM item ORDER BY position")


@contextmanager
def recorded(
    library: Path, folder: Path, count: int, *, concurrency: int, delay: float, kill: float | None
) -> Iterator[Recording]:
    """Record a batch; if it is to be killed after some time, also the same call again."""
    path, log = folder / "disk" / "j", folder / "log"
    path.parent.mkdir()
    environment = {**os.environ, **watching(library, path.parent, log)}
    with Confirming(delay) as server:
        command = [sys.executable, "-c", PROGRAM, server.url, path, count, concurrency]
        start = partial(subprocess.Popen, [*map(str, command)], env=environment)
        dead = (math.inf, math.inf)
        if kill is not None:
            with start() as process:
                wait_until(lambda: server.first is not None)
                time.sleep(kill)
                process.kill()
            killed, before = time.monotonic(), server.requests
            with start() as process:
                wait_until(lambda: server.requests > before)
                dead = killed, time.monotonic()
        else:
            process = start()
        with process:
            assert process.wait(10 * LONG) == 0
        yield Recording(path, log, server, count, dead)


BATCHES: dict[str, dict[str, Any]] = {
    "slow": {"count": 2_000, "concurrency": 8, "delay": 0.015, "kill": None},
    "killed and repeated": {"count": 2_000, "concurrency": 8, "delay": 0.015, "kill": 1.5},
    "fast": {"count": 30_000, "concurrency": 32, "delay": 0.0, "kill": None},
}


@pytest.mark.slow
@needs_fine_clock
@pytest.mark.parametrize(
    "batch", [*list(BATCHES)[:2], pytest.param("fast", marks=pytest.mark.heavy)]
)
def test_a_power_cut_takes_nothing_that_was_confirmed_a_second_ago_and_confirms_nothing(
    library: Path, tmp_path: Path, batch: str
) -> None:
    seed = random.randrange(1_000_000)
    choose = random.Random(seed)
    with recorded(library, tmp_path, **BATCHES[batch]) as recording:
        done = [*operations(recording.log)]
        begin, end = done[0].time, done[-1].time
        number = CUTS if recording.count < 10_000 else CUTS // 5  # which take as long each
        cuts = sorted(choose.uniform(begin, end) for _ in range(number))
        disk = Disk(recording.path.parent)
        for operation in done:
            while cuts and cuts[0] < operation.time:
                folder = tmp_path / "left"
                folder.mkdir()
                cut = cuts.pop(0)
                try:
                    recording.check(cut, disk.after_cut(choose), folder)
                except (AssertionError, JournalError) as error:
                    error.add_note(f"{folder}: cut at {cut - begin:.3f} s, seed {seed}")
                    raise
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
            disk.do(operation)
        assert not cuts
        # That it saw all there was.
        assert disk.now() == {recording.path.name: recording.path.read_bytes()}
        assert read_journal(recording.path).queued == 0
