"""Activation memory: which feature maps are alive when, in the written order."""

from __future__ import annotations

from typing import NamedTuple

from costcalc.graph import INPUT, Graph
from costcalc.quantity import Quantity, maximum


class Peak(NamedTuple):
    """The largest sum of feature maps that are alive at once, in elements of one sample, and the node where it is."""

    elements: int
    node: int


def storage(graph: Graph) -> list[int]:
    """For each node, the node (or INPUT) whose memory its output lies in.

    Views lie in their input's memory. An operator that works in place does too, if nobody else takes its input.
    """
    uses: dict[int, int] = {}
    for node in graph.nodes:
        for index in node.inputs:
            uses[index] = uses.get(index, 0) + 1
    homes: list[int] = []
    for index, node in enumerate(graph.nodes):
        source = node.inputs[0]
        alone = source != INPUT and uses[source] == 1
        shares = node.operator.is_view or (node.operator.in_place and alone)
        homes.append((homes[source] if source != INPUT else INPUT) if shares else index)
    return homes


class Step(NamedTuple):
    """What changes while a node runs: elements that it brings to life, and those that end with it."""

    born: Quantity
    died: tuple[Quantity, ...]


def lifetimes(graph: Graph) -> list[Step]:
    """The steps of the network; the first stands for its input.

    A feature map is alive from the node that writes it to the last node that reads it; the network's input from the
    start, its outputs to the end. While a node runs, its inputs and its output are alive together.
    """
    homes = storage(graph)
    last: dict[int, int] = {INPUT: INPUT}
    sizes: dict[int, Quantity] = {INPUT: graph.input.elements}

    def home(index: int) -> int:
        return INPUT if index == INPUT else homes[index]

    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            last[home(source)] = index
        last[homes[index]] = index
        known = sizes.get(homes[index])
        sizes[homes[index]] = node.output.elements if known is None else maximum(known, node.output.elements)
    for output in graph.outputs:
        last[home(output)] = len(graph.nodes)
    ends: dict[int, list[Quantity]] = {}
    for where, step in last.items():
        ends.setdefault(step, []).append(sizes[where])
    steps = [Step(sizes[INPUT], ())]
    for index in range(len(graph.nodes)):
        steps.append(Step(sizes[index] if homes[index] == index else 0, tuple(ends.get(index, ()))))
    return steps


def peak(graph: Graph) -> Peak:
    """The peak of activation memory by liveness, of a graph on ints."""
    alive, best = 0, Peak(0, 0)
    for index, step in enumerate(lifetimes(graph)):
        alive += step.born
        if alive > best.elements:
            best = Peak(alive, max(0, index - 1))
        alive -= sum(step.died)
    return best
