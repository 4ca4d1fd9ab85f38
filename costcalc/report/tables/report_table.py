"""A report for people: a table with the totals at its foot, in every format."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple, TypeVar

from costcalc.errors import flag_of, width_of
from costcalc.report.formats import Format, page
from costcalc.report.tables.fit import GAP, Records, fit
from costcalc.report.tables.table import BAR, PIPED_WIDTH, plain_table, rich_table, room_of
from costcalc.report.tables.units import bar

_T = TypeVar("_T")

_LEAST_WITH_BARS = 60


class Table(NamedTuple):
    """A report in words: cells under headings, with the totals at its foot, what stands over and under it.

    Columns of `figures` are right-aligned; one goes where less than its least width is there. `costs` are the rows'.
    """

    title: str
    headings: list[str]
    figures: list[bool]
    least_widths: list[int]
    rows: list[list[str]]
    foot: list[str]
    costs: list[float]
    notes: list[str]

    def shortened(self) -> Table:
        """The same table with short figures."""
        *rows, foot = Records(self.headings, [*self.rows, self.foot], self.figures).shortened().rows
        return self._replace(rows=rows, foot=foot)


def render_table(table: Table, format: Format, width: int | None, terminal: bool) -> str:
    """The table as one that fits `width` (80 unless given), or as Markdown, LaTeX or HTML.

    On a terminal costs are drawn as bars, after the shares or the first figure.
    """
    width, terminal = width_of(width), flag_of(terminal, "terminal")
    title, headings, figures, least_widths, rows, foot, costs, notes = table
    kept = [least <= (width or PIPED_WIDTH) for least in least_widths]

    def of(cells: Sequence[_T]) -> list[_T]:
        return list(compress(cells, kept))

    rarest = [heading for least, heading in sorted(zip(least_widths, headings, strict=True), key=_rarest) if least]
    if format is not Format.TABLE:
        return page(format, title, headings, rows, figures, notes, foot, rarest)
    if not terminal:
        return plain_table(title, of(headings), list(map(of, rows)), of(figures), notes, of(foot))
    room = room_of(width)
    taken = BAR + GAP if room >= _LEAST_WITH_BARS and True in figures else 0
    records = Records(headings, [*rows, foot], figures, rarest)
    fitted = fit(records, room - taken)
    *shown_rows, fitted_foot = fitted.records.rows
    headings, figures = fitted.records.headings, fitted.records.figures
    most = max(costs, default=0)
    bars = None
    if taken and True in figures:
        place = headings.index("%") if "%" in headings else figures.index(True)
        bars = place, [bar(cost, most, BAR) for cost in costs]
    shown = fitted._replace(records=fitted.records._replace(rows=shown_rows), width=fitted.width + taken)
    return rich_table(title, shown, [*fitted.remarks, *notes], room, fitted_foot, bars)


def _rarest(column: tuple[int, str]) -> int:
    return -column[0]
