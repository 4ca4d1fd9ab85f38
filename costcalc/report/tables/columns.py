"""The columns of a report for people: heading, cell, and which go first where there is no room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.records import layer_field, sizes
from costcalc.ledger import Entry, Ledger
from costcalc.measures import Unit, measure_of
from costcalc.report.tables.units import four_digits, grouped, share, short_bytes
from costcalc.typed.columns import Column
from costcalc.words import By


class TableColumn(NamedTuple):
    """A column: `cell` makes its text for a row, `foot` for the whole; figures are right-aligned."""

    heading: str
    cell: Callable[[Entry], str]
    foot: Callable[[Entry], str] = lambda whole: ""
    figure: bool = True
    least_width: int = 0


_FIELD_WIDTHS = {"kernel": 160, "stride": 160, "groups": 170}
"""From these widths on, the usual table says what layers are."""


def figure_text(name: str, value: Any) -> str:
    """A measure's value for people: all digits of a count, four of bytes and of a ratio; nothing for none."""
    if value is None:
        return ""
    unit = measure_of(name).counted_in
    if unit is Unit.BYTES:
        return short_bytes(value)
    return four_digits(float(value)) if unit is Unit.RATIO or isinstance(value, Fraction | float) else grouped(value)


def measured(column: Column, least_width: int = 0) -> TableColumn:
    """A column of a measure."""

    def text(entry: Entry) -> str:
        return figure_text(column.name, entry[column.name])

    return TableColumn(column.measure.title, text, text, least_width=least_width)


def described(column: Column, least_width: int = 0) -> TableColumn:
    """A column of what layers are: blank where a layer has none."""

    def text(entry: Entry) -> str:
        value = layer_field(entry, column)
        return "" if value is None else grouped(value) if isinstance(value, int) else value

    return TableColumn(column.word, text, figure=column.name != "kernel", least_width=least_width)


def columns(ledger: Ledger, by: By, asked: Sequence[Column] = ()) -> list[TableColumn]:
    """The columns for a report, in order: those asked for, or the usual."""
    whole, total = ledger.whole, ledger.total
    if by is By.OPERATOR:
        first = [
            TableColumn("operator", lambda row: row.name, lambda whole: "total", figure=False),
            TableColumn("count", lambda row: grouped(row.count), least_width=90),
        ]
    else:
        first = [
            TableColumn(str(by), lambda row: row.name, lambda whole: "total", figure=False),
            TableColumn("op", lambda row: row.op, figure=False, least_width=100),
            TableColumn("input", sizes, figure=False, least_width=124),
            TableColumn("output", lambda row: str(row.output), figure=False, least_width=60),
        ]
        if by in (By.LAYER, By.NODE) and not asked:
            first[2:2] = [described(Column(name, name), width) for name, width in _FIELD_WIDTHS.items()]
    if asked:
        return [*first, *(described(column) if column.is_field else measured(column) for column in asked)]

    def of_whole(name: str) -> Callable[[Entry], str]:
        return lambda row: share(row[name], whole[name])

    figures = [
        measured(Column(total, total)),
        TableColumn("%", of_whole(total), of_whole(total), least_width=50),
        measured(Column("params", "params")),
    ]
    if by is By.OPERATOR:
        shares = TableColumn("% weights", of_whole("weights"), of_whole("weights"))
        return [*first, *figures, measured(Column("weights", "weights"), 100), shares]
    memory = (("weight_bytes", 110), ("output_bytes", 140), ("traffic_bytes", 150))
    return [*first, *figures, *(measured(Column(name, name), width) for name, width in memory)]
