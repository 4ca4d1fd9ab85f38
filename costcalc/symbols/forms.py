"""Forms of expression of our own, and expressions by themselves: nothing here is named or decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import sympy

from costcalc.errors import QuantityError

Expr: TypeAlias = Any
"""sympy.Expr"""
Relation: TypeAlias = Any
"""sympy.Basic: a comparison, or true or false"""
ROUND_WIDTH = "round_width"
"""The rule whose results are multiples of its second argument if the third is one."""


class Case(sympy.Function):  # type: ignore[misc]  # SymPy has no types
    """`Case(condition, yes, no)`: a number or another. SymPy's Piecewise would rearrange, slowly."""

    nargs = 3

    @classmethod
    def eval(cls, condition: Relation, yes: Expr, no: Expr) -> Expr | None:
        """One of the two where the condition is known, or where both are the same."""
        if condition == sympy.true or yes == no:
            return yes
        return no if condition == sympy.false else None

    def _eval_is_integer(self) -> bool | None:
        return True if self.args[1].is_integer and self.args[2].is_integer else None


class Largest(sympy.Function):  # type: ignore[misc]
    """The largest of some sums. SymPy's Max would compare them all with each other, slowly."""

    @classmethod
    def eval(cls, *values: Expr) -> Expr | None:
        """The largest of numbers."""
        return max(values) if all(value.is_Rational for value in values) else None

    def _eval_is_integer(self) -> bool | None:
        return True if all(value.is_integer for value in self.args) else None


def largest(values: Sequence[Any]) -> Expr:
    """The largest of some values; without those that another one exceeds term by term, all symbols being positive."""
    kept: list[tuple[Expr, Mapping[Expr, Expr]]] = []
    for value in dict.fromkeys(map(expr, values)):
        terms = sympy.expand(value).as_coefficients_dict()
        if any(_covers(other, terms) for _, other in kept):
            continue
        kept = [(one, other) for one, other in kept if not _covers(terms, other)]
        kept.append((value, terms))
    return kept[0][0] if len(kept) == 1 else Largest(*(value for value, _ in kept))


def _covers(more: Mapping[Expr, Expr], less: Mapping[Expr, Expr]) -> bool:
    """Whether each term of a sum is at least that of another."""
    return all(more.get(term, 0) >= factor for term, factor in less.items()) and all(
        factor >= 0 or term in less for term, factor in more.items()
    )


def expr(value: Any) -> Expr:
    """A number as SymPy has it. Raises TypeError for a word: SymPy would evaluate it."""
    try:
        return sympy.sympify(value, strict=True)
    except sympy.SympifyError:
        raise TypeError(value) from None


def exact(value: Expr) -> int | Fraction:
    """A rational number of SymPy's as one of Python's."""
    return int(value.p) if value.q == 1 else Fraction(int(value.p), int(value.q))


def is_condition(value: Any) -> bool:
    """Whether a value is a comparison or a truth, and no number: SymPy's symbols are both."""
    return isinstance(value, sympy.logic.boolalg.Boolean) and not isinstance(value, sympy.Expr)


def added(values: Iterable[Any]) -> Expr:
    """The sum of numbers and symbols."""
    return sympy.Add(*map(expr, values))


def same(a: Any, b: Any) -> Relation:
    """The condition a == b; nothing but a number is the same as a number."""
    try:
        return sympy.Eq(expr(a), expr(b))
    except TypeError:
        return sympy.false


def put_in(value: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """An expression with numbers put in; SymPy's nan where it cannot be evaluated."""
    try:
        return value.xreplace(values)
    except (TypeError, ValueError, ZeroDivisionError, QuantityError):  # no order, no logarithm, no quotient, no whole
        return sympy.nan


@cache
def function_of(name: str, function: Callable[..., Any]) -> Any:
    """A function of ours as one of SymPy's, which is evaluated once all it is of are numbers."""

    def evaluate(cls: Any, *values: Expr) -> Any:
        if all(value.is_Rational for value in values):
            return sympy.sympify(function(*map(exact, values)))
        return None

    def is_whole(self: Expr) -> bool | None:
        return True if name != ROUND_WIDTH or all(value.is_integer for value in self.args[1:]) else None

    return type(name, (sympy.Function,), {"eval": classmethod(evaluate), "_eval_is_integer": is_whole})
