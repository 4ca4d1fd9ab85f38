"""A network before and after a recipe: what each layer stores, as bars by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from costcalc.analysis.compress.by_step import Compressed, Row
from costcalc.escape import printable
from costcalc.report.files import write_whole
from costcalc.report.plots.bars import (
    LEAST_LINE,
    NAMED,
    bars_height,
    draw_bars,
    head_panel,
    name_bars,
    named_panels,
    panels_of,
    runs,
)
from costcalc.report.plots.canvas import Canvas, Drawing, drawn
from costcalc.report.plots.kinds import format_of
from costcalc.report.plots.labels import figures_at_ends
from costcalc.report.plots.palette import COLOURS, QUIET
from costcalc.report.plots.style import cost_axis, flattened, legend
from costcalc.report.tables.units import short_bytes, times
from costcalc.stored import PARTS, STORAGE
from costcalc.typed.page import Page

_WIDTH = 11.0
SMALL_LAYERS = 0.05
"""Layers under this share of the largest are small: where there are many, axes are logarithmic or of shares."""


class Bar(NamedTuple):
    """A layer, or several in a row: its dense bytes, and what it stores by what that is."""

    name: str
    dense: int
    parts: dict[str, int]

    @property
    def stored(self) -> int:
        """All that it stores."""
        return sum(self.parts.values())


def bars_of(found: Compressed) -> list[Bar]:
    """The layers, each with its factors; of a deep network its runs of layers, each with the sums."""
    layers: dict[str, list[Row]] = {row.layer: [] for row in found.layers}
    for row in found.layers:
        whole = row.layer.rpartition(".factor")[0]
        layers[whole if whole in layers else row.layer].append(row)
    layers = {layer: rows for layer, rows in layers.items() if rows}
    titles, groups = list(layers), list(layers.values())
    if len(layers) > NAMED:
        together = runs([{"name": layer} for layer in titles], most=NAMED)
        groups = [[row for rows in groups[run.start : run.stop] for row in rows] for run in together]
        titles = [run.name for run in together]
    return [
        Bar(title, sum(row.dense_bytes for row in rows), {part: sum(row.parts[part] for row in rows) for part in PARTS})
        for title, rows in zip(map(printable, titles), groups, strict=True)
    ]


def plot_compressed(found: Compressed, file: str, page: Page | None = None) -> None:
    """The picture, into a file (.svg, .png or .pdf). Raises UsageError for another ending, and a page too small."""
    bars = bars_of(found)
    usual, least = (bars_height(len(bars), 2, line) for line in (1.8, LEAST_LINE))
    drawing = Drawing(partial(draw_compressed, bars=bars), _WIDTH, usual, least)
    kernels = short_bytes(found.total.dense_bytes)
    note = f"{kernels} of kernels are stored in {short_bytes(found.total.stored_bytes)}, biases and norms with them"
    write_whole(drawn(drawing, found.network, note, page, format_of(file)), file)


def draw_compressed(canvas: Canvas, bars: Sequence[Bar]) -> None:
    """Dense bytes of each layer, and what is stored of them, stacked by what it is; where large layers would flatten
    the others, in per cent of the dense bytes."""
    panels = panels_of(canvas, 2)
    dense, small = panels
    draw_bars(canvas, dense, [bar.dense for bar in bars], "dense_kernel_bytes", QUIET, [
        short_bytes(bar.dense) for bar in bars
    ], seen=SMALL_LAYERS)  # fmt: skip
    as_shares = flattened([bar.dense for bar in bars], SMALL_LAYERS)
    ends = [0.0] * len(bars)
    scale = [(100 / bar.dense if bar.dense else 0) if as_shares else 1 for bar in bars]
    for part, colour in zip(PARTS, COLOURS, strict=False):
        sizes = [bar.parts[part] * of for bar, of in zip(bars, scale, strict=True)]
        if any(sizes):
            small.barh(range(len(bars)), sizes, left=ends, height=0.75, color=colour, label=STORAGE[part].title)
        ends = [low + size for low, size in zip(ends, sizes, strict=True)]
    cost_axis(small, "stored_bytes", "x", max(ends, default=0))
    small.grid(False)
    small.tick_params(axis="y", length=0)
    if as_shares:
        small.xaxis.set_major_formatter("{x:g} %")
    figures_at_ends(canvas, small, ends, [
        f"{short_bytes(bar.stored)}" + (f"  ×{times(bar.stored / bar.dense)}" if bar.dense else "") for bar in bars
    ])  # fmt: skip
    for axes, title in zip(panels, ("", " in per cent of the dense" * as_shares), strict=True):
        head_panel(canvas, axes, axes.get_xlabel() + title)
        axes.set_ylim(len(bars) - 0.4, -0.6)
    for axes in named_panels(canvas, panels):
        name_bars(canvas, axes, [bar.name for bar in bars])
    legend(canvas, small, "stored")
