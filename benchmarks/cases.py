"""What is measured: cases, and the clients that take each of them in turn."""

import math
from dataclasses import dataclass, replace

from benchmarks.documents import CONVERSATION, ID, MESSAGES
from benchmarks.environments import (
    CLIENTS,
    DASK,
    HTTPX2,
    PYCURL,
    PYDANTIC,
    SDK_2,
    SDK_5,
    WREQ,
)


@dataclass(frozen=True)
class Entry:
    """A client in a case."""

    name: str
    module: str
    """Of `benchmarks.peers`."""
    case: str = ""
    """Of the module."""
    environment: str = CLIENTS
    arguments: tuple[str, ...] = ()
    uvloop: bool = False
    count: int | None = None
    """How many times, rather than for how long."""
    rounds: float = math.inf
    """How many rounds at most."""
    concurrency: int | None = None
    """If it is not the case's."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A table of the report."""

    name: str
    title: str
    entries: tuple[Entry, ...]
    against: str
    """Name of the entry that the others are compared with."""
    each: str = "call"
    """What a time is the time of."""
    concurrency: int = 1
    document: str = MESSAGES
    pinned: bool = True
    """Whether the client has one core only, and not the server's."""
    sends: bool = True
    one_at_a_time: bool = False
    """Whether the server works for a while on each request, one after the other."""
    extra: str = ""
    """What the samples tell beyond their times, if anything."""
    repeats: bool = False
    """Whether another case runs the same code with other numbers; a quick run does without."""


ASSOCIATE = "`associate_asset`"
MANY = "`associate_many`"
AIOHTTP = "aiohttp"
LIMIT = "`asyncio.Protocol` by hand"
MULTI = "pycurl multi"
UVLOOP = ", uvloop"
FACADE = "`ConversationClient`"
ASYNC = "`AsyncConversationClient`"
DECODE = "`decode`"
ENCODE = "`encode`"
JSON = "json, to dicts"
AIOHTTP_JSON, AIOHTTP_ORJSON = "aiohttp, to dicts", "aiohttp with orjson, to dicts"
ALLOW = 'pydantic, `extra="allow"`'

SDKS = tuple(Entry(name, "official_sdk", "calls", name) for name in (SDK_5, SDK_2))
CALLS = (
    Entry(AIOHTTP, "aiohttp_client", "calls"),
    Entry(HTTPX2, "httpx2_client", "calls", HTTPX2),
    Entry(WREQ, "wreq_client", "calls", WREQ),
    Entry(MULTI, "pycurl_multi", "calls", PYCURL),
    *SDKS,
    Entry(LIMIT, "limit", "calls"),
    Entry(ASSOCIATE, "our_clients", "calls"),
    Entry(MANY, "our_clients", "batch"),
)
VARIANTS = (
    *(
        replace(entry, name=entry.name + UVLOOP, uvloop=True)
        for entry in CALLS
        if entry.environment == CLIENTS
    ),
    Entry(
        "aiohttp, large block freed", "aiohttp_client", "calls", arguments=("large-block-freed",)
    ),
)


def _calls(concurrency: int, *more: Entry) -> Case:
    return Case(
        name=f"calls-{concurrency}",
        title=f"Associating assets, {concurrency} at a time",
        entries=CALLS + more,
        against=MANY,
        concurrency=concurrency,
        repeats=concurrency not in (1, 32),
    )


def _blocking(name: str, title: str, *, pinned: bool) -> Case:
    return Case(
        name=name,
        title=title,
        entries=(*SDKS, Entry(FACADE, "our_clients", "blocking_calls")),
        against=FACADE,
        pinned=pinned,
        repeats=not pinned,
    )


def _get(of: str, document: str) -> Case:
    return Case(
        name=f"get-{document.removesuffix('.json')}",
        title=f"GET {of}, decoded",
        entries=(
            Entry(AIOHTTP_JSON, "aiohttp_client", "get"),
            Entry(AIOHTTP_ORJSON, "aiohttp_client", "get_with_orjson"),
            Entry("httpx2, to dicts", "httpx2_client", "get", HTTPX2),
            *(replace(sdk, case="get") for sdk in SDKS),
            Entry(ASYNC, "our_clients", "get"),
            Entry(FACADE, "our_clients", "blocking_get"),
        ),
        against=ASYNC,
        document=document,
        repeats=document == CONVERSATION,
    )


def _codec(ours: str, of: str, document: str, *more: Entry) -> Case:
    case = ours.strip("`")
    return Case(
        name=f"{case}-{document.removesuffix('.json')}",
        title=f"{case.capitalize()} {of}",
        entries=(
            Entry(JSON, "dicts", case, arguments=("json",)),
            Entry("orjson, to dicts", "dicts", case, arguments=("orjson",)),
            *more,
            *(replace(sdk, case=case) for sdk in SDKS),
            Entry(ours, "our_codec", case),
            Entry(f"{ours}, without `[speed]`", "our_codec", case, arguments=("without-speed",)),
        ),
        against=ours,
        each="document",
        document=document,
        sends=False,
        repeats=document == CONVERSATION,
    )


BASE = "aiohttp, attrs, cattrs"
IMPORT_SDK = "from pieces_os_client.api.conversation_api import ConversationApi"
IMPORT_OURS = f"import {BASE}; from conversation_client import AsyncConversationClient"
CALL_AIOHTTP = f"""
import asyncio, aiohttp
async def main():
    async with aiohttp.ClientSession() as session:
        async with session.get("{{url}}/conversation/{ID}") as response:
            assert response.status == 200
            assert (await response.json())["id"] == "{ID}"
asyncio.run(main())
"""
CALL_SDK = f"""
{IMPORT_SDK}
from pieces_os_client.api_client import ApiClient
from pieces_os_client.configuration import Configuration
with ApiClient(Configuration(host="{{url}}")) as client:
    api = ConversationApi(client)
    reply = api.conversation_get_specific_conversation_with_http_info("{ID}")
    assert reply.status_code == 200 and reply.data.id == "{ID}"
"""
CALL_BLOCKING = f"""
from conversation_client import ConversationClient
with ConversationClient("{{url}}") as client:
    assert client.get_conversation("{ID}").id == "{ID}"
"""
CALL_ASYNC = f"""
import asyncio
from conversation_client import AsyncConversationClient
async def main():
    async with AsyncConversationClient("{{url}}") as client:
        assert (await client.get_conversation("{ID}")).id == "{ID}"
asyncio.run(main())
"""


def _startup(name: str, code: str, environment: str = CLIENTS) -> Entry:
    return Entry(name, "startup", environment=environment, arguments=(code,))


TEN_THOUSAND, MILLION = "10,000 items", "1,000,000 items"
WITH_PROGRESS, WITH_JOURNAL = "with `on_progress`", "with `journal`"
WITH_BOTH = "with `journal` and `on_progress`"
FIXED = {count: f"{count} workers on {ASSOCIATE}" for count in (2, 8, 32)}
EMULATOR = "`Emulator`"
HERE, SPREAD = "in one process", "Dask, one worker"

CASES = (
    _calls(1),
    _calls(8),
    _calls(32, *VARIANTS),
    _calls(64),
    _blocking("facade", "A blocking call, client on one core", pinned=True),
    _blocking("facade-free", "A blocking call, client free to move", pinned=False),
    _get("a conversation", CONVERSATION),
    _get("its messages", MESSAGES),
    _codec(DECODE, "a conversation", CONVERSATION),
    _codec(DECODE, "its messages", MESSAGES, Entry(ALLOW, "pydantic_codec", "decode", PYDANTIC)),
    _codec(ENCODE, "a conversation", CONVERSATION),
    _codec(ENCODE, "its messages", MESSAGES),
    Case(
        name="import",
        title="Import, in a new process",
        entries=(
            _startup(BASE, f"import {BASE}"),
            _startup(ASYNC, IMPORT_OURS),
            _startup(SDK_5, IMPORT_SDK, SDK_5),
            _startup(SDK_2, IMPORT_SDK, SDK_2),
        ),
        against=ASYNC,
        each="process",
        sends=False,
    ),
    Case(
        name="first-call",
        title="Import and first `get_conversation`, in a new process",
        entries=(
            _startup(AIOHTTP_JSON, CALL_AIOHTTP),
            _startup(FACADE, CALL_BLOCKING),
            _startup(ASYNC, CALL_ASYNC),
            _startup(SDK_5, CALL_SDK, SDK_5),
            _startup(SDK_2, CALL_SDK, SDK_2),
        ),
        against=ASYNC,
        each="process",
        document=CONVERSATION,
    ),
    Case(
        name="flat",
        title=f"{MANY} {WITH_BOTH}, few items and many, 32 at a time",
        entries=(
            Entry(TEN_THOUSAND, "our_clients", "batch_with_both", count=10_000),
            Entry("100,000 items", "our_clients", "batch_with_both", count=100_000, rounds=3),
            Entry(MILLION, "our_clients", "batch_with_both", count=1_000_000, rounds=3),
        ),
        against=TEN_THOUSAND,
        each="item",
        concurrency=32,
    ),
    Case(
        name="watched",
        title="`associate_many`, 200,000 items, 32 at a time, watched and written down",
        entries=(
            Entry(MANY, "our_clients", "batch", count=200_000),
            Entry(WITH_PROGRESS, "our_clients", "batch_with_progress", count=200_000),
            Entry(WITH_JOURNAL, "our_clients", "batch_with_journal", count=200_000),
            Entry(WITH_BOTH, "our_clients", "batch_with_both", count=200_000),
        ),
        against=MANY,
        each="item",
        concurrency=32,
    ),
    Case(
        name="beside",
        title="A batch on a server that does one thing at a time, and another client's GETs",
        entries=(
            Entry(MANY, "beside_a_batch", "batch", count=4000),
            *(
                Entry(name, "beside_a_batch", "workers", count=4000, concurrency=at_once)
                for at_once, name in FIXED.items()
            ),
        ),
        against=MANY,
        each="item",
        concurrency=32,
        document=CONVERSATION,
        one_at_a_time=True,
        extra="GET, p95, ms",
    ),
    Case(
        name="shards",
        title="1,000,000 ids cut into shards of 10,000, and these read here or spread by Dask",
        entries=(
            Entry(HERE, "shards", "here", count=1_000_000),
            Entry(SPREAD, "shards", "dask", DASK, count=1_000_000),
        ),
        against=HERE,
        each="id",
        pinned=False,
        sends=False,
    ),
    Case(
        name="idle",
        title="Ten seconds of a client and of an emulator that have nothing to do",
        entries=(
            Entry(ASYNC, "idle", "client", count=1),
            Entry(EMULATOR, "idle", "emulator", count=1),
        ),
        against=ASYNC,
        each="ten seconds",
        extra="wake-ups",
    ),
)
