"""Parts left out: squeeze-and-excitation, batch norms that a convolution can take in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from costcalc.graph import Graph
from costcalc.graph.walk import folding_norms
from costcalc.quantity import holds, product, same
from costcalc.transform.base import Rewriter, single_input, transform, users_of

_GATE = ("conv", "linear", "activation", "norm")
_GATE_VIEWS = ("flatten", "reshape", "dropout", "identity")


@transform("no-se", seeks="a `mul` of a feature map with 1x1 gates made from its own global pooling")
def no_se(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Squeeze-and-excitation left out.

    Source: arXiv:1709.01507, section 3 (the block that goes).
    """
    users = users_of(graph)
    branches = {}
    for index, node in enumerate(graph.nodes):
        if node.operator.name == "mul" and len(node.inputs) == 2:
            branch = _excitation(graph, users, *node.inputs)
            if branch is not None:
                branches[index] = branch
    gone = {index for branch in branches.values() for index in branch}
    rewriter = Rewriter(graph)
    for index, node in enumerate(graph.nodes):
        if index in branches:
            rewriter.at[index] = rewriter.at[node.inputs[0]]
        elif index not in gone:
            rewriter.keep(index)
    return rewriter.finish(), len(branches)


def _excitation(graph: Graph, users: dict[int, list[int]], x: int, gate: int) -> list[int] | None:
    """The nodes from the pooling of x to the gate, if that is what the gate is made from."""
    branch = []
    while gate >= 0 and len(users.get(gate, [])) == 1 and len(graph.nodes[gate].inputs) == 1:
        operator = graph.nodes[gate].operator
        if not holds(same(product(graph.shape(gate).spatial), 1)):
            return None
        branch.append(gate)
        if operator.family == "pool":
            return branch if single_input(graph, gate) == x else None
        if operator.family not in _GATE and operator.name not in _GATE_VIEWS:
            return None
        gate = single_input(graph, gate)
    return None


@transform("fold-norm", seeks="a batch norm that alone takes a convolution's or a linear layer's output")
def fold_norm(graph: Graph, argument: int) -> tuple[Graph, int]:
    """Batch norms folded into the biases of the convolutions before them.

    Source: arXiv:1712.05877, section 3.2, equation 14.
    """
    folded = folding_norms(graph)
    biased = set(folded.values())
    rewriter = Rewriter(graph)
    for index, node in enumerate(graph.nodes):
        operator: Any = node.operator
        if index in folded:
            rewriter.at[index] = rewriter.at[folded[index]]
        else:
            rewriter.keep(index, replace(operator, bias=True) if index in biased else None)
    return rewriter.finish(), len(folded)
