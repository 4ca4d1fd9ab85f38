"""Sums of symbols in reading order: by positions first, then by channels; quotients in their shortest form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sympy

from costcalc.symbols import Assumption, Expr, Kind, Largest, largest

MOST_SYMBOLS = 6
"""A quotient of polynomials in more symbols is left as it is."""

HIGHEST = 4
"""A higher power of a sum is not written out."""


class Part(NamedTuple):
    """A part of a sum: a product of positions, and the sum of channel terms that it multiplies."""

    positions: Expr
    channels: tuple[Expr, ...]


def split_by_positions(value: Expr, positions: Sequence[Expr]) -> tuple[Part, ...]:
    """A sum by its products of `positions`, largest power first; terms of each part likewise."""
    parts: dict[Expr, list[Expr]] = {}
    for term in sympy.Add.make_args(expanded(value)):
        channels, along = term.as_independent(*positions, as_Add=False)
        parts.setdefault(along, []).append(channels)
    rest = {symbol: i for i, symbol in enumerate(sorted(value.free_symbols - set(positions), key=natural))}
    places = {symbol: i for i, symbol in enumerate(positions)}
    return tuple(
        Part(along, tuple(sorted(parts[along], key=lambda term: _powers(term, rest))))
        for along in sorted(parts, key=lambda along: _powers(along, places))
    )


def natural(symbol: Expr) -> tuple[str, int]:
    """The order of names: c2 before c10."""
    name = symbol.name.rstrip("0123456789")
    return name, int(symbol.name[len(name) :] or 0)


def _powers(term: Expr, order: Mapping[Expr, int]) -> tuple[object, ...]:
    """Largest power of the first symbol first; what is no power of a symbol goes by its text.

    Only the symbols of the term are looked at: a sum of thousands has as many terms.
    """
    powers = term.as_powers_dict()
    own = sorted((order[base], -abs(power)) for base, power in powers.items() if base in order and power != 0)
    others = sorted(str(base) for base in powers if not base.is_Symbol and not base.is_number)
    return (*own, (len(order), 0)), -len(others), others


def plain_form(value: Expr) -> Expr:
    """A sum of products; of a largest one, of those that can be; of a quotient, both sides."""
    if value.func is Largest:
        return largest([expanded(part) for part in value.args])
    short, kept = _shortened(value)
    top, bottom = short.as_numer_denom() if not short.has(Largest) else (short, sympy.Integer(1))
    found = sympy.expand(short) if bottom.is_number else sympy.expand(top) / sympy.expand(bottom)
    return found.xreplace(kept)


def expanded(value: Expr) -> Expr:
    """A sum of products; high powers of a sum, as (1 - density)^16, stay as they are."""
    short, kept = _shortened(value)
    return sympy.expand(short).xreplace(kept)


def _shortened(value: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """An expression with a letter for each high power of a sum, and what the letters stand for."""
    letters = {
        power: sympy.Dummy(positive=True)
        for power in value.atoms(sympy.Pow)
        if power.base.is_Add and not power.exp.is_negative and not (power.exp.is_number and power.exp <= HIGHEST)
    }
    return value.xreplace(letters), {letter: power for power, letter in letters.items()}


def is_short(value: Expr) -> bool:
    """Whether a quotient of polynomials is short enough to be read."""
    return len(value.free_symbols) <= MOST_SYMBOLS


def ratio(a: Expr, b: Expr) -> Expr:
    """a / b in its shortest form; as a sum if b is a single product (1/N + 1/k^2)."""
    if not is_short(a / b):
        return a / b
    short = sympy.cancel(a / b)
    whole = sympy.expand(short)
    return whole if sympy.fraction(sympy.together(whole))[1].is_Add is False else short


def condensed(assumptions: Sequence[Assumption]) -> tuple[Assumption, ...]:
    """The cases and divisors that say the rest: of `4 divides c`, `8 divides c` the last, of bounds the tightest.

    What holds for all numbers above zero (`2 c != c`) is left out: the ranges say as much.
    """
    bounds = [bound for one in assumptions if one.kind is Kind.RANGE for bound in sympy.And.make_args(one.what)]
    ranges = {bound.lhs for bound in bounds if isinstance(bound, sympy.Ge) and bound.lhs.is_Symbol and bound.rhs >= 1}
    positive = {name: sympy.Symbol(name.name, integer=True, positive=True) for name in ranges}
    kept: dict[tuple[Any, ...], Assumption] = {}
    for assumption in assumptions:
        if assumption.kind is Kind.RANGE or assumption.what.xreplace(positive) == sympy.true:
            continue
        key, value = _key(assumption.what)
        old = kept.get((assumption.kind, *key))
        kept[assumption.kind, *key] = Assumption(
            assumption.kind, value if old is None else _merged(key, old.what, value)
        )
    return tuple(kept.values())


def _key(what: Expr) -> tuple[tuple[Any, ...], Expr]:
    """What mergeable assumptions share: a dividend, or a symbol and the side it is bounded on (then as `x >= 1/4`)."""
    if not isinstance(what, sympy.Rel | sympy.Not):
        dividend, divisor = sympy.fraction(sympy.together(what))
        return ((dividend,) if divisor.is_Integer else (what,)), what
    if isinstance(what, sympy.Ge | sympy.Le) and len(what.free_symbols) == 1:
        (symbol,) = what.free_symbols
        difference = sympy.expand(what.gts - what.lts)
        slope = difference.coeff(symbol)
        if slope.is_number and slope != 0 and (rest := difference - slope * symbol).is_number:
            side = sympy.Ge if slope > 0 else sympy.Le
            return (side, symbol), side(symbol, -rest / slope, evaluate=False)
    return (what,), what


def _merged(key: tuple[Any, ...], old: Expr, new: Expr) -> Expr:
    if key[0] is sympy.Ge:
        return max(old, new, key=lambda bound: bound.rhs)
    if key[0] is sympy.Le:
        return min(old, new, key=lambda bound: bound.rhs)
    if isinstance(old, sympy.Rel | sympy.Not) or old == new:
        return old
    return key[0] / sympy.ilcm(*(sympy.fraction(sympy.together(one))[1] for one in (old, new)))
