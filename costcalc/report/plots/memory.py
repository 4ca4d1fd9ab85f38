"""Live memory over the steps of a network, stacked by map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.escape import printable
from costcalc.report.plots.bars import runs
from costcalc.report.plots.canvas import Canvas
from costcalc.report.plots.labels import shortened, spread
from costcalc.report.plots.palette import COLOURS, QUIET, SMALL
from costcalc.report.plots.style import cost_axis, legend
from costcalc.report.tables.units import short_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 11.0
"""Inches."""
_NAMED = 7
_TINTS = ("#d9d9d9", "#e8e8e8", "#cccccc")
_LONGEST = 34
_MANY = 150
"""From this many steps on maps have no edges: they would hide what they surround."""


class Band(NamedTuple):
    """A map: its bytes, and the steps from `start` up to `stop`, with the bytes that lie below it at each."""

    name: str
    bytes: int
    start: int
    below: tuple[int, ...]

    @property
    def stop(self) -> int:
        """The step after its last one."""
        return self.start + len(self.below)


def bands(rows: Sequence[dict[str, Any]]) -> list[Band]:
    """The maps of steps as bands, those that were written first at the bottom."""
    below: dict[str, list[int]] = {}
    start: dict[str, int] = {}
    size: dict[str, int] = {}
    for step, row in enumerate(rows):
        height = 0
        for name, count in row["maps"].items():
            below.setdefault(name, []).append(height)
            start.setdefault(name, step)
            size[name] = count
            height += count
    return [Band(printable(name), size[name], start[name], tuple(heights)) for name, heights in below.items()]


def named(rows: Sequence[dict[str, Any]], found: Sequence[Band]) -> list[Band]:
    """The bands that have a name in the picture: the largest at the peak, then the largest elsewhere; of
    equal ones those that live longer."""
    peak = peak_of(rows)
    at_peak = [band for band in found if band.start <= peak < band.stop]
    others = [band for band in found if band not in at_peak]
    chosen = [
        *sorted(at_peak, key=lambda band: -band.bytes)[: _NAMED - 2],
        *sorted(others, key=lambda band: (-band.bytes, -len(band.below))),
    ]
    return sorted(chosen[:_NAMED], key=lambda band: band.start)


def peak_of(rows: Sequence[dict[str, Any]]) -> int:
    """The first step at which most memory is alive."""
    return max(range(len(rows)), key=lambda step: rows[step]["live_bytes"])


def height(width: float, font: float) -> float:
    """Inches for a picture of memory, with names of runs that stand upright below it."""
    return max(0.44 * width, 2.6) + 8 * font / 72


def draw_memory(canvas: Canvas, rows: Sequence[dict[str, Any]]) -> None:
    """Each map as a band from the step that writes it to the last that reads it; the peak is marked."""
    axes = canvas.figure.subplots()
    found = bands(rows)
    chosen = {band.name: COLOURS[place] for place, band in enumerate(named(rows, found))}
    edge = 0.0 if len(rows) > _MANY else 0.5 * canvas.scale
    for place, band in enumerate(found):
        low, high = [*band.below, band.below[-1]], [*(under + band.bytes for under in band.below), 0]
        high[-1] = high[-2]
        axes.fill_between(
            range(band.start + 1, band.stop + 2), low, high, step="post",
            color=chosen.get(band.name, _TINTS[place % len(_TINTS)]), edgecolor="white", linewidth=edge,
            label=f"{shortened(band.name, _LONGEST)}  {short_bytes(band.bytes)}" if band.name in chosen else None,
        )  # fmt: skip
    most = max(row["live_bytes"] for row in rows) or 1
    axes.set_xlim(1, len(rows) + 1)
    cost_axis(axes, "live_bytes", most=1.1 * most)
    _mark(canvas, axes, rows)
    _name_steps(canvas, axes, rows)
    legend(canvas, axes, "largest maps")
    canvas.remarks.append(f"{len(rows)} steps from left to right: one for each layer that writes a map")


def _name_steps(canvas: Canvas, axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """Each run of steps by name, upright below its middle; ticks where one ends and the next begins."""
    found = runs([{"output": "", **row} for row in rows])
    axes.set_xticks([1, *(run.stop + 1 for run in found)], [""] * (len(found) + 1))
    names = [
        axes.annotate(
            run.name, (1 + (run.start + run.stop) / 2, 0), (1 + (run.start + run.stop) / 2, -0.03),
            xycoords=axes.get_xaxis_transform(), textcoords=axes.get_xaxis_transform(), rotation=90, va="top",
            ha="center", fontsize=SMALL, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 0.5 * canvas.scale, "color": QUIET, "relpos": (0.5, 1), "shrinkA": 1,
                        "shrinkB": 0},
        )
        for run in found
    ]  # fmt: skip

    def part() -> None:
        box = axes.get_window_extent()
        letter = canvas.letter
        wanted = [float(axes.transData.transform((1 + (run.start + run.stop) / 2, 0))[0]) for run in found]
        for text, place in zip(names, spread(wanted, 1.2 * letter, box.x0, box.x1), strict=True):
            text.xyann = (float(axes.transData.inverted().transform((place, 0))[0]), -0.03)

    canvas.settled(part)


def _mark(canvas: Canvas, axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    """A line at the peak's height, and its step's name where there is room."""
    step = peak_of(rows)
    height = rows[step]["live_bytes"]
    right = step > len(rows) / 2
    axes.axhline(height, color=QUIET, linewidth=0.8 * canvas.scale, linestyle=(0, (4, 3)))
    axes.annotate(
        f"peak {short_bytes(height)} at {rows[step]['name']}, step {step + 1}",
        (step + 1.5, height), (-4 if right else 4, 7 * canvas.scale), textcoords="offset points",
        ha="right" if right else "left", fontsize=SMALL, fontweight="bold",
    )  # fmt: skip
    axes.plot([step + 1.5], [height], marker="v", markersize=6 * canvas.scale, color="black", clip_on=False)
