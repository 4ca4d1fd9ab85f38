"""Waterfalls between totals: a bar for each step, from the total before it to the total after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING

from costcalc.analysis.explain.explanation import Explanation
from costcalc.analysis.explain.waterfall import Line, Waterfall, signed
from costcalc.escape import printable
from costcalc.report.files import write_whole
from costcalc.report.plots.canvas import Canvas, Drawing, drawn
from costcalc.report.plots.kinds import format_of
from costcalc.report.plots.labels import figures_at_ends
from costcalc.report.plots.palette import COLOURS, QUIET, SMALL, SMALL_SHARE
from costcalc.report.plots.style import flattened
from costcalc.report.tables.units import grouped, short
from costcalc.report.tables.units import signed as signed_figure
from costcalc.report.titles import settings_of
from costcalc.typed.page import Page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_STEPS = 12
"""So many steps are drawn of a waterfall."""
_LINE, _LEAST_LINE = 2.3, 1.2
_HEAD = 5.0
"""Height of a step, and of what stands around a waterfall, in the size of small letters."""
_WIDTH = 9.0
TINY = 0.02
"""A step under this share of the largest is too small to be seen."""


def write_waterfalls(explanation: Explanation, file: str, page: Page | None = None) -> None:
    """Draw the waterfalls into `file` (.svg, .png or .pdf), one below the other.

    Raises UsageError for another ending, and for a page that is too small.
    """
    falls = explanation.waterfalls
    network = explanation.network
    drawing = Drawing(partial(_draw, falls=falls), _WIDTH, partial(_height, falls), partial(_least, falls))
    note = printable(f"{settings_of(network)}; what is counted more and less")
    write_whole(drawn(drawing, network.title, note, page, format_of(file)), file)


def _height(falls: Sequence[Waterfall], width: float, font: float, line: float = _LINE) -> float:
    lines = (2.1 if _narrow(width, font) else 1.0) if line == _LEAST_LINE else (1.25 if _narrow(width, font) else 1.0)
    return sum(_HEAD + lines * line * (len(_shown(fall)) + 2) for fall in falls) * SMALL_SHARE * font / 72


def _least(falls: Sequence[Waterfall], width: float, font: float) -> float:
    return _height(falls, width, font, _LEAST_LINE)


def _narrow(width: float, font: float) -> bool:
    """Whether names stand in two lines, and nothing is enlarged beside the bars."""
    return width * 72 / font < 50


def _draw(canvas: Canvas, falls: Sequence[Waterfall]) -> None:
    heights = [_HEAD + _LINE * (len(_shown(fall)) + 2) for fall in falls]
    grid = canvas.figure.add_gridspec(len(falls), 3, height_ratios=heights)
    narrow = _narrow(canvas.width, canvas.font)
    for place, fall in enumerate(falls):
        lines = _shown(fall)
        small = None if narrow else _small(lines)
        axes = canvas.figure.add_subplot(grid[place, : 3 if small is None else 2])
        _bars(canvas, axes, fall, lines)
        ends = [max(0, *pair) for pair in _pairs(lines)]
        figures_at_ends(canvas, axes, [0, *ends], ["", *(signed_figure(line.amount) for line in lines)])
        names = [_end(fall.start, fall.first), *map(_name, lines), _end(fall.end, fall.last)]
        axes.set_yticks(
            range(len(names)), [name.replace("  ", "\n", 1) if narrow else name for name in names], fontsize=SMALL
        )
        difference = signed_figure(fall.last - fall.first)
        axes.set_title(printable(f"{fall.start} to {fall.end}: {difference}"), loc="left")
        if small is not None:
            beside = canvas.figure.add_subplot(grid[place, 2])
            _bars(canvas, beside, fall, lines)
            low, high = small
            room = 0.08 * (high - low)
            beside.set_xlim(low - 2 * room, high + room)
            beside.set_yticks([])
            beside.set_title("its end, enlarged" if small[1] == _reached(lines)[-1] else "enlarged", loc="left")
            beside.locator_params(axis="x", nbins=3)


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


def _reached(lines: Sequence[Line]) -> list[int]:
    """The difference after each step, from none."""
    return [0, *accumulate(line.amount for line in lines)]


def _pairs(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Before and after each step."""
    return pairwise(_reached(lines))


def _small(lines: Sequence[Line]) -> tuple[int, int] | None:
    """From where to where the smallest steps in a row reach, if large ones press them to nothing."""
    if not flattened([abs(line.amount) for line in lines]):
        return None
    most = max(abs(line.amount) for line in lines)
    runs = [(bool(small), list(found)) for small, found in groupby(
        range(len(lines)), lambda index: abs(lines[index].amount) < TINY * most
    )]  # fmt: skip
    longest = max((found for small, found in runs if small), key=len)
    reached = _reached(lines)[longest[0] : longest[-1] + 2]
    return (min(reached), max(reached)) if len(set(reached)) > 1 else None


def _bars(canvas: Canvas, axes: Axes, fall: Waterfall, lines: Sequence[Line]) -> None:
    """A bar for each step, joined to the next; the totals as thick strokes."""
    from matplotlib.ticker import EngFormatter

    reached = _reached(lines)
    low, high = min(reached), max(reached)
    last = len(lines) + 1
    for place, (line, (before, after)) in enumerate(zip(lines, _pairs(lines), strict=True), start=1):
        axes.barh(place, line.amount, left=before, height=0.7, color=COLOURS[0] if line.amount > 0 else COLOURS[1])
        axes.plot([after, after], [place, place + 1], color=QUIET, linewidth=0.8 * canvas.scale)
    for place, value in ((0, 0), (last, reached[-1])):
        axes.plot([value, value], [place - 0.35, place + 0.35], color="black", linewidth=2.5 * canvas.scale)
    axes.plot([0, 0], [0, 1], color=QUIET, linewidth=0.8 * canvas.scale)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(last + 0.5, -0.5)
    axes.set_xlim(low - 0.05 * ((high - low) or 1), high)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.locator_params(axis="x", nbins=max(2, round(0.5 * canvas.width * 72 / canvas.font / 7)))


def _end(name: str, total: int) -> str:
    return printable(f"{name}  {grouped(total)}")


def _name(line: Line) -> str:
    if not line.of:
        return printable(line.name)
    return printable(f"{line.name}  {signed(line.each)} x {short(line.elements)} {line.of}")
