"""Whether a value fits the operator's field that it is meant for."""

from __future__ import annotations

from typing import Any

from costcalc import quantity
from costcalc.errors import Problem, QuantityError, SpecError, one_of
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

    def refuse(shown: Any) -> SpecError:
        if isinstance(shown, bool):
            shown = str(shown).lower()
        what = f"{rule.name} is {shown}" if cell.text == str(shown) else f"{rule.name}: '{cell.text}' is {shown}"
        return SpecError([Problem(cell.place, what, expected(rule))])

    if rule.kind == "Flag":
        if value is True or value is False or (type(value) is int and value in (0, 1)):
            return bool(value)
        raise refuse(value)
    if rule.kind == "Word":
        if isinstance(value, str) and value in rule.choices:
            return value
        if hasattr(value, "channels") and cell.text in rule.choices:
            return cell.text  # a node has the word's name: here the word is meant
        raise refuse(value)
    base = rule.kind.partition(" ")[0]
    if base == "Padding" and isinstance(value, str) and value in ("same", "valid"):
        return value
    if isinstance(value, tuple) and base in ("Count", "Number"):
        raise refuse("a list")
    for part in value if isinstance(value, tuple) else (value,):
        try:
            number = quantity.whole(part)
        except QuantityError:
            raise refuse(part) from None
        if not quantity.within(number, _NUMBERS[base], quantity.LIMIT):
            raise refuse(part)
    return tuple(map(quantity.whole, value)) if isinstance(value, tuple) else quantity.whole(value)
