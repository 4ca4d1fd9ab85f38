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

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from costcalc.graph import INPUT, Graph
from costcalc.quantity import Quantity, total


class Storage(NamedTuple):
    """For each node, the node (or INPUT) whose memory its output lies in; for each owner, its life.

    `order` is the order in which the nodes run. A life is the owner, and the first and the last step (from 0, a node
    each) at which its map is alive.
    """

    graph: Graph
    homes: tuple[int, ...]
    order: tuple[int, ...]
    lives: tuple[tuple[int, int, int], ...]

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

    def live(self, sizes: Mapping[int, Quantity]) -> list[Quantity]:
        """What is alive while each node runs, by node, given what the map of each owner takes."""
        at_step = _overlapping([(sizes[owner], first, last) for owner, first, last in self.lives], len(self.homes))
        found: list[Quantity] = [0] * len(self.homes)
        for step, index in enumerate(self.order):
            found[index] = at_step[step]
        return found

    @property
    def alive(self) -> tuple[tuple[int, ...], ...]:
        """The owners (INPUT among them) that are alive while each node runs, by node."""
        lives: dict[int, list[int]] = {index: [] for index in self.order}
        for owner, first, last in self.lives:
            for index in self.order[first : last + 1]:
                lives[index].append(owner)
        return tuple(tuple(lives[index]) for index in range(len(self.homes)))

    @property
    def steps(self) -> tuple[int, ...]:
        """The nodes that own memory, in the order in which they run."""
        return tuple(index for index in self.order if self.owns(index))

    @property
    def outputs(self) -> frozenset[int]:
        """The owners (INPUT among them) of what the network puts out: alive to the end."""
        return frozenset(map(self.home, self.graph.outputs))

    def reads(self, index: int) -> frozenset[int]:
        """The owners (INPUT among them) whose memory a node reads."""
        return frozenset(map(self.home, self.graph.nodes[index].inputs))

    def in_order(self, owners: Sequence[int]) -> Storage:
        """The same graph with its owners run in another order; what owns nothing runs right after what it follows."""
        followers: dict[int, list[int]] = {INPUT: []}
        for index, home in enumerate(self.homes):
            followers.setdefault(home, []).append(index)
        order = tuple(index for owner in (INPUT, *owners) for index in followers[owner])
        return self._replace(order=order, lives=tuple(_lives(self.graph, self.homes, order)))


def storage_of(graph: Graph) -> Storage:
    """Who owns what in a graph, and when it is alive, in the written order."""
    homes, written = tuple(_homes(graph)), tuple(range(len(graph.nodes)))
    return Storage(graph, homes, written, tuple(_lives(graph, homes, written)))


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


def _lives(graph: Graph, homes: Sequence[int], order: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    first: dict[int, int] = {INPUT: 0}
    last: dict[int, int] = {INPUT: 0}
    for step, index in enumerate(order):
        for source in graph.nodes[index].inputs:
            last[INPUT if source == INPUT else homes[source]] = step
        first.setdefault(homes[index], step)
        last[homes[index]] = step
    for output in graph.outputs:
        last[homes[output]] = len(order) - 1
    for owner, end in last.items():
        yield owner, first[owner], end


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
