"""`python -m benchmarks.limit`: draw how a batch adapts to servers, in a simulation.

Each row is a server: how many calls are under way, how many replies come, and how long another
client waits for the same server, beside a batch that adapts and beside one with always 32.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from benchmarks.environments import PICTURE, ROOT, interpreters

sys.path.append(str(ROOT / "tests"))

from simulated_server import Limit as AnyLimit
from simulated_server import Server, Simulation, fixed

from conversation_client._batch.limit import Limit

SECONDS = 4.0
INTERVAL = 0.1
"""Seconds of the replies that are counted together."""
ONE, SIXTEEN = Server(1, 0.001), Server(16, 0.002)
SERVERS = {
    "one at a time, 1 ms each": lambda _: ONE,
    "16 at a time, 2 ms each": lambda _: SIXTEEN,
    "16 at a time, 2 ms each with jitter": lambda _: Server(16, 0.002, 0.5),
    "first 16 at a time, then one, then 16": lambda now: (
        ONE if 1 <= now % SECONDS < 2.5 else SIXTEEN
    ),
}
LIMITS = {"adapts": lambda now: Limit(32, now), "always 32": fixed(32)}


def main() -> None:
    """Simulate, and have an interpreter that has matplotlib draw it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limit", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("limit.svg"))
    output = parser.parse_args().output
    rows = [
        {"title": title, "runs": {name: run_of(made, server) for name, made in LIMITS.items()}}
        for title, server in SERVERS.items()
    ]
    python = interpreters([PICTURE], quick=False)[PICTURE]
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"MPLCONFIGDIR": cache}
        content = json.dumps(rows)
        subprocess.run(
            [python, "-m", "benchmarks.limit_picture", output.resolve()],
            input=content,
            text=True,
            env=environment,
            cwd=ROOT,
            check=True,
        )


def run_of(
    make_limit: Callable[[float], AnyLimit], server: Callable[[float], Server]
) -> dict[str, object]:
    """Return the curves of one run."""
    items = 100_000
    run = Simulation(make_limit, server, others_every=0.05).go(items, until=SECONDS)
    ends = [number * INTERVAL for number in range(int(SECONDS / INTERVAL) + 1)]
    rates = [
        sum(begin < moment <= end for moment in run.replies) / INTERVAL
        for begin, end in pairwise(ends)
    ]
    return {
        "limit": [*run.limits, (SECONDS, run.limits[-1][1])],
        "replies": list(zip(ends[1:], rates, strict=True)),
        "waits": [
            (since, 1000 * wait) for since, wait in zip(run.requested, run.waits, strict=True)
        ],
    }


if __name__ == "__main__":
    main()
