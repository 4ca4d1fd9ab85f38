"""Grids as matrices, channel points down and position points across, and the sums and maxima that lead to them.

The matrices are int64 where every value fits, Python ints where one could not. Nothing is computed on a bare int64
matrix: what is to be multiplied, rounded or added is so as a `Grid`, which knows its bounds.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from costcalc.errors import QuantityError
from costcalc.grid.number import MATRIX, POSITION, Grid
from costcalc.grid.vectors import LIMIT, Vector, bound, plus, times

_EXACT_FLOAT = 2**53
_BLOCK = 2**17
"""Floats of a product that are turned into whole numbers at a time."""
_MOST_TERMS = 16

Shape = tuple[int, int]
"""Channel points by position points."""


def added(values: Iterable[Any]) -> Grid:
    """The sum of whole numbers and grids, its terms side by side: few vectors are touched.

    Many terms are put together where they share a position vector: sums of sums would have ever more of them.
    """
    terms: list[tuple[Vector, Vector]] = []
    constant: int | Fraction = 0
    rest: list[Any] = []
    for value in values:
        if not isinstance(value, Grid):
            constant += value
        elif value.denominator == 1:
            terms += value.terms
        else:
            rest.append(value)
    if constant.denominator != 1:
        rest.append(constant)
    elif constant:
        terms.append((int(constant), 1))
    if len(terms) > _MOST_TERMS:
        terms, whole = _merged(terms)
        terms += [] if isinstance(whole, int) and whole == 0 else [(whole, 1)]
    return reduce(operator.add, rest, Grid(terms))


def matrix(value: Any, shape: Shape) -> np.ndarray:
    """A whole number or grid as a matrix. Raises QuantityError for fractions."""
    if not isinstance(value, Grid):
        if value.denominator != 1:
            raise QuantityError(f"{value} is no whole number")
        return np.full(shape, value, dtype=np.int64 if abs(value) < LIMIT else object)
    if value.denominator != 1:
        raise QuantityError(f"{value} is no whole number")
    factored, whole = _merged(value.terms)
    if not factored:
        return np.broadcast_to(np.asarray(whole), shape)
    if all(isinstance(p, int) for _, p in factored):  # the same at every position point
        column = np.reshape(np.asarray(factored[0][0]), (-1, 1))  # one term, as all positions are 1
        return np.broadcast_to(np.asarray(plus(column, whole)), shape)
    return np.broadcast_to(plus(whole, _product(factored, shape)), shape)


def _product(terms: Sequence[tuple[Vector, Vector]], shape: Shape) -> np.ndarray:
    """The sum of products of vectors: one matrix product, of floats where every sum stays below 2^53."""
    most = _most(terms)
    if most < _EXACT_FLOAT:
        return _largest_product([terms], shape)
    down, across = _sides(terms, shape, np.int64 if most < LIMIT else object)
    whole: np.ndarray = down @ across
    return whole


def _most(terms: Sequence[tuple[Vector, Vector]]) -> int:
    """A magnitude that no sum passes."""
    return sum(bound(c) * bound(p) for c, p in terms)


def _sides(terms: Sequence[tuple[Vector, Vector]], shape: Shape, kind: Any) -> tuple[np.ndarray, np.ndarray]:
    """The vectors down, and those across, side by side."""
    down = np.empty((shape[0], len(terms)), dtype=kind)
    across = np.empty((len(terms), shape[1]), dtype=kind)
    for index, (c, p) in enumerate(terms):
        down[:, index] = c
        across[index, :] = p
    return down, across


def _largest_product(sums: Sequence[Sequence[tuple[Vector, Vector]]], shape: Shape) -> np.ndarray:
    """The largest at each point of sums of products that floats hold exactly."""
    sides = [_sides(terms, shape, np.float64) for terms in sums]
    result = np.empty(shape, dtype=np.int64)
    rows = max(1, _BLOCK // shape[1])
    for first in range(0, shape[0], rows):  # the floats of a block stay in the cache until they are whole numbers
        products = (down[first : first + rows] @ across for down, across in sides)
        block = next(products)
        for other in products:
            np.maximum(block, other, out=block)
        result[first : first + rows] = block
    return result


def _merged(terms: Sequence[tuple[Vector, Vector]]) -> tuple[list[tuple[Vector, Vector]], Vector]:
    """Terms with the same position vector as one, and the sum of those that are matrices already."""
    found: dict[int | bytes, tuple[Vector, Vector]] = {}
    whole: Vector = 0
    for c, p in terms:
        if not isinstance(c, int) and c.ndim == 2:
            whole = plus(whole, times(c, p))
            continue
        key = _key(p)
        term = (times(c, p), 1) if key == 1 else (c, p)
        found[key] = (plus(found[key][0], term[0]), term[1]) if key in found else term
    return list(found.values()), whole


def root_up(value: Grid) -> Grid:
    """The smallest whole number whose square is at least the value, at each point; no value is below zero.

    Raises QuantityError for a grid of fractions.
    """
    if value.denominator != 1:
        raise QuantityError(f"{value} is no whole number")
    cells = np.asarray(value.numerators(value.side))
    if cells.dtype == object:
        root = np.frompyfunc(lambda cell: math.isqrt(cell - 1) + 1 if cell else 0, 1, 1)(cells)
    else:
        root = np.sqrt(cells).astype(np.int64)  # the floor or, of what a float takes for the next square, one more
        root += root * root < cells
    return Grid(((1, root),) if value.side == POSITION else ((root, 1),))


def largest(values: Sequence[Any]) -> Any:
    """The largest of whole numbers and grids at each point; those that others exceed everywhere are never evaluated.

    One value that is the largest everywhere stays as it is, factored.
    """
    grids = [value if isinstance(value, Grid) else Grid(((value, 1),)) for value in values]
    kept = _undominated(grids)
    if len(kept) == 1:
        return kept[0]
    shape = _shape(kept)
    sums = [_merged(value.terms) for value in kept]
    if all(one.denominator == 1 and terms and isinstance(whole, int) and not whole and _most(terms) < _EXACT_FLOAT
           for one, (terms, whole) in zip(kept, sums, strict=True)):  # fmt: skip
        return Grid(((_largest_product([terms for terms, _ in sums], shape), 1),))
    return Grid(((reduce(np.maximum, (matrix(value, shape) for value in kept)), 1),))


def _shape(values: Iterable[Grid]) -> Shape:
    """The points down and across that the vectors of some grids have; 1 along a side where none varies."""
    down, across = 1, 1
    for value in values:
        for c, p in value.terms:
            if not isinstance(c, int):
                down, across = max(down, len(c)), max(across, c.shape[1] if c.ndim == 2 else 1)
            across = across if isinstance(p, int) else max(across, len(p))
    return down, across


def _undominated(values: Sequence[Grid]) -> list[Grid]:
    """The values that may be the largest somewhere.

    With the position vectors in order, p1 >= p2 >= ... >= 0 at every point, a sum of c_j p_j is a sum over k of
    (c_1 + ... + c_k) (p_k - p_k+1): one value is at most another if its sums of channel vectors all are.
    """
    merged = [(value, *_merged(value.terms)) for value in values]
    if any(not isinstance(whole, int) or value.denominator != 1 for value, _, whole in merged):
        return list(values)
    positions = {_key(p): p for _, terms, _ in merged for _, p in terms}
    ordered = sorted(positions, key=lambda key: -bound(positions[key]))
    chain = [positions[key] for key in ordered]
    if not all(np.all(a >= b) for a, b in pairwise([*chain, 0])):
        return list(values)
    kept: list[tuple[Grid, list[Vector]]] = []
    for value, terms, _ in sorted(merged, key=lambda one: -sum(bound(c) * bound(p) for c, p in one[1])):
        by_position = {_key(p): c for c, p in terms}
        sums = list(accumulate((by_position.get(key, 0) for key in ordered), plus))
        if not any(all(map(np.all, map(operator.le, sums, other))) for _, other in kept):
            kept.append((value, sums))
    return [value for value, _ in kept]


def _key(position: Vector) -> int | bytes:
    return 1 if isinstance(position, int) else position.tobytes() if position.dtype != object else id(position)


def _nearest(over: int, under: int) -> float:
    return over / under if under else math.nan


class Ratio(NamedTuple):
    """One number over another at each point of the grid."""

    over: Any
    under: Any

    def matrix(self, shape: Shape) -> np.ndarray:
        """The quotients as the nearest floats, nan where they are of nothing."""
        over, under = matrix(self.over, shape), matrix(self.under, shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            if max(bound(over), bound(under)) < _EXACT_FLOAT:
                return np.asarray(np.where(under == 0, np.nan, over / under))
        return np.array([*map(_nearest, over.ravel().tolist(), under.ravel().tolist())]).reshape(shape)


__all__ = ["MATRIX", "Ratio", "added", "largest", "matrix"]
