"""Vectors of whole numbers that never wrap (int64, or Python ints where one could pass 2^62), and of conditions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Vector: TypeAlias = Any
"""int | numpy.ndarray of one dimension; the channel side of a term that does not factor has two."""
LIMIT = 2**62


def bound(value: Vector) -> int:
    """The largest magnitude in a vector, as a Python int."""
    if isinstance(value, int):
        return abs(value)
    return max(abs(int(value.max())), abs(int(value.min()))) if value.size else 0


def times(a: Vector, b: Vector) -> Vector:
    """The product."""
    if isinstance(a, int) and a == 1:
        return b
    if isinstance(b, int) and b == 1:
        return a
    return _within(operator.mul, a, b, bound(a) * bound(b))


def plus(a: Vector, b: Vector) -> Vector:
    """The sum."""
    if isinstance(a, int) and a == 0:
        return b
    return _within(operator.add, a, b, bound(a) + bound(b))


def combined(function: Callable[[Any, Any], Any], a: Vector, b: Vector) -> Vector:
    """A function of two vectors whose result is no larger than the larger of them."""
    return _within(function, a, b, max(bound(a), bound(b)))


def _within(function: Callable[[Any, Any], Any], a: Vector, b: Vector, most: int) -> Vector:
    """`function(a, b)`, in int64 if its magnitude stays below `most`."""
    if most >= LIMIT:
        a, b = (np.asarray(value, dtype=object) for value in (a, b))
    return function(a, b)


class Split(Exception):
    """A condition holds in a part of the grid only: `mask`, over the channel points, the position points or both."""

    def __init__(self, mask: np.ndarray, side: str) -> None:
        super().__init__("the condition differs across the grid")
        self.mask = mask
        self.side = side


class Mask:
    """A condition at each point of the grid."""

    __slots__ = ("side", "values")

    def __init__(self, values: np.ndarray, side: str) -> None:
        self.values = values
        self.side = side

    def holds(self) -> bool:
        """Whether it holds; raises Split if it differs across the grid."""
        if self.values.all():
            return True
        if not self.values.any():
            return False
        raise Split(self.values, self.side)

    def __invert__(self) -> Mask:
        return Mask(~self.values, self.side)

    def __str__(self) -> str:
        return "true" if self.values.all() else "true at some points" if self.values.any() else "false"
