"""The terminal table (rich): bars and colour on a terminal, plain when piped."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from costcalc.report.columns import columns, notes, title
from costcalc.report.units import bar

if TYPE_CHECKING:
    from costcalc.api import Report

PIPED_WIDTH = 110
_BAR = 8
_LINES = Box("    \n    \n -- \n    \n -- \n -- \n    \n    \n", ascii=True)
_RULES = Box("    \n    \n ── \n    \n ── \n ── \n    \n    \n")


def report_table(report: Report, width: int | None, terminal: bool) -> str:
    """A report as a table that fits `width` (80 at least), with the totals at its foot."""
    room = max(80, width or PIPED_WIDTH)
    shown = [column for column in columns(report) if column.least_width <= room]
    table = _table(title(report))
    headings = [column.heading for column in shown]
    bar_after = headings.index("%") if terminal else -1
    for index, column in enumerate(shown):
        foot = column.foot(report.totals)
        name = index == 0
        table.add_column(
            column.heading,
            foot,
            justify="right" if column.figure else "left",
            no_wrap=True,
            overflow="ellipsis",
            style="bold" if name else "",
        )
        if index == bar_after:
            table.add_column("", "", no_wrap=True, style="cyan", min_width=_BAR, max_width=_BAR)
    whole = max((row.total for row in report.layers), default=0)
    for row in report.layers:
        cells: list[str | Text] = []
        for index, column in enumerate(shown):
            cells.append(Text(column.cell(row)))
            if index == bar_after:
                cells.append(Text(bar(row.total, whole, _BAR)))
        table.add_row(*cells)
    return _printed(table, notes(report), room if terminal else None, terminal)


def plain_table(
    heading: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Sequence[bool],
    remarks: Sequence[str],
    width: int | None,
    terminal: bool,
) -> str:
    """Any rows as a table."""
    table = _table(heading)
    table.show_footer = False
    for name, figure in zip(headings, figures, strict=True):
        table.add_column(name, justify="right" if figure else "left", overflow="fold", no_wrap=figure)
    for row in rows:
        table.add_row(*map(Text, row))
    return _printed(table, remarks, max(80, width or PIPED_WIDTH) if terminal else None, terminal)


def _table(heading: str) -> Table:
    return Table(
        title=Text(heading, style="bold"),
        title_justify="left",
        show_footer=True,
        header_style="bold",
        footer_style="bold",
        padding=(0, 1, 0, 0),
    )


def _printed(table: Table, remarks: Sequence[str], width: int | None, terminal: bool) -> str:
    out = io.StringIO()
    table.box = _RULES if terminal else _LINES
    console = Console(
        file=out,
        width=width or 400,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    if not terminal:
        table.title_style = ""
    console.print(table)
    for remark in remarks:
        console.print(Text(remark, style="dim"), soft_wrap=not terminal)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))
