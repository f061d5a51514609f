"""Runs cells of the fault matrix: a fault, all operations, one client, this process's parser.

As a script it is a worker: it reads a fault, a client and methods from each line, and writes a line
of JSON.
"""

import asyncio
import contextlib
import gc
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar

import attrs
from aiohttp import http_parser
from cases import IDS, Case
from loops import uvloop

from conversation_client import AsyncConversationClient, ConversationClient, RetryPolicy
from conversation_client.models.base import Document
from conversation_client.operations import ASSOCIATE_ASSET

from .canaries import HEADERS, PASSWORD, PROXY, SECRETS, USER, found_in, told_by
from .catalogue import CASES, FAULTS, Fault
from .chaos import PROBE, ChaosServer, Listening, Site, after_probes, wait_until

T = TypeVar("T")
Record = dict[str, Any]

POLICY = RetryPolicy(attempts=3, wait_initial=0.001, wait_max=0.002)
CLIENTS = (
    *("async", "blocking", "lane", "stream"),
    *(("async-uvloop", "lane-uvloop", "stream-uvloop") if uvloop is not None else ()),
)
BATCHES = ("lane", "stream")
BATCH_METHOD = "associate_asset"


def methods_of(client: str) -> list[str]:
    """Return the methods that the cells of a client are for."""
    return [BATCH_METHOD] if client.startswith(BATCHES) else list(CASES)


def descriptors() -> list[str]:
    """What the process has open, but for the list itself."""
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  # with paths it takes three times as long
        with contextlib.suppress(OSError):
            found.append(f"{name}: {os.readlink(f'/proc/self/fd/{name}')}")  # noqa: PTH115
    return found


class Log(logging.Handler):
    """Keeps every record as all that it holds."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {vars(record)}")
        if record.levelno >= logging.WARNING:
            self.complaints.append(record.getMessage())

    def taken(self) -> Record:
        """Return what there was of interest since the last time."""
        lines, self.lines = self.lines, []
        complaints, self.complaints = self.complaints, []
        leaks = [f"{name} in the log" for line in lines for name in found_in(line)]
        return {"lines": len(lines), "leaks": leaks, "complaints": complaints}


_loops: ContextVar[list[asyncio.AbstractEventLoop]] = ContextVar("_loops")
"""The event loops that a cell has made."""


@contextlib.contextmanager
def loops_watched() -> Iterator[None]:
    original = asyncio.new_event_loop

    def new_event_loop() -> asyncio.AbstractEventLoop:
        _loops.get().append(original())
        return _loops.get()[-1]

    asyncio.new_event_loop = new_event_loop
    try:
        yield
    finally:
        asyncio.new_event_loop = original


# One protocol for both clients. A blocking client's never suspends, so it runs without a loop.


class AsyncSide:
    def __init__(self, url: str, timeout: float) -> None:
        self.client = AsyncConversationClient(
            url, timeout=timeout, retry=POLICY, headers=HEADERS, max_connections=1
        )

    async def ask(self, call: Callable[[Any], Awaitable[T]]) -> T:
        return await call(self.client)

    async def warm(self) -> None:
        await self.client.get_messages(PROBE)

    async def call(self, case: Case) -> object:
        return await case.call(self.client, IDS)

    async def begin(self, call: Callable[[Any], Awaitable[T]]) -> Callable[[], Awaitable[object]]:
        task = asyncio.ensure_future(call(self.client))

        async def end() -> None:
            await task

        return end

    async def wait_until(self, condition: Callable[[], bool]) -> bool:
        for _ in range(10_000):
            await asyncio.sleep(0.001)
            if condition():
                return True
        return False

    async def close(self) -> None:
        await self.client.aclose()


class LaneSide(AsyncSide):
    """The way that a batch sends an item to which no other leads up."""

    leads_up: tuple[str, ...] = ()

    async def warm(self) -> None:
        await self._send(PROBE)

    async def call(self, case: Case) -> None:
        await self._send(*self.leads_up, IDS["asset"])

    async def _send(self, *items: str) -> None:
        await self.client._items(ASSOCIATE_ASSET, IDS["conversation"]).stream(iter(items))


class StreamSide(LaneSide):
    """The way that a batch sends nearly all items: from the callback that confirms another."""

    leads_up = (PROBE, PROBE)


SIDES = {"async": AsyncSide, "lane": LaneSide, "stream": StreamSide}


class BlockingSide:
    def __init__(self, url: str, timeout: float) -> None:
        secret_url = url.replace("://", f"://{USER}:{PASSWORD}@")
        headers = {name: value for name, value in HEADERS.items() if name != "Authorization"}
        self.client = ConversationClient(
            secret_url, timeout=timeout, retry=POLICY, headers=headers, max_connections=1
        )

    async def ask(self, call: Callable[[Any], T]) -> T:
        return call(self.client)

    async def warm(self) -> None:
        self.client.get_messages(PROBE)

    async def call(self, case: Case) -> object:
        return case.call(self.client, IDS)

    async def begin(self, call: Callable[[Any], T]) -> Callable[[], Awaitable[object]]:
        thread = threading.Thread(target=copy_context().run, args=(call, self.client))
        thread.start()

        async def end() -> None:
            thread.join()

        return end

    async def wait_until(self, condition: Callable[[], bool]) -> bool:
        return wait_until(condition)

    async def close(self) -> None:
        self.client.close()


def completed(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it has suspended")


def with_secret(case: Case) -> Case:
    """Let the body of a call, if it has one, hold a secret."""
    make = case.body
    if make is None:
        return case

    def body(ids: Any) -> Document:
        document = make(ids)
        document.extra["novel"] = SECRETS["body"]
        return document

    return attrs.evolve(case, body=body)


async def run_cell(
    server: ChaosServer, fault: Fault, case: Case, kind: type[AsyncSide | BlockingSide]
) -> Record:
    script = after_probes(fault.script) if kind is StreamSide else fault.script
    with server.site(script, fault.listening) as site:
        side = kind(site.url, fault.timeout)
        if fault.is_warm:
            await side.warm()
            assert wait_until(lambda: site.is_ready)
            if case.operation.repeatable:  # let a loop that runs see it
                assert await side.wait_until(lambda: True)
        end_other = None
        if fault.is_busy:
            end_other = await side.begin(
                lambda client: client.with_options(timeout=None).get_messages(PROBE)
            )
            assert await side.wait_until(lambda: bool(site.probes))
        record = await _observed(side, site, case)
        server.heal(site)
        if end_other:
            await end_other()
        record["probe"] = type(await side.ask(lambda client: client.get_messages(PROBE))).__name__
        await side.wait_until(lambda: not _tasks())  # that of a call ends after its caller is told
        record["tasks"] = [*map(repr, _tasks())]
        await side.close()
        record["lines"] = [request.line for request in site.requests]
    return record


def _tasks() -> list[asyncio.Task[Any]]:
    return [task for loop in _loops.get() for task in asyncio.all_tasks(loop)]


async def _observed(side: AsyncSide | BlockingSide, site: Site, case: Case) -> Record:
    record: Record = {"method": case.method, "error": None, "leaks": []}
    began = time.perf_counter()
    try:
        result = await side.call(case)
        record["result"] = type(result).__name__
    except Exception as error:
        record |= _told(error)
    record["elapsed"] = time.perf_counter() - began
    attempts = record.get("attempts", 1)
    wait_until(lambda: len(site.requests) >= attempts, 0.5)
    record["requests"] = len(site.requests)
    return record


def _told(error: Exception) -> Record:
    return {
        "error": f"{type(error).__module__}.{type(error).__name__}",
        "effect": getattr(error, "effect", None),
        "attempts": getattr(error, "attempts", None),
        "path": getattr(error, "path", None),
        "text": str(error),
        "leaks": [
            f"{name} in its {where}" for where, text in told_by(error) for name in found_in(text)
        ],
    }


# The cells of one fault and one client


async def run_all_async(
    server: ChaosServer, fault: Fault, client: str, methods: list[str]
) -> list[Record]:
    _loops.set([])  # there is only this one
    kind = SIDES[client.removesuffix("-uvloop")]
    if kind is StreamSide and (fault.has_other_calls or fault.listening is not Listening.YES):
        kind = LaneSide
    cases = [with_secret(CASES[method]) for method in methods]
    cells = [run_cell(server, fault, case, kind) for case in cases]
    if fault.only_waits:
        records = await asyncio.gather(*cells)
    else:
        records = [await cell for cell in cells]
    for _ in range(5):  # what was cancelled ends
        await asyncio.sleep(0)
    left = [repr(task) for task in asyncio.all_tasks() - {asyncio.current_task()}]
    return [record | {"tasks": left} for record in records]


def run_all_blocking(server: ChaosServer, fault: Fault, methods: list[str]) -> list[Record]:
    def run(case: Case) -> Record:
        _loops.set([])
        return completed(run_cell(server, fault, case, BlockingSide))

    cases = [with_secret(CASES[method]) for method in methods]
    with loops_watched(), ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(run, cases) if fault.only_waits else map(run, cases))


def run_in_loop(cells: Coroutine[Any, Any, T], client: str) -> T:
    # A line for each attempt would take the place of a stream.
    is_batch = client.startswith(BATCHES)
    logging.getLogger("conversation_client").setLevel("INFO" if is_batch else "DEBUG")
    factory = uvloop if client.endswith("uvloop") else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(cells)


def run_fault(
    server: ChaosServer, log: Log, fault: Fault, client: str, methods: list[str]
) -> list[Record]:
    """Run the cells of a fault, those that only wait at the same time."""
    before = descriptors(), threading.active_count()
    if client == "blocking":
        records = run_all_blocking(server, fault, methods)
    else:
        records = run_in_loop(run_all_async(server, fault, client, methods), client)
    gc.collect()
    wait_until(lambda: len(descriptors()) <= len(before[0]), 1)
    left = [entry for entry in descriptors() if entry not in before[0]]
    if threading.active_count() > before[1]:
        left += [repr(thread) for thread in threading.enumerate()]
    noted = log.taken()
    for record in records:
        record["left"] = left
        record["leaks"] += noted["leaks"]
        record["complaints"] = noted["complaints"]
        record["log_lines"] = noted["lines"]
        record["logs"] = not client.startswith(BATCHES)
    return records


def main() -> None:
    os.environ["HTTP_PROXY"] = os.environ["http_proxy"] = PROXY
    log = Log()
    logging.basicConfig(level=logging.NOTSET, handlers=[log])
    print(
        json.dumps(http_parser.HttpResponseParser is http_parser.HttpResponseParserPy), flush=True
    )
    run_in_loop(asyncio.sleep(0), "uvloop")  # its first loop opens pipes that stay
    with ChaosServer() as server:
        gc.freeze()
        gc.disable()  # what is to be collected is so after each fault
        for line in sys.stdin:
            name, client, *methods = line.split()
            records = run_fault(server, log, FAULTS[name], client, methods)
            print(json.dumps(records), flush=True)


if __name__ == "__main__":
    main()
