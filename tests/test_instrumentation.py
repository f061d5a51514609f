"""OpenTelemetry's instrumentation of aiohttp, the real one: a span for each request."""

import asyncio
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partialmethod
from typing import Any

import aiohttp
import pytest
import wrapt
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from raw_server import RawServer
from ways import associate

from conversation_client import AsyncConversationClient, ConversationClient, Material


class Spans:
    """Instruments aiohttp between `begin` and `end`, and collects the spans."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._instrumentor = AioHttpClientInstrumentor()

    def begin(self) -> None:
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._instrumentor.instrument(tracer_provider=provider)

    def end(self) -> None:
        if self._instrumentor.is_instrumented_by_opentelemetry:
            self._instrumentor.uninstrument()

    def take(self) -> list[str]:
        """Return the ids of the spans so far, as `traceparent` names them, and forget these."""
        spans = self._exporter.get_finished_spans()
        self._exporter.clear()
        return [f"{span.context.trace_id:032x}-{span.context.span_id:016x}" for span in spans]


@pytest.fixture
def spans() -> Iterator[Spans]:
    spans = Spans()
    yield spans
    spans.end()


def parents(server: RawServer) -> list[str | None]:
    """Return what the requests so far name as their span, and forget them."""
    told = [request.header("traceparent") for request in server.requests]
    server.requests.clear()
    return [value and value.split("-", 1)[1].rpartition("-")[0] for value in told]


async def test_each_request_of_calls_and_batches_has_a_span_that_the_server_is_told(
    spans: Spans,
) -> None:
    spans.begin()
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            assert parents(server) == spans.take() != []
            assert (await associate(client, 30, "c1", concurrency=4)).succeeded == 30
            assert Counter(parents(server)) == Counter(spans.take())


def test_each_request_of_a_blocking_client_has_a_span(spans: Spans) -> None:
    spans.begin()
    with RawServer() as server, ConversationClient(server.url) as client:
        client.associate_asset("c1", "a1")
        client.associate_many("c1", Material.ASSET, ["a1", "a2", "a3"])
        told, made = parents(server), spans.take()
    assert len(made) == 4
    assert Counter(told) == Counter(made)


async def test_what_is_instrumented_later_or_again_is_seen_and_no_longer_after_it(
    spans: Spans,
) -> None:
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            for _ in range(3):
                await client.associate_asset("c1", "a1")
                await associate(client, 5, "c1")
                assert parents(server) == [None] * 6
                spans.begin()
                await client.associate_asset("c1", "a1")
                await associate(client, 5, "c1")
                told, made = parents(server), spans.take()
                assert len(made) == 6
                assert Counter(told) == Counter(made)
                spans.end()
            assert not isinstance(
                client._transport.session.open(asyncio.get_running_loop()), aiohttp.ClientSession
            )


async def test_an_instrumentation_of_sessions_is_seen_after_one_of_requests(
    spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that was made without it has none, and is not used again."""
    request = aiohttp.ClientSession._request
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            with monkeypatch.context() as patch:
                patch.setattr(aiohttp.ClientSession, "_request", partialmethod(request))
                await client.associate_asset("c1", "a1")
                spans.begin()
                await client.associate_asset("c1", "a1")
            assert parents(server) == [None, *spans.take()]


async def test_an_instrumentation_that_begins_amid_a_batch_is_seen_from_then_on(
    spans: Spans,
) -> None:
    def ids() -> Iterator[str]:
        for number in range(300):
            if number == 100:
                spans.begin()
            if number == 200:
                spans.end()
            yield f"a{number}"

    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            report = await client.associate_many("c1", Material.ASSET, ids(), concurrency=1)
        last = {request.target.rpartition("/")[2]: request for request in server.requests}
        assert report.succeeded == 300
        traced = {id_ for id_, request in last.items() if request.header("traceparent")}
        assert traced == {f"a{number}" for number in range(100, 200)}
        assert len(spans.take()) == 100


@pytest.mark.parametrize("name", ["__init__", "_request", "request"])
async def test_whatever_wrapt_wraps_is_seen_at_the_next_call(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    seen: list[str] = []

    def note(wrapped: object, _: object, args: tuple[object], options: dict[str, object]) -> object:
        seen.append(name)
        return wrapped(*args, **options)  # type: ignore[operator]

    original = getattr(aiohttp.ClientSession, name)
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            monkeypatch.setattr(aiohttp.ClientSession, name, wrapt.FunctionWrapper(original, note))
            await client.associate_asset("c1", "a1")
            assert seen == [name]
            monkeypatch.undo()
            await client.associate_asset("c1", "a1")
            assert seen == [name]


class Counted:
    """What makes sessions in place of aiohttp's own class, and counts them."""

    made = 0

    @classmethod
    def make(cls, **options: Any) -> aiohttp.ClientSession:
        cls.made += 1
        return SESSION(**options)


with warnings.catch_warnings(action="ignore"):  # aiohttp advises against it

    class Derived(aiohttp.ClientSession):
        """Replaces none of the methods that requests go through, as far as their names tell."""

        def __new__(cls, *_: object, **__: object) -> "Derived":
            Counted.made += 1
            return super().__new__(cls)


SESSION = aiohttp.ClientSession
REPLACEMENTS = {
    "a class derived from it": Derived,
    "a proxy": wrapt.CallableObjectProxy(Derived),
    "a function": Counted.make,
}


@pytest.mark.parametrize("name", REPLACEMENTS)
async def test_another_class_in_place_of_the_sessions_is_used_from_the_next_call_on(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(Counted, "made", 0)
    with RawServer() as server:
        async with AsyncConversationClient(server.url) as client:
            await client.associate_asset("c1", "a1")
            monkeypatch.setattr(aiohttp, "ClientSession", REPLACEMENTS[name])
            await client.associate_asset("c1", "a1")
            await associate(client, 5, "c1")
            assert Counted.made == 1
            monkeypatch.undo()
            await associate(client, 5, "c1")
    assert len(server.requests) == 12
