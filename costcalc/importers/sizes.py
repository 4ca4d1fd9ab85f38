"""Sizes twice: as the file has them, and as asked for; and the small constants that shapes are computed from.

What a file's structure depends on is decided on its own sizes (plain ints); the sizes that were asked for (ints,
grids, symbols) follow. So a sweep and a formula walk the same file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, overload

from costcalc import quantity
from costcalc.quantity import Quantity


class Size(NamedTuple):
    """A size of a tensor: in the file, and as asked for."""

    own: Any
    size: Quantity

    @property
    def is_fixed(self) -> bool:
        """Whether what was asked for leaves it alone."""
        return self.size is self.own or (type(self.size) is int and self.size == self.own)


def fixed(value: Any) -> Size:
    """A size that is the same whatever is asked for."""
    return Size(value, value)


def both(function: Callable[..., Any], *sizes: Size) -> Size:
    """A function of sizes, of both their numbers."""
    own = function(*(size.own for size in sizes))
    if all(size.is_fixed for size in sizes):
        return Size(own, own)
    return Size(own, function(*(size.size for size in sizes)))


def times(sizes: Iterable[Size]) -> Size:
    """The product of sizes."""
    sizes = tuple(sizes)
    return Size(math.prod(size.own for size in sizes), quantity.product(size.size for size in sizes))


def divided(a: Any, b: Any) -> Any:
    """a / b, exact for whole numbers and fractions."""
    if isinstance(a, float) or isinstance(b, float):
        return a / b
    return quantity.ratio(a, b)


class Known(Sequence[Size]):
    """Numbers of the file, made exact only where one is looked at: most are a layer's biases, which nobody reads."""

    def __init__(self, numbers: Sequence[Any]) -> None:
        self.numbers = numbers

    @cached_property
    def _all(self) -> tuple[Size, ...]:
        return tuple(map(_exact, self.numbers))

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, at: int) -> Size: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Size, ...]: ...
    def __getitem__(self, at: int | slice) -> Size | tuple[Size, ...]:
        return self._all[at] if isinstance(at, slice) else _exact(self.numbers[at])

    def __iter__(self) -> Iterator[Size]:
        return iter(self._all)


def _exact(number: Any) -> Size:
    return fixed(exact_number(number) if isinstance(number, float) else int(number))


class Constant(NamedTuple):
    """A tensor that does not depend on the network's input.

    `values` are its numbers, if there are few and they are known; `stored` counts the values that the file stores for
    it, `name` is that of the stored tensor, `part` says which of its entries these are, if not all. `dtype` is the
    file's word for its numbers.
    """

    dims: tuple[Size, ...]
    values: Sequence[Size] | None = None
    name: str = ""
    dtype: str = "float32"
    stored: int = 0
    part: str = ""

    @property
    def own(self) -> tuple[int, ...]:
        """Its sizes in the file."""
        return tuple(size.own for size in self.dims)

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number."""
        return math.prod(self.own) == 1

    @property
    def is_number(self) -> bool:
        """Whether it is one known number."""
        return self.is_scalar and self.values is not None and len(self.values) == 1

    @property
    def number(self) -> Any:
        """Its one number, None if it is not one that is known."""
        return self.values[0].own if self.values is not None and self.is_number else None

    @property
    def is_whole(self) -> bool:
        """Whether it holds integers or flags."""
        return not self.dtype.startswith("float") and ("int" in self.dtype or self.dtype == "bool")


def constant_of(values: Iterable[Any], dims: tuple[int, ...] | None = None, dtype: str = "int64") -> Constant:
    """A constant with known numbers, a vector unless `dims` say otherwise."""
    items = tuple(value if isinstance(value, Size) else fixed(value) for value in values)
    shape = (len(items),) if dims is None else dims
    return Constant(tuple(map(fixed, shape)), items, "", dtype)


def exact_number(value: float) -> Any:
    """A float as a whole number or a short fraction where it is one, to the precision of single floats."""
    if not math.isfinite(value):
        return value
    if value.is_integer():
        return int(value)
    near = Fraction(value).limit_denominator(4096)
    if abs(float(near) - value) <= 1e-6 * abs(value):
        return near.numerator if near.denominator == 1 else near
    return value
