"""What the process of every client does: take one job, warm up, measure it, print a line of JSON."""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import documents

CONVERSATION = documents.ID
WARM_UP = 1000


@dataclass(frozen=True, kw_only=True)
class Extra:
    """What a run tells beyond its time."""

    value: float
    """What it is, the case says."""
    requests: int
    """How many more were sent than one each time."""


Run = Callable[[int], Extra | None]
"""Does something so many times."""
AsyncRun = Callable[[int], Coroutine[None, None, Extra | None]]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to measure, and how."""

    case: str
    url: str
    folder: str
    """Where the documents are."""
    document: str = documents.MESSAGES
    concurrency: int = 1
    count: int | None = None
    seconds: float = 0.5
    """How long to measure, if there is no `count`."""
    uvloop: bool = False

    def read(self) -> bytes:
        """Return the text of the document."""
        return (Path(self.folder) / self.document).read_bytes()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What was measured."""

    count: int
    """How many times it was done while the clock ran."""
    wall: float
    """Seconds."""
    cpu: float
    """Seconds of this process, in its own code and in the kernel."""
    done: int
    """How many requests were sent in all."""
    rss: float = 0.0
    """MiB that the process has held at most."""
    extra: float = 0.0
    """What else there is to tell, where a case has something."""


Case = Callable[[Job], AbstractContextManager[Run]]


def main(cases: Mapping[str, Case]) -> None:
    """Measure the job of the command line."""
    job = Job(**json.loads(sys.argv[1]))
    with cases[job.case](job) as run:
        sample = _measure(run, job)
    print(json.dumps(asdict(sample) | {"rss": peak_rss()}))


def _measure(run: Run, job: Job) -> Sample:
    if job.count is not None:
        first = _time(run, min(job.count - 1, WARM_UP))
        return _time(run, job.count, before=first.done)
    sample = _time(run, job.concurrency)
    while sample.wall < job.seconds / 8:
        sample = _time(run, sample.count * 4, before=sample.done)
    count = max(4 * job.concurrency, round(sample.count * job.seconds / sample.wall))
    return _time(run, count, before=sample.done)


def _time(run: Run, count: int, *, before: int = 0) -> Sample:
    wall, cpu = time.perf_counter(), time.process_time()
    extra = run(count) or Extra(value=0, requests=0)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    done = before + count + extra.requests
    return Sample(count=count, wall=wall, cpu=cpu, done=done, extra=extra.value)


def peak_rss() -> float:
    """Return the MiB that this process has held at most; unlike `getrusage`, not its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


# Parts that the clients' cases are made of


def in_loop(opened: Callable[[Job], AbstractAsyncContextManager[AsyncRun]]) -> Case:
    """Make a case of an async one: all of it runs in one event loop."""

    @contextmanager
    def case(job: Job) -> Iterator[Run]:
        with asyncio.Runner(loop_factory=_loop_factory(job)) as runner:
            context = opened(job)
            run = runner.run(context.__aenter__())
            yield lambda count: runner.run(run(count))
            runner.run(context.__aexit__(None, None, None))

    return case


def _loop_factory(job: Job) -> Callable[[], asyncio.AbstractEventLoop]:
    if not job.uvloop:
        return asyncio.new_event_loop
    import uvloop  # noqa: PLC0415  # not in every environment

    return uvloop.new_event_loop


async def shared(concurrency: int, count: int, call: Callable[[str], Awaitable[object]]) -> None:
    """Await the call for so many assets, from so many workers on one iterator."""
    assets = asset_ids(count)

    async def work() -> None:
        for asset in assets:
            await call(asset)

    await asyncio.gather(*(work() for _ in range(concurrency)))


def asset_ids(count: int) -> Iterator[str]:
    """Make ids of the usual length."""
    return map("a1a1a1a1-0000-4000-8000-{:012}".format, range(count))


def asset_url(job: Job, asset: str) -> str:
    return f"{job.url}/conversation/{CONVERSATION}/assets/associate/{asset}"


def document_url(job: Job) -> str:
    path = "/messages" if job.document == documents.MESSAGES else ""
    return f"{job.url}/conversation/{CONVERSATION}{path}"


def repeated(do: Callable[[], object]) -> Run:
    """Make a run of something that is done once."""

    def run(count: int) -> None:
        for _ in itertools.repeat(None, count):
            do()

    return run
