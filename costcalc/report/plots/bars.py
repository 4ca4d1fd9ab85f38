"""Bars: the layers of one network, and several networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.report.plots.axes import axes_of, is_sum, measure, short_figure, shown_all, unit_of
from costcalc.report.plots.kinds import PlotKind
from costcalc.report.plots.style import COLOURS, cost_axis
from costcalc.report.tables.units import short, short_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMED = 64
"""With at most this many layers each is named; beyond, runs of layers are."""
_MOST_RUNS = 30
_LINE = 0.175
"""Inches of one named bar."""


class Run(NamedTuple):
    """Neighbouring layers under one name: rows from `start` up to `stop`."""

    name: str
    start: int
    stop: int


_BESIDE = {PlotKind.LAYERS: ("params",), PlotKind.COMPARE: ("params", "peak_activation_bytes")}
"""What is shown beside the first measure unless a second one is asked for."""


def bar_columns(rows: Sequence[dict[str, Any]], kind: PlotKind, total: str, against: str = "") -> list[str]:
    """The columns that are drawn as bars, each once: what is asked for, and what usually stands beside it."""
    beside = (against,) if against else _BESIDE.get(kind, ())
    return list(dict.fromkeys([total, *(column for column in beside if any(row.get(column) for row in rows))]))


def costly(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The layers that cost anything in some column; all of them if none does."""
    return [row for row in rows if any(row.get(column) for column in columns)] or list(rows)


def runs(rows: Sequence[dict[str, Any]]) -> list[Run]:
    """Neighbouring layers in groups: blocks, or where those are too many, blocks of a kind and an output's size.

    Groups that are still too many are cut evenly. A name such as `mbconv5 .. mbconv11` holds both ends.
    """
    names = [str(row["name"]) for row in rows]
    blocks = _runs([_block(name) for name in names])
    if len(blocks) <= _MOST_RUNS:
        return [run._replace(name=names[run.start]) if run.stop - run.start == 1 else run for run in blocks]
    sizes = [str(rows[run.stop - 1].get("output", "")).rpartition("x")[0] for run in blocks]
    groups = _runs([f"{_stem(run.name)} {size}" for run, size in zip(blocks, sizes, strict=True)])
    if len(groups) > _MOST_RUNS:
        step = -(-len(blocks) // _MOST_RUNS)
        groups = [Run("", start, min(start + step, len(blocks))) for start in range(0, len(blocks), step)]
    return [Run(_joint(blocks, group), blocks[group.start].start, blocks[group.stop - 1].stop) for group in groups]


def _joint(blocks: Sequence[Run], group: Run) -> str:
    """One name for a group of blocks: the block's, what only they share, or the first and the last."""
    first, last = blocks[group.start].name, blocks[group.stop - 1].name
    if first == last:
        return first
    shared = _stem(first)
    members = [index for index, run in enumerate(blocks) if _stem(run.name) == shared]
    return shared if members == list(range(group.start, group.stop)) else f"{first} .. {last}"


def _block(name: str) -> str:
    return name.partition(".")[0]


def _stem(block: str) -> str:
    return block.rstrip("0123456789").rstrip("_") or block


def _runs(keys: Sequence[str]) -> list[Run]:
    found: list[Run] = []
    for index, key in enumerate(keys):
        if found and found[-1].name == key:
            found[-1] = found[-1]._replace(stop=index + 1)
        else:
            found.append(Run(key, index, index + 1))
    return found


def layers_size(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> tuple[float, float]:
    """Inches for a picture of layers."""
    count = len(costly(rows, columns))
    return (9.0, 1.3 + _LINE * count) if count <= NAMED else (9.0, 9.0)


def draw_layers(figure: Figure, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Each layer's figures (cost and parameters) side by side, from the input at the top to the output."""
    shown_rows = costly(rows, columns)
    panels = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    places = range(len(shown_rows))
    few = len(shown_rows) <= NAMED
    weights = [0.0] * len(shown_rows)
    for axes, column, colour in zip(panels, columns, COLOURS, strict=False):
        values = [row.get(column) or 0 for row in shown_rows]
        axes.barh(places, values, height=0.75 if few else 1.0, color=colour)
        cost_axis(axes, column, "x")
        _shares(axes, values, column)
        if few:
            _write(axes, values, column, [""] * len(values))
        most = max(values, default=0) or 1
        weights = [weight + value / most for weight, value in zip(weights, values, strict=True)]
    _names(panels, shown_rows, weights, few)
    panels[0].set_ylim(len(shown_rows) - 0.4, -0.6)
    left_out = len(rows) - len(shown_rows)
    if left_out:
        words = [measure(column) for column in columns]
        lacking = f"neither {' nor '.join(words)}" if words[1:] else f"no {words[0]}"
        rows_that = "row that has" if left_out == 1 else "rows that have"
        figure.supxlabel(f"without {left_out} {rows_that} {lacking}", fontsize=8, color="#555555")


def _names(panels: Sequence[Axes], rows: Sequence[dict[str, Any]], weights: Sequence[float], few: bool) -> None:
    """Names at the left: every layer's if they are few, else the runs', longest and costliest first while they fit."""
    for axes in panels:
        axes.tick_params(axis="y", length=0)
    if few:
        panels[0].set_yticks(range(len(rows)), [str(row["name"]) for row in rows], fontsize=8)
        return
    found = runs(rows)
    for index, run in enumerate(found):
        if index % 2 == 0:
            for axes in panels:
                axes.axhspan(run.start - 0.5, run.stop - 0.5, color="#f1f1f1", lw=0, zorder=0)
    kept: list[Run] = []
    room = len(rows) * 0.017  # a name's share of the height
    for run in sorted(found, key=lambda run: (run.start - run.stop, -sum(weights[run.start : run.stop]))):
        middle = (run.start + run.stop) / 2
        if all(abs(middle - (other.start + other.stop) / 2) >= room for other in kept):
            kept.append(run)
    kept.sort(key=lambda run: run.start)
    panels[0].set_yticks([(run.start + run.stop - 1) / 2 for run in kept], [run.name for run in kept], fontsize=8)


def _shares(axes: Axes, values: Sequence[float], column: str) -> None:
    """The measure over its bars, with the total if it is a sum."""
    whole = sum(values)
    text = short_bytes if unit_of(column) else short
    label = axes.get_xlabel()
    axes.set_title(f"{label}: {text(round(whole))}" if whole and is_sum(column) else label, loc="left")
    axes.set_xlabel("")


def _write(axes: Axes, values: Sequence[float], column: str, remarks: Sequence[str]) -> None:
    """The figure at the end of each bar, with room for it."""
    most = max(values, default=0) or 1
    for place, (value, remark) in enumerate(zip(values, remarks, strict=True)):
        if value:
            axes.text(value + most * 0.012, place, short_figure(column, value) + remark, va="center", fontsize=7.5)
    axes.grid(False)
    axes.set_xlim(0, most * (1.2 if not any(remarks) else 1.42))


def compare_size(rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Inches for a picture of networks."""
    return 10.0, 1.5 + 0.3 * len(rows)


def compare_names(rows: Sequence[dict[str, Any]], total: str) -> list[str]:
    """What tells the rows apart: the network, with its settings where they vary."""
    varying = [axis for axis in axes_of(rows, total) if axis.key != "network"]
    return [" ".join(filter(None, (str(row.get("network", "")), shown_all(row, varying)))) for row in rows]


def draw_compare(figure: Figure, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Each network's figures (cost, parameters and peak of activations), with the ratio to the first."""
    panels = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for axes, column, colour in zip(panels, columns, COLOURS, strict=False):
        values = [row.get(column) or 0 for row in rows]
        axes.barh(range(len(rows)), values, height=0.7, color=colour)
        cost_axis(axes, column, "x")
        axes.set_title(axes.get_xlabel(), loc="left")
        axes.set_xlabel("")
        axes.tick_params(axis="y", length=0)
        first = values[0]
        ratios = [f"  ×{value / first:#.3g}".rstrip(".") if first and i else "" for i, value in enumerate(values)]
        _write(axes, values, column, ratios)
        axes.locator_params(axis="x", nbins=4)
    panels[0].set_yticks(range(len(rows)), compare_names(rows, columns[0]))
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
