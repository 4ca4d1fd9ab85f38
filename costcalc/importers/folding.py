"""The arithmetic of constants: what a file computes from shapes and from stored values alone is folded away."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from costcalc import quantity
from costcalc.errors import OperatorError
from costcalc.importers.program import MOST_DIMS, MOST_VALUES
from costcalc.importers.sizes import Constant, Size, both, constant_of, divided, fixed

_MOST_NUMBER = 2**128


def _quotient(a: Any, b: Any) -> Any:
    return quantity.floor_div(a, b)


def _root(value: Any) -> Any:
    whole = math.isqrt(value) if isinstance(value, int) and value >= 0 else 0
    return whole if whole and whole * whole == value else math.sqrt(value)


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": divided,
    "Mod": quantity.remainder,
    "Max": quantity.maximum,
    "Min": quantity.minimum,
    "Floor": quantity.floor,
    "Ceil": quantity.ceil,
    "Neg": lambda a: -a,
    "Abs": lambda a: quantity.maximum(a, -a),
    "Round": lambda a: quantity.floor(a + Fraction(1, 2)),
    "Identity": lambda a: a,
}
"""On known numbers, each on both sizes."""
DECIDED: dict[str, Callable[..., Any]] = {
    "Sqrt": _root,
    "Reciprocal": lambda a: divided(1, a),
    "Exp": math.exp,
    "Log": math.log,
    "Pow": lambda a, b: a**b if abs(b) <= 64 and abs(a) < 2**40 else float(a) ** float(b),
    "Equal": lambda a, b: int(a == b),
    "Less": lambda a, b: int(a < b),
    "LessOrEqual": lambda a, b: int(a <= b),
    "Greater": lambda a, b: int(a > b),
    "GreaterOrEqual": lambda a, b: int(a >= b),
    "And": lambda a, b: int(bool(a) and bool(b)),
    "Or": lambda a, b: int(bool(a) or bool(b)),
    "Not": lambda a: int(not a),
    "Sign": lambda a: (a > 0) - (a < 0),
    "Sin": math.sin,
    "Cos": math.cos,
}
"""On numbers that the file has; conditions are decided on its own sizes."""


def elementwise(op: str, values: Sequence[Constant]) -> Constant:
    """An operation on constants, stretched to one another; without numbers where they are not known."""
    dims = broadcast([value.dims for value in values])
    count = math.prod(size.own for size in dims)
    kept = max(values, key=lambda value: value.stored)
    dtype = "bool" if op in ("Equal", "Less", "Greater", "And", "Or", "Not") else values[0].dtype
    if any(value.values is None for value in values) or count > MOST_VALUES:
        return Constant(dims, None, kept.name, dtype, kept.stored, kept.part)
    columns = [_stretched(value, dims) for value in values]
    found = []
    for row in zip(*columns, strict=True):
        if op == "Div" and values[0].is_whole:
            found.append(both(_quotient, *row))
        elif op in ARITHMETIC:
            found.append(both(ARITHMETIC[op], *row))
        else:
            found.append(fixed(DECIDED[op](*(size.own for size in row))))
    return Constant(dims, tuple(short(size, values[0]) for size in found), "", dtype)


def short(size: Size, of: Constant) -> Size:
    """A number that was computed, as a format of numbers could hold it: a square of a square ... has no end of digits.

    Raises OperatorError for a whole number that none could.
    """
    exact = isinstance(size.own, int | Fraction) and size.is_fixed
    if not exact or max(abs(size.own.numerator), size.own.denominator) < _MOST_NUMBER:
        return size
    if of.is_whole:
        raise OperatorError("a number is computed that no format of integers holds")
    return fixed(size.own.numerator / size.own.denominator)


def broadcast(shapes: Sequence[tuple[Size, ...]]) -> tuple[Size, ...]:
    """The sizes that all shapes stretch to. Raises OperatorError if they do not."""
    rank = max(map(len, shapes))
    found = [fixed(1)] * rank
    for dims in shapes:
        for place, size in enumerate(dims, rank - len(dims)):
            if found[place].own == 1:
                found[place] = size
            elif size.own not in (1, found[place].own):
                raise OperatorError(f"sizes {found[place].own} and {size.own} meet")
    return tuple(found)


def _stretched(value: Constant, dims: Sequence[Size]) -> list[Size]:
    assert value.values is not None
    own = (1,) * (len(dims) - len(value.dims)) + value.own
    if math.prod(own) == 1:
        return [value.values[0]] * math.prod(size.own for size in dims)
    if own == tuple(size.own for size in dims):
        return list(value.values)
    strides = _strides(own)
    indices = itertools.product(*(range(size.own) for size in dims))
    return [
        value.values[sum(i % n * step for i, n, step in zip(index, own, strides, strict=True))] for index in indices
    ]


def _strides(own: Sequence[int]) -> list[int]:
    steps, step = [], 1
    for size in reversed(own):
        steps.append(step)
        step *= size
    return steps[::-1]


def rearranged(value: Constant, dims: Sequence[Size]) -> Constant:
    """A constant with other dimensions, and as many values."""
    if math.prod(size.own for size in dims) != math.prod(value.own):
        raise OperatorError(f"{math.prod(value.own)} stored values do not fit")
    return value._replace(dims=tuple(dims))


def transposed(value: Constant, order: Sequence[int]) -> Constant:
    """Its dimensions in another order."""
    dims = tuple(value.dims[i] for i in order)
    if value.values is None or math.prod(value.own) > MOST_VALUES:
        return value._replace(dims=dims, values=None)
    strides = _strides(value.own)
    indices = itertools.product(*(range(size.own) for size in dims))
    steps = [strides[i] for i in order]
    items = tuple(value.values[sum(i * s for i, s in zip(index, steps, strict=True))] for index in indices)
    return value._replace(dims=dims, values=items)


def taken(
    value: Constant, axis: int, places: Sequence[int], drop: bool, dims: Sequence[Size] | None = None
) -> Constant:
    """The entries at some places along a dimension."""
    axis %= max(1, len(value.dims))
    before, after = value.dims[:axis], value.dims[axis + 1 :]
    middle = () if drop else tuple(dims) if dims is not None else (fixed(len(places)),)
    shape = (*before, *middle, *after)
    length = value.dims[axis].own
    places = [place + length if place < 0 else place for place in places]
    if any(not 0 <= place < length for place in places):
        raise OperatorError(f"no entry of {length} at that place")
    share = value.stored * len(places) // length if value.stored else 0
    if places and len(places) < length:
        value = value._replace(part=f"{value.part}[{axis}:{min(places)}:{max(places)}]")
    if value.values is None:
        return value._replace(dims=shape, stored=value.stored if share else 0)
    lead, inner = math.prod(size.own for size in before), math.prod(size.own for size in after)
    if lead * len(places) * inner > MOST_VALUES:
        return value._replace(dims=shape, values=None)
    items = tuple(
        value.values[(i * length + place) * inner + j] for i in range(lead) for place in places for j in range(inner)
    )
    return value._replace(dims=shape, values=items)


def joined(values: Sequence[Constant], axis: int) -> Constant:
    """Constants one after the other along a dimension."""
    first = values[0]
    axis %= max(1, len(first.dims))
    length = first.dims[axis]
    for value in values[1:]:
        length = both(lambda a, b: a + b, length, value.dims[axis])
    dims = (*first.dims[:axis], length, *first.dims[axis + 1 :])
    name = next((value.name for value in values if value.name), "")
    stored = sum(value.stored for value in values)
    known = all(value.values is not None for value in values) and math.prod(size.own for size in dims) <= MOST_VALUES
    if not known:
        return Constant(dims, None, name, first.dtype, stored)
    lead = math.prod(first.own[:axis])
    items: list[Size] = []
    for i in range(lead):
        for value in values:
            assert value.values is not None
            share = len(value.values) // lead
            items.extend(value.values[i * share : (i + 1) * share])
    return Constant(dims, tuple(items), name, first.dtype, stored)


def spread(value: Constant, dims: Sequence[Size]) -> Constant:
    """A constant stretched to larger dimensions; it stores no more for that."""
    shape = broadcast([value.dims, tuple(dims)])
    if value.values is None or math.prod(size.own for size in shape) > MOST_VALUES:
        return value._replace(dims=shape, values=None)
    return value._replace(dims=shape, values=tuple(_stretched(value, shape)))


def filled(dims: Sequence[Size], number: Any, dtype: str, name: str) -> Constant:
    """So many times one number."""
    count = math.prod(size.own for size in dims)
    values = (fixed(number),) * count if count <= MOST_VALUES else None
    return Constant(tuple(dims), values, name, dtype, count if dtype.startswith("float") else 0)


def numbers(value: Any, most: int = 4 * MOST_DIMS) -> tuple[Size, ...]:
    """The known numbers of a constant. Raises OperatorError if they are not known, or more than a shape's are."""
    if not isinstance(value, Constant) or value.values is None:
        raise OperatorError("a shape depends on what the network computes", expected="sizes that the file knows")
    if len(value.values) > most:
        raise OperatorError(f"{len(value.values)} numbers stand where those of a shape do", expected=f"at most {most}")
    return tuple(value.values)


def ints(value: Any, most: int = 4 * MOST_DIMS) -> tuple[int, ...]:
    """The known whole numbers of a constant, as the file has them."""
    found = []
    for size in numbers(value, most):
        if isinstance(size.own, float) and not (math.isfinite(size.own) and size.own.is_integer()):
            raise OperatorError(f"{size.own} is no whole number")
        found.append(int(size.own))
    return tuple(found)


__all__ = [
    "ARITHMETIC", "DECIDED", "broadcast", "constant_of", "elementwise", "filled", "ints", "joined", "numbers",
    "rearranged", "spread", "taken", "transposed",
]  # fmt: skip
