"""Whether a value fits the operator's field that it is meant for."""

from __future__ import annotations

from typing import Any

from costcalc import quantity
from costcalc.dtypes import DTYPES
from costcalc.errors import Problem, QuantityError, SpecError
from costcalc.expression.values import CONDITION, LIST, NUMBER, SHAPE, WORD, described, kind_of
from costcalc.operators import ACTIVATIONS, NORMS, SCHEMAS, FieldRule
from costcalc.operators.fields import FLAG, Kind, one_word
from costcalc.spec.model import Cell


def rule_of(op: str, field: str) -> FieldRule | None:
    """The rule of an operator's field; `norm`, `act` and `dtype` take a word."""
    return _OF_EVERY_ROW.get(field) or SCHEMAS.get(op, {}).get(field)


_OF_EVERY_ROW = {
    "norm": FieldRule("norm", one_word(("none", *NORMS))),
    "act": FieldRule("act", one_word(("none", *ACTIVATIONS))),
    "dtype": FieldRule("dtype", one_word(DTYPES)),
}


def fit(rule: FieldRule, cell: Cell, value: Any) -> Any:
    """`value` as the field takes it. Raises SpecError at the cell if it does not fit."""
    try:
        return fitted(rule.kind, value, cell.text)
    except QuantityError:
        shown = cell.text if value == cell.text else described(value)
        what = f"{rule.name} is {shown}" if cell.text == shown else f"{rule.name}: '{cell.shown}' is {shown}"
        note = "as the rule of `widths` scales and rounds it" if cell.text.isdecimal() and cell.text != shown else ""
        raise SpecError([Problem(cell.place, what, rule.kind.expected, note=note)]) from None


def fitted(kind: Kind, value: Any, text: str) -> Any:
    """`value`, which was written as `text`, as a field of this kind takes it. Raises QuantityError if it does not."""
    if type(value) is int and kind is not FLAG and kind.least is not None and kind.least <= value <= quantity.LIMIT:
        return value
    found = kind_of(value)
    if kind is FLAG:
        return _flag(value)
    if found is WORD and value in kind.words:
        return value
    if found is SHAPE and text in kind.words:
        return text  # a node has the word's name: here the word is meant
    if found is LIST and kind.per_dimension:
        return tuple(_number(kind, part) for part in value)
    return _number(kind, value)


def _flag(value: Any) -> bool:
    found = kind_of(value)
    if found is CONDITION:
        return quantity.holds(value)
    if found is NUMBER and quantity.holds_either(quantity.same(value, 0), quantity.same(value, 1)):
        return quantity.holds(quantity.same(value, 1))
    raise QuantityError("neither true nor false")


def _number(kind: Kind, value: Any) -> Any:
    if kind.least is None or kind_of(value) is not NUMBER:
        raise QuantityError("no number")
    number = quantity.whole(value)
    if not quantity.within(number, kind.least, quantity.LIMIT):
        raise QuantityError("out of range")
    return number
