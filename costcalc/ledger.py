"""The ledger: what every layer and the whole network cost, in every measure, on ints, grids and symbols alike.

Layers are folded and costs are gathered here and nowhere else; what stands above adds up nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from costcalc.counting import Counting
from costcalc.errors import text_of
from costcalc.escape import html_table
from costcalc.figures import Figures
from costcalc.graph import Graph, Node
from costcalc.measures import MEASURES, TOTALS, Peak, Ratio, Together, measure_name, measure_of
from costcalc.operators import STORED, Geometry, Shape
from costcalc.quantity import Quantity, as_text, largest, quotient, total
from costcalc.words import By

_SHOWN = ("params", "weight_bytes", "activation_bytes", "peak_activation_bytes", "output_bytes", "traffic_bytes")
"""What a notebook shows of an entry after the total."""


class Entry:
    """A part of a network: a layer, a block, a kind of operator ..., or the whole.

    `entry["params"]` is its figure in a measure. `inputs` are the shapes that enter from outside, `output` the one
    that leaves; a kind of operator has neither. `count` is the number of layers, or of nodes of a kind.
    """

    __slots__ = ("_figures", "_ledger", "_nodes", "_parts", "count", "inputs", "name", "node", "op", "output")

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        op: str,
        nodes: Sequence[int],
        parts: Sequence[Entry] = (),
        count: int = 1,
        inputs: tuple[Shape, ...] = (),
        output: Shape | None = None,
    ) -> None:
        self._ledger, self._nodes, self._parts = ledger, nodes, parts
        self.name, self.op, self.count, self.inputs, self.output = name, op, count, inputs, output
        self.node: Node | None = ledger.graph.nodes[nodes[0]] if nodes else None
        self._figures: dict[str, Quantity] = {}

    def __getitem__(self, measure: str) -> Quantity:
        """The figure of this part; None of a ratio of nothing. Raises UsageError for no measure of the convention."""
        if type(measure) is not str:
            text_of(measure, "measure", "a name, as 'params'")
        if measure not in self._figures:
            self._figures[measure] = self._figure(measure)
        return self._figures[measure]

    def __getattr__(self, name: str) -> Any:
        """A measure is an attribute as well: `entry.params`; `entry.total` is the convention's total."""
        if name == "total":
            return self[self._ledger.total]
        if name in MEASURES:
            return self[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"<Entry {', '.join(filter(None, (self.name, self.op, str(self.output or ''))))}>"

    def _repr_html_(self) -> str:
        rows = ((name, as_text(self[name])) for name in (self._ledger.total, *_SHOWN))
        return html_table(", ".join(filter(None, (self.name, self.op))), ("measure", "figure"), rows)

    @property
    def geometry(self) -> Geometry:
        """The window and the groups of the operator that a layer, or a node, is made of; none of anything larger."""
        if self.node is None or self._parts:
            return Geometry()
        return self.node.operator.geometry(*(self._ledger.graph.shape(index) for index in self.node.inputs))

    @property
    def peak_at(self) -> str:
        """The layer of the network, or the part of a part, at which most memory of activations is alive."""
        return max(self._parts or (self,), key=lambda part: part["peak_activation_bytes"]).name

    def _figure(self, measure: str) -> Quantity:
        if measure != self._ledger.total and (measure not in MEASURES or measure in TOTALS):
            return self[measure_name(measure, self._ledger.counting.convention)]
        how = measure_of(measure).how
        if isinstance(how, Ratio):
            return quotient(self[how.over], self[how.under])
        if isinstance(how, Together):
            return total(self[part] for part in how.measures)
        if self._parts:
            gathered = largest if isinstance(how, Peak) else total
            return gathered([part[measure] for part in self._parts])
        nodes = self._nodes
        if isinstance(how, Peak):  # while a node runs that owns nothing, no more is alive than before
            nodes = [index for index in nodes if self._ledger.storage.owns(index)] or nodes
            return largest(self._ledger.of_node(how.of, index) for index in nodes)
        return total(self._ledger.of_node(how.of, index) for index in nodes)


class Ledger(Figures):
    """What a graph costs under a way of counting. `ledger["params"]` is the network's figure in a measure."""

    def __getitem__(self, measure: str) -> Quantity:
        return self.whole[measure]

    def __repr__(self) -> str:
        counting = self.counting
        return f"<Ledger {len(self.layers)} layers, convention {counting.convention.name}, {counting.dtype}>"

    @cached_property
    def whole(self) -> Entry:
        """The network as one entry."""
        last = self.graph.nodes[-1].output
        return Entry(self, "total", "", (), tuple(self.layers.values()), len(self.layers), (self.graph.input,), last)

    @cached_property
    def layers(self) -> Mapping[str, Entry]:
        """The layers by name, in running order: an operator with the norm and activation of its own row."""
        return {name: self._entry(name, nodes) for name, nodes in self._gathered(lambda node: node.layer).items()}

    def with_factors(self, layer: str) -> Entry:
        """A layer, together with the factors that stand before it if a recipe has made some of it."""
        last = self.layers[layer]
        factors = self._factors.get(layer)
        return Entry(self, layer, last.op, (), (*factors, last)) if factors else last

    @cached_property
    def _factors(self) -> Mapping[str, list[Entry]]:
        """What `.factor` stands in the name of, by the layer that it is a factor of."""
        found: dict[str, list[Entry]] = {}
        for name, one in self.layers.items():
            layer, factor, _ = name.rpartition(".factor")
            if factor:
                found.setdefault(layer, []).append(one)
        return found

    def entries(self, by: By) -> tuple[Entry, ...]:
        """The network cut into parts. Kinds of operators come costliest first, all others in running order."""
        match by:
            case By.LAYER:
                return tuple(self.layers.values())
            case By.NODE:
                return tuple(self._nodes)
            case By.OPERATOR:
                return tuple(sorted(self._kinds(), key=lambda kind: (-kind[self.total], -kind["params"])))
        key = _block if by is By.BLOCK else _stage
        layers: dict[str, list[Entry]] = {}
        for layer in self.layers.values():
            assert layer.node is not None
            layers.setdefault(key(layer.node), []).append(layer)
        return tuple(
            self._entry(name, nodes, layers[name]) for name, nodes in self._gathered(key).items() if name in layers
        )

    @property
    def beside_params(self) -> Mapping[str, Quantity]:
        """Stored numbers of which the convention counts none as parameters, by the name of their counter."""
        rules = self.counting.convention.params.values()
        named = {name for rule in rules for name, _ in rule.expression.names}
        found = {name: self.of_nodes(name, range(len(self.graph.nodes))) for name in STORED if name not in named}
        return {name: count for name, count in found.items() if count}

    @property
    def total(self) -> str:
        """The measure that the convention's total is."""
        return self.counting.convention.total

    @cached_property
    def _nodes(self) -> list[Entry]:
        return [self._entry(node.layer, (index,)) for index, node in enumerate(self.graph.nodes)]

    def _kinds(self) -> list[Entry]:
        kinds: dict[str, list[Entry]] = {}
        for entry, cost in zip(self._nodes, self.costs, strict=True):
            kinds.setdefault(cost.node.operator.kind(), []).append(entry)
        return [Entry(self, kind, parts[0].op, (), parts, len(parts)) for kind, parts in kinds.items()]

    def _gathered(self, key: Callable[[Node], str]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, node in enumerate(self.graph.nodes):
            found.setdefault(key(node), []).append(index)
        return found

    def _entry(self, name: str, nodes: Sequence[int], parts: Sequence[Entry] = ()) -> Entry:
        graph, inside = self.graph, set(nodes)
        entering = dict.fromkeys(i for index in nodes for i in graph.nodes[index].inputs if i not in inside)
        first, last = graph.nodes[nodes[0]], graph.nodes[nodes[-1]]
        op = first.row if parts else first.operator.name
        return Entry(self, name, op, nodes, parts, len(parts) or 1, tuple(map(graph.shape, entering)), last.output)


def ledger_of(graph: Graph, counting: Counting, takes_bounds: bool = False, network: str = "") -> Ledger:
    """What a whole network costs; `network` names it in errors where there are several.

    Raises UsageError if a pattern of its formats matches none of its layers.
    """
    if not counting.is_uniform:
        counting.check(graph.layers, network)
    return Ledger(graph, counting, takes_bounds)


def _block(node: Node) -> str:
    return node.block


def _stage(node: Node) -> str:
    return node.stage
