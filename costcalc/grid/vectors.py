"""Vectors of exact numbers: int64 where no result can pass 2^62, Python ints where one could."""

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
    if value.dtype != object and (most := int(np.maximum.reduce(value.view(np.uint64), None, initial=0))) < 2**63:
        return most  # one pass: read without a sign, a number below zero would be above 2^63
    return max(abs(int(value.max())), abs(int(value.min()))) if value.size else 0


def _combine(function: Callable[[Any, Any], Any], a: Vector, b: Vector, most: int) -> Vector:
    """`function(a, b)` in int64 if its magnitude stays below `most`, else in Python ints."""
    if most >= LIMIT:
        a, b = (value.astype(object) if isinstance(value, np.ndarray) else value for value in (a, b))
    return function(a, b)


def times(a: Vector, b: Vector) -> Vector:
    if isinstance(a, int) and a == 1:
        return b
    if isinstance(b, int) and b == 1:
        return a
    return _combine(operator.mul, a, b, bound(a) * bound(b))


def plus(a: Vector, b: Vector) -> Vector:
    if isinstance(a, int) and a == 0:
        return b
    return _combine(operator.add, a, b, bound(a) + bound(b))
