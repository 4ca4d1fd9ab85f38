"""Tables that fit a terminal: figures are never cut, text wraps, optional columns go first, reasons become notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from costcalc.report.tables.units import shortened

_T = TypeVar("_T")

GAP = 2
"""Characters between two columns."""
LEAST_TEXT = 14
LEAST_NAME = 22
"""A column of text, and the first one, may be wrapped to this width before a column is left out."""
_NARROWEST = 8
"""So far every text is wrapped where nothing else helps."""


class Records(NamedTuple):
    """Rows of cells under headings; `figures` says which columns are right-aligned numbers.

    Where there is no room for all, the columns of `optional` are left out, in that order, and the texts of the column
    `footnote` go below the table as numbered notes.
    """

    headings: list[str]
    rows: list[list[str]]
    figures: list[bool]
    optional: Sequence[str] = ()
    footnote: str = ""

    def shortened(self) -> Records:
        """The same rows with short figures."""
        rows = [
            [shortened(c) if figure else c for c, figure in zip(row, self.figures, strict=True)] for row in self.rows
        ]
        return self._replace(rows=rows)

    def without(self, heading: str) -> Records:
        """All columns but one, the last of that heading."""
        gone = len(self.headings) - 1 - self.headings[::-1].index(heading)
        return self._replace(
            headings=_but(self.headings, gone),
            rows=[_but(row, gone) for row in self.rows],
            figures=_but(self.figures, gone),
        )


class Fitted(NamedTuple):
    """What of the records stands in the table, what is said below it, and the least width that the table needs."""

    records: Records
    remarks: list[str]
    width: int


def fit(records: Records, width: int) -> Fitted:
    """The columns that have room in so many characters; headings are broken at `_` over narrower figures.

    The first column and the first figure that is not optional stay; after the optional ones the last go first.
    """
    notes: list[str] = []
    if records.footnote in records.headings and _least(records) > width:
        records, notes = _noted(records)
    hidden = []
    rest = [heading for heading in reversed(records.headings[1:]) if heading not in records.optional]
    figures = [heading for heading, is_one in zip(records.headings, records.figures, strict=True) if is_one]
    kept = [heading for heading in figures if heading not in records.optional][:1]
    for heading in (*records.optional, *rest):
        if _least(records, *((LEAST_NAME, LEAST_TEXT) if heading in records.optional else (_NARROWEST,) * 2)) <= width:
            break
        if heading in records.headings and heading not in kept:
            records = records.without(heading)
            hidden.append(heading)
    if hidden:
        notes.append(f"not shown at this width: {', '.join(hidden)}")
    headings = [
        _stacked(heading, max([len(row[index]) for row in records.rows], default=0)) if figure else heading
        for index, (heading, figure) in enumerate(zip(records.headings, records.figures, strict=True))
    ]
    return Fitted(records._replace(headings=headings), notes, _least(records, _NARROWEST, _NARROWEST))


def _noted(records: Records) -> tuple[Records, list[str]]:
    """The footnote's texts as notes, numbered in the cells of the column before it."""
    at = records.headings.index(records.footnote)
    texts = {text: number for number, text in enumerate(dict.fromkeys(row[at] for row in records.rows if row[at]), 1)}
    rows = [
        [f"{cell} [{texts[row[at]]}]" if index == at - 1 and row[at] else cell for index, cell in enumerate(row)]
        for row in records.rows
    ]
    return records._replace(rows=rows).without(records.footnote), [f"[{n}] {text}" for text, n in texts.items()]


def _least(records: Records, name: int = LEAST_NAME, text: int = LEAST_TEXT) -> int:
    """The characters that the table needs: figures whole; the first column and text wrapped, to so many at most."""
    needed = 1 + GAP * len(records.headings)
    for index, heading in enumerate(records.headings):
        longest = max([len(row[index]) for row in records.rows], default=0)
        if records.figures[index]:
            needed += max(longest, *map(len, _stacked(heading, longest).split("\n")))
        else:
            least = text if index else name
            needed += max(min(longest, least), min(len(heading), least))
    return needed


def _stacked(heading: str, width: int) -> str:
    """A heading in lines as wide as its figures, as far as its words allow."""
    lines = [""]
    for word in heading.replace("_", "_\n").replace(" ", " \n").split("\n"):
        if lines[-1] and len(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return "\n".join(line.rstrip() for line in lines)


def _but(values: list[_T], index: int) -> list[_T]:
    return values[:index] + values[index + 1 :]
