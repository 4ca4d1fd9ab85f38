"""Symbols: the kind of number that a formula is computed on.

A setting left open is a SymPy symbol. Sums and products of symbols stay as they are; what is rounded, or chosen between
cases, gets a name of its own (`c = round8(32 alpha)`), so that every cost stays a polynomial in names. Conditions
are decided at one point of the settings, and what was decided is kept: the formula holds where it is decided alike.

Outside a study nothing is named, and every condition that cannot be decided is taken to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import sympy
from sympy.core.function import Application

from costcalc.errors import QuantityError

Expr: TypeAlias = Any
"""sympy.Expr"""
Relation: TypeAlias = Any
"""sympy.Basic: a comparison, or true or false"""
ROUND_WIDTH = "round_width"
"""The rule whose results are multiples of its second argument if the third is one."""


class Kind(StrEnum):
    """What an assumption is about: a case that was decided, a size within its range, a number without a remainder."""

    CASE = "case"
    RANGE = "range"
    WHOLE = "whole"


class Assumption(NamedTuple):
    """Something that must hold for a formula to hold: a comparison, or a quotient that must be a whole number."""

    kind: Kind
    what: Expr


class Unsettled(Exception):
    """A number that the structure of the network hangs on, but that depends on settings left open."""

    def __init__(self, settings: tuple[str, ...]) -> None:
        super().__init__(settings)
        self.settings = settings


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


class Study:
    """What happens to symbols inside a `with studied(...)` block: names given, conditions decided.

    `values` holds the point, and the value there of everything that has a name; without a point nothing is named, and
    conditions are assumed. `names` maps what was named, in order, to its name.
    """

    def __init__(self, point: Mapping[Expr, int | Fraction] | None) -> None:
        self.has_point = point is not None
        self.point = {symbol: sympy.sympify(value) for symbol, value in (point or {}).items()}
        self.values: dict[Expr, Expr] = dict(self.point)
        self.names: dict[Expr, Expr] = {}
        self.settings: dict[Expr, frozenset[str]] = {symbol: frozenset([symbol.name]) for symbol in self.point}
        self._assumed: dict[Assumption, None] = {}
        self._ranges: dict[Expr, tuple[int, int]] = {}
        self._divided: set[Expr] = set()

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Everything that was decided or assumed, in order; the ranges last."""
        ranges = (
            sympy.And(sympy.Ge(value, least, evaluate=False), sympy.Le(value, most, evaluate=False))
            for value, (least, most) in self._ranges.items()
        )
        return (*self._assumed, *(Assumption(Kind.RANGE, both) for both in ranges))

    def settings_of(self, value: Expr) -> frozenset[str]:
        """The open settings that a value depends on."""
        return frozenset().union(*(self.settings.get(symbol, frozenset()) for symbol in value.free_symbols))

    def at_point(self, value: Expr) -> Expr:
        """The value of an expression, or the truth of a condition, at the point."""
        return value.xreplace(self.values)

    def name(self, value: Expr) -> Expr:
        """The name of a value; numbers and symbols need none."""
        if not self.has_point or value.is_number or value.is_Symbol:
            return value
        if value not in self.names:
            new = sympy.Symbol(f"_{len(self.names)}", real=True, integer=value.is_integer or None)
            self.values[new] = self.at_point(value)
            self.settings[new] = self.settings_of(value)
            self.names[value] = new
        return self.names[value]

    def decide(self, condition: Relation) -> bool:
        """Whether a condition holds at the point; it, or its contrary, is assumed from now on."""
        if condition in (sympy.true, sympy.false):
            return bool(condition)
        if not self.has_point:
            self.assume(Kind.CASE, condition)
            return True
        holds = bool(self.at_point(condition))
        self.assume(Kind.CASE, condition if holds else sympy.Not(condition))
        return holds

    def never(self, condition: Relation) -> bool:
        """Whether a >= b is impossible because a ceiling stays less than 1 above what it is of."""
        if not isinstance(condition, sympy.Ge):
            return False
        difference = condition.lhs.xreplace({name: value for value, name in self.names.items()}) - condition.rhs
        ceilings = difference.atoms(sympy.ceiling)
        if any(not difference.coeff(one).is_positive for one in ceilings):
            return False
        return bool(sympy.expand(difference.xreplace({one: one.args[0] + 1 for one in ceilings})).is_nonpositive)

    def within(self, value: Expr, least: int, most: int) -> bool:
        """Whether least <= value <= most at the point; assumed from now on if so."""
        if not self.has_point:
            return True
        known = self._ranges.get(value, (least, most))
        if value in self._ranges and known[0] >= least and known[1] <= most:
            return True
        holds = bool(least <= self.at_point(value) <= most)
        if holds and not value.is_number:
            self._ranges[value] = max(least, known[0]), min(most, known[1])
        return holds

    def whole(self, value: Expr) -> None:
        """Assume that a value is a whole number, unless the definitions of what it is made of say so."""
        if value in self._divided or value.is_integer:
            return
        self._divided.add(value)
        if not value.xreplace({name: _seen(known) for known, name in self.names.items()}).is_integer:
            self.assume(Kind.WHOLE, value)

    def assume(self, kind: Kind, what: Expr) -> None:
        """Keep an assumption, once."""
        self._assumed[Assumption(kind, what)] = None


_study: ContextVar[Study | None] = ContextVar("study", default=None)


@contextmanager
def studied(point: Mapping[Expr, int | Fraction] | None = None) -> Iterator[Study]:
    """Name, decide and record inside the `with` block, at a point of the open settings if one is given."""
    study = Study(point)
    token = _study.set(study)
    try:
        yield study
    finally:
        _study.reset(token)


def expr(value: Any) -> Expr:
    """A number as SymPy has it. Raises TypeError for a word: SymPy would evaluate it."""
    try:
        return sympy.sympify(value, strict=True)
    except sympy.SympifyError:
        raise TypeError(value) from None


def is_condition(value: Any) -> bool:
    """Whether a value is a comparison or a truth, and no number: SymPy's symbols are both."""
    return isinstance(value, sympy.logic.boolalg.Boolean) and not isinstance(value, sympy.Expr)


def named(value: Any) -> Expr:
    """A value under a name of its own."""
    study = _study.get()
    return expr(value) if study is None else study.name(expr(value))


def apply(function: str, *values: Any) -> Expr:
    """A function of SymPy (floor, ceiling, Max, Min) of numbers, named unless it comes to nothing."""
    result = getattr(sympy, function)(*map(expr, values))
    return named(result) if result.has(Application) else result


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


def added(values: Iterable[Any]) -> Expr:
    """The sum of numbers and symbols."""
    return sympy.Add(*map(expr, values))


def ratio(a: Any, b: Any) -> Expr:
    """a / b. Raises ZeroDivisionError if b is zero, at the point if there is one."""
    divisor, study = expr(b), _study.get()
    if divisor.is_zero or (study is not None and study.has_point and study.at_point(divisor) == 0):
        raise ZeroDivisionError
    return expr(a) / divisor


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
    if (study := _study.get()) is not None:
        study.whole(value)


def same(a: Any, b: Any) -> Relation:
    """The condition a == b; nothing but a number is the same as a number."""
    try:
        return sympy.Eq(expr(a), expr(b))
    except TypeError:
        return sympy.false


def holds(condition: Relation) -> bool:
    """Whether a condition holds."""
    study = _study.get()
    return condition != sympy.false if study is None else study.decide(condition)


def within(value: Expr, least: int, most: int) -> bool:
    """Whether least <= value <= most."""
    study = _study.get()
    return True if study is None else study.within(value, least, most)


def where(condition: Relation, yes: Any, no: Any) -> Expr:
    """`yes` where the condition holds, else `no`; where it says `x == 1`, x is 1."""
    if isinstance(condition, sympy.Eq) and condition.lhs.is_Symbol and condition.rhs.is_number:
        yes = expr(yes).xreplace({condition.lhs: condition.rhs})
    if (study := _study.get()) is not None and study.never(expr(condition)):
        return named(no)
    return named(Case(expr(condition), expr(yes), expr(no)))


def words(value: Expr) -> str:
    """A number as a message has it: what it is at the point, since names of a study mean nothing to anybody."""
    study = _study.get()
    return str(study.at_point(value) if study is not None and study.has_point else value)


def put_in(value: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """An expression with numbers put in; SymPy's nan where it has no value."""
    try:
        return value.xreplace(values)
    except (TypeError, ValueError, ZeroDivisionError, QuantityError):  # no order, no logarithm, no quotient, no whole
        return sympy.nan


def settled(value: Expr) -> int | Fraction:
    """A value that does not depend on what is open. Raises Unsettled if it does."""
    if value.is_Rational:
        return exact(value)
    study = _study.get()
    raise Unsettled(tuple(sorted(study.settings_of(value) if study else map(str, value.free_symbols))))


def exact(value: Expr) -> int | Fraction:
    """A rational number of SymPy's as one of Python's."""
    return int(value.p) if value.q == 1 else Fraction(int(value.p), int(value.q))


def rule(name: str, function: Callable[..., Any], *values: Any) -> Expr:
    """A function of ours, under its own name, that stays as it is until numbers are put in."""
    return named(_rule(name, function)(*map(expr, values)))


def _seen(value: Expr) -> Expr:
    """A definition with what is known of it in sight: a rounded width is a multiple of its divisor."""
    divisor, least = value.args[1:] if value.func.__name__ == ROUND_WIDTH else (1, 0)
    return divisor * sympy.Dummy(integer=True) if sympy.sympify(least % divisor) == 0 and divisor != 1 else value


@cache
def _rule(name: str, function: Callable[..., Any]) -> Any:
    def evaluate(cls: Any, *values: Expr) -> Any:
        if all(value.is_Rational for value in values):
            return sympy.sympify(function(*map(exact, values)))
        return None

    def is_whole(self: Expr) -> bool | None:
        return True if name != ROUND_WIDTH or all(value.is_integer for value in self.args[1:]) else None

    return type(name, (sympy.Function,), {"eval": classmethod(evaluate), "_eval_is_integer": is_whole})
