"""The table: rich on a terminal, with colour and bars; plain aligned text when piped, without loading rich."""

from __future__ import annotations

from collections.abc import Sequence

from costcalc.errors import flag_of, width_of
from costcalc.escape import printable, without_commands
from costcalc.report.tables.fit import Records, fit

USUAL_WIDTH = 80
MOST_WIDTH = 1000
MOST_ROWS = 1000
"""So many rows are laid out by rich."""
PIPED_WIDTH = 110
"""Decides which columns a piped table has."""
BAR = 8
_VERDICTS = {
    **dict.fromkeys(("holds", "exact", "agrees", "cut off"), "green"),
    **dict.fromkeys(("partial", "differs"), "yellow"),
    **dict.fromkeys(("broken", "unexplained"), "bold red"),
}
"""The colours of verdicts, beside their words."""


def record_table(heading: str, records: Records, remarks: Sequence[str], width: int | None, terminal: bool) -> str:
    """Any rows as a table: all columns where it is piped, as many as fit on a terminal; of no rows, what is said."""
    width, terminal = width_of(width), flag_of(terminal, "terminal")
    if not records.rows:
        return "\n".join([printable(heading), *([""] if remarks else []), *map(printable, remarks)]) + "\n"
    if not terminal:
        return plain_table(heading, records.headings, records.rows, records.figures, remarks)
    room = room_of(width)
    (headings, rows, figures, *_), more, least = fit(records, room)
    return rich_table(heading, headings, rows, figures, [*more, *remarks], (room, least))


def room_of(width: int | None) -> int:
    """Columns of a table on a terminal of so many."""
    return min(width or USUAL_WIDTH, MOST_WIDTH)


def plain_table(
    heading: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Sequence[bool],
    remarks: Sequence[str],
    foot: Sequence[str] = (),
) -> str:
    """Plain aligned text."""
    headings, *rows = [[printable(cell) for cell in line] for line in (headings, *rows)]
    lines = [headings, *rows, *([foot] if foot else [])]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = zip(cells, widths, figures, strict=True)
        return "  ".join(cell.rjust(width) if figure else cell.ljust(width) for cell, width, figure in padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    body = [line(headings), rule, *map(line, rows), *([rule, line(foot)] if foot else [])]
    return "\n".join([printable(heading), "", *body, "", *map(printable, remarks)]).rstrip() + "\n"


def rich_table(
    heading: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Sequence[bool],
    remarks: Sequence[str],
    widths: tuple[int, int],
    foot: Sequence[str] = (),
    bars: tuple[int, Sequence[str]] | None = None,
) -> str:
    """The table in the first of `widths`, or in the second where it needs more: no figure is ever cut.

    A very long one is plain text: rich would think about it for seconds.
    """
    if len(rows) > MOST_ROWS:
        return plain_table(heading, headings, rows, figures, remarks, foot)
    import io

    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=SIMPLE,
        show_footer=bool(foot),
        header_style="bold",
        footer_style="bold",
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for index, (name, figure) in enumerate(zip(headings, figures, strict=True)):
        table.add_column(
            Text("\n".join(map(printable, name.split("\n")))),
            Text(printable(foot[index])) if foot else "",
            justify="right" if figure else "left",
            no_wrap=figure,
            overflow="fold",
            style="bold" if index == 0 else "",
        )
        if bars and index == bars[0]:
            table.add_column("", "", no_wrap=True, style="cyan", min_width=BAR, max_width=BAR)
    for number, row in enumerate(rows):
        cells = [Text(printable(cell), _colour(name, cell)) for name, cell in zip(headings, row, strict=True)]
        if bars:
            cells.insert(bars[0] + 1, Text(bars[1][number]))
        table.add_row(*cells)
    out = io.StringIO()
    console = Console(
        file=out,
        width=widths[0],
        height=1,  # with both sides given, rich does not take a dumb terminal for one of 80 columns
        force_terminal=True,
        color_system="standard",
        highlight=False,
        legacy_windows=False,
    )
    console.print(Text(printable(heading), style="bold"))
    console.print(table, width=max(widths), crop=False)
    for remark in remarks:
        console.print(Text(printable(remark), style="dim"))
    return without_commands(out.getvalue())


def _colour(heading: str, cell: str) -> str:
    return _VERDICTS.get(cell.partition(" ")[0], "") if heading == "verdict" else ""
