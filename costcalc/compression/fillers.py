"""Zeros that are stored between weights that lie too far apart for a relative index."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import floor

from costcalc.quantity import Quantity, floor_div, ratio

_ONE = 10**60
PRECISION = 1_000_000
"""Rates that are not declared but computed are rounded to one in so many, so that grids stay in machine numbers."""


@cache
def filler_rate(density: Fraction | int, bits: int, length: int | None = None) -> Fraction:
    """Fillers for each kept weight if the kept ones lie at random, to a millionth.

    An index of `bits` reaches 2^bits places further; each time that many places hold no kept weight, a filler stands in
    the last of them, and counting starts anew. With q = (1 - density)^(2^bits) that is q + q^2 + ... = q / (1 - q);
    where counting begins again every `length` places, the k-th term can only stand behind the first k 2^bits of them:
    the sum of q^k (1 - k 2^bits / length).
    Source: arXiv:1510.00149, section 2 and Figure 2; arXiv:1602.01528, section III.
    """
    reach = 2**bits
    misses = _power(1 - Fraction(density), reach)
    if length is None:
        rate = misses / (1 - misses)
    else:
        terms = (length - 1) // reach
        last = _power(misses, terms)
        powers = misses * (1 - last) / (1 - misses)
        weighted = misses * (1 - (terms + 1) * last + terms * last * misses) / (1 - misses) ** 2
        rate = (length * powers - reach * weighted) / length
    return Fraction(floor(rate * PRECISION + Fraction(1, 2)), PRECISION)


@cache
def interleaved_rate(density: Fraction | int, bits: int, rows: int, elements: int) -> Fraction:
    """As `filler_rate`, where a column of `rows` is dealt out to so many elements, each of which counts by itself.

    The first `rows % elements` of them hold a row more than the others.
    Source: arXiv:1602.01528, section III.B.
    """
    least, more = divmod(rows, elements)
    rate = sum(
        (Fraction(count * length, rows) * filler_rate(density, bits, length))
        for length, count in ((least + 1, more), (least, elements - more))
        if count * length
    )
    return Fraction(floor(rate * PRECISION + Fraction(1, 2)), PRECISION)


def open_filler_rate(density: Quantity, bits: Quantity) -> Quantity:
    """As `filler_rate`, of symbols: q / (1 - q), to a millionth."""
    misses = (1 - density) ** (2**bits)
    return ratio(floor_div(2 * PRECISION * ratio(misses, 1 - misses) + 1, 2), PRECISION)


def _power(base: Fraction, exponent: int) -> Fraction:
    """A power of a number below 1 in sixty decimals, whatever the exponent: exact fractions would grow with it."""
    result, factor = _ONE, round(base * _ONE)
    while exponent:
        if exponent % 2:
            result = result * factor // _ONE
        factor, exponent = factor * factor // _ONE, exponent // 2
    return Fraction(result, _ONE)


def fillers_between(places: list[int], bits: int) -> int:
    """Fillers that the sorted places of kept weights need, by counting them."""
    reach, before, found = 2**bits, -1, 0
    for place in places:
        found += (place - before - 1) // reach
        before = place
    return found
