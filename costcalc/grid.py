"""Numbers over a grid of settings: channel points along one side, position points along the other.

Nearly every size of a network is a matter of channels (so of alpha) or of positions (so of beta and the resolution),
and nearly every cost is a product of one of each. A `Grid` therefore is a sum of terms, each a vector over the channel
points times a vector over the position points, over a common denominator. Adding the costs of all layers keeps the
terms; the total of the whole grid is then one matrix product. What does not factor is kept as a matrix.

All arithmetic is exact (`costcalc.vectors`).

A condition that holds in a part of the grid only raises `Split`: whoever walks the grid walks the parts by themselves.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from costcalc.vectors import LIMIT, Mask, Split, Vector, bound, combined, plus, times

__all__ = ["CHANNEL", "MATRIX", "POSITION", "Grid", "Mask", "Split", "bound", "channel", "position", "where"]

CHANNEL, POSITION, MATRIX = "channel", "position", "matrix"


class Grid:
    """An exact number at each point of the grid: the sum of `channel * position` over its terms, over `denominator`."""

    __slots__ = ("denominator", "terms")
    __hash__ = None  # type: ignore[assignment]  # equality is a condition, cell by cell

    def __init__(self, terms: Sequence[tuple[Vector, Vector]], denominator: int = 1) -> None:
        self.terms = tuple(terms)
        self.denominator = denominator

    @property
    def side(self) -> str:
        """What it varies with: the channel points, the position points, or both (a matrix)."""
        if all(isinstance(p, int) and _dimensions(c) < 2 for c, p in self.terms):
            return CHANNEL
        if all(isinstance(c, int) for c, _ in self.terms):
            return POSITION
        return MATRIX

    def surely_within(self, least: int, most: int) -> bool:
        """Whether the ends of its one vector show that it is within; False if that takes a closer look."""
        if self.denominator != 1 or len(self.terms) != 1:
            return False
        (c, p) = self.terms[0]
        vector, factor = (p, c) if isinstance(c, int) else (c, p)
        if not isinstance(factor, int) or factor != 1 or isinstance(vector, int):
            return False
        return bool(vector.min() >= least and vector.max() <= most)

    def numerators(self, side: str) -> Vector:
        """The numerators: a vector along the given side, or the whole matrix."""
        result: Vector = 0
        for c, p in self.terms:
            if side == MATRIX:
                column = c if isinstance(c, int) or c.ndim == 2 else c[:, None]
                row = p if isinstance(p, int) else p[None, :]
                result = plus(result, times(column, row))
            else:
                result = plus(result, times(c, p))
        return result

    def __add__(self, other: Any) -> Any:
        other = _grid(other)
        if other is None:
            return NotImplemented
        denominator = math.lcm(self.denominator, other.denominator)
        mine = _scaled(self.terms, denominator // self.denominator)
        theirs = _scaled(other.terms, denominator // other.denominator)
        sides = {self.side, other.side}
        if (len(sides) == 1 and MATRIX not in sides) or not other.terms:
            joined = Grid((*mine, *theirs), denominator)
            return _wrap(joined.numerators(self.side), self.side, denominator)
        return Grid((*mine, *theirs), denominator)

    __radd__ = __add__

    def __neg__(self) -> Any:
        return Grid(_scaled(self.terms, -1), self.denominator)

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __mul__(self, other: Any) -> Any:
        other = _grid(other)
        if other is None:
            return NotImplemented
        terms = [_product(mine, theirs) for mine in self.terms for theirs in other.terms]
        result = Grid(terms, self.denominator * other.denominator)
        side = result.side
        return result if side == MATRIX else _wrap(result.numerators(side), side, result.denominator)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Any:
        result: Any = 1
        for _ in range(exponent):
            result = result * self
        return result

    def __truediv__(self, other: Any) -> Any:
        return _ratio(self, _grid(other))

    def __rtruediv__(self, other: Any) -> Any:
        return _ratio(_grid(other), self)

    def __floordiv__(self, other: Any) -> Any:
        return _floor_div(self, _grid(other))

    def __rfloordiv__(self, other: Any) -> Any:
        return _floor_div(_grid(other), self)

    def __mod__(self, other: Any) -> Any:
        return self - (self // other) * other

    def __rmod__(self, other: Any) -> Any:
        return other - (other // self) * self

    def __eq__(self, other: object) -> Any:
        return _compared(self, other, operator.eq)

    def __ne__(self, other: object) -> Any:
        return _compared(self, other, operator.ne)

    def __lt__(self, other: object) -> Any:
        return _compared(self, other, operator.lt)

    def __le__(self, other: object) -> Any:
        return _compared(self, other, operator.le)

    def __gt__(self, other: object) -> Any:
        return _compared(self, other, operator.gt)

    def __ge__(self, other: object) -> Any:
        return _compared(self, other, operator.ge)

    def is_bounded(self) -> bool:
        """Whether no numerator or denominator passes 2^62; raises Split if some do."""
        if self.denominator <= LIMIT and sum(bound(c) * bound(p) for c, p in self.terms) <= LIMIT:
            return True
        values = np.asarray(self.numerators(self.side), dtype=object)
        small = (abs(values) <= LIMIT * self.denominator) & (
            self.denominator // np.gcd(values, self.denominator) <= LIMIT
        )
        return Mask(small.astype(bool), self.side).holds()

    def __str__(self) -> str:
        values = np.asarray(self.numerators(self.side)).ravel()
        least, most = (Fraction(int(end), self.denominator) for end in (values.min(), values.max()))
        return str(least) if least == most else f"{least} to {most}"


def channel(values: Sequence[Fraction | int]) -> Grid:
    """A number along the channel points."""
    numerators, denominator = _common(values)
    return Grid(((numerators, 1),), denominator)


def position(values: Sequence[Fraction | int]) -> Grid:
    """A number along the position points."""
    numerators, denominator = _common(values)
    return Grid(((1, numerators),), denominator)


def _common(values: Sequence[Fraction | int]) -> tuple[np.ndarray, int]:
    denominator = math.lcm(*{value.denominator for value in values})
    whole = [value.numerator * (denominator // value.denominator) for value in values]
    kind = np.int64 if max(map(abs, whole)) < LIMIT else object
    return np.array(whole, dtype=kind), denominator


def _dimensions(value: Vector) -> int:
    return 0 if isinstance(value, int) else int(value.ndim)


def _grid(value: Any) -> Grid | None:
    if isinstance(value, Grid):
        return value
    if isinstance(value, int):
        return Grid(((int(value), 1),))
    if isinstance(value, Fraction):
        return Grid(((value.numerator, 1),), value.denominator)
    return None


def _number(value: Any) -> Grid:
    number = _grid(value)
    if number is None:
        raise TypeError(f"{type(value).__name__} is no number")
    return number


def _scaled(terms: Sequence[tuple[Vector, Vector]], factor: int) -> list[tuple[Vector, Vector]]:
    return [(times(c, factor), p) if _dimensions(c) else (c * factor, p) for c, p in terms]


def _product(mine: tuple[Vector, Vector], theirs: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
    (c1, p1), (c2, p2) = mine, theirs
    if 2 in (_dimensions(c1), _dimensions(c2)):  # a matrix takes everything into itself
        whole = [Grid((term,)).numerators(MATRIX) for term in (mine, theirs)]
        return times(*whole), 1
    return times(c1, c2), times(p1, p2)


def _wrap(values: Vector, side: str, denominator: int = 1) -> Any:
    """The values as a number again, in lowest terms."""
    if isinstance(values, int | np.integer):
        return int(values) if denominator == 1 else Fraction(int(values), denominator)
    if denominator > 1:
        common = math.gcd(denominator, int(np.gcd.reduce(values.ravel())))
        values, denominator = combined(operator.floordiv, values, common), denominator // common
    return Grid(((1, values),) if side == POSITION else ((values, 1),), denominator)


def _aligned(*values: Grid) -> tuple[list[Vector], str]:
    """The numerators of all values along the smallest side that holds them all."""
    sides = {value.side for value in values if any(_dimensions(v) for term in value.terms for v in term)}
    side = sides.pop() if len(sides) == 1 else MATRIX if sides else CHANNEL
    return [value.numerators(side) for value in values], side


def _over_one(a: Grid, b: Grid) -> tuple[tuple[Vector, Vector], str, int]:
    """The numerators of two values over one denominator, their side, and the denominator."""
    (x, y), side = _aligned(a, b)
    denominator = math.lcm(a.denominator, b.denominator)
    return (times(x, denominator // a.denominator), times(y, denominator // b.denominator)), side, denominator


def cellwise(a: Any, b: Any, function: Callable[[Any, Any], Any]) -> Any:
    """`function` of two numbers, cell by cell, whose result is no larger than the larger of them."""
    (x, y), side, denominator = _over_one(_number(a), _number(b))
    return _wrap(combined(function, x, y), side, denominator)


def exact_div(a: Any, b: Any) -> Any:
    """a / b in whole numbers; raises Split where some leave a rest, ZeroDivisionError where all do."""
    (x, y), side, _ = _over_one(_number(a), _number(b))
    _must_divide(y, side)
    if not _mask(operator.eq, combined(operator.mod, x, y), 0, side).holds():
        raise ZeroDivisionError
    return _wrap(combined(operator.floordiv, x, y), side)


def _mask(function: Callable[[Any, Any], Any], x: Vector, y: Vector, side: str) -> Mask:
    """A comparison, cell by cell; cells of Python ints would compare to an array of objects."""
    return Mask(np.asarray(combined(function, x, y)).astype(bool), side)


def _must_divide(divisor: Vector, side: str) -> None:
    """Raise ZeroDivisionError if the divisor is zero, Split if it is zero in a part of the grid."""
    if not _mask(operator.ne, divisor, 0, side).holds():
        raise ZeroDivisionError


def _floor_div(a: Grid | None, b: Grid | None) -> Any:
    if a is None or b is None:
        return NotImplemented
    (x, y), side, _ = _over_one(a, b)
    _must_divide(y, side)
    return _wrap(combined(operator.floordiv, x, y), side)


def _ratio(a: Grid | None, b: Grid | None) -> Any:
    """a / b, exactly; raises Split where the divisors have no common multiple of a sane size."""
    if a is None or b is None:
        return NotImplemented
    if all(isinstance(v, int) for term in b.terms for v in term):
        divisor = Fraction(b.numerators(CHANNEL), b.denominator)
        return a * (1 / divisor)
    (x, y), side = _aligned(a, b)
    _must_divide(y, side)
    divisors = set(np.asarray(y).ravel().tolist())
    common = 1
    for divisor in divisors:
        common = math.lcm(common, divisor)
        if common > LIMIT:  # one divisor at a time
            _mask(operator.eq, y, next(iter(divisors)), side).holds()
    top = times(times(x, combined(operator.floordiv, common, y)), b.denominator)
    return _wrap(top, side, common * a.denominator)


def _compared(a: Grid, other: object, function: Callable[[Any, Any], Any]) -> Any:
    b = _grid(other)
    if b is None:
        return NotImplemented
    (x, y), side, _ = _over_one(a, b)
    return _mask(function, x, y, side)


def where(condition: Mask, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`."""
    a, b = _number(yes), _number(no)
    (x, y), side = _aligned(a, b)
    side = side if side == condition.side or not (_dimensions(x) or _dimensions(y)) else MATRIX
    side = condition.side if not (_dimensions(x) or _dimensions(y)) else side
    values = condition.values
    if side == MATRIX:
        x, y = a.numerators(MATRIX), b.numerators(MATRIX)
        values = values if values.ndim == 2 else values[:, None] if condition.side == CHANNEL else values[None, :]
    denominator = math.lcm(a.denominator, b.denominator)
    x, y = times(x, denominator // a.denominator), times(y, denominator // b.denominator)
    return _wrap(combined(lambda one, other: np.where(values, one, other), x, y), side, denominator)
