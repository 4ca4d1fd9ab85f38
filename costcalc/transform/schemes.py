"""Schemes of factors: the chains of smaller operators that stand for a linear layer or a convolution.

Source: arXiv:1404.0736, section 3.3 (SVD, filter bases); arXiv:1405.3866, section 2 (spatial); arXiv:1412.6553 (CP);
arXiv:1511.06530 (Tucker-2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from costcalc.graph import Graph, Node
from costcalc.operators import Operator, Shape
from costcalc.operators.base import spread
from costcalc.operators.conv import Conv, DepthwiseConv
from costcalc.operators.linear import Linear
from costcalc.operators.window import sides
from costcalc.quantity import Quantity, at_least, holds, minimum, product, same
from costcalc.transform.base import dimensions, has_window

Refuse = Callable[[str, str], Exception]
"""Makes the error of a message and of what was expected."""


def along(operator: Conv | DepthwiseConv, count: int, axes: range) -> dict[str, Any]:
    """The window's fields along some axes; along the others it is 1 wide and does not move."""

    def only(values: tuple[Quantity, ...], otherwise: int) -> tuple[Quantity, ...]:
        return tuple(value if axis in axes else otherwise for axis, value in enumerate(values))

    pad = operator.pad
    if not isinstance(pad, str):
        pairs = sides(pad, count)
        pad = tuple(size if axis in axes else 0 for axis, pair in enumerate(pairs) for size in pair)
    return {
        "k": only(spread(operator.k, count, "k"), 1),
        "stride": only(spread(operator.stride, count, "stride"), 1),
        "pad": pad,
        "dilation": only(spread(operator.dilation, count, "dilation"), 1),
    }


def factors(graph: Graph, index: int, terms: int) -> list[Operator]:
    """Two matrices of a matrix, a CP decomposition of a kernel with a window; none of other operators."""
    operator = graph.nodes[index].operator
    if isinstance(operator, Linear):
        return [Linear(terms, bias=False), operator]
    if not isinstance(operator, Conv) or not holds(same(operator.groups, 1)):
        return []
    count = dimensions(graph, index)
    if not has_window(operator, count):
        return [replace(operator, out=terms, bias=False), Conv(operator.out, bias=operator.bias)]
    sizes = spread(operator.k, count, "k")
    axes = [axis for axis in range(count) if holds(at_least(sizes[axis], 2)) or _moves(operator, count, axis)]
    middle = [DepthwiseConv(**along(operator, count, range(axis, axis + 1))) for axis in axes]
    return [Conv(terms), *middle, Conv(operator.out, bias=operator.bias)]


def _moves(operator: Conv, count: int, axis: int) -> bool:
    """Whether an axis without a window still changes size."""
    if not holds(same(spread(operator.stride, count, "stride")[axis], 1)):
        return True
    return not isinstance(operator.pad, str) and not all(holds(same(p, 0)) for p in sides(operator.pad, count)[axis])


def is_smaller(node: Node, chain: list[Operator], x: Shape) -> bool:
    """Whether a chain has fewer weights than the node that it stands for."""
    weights: Quantity = 0
    shape = x
    for operator in chain:
        output = operator.shape(shape)
        weights = weights + operator.cost(shape, output).weights
        shape = output
    return holds(at_least(node.operator.cost(x, node.output).weights, weights + 1))


def scheme_of(graph: Graph, index: int, scheme: str, ranks: Sequence[int], refuse: Refuse) -> list[Operator]:
    """The factors of a node; none of one that the scheme is not for. Raises what `refuse` makes for a rank too high."""
    operator = graph.nodes[index].operator
    x = graph.shape(graph.nodes[index].inputs[0])
    windowed = isinstance(operator, Conv) and has_window(operator, dimensions(graph, index))
    if not isinstance(operator, Conv | Linear) or (scheme != "svd" and not windowed):
        return []
    if isinstance(operator, Conv) and not holds(same(operator.groups, 1)):
        return []
    layer = graph.nodes[index].layer
    sizes = spread(operator.k, dimensions(graph, index), "k") if isinstance(operator, Conv) else ()
    taps, source, out = product(sizes), x.channels, operator.out
    match scheme:
        case "filters":
            bounds: tuple[Quantity, ...] = (minimum(source * taps, out),)
        case "spatial":
            bounds = (minimum(source * product(sizes[:-1]), out * sizes[-1]),)
        case "tucker":
            bounds = (source, out)
        case _ if windowed:  # the rank of a tensor is at most the product of all sizes but the largest
            bounds = (minimum(source * taps, out * taps, source * out),)
        case _:
            bounds = (minimum(source, out),)
    for rank, full in zip(ranks, bounds, strict=True):
        if not holds(at_least(full, rank)):
            raise refuse(f"rank {rank} is above the full rank of {layer}", f"at most {full}")
    return _chain(graph, index, scheme, ranks)


def _chain(graph: Graph, index: int, scheme: str, ranks: Sequence[int]) -> list[Operator]:
    operator, count = graph.nodes[index].operator, dimensions(graph, index)
    if scheme == "svd":
        return factors(graph, index, ranks[0])
    assert isinstance(operator, Conv)
    last = Conv(operator.out, bias=operator.bias)
    match scheme:
        case "filters":
            return [replace(operator, out=ranks[0], bias=False), last]
        case "tucker":
            return [Conv(ranks[0]), replace(operator, out=ranks[1], bias=False), last]
    first = replace(operator, out=ranks[0], bias=False, **along(operator, count, range(count - 1)))
    return [first, replace(operator, **along(operator, count, range(count - 1, count)))]
