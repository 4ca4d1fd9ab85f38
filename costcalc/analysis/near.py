"""What a bound leaves out by a hair: 300.77M where 300M are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.typed.budgets import Budget

NEAR = Fraction(1, 100)
"""A figure that misses its bound by this share of it, or less, is near."""


class Near(NamedTuple):
    """Something that misses a budget by a little: what it is called, the budget, and its figure."""

    name: str
    budget: Budget
    value: int | float


def near(name: str, budgets: Sequence[Budget], figure: Callable[[str], Any]) -> Near | None:
    """The budget that it misses the most, if it misses some and none by more than `NEAR`; else None."""
    missed = [(budget, figure(budget.measure)) for budget in budgets if not budget.keeps(figure(budget.measure))]
    if not missed or not all(loosened(budget).keeps(value) for budget, value in missed):
        return None
    budget, value = max(missed, key=lambda miss: abs(miss[1] / miss[0].limit - 1) if miss[0].limit else 0)
    return Near(name, budget, float(value) if isinstance(value, Fraction) else value)


def loosened(budget: Budget) -> Budget:
    """The budget with what is near it."""
    return budget._replace(limit=budget.limit * (1 - NEAR if budget.is_least else 1 + NEAR))
