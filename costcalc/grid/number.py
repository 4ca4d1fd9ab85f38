"""Numbers over a grid of settings: channel points along one side, position points along the other.

Nearly every size of a network is a matter of channels (so of alpha) or of positions (so of beta and the resolution),
and nearly every cost is a product of one of each. A `Grid` therefore is a sum of terms, each a vector over the channel
points times a vector over the position points, over a common denominator. Adding the costs of all layers keeps the
terms; the total of the whole grid is then one matrix product. What does not factor is kept as a matrix.

All arithmetic is exact: vectors are int64, or Python ints where a product could pass 2^62.

A condition that holds in a part of the grid only raises `Differs`: whoever walks the grid walks its parts.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from costcalc.grid.vectors import LIMIT, Vector, bound, plus, times

_LONGEST = 2**10
"""Bits of a common denominator."""

CHANNEL, POSITION, MATRIX = "channel", "position", "matrix"


class Differs(Exception):
    """A condition holds in a part of the grid only: `mask`, over the channel points, the position points or both."""

    def __init__(self, mask: np.ndarray, side: str) -> None:
        super().__init__("the condition differs across the grid")
        self.mask = mask
        self.side = side


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
        if len(self.terms) == 1:  # most numbers
            ((c, p),) = self.terms
            if isinstance(p, int):
                return CHANNEL if _dimensions(c) < 2 else MATRIX
            return POSITION if isinstance(c, int) else MATRIX
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
        bare = isinstance(factor, int) and factor == 1 and not isinstance(vector, int)
        return bare and bool(vector.min() >= least and vector.max() <= most)

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
        other = _number(other)
        denominator = math.lcm(self.denominator, other.denominator)
        mine = _scaled(self.terms, denominator // self.denominator)
        theirs = _scaled(other.terms, denominator // other.denominator)
        together, side = Grid((*mine, *theirs), denominator), self.side
        if (side == other.side != MATRIX) or not other.terms:
            return _wrap(together.numerators(side), side, denominator)
        return together

    __radd__ = __add__

    def __neg__(self) -> Any:
        return Grid(_scaled(self.terms, -1), self.denominator)

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __mul__(self, other: Any) -> Any:
        if type(other) is int and other == 1:
            return self
        other = _number(other)
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
        return _ratio(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _ratio(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return quotient(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return quotient(other, self)

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

    def __str__(self) -> str:
        values = np.asarray(self.numerators(self.side)).ravel()
        first = Fraction(int(values[0]), self.denominator)
        return str(first) if (values == values[0]).all() else f"{first} ..."


class Mask:
    """A condition at each point of the grid."""

    __slots__ = ("side", "values")

    def __init__(self, values: np.ndarray, side: str) -> None:
        self.values = values
        self.side = side

    def holds(self) -> bool:
        """Whether it holds; raises Differs if it differs across the grid."""
        some = bool(self.values.any())
        if some and not self.values.all():
            raise Differs(self.values, self.side)
        return some

    __bool__ = holds  # `a == b` of two grids must never be true just for being there

    def __invert__(self) -> Mask:
        return Mask(~self.values, self.side)


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


def _number(value: Any) -> Grid:
    if isinstance(value, Grid):
        return value
    if isinstance(value, bool | int | Fraction):
        return Grid(((value.numerator, 1),), value.denominator)
    raise TypeError(f"{type(value).__name__} is no number of a grid")


def _scaled(terms: Sequence[tuple[Vector, Vector]], factor: int) -> list[tuple[Vector, Vector]]:
    return [(times(c, factor), p) for c, p in terms]


def _product(mine: tuple[Vector, Vector], theirs: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
    (c1, p1), (c2, p2) = mine, theirs
    if 2 in (_dimensions(c1), _dimensions(c2)):  # a matrix takes everything into itself
        whole = [Grid((term,)).numerators(MATRIX) for term in (mine, theirs)]
        return times(*whole), 1
    return times(c1, c2), times(p1, p2)


def _wrap(values: Vector, side: str, denominator: int = 1) -> Any:
    """The values as a number again, in lowest terms."""
    if isinstance(values, int):
        return values if denominator == 1 else Fraction(values, denominator)
    if denominator > 1:
        common = math.gcd(denominator, int(np.gcd.reduce(values.ravel())))
        values, denominator = values // common, denominator // common
    return Grid(((1, values),) if side == POSITION else ((values, 1),), denominator)


def merged(value: Grid) -> Any:
    """The same number as one term, so that a power of it is one."""
    return value if len(value.terms) == 1 else _wrap(value.numerators(value.side), value.side, value.denominator)


def _aligned(a: Grid, b: Grid, side: str = "") -> tuple[Vector, Vector, str, int]:
    """The numerators of both along the smallest side that holds them (or the one given), that side, the denominator.

    They are Python ints if one is too large for int64: NumPy would refuse it, or take it for a float.
    """
    sides = {value.side for value in (a, b) if any(_dimensions(v) for term in value.terms for v in term)}
    side = side or (sides.pop() if len(sides) == 1 else MATRIX if sides else CHANNEL)
    denominator = math.lcm(a.denominator, b.denominator)
    x, y = (times(value.numerators(side), denominator // value.denominator) for value in (a, b))
    if max(bound(x), bound(y)) >= LIMIT:
        x, y = (np.asarray(value).astype(object) for value in (x, y))
    return x, y, side, denominator


def cellwise(a: Any, b: Any, function: Callable[[Any, Any], Any]) -> Any:
    """`function` of two numbers over one denominator, cell by cell, as a number over that denominator."""
    x, y, side, denominator = _aligned(_number(a), _number(b))
    return _wrap(function(x, y), side, denominator)


def _divided(a: Any, b: Any) -> tuple[Vector, Vector, str]:
    """Whole numbers in the ratio of a to b. Raises ZeroDivisionError where b is zero, Differs if in a part only."""
    x, y, side, _ = _aligned(_number(a), _number(b))
    if not Mask(np.asarray(y != 0), side).holds():
        raise ZeroDivisionError
    return x, y, side


def quotient(a: Any, b: Any, exact: bool = False) -> Any:
    """The floor of a / b. With `exact`, ZeroDivisionError where b does not divide a, Differs if in a part only."""
    x, y, side = _divided(a, b)
    if exact and not Mask(np.asarray(x % y == 0), side).holds():
        raise ZeroDivisionError
    return _wrap(x // y, side)


def _ratio(a: Any, b: Any) -> Any:
    """a / b as exact fractions. Raises Differs where one denominator for all cells would be too long."""
    x, y, side = _divided(a, b)
    common = np.gcd(x, y)
    x, y = x // common, y // common
    divisors = np.unique(y)
    denominator = math.lcm(*map(int, divisors))
    if denominator.bit_length() > _LONGEST and len(divisors) > 1:
        raise Differs(np.asarray(y < divisors[len(divisors) // 2]), side)
    if denominator >= LIMIT:
        x, y = x.astype(object), y.astype(object)
    return _wrap(times(x, denominator // y), side, denominator)


def _compared(a: Grid, other: object, function: Callable[[Any, Any], Any]) -> Any:
    if not isinstance(other, Grid | int | Fraction):
        return NotImplemented
    x, y, side, _ = _aligned(a, _number(other))
    return Mask(np.asarray(function(x, y)), side)


def where(condition: Mask, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`."""
    a, b = _number(yes), _number(no)
    x, y, side, denominator = _aligned(a, b)
    values = condition.values
    if not (_dimensions(x) or _dimensions(y)):
        side = condition.side
    elif side != condition.side:
        x, y, side, denominator = _aligned(a, b, MATRIX)
        values = values if values.ndim == 2 else values[:, None] if condition.side == CHANNEL else values[None, :]
    return _wrap(np.where(values, x, y), side, denominator)
