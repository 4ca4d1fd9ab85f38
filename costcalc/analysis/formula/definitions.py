"""The names of a formula: which numbers get one, and what becomes of them without rounding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sympy

from costcalc.graph.binding import POSITION_SETTINGS
from costcalc.quantity import product
from costcalc.symbols import ROUND_WIDTH, Case, Expr, Kind, Trace

SIZE, WIDTH, MIXED = "s", "c", "n"
"""What a name starts with: a matter of positions, of channels, of both."""


class Definition(NamedTuple):
    """A name of a formula and what it stands for, in the settings and in the names before it."""

    name: Expr
    value: Expr


class Names(NamedTuple):
    """The definitions that a formula is read with, those of sizes, and what stands for each name of the trace."""

    definitions: tuple[Definition, ...]
    sizes: tuple[Expr, ...]
    meaning: dict[Expr, Expr]


def simplified(trace: Trace, roots: Sequence[Expr], taken: Iterable[str]) -> Names:
    """Names for what `roots` need: sizes first, then widths, each in the order in which the roots come to them.

    What is used once, inside another definition, moves there.
    """
    ranks = _ranks(trace, roots)
    kept = [name for name in trace.names.values() if name in ranks and ranks[name][1] > 1]
    kinds = {name: kind_of(trace, name) for name in kept}
    values = {name: value for value, name in trace.names.items()}
    meaning: dict[Expr, Expr] = {}
    used = set(taken)
    numbers = Counter({SIZE: -1})  # sizes count from 0, the input's
    for name in sorted(kept, key=lambda name: ((SIZE, WIDTH, MIXED).index(kinds[name]), ranks[name][0])):
        numbers[kinds[name]] += 1
        while (word := f"{kinds[name]}{numbers[kinds[name]]}") in used:
            numbers[kinds[name]] += 1
        meaning[name] = sympy.Symbol(word, **name.assumptions0)
    named = dict(meaning)
    for name, value in values.items():
        meaning.setdefault(name, value.xreplace(meaning))
    definitions = tuple(Definition(symbol, values[name].xreplace(meaning)) for name, symbol in named.items())
    return Names(definitions, tuple(named[name] for name in named if kinds[name] == SIZE), meaning)


def kind_of(trace: Trace, value: Expr) -> str:
    """Whether a number depends on settings of positions, of channels or of both."""
    settings = trace.settings_of(value)
    return SIZE if settings <= {*POSITION_SETTINGS} else MIXED if settings & {*POSITION_SETTINGS} else WIDTH


def _ranks(trace: Trace, roots: Sequence[Expr]) -> dict[Expr, tuple[int, int]]:
    """For each name that the roots need: the first root that does, and how often it is used (a root counts double)."""
    ranks: dict[Expr, tuple[int, int]] = {}
    for number, root in enumerate(roots):
        for symbol in root.free_symbols:
            ranks.setdefault(symbol, (number, 2))
    for value, name in reversed(trace.names.items()):
        if name in ranks:
            for part in sympy.preorder_traversal(value):
                if part.is_Symbol:
                    first, uses = ranks.get(part, (len(roots), 0))
                    ranks[part] = min(first, ranks[name][0]), uses + 1
    return {name: rank for name, rank in ranks.items() if name not in trace.point}


def smoothed(trace: Trace) -> dict[Expr, Expr]:
    """What stands for each name if nothing is rounded: widths as they are, sizes in proportion to the input's.

    The sizes at the point give the proportions. The larger or smaller of two numbers is decided at the point where they
    differ there, and stays where they meet; what was decided joins the trace's assumptions.
    """
    meaning: dict[Expr, Expr] = {}
    for value, name in trace.names.items():
        if kind_of(trace, name) == SIZE:
            hangs_on = trace.settings_of(name)
            scales = (symbol / at_point for symbol, at_point in trace.point.items() if symbol.name in hangs_on)
            meaning[name] = product([trace.values[name], *scales])
        else:
            meaning[name] = _unrounded(value.xreplace(meaning), trace)
    return meaning


def unrounded(value: Expr) -> Expr:
    """An expression without floor and ceiling."""
    return value.replace(sympy.floor, lambda x: x).replace(sympy.ceiling, lambda x: x)


def _unrounded(value: Expr, trace: Trace) -> Expr:
    if not value.args:
        return value
    if isinstance(value, Case):
        return _one_case(value, trace)
    args = [_unrounded(part, trace) for part in value.args]
    if isinstance(value, sympy.floor | sympy.ceiling):
        constant, rest = args[0].as_coeff_Add()
        return rest if isinstance(value, sympy.floor) and 0 < constant < 1 else args[0]  # floor(x + 1/2) rounds x
    if value.func.__name__ == ROUND_WIDTH:
        return args[0]
    if isinstance(value, sympy.Max | sympy.Min):
        return _extreme(value, args, trace)
    return value.func(*args)


def _one_case(value: Expr, trace: Trace) -> Expr:
    """The case at the point; but where a case is a single point (`alpha == 1`) that goes on smoothly, the other one."""
    condition, *both = value.args
    yes, no = (_unrounded(part, trace) for part in both)
    if isinstance(condition, sympy.Eq) and condition.lhs.is_Symbol:
        if yes == no.xreplace({condition.lhs: condition.rhs}):
            return no
    holds = bool(trace.at_point(condition))
    trace.assume(Kind.CASE, condition if holds else sympy.Not(condition))
    return yes if holds else no


def _extreme(value: Expr, args: Sequence[Expr], trace: Trace) -> Expr:
    whole = value.func(*args)
    if not isinstance(whole, sympy.Max | sympy.Min):
        return whole
    ranked = sorted(whole.args, key=trace.at_point, reverse=isinstance(whole, sympy.Max))
    if trace.at_point(ranked[0]) == trace.at_point(ranked[1]):
        return whole
    for other in ranked[1:]:
        relation = sympy.Ge(ranked[0], other) if isinstance(whole, sympy.Max) else sympy.Le(ranked[0], other)
        if relation != sympy.true:
            trace.assume(Kind.CASE, relation)
    return ranked[0]
