"""How every picture looks: axes and their units, legends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costcalc.report.plots.axes import measure, unit_of
from costcalc.report.plots.canvas import Canvas
from costcalc.report.plots.palette import SMALL_SHARE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis as Ruler
    from matplotlib.ticker import EngFormatter


_HIDDEN, SEEN = 0.4, 0.02


def flattened(values: Sequence[float], seen: float = SEEN) -> bool:
    """Whether a few large values would press two fifths of all to nothing on an axis from zero: under a share `seen` of
    the largest."""
    found = sorted(value for value in values if value > 0)
    if len(found) < 3:
        return len(found) == 2 and found[0] < seen * found[1]
    return sum(value < seen * found[-1] for value in found) >= _HIDDEN * len(found)


def units(total: str) -> EngFormatter:
    """Ticks as people write them: 300M, 1.5G; 4 MB."""
    from matplotlib.ticker import EngFormatter

    unit = unit_of(total)
    return EngFormatter(unit=unit, sep=" " if unit else "")


def cost_axis(axes: Axes, total: str, which: str = "y", most: float | None = None) -> None:
    """Make an axis of `axes` one of costs: its label, its units, a grid, from zero to a little over the largest."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_label_text(measure(total))
    axis.set_major_formatter(units(total))
    axes.grid(True, axis="y" if which == "y" else "x")
    limit = axes.set_ylim if which == "y" else axes.set_xlim
    limit(0, most * 1.07 if most else None)


def log_axis(canvas: Canvas, axes: Axes, total: str, which: str, limits: tuple[float, float], room: float) -> None:
    """Make an axis a logarithmic one of costs, with ticks at 1, 2 and 5, or 1 and 3, where these have room.

    `room` inches is its length: with little of it there are ticks at powers of ten alone, or at every second.
    """
    from math import log10

    from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

    ruler: Ruler = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    (axes.set_xlim if which == "x" else axes.set_ylim)(*limits)
    decades = log10(limits[1] / limits[0])
    fits = room * 72 / canvas.font / (4.2 if which == "x" else 2.2)
    subs = (1.0, 2.0, 5.0) if 3 * decades <= fits else (1.0, 3.0) if 2 * decades <= max(fits, 2.4) else (1.0,)
    if sum(limits[0] <= sub * 10**power <= limits[1] for power in range(-9, 19) for sub in subs) < 3:
        ruler.set_major_locator(MaxNLocator(max(2, int(0.8 * fits))))  # few ticks would make Matplotlib choose many
    else:
        ruler.set_major_locator(LogLocator(subs=subs, numticks=max(3, round(fits)) if subs == (1.0,) else 40))
    ruler.set_minor_formatter(NullFormatter())
    ruler.set_major_formatter(units(total))
    ruler.set_label_text(f"{measure(total)} (logarithmic)")
    axes.grid(True, axis="x" if which == "x" else "y", which="major")


def legend(canvas: Canvas, axes: Axes, title: str = "") -> None:
    """The series' names: to the right of the axes, or below them in columns where the picture is narrow."""
    handles, labels = axes.get_legend_handles_labels()
    wide = canvas.text_width(max(labels, key=len, default=""), SMALL_SHARE) + 3.4 * canvas.font / 72
    line = 1.45 * SMALL_SHARE * canvas.font / 72
    columns = -(-len(labels) // max(1, int(canvas.height * 0.85 / line)))
    if wide * columns < 0.32 * canvas.width:
        axes.legend(
            handles, labels, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, title=title or None,
            alignment="left", ncols=columns,
        )  # fmt: skip
        return
    across = min(max(1, int(0.97 * canvas.width / wide)), len(labels))
    made = canvas.figure.legend(
        handles, labels, loc="lower left", bbox_to_anchor=(0, 0), title=title or None, alignment="left", ncols=across,
        columnspacing=1.0, borderaxespad=0.3,
    )  # fmt: skip
    made.set_in_layout(False)
    canvas.below = (made, line * (-(-len(labels) // across) + bool(title) + 0.6))
