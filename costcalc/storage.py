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
- Each map fills whole bytes by itself, so that what is alive adds up to the peak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from costcalc.graph import INPUT, Graph
from costcalc.quantity import Quantity, total


class Storage(NamedTuple):
    """For each node, the node (or INPUT) whose memory its output lies in; for each owner, its life.

    A life is the first and the last node that run while the owner's map is alive.
    """

    graph: Graph
    homes: tuple[int, ...]
    lives: tuple[tuple[int, int, int], ...]  # owner, first, last

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

    def alive(self, sizes: Mapping[int, Quantity]) -> list[Quantity]:
        """What is alive while each node runs, given what the map of each owner takes."""
        return _overlapping([(sizes[owner], first, last) for owner, first, last in self.lives], len(self.homes))


def storage_of(graph: Graph) -> Storage:
    """Who owns what in a graph, and when it is alive, in the written order."""
    homes = _homes(graph)
    return Storage(graph, tuple(homes), tuple(_lives(graph, homes)))


def _homes(graph: Graph) -> list[int]:
    written: list[int] = []  # for each node, the node that last wrote the values that it puts out
    for index, node in enumerate(graph.nodes):
        source = node.inputs[0]
        written.append((INPUT if source == INPUT else written[source]) if node.operator.is_view else index)
    readers = _readers(graph, written)
    homes: list[int] = []
    for index, node in enumerate(graph.nodes):
        source = node.inputs[0]
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


def _lives(graph: Graph, homes: list[int]) -> Iterator[tuple[int, int, int]]:
    last: dict[int, int] = {INPUT: 0}
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            last[INPUT if source == INPUT else homes[source]] = index
        last[homes[index]] = index
    for output in graph.outputs:
        last[homes[output]] = len(graph.nodes) - 1
    for owner, end in last.items():
        yield owner, max(0, owner), end


def _overlapping(spans: list[tuple[Quantity, int, int]], steps: int) -> list[Quantity]:
    """At each step, the total of the values whose span, from its first to its last step, holds it.

    By halves, so that many long spans cost little, and by additions alone, which are exact on every kind of number.
    """
    found: list[Quantity] = [0] * steps

    def fill(spans: list[tuple[Quantity, int, int]], low: int, high: int, outside: list[Quantity]) -> None:
        whole = [value for value, first, last in spans if first <= low and high - 1 <= last]
        inside = [total(outside + whole)] if whole else outside
        parts = [span for span in spans if span[1] > low or span[2] < high - 1]
        if not parts:
            found[low:high] = [total(inside)] * (high - low)
            return
        middle = (low + high) // 2
        fill([span for span in parts if span[1] < middle], low, middle, inside)
        fill([span for span in parts if span[2] >= middle], middle, high, inside)

    fill(spans, 0, steps, [])
    return found
