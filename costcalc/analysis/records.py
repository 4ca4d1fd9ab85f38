"""Entries of a ledger as plain values: what every way out takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from costcalc.analysis.frontier import frontier
from costcalc.ledger import Entry
from costcalc.operators.base import sizes_of
from costcalc.typed.columns import Column, Pair

_R = TypeVar("_R")


def plain(value: Any) -> Any:
    """A figure as a plain number: a whole one as it is, a ratio as the nearest float, None of nothing."""
    return float(value) if isinstance(value, Fraction) else value


def figures(entry: Entry, columns: Sequence[Column]) -> dict[str, Any]:
    """The entry's figures by the words of some columns."""
    return {
        column.word: layer_field(entry, column) if column.is_field else plain(entry[column.name]) for column in columns
    }


def layer_field(entry: Entry, column: Column) -> int | str | None:
    """What a layer is, in a column: a kernel as `3x3`, a stride that is one number as that; None where it has none."""
    kernel, stride, groups = entry.geometry
    if column.name == "groups":
        return groups if groups is None else int(groups)
    value = kernel if column.name == "kernel" else stride
    if value is None:
        return None
    dimensions = len(entry.inputs[0].spatial) if entry.inputs else 2
    sizes = sizes_of(value, dimensions)
    if column.name == "stride" and len(set(sizes)) == 1:
        return int(sizes[0])
    return "x".join(map(str, sizes))


def sizes(entry: Entry) -> str:
    """The shapes that enter a part, as `56x56x64 + 56x56x64`."""
    return " + ".join(map(str, entry.inputs))


class Arrangement(NamedTuple):
    """Which rows are shown, and in which order: of a frontier, by a column or a word, the first ones."""

    sort: Column | str | None = None
    pareto: Pair | None = None
    top: int | None = None

    def further(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """The columns that it needs beside some others."""
        needed = (self.sort, *(self.pareto or ()))
        names = {column.name for column in columns}
        return tuple({c.name: c for c in needed if isinstance(c, Column) and c.name not in names}.values())

    def of(self, rows: Sequence[_R], get: Callable[[_R, Column | str], Any]) -> list[_R]:
        """The rows that are shown; `get` is a row's value in a column. A column's best comes first."""
        found = list(rows)
        if self.pareto is not None:
            cost, value = self.pareto
            known = [row for row in found if all(_is_number(get(row, key)) for key in self.pareto)]
            sign = -1 if _is_more_better(cost) else 1
            points = [(sign * _order(get(row, cost))[1], _order(get(row, value))[1]) for row in known]
            found = [known[index] for index in frontier(points, _is_more_better(value))]
        if self.sort is not None:
            key = self.sort
            known = [row for row in found if get(row, key) not in (None, "")]
            missing = [row for row in found if get(row, key) in (None, "")]
            descending = _is_more_better(key)
            known.sort(key=lambda row: _order(get(row, key)), reverse=descending)
            found = [*known, *missing]
        return found[: self.top]


ALL = Arrangement()
"""Every row, as it comes."""


def _is_more_better(key: Column | str) -> bool:
    return isinstance(key, Column) and key.less_is_better is False


def _is_number(value: Any) -> bool:
    return value is not None and not _order(value)[0]


def _order(value: Any) -> tuple[bool, Any]:
    """Numbers before words; alpha and beta are exact numbers, written as text."""
    try:
        return False, Fraction(value)
    except (ValueError, TypeError, ZeroDivisionError):
        return True, str(value)
