"""The results as text: the figures with their bounds, then a table for every case."""

import os
import platform
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.cases import Case
from benchmarks.environments import versions
from benchmarks.figures import FIGURES, Figure, Value, each, rss
from benchmarks.run import Measured, Plan, Results
from conversation_client._version import __version__

METHOD = """\
A server in C answers from memory on a core of its own; the client has another one, and takes turns
with the others, round after round, in a new process each time, which warms up before it measures.
Every client makes its ids, or its requests of them, while it is measured.
Times are medians over the rounds, with the least and the most of them. CPU is all that the client's
process used, in the kernel too. Each client checks the status of every reply, and the server's count
of requests is compared with the client's after every sample. The processes that measure `decode` and
`encode` first assert that the document comes back as it was, fields that no model knows included,
and times as the same instants."""

Row = Sequence[str]


def written(
    results: Results, cases: Collection[Case], interpreters: Mapping[str, Path], plan: Plan
) -> str:
    """Return all that is to be told, in Markdown."""
    parts = [
        "# Benchmarks",
        f"By `python -m benchmarks`, rounds: {plan.rounds}, on {_today()}.",
        "\n".join(f"- {line}" for line in _surroundings(interpreters)),
        METHOD,
        "## Figures",
        figures(results),
    ]
    for case in cases:
        parts += [f"## {case.title}", _case(case, results[case.name])]
    return "\n\n".join(parts) + "\n"


def figures(results: Results) -> str:
    """Return the figures that were measured, each with its bound, as a table in Markdown."""
    rows = []
    for figure in FIGURES:
        try:
            value = figure.value(results)
        except KeyError:  # of a case or client that was left out
            continue
        spread = f"{_shown(figure, value.low)} to {_shown(figure, value.high)}"
        holds = "yes" if value.median <= figure.bound else "**no**"
        bound = _shown(figure, figure.bound)
        rows.append((figure.text, _shown(figure, value.median), spread, bound, holds))
    return _table(("Figure", "Measured", "Rounds", "At most", "Holds"), rows)


def _shown(figure: Figure, value: float) -> str:
    if figure.unit != "x":
        return f"{value:.1f} {figure.unit}".rstrip()
    return f"1/{1 / value:.1f} x" if value < 1 / 3 else f"{value:.2f} x"


def _case(case: Case, results: Mapping[str, list[Measured]]) -> str:
    usual = median(each(samples, "wall").median for samples in results.values())
    unit, scale = ("ms", 1e3) if usual > 0.001 else ("µs", 1e6)
    header = [
        "Client",
        f"CPU, {unit}/{case.each}",
        f"against {case.against}",
        f"wall, {unit}/{case.each}",
        "peak MiB",
    ]
    if case.sends:
        header.append("server's CPU, µs/request")
    if case.extra:
        header.append(case.extra)
    rows = []
    for name, samples in results.items():
        cpu = each(samples, "cpu")
        against = cpu.median / each(results.get(case.against, samples), "cpu").median
        wall = _spread(each(samples, "wall"), scale)
        row = [name, _spread(cpu, scale), f"{against:.2f}", wall, f"{rss(samples).median:.1f}"]
        if case.sends:
            row.append(f"{median(sample.server for sample in samples) * 1e6:.1f}")
        if case.extra:
            row.append(_spread(each(samples, "extra"), 1))
        rows.append(row)
    return _table(header, rows)


def _spread(value: Value, scale: float) -> str:
    middle, low, high = (_number(part * scale) for part in (value.median, value.low, value.high))
    return middle if value.low == value.high else f"{middle} ({low} to {high})"


def _number(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def _table(header: Row, rows: Iterable[Row]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# Where and with what


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _surroundings(interpreters: Mapping[str, Path]) -> list[str]:
    load, _, _ = os.getloadavg()
    lines = [
        f"{_processor()}, {os.cpu_count()} cores, load {load:.1f} at the end; "
        f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}",
        f"{platform.python_implementation()} {platform.python_version()};"
        f" conversation-client {__version__}; {_compiler()}",
    ]
    for name, python in interpreters.items():
        told = ", ".join(f"{package} {number}" for package, number in versions(python).items())
        lines.append(f"{name}: {told}")
    return lines


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _compiler() -> str:
    command = [os.environ.get("CC", "cc"), "--version"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()[0]
