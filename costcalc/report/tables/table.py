"""The table: rich on a terminal, with colour and bars; plain aligned text when piped, without loading rich."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from textwrap import wrap

from costcalc.errors import flag_of, width_of
from costcalc.escape import printable, without_commands
from costcalc.report.tables.fit import Fitted, Records, fit

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
    fitted = fit(records, room)
    return rich_table(heading, fitted, [*fitted.remarks, *remarks], room)


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
    above: Sequence[str] = (),
) -> str:
    """Plain aligned text; `above` are names that stand over their rows, "" for none."""
    headings, *rows = [[printable(cell) for cell in line] for line in (headings, *rows)]
    lines = [headings, *rows, *([foot] if foot else [])]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = zip(cells, widths, figures, strict=True)
        return "  ".join(cell.rjust(width) if figure else cell.ljust(width) for cell, width, figure in padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    raised = above or [""] * len(rows)
    named = [[name, line(row)] if name else [line(row)] for name, row in zip(raised, rows, strict=False)]
    body = [line(headings), rule, *chain.from_iterable(named), *([rule, line(foot)] if foot else [])]
    return "\n".join([printable(heading), "", *body, "", *map(printable, remarks)]).rstrip() + "\n"


def rich_table(
    heading: str,
    fitted: Fitted,
    remarks: Sequence[str],
    room: int,
    foot: Sequence[str] = (),
    bars: tuple[int, Sequence[str]] | None = None,
) -> str:
    """The table in so many columns, or as many as it needs: no figure and no name is ever cut.

    `bars` stand after a column. A very long one is plain text: rich would think about it for seconds.
    """
    (headings, rows, figures, *_), _, least, above = fitted
    named = fitted.records.names
    if len(rows) > MOST_ROWS:
        return plain_table(heading, headings, rows, figures, remarks, foot, above)
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
            no_wrap=figure or index == named,
            overflow="fold",
            style="bold" if index == 0 else "",
        )
        if bars and index == bars[0]:
            table.add_column("", "", no_wrap=True, style="cyan", min_width=BAR, max_width=BAR)
    for number, row in enumerate(rows):
        cells = [Text(printable(cell), _colour(name, cell)) for name, cell in zip(headings, row, strict=True)]
        if bars:
            cells.insert(bars[0] + 1, Text(bars[1][number]))
        cells[0] = Text(_MARK * bool(above[number])) + cells[0]
        table.add_row(*cells)
    out = io.StringIO()
    console = Console(
        file=out,
        width=room,
        height=1,  # with both sides given, rich does not take a dumb terminal for one of 80 columns
        force_terminal=True,
        color_system="standard",
        no_color=False,  # decided where the text goes; to older versions of rich an empty NO_COLOR is one
        highlight=False,
        legacy_windows=False,
    )
    console.print(Text(printable(heading), style="bold"))
    console.print(table, width=max(room, least), crop=False)
    text = _with_names(out.getvalue(), [name for name in above if name], room)
    out.seek(out.truncate(0))
    for remark in remarks:
        console.print(Text(printable(remark), style="dim"))
    return without_commands(text + out.getvalue())


_MARK = "\u2060"
"""A character without width, in the first line of a row that has a name above."""


def _with_names(text: str, names: Sequence[str], width: int) -> str:
    """Each name on a line of its own, over the row that is marked for it."""
    lines: list[str] = []
    waiting = iter(names)
    for line in text.splitlines():
        if _MARK in line:
            name = printable(next(waiting))
            lines += [f" \x1b[1m{part}\x1b[0m" for part in wrap(name, max(1, width - 1))]
        lines.append(line.replace(_MARK, ""))
    return "\n".join(lines) + "\n"


def _colour(heading: str, cell: str) -> str:
    return _VERDICTS.get(cell.partition(" ")[0], "") if heading == "verdict" else ""
