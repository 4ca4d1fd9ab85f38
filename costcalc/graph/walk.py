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
    uses = Counter(i for node in graph.nodes for i in node.inputs)
    for node in graph.nodes:
        inputs = tuple(graph.shape(i) for i in node.inputs)
        into = None
        if node.operator.name == "bn" and (before := node.inputs[0]) != INPUT and uses[before] == 1:
            into = graph.nodes[before]
            into = into if into.operator.family in ("conv", "linear") else None
        rows.append(NodeCost(node, inputs, node.operator.cost(*inputs, node.output), into))
    return tuple(rows)
