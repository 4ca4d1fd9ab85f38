"""A table as a piece of HTML, that a document or a notebook takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from costcalc.escape import html
from costcalc.report.tables.units import UNITS

_FIGURE = re.compile(r"(?:\* )?([+-]?[\d,]*\.?\d+)(?:/(\d+))?(?: ?([kMGT])?B?)?(?: %)?")
_SIZES = {"": 1, **{unit: size for size, unit in UNITS}}


def table_html(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Sequence[bool],
    notes: Sequence[str],
    foot: Sequence[str] = (),
) -> str:
    """A title, cells under headings, the totals of `foot`, and the notes, ending in a newline.

    What a cell of figures is sorted by stands in `data-value`.
    """
    head = "".join(f"<th{_CLASS[figure]}>{html(name)}</th>" for name, figure in zip(headings, figures, strict=True))
    lines = [f"<h2>{html(title)}</h2>", "<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    lines += [_row(row, figures, is_sorted=True) for row in rows]
    lines += ["</tbody>", *([f"<tfoot>{_row(foot, figures)}</tfoot>"] if foot else []), "</table>"]
    return "\n".join([*lines, *(f"<p>{html(note)}</p>" for note in notes)]) + "\n"


_CLASS = {True: ' class="figure"', False: ""}


def _row(cells: Sequence[str], figures: Sequence[bool], is_sorted: bool = False) -> str:
    found = []
    for cell, figure in zip(cells, figures, strict=True):
        value = sort_value(cell) if figure and is_sorted else None
        data = "" if value is None else f' data-value="{value:.15g}"'
        found.append(f"<td{_CLASS[figure]}{data}>{html(cell)}</td>")
    return f"<tr>{''.join(found)}</tr>"


def sort_value(cell: str) -> float | None:
    """The number that a cell of figures says: `* 16.93 MB` -> 16,930,000; None if it says none."""
    match = _FIGURE.fullmatch(cell.strip())
    if not match:
        return None
    value = float(match[1].replace(",", "")) / int(match[2] or 1) if match[2] != "0" else None
    return None if value is None else value * _SIZES[match[3] or ""]
