"""Storage: which node owns the memory of each feature map, and when each map is alive.

Decided here and nowhere else: what layers write and read, what all activations take together, and the peak follow
from it. It is a matter of the graph's structure alone, so it holds on ints, grids and symbols alike, and two ways of
writing one graph cost the same.

- A view (flatten, slice, dropout, identity ...) lies in its input's memory and moves nothing.
- An operator that works in place (norms, most activations) does so if nobody else reads the map it takes, directly or
  through a view, and the map is not the network's input. It then is a part of the operator that wrote the map: it
  owns nothing and moves nothing.
- Every other operator reads its inputs once and writes a map of its own; so joins copy (`concat`).
- A map is alive from the node that writes it to the last node that reads it, the network's input from the start, its
  outputs to the end. While a node runs, what it reads and what it writes are alive together.
"""

from __future__ import annotations

from typing import NamedTuple

from costcalc.graph import INPUT, Graph
from costcalc.quantity import Quantity


class Storage(NamedTuple):
    """For each node, the node (or INPUT) whose memory its output lies in, and the owners alive while it runs."""

    graph: Graph
    homes: tuple[int, ...]
    alive: tuple[tuple[int, ...], ...]

    def owns(self, index: int) -> bool:
        """Whether a node has memory of its own."""
        return self.homes[index] == index

    def home(self, index: int) -> int:
        """The node, or INPUT, whose memory the output of a node, or the input, lies in."""
        return INPUT if index == INPUT else self.homes[index]

    def read(self, index: int) -> Quantity:
        """Elements of one sample that a node reads."""
        node = self.graph.nodes[index]
        return sum(self.graph.shape(source).elements for source in node.inputs) if self.owns(index) else 0

    def written(self, index: int) -> Quantity:
        """Elements of one sample that a node writes: the map that it owns."""
        return self.graph.nodes[index].output.elements if self.owns(index) else 0


def storage_of(graph: Graph) -> Storage:
    """Who owns what in a graph, and when it is alive, in the written order."""
    homes = _homes(graph)
    return Storage(graph, tuple(homes), tuple(_alive(graph, homes)))


def _homes(graph: Graph) -> list[int]:
    written: list[int] = []  # for each node, the node that last wrote the values that it puts out
    for index, node in enumerate(graph.nodes):
        source = node.inputs[0] if node.inputs else INPUT
        written.append((INPUT if source == INPUT else written[source]) if node.operator.is_view else index)
    readers = _readers(graph, written)
    homes: list[int] = []
    for index, node in enumerate(graph.nodes):
        source = node.inputs[0] if node.inputs else INPUT
        home = INPUT if source == INPUT else homes[source]
        writer = INPUT if source == INPUT else written[source]
        in_place = node.operator.in_place and home != INPUT and readers[writer] == 1
        homes.append(home if node.operator.is_view or in_place else index)
    return homes


def _readers(graph: Graph, written: list[int]) -> dict[int, int]:
    """How often the values that a node wrote are read, directly or through views; a view that nobody takes is read."""
    taken = {source for node in graph.nodes for source in node.inputs}
    readers: dict[int, int] = {}
    for index, node in enumerate(graph.nodes):
        if node.operator.is_view and index in taken:
            continue
        for source in node.inputs:
            writer = INPUT if source == INPUT else written[source]
            readers[writer] = readers.get(writer, 0) + 1
    return readers


def _alive(graph: Graph, homes: list[int]) -> list[tuple[int, ...]]:
    last: dict[int, int] = {INPUT: INPUT}
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            last[INPUT if source == INPUT else homes[source]] = index
        last[homes[index]] = index
    for output in graph.outputs:
        last[homes[output]] = len(graph.nodes)
    alive: dict[int, None] = {INPUT: None}
    found = []
    for index, home in enumerate(homes):
        if home == index:
            alive[index] = None
        found.append(tuple(alive))
        for gone in [owner for owner in alive if last[owner] <= index]:
            del alive[gone]
    return found
