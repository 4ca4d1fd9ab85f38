"""Where memory goes: the maps of a network, from which step to which each is alive, and where they lie in one arena."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import NamedTuple

from costcalc.counting import INPUT_LAYER, Dtype
from costcalc.errors import UsageError, nearest, one_of, text_of
from costcalc.graph import INPUT
from costcalc.ledger import Ledger
from costcalc.operators import Shape
from costcalc.storage.place import Lifetime, Strategy, arena, place

OUTPUT = "output"
"""Who reads what the network puts out."""


class Map(NamedTuple):
    """A map in memory: the layer that wrote it, its bytes for the whole batch, and the steps at which it is alive.

    A step is the run of a node that owns memory; they count from 1. The input is there before the first.
    """

    owner: int
    name: str
    shape: Shape
    dtype: Dtype
    bytes: int
    first: int
    last: int
    last_reader: str


class Alive(NamedTuple):
    """The maps that are alive while a layer runs, in the order in which they were written."""

    layer: str
    step: int
    maps: tuple[Map, ...]

    @property
    def bytes(self) -> int:
        """What they take together."""
        return sum(one.bytes for one in self.maps)


class Placement(NamedTuple):
    """Maps in one arena, each with its offset; `arena` is its size in bytes, `peak` the least that any arena needs."""

    strategy: Strategy
    maps: tuple[Map, ...]
    offsets: tuple[int, ...]
    arena: int
    peak: int


def maps_of(ledger: Ledger) -> tuple[Map, ...]:
    """Every map of a network in the order in which they are written, the input first. On plain numbers only."""
    execution, nodes = ledger.execution, ledger.graph.nodes
    own = set(steps_of(ledger))
    ran = [0, *accumulate(int(index in own) for index in execution.order)]  # so many steps before each node
    spans = {owner: (ran[first] + 1, ran[last + 1]) for owner, first, last in execution.lives}
    written = sorted((owner for owner, (first, last) in spans.items() if first <= last), key=lambda one: spans[one][0])
    readers: dict[int, str] = {}
    for index in execution.order:
        for source in execution.reads(index):
            readers[source] = nodes[index].layer
    readers |= dict.fromkeys(execution.outputs, OUTPUT)
    names = step_names(ledger)
    return tuple(
        Map(
            owner,
            INPUT_LAYER if owner == INPUT else names[owner],
            ledger.graph.shape(owner),
            ledger.dtype_of(owner),
            ledger.map_bytes(owner),
            *spans[owner],
            readers.get(owner, ""),
        )
        for owner in written
    )


def steps_of(ledger: Ledger) -> tuple[int, ...]:
    """The nodes that own memory, in the order of execution; of a network that owns none, its first node."""
    return ledger.execution.steps or ledger.execution.order[:1]


def step_names(ledger: Ledger) -> dict[int, str]:
    """The name of each step: its layer's, with the operator where a layer has several."""
    nodes, steps = ledger.graph.nodes, steps_of(ledger)
    count = Counter(nodes[index].layer for index in steps)
    return {
        index: f"{nodes[index].layer} ({nodes[index].operator.name})"
        if count[nodes[index].layer] > 1
        else nodes[index].layer
        for index in steps
    }


def alive_at(ledger: Ledger, layer: str | None = None) -> Alive:
    """The maps that are alive while a layer runs, by default the one of the peak.

    Raises UsageError for an unknown layer, with the nearest.
    """
    if layer is None:
        layer = ledger.whole.peak_at
    if text_of(layer, "layer", "a name, as 'conv1'") not in ledger.layers:
        raise UsageError(
            f"no layer '{layer[:60]}'", expected=one_of(ledger.layers, 12), nearest=nearest(layer, ledger.layers)
        )
    execution = ledger.execution
    own = [index for index in execution.order if ledger.graph.nodes[index].layer == layer]
    own = [index for index in own if execution.owns(index)] or own
    chosen = max(own, key=lambda index: int(ledger.of_node("live_bytes", index)))
    before = execution.order[: execution.order.index(chosen) + 1]
    step = max(1, sum(map(execution.owns, before)))
    known = {one.owner: one for one in maps_of(ledger)}
    return Alive(layer, step, tuple(known[owner] for owner in execution.alive[chosen]))


def placement(ledger: Ledger, strategy: Strategy | None = None) -> Placement:
    """Where each map lies in one arena; without a strategy, by the one whose arena is smaller."""
    maps = maps_of(ledger)
    lifetimes = [Lifetime(one.bytes, one.first, one.last) for one in maps]
    placed = place(lifetimes, strategy)
    peak = int(ledger["peak_activation_bytes"])
    return Placement(placed.strategy, maps, placed.offsets, arena(lifetimes, placed.offsets), peak)
