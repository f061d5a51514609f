"""The figures as a picture, drawn by an environment of its own: `picture.py FILE < panels.json`."""

import json
import sys
from typing import Any

from matplotlib import pyplot

OURS, OTHERS = "#1769aa", "#b8c0c8"
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.size": 9}


def draw(panels: list[dict[str, Any]], file: str) -> None:
    figure, axes = pyplot.subplots(len(panels) // 2, 2, figsize=(10, 2.4 * len(panels) / 2))
    for axis, panel in zip(axes.flat, panels, strict=True):
        draw_panel(axis, panel)
    figure.tight_layout(h_pad=2, w_pad=3)
    figure.savefig(file, metadata={"Date": None})


def draw_panel(axis: Any, panel: dict[str, Any]) -> None:
    bars = sorted(panel["bars"], key=lambda bar: bar["median"])
    names = [bar["name"] for bar in bars]
    lengths = [bar["median"] for bar in bars]
    spread = [
        [bar["median"] - bar["low"] for bar in bars],
        [bar["high"] - bar["median"] for bar in bars],
    ]
    colors = [OURS if bar["ours"] else OTHERS for bar in bars]
    axis.barh(names, lengths, xerr=spread, color=colors, error_kw={"lw": 0.8, "ecolor": "#555"})
    if panel["logarithmic"]:
        axis.set_xscale("log")
        axis.set_xlim(left=1)
    for place, bar in enumerate(bars):
        axis.annotate(
            f"{bar['median']:,.3g}" if bar["median"] < 100 else f"{bar['median']:,.0f}",
            (bar["high"], place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    axis.margins(x=0.2)
    axis.invert_yaxis()
    axis.set_title(panel["title"], loc="left", fontweight="bold", fontsize=10)
    axis.set_xlabel(panel["unit"])
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(axis="y", length=0)


if __name__ == "__main__":
    pyplot.switch_backend("svg")
    with pyplot.rc_context(STYLE):
        draw(json.load(sys.stdin), sys.argv[1])
