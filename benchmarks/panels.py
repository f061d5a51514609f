"""The part of the results that the picture shows."""

import json
import os
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.cases import (
    AIOHTTP,
    AIOHTTP_JSON,
    ALLOW,
    ASSOCIATE,
    ASYNC,
    DECODE,
    FACADE,
    JSON,
    LIMIT,
    MANY,
    MULTI,
)
from benchmarks.environments import HTTPX2, SDK_2, SDK_5, WREQ
from benchmarks.figures import Quantity, each
from benchmarks.run import Results

OURS = (ASSOCIATE, MANY, FACADE, ASYNC, DECODE)


@dataclass(frozen=True)
class Panel:
    """A chart of some clients of a case."""

    case: str
    title: str
    unit: str
    scale: float
    """From seconds to the unit."""
    quantity: Quantity
    entries: tuple[str, ...]
    logarithmic: bool = False


PANELS = (
    Panel(
        "calls-32",
        "Associating assets, 32 at a time",
        "CPU per call, µs (logarithmic)",
        1e6,
        "cpu",
        (MANY, ASSOCIATE, AIOHTTP, SDK_5, WREQ, MULTI, HTTPX2, LIMIT),
        logarithmic=True,
    ),
    Panel(
        "facade",
        "One blocking call after the other",
        "time per call, µs",
        1e6,
        "wall",
        (FACADE, SDK_5, SDK_2),
    ),
    Panel(
        "decode-messages",
        "Decoding 200 messages",
        "CPU, ms",
        1e3,
        "cpu",
        (DECODE, JSON, ALLOW, SDK_5, SDK_2),
    ),
    Panel(
        "first-call",
        "Import and first get_conversation",
        "time, ms",
        1e3,
        "wall",
        (FACADE, ASYNC, AIOHTTP_JSON, SDK_5, SDK_2),
    ),
)


def draw(results: Results, file: Path, python: Path) -> None:
    """Have an interpreter that has matplotlib draw the picture."""
    script = Path(__file__).with_name("picture.py")
    panels = json.dumps([_content(panel, results) for panel in PANELS])
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"MPLCONFIGDIR": cache}
        subprocess.run([python, script, file], input=panels, text=True, env=environment, check=True)


def _content(panel: Panel, results: Results) -> dict[str, object]:
    bars = []
    for name in panel.entries:
        if samples := results[panel.case].get(name):
            value = asdict(each(samples, panel.quantity))
            lengths = {part: seconds * panel.scale for part, seconds in value.items()}
            bars.append({"name": name.replace("`", ""), "ours": name in OURS, **lengths})
    return {
        "title": panel.title,
        "unit": panel.unit,
        "logarithmic": panel.logarithmic,
        "bars": bars,
    }
