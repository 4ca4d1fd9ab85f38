"""Kernels as products of smaller ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from costcalc.graph import Graph, Node
from costcalc.operators import Operator, Shape
from costcalc.operators.base import spread
from costcalc.operators.conv import Conv, DepthwiseConv
from costcalc.operators.linear import Linear
from costcalc.operators.window import sides
from costcalc.quantity import Quantity, at_least, holds, same
from costcalc.transform.base import Rewriter, dimensions, has_window, post_ops, transform, users_of


def _along(operator: Conv | DepthwiseConv, count: int, axes: range) -> dict[str, Any]:
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


@transform("spatial", seeks="a convolution whose window is above 1 in height and in width")
def spatial(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each kxk convolution as a kx1 and a 1xk, depthwise and grouped ones too.

    Both halves have as many output channels as the whole, and carry its bias, norm and activation.
    Source: arXiv:1512.00567, section 3.2; arXiv:1803.10615, section 2.1.
    """
    users = users_of(graph)
    rewriter = Rewriter(graph)
    places = 0
    for index, node in enumerate(graph.nodes):
        operator = node.operator
        if not isinstance(operator, Conv | DepthwiseConv) or not _is_wide(operator, dimensions(graph, index)):
            rewriter.keep(index)
            continue
        places += 1
        count = dimensions(graph, index)
        first = replace(operator, **_along(operator, count, range(count - 1)))
        second = replace(operator, **_along(operator, count, range(count - 1, count)))
        if isinstance(second, DepthwiseConv):
            second = replace(second, multiplier=1)
        layer = rewriter.fresh(f"{node.layer}.vertical")
        copies = [(graph.nodes[i].operator, graph.nodes[i], layer) for i in post_ops(graph, users, index)]
        end = rewriter.chain([(first, node, layer), *copies], rewriter.at[node.inputs[0]])
        rewriter.at[index] = rewriter.add(second, (end,), node)
    return rewriter.finish(), places


def _is_wide(operator: Conv | DepthwiseConv, count: int) -> bool:
    if count < 2:
        return False
    *_, height, width = spread(operator.k, count, "k")
    return holds(at_least(height, 2)) and holds(at_least(width, 2))


@transform(
    "rank",
    seeks="a linear layer or an ungrouped convolution that R terms hold in fewer weights",
    takes="R is a whole number from 1 to 999999999",
)
def rank(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each linear layer and ungrouped convolution as a sum of R products of vectors.

    A matrix (a linear layer, a 1x1 convolution) becomes two of rank R, as a singular value decomposition gives; a
    kernel with a window a 1x1, one depthwise convolution per axis, and a 1x1 (CP decomposition). Strides act where
    their axis is taken; the bias, norm and activation stay after the last. What would grow is left as it is.
    Source: arXiv:1404.0736, section 3.3; arXiv:1412.6553, section 3.2.
    """
    rewriter = Rewriter(graph)
    places = 0
    for index, node in enumerate(graph.nodes):
        chain = _factors(graph, index, argument)
        if not chain or not _smaller(node, chain, graph.shape(node.inputs[0])):
            rewriter.keep(index)
            continue
        places += 1
        names = [rewriter.fresh(f"{node.layer}.factor{number}") for number in range(1, len(chain))]
        inner = [(operator, node, name) for operator, name in zip(chain, names, strict=False)]
        end = rewriter.chain(inner, rewriter.at[node.inputs[0]])
        rewriter.at[index] = rewriter.add(chain[-1], (end,), node)
    return rewriter.finish(), places


def _factors(graph: Graph, index: int, terms: int) -> list[Operator]:
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
    middle = [DepthwiseConv(**_along(operator, count, range(axis, axis + 1))) for axis in axes]
    return [Conv(terms), *middle, Conv(operator.out, bias=operator.bias)]


def _moves(operator: Conv, count: int, axis: int) -> bool:
    """Whether an axis without a window still changes size."""
    if not holds(same(spread(operator.stride, count, "stride")[axis], 1)):
        return True
    return not isinstance(operator.pad, str) and not all(holds(same(p, 0)) for p in sides(operator.pad, count)[axis])


def _smaller(node: Node, chain: list[Operator], x: Shape) -> bool:
    weights: Quantity = 0
    shape = x
    for operator in chain:
        output = operator.shape(shape)
        weights = weights + operator.cost(shape, output).weights
        shape = output
    return holds(at_least(node.operator.cost(x, node.output).weights, weights + 1))
