"""Cost over two settings, as colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc.errors import UsageError
from costcalc.report.plots.axes import axes_of, measure, shown
from costcalc.report.plots.canvas import Canvas
from costcalc.report.plots.labels import value_ticks
from costcalc.report.plots.lines import three_digits
from costcalc.report.plots.palette import SCALE, SMALL
from costcalc.report.plots.style import units

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize

WIDTH = 7.6
"""Inches."""


def height(width: float, font: float) -> float:
    """Inches for a heat map."""
    return max(0.64 * width, 2.4)


def draw_heatmap(canvas: Canvas, rows: Sequence[dict[str, Any]], total: str) -> None:
    """Cost over two settings: alpha (or the first) across, the other upward. Raises UsageError for any other number."""
    import matplotlib
    import numpy as np
    from matplotlib.colors import LogNorm, Normalize

    varying = axes_of(rows, total)
    if len(varying) != 2:
        names = ", ".join(axis.key for axis in varying) or "none"
        raise UsageError(
            f"kind heatmap: {'1 setting varies' if len(varying) == 1 else f'{len(varying)} settings vary'} ({names})",
            expected="two that vary",
        )
    across, up = sorted(varying, key=lambda axis: (axis.key != "alpha", axis.key in ("beta", "resolution")))
    grid = np.full((len(up.values), len(across.values)), np.nan)
    column = {value: index for index, value in enumerate(across.values)}
    line = {value: index for index, value in enumerate(up.values)}
    for row in rows:
        grid[line[row.get(up.key)], column[row.get(across.key)]] = row[total]
    least, most = float(np.nanmin(grid)), float(np.nanmax(grid))
    norm: Normalize = LogNorm(least, most) if least > 0 and most / least > 10 else Normalize(min(least, 0), most)
    axes = canvas.figure.subplots()
    scale = matplotlib.colormaps[SCALE]
    few = max(grid.shape) <= 24
    if few or not (across.is_number and up.is_number):
        mesh = axes.pcolormesh(grid, norm=norm, cmap=scale, edgecolors="white", linewidth=0.8 if few else 0)
        centres = [[index + 0.5 for index in range(len(axis.values))] for axis in (across, up)]
        axes.tick_params(length=0)
    else:
        centres = [list(axis.places.values()) for axis in (across, up)]
        mesh = axes.pcolormesh(*centres, grid, norm=norm, cmap=scale, shading="nearest", rasterized=True)
    for which, axis, places in zip("xy", (across, up), centres, strict=True):
        value_ticks(canvas, axes, which, places, [shown(value) for value in axis.values])
    if few:
        _write(canvas, axes, grid, norm)
    bar = canvas.figure.colorbar(mesh, ax=axes, pad=0.02, format=units(total))
    bar.set_label(measure(total) + (" (logarithmic)" if isinstance(norm, LogNorm) else ""))
    if isinstance(norm, LogNorm):
        from matplotlib.ticker import LogLocator, NullFormatter

        bar.ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if most / least < 3000 else (1.0,), numticks=20))
        bar.ax.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(across.label)
    axes.set_ylabel(up.label)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _write(canvas: Canvas, axes: Axes, grid: Any, norm: Normalize) -> None:
    """Each cell's figure in it, if all have room."""
    import numpy as np

    texts = [
        axes.text(j + 0.5, i + 0.5, three_digits(value), ha="center", va="center", fontsize=SMALL,
                  color="white" if norm(value) < 0.5 else "black")
        for (i, j), value in np.ndenumerate(grid)
        if not np.isnan(value)
    ]  # fmt: skip

    def check() -> None:
        box = axes.get_window_extent()
        across, up = box.width / grid.shape[1], box.height / grid.shape[0]
        sizes = [text.get_window_extent() for text in texts]
        if any(size.width > 0.95 * across or size.height > 0.95 * up for size in sizes):
            for text in texts:
                text.remove()

    canvas.settled(check)
