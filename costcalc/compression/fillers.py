"""Zeros that are stored between weights that lie too far apart for a relative index."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import ceil

PRECISION = 1_000_000
"""Rates that are not declared but computed are rounded up to one in so many, so that grids stay in machine numbers."""


@cache
def filler_rate(density: Fraction | int, bits: int) -> Fraction:
    """Fillers for each kept weight if the kept ones lie at random: q / (1 - q) with q = (1 - density)^(2^bits).

    An index of `bits` reaches 2^bits places further; each time that many places hold no kept weight, a filler stands in
    the last of them, and counting starts anew: so their number before a weight is geometric. Rounded up to a millionth.
    Source: arXiv:1510.00149, section 2 and Figure 2.
    """
    misses = (1 - Fraction(density)) ** (2**bits)
    return Fraction(ceil(misses / (1 - misses) * PRECISION), PRECISION)


def fillers_between(places: list[int], bits: int) -> int:
    """Fillers that the sorted places of kept weights need, by counting them."""
    reach, before, found = 2**bits, -1, 0
    for place in places:
        found += (place - before - 1) // reach
        before = place
    return found
