"""Cost against a setting, one line per value of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc.errors import UsageError, one_of
from costcalc.report.plots.axes import Axis, axes_of, shown, shown_all
from costcalc.report.plots.canvas import Canvas
from costcalc.report.plots.labels import End, end_labels, fits, value_ticks
from costcalc.report.plots.palette import COLOURS, DASHES, SCALE, look, shaded
from costcalc.report.plots.style import cost_axis, flattened, legend, log_axis
from costcalc.report.tables.units import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 8.2
"""Inches."""
_NAMED = 24
"""More lines than this are told apart by a colour scale instead of by name."""
_MOST_LINES = 200
_FLAT = 0.05
"""A line under this share of the highest is flat."""


def height(width: float, font: float) -> float:
    """Inches for a picture of lines: a little taller where it is narrow."""
    return max(0.56 * width, 2.5)


class Line:
    """The points of one line, in order, and the row that its first one is of."""

    def __init__(self, label: str, place: float, row: dict[str, Any]) -> None:
        self.label = label
        self.place = place
        self.row = row
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
        line = lines.setdefault(key, Line(shown_all(row, others), places[0] if places else 0.0, row))
        line.points.append((along.places[row.get(along.key)], row[total]))
    for line in lines.values():
        line.points.sort()
    return [lines[key] for key in sorted(lines)], others


class Style:
    """How lines look: a hue and a sign for each network; a shade, a dash for the second setting and the third."""

    def __init__(self, others: Sequence[Axis]) -> None:
        self.network = next((axis for axis in others if axis.key == "network"), None)
        rest = [axis for axis in others if axis is not self.network]
        self.shade = next((axis for axis in rest if axis.is_number), None)
        self.dash = next((axis for axis in rest if axis is not self.shade), None)

    def hue(self, row: dict[str, Any]) -> tuple[str, str]:
        """The colour and the sign of a row's network."""
        return look(_rank(self.network, row))

    def of(self, row: dict[str, Any]) -> dict[str, Any]:
        """Colour, sign and dash, as Matplotlib names them."""
        colour, marker = self.hue(row)
        if self.shade is not None:
            count = len(self.shade.values)
            colour = shaded(colour, count - 1 - _rank(self.shade, row), count)  # the largest value is the darkest
        return {"color": colour, "marker": marker, "linestyle": DASHES[_rank(self.dash, row) % len(DASHES)]}


def _rank(axis: Axis | None, row: dict[str, Any]) -> int:
    return 0 if axis is None else axis.values.index(row.get(axis.key))


def draw_lines(canvas: Canvas, rows: Sequence[dict[str, Any]], total: str, kind: str) -> None:
    """Cost against one setting. Raises UsageError if it does not vary, or if there are too many lines."""
    along = chosen_axis(rows, total, kind)
    lines, others = lines_of(rows, total, along)
    if len(lines) > _MOST_LINES:
        raise UsageError(f"{len(lines)} lines in one picture", expected=f"at most {_MOST_LINES}, or --kind heatmap")
    axes = canvas.figure.subplots()
    _cost(canvas, axes, total, lines)
    numbers = len(others) == 1 and others[0].is_number
    if len(lines) > _NAMED or (numbers and not fits(canvas, len(lines))):
        _coloured(canvas, axes, lines, others[0].short if numbers else "")
    else:
        _named(canvas, axes, lines, others, along)
    axes.set_xlabel(along.label)
    axes.grid(True, axis="both")
    value_ticks(canvas, axes, "x", list(along.places.values()), [shown(value) for value in along.values])


def _cost(canvas: Canvas, axes: Axes, total: str, lines: Sequence[Line]) -> None:
    """The axis of costs: from zero, or logarithmic where one line would press the others to it."""
    heights = [y for line in lines for _, y in line.points]
    if flattened([max(y for _, y in line.points) for line in lines], _FLAT) and min(heights) > 0:
        log_axis(canvas, axes, total, "y", (min(heights) / 1.3, max(heights) * 1.3), canvas.height * 0.8)
    else:
        cost_axis(axes, total, most=max(heights))


def _named(canvas: Canvas, axes: Axes, lines: Sequence[Line], others: Sequence[Axis], along: Axis) -> None:
    """Each line in its own look, named at its end; below the axes where there is no room for the names."""
    style = Style(others)
    dots = max(len(line.points) for line in lines) <= 30
    for line in lines:
        x, y = zip(*line.points, strict=True)
        how = style.of(line.row)
        if not along.is_number:
            how["linestyle"] = ""  # between words there is nothing
        axes.plot(x, y, **{**how, "marker": how["marker"] if dots else ""}, label=line.label, clip_on=False)
    title = ", ".join(axis.short for axis in others)
    if not others:
        return
    if fits(canvas, len(lines)):
        ends = [End(*line.points[-1], line.label, style.hue(line.row)[0]) for line in lines]
        end_labels(canvas, axes, ends, title)
    else:
        legend(canvas, axes, title)


def _coloured(canvas: Canvas, axes: Axes, lines: Sequence[Line], title: str) -> None:
    """Many lines by a colour scale; where they have no order, one colour without names."""
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    scale = matplotlib.colormaps[SCALE]
    places = [line.place for line in lines]
    norm = Normalize(min(places), max(places))
    for line in lines:
        x, y = zip(*line.points, strict=True)
        axes.plot(x, y, color=scale(norm(line.place)) if title else COLOURS[0], lw=canvas.scale)
    if title:
        canvas.figure.colorbar(ScalarMappable(norm, scale), ax=axes, label=title, pad=0.02)
    else:
        canvas.remarks.append(f"{len(lines)} lines without names")


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
