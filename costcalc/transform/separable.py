"""Standard convolutions for depthwise-separable pairs, and the reverse."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from costcalc.graph import Graph
from costcalc.operators import Operator
from costcalc.operators.conv import Conv, DepthwiseConv
from costcalc.quantity import holds, same
from costcalc.transform.base import (
    Rewriter,
    dimensions,
    has_window,
    is_plain,
    is_pointwise,
    only_user,
    post_ops,
    single_input,
    transform,
    users_of,
)

PAIR = (
    "a depthwise convolution (multiplier 1, window above 1x1) whose output goes, through norms and activations alone, "
    "into one ungrouped 1x1 convolution of stride 1 and nowhere else"
)


class Pair(NamedTuple):
    """A depthwise-separable pair: where the depthwise, what stands between and the pointwise are; both operators."""

    depthwise: int
    between: tuple[int, ...]
    pointwise: int
    first: DepthwiseConv
    second: Conv


def pairs_of(graph: Graph) -> list[Pair]:
    """Every depthwise-separable pair, in running order."""
    users = users_of(graph)
    found = []
    for index in range(len(graph.nodes)):
        first = as_depthwise(graph, index)
        if first is None or not holds(same(first.multiplier, 1)) or not has_window(first, dimensions(graph, index)):
            continue
        between: list[int] = []
        end = only_user(users, index)
        while end is not None and graph.nodes[end].operator.family in ("norm", "activation"):
            between.append(end)
            end = only_user(users, end)
        if end is not None and is_pointwise(graph, end):
            second = graph.nodes[end].operator
            assert isinstance(second, Conv)
            found.append(Pair(index, tuple(between), end, first, second))
    return found


def as_depthwise(graph: Graph, index: int) -> DepthwiseConv | None:
    """A node's operator if it is depthwise, be it written as `dwconv` or as a convolution with a group per channel."""
    operator = graph.nodes[index].operator
    if isinstance(operator, DepthwiseConv):
        return operator
    if not isinstance(operator, Conv) or holds(same(operator.groups, 1)):
        return None
    channels = graph.shape(single_input(graph, index)).channels
    if not holds(same(operator.groups, channels)) or not holds(same(operator.out, channels)):
        return None
    return DepthwiseConv(operator.k, operator.stride, operator.pad, operator.dilation, bias=operator.bias)


def merged(depthwise: DepthwiseConv, pointwise: Conv) -> Conv:
    """The standard convolution with the pair's input, output and stride."""
    return Conv(
        out=pointwise.out,
        k=depthwise.k,
        stride=depthwise.stride,
        pad=depthwise.pad,
        dilation=depthwise.dilation,
        bias=pointwise.bias,
    )


def split(conv: Conv) -> tuple[DepthwiseConv, Conv]:
    """The pair with a standard convolution's input, output, stride and groups; its bias on both halves."""
    depthwise = DepthwiseConv(conv.k, conv.stride, conv.pad, conv.dilation, bias=conv.bias)
    return depthwise, Conv(out=conv.out, groups=conv.groups, bias=conv.bias)


def swapped(depthwise: DepthwiseConv, pointwise: Conv) -> tuple[Conv, DepthwiseConv]:
    """The pair in the other order; the bias of the first stays with the first."""
    return replace(pointwise, bias=depthwise.bias), replace(depthwise, bias=pointwise.bias)


@transform("standard", seeks=PAIR)
def standard(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each depthwise-separable pair as one standard convolution.

    The norm and activation between the two go; those after the pointwise stay.
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
        pair = found[index]
        parts = tuple(graph.nodes[i] for i in (pair.depthwise, *pair.between, index))
        source = rewriter.at[single_input(graph, pair.depthwise)]
        rewriter.at[index] = rewriter.add(merged(pair.first, pair.second), (source,), node, parts=parts)
    return rewriter.finish(), len(found)


@transform("separable", seeks="an ungrouped convolution with a window above 1x1 that is not the network's first")
def separable(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each standard convolution but the network's first as a depthwise-separable pair.

    Both halves carry the bias, norm and activation of the convolution, as in MobileNet. The first convolution sees
    the image and stays (arXiv:1704.04861, section 3.2), unless it is the only one.
    After `@standard` this is its reverse: it puts back what was merged there, with what stood between, and only that.
    Source: arXiv:1704.04861, section 3.1.
    """
    places = [index for index, node in enumerate(graph.nodes) if node.parts] or _all_but_the_first(graph)
    chosen = set(places)
    users = users_of(graph)
    rewriter = Rewriter(graph)
    for index, node in enumerate(graph.nodes):
        if index not in chosen:
            rewriter.keep(index)
            continue
        conv = node.operator
        assert isinstance(conv, Conv)
        first, second = split(conv)
        if node.parts:
            chain = [(part.operator, part, part.layer) for part in node.parts[:-1]]
            pointwise = node.parts[-1].operator
            assert isinstance(pointwise, Conv)
            second = replace(pointwise, bias=conv.bias)
        else:
            layer = rewriter.fresh(f"{node.layer}.dwconv")
            copies = [graph.nodes[i] for i in post_ops(graph, users, index)]
            chain = [(first, node, layer), *((copy.operator, copy, layer) for copy in copies)]
        end = rewriter.chain(chain, rewriter.at[single_input(graph, index)])
        rewriter.at[index] = rewriter.add(second, (end,), node)
    return rewriter.finish(), len(places)


def _all_but_the_first(graph: Graph) -> list[int]:
    """Every ungrouped convolution with a window but the network's first convolution, unless that is the only one."""
    convolutions = [index for index, node in enumerate(graph.nodes) if node.operator.family == "conv"]
    candidates = convolutions[1:] if len(convolutions) > 1 else convolutions
    return [index for index in candidates if is_plain(graph, index)]


@transform("pointwise-first", seeks=PAIR)
def pointwise_first(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Each depthwise-separable pair with its 1x1 convolution before the depthwise one.

    Biases, norms and activations stay where they stand: after the first and after the second of the two.
    Source: arXiv:1610.02357, section 3.1, and Figure 4 (an "extreme" Inception module).
    """
    users = users_of(graph)
    found = pairs_of(graph)
    operators: dict[int, Operator] = {}
    layers: dict[int, str] = {}
    for pair in found:
        operators[pair.depthwise], operators[pair.pointwise] = swapped(pair.first, pair.second)
        before, after = graph.nodes[pair.depthwise].layer, graph.nodes[pair.pointwise].layer
        own = [index for index in pair.between if graph.nodes[index].layer == before]
        layers |= dict.fromkeys((pair.depthwise, *own), after)
        layers |= dict.fromkeys((pair.pointwise, *post_ops(graph, users, pair.pointwise)), before)
    rewriter = Rewriter(graph)
    for index in range(len(graph.nodes)):
        rewriter.keep(index, operators.get(index), layers.get(index, ""))
    return rewriter.finish(), len(found)
