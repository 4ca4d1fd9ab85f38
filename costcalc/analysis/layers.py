"""Nodes gathered into layers or blocks: what enters from outside, what leaves, and the bytes that both take."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from costcalc.graph import Graph, Node
from costcalc.quantity import Quantity, ceil_div


class Group(NamedTuple):
    """Nodes that share a name: their indices, the nodes outside that they take from, and the last one.

    `still` groups only read memory differently (flatten, slice, dropout): they move nothing.
    """

    name: str
    nodes: tuple[int, ...]
    entering: tuple[int, ...]
    last: int
    still: bool

    def read(self, graph: Graph) -> Quantity:
        """Elements of one sample that are read."""
        return 0 if self.still else sum(graph.shape(index).elements for index in self.entering)

    def written(self, graph: Graph) -> Quantity:
        """Elements of one sample that are written."""
        return 0 if self.still else graph.shape(self.last).elements


def gather(graph: Graph, key: Callable[[Node], str]) -> list[Group]:
    """The graph's nodes by a name of theirs, in running order."""
    members: dict[str, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        members.setdefault(key(node), []).append(index)
    groups = []
    for name, nodes in members.items():
        inside = set(nodes)
        entering = dict.fromkeys(i for index in nodes for i in graph.nodes[index].inputs if i not in inside)
        still = all(graph.nodes[index].operator.is_view for index in nodes)
        groups.append(Group(name, tuple(nodes), tuple(entering), nodes[-1], still))
    return groups


def data_bytes(elements: Quantity, bits: int) -> Quantity:
    """Whole bytes that hold so many numbers."""
    return ceil_div(elements * bits, 8) if bits % 8 else elements * (bits // 8)
