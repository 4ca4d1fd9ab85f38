"""Bars: the layers of one network, and several networks side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from costcalc.report.plots.axes import axes_of, is_sum, measure, short_figure, shown_all, unit_of
from costcalc.report.plots.canvas import TALLEST, Canvas, font_of
from costcalc.report.plots.kinds import PlotKind
from costcalc.report.plots.labels import figures_at_ends, shortened, side_labels
from costcalc.report.plots.palette import COLOURS, SMALL, SMALL_SHARE, shaded
from costcalc.report.plots.style import SEEN, cost_axis, flattened, log_axis
from costcalc.report.tables.units import short, short_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from costcalc.typed.page import Page

NAMED = 64
"""With at most this many layers each is named; beyond, runs of layers are."""
_MOST_RUNS = 30
LAYERS, COMPARED = 9.0, 10.0
"""Inches of width."""
_LINE = 1.6
"""Height of one named bar, in the size of its letters."""
LEAST_LINE = 1.15
"""The least at which names do not touch."""
_UNNAMED = 56
"""So many named bars are as high as a picture of more than can be named."""

Heights = Callable[[float, float], float]
"""Inches of height at a width and a font's size."""


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


def is_deep(rows: Sequence[dict[str, Any]], columns: Sequence[str], page: Page | None = None) -> bool:
    """Whether more layers cost something than a picture can name, or than have room on a page."""
    if len(costly(rows, columns)) > NAMED:
        return True
    if page is None or page.width is None:
        return False
    usual, least = layers_heights(rows, columns)
    font = font_of(page)
    return usual(page.width, font) > TALLEST if page.height is None else least(page.width, font) > page.height


def runs(rows: Sequence[dict[str, Any]], most: int = _MOST_RUNS) -> list[Run]:
    """Neighbouring layers in groups: blocks, or where those are too many, blocks of a kind and an output's size.

    `most` is how many are not too many. Groups that are still too many are cut evenly. A name such as
    `mbconv5 .. mbconv11` holds both ends.
    """
    names = [str(row["name"]) for row in rows]
    blocks = _runs([_block(name) for name in names])
    if len(blocks) <= most:
        return [run._replace(name=names[run.start]) if run.stop - run.start == 1 else run for run in blocks]
    sizes = [str(rows[run.stop - 1].get("output", "")).rpartition("x")[0] for run in blocks]
    groups = _runs([f"{_stem(run.name)} {size}" for run, size in zip(blocks, sizes, strict=True)])
    if len(groups) > most:
        step = -(-len(blocks) // most)
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


def bars_height(count: int, panels: int, line: float = _LINE) -> Heights:
    """Inches for so many named bars in panels side by side, or one above the other where the page is narrow."""

    def height(width: float, font: float) -> float:
        rows = panels if stacked(width, font, panels) else 1
        return rows * (count * line * SMALL_SHARE + 3.8) * font / 72 + 0.15

    return height


def layers_heights(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> tuple[Heights, Heights]:
    """The height of a picture of layers, and the least at which its names do not touch."""
    shown_rows = costly(rows, columns)
    if len(shown_rows) <= NAMED:
        return bars_height(len(shown_rows), len(columns)), bars_height(len(shown_rows), len(columns), LEAST_LINE)
    return bars_height(_UNNAMED, len(columns)), bars_height(len(runs(shown_rows)), len(columns), LEAST_LINE)


def stacked(width: float, font: float, panels: int) -> bool:
    """Whether panels stand one above the other: side by side, bars and their figures would have no room."""
    return panels > 1 and width * 72 / font < 24 * panels


def panels_of(canvas: Canvas, count: int) -> list[Axes]:
    """Axes for each column, beside each other with one list of names, or one above the other."""
    if stacked(canvas.width, canvas.font, count):
        return list(canvas.figure.subplots(count, 1, squeeze=False)[:, 0])
    return list(canvas.figure.subplots(1, count, sharey=True, squeeze=False)[0])


def named_panels(canvas: Canvas, panels: Sequence[Axes]) -> Sequence[Axes]:
    """The panels that have names at their left."""
    return panels if stacked(canvas.width, canvas.font, len(panels)) else panels[:1]


def draw_layers(canvas: Canvas, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Each layer's figures (cost and parameters) side by side, from the input at the top to the output."""
    shown_rows = costly(rows, columns)
    panels = panels_of(canvas, len(columns))
    few = len(shown_rows) <= NAMED
    for axes, column, colour in zip(panels, columns, COLOURS, strict=False):
        values = [row.get(column) or 0 for row in shown_rows]
        draw_bars(canvas, axes, values, column, colour, [short_figure(column, v) if v else "" for v in values], few)
        _shares(canvas, axes, values, column)
        spare = _spare(canvas, len(shown_rows), len(columns))
        axes.set_ylim(len(shown_rows) - 1 + spare, -spare)
    for axes in named_panels(canvas, panels):
        name_bars(canvas, axes, [str(row["name"]) for row in shown_rows]) if few else _name_runs(
            canvas, axes, runs(shown_rows)
        )
    if not few:
        for axes in panels:
            _stripes(axes, runs(shown_rows))
    left_out = len(rows) - len(shown_rows)
    if left_out:
        words = [measure(column) for column in columns]
        lacking = f"neither {' nor '.join(words)}" if words[1:] else f"no {words[0]}"
        rows_that = "row that has" if left_out == 1 else "rows that have"
        canvas.remarks.append(f"without {left_out} {rows_that} {lacking}")


def draw_bars(
    canvas: Canvas,
    axes: Axes,
    values: Sequence[float],
    column: str,
    colour: str,
    texts: Sequence[str],
    few: bool = True,
    seen: float = SEEN,
) -> None:
    """Bars from zero, with figures at their ends if they are few; where some would flatten the others, points on a
    logarithmic axis, which has no zero for a bar to begin at."""
    most = max(values, default=0) or 1
    room = _room(canvas)
    places = range(len(values))
    if flattened(values, seen):
        dots = [(value, place) for place, value in enumerate(values) if value > 0]
        x, y = zip(*dots, strict=True)
        low = min(x) / 1.6
        log_axis(canvas, axes, column, "x", (low, most * 1.25), room)
        axes.hlines(y, low, x, color=shaded(colour, 2, 4), lw=1.2 * canvas.scale if few else 0.5 * canvas.scale)
        axes.plot(x, y, "o", color=colour, ms=(4.5 if few else 2) * canvas.scale, clip_on=False)
    else:
        axes.barh(places, values, height=0.75 if few else 1.0, color=colour)
        cost_axis(axes, column, "x", most)
        axes.locator_params(axis="x", nbins=max(2, round(room * 72 / canvas.font / 6)))
    axes.grid(not few, axis="x")
    axes.tick_params(axis="y", length=0)
    if few:
        figures_at_ends(canvas, axes, values, texts)


def _spare(canvas: Canvas, count: int, panels: int) -> float:
    """Rows beyond the first and the last that the axes are long, so that no sign touches them."""
    high = 0.8 * canvas.height / (panels if stacked(canvas.width, canvas.font, panels) else 1)
    return max(0.6, 2.5 * canvas.scale / 72 * count / high)


def _room(canvas: Canvas) -> float:
    """About how wide each panel is."""
    beside = len(canvas.figure.axes)
    return 0.7 * canvas.width / (1 if stacked(canvas.width, canvas.font, beside) else beside)


def head_panel(canvas: Canvas, axes: Axes, text: str) -> None:
    """What the bars are, over them instead of below; in two lines where there is no room for one."""
    axes.set_title(textwrap.fill(text, max(14, int(_room(canvas) / canvas.text_width("m")))), loc="left")
    axes.set_xlabel("")


def name_bars(canvas: Canvas, axes: Axes, names: Sequence[str]) -> None:
    """Each bar's name at its left; the middle of a name that would take more than half of the picture is left out."""
    most = int(0.48 * canvas.width / canvas.text_width("m", SMALL_SHARE))
    axes.set_yticks(range(len(names)), [shortened(name, most) for name in names], fontsize=SMALL)


def _name_runs(canvas: Canvas, axes: Axes, found: Sequence[Run]) -> None:
    """The names of runs at their middles, each with a line to it."""
    axes.set_yticks([])
    side_labels(canvas, axes, [(run.start + run.stop - 1) / 2 for run in found], [run.name for run in found])


def _stripes(axes: Axes, found: Sequence[Run]) -> None:
    """Every second run on grey."""
    for run in found[::2]:
        axes.axhspan(run.start - 0.5, run.stop - 0.5, color="#f1f1f1", lw=0, zorder=0)


def _shares(canvas: Canvas, axes: Axes, values: Sequence[float], column: str) -> None:
    """The measure over its bars, with the total if it is a sum."""
    whole = sum(values)
    text = short_bytes if unit_of(column) else short
    label, _, kind = axes.get_xlabel().partition(" (")
    total = f": {text(round(whole))}" if whole and is_sum(column) else ""
    head_panel(canvas, axes, f"{label}{total}{' (' if kind else ''}{kind}")


def compare_names(rows: Sequence[dict[str, Any]], total: str) -> list[str]:
    """What tells the rows apart: the network, with its settings where that is not enough."""
    names = [str(row.get("network", "")) for row in rows]
    if len(set(names)) == len(names):
        return names
    varying = [axis for axis in axes_of(rows, total) if axis.key != "network"]
    return [" ".join(filter(None, (name, shown_all(row, varying)))) for name, row in zip(names, rows, strict=True)]


def draw_compare(canvas: Canvas, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Each network's figures (cost, parameters and peak of activations), with the ratio to the first."""
    panels = panels_of(canvas, len(columns))
    for axes, column, colour in zip(panels, columns, COLOURS, strict=False):
        values = [row.get(column) or 0 for row in rows]
        first = values[0]
        texts = [
            short_figure(column, value) + (f"  ×{value / first:#.3g}".rstrip(".") if first and i else "")
            if value
            else ""
            for i, value in enumerate(values)
        ]
        draw_bars(canvas, axes, values, column, colour, texts)
        head_panel(canvas, axes, axes.get_xlabel())
        axes.set_ylim(len(rows) - 0.5, -0.5)
    for axes in named_panels(canvas, panels):
        name_bars(canvas, axes, compare_names(rows, columns[0]))
    if len(rows) > 1:
        canvas.remarks.append(f"×: beside {compare_names(rows, columns[0])[0]}")
