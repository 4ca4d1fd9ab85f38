"""What the rules of a convention may speak of: each name, what it is, and how it is had of a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from costcalc.expression import ExpressionError
from costcalc.graph import Node, NodeCost
from costcalc.operators import COUNTERS, WORK, Shape, Written
from costcalc.operators.base import sizes_of, spread
from costcalc.operators.window import slide
from costcalc.quantity import Quantity, floor_div, product


class Name(NamedTuple):
    """A name: what it is, how it is had of a node for one sample, and whether it grows with the batch."""

    about: str
    of: Callable[[NodeCost], Any]
    grows: bool = False


class Sizes(NamedTuple):
    """A shape as rules see it: a dimension that is not there is 1."""

    t: Quantity
    h: Quantity
    w: Quantity
    c: Quantity

    @property
    def channels(self) -> Quantity:
        return self.c

    @classmethod
    def of(cls, shape: Shape) -> Sizes:
        """The sizes of a shape."""
        t, h, w = (1, 1, 1, *shape.spatial)[-3:]
        return cls(t, h, w, shape.channels)


def _entering(row: NodeCost) -> Shape:
    """The first map that a node takes. Raises ExpressionError if it takes none: nothing has its sizes."""
    if not row.inputs:
        raise ExpressionError(f"{row.node.operator.name} takes no map", expected="a rule of y for it, or 0")
    return row.inputs[0]


def _window(row: NodeCost) -> Quantity:
    """Positions of the window: of a convolution, of a pool; a pool over the whole map sees all of it."""
    operator = row.node.operator
    if not row.inputs:
        return 1
    x = row.inputs[0]
    if operator.family == "conv" or hasattr(operator, "stride"):
        return product(spread(getattr(operator, "k", 1), len(x.spatial), "k"))
    if operator.family == "pool":
        pairs = zip(x.spatial, row.node.output.spatial, strict=True)
        return product(floor_div(size, out) for size, out in pairs)
    return 1


def _side(row: NodeCost) -> Quantity:
    k = getattr(row.node.operator, "k", 1)
    return product(k) if isinstance(k, tuple) else k


def _groups(row: NodeCost) -> Quantity:
    if row.node.operator.name == "dwconv":
        return row.inputs[0].channels
    groups: Quantity = getattr(row.node.operator, "groups", 1)
    return groups


def _stride(row: NodeCost) -> Quantity:
    stride = row.node.operator.geometry(*row.inputs).stride  # a pool's is its kernel's unless it says
    return 1 if stride is None else product(sizes_of(stride, len(row.node.output.spatial)))


def _affine(row: NodeCost) -> int:
    operator = row.node.operator
    fields = ("scale", "shift", "affine")
    return int(operator.family == "norm" and any(getattr(operator, field, False) for field in fields))


def _bias(node: Node | None) -> int:
    return int(bool(getattr(node.operator, "bias", False))) if node else 0


def _bias_before(row: NodeCost) -> int:
    return _bias(row.into)


def _slid(row: NodeCost) -> Quantity:
    operator = row.node.operator
    if operator.name != "conv_transpose":
        return 1
    k, stride, pad = (getattr(operator, field) for field in ("k", "stride", "pad"))
    return product(slide(row.inputs[0], k, stride, pad))


def _field(name: str, otherwise: Any) -> Callable[[NodeCost], Any]:
    return lambda row: getattr(row.node.operator, name, otherwise)


def _counter(name: str) -> Callable[[NodeCost], Any]:
    return lambda row: getattr(row.counters, name)


def _written(word: Written) -> Callable[[NodeCost], int]:
    return lambda row: int(row.node.written is word)


_ABOUT = {
    "macs": "multiply-accumulates",
    "multiplications": "multiplications outside them",
    "additions": "additions outside them: those of a bias, a mean, a sum",
    "comparisons": "comparisons",
    "divisions": "divisions",
    "exponentials": "powers, roots and exponentials",
    "weights": "kernels and matrices, in numbers",
    "biases": "biases, in numbers",
    "norm_affine": "scale and shift of a norm, in numbers",
    "norm_statistics": "running mean and variance, in numbers",
}
NAMES: dict[str, Name] = {
    **{name: Name(_ABOUT[name], _counter(name), name in WORK) for name in COUNTERS},
    "inputs": Name("elements of all maps that it takes", lambda row: sum(s.elements for s in row.inputs), True),
    "outputs": Name("elements of the map that it puts out", lambda row: row.node.output.elements, True),
    "x": Name(
        "the first map that it takes: x.c its channels, x.h, x.w, x.t its sizes", lambda r: Sizes.of(_entering(r))
    ),
    "y": Name("the map that it puts out: y.c, y.h, y.w, y.t", lambda row: Sizes.of(row.node.output)),
    "operands": Name("how many maps it takes", lambda row: len(row.inputs)),
    "dimensions": Name("dimensions of its positions: 2 of an image, 3 of a video", lambda r: len(_entering(r).spatial)),
    "window": Name("positions of its window; of a pool over the whole map, all of it; else 1", _window),
    "side": Name("k as it is written: the side of a square window, the positions of another", _side),
    "stride": Name("the product of its strides", _stride),
    "groups": Name("groups of a convolution or a norm; of a depthwise convolution, its input channels", _groups),
    "heads": Name("heads of a matrix product or a softmax", _field("heads", 1)),
    "size": Name("neighbours that a local response norm takes in", _field("size", 1)),
    "bias": Name("1 if it has biases, else 0", lambda row: _bias(row.node)),
    "affine": Name("1 if a norm has a scale or a shift, else 0", _affine),
    "folds": Name("1 if a batch norm can be folded into the layer before it", lambda row: int(row.into is not None)),
    "bias_before": Name("1 if the layer that a batch norm can be folded into has biases", _bias_before),
    "part": Name("which part a split takes, from 0", _field("part", 0)),
    "slid": Name("positions that a convolution like a transposed one would leave of its input", _slid),
    "bilinear": Name("1 if an upsampling interpolates", lambda r: int(_field("mode", "")(r) == "bilinear")),
    **{str(word): Name(f"1 if it is written as {word.about}", _written(word)) for word in Written},
}
"""The names that a node alone gives; those that grow are for the whole batch, unless the convention counts an image."""

BATCH = "batch"
BYTES = {
    "read_bytes": "bytes of the maps that it reads, for the whole batch",
    "written_bytes": "bytes of the map that it writes, for the whole batch",
    "weight_bytes": "bytes of the parameters that the convention counts",
}
"""Names that need number formats and the places of maps: whoever counts gives them."""
ABOUT = {
    **{name: found.about for name, found in NAMES.items()},
    BATCH: "samples at a time",
    **BYTES,
}
"""Every name and what it is."""
IN_PARAMS = tuple(name for name in ABOUT if name not in BYTES)
"""What a rule for parameters may speak of."""
