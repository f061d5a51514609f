"""The simulation as a picture, drawn by an environment of its own: `python -m benchmarks.limit_picture FILE < rows.json`."""

import json
import sys
from typing import Any

from matplotlib import pyplot

from benchmarks.picture import OTHERS, OURS, STYLE

COLORS = {"adapts": OURS, "always 32": OTHERS}
COLUMNS = (
    ("limit", "calls under way"),
    ("replies", "replies a second"),
    ("waits", "another client waits, ms"),
)


def draw(rows: list[dict[str, Any]], file: str) -> None:
    figure, axes = pyplot.subplots(len(rows), len(COLUMNS), figsize=(12, 2.2 * len(rows)))
    for row, line in zip(rows, axes, strict=True):
        line[0].set_title(row["title"], loc="left", fontweight="bold", fontsize=10)
        for (key, label), axis in zip(COLUMNS, line, strict=True):
            for name in reversed(COLORS):
                draw_run(axis, key, row["runs"][name][key], name)
            axis.set_ylabel(label)
            axis.set_ylim(bottom=0)
            axis.spines[["top", "right"]].set_visible(False)
    axes[-1][0].legend(frameon=False, loc="upper right")
    for axis in axes[-1]:
        axis.set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def draw_run(axis: Any, key: str, points: list[tuple[float, float]], name: str) -> None:
    moments, values = zip(*points, strict=True)
    if key == "waits":
        axis.plot(moments, values, ".", markersize=3, color=COLORS[name], label=name)
    elif key == "limit":
        axis.step(moments, values, where="post", color=COLORS[name], label=name)
    else:
        axis.plot(moments, values, color=COLORS[name], label=name)


if __name__ == "__main__":
    pyplot.switch_backend("svg")
    with pyplot.rc_context(STYLE):
        draw(json.load(sys.stdin), sys.argv[1])
