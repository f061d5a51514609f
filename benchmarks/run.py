"""Taking the samples: every client in turn, in a process of its own, round after round."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import documents
from benchmarks.cases import Case, Entry
from benchmarks.environments import ROOT
from benchmarks.peers.sample import Job, Sample
from benchmarks.server import Server, build, serving

ONE_AT_A_TIME = 1000
"""Microseconds of work on each request, of a server that does one thing at a time."""
NOT_INHERITED = ("PYTHON", "COVERAGE", "CONVERSATION_CLIENT")

Results = dict[str, dict[str, list["Measured"]]]
"""Samples of all rounds, by the names of case and client."""


@dataclass(frozen=True, kw_only=True)
class Measured(Sample):
    """A sample, and what it took of the server."""

    server: float
    """Seconds of CPU for each request."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much to measure."""

    rounds: int
    seconds: float
    """For each sample."""
    share: float
    """Of the items of long batches."""


def measure(cases: Collection[Case], interpreters: Mapping[str, Path], plan: Plan) -> Results:
    """Measure the cases with all clients that have an interpreter."""
    results: Results = {case.name: {} for case in cases}
    server_core, client_core = _cores()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents.write(folder)
        program = build(folder)
        with (
            serving(program, server_core) as quick,
            serving(program, server_core, microseconds=ONE_AT_A_TIME) as slow,
        ):
            laboratory = _Laboratory(quick, slow, folder, client_core, interpreters, plan)
            for number in range(plan.rounds):
                for case in cases:
                    print(f"round {number + 1} of {plan.rounds}: {case.title}", file=sys.stderr)
                    for entry in case.entries:
                        if entry.environment in interpreters and number < entry.rounds:
                            samples = results[case.name].setdefault(entry.name, [])
                            samples.append(laboratory.sample(case, entry))
    return results


def _cores() -> tuple[int | None, int | None]:
    """Return a core for the server and another one for the clients, if there are two."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[-1]) if len(cores) > 1 else (None, None)


@dataclass(frozen=True)
class _Laboratory:
    quick: Server
    slow: Server
    folder: Path
    client_core: int | None
    interpreters: Mapping[str, Path]
    plan: Plan

    def sample(self, case: Case, entry: Entry) -> Measured:
        server = self.slow if case.one_at_a_time else self.quick
        job = Job(
            case=entry.case,
            url=server.url,
            folder=str(self.folder),
            document=case.document,
            concurrency=entry.concurrency or case.concurrency,
            count=entry.count and max(1, round(entry.count * self.plan.share)),
            seconds=self.plan.seconds,
            uvloop=entry.uvloop,
        )
        command = [
            str(self.interpreters[entry.environment]),
            "-m",
            f"benchmarks.peers.{entry.module}",
            json.dumps(asdict(job)),
            *(argument.replace("{url}", server.url) for argument in entry.arguments),
        ]
        answered, cpu = server.answered(), server.cpu()
        with _on_core(self.client_core if case.pinned else None):
            process = subprocess.Popen(
                command, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True
            )
        output, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"{entry.name} failed at: {case.title}")
        answered, cpu = server.answered() - answered, server.cpu() - cpu
        sample = json.loads(output)
        expected = sample["done"] if case.sends else 0
        if answered != expected:
            raise SystemExit(
                f"{entry.name} claims {expected} requests, the server answered {answered}"
            )
        return Measured(**sample, server=cpu / max(answered, 1))


@contextmanager
def _on_core(core: int | None) -> Iterator[None]:
    """Let the processes that are started within have this core only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _environment() -> dict[str, str]:
    """Return this process's environment without what would change the clients."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(NOT_INHERITED) and not name.lower().endswith("_proxy")
    }
