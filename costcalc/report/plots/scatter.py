"""One figure against another, as published top-1 against cost: of settings, of layers, of a catalogue by family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc.analysis.frontier import frontier
from costcalc.errors import UsageError
from costcalc.report.plots.axes import Axis, axes_of, figure, measure, more_is_better, shown
from costcalc.report.plots.kinds import TOP1
from costcalc.report.plots.style import (
    COLOURS,
    QUIET,
    cost_axis,
    label_points,
    legend,
    log_cost_axis,
    look,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = (8.2, 5.4)
CATALOGUE = (9.6, 6.4)
_LABELLED = 60
"""With more points than this only the frontier's are labelled."""


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


def points_of(rows: Sequence[dict[str, Any]], total: str, value: str = TOP1) -> list[tuple[float, float]]:
    """Cost and value of rows that have both."""
    return [(figure(row, total) or 0.0, figure(row, value) or 0.0) for row in rows]


def label_of(row: dict[str, Any], axes: Sequence[Axis]) -> str:
    """A point's name: `0.75-192`, the network's name if that is all that varies."""
    varying = [shown(row.get(axis.key)) for axis in axes if axis.key != "network"]
    return "-".join(varying) or str(row.get("network", ""))


def draw_points(figure: Figure, rows: Sequence[dict[str, Any]], total: str, value: str = TOP1) -> None:
    """A value against cost on a logarithmic axis, points labelled by their settings, the frontier drawn.

    Raises UsageError if no row has both.
    """
    found = with_both(rows, total, value)
    points = points_of(found, total, value)
    varying = axes_of(rows, total)
    axes = figure.subplots()
    _limits(axes, points, total, value)
    networks = next((axis for axis in varying if axis.key == "network"), None)
    series = None if networks is not None and len(varying) == 1 else networks or next(iter(varying), None)
    values = () if series is None else reversed(series.values) if series.is_number else series.values
    groups: dict[str, list[tuple[float, float]]] = {shown(value): [] for value in values}
    for row, point in zip(found, points, strict=True):
        groups.setdefault(shown(row.get(series.key)) if series else "", []).append(point)
    groups = {name: members for name, members in groups.items() if members}
    _groups(axes, groups if len(groups) > 1 else {"": points})
    best = frontier(points, more_is_better(value))
    steps = _frontier(axes, points, best)
    if len(groups) > 1 or len(best) > 1:
        legend(axes, series.short if series is not None and series.key != "network" and len(groups) > 1 else "")
    if value == TOP1:
        _note(axes, len(rows) - len(found), len(rows), "points have no published top-1")
    names = [label_of(row, varying) for row in found]
    _name(axes, points, names, best, steps, len(found) <= _LABELLED)


def draw_layers(figure: Figure, rows: Sequence[dict[str, Any]], total: str, value: str) -> None:
    """One measure of each layer against another, a colour and a marker for each operator.

    Raises UsageError if no layer has both.
    """
    found = with_both(rows, total, value)
    points = points_of(found, total, value)
    axes = figure.subplots()
    _limits(axes, points, total, value)
    groups: dict[str, list[tuple[float, float]]] = {}
    for row, point in zip(found, points, strict=True):
        groups.setdefault(str(row["op"]), []).append(point)
    _groups(axes, groups)
    legend(axes, "operator")
    _note(axes, len(rows) - len(found), len(rows), f"layers have no {measure(total)}")
    if len(found) <= _LABELLED:
        label_points(axes, points, [str(row["name"]) for row in found])


def draw_catalogue(figure: Figure, rows: Sequence[dict[str, Any]], total: str, value: str = TOP1) -> None:
    """A value (top-1) against cost, a colour and a marker for each family, the frontier drawn and its networks named.

    Networks for video are left out beside others: their top-1 is on other data. Raises UsageError if no row has a
    published top-1.
    """
    found = with_both(rows, total, value)
    found = comparable(found) if value == TOP1 else found
    points = points_of(found, total, value)
    axes = figure.subplots()
    _limits(axes, points, total, value)
    families: dict[str, list[tuple[float, float]]] = {}
    for row, point in sorted(zip(found, points, strict=True), key=lambda pair: str(pair[0].get("family"))):
        families.setdefault(str(row.get("family") or "others"), []).append(point)
    _groups(axes, families)
    best = frontier(points, more_is_better(value))
    steps = _frontier(axes, points, best)
    legend(axes, "family", columns=1 if len(families) <= 28 else 2)
    if value == TOP1:
        _note(axes, len(rows) - len(found), len(rows), "networks have no published top-1 on images")
    _name(axes, points, [str(row["network"]) for row in found], best, steps, len(found) <= _LABELLED // 2)


def _name(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    best: Sequence[int],
    steps: Sequence[tuple[float, float]],
    every: bool,
) -> None:
    """Name every point, or those of the frontier alone."""
    named = range(len(points)) if every else best
    label_points(axes, [points[i] for i in named], [names[i] for i in named], steps, points)


def _limits(axes: Axes, points: Sequence[tuple[float, float]], total: str, value: str) -> None:
    costs, heights = zip(*points, strict=True)
    log_cost_axis(axes, total, min(costs), max(costs))
    if value != TOP1:
        cost_axis(axes, value)
        axes.grid(True, axis="both", which="major")
        axes.set_ylim(0, (max(heights) or 1) * 1.08)
        return
    room = max(1.0, 0.1 * (max(heights) - min(heights)))
    axes.set_ylim(min(heights) - room, max(heights) + room)
    axes.set_ylabel(measure(value))


def _groups(axes: Axes, groups: dict[str, list[tuple[float, float]]]) -> None:
    """Each group in a colour and marker of its own; later ones smaller, so that none hides another wholly."""
    for number, (name, members) in enumerate(groups.items()):
        colour, marker = look(number)
        x, y = zip(*members, strict=True)
        axes.scatter(
            x, y, s=max(30, 46 - 4 * number), color=colour, marker=marker, zorder=3,
            label=name or None, linewidths=0.5, rasterized=len(members) > 2000,
            edgecolors="#555555" if colour == COLOURS[-1] else "white",
        )  # fmt: skip


def _frontier(axes: Axes, points: Sequence[tuple[float, float]], best: Sequence[int]) -> list[tuple[float, float]]:
    """As steps, and their corners: up to the next point's cost nothing better can be had."""
    if len(best) < 2:
        return []
    corners = [points[best[0]]]
    for index in best[1:]:
        corners += [(points[index][0], corners[-1][1]), points[index]]
    x, y = zip(*corners, strict=True)
    axes.plot(x, y, color=QUIET, lw=1.0, ls=(0, (4, 2)), zorder=1, label="frontier")
    return corners


def _note(axes: Axes, left_out: int, of: int, what: str) -> None:
    if left_out:
        axes.annotate(
            f"{left_out} of {of} {what}", (1, 0), xycoords="axes fraction", xytext=(-4, 4), textcoords="offset points",
            ha="right", va="bottom", fontsize=8, color=QUIET,
        )  # fmt: skip
