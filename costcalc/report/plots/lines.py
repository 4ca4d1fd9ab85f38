"""Cost against a setting, one line per value of the others; and over two settings as colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc.errors import UsageError, one_of
from costcalc.report.plots.axes import Axis, axes_of, measure, shown, shown_all
from costcalc.report.plots.style import SCALE, cost_axis, legend, look, units
from costcalc.report.tables.units import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis as Ruler
    from matplotlib.figure import Figure

LINES = (8.2, 4.8)
HEAT = (7.6, 5.2)
_NAMED = 14
"""More lines than this are told apart by a colour scale instead of by name."""
_MOST_LINES = 200
_WRITTEN = 12
"""A heat map with at most this many cells along each side has its figures written in them."""


class Line:
    """The points of one line, in order."""

    def __init__(self, label: str, place: float) -> None:
        self.label = label
        self.place = place
        self.points: list[tuple[float, float]] = []


def chosen_axis(rows: Sequence[dict[str, Any]], total: str, kind: str) -> Axis:
    """The axis that a kind of line plot is drawn along. Raises UsageError if the points do not vary along it."""
    axes = {axis.key: axis for axis in axes_of(rows, total)}
    if kind == "alpha":
        found = axes.get("alpha")
    elif kind == "resolution":
        found = axes.get("resolution") or axes.get("beta")
    else:
        others = [axis for key, axis in axes.items() if key not in ("alpha", "beta", "resolution", "network")]
        found = others[0] if others else None
    if found is None:
        what = {"resolution": "neither resolution nor beta varies", "alpha": "alpha does not vary"}
        raise UsageError(
            f"kind {kind}: {what.get(kind, 'no other setting varies')} in these points",
            expected=_examples(kind) if len(axes) == 0 else f"a kind for what varies: {one_of(axes)}",
        )
    return found


def _examples(kind: str) -> str:
    given = {"alpha": "--alpha 0.25:1:0.25", "resolution": "--resolution 128:224:32"}
    return f"several values, as {given.get(kind, '--set classes=10,100,1000')}"


def lines_of(rows: Sequence[dict[str, Any]], total: str, along: Axis) -> tuple[list[Line], list[Axis]]:
    """The lines along an axis, largest number first, and the settings that tell them apart; points are sorted."""
    others = [axis for axis in axes_of(rows, total) if axis.key != along.key]
    lines: dict[tuple[float, ...], Line] = {}
    for row in rows:
        places = [axis.places[row.get(axis.key)] for axis in others]
        key = tuple(-place if axis.is_number else place for axis, place in zip(others, places, strict=True))
        line = lines.setdefault(key, Line(shown_all(row, others), places[0] if places else 0.0))
        line.points.append((along.places[row.get(along.key)], row[total]))
    for line in lines.values():
        line.points.sort()
    return [lines[key] for key in sorted(lines)], others


def draw_lines(figure: Figure, rows: Sequence[dict[str, Any]], total: str, kind: str) -> None:
    """Cost against one setting. Raises UsageError if it does not vary, or if there are too many lines."""
    along = chosen_axis(rows, total, kind)
    lines, others = lines_of(rows, total, along)
    if len(lines) > _MOST_LINES:
        raise UsageError(f"{len(lines)} lines in one picture", expected=f"at most {_MOST_LINES}, or --kind heatmap")
    axes = figure.subplots()
    title = ", ".join(axis.short for axis in others)
    if len(lines) <= _NAMED:
        dots = max(len(line.points) for line in lines) <= 30
        for index, line in enumerate(lines):
            colour, marker = look(index)
            x, y = zip(*line.points, strict=True)
            style = "-" if along.is_number else ""  # between words there is nothing
            axes.plot(x, y, style, color=colour, marker=marker if dots else "", ms=4.5, lw=1.6, label=line.label)
        if others:
            legend(axes, title)
    else:
        _coloured(figure, axes, lines, title if len(others) == 1 and others[0].is_number else "")
    axes.set_xlabel(along.label)
    _ticks(axes.xaxis, along)
    cost_axis(axes, total)
    axes.grid(True, axis="both")


def _coloured(figure: Figure, axes: Axes, lines: Sequence[Line], title: str) -> None:
    """Many lines by a colour scale; where they have no order, one colour without names."""
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    scale = matplotlib.colormaps[SCALE]
    places = [line.place for line in lines]
    norm = Normalize(min(places), max(places))
    for line in lines:
        x, y = zip(*line.points, strict=True)
        axes.plot(x, y, color=scale(norm(line.place)) if title else look(0)[0], lw=1.0)
    if title:
        figure.colorbar(ScalarMappable(norm, scale), ax=axes, label=title, pad=0.02)


def _ticks(ruler: Ruler, axis: Axis) -> None:
    """Ticks at the very values if they are few, without labels that would touch."""
    places = list(axis.places.values())
    if len(places) > 24:
        return
    span = max(places) - min(places)
    longest = max(len(shown(value)) for value in axis.values)
    gap = span * max(0.05, longest * 0.014)
    kept: list[int] = []
    for index in reversed(range(len(places))):
        if not kept or abs(places[kept[-1]] - places[index]) >= gap:
            kept.append(index)
    kept.sort()
    ruler.set_ticks([places[i] for i in kept], [shown(axis.values[i]) for i in kept])


def draw_heatmap(figure: Figure, rows: Sequence[dict[str, Any]], total: str) -> None:
    """Cost over two settings: alpha (or the first) across, the other upward. Raises UsageError for any other number."""
    import matplotlib
    import numpy as np
    from matplotlib.colors import LogNorm, Normalize

    varying = axes_of(rows, total)
    if len(varying) != 2:
        names = ", ".join(axis.key for axis in varying) or "none"
        raise UsageError(f"kind heatmap: {len(varying)} settings vary ({names})", expected="two that vary")
    across, up = sorted(varying, key=lambda axis: (axis.key != "alpha", axis.key in ("beta", "resolution")))
    grid = np.full((len(up.values), len(across.values)), np.nan)
    column = {value: index for index, value in enumerate(across.values)}
    line = {value: index for index, value in enumerate(up.values)}
    for row in rows:
        grid[line[row.get(up.key)], column[row.get(across.key)]] = row[total]
    least, most = float(np.nanmin(grid)), float(np.nanmax(grid))
    norm: Normalize = LogNorm(least, most) if least > 0 and most / least > 10 else Normalize(min(least, 0), most)
    axes = figure.subplots()
    scale = matplotlib.colormaps[SCALE]
    few = max(grid.shape) <= 24
    if few or not (across.is_number and up.is_number):
        mesh = axes.pcolormesh(grid, norm=norm, cmap=scale, edgecolors="white", linewidth=0.8 if few else 0)
        _cell_ticks(axes.xaxis, across, max(len(shown(value)) for value in across.values) + 1.5)
        _cell_ticks(axes.yaxis, up, 3.0)
    else:
        x, y = (list(axis.places.values()) for axis in (across, up))
        mesh = axes.pcolormesh(x, y, grid, norm=norm, cmap=scale, shading="nearest", rasterized=True)
    if max(grid.shape) <= _WRITTEN:
        for (i, j), value in np.ndenumerate(grid):
            if not np.isnan(value):
                dark = norm(value) < 0.5
                axes.text(j + 0.5, i + 0.5, three_digits(value), ha="center", va="center", size=8,
                          color="white" if dark else "black")  # fmt: skip
    bar = figure.colorbar(mesh, ax=axes, pad=0.02, format=units(total))
    bar.set_label(measure(total) + (" (logarithmic)" if isinstance(norm, LogNorm) else ""))
    if isinstance(norm, LogNorm):
        from matplotlib.ticker import LogLocator, NullFormatter

        bar.ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=20))
        bar.ax.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(across.label)
    axes.set_ylabel(up.label)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cell_ticks(ruler: Ruler, axis: Axis, room: float) -> None:
    """Ticks in the middle of cells, as many as there is room for: 75 characters along the axis, `room` for each."""
    step = math.ceil(len(axis.values) * room / 75)
    kept = range(0, len(axis.values), step)
    ruler.set_ticks([index + 0.5 for index in kept], [shown(axis.values[index]) for index in kept])
    ruler.set_tick_params(length=0)


def three_digits(value: float) -> str:
    """A figure in three significant digits, for places with little room: 569M, 41.0M, 1.16G."""
    text = short(round(value))
    if not text[-1].isalpha():
        return text
    digits, unit = text[:-1], text[-1]
    number = float(digits)
    return (
        f"{number:.2f}{unit}" if number < 9.995 else f"{number:.1f}{unit}" if number < 99.95 else f"{number:.0f}{unit}"
    )
