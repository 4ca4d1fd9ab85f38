"""Entries of a ledger as plain values: what every way out takes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from costcalc.analysis.frontier import frontier
from costcalc.ledger import Entry
from costcalc.typed.columns import Column


def plain(value: Any) -> Any:
    """A figure as a plain number: a whole one as it is, a ratio as the nearest float, None of nothing."""
    return float(value) if isinstance(value, Fraction) else value


def figures(entry: Entry, columns: Sequence[Column]) -> dict[str, Any]:
    """The entry's figures by the words of some columns."""
    return {word: plain(entry[name]) for word, name in columns}


def sizes(entry: Entry) -> str:
    """The shapes that enter a part, as `56x56x64 + 56x56x64`."""
    return " + ".join(map(str, entry.inputs))


def ordered(
    rows: Sequence[dict[str, Any]], column: str, descending: bool, top: int | None = None
) -> list[dict[str, Any]]:
    """Rows by a column, those without a value last; the first `top` of them, all if None."""
    known = [row for row in rows if row[column] not in (None, "")]
    known.sort(key=lambda row: row[column], reverse=descending)
    return [*known, *(row for row in rows if row[column] in (None, ""))][:top]


def pareto_optimal(rows: Sequence[dict[str, Any]], cost: Column, value: Column) -> list[dict[str, Any]]:
    """The rows for which no other is at least as good in both columns and better in one, by the first of them."""
    known = [row for row in rows if row[cost.word] is not None and row[value.word] is not None]
    sign = 1 if cost.less_is_better is not False else -1
    points = [(sign * row[cost.word], row[value.word]) for row in known]
    return [known[index] for index in frontier(points, value.less_is_better is False)]
