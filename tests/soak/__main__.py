"""A long batch through everything that can go wrong: `python -m tests.soak`.

The server fails at random, dies and comes back, twice on another port; the command is killed and
begun again. In the end its journal and the server must agree item by item.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from .counters import Counters
from .processes import Client, Server
from .server import ACTED_ON, COUNTERS, FAULTS
from .verdict import Verdict, compare

PEAK = 60 * 1024
"""KiB that a process of the command may have resident."""
UNDER_WAY = 32
"""Requests that may be under way when either process is killed: the command's concurrency."""
UNWRITTEN = 256
"""Items that may be done and not in the journal yet when the command is killed."""
LOOK = 0.02
"""Seconds between two looks at how far the batch is."""
ROUNDS = 20
"""Times that the command may be begun anew for what has failed."""


class Soak:
    """One run: events at moments chosen in advance, counted in items that the server has acted on."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._choose = random.Random(options.seed)
        self._ids = folder / "ids.txt"
        self._server = Server(folder, options.rate, options.seed)
        self._client = Client(folder, self._ids)
        self._counters = Counters(self._server.counters, COUNTERS)

    def run(self) -> bool:
        """Go through it all, print the figures, and tell whether they are as they must be."""
        began = time.monotonic()
        width = len(str(self._options.items))
        with self._ids.open("w") as lines:
            lines.writelines(f"asset-{n:0{width}}\n" for n in range(self._options.items))
        try:
            self._server.start()
            self._client.start(self._server.url)
            self._interrupt_ingestion()
            for moment, event in self._plan():
                self._wait_for(moment)
                event()
            self._finish()
        finally:
            self._client.kill()
            self._server.kill()
        verdict = compare(self._ids, self._client.journal, self._server.db)
        return self._report(verdict, time.monotonic() - began)

    def _plan(self) -> list[tuple[int, Callable[[], None]]]:
        """Choose when what happens."""
        options = self._options
        events = [self._kill_client] * (options.kills - 1)  # one was while the ids were read
        events += [self._restart_server] * (options.restarts - options.new_ports)
        events += [self._move_server] * options.new_ports
        self._choose.shuffle(events)
        last = round(0.95 * options.items)
        moments = sorted(self._choose.sample(range(last), len(events)))
        return list(zip(moments, events, strict=True))

    def _wait_for(self, moment: int) -> None:
        while self._counters["acted"] < moment:
            if self._client.poll() is not None:
                raise SystemExit(f"the command ended too early:\n{self._client.log_end()}")
            time.sleep(LOOK)

    def _interrupt_ingestion(self) -> None:
        while not self._client.journal.exists():
            time.sleep(LOOK)
        time.sleep(self._choose.uniform(0, 0.2))
        self._kill_client()

    def _kill_client(self) -> None:
        self._tell("killing the command")
        self._client.kill()
        self._client.start(self._server.url)

    def _restart_server(self) -> None:
        self._tell("killing the server; it comes back on its port")
        self._server.kill()
        time.sleep(self._choose.uniform(0.1, 0.5))
        self._server.start()

    def _move_server(self) -> None:
        self._tell("killing the server; it comes back on another port")
        self._server.kill()
        self._server.start(port=0)
        self._kill_client()

    def _tell(self, event: str) -> None:
        print(f"{self._counters['acted']:>9,} {event}", flush=True)

    def _finish(self) -> None:
        for _ in range(ROUNDS):
            while (code := self._client.poll()) is None:
                time.sleep(LOOK)
            if code != 1:
                break
            self._tell("beginning anew for what has failed")
            self._client.start(self._server.url)
        if code:
            raise SystemExit(f"the command ended with {code}:\n{self._client.log_end()}")

    def _report(self, verdict: Verdict, seconds: float) -> bool:
        counters, client = self._counters, self._client
        faults = {name: counters[name] for name in FAULTS}
        repeats = counters["acted"] - self._options.items
        unheard = sum(faults[name] for name in ACTED_ON)
        explained = unheard + UNDER_WAY * (self._server.starts - 1)
        explained += (UNDER_WAY + UNWRITTEN) * (client.starts - 1)
        figures = {
            "items": self._options.items,
            "agreed, item by item": verdict.agreed,
            "lost": verdict.lost,
            "wrongly done": verdict.wrongly_done,
            "unasked": verdict.unasked,
            "requests": counters["requests"],
            "repeats of what was done": repeats,
            "  explained by kills and faults": explained,
            "faults": sum(faults.values()),
            **{f"  {name}": count for name, count in faults.items()},
            "starts of the command": client.starts,
            "starts of the server": self._server.starts,
            "most MiB of a command": round(client.peak / 1024, 1),
            "seconds": round(seconds, 1),
            "items a second": round(self._options.items / seconds),
        }
        for name, figure in figures.items():
            print(f"{name:<32} {figure:>12,}")
        return verdict.is_good and repeats <= explained and client.peak <= PEAK


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=20, help="of the command")
    parser.add_argument("--restarts", type=int, default=5, help="of the server")
    parser.add_argument("--new-ports", type=int, default=2, help="restarts on another port")
    parser.add_argument("--rate", type=float, default=0.05, help="share of requests with a fault")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        good = Soak(options, Path(folder)).run()
    print("good" if good else "NOT GOOD")
    sys.exit(not good)


if __name__ == "__main__":
    main()
