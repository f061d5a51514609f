"""The figures that are promised, each with the bound that it has to keep."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Literal

from benchmarks.cases import (
    AIOHTTP,
    AIOHTTP_JSON,
    ALLOW,
    ASSOCIATE,
    ASYNC,
    BASE,
    DECODE,
    EMULATOR,
    ENCODE,
    FACADE,
    FIXED,
    HERE,
    JSON,
    LIMIT,
    MANY,
    MILLION,
    MULTI,
    SPREAD,
    TEN_THOUSAND,
    UVLOOP,
    WITH_BOTH,
)
from benchmarks.environments import SDK_5, WREQ
from benchmarks.run import Measured, Results

Quantity = Literal["cpu", "wall", "extra"]


@dataclass(frozen=True)
class Value:
    """A median, and the least and the most of all rounds."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Figure:
    """A line of the table of figures."""

    text: str
    bound: float
    value: Callable[[Results], Value]
    unit: str = "x"


def each(samples: list[Measured], quantity: Quantity) -> Value:
    """Return the seconds that something takes once, or what the samples tell beyond that."""
    return _value([_once(sample, quantity) for sample in samples])


def rss(samples: list[Measured]) -> Value:
    """Return the MiB that a process holds at most."""
    return _value([sample.rss for sample in samples])


def _once(sample: Measured, quantity: Quantity) -> float:
    if quantity == "extra":
        return sample.extra
    return (sample.cpu if quantity == "cpu" else sample.wall) / sample.count


def _value(values: list[float]) -> Value:
    return Value(median(values), min(values), max(values))


def _ratio(case: str, quantity: Quantity, entry: str, against: str) -> Callable[[Results], Value]:
    """Compare the medians of two clients; the spread is that of the rounds, each by itself."""

    def value(results: Results) -> Value:
        ours, theirs = results[case][entry], results[case][against]
        pairs = (
            zip(ours, theirs, strict=True) if len(ours) == len(theirs) else product(ours, theirs)
        )
        rounds = [_once(one, quantity) / _once(other, quantity) for one, other in pairs]
        ratio = each(ours, quantity).median / each(theirs, quantity).median
        return Value(ratio, min(rounds), max(rounds))

    return value


def _ratio_to_best(
    case: str, quantity: Quantity, entry: str, others: Collection[str]
) -> Callable[[Results], Value]:
    """Compare a client with the one of the others that needs least."""

    def value(results: Results) -> Value:
        best = min(others, key=lambda other: each(results[case][other], quantity).median)
        return _ratio(case, quantity, entry, best)(results)

    return value


def _over(
    case: str, entry: str, base: str, of: Callable[[Measured], float]
) -> Callable[[Results], Value]:
    """Tell how much more one client needs than the other, each round by itself."""

    def value(results: Results) -> Value:
        pairs = zip(results[case][entry], results[case][base], strict=True)
        return _value([of(one) - of(other) for one, other in pairs])

    return value


FIGURES = (
    Figure(
        "`associate_many`, 32 at a time, CPU against an `asyncio.Protocol` by hand",
        1.25,
        _ratio("calls-32", "cpu", MANY, LIMIT),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against the official SDK 5.0.1 with 32 threads",
        1 / 20,
        _ratio("calls-32", "cpu", MANY, SDK_5),
    ),
    Figure(
        "`associate_asset`, 32 at a time, CPU against aiohttp",
        1 / 4,
        _ratio("calls-32", "cpu", ASSOCIATE, AIOHTTP),
    ),
    Figure(
        "blocking call, wall, against the official SDK 5.0.1, client pinned to one core",
        0.42,
        _ratio("facade", "wall", FACADE, SDK_5),
    ),
    Figure(
        "GET messages decoded, CPU against aiohttp with `json` to dicts",
        1.10,
        _ratio("get-messages", "cpu", ASYNC, AIOHTTP_JSON),
    ),
    Figure(
        "1,000,000 items with `journal` and `on_progress`: peak resident memory",
        45,
        lambda results: rss(results["flat"][MILLION]),
        "MiB",
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against an `asyncio.Protocol` by hand, with uvloop",
        1.25,
        _ratio("calls-32", "cpu", MANY + UVLOOP, LIMIT + UVLOOP),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against aiohttp workers",
        1 / 8,
        _ratio("calls-32", "cpu", MANY, AIOHTTP),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against pycurl multi",
        0.75,
        _ratio("calls-32", "cpu", MANY, MULTI),
    ),
    Figure(
        "`associate_many` with `journal` and `on_progress`, wall, against the same without",
        1.20,
        _ratio("watched", "wall", WITH_BOTH, MANY),
    ),
    Figure(
        "1,000,000 items with `journal` and `on_progress`: CPU per item against 10,000 items",
        1.05,
        _ratio("flat", "cpu", MILLION, TEN_THOUSAND),
    ),
    Figure(
        "`associate_asset`, 32 at a time, CPU against wreq",
        0.80,
        _ratio("calls-32", "cpu", ASSOCIATE, WREQ),
    ),
    Figure(
        "blocking call, wall, against the official SDK 5.0.1, client free",
        0.55,
        _ratio("facade-free", "wall", FACADE, SDK_5),
    ),
    Figure(
        'decode messages, `[speed]`, CPU against pydantic 2 with `extra="allow"`',
        0.70,
        _ratio("decode-messages", "cpu", DECODE, ALLOW),
    ),
    Figure(
        "decode messages, `[speed]`, CPU against `json.loads`",
        1.25,
        _ratio("decode-messages", "cpu", DECODE, JSON),
    ),
    Figure(
        "encode messages, CPU against what the official SDK 5.0.1 does to send them",
        1 / 4,
        _ratio("encode-messages", "cpu", ENCODE, SDK_5),
    ),
    Figure(
        "`import AsyncConversationClient` over its dependencies, time",
        26,
        _over("import", ASYNC, BASE, lambda sample: sample.wall * 1e3),
        "ms",
    ),
    Figure(
        "`import AsyncConversationClient` over its dependencies, memory",
        8,
        _over("import", ASYNC, BASE, lambda sample: sample.rss),
        "MiB",
    ),
    Figure(
        "import and first `get_conversation`, wall, over aiohttp with `json` doing the same",
        40,
        _over("first-call", ASYNC, AIOHTTP_JSON, lambda sample: sample.wall * 1e3),
        "ms",
    ),
    Figure(
        "another client's GET (p95) beside a batch on a server that does one thing at a time, against a fixed 32",
        0.25,
        _ratio("beside", "extra", MANY, FIXED[32]),
    ),
    Figure(
        "`associate_many` on that server, wall, against the best fixed number at a time",
        1 / 0.9,
        _ratio_to_best("beside", "wall", MANY, FIXED.values()),
    ),
    Figure(
        "what Dask adds for each id, in shards of 10,000",
        1,
        _over("shards", SPREAD, HERE, lambda sample: sample.wall * 1e6 / sample.count),
        "µs",
    ),
    Figure(
        "an idle client, wake-ups in 10 s",
        1,
        lambda results: each(results["idle"][ASYNC], "extra"),
        "",
    ),
    Figure(
        "an idle emulator, wake-ups in 10 s",
        0,
        lambda results: each(results["idle"][EMULATOR], "extra"),
        "",
    ),
)
"""The README shows the first six of them."""
