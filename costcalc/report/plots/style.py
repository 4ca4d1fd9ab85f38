"""How every picture looks: colours, text, units, and bytes that depend on nothing but the rows."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from costcalc.report.plots.axes import measure, unit_of
from costcalc.report.plots.kinds import PlotFormat

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import EngFormatter

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#F0E442")
"""Okabe and Ito's colours, told apart by people with any colour vision; the two that are weak on white come last."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
QUIET = "#767676"
"""For what explains the data and is not data: frontiers, leaders, grid labels."""
SCALE = "cividis"
"""A colour scale that reads the same with any colour vision, and in grey."""

_TEXT: dict[Any, Any] = {
    "svg.hashsalt": "costcalc",
    "svg.fonttype": "none",  # labels stay text: small files that a diff can be read of
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a dollar in a file's name is a dollar
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.linewidth": 0.8,
    "axes.grid": False,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.title_fontsize": 9.5,
    "legend.fontsize": 9,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.dpi": 100,
    "savefig.dpi": 160,
}
_METADATA: dict[PlotFormat, dict[str, Any]] = {
    PlotFormat.SVG: {"Date": None, "Creator": None, "Format": None, "Type": None},
    PlotFormat.PNG: {"Software": None},
    PlotFormat.PDF: {"Creator": None, "Producer": None, "CreationDate": None},
}
_CHARACTERS_PER_INCH = 11.5  # of a title
_LABEL = 7.5  # size of a point's name


def drawn(draw: Callable[[Figure], None], size: tuple[float, float], title: str, format: PlotFormat) -> bytes:
    """A picture as bytes: a figure of `size` inches that `draw` has filled, under a title.

    The same call gives the same bytes: no date, no version, no settings of the person's own matplotlib.
    """
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its cache and fonts are is no news to the person
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that the font lacks is drawn as a box
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_TEXT)
        figure = Figure(figsize=size, layout="constrained")
        figure.suptitle(
            textwrap.fill(title, round(size[0] * _CHARACTERS_PER_INCH)),
            x=0.012, ha="left", fontsize=10.5, fontweight="bold",
        )  # fmt: skip
        draw(figure)
        out = io.BytesIO()
        figure.savefig(out, format=str(format), metadata=_METADATA[format])
    data = out.getvalue()
    return b"\n".join(line.rstrip() for line in data.splitlines()) + b"\n" if format is PlotFormat.SVG else data


def units(total: str) -> EngFormatter:
    """Ticks as people write them: 300M, 1.5G; 4 MB."""
    from matplotlib.ticker import EngFormatter

    unit = unit_of(total)
    return EngFormatter(unit=unit, sep=" " if unit else "")


def cost_axis(axes: Axes, total: str, which: str = "y", zero: bool = True) -> None:
    """Make an axis of `axes` one of costs: its label, its units, a grid, starting at zero."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_label_text(measure(total))
    axis.set_major_formatter(units(total))
    axes.grid(True, axis="y" if which == "y" else "x")
    if zero and which == "y":
        axes.set_ylim(bottom=0)
    elif zero:
        axes.set_xlim(left=0)


def log_cost_axis(axes: Axes, total: str, least: float, most: float) -> None:
    """Make the x axis a logarithmic one of costs, with ticks at 1, 2 and 5 so that a short range has some too."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_xscale("log")
    spread = most / least if least > 0 else 1.0
    room = spread**0.06 if spread > 1 else 1.5
    axes.set_xlim(least / room, most * room * (spread**0.04))
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0,) if spread > 3000 else (1.0, 2.0, 5.0), numticks=30))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(units(total))
    axes.xaxis.set_label_text(f"{measure(total)} (logarithmic)")
    axes.grid(True, axis="both", which="major")


def look(index: int) -> tuple[str, str]:
    """Colour and marker of the series at `index`: no two alike among the first 56."""
    return COLOURS[index % len(COLOURS)], MARKERS[(index + index // len(COLOURS)) % len(MARKERS)]


def legend(axes: Axes, title: str = "", columns: int = 1) -> None:
    """The series' names, to the right of the axes, where nothing is drawn."""
    axes.legend(
        loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, title=title or None, alignment="left",
        ncols=columns,
    )  # fmt: skip


def label_points(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    labels: Sequence[str],
    line: Sequence[tuple[float, float]] = (),
    others: Sequence[tuple[float, float]] = (),
) -> None:
    """Write a label beside each point so that none covers another label, a point, the line or the other points; a
    leader where it stands apart.

    A label without any free place is left out.
    """
    import contextlib

    import textalloc

    if not labels:
        return
    x, y = map(list, zip(*points, strict=True))
    all_x, all_y = map(list, zip(*points, *others, strict=True))
    lines: dict[str, Any] = {}
    if len(line) > 1:
        line_x, line_y = map(list, zip(*line, strict=True))
        lines = {"x_lines": [line_x], "y_lines": [line_y]}
    with contextlib.redirect_stdout(io.StringIO()):  # it prints when it finds no place
        textalloc.allocate(
            axes, x, y, list(labels),
            x_scatter=all_x, y_scatter=all_y,
            **lines,
            textsize=_LABEL, textcolor="#222222", linecolor=QUIET, linewidth=0.5, draw_all=False,
            min_distance=0.012, max_distance=0.14, margin=0.006, nbr_candidates=400,
            avoid_label_lines_overlap=True, avoid_crossing_label_lines=True,
        )  # fmt: skip
