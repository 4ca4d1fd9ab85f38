"""Tables that fit a terminal: figures and names are never cut, optional columns go first, reasons become notes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, TypeVar

from costcalc.report.tables.units import shortened

_T = TypeVar("_T")

GAP = 2
"""Characters between two columns."""
LEAST_TEXT = 14
LEAST_NAME = 22
"""Texts are wrapped to the first width, and longer names than the second stand above their rows, before columns go."""
_NARROWEST = 8
"""So narrow a text or a column of names becomes where nothing else helps, and a heading is broken in two."""
_NETWORK = "network"
"""The heading of names, where they are not the first column."""


class Records(NamedTuple):
    """Rows of cells under headings; `figures` says which columns are right-aligned numbers.

    Where there is no room for all, the columns of `optional` are left out, in that order, and the texts of the column
    `footnote` go below the table as numbered notes. Of the others the last go first, but for those of `kept`.
    """

    headings: list[str]
    rows: list[list[str]]
    figures: list[bool]
    optional: Sequence[str] = ()
    footnote: str = ""
    kept: Sequence[str] = ()
    has_names: bool = True

    @property
    def names(self) -> int | None:
        """The column that says what a row is of, if there is one: the networks, or the first if it is text."""
        if not self.has_names:
            return None
        if _NETWORK in self.headings:
            return self.headings.index(_NETWORK)
        return None if not self.figures or self.figures[0] else 0

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
    """What of the records stands in the table, what is said below it, and the least width that the table needs.

    `above` has for each row the name that stands on a line over it, "" for none; the column of names has those that
    have room beside the figures, and is not there where each would stand for several rows, or none has room.
    """

    records: Records
    remarks: list[str]
    width: int
    above: list[str]


def fit(records: Records, width: int) -> Fitted:
    """The columns that have room in so many characters; headings are broken at `_` over narrower figures.

    What `kept` says stays, or else the first figure that is not optional; after the optional ones the last go first.
    """
    notes: list[str] = []
    if records.footnote in records.headings and _least(records, broken=False) > width:
        records, notes = noted(records)
    left, hidden = _chosen(records, width, 0 if is_repeated(records) else LEAST_NAME)
    if not _raised(left, width, _is_broken(left, width))[0].has_names:
        left, hidden = _chosen(records, width, 0)
    if hidden:
        notes.append(f"not shown at this width: {', '.join(hidden)}")
    broken = _is_broken(left, width)
    records, above = _raised(left, width, broken)
    headings = [
        _stacked(heading, max([len(row[index]) for row in records.rows], default=0), broken) if figure else heading
        for index, (heading, figure) in enumerate(zip(records.headings, records.figures, strict=True))
    ]
    least = _least(records, width, _NARROWEST, broken)
    return Fitted(records._replace(headings=headings), notes, least, above)


def _chosen(records: Records, width: int, name: int) -> tuple[Records, list[str]]:
    """The columns that have room if names take so many characters at most, and the headings of the others."""
    figures = [heading for heading, is_one in zip(records.headings, records.figures, strict=True) if is_one]
    kept = {*(records.kept or [heading for heading in figures if heading not in records.optional][:1])}
    if records.names is not None:
        kept.add(records.headings[records.names])
    rest = [heading for heading in reversed(records.headings) if heading not in records.optional]
    hidden = []
    for heading in (*records.optional, *rest):
        is_optional = heading in records.optional
        least = _least(records, name, broken=False) if is_optional else _least(records, *_narrowest(records))
        if least <= width:
            break
        if heading in records.headings and heading not in kept:
            records = records.without(heading)
            hidden.append(heading)
    return records, hidden


def _narrowest(records: Records) -> tuple[int, int]:
    """How narrow the names and the texts may become: the names to nothing, where each would stand for several rows."""
    return 0 if is_repeated(records) else _NARROWEST, _NARROWEST


def _is_broken(records: Records, width: int) -> bool:
    """Whether the headings have to be broken for want of room."""
    return _least(records, *_narrowest(records), broken=False) > width


def is_repeated(records: Records) -> bool:
    """Whether rows of one name stand together, two on average."""
    column = [] if records.names is None else [row[records.names] for row in records.rows]
    return 2 * sum(1 for _ in groupby(column)) <= len(column)


def _raised(records: Records, width: int, broken: bool) -> tuple[Records, list[str]]:
    """The names for which there is no room beside the rest stand above their rows, once for rows that follow; if
    that is all of them, their column is gone."""
    at = records.names
    longest = 0 if at is None else max([len(row[at]) for row in records.rows], default=0)
    others = records if at is None else records.without(records.headings[at])._replace(has_names=False)
    spare, most = (width - GAP - _least(others, least, least, broken) for least in (width, _NARROWEST))
    room = max(spare, min(LEAST_NAME, most))  # longer names do not press the texts
    if at is None or longest <= room:
        return records, [""] * len(records.rows)
    gone = is_repeated(records) or room < max(_NARROWEST, len(records.headings[at]))
    above = []
    before = ""
    for row in records.rows:
        name = row[at]
        above.append(name if name != before and (gone or len(name) > room) else "")
        before = name
    if gone:
        return others, above
    rows = [["" if i == at and len(c) > room else c for i, c in enumerate(row)] for row in records.rows]
    return records._replace(rows=rows), above


def noted(records: Records) -> tuple[Records, list[str]]:
    """The footnote's texts as notes, numbered in the cells of the column before it."""
    at = records.headings.index(records.footnote)
    texts = {text: number for number, text in enumerate(dict.fromkeys(row[at] for row in records.rows if row[at]), 1)}
    rows = [
        [f"{cell} [{texts[row[at]]}]" if index == at - 1 and row[at] else cell for index, cell in enumerate(row)]
        for row in records.rows
    ]
    return records._replace(rows=rows).without(records.footnote), [f"[{n}] {text}" for text, n in texts.items()]


def _least(records: Records, name: int = LEAST_NAME, text: int = LEAST_TEXT, broken: bool = True) -> int:
    """The characters that the table needs: figures whole; names to so many, and texts wrapped, between their words."""
    needed = 1 + GAP * len(records.headings)
    for index, heading in enumerate(records.headings):
        cells = [row[index] for row in records.rows]
        longest = max(map(len, cells), default=0)
        if records.figures[index]:
            needed += max(longest, *map(len, _stacked(heading, longest, broken).split("\n")))
        elif index == records.names:
            needed += max(min(longest, name), min(len(heading), name)) if name else -GAP
        else:
            word = min(max((len(word) for cell in cells for word in cell.split()), default=0), LEAST_TEXT)
            least = max(text, word)
            needed += max(min(longest, least), min(len(heading), least))
    return needed


def _stacked(heading: str, width: int, broken: bool = False) -> str:
    """A heading in lines as wide as its figures, as far as its words allow; broken where they do not."""
    lines = [""]
    for word in heading.replace("_", "_\n").replace(" ", " \n").split("\n"):
        if lines[-1] and len(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    most = max(width, _NARROWEST - 1)
    if broken:
        lines = [part for line in lines for part in _halves(line.rstrip(), most)]
    return "\n".join(line.rstrip() for line in lines)


def _halves(word: str, most: int) -> list[str]:
    """A word of more letters than that in two lines, at its hyphen if it has one."""
    if len(word) <= most:
        return [word]
    after = word.rfind("-", 0, most) + 1
    return [word[:after], word[after:]] if after else [word[: most - 1] + "-", word[most - 1 :]]


def _but(values: list[_T], index: int) -> list[_T]:
    return values[:index] + values[index + 1 :]
