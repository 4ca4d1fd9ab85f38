"""Pictures of plain rows: a file, or text for a terminal. Matplotlib and plotille are loaded only to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from costcalc.escape import printable, without_commands
from costcalc.report.plots.kinds import TOP1, PlotKind, check_plot, is_layer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_WIDTH = 1000
"""Columns of a picture in characters."""

__all__ = ["PlotKind", "check_plot", "terminal_plot", "write_plot"]


def write_plot(
    rows: Sequence[dict[str, Any]], file: str, kind: str | None, title: str, total: str, against: str = ""
) -> None:
    """Draw rows into `file` (.svg, .png or .pdf), which is written whole or not at all.

    `kind` is a word of PlotKind; None chooses by what varies in the rows. `total` is the column to draw, `against` a
    second one that it is drawn against.
    Raises UsageError for another ending or kind, and for rows that do not have what the kind shows.
    """
    from costcalc.report.files import write_whole
    from costcalc.report.plots.axes import check_columns
    from costcalc.report.plots.kinds import check_kind, format_of, kind_of, suited
    from costcalc.report.plots.style import drawn

    check_plot(file, kind)
    check_columns(rows, total, against)
    rows, title = _plain(rows, total), printable(title)
    chosen = kind_of(kind) if kind is not None else suited(rows, total, against)
    check_kind(rows, chosen, against)
    draw, size = _drawing(rows, chosen, total, against)
    write_whole(drawn(draw, size, title, format_of(file)), file)


def _drawing(
    rows: Sequence[dict[str, Any]], kind: PlotKind, total: str, against: str
) -> tuple[Callable[[Figure], None], tuple[float, float]]:
    """What fills the figure, and the figure's size in inches."""
    from costcalc.report.plots import bars, lines, memory, scatter

    columns = bars.bar_columns(rows, kind, total, against)
    match kind:
        case PlotKind.LAYERS:
            return partial(bars.draw_layers, rows=rows, columns=columns), bars.layers_size(rows, columns)
        case PlotKind.COMPARE:
            return partial(bars.draw_compare, rows=rows, columns=columns), bars.compare_size(rows)
        case PlotKind.ACCURACY:
            return partial(scatter.draw_points, rows=rows, total=total, value=TOP1), scatter.POINTS
        case PlotKind.SCATTER:
            draw = scatter.draw_layers if is_layer(rows[0]) else scatter.draw_points
            return partial(draw, rows=rows, total=total, value=against), scatter.POINTS
        case PlotKind.CATALOGUE:
            return partial(scatter.draw_catalogue, rows=rows, total=total, value=against or TOP1), scatter.CATALOGUE
        case PlotKind.MEMORY:
            return partial(memory.draw_memory, rows=rows), memory.SIZE
        case PlotKind.HEATMAP:
            return partial(lines.draw_heatmap, rows=rows, total=total), lines.HEAT
        case _:
            return partial(lines.draw_lines, rows=rows, total=total, kind=str(kind)), lines.LINES


def terminal_plot(
    rows: Sequence[dict[str, Any]],
    kind: str | None,
    title: str,
    total: str,
    width: int,
    colour: bool = False,
    against: str = "",
) -> str:
    """The same rows drawn in characters, `width` columns wide, ending in a newline. Raises UsageError likewise."""
    from costcalc.report.plots.axes import check_columns
    from costcalc.report.plots.kinds import check_kind, kind_of, suited
    from costcalc.report.plots.terminal import terminal_text

    check_columns(rows, total, against)
    rows = _plain(rows, total)
    chosen = PlotKind.TERMINAL if kind is None else kind_of(kind)
    if chosen is PlotKind.TERMINAL:
        chosen = suited(rows, total, against)
    check_kind(rows, chosen, against)
    text = terminal_text(rows, chosen, printable(title), total, against, min(width, MOST_WIDTH), colour)
    return without_commands(text)


def _plain(rows: Sequence[dict[str, Any]], total: str) -> list[dict[str, Any]]:
    """The rows that have what is drawn (a ratio of nothing is no figure), with every text of theirs on one line."""
    found = [row for row in rows if row.get(total) is not None]
    return [{key: printable(v) if isinstance(v, str) else v for key, v in row.items()} for row in found]
