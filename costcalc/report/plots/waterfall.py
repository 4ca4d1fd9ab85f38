"""Waterfalls between totals: a bar for each step, from the total before it to the total after it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from costcalc.analysis.explain.explanation import Explanation
from costcalc.analysis.explain.waterfall import Line, Waterfall, signed
from costcalc.escape import printable
from costcalc.report.files import write_whole
from costcalc.report.plots.kinds import format_of
from costcalc.report.plots.style import COLOURS, QUIET, drawn
from costcalc.report.report import title_of
from costcalc.report.tables.units import grouped, short
from costcalc.report.tables.units import signed as signed_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_STEPS = 12
"""So many steps are drawn of a waterfall."""
_LINE = 0.3
_HEAD = 0.85
_LEFT, _RIGHT = 0.05, 0.24
"""Room beside the bars for figures, as parts of the widest."""


def write_waterfalls(explanation: Explanation, file: str) -> None:
    """Draw the waterfalls into `file` (.svg, .png or .pdf), one below the other.

    Raises UsageError for another ending.
    """
    falls = explanation.waterfalls
    height = 0.6 + sum(_HEAD + _LINE * (len(_shown(fall)) + 2) for fall in falls)
    title = printable(f"{title_of(explanation.network)}: what is counted more and less")
    write_whole(drawn(partial(_draw, falls=falls), (9.0, height), title, format_of(file)), file)


def _draw(figure: Figure, falls: Sequence[Waterfall]) -> None:
    heights = [_HEAD + _LINE * (len(_shown(fall)) + 2) for fall in falls]
    panels = figure.subplots(len(falls), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, fall in zip(panels, falls, strict=True):
        _panel(axes, fall)


def _shown(fall: Waterfall) -> tuple[Line, ...]:
    """The steps that are drawn: the smallest of the rules' as one where they are too many."""
    extra = len(fall.lines) - MOST_STEPS
    if extra <= 0:
        return fall.lines
    counted = sorted((line for line in fall.lines if line.of), key=lambda line: abs(line.amount))
    small = counted[: extra + 1]
    kept = [line for line in fall.lines if line not in small]
    place = next((index for index, line in enumerate(kept) if not line.of), len(kept))
    kept.insert(place, Line(f"{len(small)} smaller steps", sum(line.amount for line in small)))
    return tuple(kept)


def _panel(axes: Axes, fall: Waterfall) -> None:
    from matplotlib.ticker import EngFormatter

    lines = _shown(fall)
    names = [_end(fall.start, fall.first), *map(_name, lines), _end(fall.end, fall.last)]
    reached = [0]
    for line in lines:
        reached.append(reached[-1] + line.amount)
    low, high = min(reached), max(reached)
    wide = (high - low) or 1
    for place, (line, before, after) in enumerate(zip(lines, reached, reached[1:], strict=False), start=1):
        axes.barh(place, line.amount, left=before, height=0.7, color=COLOURS[0] if line.amount > 0 else COLOURS[1])
        axes.plot([after, after], [place, place + 1], color=QUIET, linewidth=0.8)
        axes.text(
            max(before, after) + wide * 0.01, place, signed_figure(line.amount), va="center", fontsize=8
        )  # fmt: skip
    for place, value in ((0, 0), (len(names) - 1, reached[-1])):
        axes.plot([value, value], [place - 0.35, place + 0.35], color="black", linewidth=2.5)
    axes.plot([0, 0], [0, 1], color=QUIET, linewidth=0.8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(low - _LEFT * wide, high + _RIGHT * wide)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.locator_params(axis="x", nbins=6)
    axes.set_title(printable(f"{fall.start} to {fall.end}: {signed_figure(fall.last - fall.first)}"), loc="left")


def _end(name: str, total: int) -> str:
    return printable(f"{name}  {grouped(total)}")


def _name(line: Line) -> str:
    if not line.of:
        return printable(line.name)
    return printable(f"{line.name}  {signed(line.each)} x {short(line.elements)} {line.of}")
