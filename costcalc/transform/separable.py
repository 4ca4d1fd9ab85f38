"""Standard convolutions for depthwise-separable pairs, and the reverse."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from costcalc.graph import Graph
from costcalc.operators.conv import Conv, DepthwiseConv
from costcalc.quantity import holds, same
from costcalc.transform.base import (
    Rewriter,
    dimensions,
    followers,
    has_window,
    is_plain,
    is_pointwise,
    only_user,
    transform,
    users_of,
)

PAIR = (
    "a depthwise convolution (multiplier 1, window above 1x1) whose output goes, through norms and activations alone, "
    "into one ungrouped 1x1 convolution of stride 1 and nowhere else"
)


class Pair(NamedTuple):
    """A depthwise-separable pair: indices of the depthwise, of what stands between, and of the pointwise."""

    depthwise: int
    between: tuple[int, ...]
    pointwise: int


def pairs_of(graph: Graph) -> list[Pair]:
    """Every depthwise-separable pair, in running order."""
    users = users_of(graph)
    found = []
    for index, node in enumerate(graph.nodes):
        operator = node.operator
        if not isinstance(operator, DepthwiseConv) or not holds(same(operator.multiplier, 1)):
            continue
        if not has_window(operator, dimensions(graph, index)):
            continue
        between: list[int] = []
        end = only_user(users, index)
        while end is not None and graph.nodes[end].operator.family in ("norm", "activation"):
            between.append(end)
            end = only_user(users, end)
        if end is not None and is_pointwise(graph, end):
            found.append(Pair(index, tuple(between), end))
    return found


def joined(depthwise: DepthwiseConv, pointwise: Conv) -> Conv:
    """The standard convolution with the pair's input, output and stride."""
    return Conv(
        out=pointwise.out,
        k=depthwise.k,
        stride=depthwise.stride,
        pad=depthwise.pad,
        dilation=depthwise.dilation,
        bias=pointwise.bias,
    )


def parted(conv: Conv) -> tuple[DepthwiseConv, Conv]:
    """The pair with a standard convolution's input, output and stride."""
    depthwise = DepthwiseConv(conv.k, conv.stride, conv.pad, conv.dilation, bias=conv.bias)
    return depthwise, Conv(out=conv.out, bias=conv.bias)


def plain_convolutions(graph: Graph) -> list[int]:
    """Every ungrouped convolution with a window, in running order."""
    return [index for index in range(len(graph.nodes)) if is_plain(graph, index)]


@transform("standard", seeks=PAIR)
def standard(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each depthwise-separable pair as one standard convolution.

    The norm and activation between the two go; those behind the pointwise stay.
    Source: arXiv:1704.04861, section 4.1, Table 4 (Conv MobileNet).
    """
    found = {pair.pointwise: pair for pair in pairs_of(graph)}
    gone = {index for pair in found.values() for index in (pair.depthwise, *pair.between)}
    rewriter = Rewriter(graph)
    for index, node in enumerate(graph.nodes):
        if index in gone:
            continue
        if index not in found:
            rewriter.keep(index)
            continue
        first = graph.nodes[found[index].depthwise]
        assert isinstance(first.operator, DepthwiseConv)
        assert isinstance(node.operator, Conv)
        source = rewriter.at[first.inputs[0]]
        rewriter.at[index] = rewriter.add(joined(first.operator, node.operator), (source,), node)
    return rewriter.finish(), len(found)


@transform("separable", seeks="an ungrouped convolution with a window above 1x1 that is not the network's first")
def separable(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each standard convolution but the network's first as a depthwise-separable pair.

    Both halves carry the bias, norm and activation of the convolution, as in MobileNet. The first convolution sees
    the image and stays (arXiv:1704.04861, section 3.2), unless there is no other.
    Source: arXiv:1704.04861, section 3.1.
    """
    places = plain_convolutions(graph)
    first = next((i for i, node in enumerate(graph.nodes) if node.operator.family == "conv"), None)
    if len(places) > 1 and places[0] == first:
        places = places[1:]
    chosen = set(places)
    users = users_of(graph)
    rewriter = Rewriter(graph)
    for index, node in enumerate(graph.nodes):
        if index not in chosen:
            rewriter.keep(index)
            continue
        assert isinstance(node.operator, Conv)
        depthwise, pointwise = parted(node.operator)
        layer = f"{node.layer}.dwconv"
        copies = [(graph.nodes[i].operator, graph.nodes[i], layer) for i in followers(graph, users, index)]
        source = rewriter.at[node.inputs[0]]
        end = rewriter.chain([(depthwise, node, layer), *copies], source)
        rewriter.at[index] = rewriter.add(pointwise, (end,), node)
    return rewriter.finish(), len(places)


@transform("pointwise-first", seeks=PAIR)
def pointwise_first(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each depthwise-separable pair with its 1x1 convolution before the depthwise one.

    Biases, norms and activations stay where they stand: behind the first and behind the second of the two.
    Source: arXiv:1610.02357, section 3.1, and Figure 4 (an "extreme" Inception module).
    """
    users = users_of(graph)
    found = pairs_of(graph)
    operators: dict[int, Conv | DepthwiseConv] = {}
    layers: dict[int, str] = {}
    for pair in found:
        first, second = graph.nodes[pair.depthwise], graph.nodes[pair.pointwise]
        assert isinstance(first.operator, DepthwiseConv)
        assert isinstance(second.operator, Conv)
        operators[pair.depthwise] = replace(second.operator, bias=first.operator.bias)
        operators[pair.pointwise] = replace(first.operator, bias=second.operator.bias)
        own = [index for index in pair.between if graph.nodes[index].layer == first.layer]
        layers |= dict.fromkeys((pair.depthwise, *own), second.layer)
        layers |= dict.fromkeys((pair.pointwise, *followers(graph, users, pair.pointwise)), first.layer)
    rewriter = Rewriter(graph)
    for index in range(len(graph.nodes)):
        rewriter.keep(index, operators.get(index), layers.get(index, ""))
    return rewriter.finish(), len(found)
