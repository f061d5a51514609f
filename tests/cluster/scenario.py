"""A batch on a real cluster: two workers, two servers, a worker killed, a server restarted.

    python scenario.py DIRECTORY IDS

It prints what came of it, as JSON. It is a program since the processes of a cluster import the one
that begins them.
"""

import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import attrs
from distributed import Client, Nanny, Scheduler, SpecCluster

from conversation_client import Material
from conversation_client.shards import run_shard, split
from conversation_client.testing import STARTING_CONVERSATION

SHARDS = 8
NAMES = ("one", "two")
"""Of the servers, and of the resources of the workers beside them."""
LOCAL = {"host": "127.0.0.1", "port": 0, "dashboard": False}


@attrs.frozen
class Server:
    """An emulator in a process of its own."""

    process: subprocess.Popen[str]
    database: Path
    url: str

    def tell(self, order: str) -> None:
        assert self.process.stdin is not None
        print(order, file=self.process.stdin, flush=True)

    def count(self) -> int:
        self.tell("count")
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def associated(self) -> set[str]:
        with closing(sqlite3.connect(self.database)) as db:
            return {
                id_ for (id_,) in db.execute("SELECT id FROM entries WHERE collection = 'assets'")
            }


@contextmanager
def serving(database: Path) -> Iterator[Server]:
    program = Path(__file__).with_name("counting_server.py")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, str(program), str(database)], stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdout is not None
        yield Server(process, database, process.stdout.readline().strip())
        process.kill()


def worker(name: str) -> dict[str, object]:
    """A worker that is beside one server, and runs one shard at a time."""
    return {"cls": Nanny, "options": LOCAL | {"nthreads": 1, "resources": {name: 1}}}


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


def main(directory: Path, total: int) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(directory / f"{name}.db")) for name in NAMES]
        names = {server.url: name for server, name in zip(servers, NAMES, strict=True)}
        cluster = stack.enter_context(
            SpecCluster(
                {name: worker(name) for name in NAMES},
                {"cls": Scheduler, "options": LOCAL},
                silence_logs=logging.CRITICAL,
            )
        )
        client = stack.enter_context(Client(cluster))
        shards = list(
            split(
                STARTING_CONVERSATION,
                Material.ASSET,
                (f"asset-{number}" for number in range(total)),
                directory=directory / "shards",
                size=total // SHARDS,
                base_urls=names,
            )
        )
        began = time.monotonic()
        futures = [
            future
            for url, name in names.items()
            for future in client.map(
                run_shard,
                [shard for shard in shards if shard.base_url == url],
                resources={name: 1},
                retries=3,
                pure=False,
            )
        ]
        middle = total // SHARDS * 3 // 2  # of their second shards
        wait_until(lambda: servers[0].count() >= middle)
        os.kill(cluster.workers["one"].pid, signal.SIGKILL)
        wait_until(lambda: servers[1].count() >= middle)
        servers[1].tell("restart 0.5")
        first, *others = client.gather(futures)
        seconds = time.monotonic() - began
        added = sum(others, start=first)
        told = {
            "seconds": seconds,
            "shards": len(shards),
            "succeeded": added.succeeded,
            "skipped": added.skipped,
            "failed": added.failed,
            "not_started": added.not_started,
            "requests": [server.count() for server in servers],
            "associated": [len(server.associated()) for server in servers],
            "all": len(set[str]().union(*(server.associated() for server in servers))),
        }
        print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
