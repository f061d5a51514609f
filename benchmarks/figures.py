"""The figures that are promised, each with the bound that it has to keep."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Literal

from benchmarks.cases import (
    AIOHTTP,
    ASSOCIATE,
    ASYNC,
    BASE,
    DECODE,
    ENCODE,
    FACADE,
    JSON,
    LIMIT,
    MANY,
    MILLION,
    TEN_THOUSAND,
    UVLOOP,
    WITH_JOURNAL,
    WITH_PROGRESS,
)
from benchmarks.environments import HTTPX, SDK_2, SDK_5
from benchmarks.run import Measured, Results

Quantity = Literal["cpu", "wall"]


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
    """Return the seconds that something takes once."""
    return _value([getattr(sample, quantity) / sample.count for sample in samples])


def rss(samples: list[Measured]) -> Value:
    """Return the MiB that a process holds at most."""
    return _value([sample.rss for sample in samples])


def _value(values: list[float]) -> Value:
    return Value(median(values), min(values), max(values))


def _ratio(case: str, quantity: Quantity, entry: str, against: str) -> Callable[[Results], Value]:
    """Compare the medians of two clients; the spread is that of the rounds, each by itself."""

    def value(results: Results) -> Value:
        ours, theirs = results[case][entry], results[case][against]
        pairs = (
            zip(ours, theirs, strict=True) if len(ours) == len(theirs) else product(ours, theirs)
        )
        rounds = [
            each([one], quantity).median / each([other], quantity).median for one, other in pairs
        ]
        ratio = each(ours, quantity).median / each(theirs, quantity).median
        return Value(ratio, min(rounds), max(rounds))

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
        "`associate_asset`, 32 at a time, CPU against bare aiohttp as documented",
        0.75,
        _ratio("calls-32", "cpu", ASSOCIATE, AIOHTTP),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against bare aiohttp workers",
        1 / 5.5,
        _ratio("calls-32", "cpu", MANY, AIOHTTP),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against the official SDK 5.0.1 with 32 threads",
        1 / 12,
        _ratio("calls-32", "cpu", MANY, SDK_5),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against httpx",
        1 / 35,
        _ratio("calls-32", "cpu", MANY, HTTPX),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against an `asyncio.Protocol` by hand",
        3,
        _ratio("calls-32", "cpu", MANY, LIMIT),
    ),
    Figure(
        "`associate_many`, 32 at a time, CPU against an `asyncio.Protocol` by hand, with uvloop",
        2.5,
        _ratio("calls-32", "cpu", MANY + UVLOOP, LIMIT + UVLOOP),
    ),
    Figure(
        "blocking call, wall, against the official SDK 5.0.1, client pinned to one core",
        0.65,
        _ratio("facade", "wall", FACADE, SDK_5),
    ),
    Figure(
        "blocking call, wall, against the official SDK 5.0.1, client free",
        0.75,
        _ratio("facade-free", "wall", FACADE, SDK_5),
    ),
    Figure(
        "decode messages, `[speed]`, CPU against the official SDK 5.0.1",
        1 / 3,
        _ratio("decode-messages", "cpu", DECODE, SDK_5),
    ),
    Figure(
        "decode messages, `[speed]`, CPU against the official SDK 2.2.0",
        1 / 7,
        _ratio("decode-messages", "cpu", DECODE, SDK_2),
    ),
    Figure(
        "decode messages, `[speed]`, CPU against `json.loads`",
        1.6,
        _ratio("decode-messages", "cpu", DECODE, JSON),
    ),
    Figure(
        "encode messages, CPU against what the official SDK 5.0.1 does to send them",
        1 / 4,
        _ratio("encode-messages", "cpu", ENCODE, SDK_5),
    ),
    Figure(
        "GET messages decoded, whole call, wall, against the official SDK 5.0.1",
        1 / 4,
        _ratio("get-messages", "wall", ASYNC, SDK_5),
    ),
    Figure(
        "`import conversation_client` over its dependencies, time",
        60,
        _over("import", FACADE, BASE, lambda sample: sample.wall * 1e3),
        "ms",
    ),
    Figure(
        "`import conversation_client` over its dependencies, memory",
        8,
        _over("import", FACADE, BASE, lambda sample: sample.rss),
        "MiB",
    ),
    Figure(
        "import and first `get_conversation`, wall, against the official SDK 5.0.1",
        0.5,
        _ratio("first-call", "wall", FACADE, SDK_5),
    ),
    Figure(
        "1,000,000 items: peak resident memory",
        60,
        lambda results: rss(results["flat"][MILLION]),
        "MiB",
    ),
    Figure(
        "1,000,000 items: CPU per item against 10,000 items",
        1.05,
        _ratio("flat", "cpu", MILLION, TEN_THOUSAND),
    ),
    Figure(
        "`associate_many` with `on_progress`, wall, against the same without",
        1.02,
        _ratio("watched", "wall", WITH_PROGRESS, MANY),
    ),
    Figure(
        "`associate_many` with `journal`, wall, against the same without",
        1.10,
        _ratio("watched", "wall", WITH_JOURNAL, MANY),
    ),
)
