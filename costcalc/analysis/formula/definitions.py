"""The names of a formula: which numbers get one, and what becomes of them without rounding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sympy

from costcalc.graph.binding import POSITION_SETTINGS
from costcalc.quantity import product
from costcalc.symbols import ROUND_WIDTH, Case, Expr, Kind, Study

SIZE, WIDTH, MIXED = "s", "c", "n"
"""What a name starts with: a matter of positions, of channels, of both."""


class Definition(NamedTuple):
    """A name of a formula and what it stands for, in the settings and in the names before it."""

    name: Expr
    value: Expr


class Names(NamedTuple):
    """The definitions that a formula is read with, those of sizes, and what stands for each name of the study."""

    definitions: tuple[Definition, ...]
    sizes: tuple[Expr, ...]
    meaning: dict[Expr, Expr]


def tidied(study: Study, roots: Sequence[Expr], taken: Iterable[str]) -> Names:
    """Names for what `roots` need: sizes first, then widths, each in the order in which the roots come to them.

    What is used once, inside another definition, moves there.
    """
    ranks = _ranks(study, roots)
    kept = [name for name in study.names.values() if name in ranks and ranks[name][1] > 1]
    kinds = {name: kind_of(study, name) for name in kept}
    values = {name: value for value, name in study.names.items()}
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


def kind_of(study: Study, value: Expr) -> str:
    """Whether a number hangs on settings of positions, of channels or of both."""
    settings = study.settings_of(value)
    return SIZE if settings <= {*POSITION_SETTINGS} else MIXED if settings & {*POSITION_SETTINGS} else WIDTH


def _ranks(study: Study, roots: Sequence[Expr]) -> dict[Expr, tuple[int, int]]:
    """For each name that the roots need: the first root that does, and how often it is used (a root counts double)."""
    ranks: dict[Expr, tuple[int, int]] = {}
    for number, root in enumerate(roots):
        for symbol in root.free_symbols:
            ranks.setdefault(symbol, (number, 2))
    for value, name in reversed(study.names.items()):
        if name in ranks:
            for part in sympy.preorder_traversal(value):
                if part.is_Symbol:
                    first, uses = ranks.get(part, (len(roots), 0))
                    ranks[part] = min(first, ranks[name][0]), uses + 1
    return {name: rank for name, rank in ranks.items() if name not in study.point}


def smoothed(study: Study) -> dict[Expr, Expr]:
    """What stands for each name if nothing is rounded: widths as they are, sizes in proportion to the input's.

    The sizes at the point give the proportions. The greater or lesser of two numbers is decided at the point where they
    differ there, and stays where they meet; what was decided joins the study's assumptions.
    """
    meaning: dict[Expr, Expr] = {}
    for value, name in study.names.items():
        if kind_of(study, name) == SIZE:
            hangs_on = study.settings_of(name)
            scales = (symbol / at_point for symbol, at_point in study.point.items() if symbol.name in hangs_on)
            meaning[name] = product([study.values[name], *scales])
        else:
            meaning[name] = _unrounded(value.xreplace(meaning), study)
    return meaning


def unrounded(value: Expr) -> Expr:
    """An expression without floor and ceiling."""
    return value.replace(sympy.floor, lambda x: x).replace(sympy.ceiling, lambda x: x)


def _unrounded(value: Expr, study: Study) -> Expr:
    if not value.args:
        return value
    if isinstance(value, Case):
        return _one_case(value, study)
    args = [_unrounded(part, study) for part in value.args]
    if isinstance(value, sympy.floor | sympy.ceiling):
        constant, rest = args[0].as_coeff_Add()
        return rest if isinstance(value, sympy.floor) and 0 < constant < 1 else args[0]  # floor(x + 1/2) rounds x
    if value.func.__name__ == ROUND_WIDTH:
        return args[0]
    if isinstance(value, sympy.Max | sympy.Min):
        return _extreme(value, args, study)
    return value.func(*args)


def _one_case(value: Expr, study: Study) -> Expr:
    """The case at the point; but where a case is a single point (`alpha == 1`) that goes on smoothly, the other one."""
    condition, *both = value.args
    yes, no = (_unrounded(part, study) for part in both)
    if isinstance(condition, sympy.Eq) and condition.lhs.is_Symbol:
        if yes == no.xreplace({condition.lhs: condition.rhs}):
            return no
    holds = bool(study.at_point(condition))
    study.assume(Kind.CASE, condition if holds else sympy.Not(condition))
    return yes if holds else no


def _extreme(value: Expr, args: Sequence[Expr], study: Study) -> Expr:
    whole = value.func(*args)
    if not isinstance(whole, sympy.Max | sympy.Min):
        return whole
    ranked = sorted(whole.args, key=study.at_point, reverse=isinstance(whole, sympy.Max))
    if study.at_point(ranked[0]) == study.at_point(ranked[1]):
        return whole
    for other in ranked[1:]:
        relation = sympy.Ge(ranked[0], other) if isinstance(whole, sympy.Max) else sympy.Le(ranked[0], other)
        if relation != sympy.true:
            study.assume(Kind.CASE, relation)
    return ranked[0]
