"""Arithmetic on quantities beyond `+ - * **`: quotients, roundings, extremes, sums and what must be whole."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from typing import Any

from costcalc.errors import QuantityError
from costcalc.quantity.conditions import holds, within
from costcalc.quantity.kinds import LIMIT, Quantity, grids_of, is_exact, symbols_of
from costcalc.quantity.text import as_text

MOST_EXPONENT = 62
"""2 to a higher power is no size of a network, see `LIMIT`."""
MOST_BITS = 4096


def exact_div(a: Quantity, b: Quantity) -> Quantity:
    """a / b as a whole number.

    Raises QuantityError if b does not divide a (in any cell of a grid); for symbols the divisibility is assumed.
    """
    if type(a) is int and type(b) is int:
        if b == 0 or a % b:
            raise QuantityError(f"{a} does not divide by {b}")
        return a // b
    if symbols := symbols_of(a, b):
        return symbols.quotient(a, b)
    if grids := grids_of(a, b):
        try:
            return grids.quotient(a, b, exact=True)
        except ZeroDivisionError:
            raise QuantityError(f"{a} does not divide by {b}") from None
    if b == 0 or a % b:
        raise QuantityError(f"{a} does not divide by {b}")
    return a // b


def ratio(a: Quantity, b: Quantity) -> Quantity:
    """a / b, exactly. Raises ZeroDivisionError if b is zero."""
    if symbols := symbols_of(a, b):
        return symbols.ratio(a, b)
    return Fraction(a) / b if is_exact(a) else a / b


def floor_div(a: Quantity, b: Quantity) -> Quantity:
    """The floor of a / b."""
    if symbols := symbols_of(a, b):
        return symbols.apply("floor", symbols.ratio(a, b))
    return a if _is_itself(a, b) else a // b


def ceil_div(a: Quantity, b: Quantity) -> Quantity:
    """The ceiling of a / b."""
    if symbols := symbols_of(a, b):
        return symbols.apply("ceiling", symbols.ratio(a, b))
    return a if _is_itself(a, b) else -(-a // b)


def _is_itself(a: Quantity, b: Quantity) -> bool:
    """Whether a / b is a, a grid of whole numbers: what is known of it, as that it is within bounds, still is."""
    return type(b) is int and b == 1 and bool(grids_of(a)) and bool(a.denominator == 1)


def remainder(a: Quantity, b: Quantity) -> Quantity:
    """What floor_div leaves of a."""
    return a - floor_div(a, b) * b


def power(a: Quantity, b: Quantity) -> Quantity:
    """a ** b, exactly; the exponent is one number, whatever settings are swept or open.

    Raises QuantityError unless b is whole and at most MOST_EXPONENT, or for a result of more than MOST_BITS bits;
    ZeroDivisionError for a negative power of zero.
    """
    exponent = concrete(b)
    if not is_exact(exponent) or exponent.denominator != 1 or abs(exponent) > MOST_EXPONENT:
        raise QuantityError(f"the exponent is {as_text(exponent)[:40]}, not a whole number up to {MOST_EXPONENT}")
    if exponent < 0:
        return ratio(1, power(a, -exponent))
    if symbols := symbols_of(a):
        return symbols.power(a, int(exponent))
    if grids := grids_of(a):
        a, bits = grids.merged(a), max(grids.bound(a.numerators(a.side)), a.denominator).bit_length()
    else:
        bits = max(abs(a.numerator), a.denominator).bit_length()
    if bits * exponent > MOST_BITS:
        raise QuantityError(f"a power leaves the range of {MOST_BITS} bits")
    return a ** int(exponent)


def floor(value: Quantity) -> Quantity:
    """The largest whole number not above `value`."""
    if symbols := symbols_of(value):
        return symbols.apply("floor", value)
    return value // 1


def ceil(value: Quantity) -> Quantity:
    """The smallest whole number not below `value`."""
    if symbols := symbols_of(value):
        return symbols.apply("ceiling", value)
    return -(-value // 1)


def maximum(*values: Quantity) -> Quantity:
    """The largest of `values`, cell by cell."""
    if symbols := symbols_of(*values):
        return symbols.apply("Max", *values)
    return _folded("maximum", max, values)


def minimum(*values: Quantity) -> Quantity:
    """The smallest of `values`, cell by cell."""
    if symbols := symbols_of(*values):
        return symbols.apply("Min", *values)
    return _folded("minimum", min, values)


def _folded(name: str, plain: Callable[[Any, Any], Any], values: tuple[Quantity, ...]) -> Quantity:
    """A function of two numbers over several values: NumPy's `name` on grids, `plain` on exact numbers."""
    if not grids_of(*values):
        return reduce(plain, values)
    result = values[0]
    for value in values[1:]:
        grids = grids_of(result, value)
        result = grids.cellwise(result, value, getattr(sys.modules["numpy"], name)) if grids else plain(result, value)
    return result


def largest(values: Iterable[Quantity]) -> Quantity:
    """The largest of costs, which are never negative; what another one always exceeds is never evaluated."""
    values = tuple(values)
    if symbols := symbols_of(*values):
        return symbols.largest(values)
    grids = grids_of(*values)
    return grids.largest(values) if grids else max(values)


def total(values: Iterable[Quantity]) -> Quantity:
    """The sum of `values`; 0 if there are none. Fractions that make a whole number are one."""
    values = tuple(values)
    if len(values) == 1:
        return values[0]
    if symbols := symbols_of(*values):
        return symbols.added(values)
    if grids := grids_of(*values):
        return grids.added(values)
    found = sum(values)
    return found if type(found) is int or found.denominator != 1 else int(found)


def product(values: Any) -> Quantity:
    """The product of `values`; 1 if there are none."""
    result: Quantity = 1
    for value in values:
        result = result * value
    return result


def quotient(a: Quantity, b: Quantity) -> Quantity:
    """a / b for show, None if b is 0: a fraction, an expression, or both numbers of a grid (`costcalc.grid.Ratio`)."""
    if grids := grids_of(a, b):
        return grids.Ratio(a, b)
    if b == 0:
        return None
    return Fraction(a) / b if is_exact(a) else a / b


def gcd(a: Quantity, b: Quantity) -> Quantity:
    """The greatest common divisor of whole numbers. Raises QuantityError for a fraction."""
    a, b = whole(a), whole(b)
    if symbols := symbols_of(a, b):
        return symbols.rule("gcd", gcd, a, b)
    return _folded("gcd", math.gcd, (a, b))


def whole(value: Quantity) -> Quantity:
    """`value` as a whole number. Raises QuantityError for a fraction."""
    if type(value) is int:
        return value
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return value.numerator
        raise QuantityError(f"{as_text(value)} is not a whole number")
    if (grids := grids_of(value)) and value.denominator != 1:
        try:
            return exact_div(grids.Grid(value.terms), value.denominator)
        except QuantityError:
            raise QuantityError(f"{value} is not a whole number") from None
    if symbols := symbols_of(value):
        symbols.whole(value)
    return value


def whole_bytes(elements: Quantity, bits: int) -> Quantity:
    """The whole bytes that hold so many numbers of so many bits, side by side."""
    return ceil_div(elements * bits, 8) if bits % 8 else elements * (bits // 8)


def root_up(value: Quantity) -> Quantity:
    """The smallest whole number whose square is at least `value`, which is whole and not negative."""
    if symbols := symbols_of(value):
        return symbols.root_up(value)
    if grids := grids_of(value):
        return grids.root_up(value)
    return math.isqrt(value - 1) + 1 if value else 0


def is_bounded(value: Quantity) -> bool:
    """Whether no number of a grid, nor its denominator, passes `LIMIT`; raises `costcalc.grid.Differs` if some do."""
    if not (grids := grids_of(value)):
        return True
    if value.denominator > LIMIT:
        common = grids.cellwise(value * value.denominator, value.denominator, sys.modules["numpy"].gcd)
        if not holds(common * LIMIT >= value.denominator):
            return False
    surely = sum(grids.bound(c) * grids.bound(p) for c, p in value.terms) <= LIMIT * value.denominator
    return surely or within(value, -LIMIT, LIMIT)


def concrete(value: Quantity, decides: str = "how often a layer repeats, or which entry of a table holds") -> Quantity:
    """A single number where the structure of the network depends on it: in a sweep, the one that all points share.

    `decides` is what depends on it, for a message. Raises `costcalc.grid.Differs` if they do not,
    `costcalc.symbols.Undetermined` if it depends on a setting left open.
    """
    if symbols := symbols_of(value):
        return symbols.concrete(value, decides)
    if grids_of(value):
        first = Fraction(int(value.numerators(value.side).ravel()[0]), value.denominator)
        if holds(value == first):
            return first.numerator if first.denominator == 1 else first
    return value


def named(value: Quantity) -> Quantity:
    """`value`; in a formula under a name of its own, so that what is computed from it stays short."""
    return value if type(value) is int or not (symbols := symbols_of(value)) else symbols.named(value)
