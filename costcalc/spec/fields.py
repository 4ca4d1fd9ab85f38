"""Whether a value fits the operator's field that it is meant for."""

from __future__ import annotations

from typing import Any

from costcalc import quantity
from costcalc.errors import Problem, QuantityError, SpecError, one_of
from costcalc.expression.values import CONDITION, LIST, NUMBER, SHAPE, WORD, described, kind_of
from costcalc.operators import ACTIVATIONS, NORMS, SCHEMAS, FieldRule
from costcalc.spec.model import Cell

_NUMBERS = {"Count": 1, "Number": 0, "Extent": 1, "Padding": 0}
"""The least number that each kind of field takes."""


def rule_of(op: str, field: str) -> FieldRule | None:
    """The rule of an operator's field; `norm` and `act` take a word."""
    return _FOLLOWERS.get(field) or SCHEMAS.get(op, {}).get(field)


_FOLLOWERS = {
    "norm": FieldRule("norm", "Word", False, ("none", *NORMS)),
    "act": FieldRule("act", "Word", False, ("none", *ACTIVATIONS)),
}


def expected(rule: FieldRule) -> str:
    """What the field takes, in words."""
    if rule.kind == "Flag":
        return "true or false"
    if rule.kind == "Word":
        return one_of(rule.choices, 30)
    base = rule.kind.partition(" ")[0]
    what = f"a whole number from {_NUMBERS[base]}"
    if base in ("Count", "Number"):
        return what
    return ("same, valid, " if base == "Padding" else "") + what + ", or one per dimension as 1x7"


def fit(rule: FieldRule, cell: Cell, value: Any) -> Any:
    """`value` as the field takes it. Raises SpecError at the cell if it does not fit."""

    kind = kind_of(value)
    if rule.kind == "Flag":
        if kind is CONDITION:
            return quantity.holds(value)
        if kind is NUMBER and quantity.holds_either(quantity.same(value, 0), quantity.same(value, 1)):
            return quantity.holds(quantity.same(value, 1))
        raise _refused(rule, cell, value)
    if rule.kind == "Word":
        if kind is WORD and value in rule.choices:
            return value
        if kind is SHAPE and cell.text in rule.choices:
            return cell.text  # a node has the word's name: here the word is meant
        raise _refused(rule, cell, value)
    base = rule.kind.partition(" ")[0]
    if base == "Padding" and kind is WORD and value in ("same", "valid"):
        return value
    if kind is LIST and base not in ("Count", "Number"):
        return tuple(_number(rule, cell, part) for part in value)
    return _number(rule, cell, value)


def _number(rule: FieldRule, cell: Cell, value: Any) -> Any:
    if kind_of(value) is not NUMBER:
        raise _refused(rule, cell, value)
    try:
        number = quantity.whole(value)
    except QuantityError:
        raise _refused(rule, cell, value) from None
    if not quantity.within(number, _NUMBERS[rule.kind.partition(" ")[0]], quantity.LIMIT):
        raise _refused(rule, cell, value)
    return number


def _refused(rule: FieldRule, cell: Cell, value: Any) -> SpecError:
    shown = cell.text if value == cell.text else described(value)
    what = f"{rule.name} is {shown}" if cell.text == shown else f"{rule.name}: '{cell.shown}' is {shown}"
    return SpecError([Problem(cell.place, what, expected(rule))])
