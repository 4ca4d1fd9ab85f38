"""Walks a graph: one row of counters per node."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from costcalc.graph.build import INPUT, Graph, Node
from costcalc.operators import Counters, Shape


class NodeCost(NamedTuple):
    """What one node costs for one sample; `inputs` are the shapes that arrive.

    `into` is the convolution or linear layer that a batch norm can be folded into.
    """

    node: Node
    inputs: tuple[Shape, ...]
    counters: Counters
    into: Node | None = None


def walk(graph: Graph) -> tuple[NodeCost, ...]:
    """The cost of every node, in running order, for one sample."""
    rows = []
    folding = folding_norms(graph)
    for index, node in enumerate(graph.nodes):
        inputs = tuple(graph.shape(i) for i in node.inputs)
        into = graph.nodes[folding[index]] if index in folding else None
        rows.append(NodeCost(node, inputs, node.operator.cost(*inputs, node.output), into))
    return tuple(rows)


_TAKE_NORMS = ("conv", "dwconv", "conv_transpose", "linear")
"""What puts out products of weights with nothing after them but a bias. Weights that others use as well stay."""


def folding_norms(graph: Graph) -> dict[int, int]:
    """Batch norms that can be folded into the layer before them, which nothing else takes: into which, by the norm."""
    uses = Counter(i for node in graph.nodes for i in node.inputs)
    found = {}
    for index, node in enumerate(graph.nodes):
        if node.operator.name == "bn" and (before := node.inputs[0]) != INPUT and uses[before] == 1:
            operator = graph.nodes[before].operator
            if operator.name in _TAKE_NORMS and not getattr(operator, "shared", False):
                found[index] = before
    return found
