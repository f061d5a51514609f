"""Runs of one who watches, while writers write, the server restarts and connections are cut.

As a program it runs as many as it is told and writes a line of JSON about each:
`python tests/watch_runs.py RUNS CHANGES`.
"""

import asyncio
import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import listening
from waiting import until

from conversation_client import (
    AsyncConversationClient,
    ConversationClientError,
    RetryPolicy,
    TransportError,
)
from conversation_client.testing import Emulator

resource: ModuleType | None
try:
    import resource
except ImportError:
    resource = None

WRITERS = 3
PATIENT = RetryPolicy(attempts=60, wait_initial=0.02, wait_max=0.2)


def open_descriptors() -> int:
    """Return how many there are; 0 where the system does not list them."""
    listed = Path("/dev/fd")
    return sum(1 for _ in listed.iterdir()) if listed.is_dir() else 0


def peak_memory() -> int:
    """Return the most that this process has had, in KiB; 0 where the system does not tell."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if resource is not None else 0


class Cutter:
    """Stands between a client and a server, and cuts the connections when it is told to."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.carried = 0
        """Connections over which the server has sent more than that it is one."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            await listening.close(server)
            self.cut()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
            ends.add(back)
            self._writers |= ends
            pipes = [
                asyncio.ensure_future(each)
                for each in (self._pipe(reader, back), self._pipe(there, writer, counts=True))
            ]
            try:
                await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pipe in pipes:
                    pipe.cancel()
                await asyncio.gather(*pipes, return_exceptions=True)
        except OSError:
            pass  # nobody is there
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool = False
    ) -> None:
        is_first = counts
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
            if is_first:
                is_first, self.carried = False, self.carried + 1


@attrs.define
class Life:
    """When a conversation was made and deleted, as far as its writer can tell."""

    made: float
    gone: float | None = None


@attrs.define
class Outcome:
    """What a run has shown."""

    changes: int
    restarts: int
    cuts: int
    told: int
    equal: bool
    """Whether the watcher believes in the end what the server has."""
    missed: int
    """Conversations of which something was not told though it was not made and deleted while away."""
    invented: int
    away: int
    """Those that were."""
    left: int
    """Tasks and descriptors that were left in the end."""
    seconds: float
    memory: int
    """KiB of the process, at most so far."""


class Run:
    """One run.

    Args:
        changes: How many the writers make.
        seed: Of what is left to chance.
    """

    def __init__(self, changes: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._changes = changes
        self._lives: dict[str, Life] = {}
        self._uncertain = 0
        """Creations whose ids nobody has been told."""
        self._done = 0
        self._there: set[str] = set()
        """What the watcher believes."""
        self._seen: set[str] = set()
        self._told = 0
        self._outages: list[tuple[float, float]] = []

    async def run(self, folder: Path) -> Outcome:
        began = time.monotonic()
        before = asyncio.all_tasks()
        descriptors = open_descriptors()
        self._server = await self._started(folder / "db", 0)
        port = int(self._server.url.rpartition(":")[2])
        cutter = Cutter(port)
        restarts, cuts = self._random.randint(3, 5), self._random.randint(3, 8)
        times = sorted(
            (self._random.uniform(0.05, 0.95) * self._changes, what)
            for what in [True] * restarts + [False] * cuts
        )
        try:
            async with (
                cutter.open() as url,
                AsyncConversationClient(self._server.url, retry=PATIENT) as writer,
                AsyncConversationClient(url, retry=None) as client,
            ):
                watching = asyncio.create_task(self._watch(client))
                await until(lambda: self._there)
                writers = [asyncio.create_task(self._write(writer)) for _ in range(WRITERS)]
                for when, is_restart in times:
                    await self._reach(when)
                    await self._interrupt(cutter, port, folder / "db" if is_restart else None)
                await asyncio.gather(*writers)
                there = {each.id for each in (await writer.conversations.identifiers()).iterable}
                with suppress(TimeoutError):
                    await until(lambda: self._there == there)
                await client.aclose()
                await asyncio.wait_for(watching, 1)
        finally:
            await asyncio.to_thread(self._server.__exit__)
        await asyncio.sleep(0)
        return Outcome(
            changes=self._done,
            restarts=restarts,
            cuts=cuts,
            told=self._told,
            equal=self._there == there,
            left=len(asyncio.all_tasks() - before) + open_descriptors() - descriptors,
            seconds=time.monotonic() - began,
            memory=peak_memory(),
            **self._faults(),
        )

    async def _watch(self, client: AsyncConversationClient) -> None:
        async for change in client.conversations.watch():
            self._told += 1
            self._seen.add(change.id)
            (self._there.discard if change.deleted else self._there.add)(change.id)

    async def _write(self, client: AsyncConversationClient) -> None:
        own: list[str] = []
        while self._done < self._changes:
            self._done += 1
            kind = self._random.random()
            if kind < 0.5 or not own:
                began = time.monotonic()
                try:
                    made = await client.conversations.create("made")
                except TransportError:
                    self._uncertain += 1
                    continue
                self._lives[made.id] = Life(began)
                own.append(made.id)
            elif kind < 0.7:
                await self._surely(lambda: client.rename_conversation(own[-1]))
            else:
                gone = own.pop(self._random.randrange(len(own)))
                await self._surely(lambda: client.conversations.delete(gone))  # noqa: B023
                self._lives[gone].gone = time.monotonic()

    async def _surely(self, call: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await call()
            except TransportError:
                await asyncio.sleep(0.02)
            except ConversationClientError as error:  # an earlier try has done it after all
                if getattr(error, "status", 0) not in {410, 500}:
                    raise
                return
            else:
                return

    async def _reach(self, changes: float) -> None:
        while self._done < min(changes, self._changes):  # noqa: ASYNC110  # as long as it takes
            await asyncio.sleep(0.001)

    async def _interrupt(self, cutter: Cutter, port: int, db: Path | None) -> None:
        """Cut the connection of the watcher, or restart the server, and wait for what follows."""
        began, carried = time.monotonic(), cutter.carried
        if db is None:
            cutter.cut()
        else:
            await asyncio.to_thread(self._server.__exit__)
            await asyncio.sleep(self._random.uniform(0, 0.05))
            self._server = await self._started(db, port)
        await until(lambda: cutter.carried > carried)
        self._outages.append((began, time.monotonic()))

    async def _started(self, db: Path, port: int) -> Emulator:
        server = Emulator(db=db, port=port)
        return await asyncio.to_thread(server.__enter__)

    def _faults(self) -> dict[str, int]:
        unseen = [life for name, life in self._lives.items() if name not in self._seen]
        away = [life for life in unseen if self._was_away(life)]
        strangers = self._seen - self._lives.keys()
        believed_dead = {name for name, life in self._lives.items() if life.gone} & self._there
        return {
            "missed": len(unseen) - len(away) + len(believed_dead),
            "away": len(away),
            # One is there from the start, and some have no known id.
            "invented": max(0, len(strangers) - 1 - self._uncertain),
        }

    def _was_away(self, life: Life) -> bool:
        end = life.gone
        return end is not None and any(
            life.made <= back and lost <= end for lost, back in self._outages
        )


async def runs(count: int, changes: int, seed: int = 0) -> AsyncIterator[Outcome]:
    for number in range(count):
        with tempfile.TemporaryDirectory() as folder:
            yield await Run(changes, seed + number).run(Path(folder))


async def main(count: int, changes: int) -> None:
    async for outcome in runs(count, changes):
        told: Any = attrs.asdict(outcome)
        print(json.dumps(told), flush=True)
        gc.collect()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
