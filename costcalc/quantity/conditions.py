"""Conditions on quantities: comparisons, whether they hold, and choices between numbers."""

from __future__ import annotations

from costcalc.quantity.kinds import Quantity, grids_of, symbols_of


def at_least(a: Quantity, b: Quantity) -> Quantity:
    """The condition a >= b, for `where` and `holds`."""
    return a >= b


def same(a: Quantity, b: Quantity) -> Quantity:
    """The condition a == b, for `where` and `holds`."""
    if symbols := symbols_of(a, b):
        return symbols.same(a, b)
    return a == b


def differ(a: Quantity, b: Quantity) -> Quantity:
    """The condition a != b."""
    return negated(same(a, b))


def negated(condition: Quantity) -> Quantity:
    """The contrary of a condition."""
    return not condition if type(condition) is bool else ~condition


def holds(condition: Quantity) -> bool:
    """Whether a condition holds everywhere; on symbols it is decided at the formula's point, and assumed elsewhere.

    Raises `costcalc.grid.Differs` for a condition that holds in a part of a sweep only.
    """
    if type(condition) is bool:
        return condition
    if symbols := symbols_of(condition):
        return bool(symbols.holds(condition))
    return bool(condition.holds())


def holds_either(a: Quantity, b: Quantity) -> bool:
    """Whether one of two conditions holds everywhere; on symbols nothing is decided if one is known to."""
    if symbols := symbols_of(a):
        return bool(symbols.holds(symbols.expr(a) | symbols.expr(b)))
    return holds(a) or holds(b)


def within(value: Quantity, least: Quantity, most: Quantity) -> bool:
    """Whether least <= value <= most, everywhere."""
    if type(value) is int:
        return bool(least <= value <= most)
    if grids_of(value) and value.surely_within(least, most):
        return True
    if symbols := symbols_of(value):
        return bool(symbols.within(value, least, most))
    return holds(at_least(value, least)) and holds(at_least(most, value))


def where(condition: Quantity, yes: Quantity, no: Quantity) -> Quantity:
    """`yes` where the condition holds, else `no`."""
    if type(condition) is bool:
        return yes if condition else no
    if symbols := symbols_of(condition):
        return symbols.where(condition, yes, no)
    return grids_of(condition).where(condition, yes, no)
