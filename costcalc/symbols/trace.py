"""What happens to symbols while a formula is computed: names given, conditions decided, assumptions kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

import sympy

from costcalc.symbols.forms import ROUND_WIDTH, Expr, Relation


class Kind(StrEnum):
    """What an assumption is about: a case that was decided, a size within its range, a number without a remainder."""

    CASE = "case"
    RANGE = "range"
    WHOLE = "whole"


class Assumption(NamedTuple):
    """Something that must hold for a formula to hold: a comparison, or a quotient that must be a whole number."""

    kind: Kind
    what: Expr


class Undetermined(Exception):
    """A number that `decides` something, as the structure of the network, but that depends on settings left open."""

    def __init__(self, settings: tuple[str, ...], decides: str) -> None:
        super().__init__(settings, decides)
        self.settings, self.decides = settings, decides


class Trace:
    """What happens to symbols inside a `with traced(...)` block: names given, conditions decided.

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


def _seen(value: Expr) -> Expr:
    """A definition with what is known of it in sight: a rounded width is a multiple of its divisor."""
    divisor, least = value.args[1:] if value.func.__name__ == ROUND_WIDTH else (1, 0)
    return divisor * sympy.Dummy(integer=True) if sympy.sympify(least % divisor) == 0 and divisor != 1 else value


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


@contextmanager
def traced(point: Mapping[Expr, int | Fraction] | None = None) -> Iterator[Trace]:
    """Name, decide and record inside the `with` block, at a point of the open settings if one is given."""
    trace = Trace(point)
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def current() -> Trace | None:
    """The trace that is going on."""
    return _current.get()
