"""Closed formulas: what a network or an operator costs, as expressions in what is left open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import sympy

from costcalc import symbols
from costcalc.analysis.formula.definitions import Definition
from costcalc.analysis.formula.polynomial import ratio
from costcalc.counting import Convention, Counting
from costcalc.errors import UsageError, nearest, one_of
from costcalc.operators import Shape
from costcalc.quantity import Quantity, as_text, is_exact
from costcalc.recipes.rates import kind_of
from costcalc.spec.settings import exact
from costcalc.symbols import Assumption, Expr, Kind, Trace


class Cost(NamedTuple):
    """What a layer costs: an expression for each measure, by name."""

    name: str
    op: str
    figures: dict[str, Expr]


@dataclass(frozen=True)
class Formula:
    """What something costs, for one sample or batch, as expressions in what is left open.

    `open` maps each open setting to the value at which conditions were decided (an operator's letters have none).
    `figures` maps each measure that was asked for to its expression. `definitions` are the names in `figures` and
    `layers`, in order; a smooth formula needs them for its assumptions only. `reported` are the report's figures at
    those values. `output` is an operator's. `declares_formats` says who gives some tensors number
    formats of their own: a row of a spec, a recipe. `allowed` says of each setting of a network which values it takes.
    """

    name: str
    title: str
    counting: Counting
    smooth: bool
    open: dict[str, Any]
    figures: dict[str, Expr]
    layers: tuple[Cost, ...]
    definitions: tuple[Definition, ...]
    assumptions: tuple[Assumption, ...]
    positions: tuple[Expr, ...]
    left_out: tuple[str, ...]
    trace: Trace = field(repr=False, compare=False)
    letters: dict[str, Expr] = field(repr=False)
    reported: dict[str, Any] | None = None
    declares_formats: str = ""
    output: Shape | None = None
    against: Formula | None = None
    allowed: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def convention(self) -> Convention:
        """How the total is counted."""
        return self.counting.convention

    @property
    def total(self) -> Expr:
        """The convention's total, if it was asked for."""
        return self.figures[self.convention.total]

    @property
    def params(self) -> Expr:
        """The parameters, if they were asked for."""
        return self.figures["params"]

    def at(self, **settings: Any) -> tuple[Quantity, ...]:
        """Each measure (the total and the parameters) with numbers put in; what is not given stays as in `open`.

        Exact, but for roots in a smooth formula, which are the nearest floats.
        Raises UsageError for a setting that is not open, a value that is no number, a letter without one, or more bits
        than there are: they are exponents, and take for ever.
        """
        if not self._bits_hold(settings):
            raise self._no_value(settings)
        values = self._put_in(settings)
        found = [symbols.put_in(value, values) for value in self.figures.values()]
        missing = sorted(symbol.name for symbol in set().union(*(value.free_symbols for value in found)))
        if missing:
            raise UsageError(f"no value for {one_of(missing)}", expected=f"{missing[0]}=... as well")
        if self.smooth:  # the root of a width that is not rounded is irrational
            found = [value if value.is_Rational or not value.is_real else value.evalf() for value in found]
        if not all(value.is_Rational or value.is_Float for value in found):
            raise self._no_value(settings)
        return tuple(float(value) if value.is_Float else symbols.exact(value) for value in found)

    def _bits_hold(self, settings: Mapping[str, Any]) -> bool:
        """Whether each number of bits that is given is one, and in the range that its step has."""
        given = {key for key in settings if kind_of(key) == "bits" and key in self.letters}
        if not all(self.allowed[key](exact(settings[key])) for key in given & self.allowed.keys()):
            return False
        letters, values = {self.letters[key] for key in given}, self._values(settings)
        ranges = [what for kind, what in self.trace.assumptions if what.free_symbols and what.free_symbols <= letters]
        return all(symbols.put_in(what, values) == sympy.true for what in ranges)

    def _no_value(self, settings: Mapping[str, Any]) -> UsageError:
        put_in = ", ".join(f"{key} {as_text(exact(value))}" for key, value in settings.items())
        return UsageError(
            f"the formula of {self.name} cannot be evaluated at {put_in or 'its own settings'}",
            expected="settings where it holds",
        )

    def holds(self, **settings: Any) -> bool:
        """Whether every assumption holds at these settings: if so, an exact formula gives the report's figures."""
        values = self._values(settings)
        if not all(_fits(symbol, value) for symbol, value in values.items()) or not self._bits_hold(settings):
            return False
        if not all(self.allowed[key](exact(given)) for key, given in settings.items() if key in self.allowed):
            return False
        for value, name in self.trace.names.items():
            values[name] = symbols.put_in(value, values)
        found = ((kind, symbols.put_in(what, values)) for kind, what in self.trace.assumptions)
        return all(what.is_integer if kind is Kind.WHOLE else what == sympy.true for kind, what in found)

    @property
    def ratios(self) -> dict[str, Expr]:
        """Each measure over that of `against`, by name, in its shortest form."""
        return {name: ratio(mine, its) for name, mine, its in self._pairs() if its != 0}

    @property
    def ratios_at_point(self) -> dict[str, Fraction]:
        """The ratios where the conditions were decided; an operator's formula has none."""
        if self.reported is None:
            return {}
        values = self._put_in({})
        return {
            name: Fraction(symbols.exact((mine / its).xreplace(values)))
            for name, mine, its in self._pairs()
            if its != 0
        }

    def _pairs(self) -> list[tuple[str, Expr, Expr]]:
        if self.against is None:
            return []
        return [(name, mine, self.against.figures[name]) for name, mine in self.figures.items()]

    def _put_in(self, settings: Mapping[str, Any]) -> dict[Expr, Expr]:
        """A number for each open setting, then for each name that stands for one."""
        values = self._values(settings)
        for name, value in self.definitions:
            values[name] = symbols.put_in(value, values)
        return values

    def _values(self, settings: Mapping[str, Any]) -> dict[Expr, Expr]:
        values = dict(self.trace.point)
        for key, given in settings.items():
            if key not in self.letters:
                raise UsageError(
                    f"{key} is not open in this formula",
                    expected=one_of(self.letters),
                    nearest=nearest(key, self.letters),
                )
            value = exact(given)
            if not is_exact(value):
                raise UsageError(f"{key}: '{given}' is not a number", expected="a number, as 0.75 or 6/7")
            values[self.letters[key]] = sympy.sympify(value)
        return values


def figure_of(value: Quantity) -> Expr:
    """A figure as an expression: a ratio of nothing is no number."""
    return sympy.nan if value is None else symbols.expr(value)


def check_figures(name: str, figures: Mapping[str, Expr]) -> None:
    """Raise UsageError if a network or an operator has no figure in a measure."""
    for measure, value in figures.items():
        if value is sympy.nan:
            raise UsageError(f"{measure} of {name} is a ratio of nothing", expected="another measure")


def _fits(symbol: Expr, value: Expr) -> bool:
    return bool((value > 0 or not symbol.is_positive) and (value.is_integer or not symbol.is_integer))
