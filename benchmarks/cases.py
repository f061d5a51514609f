"""What is measured: cases, and the clients that take each of them in turn."""

import math
from dataclasses import dataclass, replace

from benchmarks.documents import CONVERSATION, ID, MESSAGES
from benchmarks.environments import CLIENTS, HTTPX, SDK_2, SDK_5


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
    repeats: bool = False
    """Whether another case runs the same code with other numbers; a quick run does without."""


ASSOCIATE = "`associate_asset`"
MANY = "`associate_many`"
AIOHTTP = "aiohttp"
LIMIT = "`asyncio.Protocol` by hand"
UVLOOP = ", uvloop"
FACADE = "`ConversationClient`"
ASYNC = "`AsyncConversationClient`"
DECODE = "`decode`"
ENCODE = "`encode`"
JSON = "json, to dicts"

SDKS = tuple(Entry(name, "official_sdk", "calls", name) for name in (SDK_5, SDK_2))
CALLS = (
    Entry(AIOHTTP, "aiohttp_client", "calls"),
    Entry("httpx", "httpx_client", "calls", HTTPX),
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
            Entry("aiohttp, to dicts", "aiohttp_client", "get"),
            Entry("httpx, to dicts", "httpx_client", "get", HTTPX),
            *(replace(sdk, case="get") for sdk in SDKS),
            Entry(ASYNC, "our_clients", "get"),
            Entry(FACADE, "our_clients", "blocking_get"),
        ),
        against=ASYNC,
        document=document,
        repeats=document == CONVERSATION,
    )


def _codec(ours: str, of: str, document: str) -> Case:
    case = ours.strip("`")
    return Case(
        name=f"{case}-{document.removesuffix('.json')}",
        title=f"{case.capitalize()} {of}",
        entries=(
            Entry(JSON, "dicts", case, arguments=("json",)),
            Entry("orjson, to dicts", "dicts", case, arguments=("orjson",)),
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
IMPORT_OURS = (
    f"import {BASE}; from conversation_client import AsyncConversationClient, ConversationClient"
)
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
    _codec(DECODE, "its messages", MESSAGES),
    _codec(ENCODE, "a conversation", CONVERSATION),
    _codec(ENCODE, "its messages", MESSAGES),
    Case(
        name="import",
        title="Import, in a new process",
        entries=(
            _startup(BASE, f"import {BASE}"),
            _startup(FACADE, IMPORT_OURS),
            _startup(SDK_5, IMPORT_SDK, SDK_5),
            _startup(SDK_2, IMPORT_SDK, SDK_2),
        ),
        against=FACADE,
        each="process",
        sends=False,
    ),
    Case(
        name="first-call",
        title="Import and first `get_conversation`, in a new process",
        entries=(
            _startup(FACADE, CALL_BLOCKING),
            _startup(ASYNC, CALL_ASYNC),
            _startup(SDK_5, CALL_SDK, SDK_5),
            _startup(SDK_2, CALL_SDK, SDK_2),
        ),
        against=FACADE,
        each="process",
        document=CONVERSATION,
    ),
    Case(
        name="flat",
        title="`associate_many`, few items and many, 32 at a time",
        entries=(
            Entry(TEN_THOUSAND, "our_clients", "batch", count=10_000),
            Entry("100,000 items", "our_clients", "batch", count=100_000, rounds=3),
            Entry(MILLION, "our_clients", "batch", count=1_000_000, rounds=3),
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
        ),
        against=MANY,
        each="item",
        concurrency=32,
    ),
)
