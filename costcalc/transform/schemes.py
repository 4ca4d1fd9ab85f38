"""Schemes of factors: the chains of smaller operators that stand for a linear layer or a convolution.

Source: arXiv:1404.0736, section 3.3 (SVD, filter bases); arXiv:1405.3866, section 2 (spatial); arXiv:1412.6553 (CP);
arXiv:1511.06530 (Tucker-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from costcalc.graph import Graph, Node
from costcalc.operators import Operator, Shape
from costcalc.operators.base import spread
from costcalc.operators.conv import Conv, DepthwiseConv
from costcalc.operators.linear import Linear
from costcalc.operators.window import sides
from costcalc.quantity import Quantity, at_least, exact_div, holds, minimum, product, same
from costcalc.transform.base import dimensions, has_window


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
    if isinstance(operator, Conv) and not holds(same(operator.groups, 1)):
        return []
    return _sums(operator, dimensions(graph, index), terms) if isinstance(operator, Conv | Linear) else []


def _sums(operator: Conv | Linear, count: int, terms: Quantity) -> list[Operator]:
    """A sum of products of vectors, `terms` for each group."""
    if isinstance(operator, Linear):
        return [Linear(terms, bias=False), operator]
    groups, inner = operator.groups, operator.groups * terms
    last = Conv(operator.out, groups=groups, bias=operator.bias)
    if not has_window(operator, count):
        return [replace(operator, out=inner, bias=False), last]
    sizes = spread(operator.k, count, "k")
    axes = [axis for axis in range(count) if holds(at_least(sizes[axis], 2)) or _moves(operator, count, axis)]
    middle = [DepthwiseConv(**along(operator, count, range(axis, axis + 1))) for axis in axes]
    return [Conv(inner, groups=groups), *middle, last]


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


def full_ranks(graph: Graph, index: int, scheme: str) -> tuple[Quantity, ...]:
    """The full ranks of a node under a scheme, one or two of Tucker's, of one group; none if it is not for the node."""
    operator = _as_grouped(graph, index, scheme)
    if operator is None:
        return ()
    x, count = graph.shape(graph.nodes[index].inputs[0]), dimensions(graph, index)
    if isinstance(operator, Linear):
        return (minimum(x.channels, operator.out),)
    sizes, groups = spread(operator.k, count, "k"), operator.groups
    taps, source, out = product(sizes), exact_div(x.channels, groups), exact_div(operator.out, groups)
    match scheme:
        case "filters":
            return (minimum(source * taps, out),)
        case "spatial":
            return (minimum(source * product(sizes[:-1]), out * sizes[-1]),)
        case "tucker":
            return source, out
    if has_window(operator, count):  # the rank of a tensor is at most the product of all sizes but the largest
        return (minimum(source * taps, out * taps, source * out),)
    return (minimum(source, out),)


def chain_of(graph: Graph, index: int, scheme: str, ranks: Sequence[Quantity]) -> list[Operator]:
    """The factors of a node that the scheme is for; each group has so many terms of its own."""
    operator, count = _as_grouped(graph, index, scheme), dimensions(graph, index)
    assert operator is not None
    if scheme == "svd" or isinstance(operator, Linear):
        return _sums(operator, count, ranks[0])
    groups = operator.groups
    inner = [groups * rank for rank in ranks]
    last = Conv(operator.out, groups=groups, bias=operator.bias)
    match scheme:
        case "filters":
            return [replace(operator, out=inner[0], bias=False), last]
        case "tucker":
            return [Conv(inner[0], groups=groups), replace(operator, out=inner[1], bias=False), last]
    first = replace(operator, out=inner[0], bias=False, **along(operator, count, range(count - 1)))
    return [first, replace(operator, **along(operator, count, range(count - 1, count)))]


def _as_grouped(graph: Graph, index: int, scheme: str) -> Conv | Linear | None:
    """A node's operator if a scheme is for it; a depthwise convolution as one with a group for each channel."""
    operator = graph.nodes[index].operator
    if isinstance(operator, Linear):
        return operator if scheme == "svd" else None
    if isinstance(operator, DepthwiseConv) and scheme == "spatial":
        channels = graph.shape(graph.nodes[index].inputs[0]).channels
        operator = Conv(
            channels * operator.multiplier, operator.k, operator.stride, operator.pad, operator.dilation, channels,
            bias=operator.bias,
        )  # fmt: skip
    if not isinstance(operator, Conv) or (scheme != "svd" and not has_window(operator, dimensions(graph, index))):
        return None
    return operator
