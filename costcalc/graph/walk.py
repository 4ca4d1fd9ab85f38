"""Walks a graph: one row of counters per node."""

from __future__ import annotations

from dataclasses import dataclass

from costcalc.graph.build import Graph, Node
from costcalc.operators import Counters, Shape


@dataclass(frozen=True, slots=True)
class NodeCost:
    """What one node costs for one sample; `inputs` are the shapes that arrive."""

    index: int
    node: Node
    inputs: tuple[Shape, ...]
    counters: Counters


def walk(graph: Graph) -> tuple[NodeCost, ...]:
    """The cost of every node, in running order, for one sample."""
    rows = []
    for index, node in enumerate(graph.nodes):
        inputs = tuple(graph.shape(i) for i in node.inputs)
        rows.append(NodeCost(index, node, inputs, node.operator.cost(*inputs, node.output)))
    return tuple(rows)
