"""Kernels as products of smaller ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from costcalc.compression.rates import Compression
from costcalc.graph import Graph, Node
from costcalc.operators.base import spread
from costcalc.operators.conv import Conv, DepthwiseConv
from costcalc.quantity import Quantity, at_least, holds
from costcalc.recipes import Target
from costcalc.transform.base import Rewriter, dimensions, post_ops, transform, users_of
from costcalc.transform.schemes import along, chain_of, factors, full_ranks, is_smaller


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
        first = replace(operator, **along(operator, count, range(count - 1)))
        second = replace(operator, **along(operator, count, range(count - 1, count)))
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


class Asked(NamedTuple):
    """What is asked of a layer: its ranks and scheme, whether by its own name, and the error for a rank too high."""

    target: Target
    by_name: bool
    refuse: Callable[[str, str], Exception]


def factored(graph: Graph, asked: Mapping[str, Asked]) -> tuple[Graph, int]:
    """Some layers as sums of products, each by its own ranks and scheme.

    Of layers that are asked for by a pattern, those of a lower full rank stay, as does what would grow. Raises what
    refuses: a rank above the full one of a layer asked for by name, or of every layer; a scheme that is not for a
    layer asked for by name.
    """
    rewriter = Rewriter(graph)
    places = 0
    too_high: list[tuple[Quantity, Exception]] = []
    _check_schemes(graph, asked)
    for index, node in enumerate(graph.nodes):
        one = asked.get(node.layer)
        bounds = full_ranks(graph, index, one.target.scheme) if one else ()
        if one is None or not bounds:
            rewriter.keep(index)
            continue
        found = [pair for pair in zip(one.target.ranks, bounds, strict=True) if not holds(at_least(pair[1], pair[0]))]
        if found:
            (rank, full), *_ = found
            error = one.refuse(f"rank {rank} is above the full rank of {node.layer}", f"at most {full}")
            if one.by_name:
                raise error
            too_high.append((full, error))
            rewriter.keep(index)
            continue
        places += 1
        chain = chain_of(graph, index, one.target.scheme, one.target.ranks)
        if not is_smaller(node, chain, graph.shape(node.inputs[0])):
            rewriter.keep(index)
            continue
        names = [rewriter.fresh(f"{node.layer}.factor{number}") for number in range(1, len(chain))]
        inner = standing_for(node)
        steps = [(operator, inner, name) for operator, name in zip(chain, names, strict=False)]
        end = rewriter.chain(steps, rewriter.at[node.inputs[0]])
        weights = node.operator.cost(graph.shape(node.inputs[0]), node.output).weights
        rewriter.at[index] = rewriter.add(chain[-1], (end,), standing_for(node, weights))
    if too_high and not places:
        raise _highest(too_high)
    return rewriter.finish(), places


def _check_schemes(graph: Graph, asked: Mapping[str, Asked]) -> None:
    """Raise what a layer by its name refuses if none of its nodes, a norm's among them, has factors by its scheme."""
    nodes: dict[str, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        nodes.setdefault(node.layer, []).append(index)
    takes = {"svd": "a linear layer, or a convolution that is not depthwise"}
    for layer, one in asked.items():
        scheme = one.target.scheme
        if one.by_name and not any(full_ranks(graph, index, scheme) for index in nodes[layer]):
            raise one.refuse(f"{scheme} is not for {layer}", takes.get(scheme, "a convolution with a window"))


def standing_for(node: Node, weights: Quantity | None = None) -> Node:
    """A node that a recipe has put in the place of so many weights, or of as many as one before it stood for; None,
    of none."""
    rates = node.compression or Compression()
    dense = 0 if weights is None else weights if rates.dense is None else rates.dense
    return node._replace(compression=rates._replace(dense=dense))


def _highest(found: Sequence[tuple[Quantity, Exception]]) -> Exception:
    """The error of the layer with the highest full rank."""
    best, error = found[0]
    for full, other in found[1:]:
        if holds(at_least(full, best + 1)):
            best, error = full, other
    return error


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
        chain = factors(graph, index, argument)
        if not chain or not is_smaller(node, chain, graph.shape(node.inputs[0])):
            rewriter.keep(index)
            continue
        places += 1
        names = [rewriter.fresh(f"{node.layer}.factor{number}") for number in range(1, len(chain))]
        inner = [(operator, node, name) for operator, name in zip(chain, names, strict=False)]
        end = rewriter.chain(inner, rewriter.at[node.inputs[0]])
        rewriter.at[index] = rewriter.add(chain[-1], (end,), node)
    return rewriter.finish(), places
