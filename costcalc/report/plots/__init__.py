"""Pictures of plain rows: a file, or text for a terminal. Matplotlib and plotille are loaded only to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from costcalc.escape import printable, without_commands
from costcalc.report.plots.kinds import TOP1, PlotKind, check_plot, is_layer
from costcalc.typed.page import Page, read_page

if TYPE_CHECKING:
    from costcalc.report.plots.canvas import Canvas, Drawing

MOST_WIDTH = 1000
"""Columns of a picture in characters."""

__all__ = ["Page", "PlotKind", "check_plot", "drawing_of", "read_page", "terminal_plot", "write_plot"]


def write_plot(
    rows: Sequence[dict[str, Any]],
    file: str,
    kind: str | None,
    title: str,
    total: str,
    against: str = "",
    *,
    note: str = "",
    page: Page | None = None,
) -> None:
    """Draw rows into `file` (.svg, .png or .pdf), which is written whole or not at all.

    `kind` is a word of PlotKind; None chooses by what varies in the rows. `total` is the column to draw, `against` a
    second one that it is drawn against. `note` stands below in small grey letters: how was counted. A page has a size
    and may have another title.
    Raises UsageError for another ending or kind, for rows that do not have what the kind shows, and for a page that
    is too small.
    """
    from costcalc.report.files import write_whole
    from costcalc.report.plots.canvas import drawn
    from costcalc.report.plots.kinds import format_of

    check_plot(file, kind)
    drawing = drawing_of(rows, kind, total, against)
    write_whole(drawn(drawing, title, printable(note), page, format_of(file)), file)


def drawing_of(rows: Sequence[dict[str, Any]], kind: str | None, total: str, against: str = "") -> Drawing:
    """What draws the rows. Raises UsageError for a kind that they cannot be drawn as."""
    from costcalc.report.plots.axes import check_columns
    from costcalc.report.plots.kinds import check_kind, kind_of, suited

    check_columns(rows, total, against)
    rows = _plain(rows, total)
    chosen = kind_of(kind) if kind is not None else suited(rows, total, against)
    check_kind(rows, chosen, against)
    return _drawing(rows, chosen, total, against)


def _drawing(rows: Sequence[dict[str, Any]], kind: PlotKind, total: str, against: str) -> Drawing:
    """What fills the canvas, and how large that is."""
    from costcalc.report.plots import bars, heatmap, lines, memory, scatter
    from costcalc.report.plots.canvas import Drawing

    columns = bars.bar_columns(rows, kind, total, against)
    match kind:
        case PlotKind.LAYERS:
            draw: Callable[[Canvas], None] = partial(bars.draw_layers, rows=rows, columns=columns)
            return Drawing(draw, bars.LAYERS, *bars.layers_heights(rows, columns))
        case PlotKind.COMPARE:
            usual, least = (bars.bars_height(len(rows), len(columns), line) for line in (1.9, bars.LEAST_LINE))
            return Drawing(partial(bars.draw_compare, rows=rows, columns=columns), bars.COMPARED, usual, least)
        case PlotKind.ACCURACY:
            draw = partial(scatter.draw_points, rows=rows, total=total, value=TOP1)
            return Drawing(draw, scatter.POINTS, scatter.height)
        case PlotKind.SCATTER:
            points = scatter.draw_layers if is_layer(rows[0]) else scatter.draw_points
            return Drawing(partial(points, rows=rows, total=total, value=against), scatter.POINTS, scatter.height)
        case PlotKind.CATALOGUE:
            draw = partial(scatter.draw_catalogue, rows=rows, total=total, value=against or TOP1)
            return Drawing(draw, scatter.CATALOGUE, scatter.catalogue_height)
        case PlotKind.MEMORY:
            return Drawing(partial(memory.draw_memory, rows=rows), memory.WIDTH, memory.height)
        case PlotKind.HEATMAP:
            return Drawing(partial(heatmap.draw_heatmap, rows=rows, total=total), heatmap.WIDTH, heatmap.height)
        case _:
            draw = partial(lines.draw_lines, rows=rows, total=total, kind=str(kind))
            return Drawing(draw, lines.WIDTH, lines.height)


def terminal_plot(
    rows: Sequence[dict[str, Any]],
    kind: str | None,
    title: str,
    total: str,
    width: int,
    colour: bool = False,
    against: str = "",
    *,
    note: str = "",
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
    text = terminal_text(
        rows, chosen, printable(title), printable(note), total, against, min(width, MOST_WIDTH), colour
    )
    return without_commands(text)


def _plain(rows: Sequence[dict[str, Any]], total: str) -> list[dict[str, Any]]:
    """The rows that have what is drawn (a ratio of nothing is no figure), with every text of theirs on one line."""
    found = [row for row in rows if row.get(total) is not None]
    return [{key: printable(v) if isinstance(v, str) else v for key, v in row.items()} for row in found]
