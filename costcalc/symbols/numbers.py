"""The arithmetic of symbols: what `costcalc.quantity` asks of them, named and decided in the trace that is going on."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy.core.function import Application

from costcalc.errors import QuantityError
from costcalc.symbols.forms import Case, Expr, Relation, exact, expr, function_of
from costcalc.symbols.trace import Undetermined, current


def named(value: Any) -> Expr:
    """A value under a name of its own."""
    trace = current()
    return expr(value) if trace is None else trace.name(expr(value))


def apply(function: str, *values: Any) -> Expr:
    """A function of SymPy (floor, ceiling, Max, Min) of numbers, named unless it simplifies away."""
    result = getattr(sympy, function)(*map(expr, values))
    return named(result) if result.has(Application) else result


def root_up(value: Any) -> Expr:
    """The root of a product of sizes, none of which is negative, rounded up."""
    return apply("ceiling", sympy.powdenest(sympy.sqrt(expr(value)), force=True))


def ratio(a: Any, b: Any) -> Expr:
    """a / b. Raises ZeroDivisionError if b is zero, at the point if there is one."""
    divisor, trace = expr(b), current()
    if divisor.is_zero or (trace is not None and trace.has_point and trace.at_point(divisor) == 0):
        raise ZeroDivisionError
    return expr(a) / divisor


def power(a: Any, exponent: int) -> Expr:
    """a ** exponent, of a sum under a name of its own: taken apart it could have any number of terms."""
    base = expr(a)
    return (named(base) if base.is_Add else base) ** exponent


def quotient(a: Any, b: Any) -> Expr:
    """a / b, which is assumed to be a whole number. Raises QuantityError if b is zero."""
    try:
        result = ratio(a, b)
    except ZeroDivisionError:
        raise QuantityError(f"{words(expr(a))} does not divide by 0") from None
    whole(result)
    return result


def whole(value: Expr) -> None:
    """Assume that a value is a whole number."""
    if (trace := current()) is not None:
        trace.whole(value)


def holds(condition: Relation) -> bool:
    """Whether a condition holds."""
    trace = current()
    return condition != sympy.false if trace is None else trace.decide(condition)


def within(value: Expr, least: int, most: int) -> bool:
    """Whether least <= value <= most."""
    trace = current()
    return True if trace is None else trace.within(value, least, most)


def where(condition: Relation, yes: Any, no: Any) -> Expr:
    """`yes` where the condition holds, else `no`; where it says `x == 1`, x is 1."""
    if isinstance(condition, sympy.Eq) and condition.lhs.is_Symbol and condition.rhs.is_number:
        yes = expr(yes).xreplace({condition.lhs: condition.rhs})
    if (trace := current()) is not None and trace.never(expr(condition)):
        return named(no)
    return named(Case(expr(condition), expr(yes), expr(no)))


def words(value: Expr) -> str:
    """A number as a message has it: what it is at the point, since names of a trace mean nothing to anybody."""
    trace = current()
    return str(trace.at_point(value) if trace is not None and trace.has_point else value)


def concrete(value: Expr, decides: str) -> int | Fraction:
    """A value that does not depend on what is open, as it decides something. Raises Undetermined if it does."""
    if value.is_Rational:
        return exact(value)
    trace = current()
    raise Undetermined(tuple(sorted(trace.settings_of(value) if trace else map(str, value.free_symbols))), decides)


def rule(name: str, function: Callable[..., Any], *values: Any) -> Expr:
    """A function of ours, under its own name, that stays as it is until numbers are put in."""
    return named(function_of(name, function)(*map(expr, values)))
