"""One figure against another, as published top-1 against cost: of settings, of layers, of a catalogue by family."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from costcalc.analysis.frontier import frontier
from costcalc.errors import UsageError
from costcalc.report.plots.axes import Axis, axes_of, figure, measure, more_is_better, shown
from costcalc.report.plots.canvas import Canvas
from costcalc.report.plots.kinds import TOP1
from costcalc.report.plots.labels import label_points
from costcalc.report.plots.palette import COLOURS, QUIET, look, shaded
from costcalc.report.plots.style import cost_axis, flattened, legend, log_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

POINTS, CATALOGUE = 8.2, 9.6
"""Inches of width."""
_LABELLED = 60
"""With more points than this only the frontier's are labelled."""
_FULL = 16
"""At most so many points have networks and settings in their names; of more, the colour alone tells the network."""
_FEW = 0.05
"""Points under this share of the highest are too near the axis to be told apart."""

_HIDES = 0.3
"""A sign hides another that is nearer than this part of its width."""
_SMALLER, _LARGER = 0.32, 1.5
"""The parts of their areas that signs have where one would hide another: the upper, the lower."""

Point = tuple[float, float]


def height(width: float, font: float) -> float:
    """Inches for a picture of points: taller where it is narrow."""
    return max(0.65 * width, 2.8)


def catalogue_height(width: float, font: float) -> float:
    """Inches for a picture of a catalogue, whose frontier has many names."""
    return max(0.65 * width, 4.0)


def with_both(rows: Sequence[dict[str, Any]], total: str, value: str = TOP1) -> list[dict[str, Any]]:
    """The rows that have a cost and a value. Raises UsageError if there are none."""
    found = [row for row in rows if figure(row, value) is not None and (figure(row, total) or 0) > 0]
    if not found and value == TOP1:
        raise UsageError(
            "no published top-1 for any of these points",
            expected="settings that the authors give an accuracy for; `costcalc verify NETWORK` lists them",
        )
    if not found:
        raise UsageError(f"no row has both {total} and {value}", expected="measures that these rows have")
    return found


def comparable(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The networks whose top-1 is on images: all of them, unless there are others beside networks for video."""
    images = [row for row in rows if str(row.get("input", "")).count("x") < 3]  # TxHxWxC is video
    return images or list(rows)


def points_of(rows: Sequence[dict[str, Any]], total: str, value: str = TOP1) -> list[Point]:
    """Cost and value of rows that have both."""
    return [(figure(row, total) or 0.0, figure(row, value) or 0.0) for row in rows]


def label_of(row: dict[str, Any], axes: Sequence[Axis]) -> str:
    """A point's name: `0.75-192`, the network's name if that is all that varies."""
    varying = [shown(row.get(axis.key)) for axis in axes if axis.key != "network"]
    return "-".join(varying) or str(row.get("network", ""))


def labels_of(rows: Sequence[dict[str, Any]], axes: Sequence[Axis]) -> list[str]:
    """The points' names; of few points, each with its network before it where networks share the others' names."""
    labels = [label_of(row, axes) for row in rows]
    names = [str(row.get("network", "")) for row in rows]
    if len(set(labels)) == len(labels) or len(set(names)) == 1 or labels == names or len(rows) > _FULL:
        return labels
    return [f"{name} {label}" for name, label in zip(names, labels, strict=True)]


def draw_points(canvas: Canvas, rows: Sequence[dict[str, Any]], total: str, value: str = TOP1) -> None:
    """A value against cost on a logarithmic axis, points labelled by their settings, the frontier drawn.

    Networks differ in hue and sign, the values of the first other setting in shade. Raises UsageError if no row has
    both.
    """
    found = with_both(rows, total, value)
    points = points_of(found, total, value)
    varying = axes_of(rows, total)
    axes = canvas.figure.subplots()
    _limits(canvas, axes, points, total, value)
    networks = next((axis for axis in varying if axis.key == "network"), None)
    series = None if networks is not None and len(varying) == 1 else networks or next(iter(varying), None)
    values = () if series is None else reversed(series.values) if series.is_number else series.values
    groups: dict[str, list[Point]] = {shown(value): [] for value in values}
    for row, point in zip(found, points, strict=True):
        groups.setdefault(shown(row.get(series.key)) if series else "", []).append(point)
    groups = {name: members for name, members in groups.items() if members}
    several = len(groups) > 1
    looks = {name: look(number) for number, name in enumerate(groups)}
    if series is not None and series.is_number:
        looks = {name: (shaded(COLOURS[0], number, len(groups)), look(number)[1]) for number, name in enumerate(groups)}
    _groups(canvas, axes, groups if several else {"": points}, looks if several else {"": look(0)})
    best = frontier(points, more_is_better(value))
    steps = _frontier(canvas, axes, points, best)
    if several:
        legend(canvas, axes, series.short if series is not None and series.key != "network" else "")
    elif steps:
        canvas.remarks.append("dashed: the frontier")
    if value == TOP1:
        _remark(canvas, len(rows) - len(found), len(rows), "points have no published top-1")
    _name(canvas, axes, points, labels_of(found, varying), best, steps, _LABELLED)


def draw_layers(canvas: Canvas, rows: Sequence[dict[str, Any]], total: str, value: str) -> None:
    """One measure of each layer against another, a colour and a marker for each operator.

    Raises UsageError if no layer has both.
    """
    found = with_both(rows, total, value)
    _remark(canvas, len(rows) - len(found), len(rows), f"layers have no {measure(total)}")
    if flattened([height for _, height in points_of(found, total, value)], _FEW):
        above = [row for row in found if (figure(row, value) or 0) > 0]
        _remark(canvas, len(found) - len(above), len(rows), f"layers have no {measure(value)}")
        found = above
    points = points_of(found, total, value)
    axes = canvas.figure.subplots()
    _limits(canvas, axes, points, total, value)
    groups: dict[str, list[Point]] = {}
    for row, point in zip(found, points, strict=True):
        groups.setdefault(str(row["op"]), []).append(point)
    _groups(canvas, axes, groups, {name: look(number) for number, name in enumerate(groups)})
    legend(canvas, axes, "operator")
    _name(canvas, axes, points, [str(row["name"]) for row in found], [], [], _LABELLED)


def draw_catalogue(canvas: Canvas, rows: Sequence[dict[str, Any]], total: str, value: str = TOP1) -> None:
    """A value (top-1) against cost, a colour and a marker for each family, the frontier drawn and its networks named.

    Families on the frontier have the colours that are told apart best. Networks for video are left out beside others:
    their top-1 is on other data. Raises UsageError if no row has a published top-1.
    """
    both = with_both(rows, total, value)
    found = comparable(both) if value == TOP1 else both
    points = points_of(found, total, value)
    axes = canvas.figure.subplots()
    _limits(canvas, axes, points, total, value, above=0.15)
    best = frontier(points, more_is_better(value))
    families = [str(row.get("family") or "others") for row in found]
    order = dict.fromkeys([*(families[index] for index in best), *sorted(families)])
    looks = {name: look(number) for number, name in enumerate(order)}
    groups: dict[str, list[Point]] = {name: [] for name in sorted(looks)}
    for family, point in zip(families, points, strict=True):
        groups[family].append(point)
    _groups(canvas, axes, groups, looks)
    steps = _frontier(canvas, axes, points, best)
    legend(canvas, axes, "family")
    if value == TOP1:
        images = " on images" if len(found) < len(both) else ""
        _remark(canvas, len(rows) - len(found), len(rows), f"networks have no published top-1{images}")
    _name(canvas, axes, points, [str(row["network"]) for row in found], best, steps, _LABELLED // 2)


def _name(
    canvas: Canvas,
    axes: Axes,
    points: Sequence[Point],
    names: Sequence[str],
    best: Sequence[int],
    steps: Sequence[Point],
    most: int,
) -> None:
    """Name the points of the frontier, and the others if they are few for the picture; those in one place together."""
    few = len(points) <= most
    order = [*best, *(index for index in range(len(points)) if index not in best)] if few else best
    if not order:
        canvas.remarks.append(f"{len(points)} points without names")
    together: dict[Point, list[str]] = {}
    for index in sorted(order, key=lambda index: points[index]):
        together.setdefault(points[index], []).append(names[index])
    labels = [f"{first} and {len(more)} more" if more else first for first, *more in together.values()]
    label_points(canvas, axes, list(together), labels, steps, points)


def _limits(canvas: Canvas, axes: Axes, points: Sequence[Point], total: str, value: str, above: float = 0.1) -> None:
    """The axes' limits; `above` is room for names over the points, in parts of what they span."""
    costs, heights = zip(*points, strict=True)
    spare = max(1.25, (max(costs) / min(costs)) ** 0.06)
    log_axis(canvas, axes, total, "x", (min(costs) / spare, max(costs) * spare), 0.72 * canvas.width)
    axes.grid(True, axis="both", which="major")
    if value == TOP1:
        room = max(1.0, 0.1 * (max(heights) - min(heights)))
        axes.set_ylim(min(heights) - room, max(heights) + max(room, above * (max(heights) - min(heights))))
        axes.set_ylabel(measure(value))
    elif flattened(heights, _FEW) and min(heights) > 0:
        spare = max(1.25, (max(heights) / min(heights)) ** 0.08)
        log_axis(canvas, axes, value, "y", (min(heights) / spare, max(heights) * spare), 0.8 * canvas.height)
    else:
        cost_axis(axes, value, most=max(heights) or 1)
        axes.set_ylim(0, (max(heights) or 1) * 1.1)


def _groups(canvas: Canvas, axes: Axes, groups: dict[str, list[Point]], looks: dict[str, tuple[str, str]]) -> None:
    """Each group in a colour and marker of its own; one that lies on another's is smaller, so that both are seen."""
    made = []
    for number, (name, members) in enumerate(groups.items()):
        colour, marker = looks[name]
        x, y = zip(*members, strict=True)
        size = max(30, 46 - 4 * number) * canvas.scale**2
        signs = axes.scatter(
            x, y, s=size, color=colour, marker=marker, zorder=3, clip_on=False,
            label=name or None, linewidths=0.5 * canvas.scale, rasterized=len(members) > 2000, edgecolors="white",
        )  # fmt: skip
        made.append((signs, members, size))
    if sum(map(len, groups.values())) <= _LABELLED:
        canvas.settled(partial(_uncover, canvas, axes, made))


def _uncover(canvas: Canvas, axes: Axes, made: Sequence[tuple[PathCollection, list[Point], float]]) -> None:
    """A sign that would hide another group's becomes smaller, and the hidden one a little larger."""
    from math import dist, sqrt

    places = [[(float(x), float(y)) for x, y in axes.transData.transform(members)] for _, members, _ in made]
    near = [_HIDES * sqrt(size) * canvas.figure.dpi / 72 for _, _, size in made]
    for own, (signs, _, size) in enumerate(made):
        over = [sum(dist(place, other) < near[own] for group in places[:own] for other in group)
                for place in places[own]]  # fmt: skip
        under = [any(dist(place, other) < near[later] for later in range(own + 1, len(made)) for other in places[later])
                 for place in places[own]]  # fmt: skip
        if any(over) or any(under):
            signs.set_sizes([
                size * _SMALLER ** min(count, 2) * (_LARGER if hidden else 1)
                for count, hidden in zip(over, under, strict=True)
            ])  # fmt: skip


def _frontier(canvas: Canvas, axes: Axes, points: Sequence[Point], best: Sequence[int]) -> list[Point]:
    """As steps, and their corners: up to the next point's cost nothing better can be had."""
    if len(best) < 2:
        return []
    corners = [points[best[0]]]
    for index in best[1:]:
        corners += [(points[index][0], corners[-1][1]), points[index]]
    x, y = zip(*corners, strict=True)
    axes.plot(x, y, color=QUIET, lw=canvas.scale, ls=(0, (4, 2)), zorder=1, label="frontier", gid="frontier")
    return corners


def _remark(canvas: Canvas, left_out: int, of: int, what: str) -> None:
    if left_out:
        canvas.remarks.append(f"{left_out} of {of} {what.replace(' have ', ' has ') if left_out == 1 else what}")
