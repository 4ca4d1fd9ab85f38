"""Fields of a Keras layer, read and bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers.program import MOST_SIZE, Operation
from costcalc.importers.tensors import Tensor


def whole(value: Any, field: str, least: int = 1) -> int:
    """A whole number. Raises OperatorError if it is none, or out of range."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not least <= value <= MOST_SIZE:
        raise OperatorError(f"{field}: {str(value)[:40]}", expected=f"a whole number from {least} to 2^40")
    return value


def sizes(value: Any, field: str, count: int, least: int = 1) -> tuple[int, ...]:
    """One number per dimension; one alone stands for all."""
    items = value if isinstance(value, list | tuple) else (value,) * count
    if len(items) != count:
        raise OperatorError(f"{field}: {len(items)} sizes for {count} dimensions")
    return tuple(whole(item, field, least) for item in items)


def sides(value: Any, field: str, count: int) -> tuple[tuple[int, int], ...]:
    """(before, after) per dimension: one number, one per dimension, or pairs."""
    items = value if isinstance(value, list | tuple) else (value,) * count
    if count == 1 and len(items) == 2 and not isinstance(items[0], list | tuple):
        items = (items,)
    if len(items) != count:
        raise OperatorError(f"{field}: {len(items)} sizes for {count} dimensions")
    pairs = [item if isinstance(item, list | tuple) else (item, item) for item in items]
    if any(len(pair) != 2 for pair in pairs):
        raise OperatorError(f"{field}: no pairs of sizes")
    return tuple((whole(before, field, 0), whole(after, field, 0)) for before, after in pairs)


def channel_axis(op: Operation, x: Tensor) -> int:
    """The dimension of the channels, by `data_format`."""
    return 1 if op.attributes.get("data_format") == "channels_first" else len(x.dims) - 1


def spatial_axes(op: Operation, x: Tensor) -> tuple[int, ...]:
    """The dimensions of the positions."""
    channel = channel_axis(op, x)
    return tuple(place for place in range(1, len(x.dims)) if place != channel)


def axis_of(value: Any, x: Tensor) -> int:
    """A dimension by its number, counted from the end if negative; one in a list stands for itself."""
    if isinstance(value, list | tuple):
        if len(value) != 1:
            raise OperatorError(f"axis: {len(value)} dimensions", expected="one")
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int) or not -len(x.dims) <= value < len(x.dims):
        raise OperatorError(f"axis: {str(value)[:40]} of {len(x.dims)} dimensions")
    return value % len(x.dims)


def axes_of(value: Any, x: Tensor) -> tuple[int, ...]:
    """Dimensions by their numbers; None stands for all."""
    if value is None:
        return tuple(range(len(x.dims)))
    items: Sequence[Any] = value if isinstance(value, list | tuple) else (value,)
    return tuple(axis_of(item, x) for item in items)


def one(x: Sequence[Any]) -> Tensor:
    """The one tensor that a layer takes."""
    if not x or not isinstance(x[0], Tensor):
        raise OperatorError("no tensor arrives", expected="one")
    return x[0]


def named(op: Operation, part: str = "kernel") -> str:
    """The name of a layer's weights."""
    return f"{op.name}/{part}"
