"""The ledger: what every layer and the whole network cost, in every measure, on ints, grids and symbols alike.

Layers are folded, storage is decided and costs are gathered here and nowhere else; what stands above adds up nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any

from costcalc import expression
from costcalc.counting import INPUT_LAYER, Counting
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError
from costcalc.graph import INPUT, Graph, Node, NodeCost, walk
from costcalc.measures import BYTES_OF, MEASURES, TOTALS, Peak, Ratio, Together, measure_name, measure_of
from costcalc.operators import STORED, Shape
from costcalc.quantity import NumbersNeeded, Quantity, largest, quotient, root_up, total, whole_bytes
from costcalc.storage import Order, Storage, best_order, storage_of
from costcalc.training import Training, training_of


class TooWide(UsageError):
    """A network whose best order of execution was not found, where bounds do not do."""


class By(StrEnum):
    """What a part of a network is."""

    LAYER = "layer"
    BLOCK = "block"
    STAGE = "stage"
    OPERATOR = "operator"
    NODE = "node"


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


class Ledger:
    """What a graph costs under a way of counting. `ledger["params"]` is the network's figure in a measure.

    With `takes_bounds` figures may be of an order of execution that need not be the best (`order.is_minimal`): for
    whoever says so beside them.
    """

    def __init__(self, graph: Graph, counting: Counting, takes_bounds: bool = False) -> None:
        self.graph, self.counting, self.takes_bounds = graph, counting, takes_bounds
        self.costs: tuple[NodeCost, ...] = walk(graph)
        self._known: dict[str, dict[int, Quantity]] = {}
        self._segments: dict[int, Quantity] = {}
        self._map_bytes: dict[int, Quantity] = {}

    def __getitem__(self, measure: str) -> Quantity:
        return self.whole[measure]

    @cached_property
    def whole(self) -> Entry:
        """The network as one entry."""
        last = self.graph.nodes[-1].output
        return Entry(self, "total", "", (), tuple(self.layers.values()), len(self.layers), (self.graph.input,), last)

    @cached_property
    def storage(self) -> Storage:
        """Who owns the memory of what, and when it is alive in the written order."""
        return storage_of(self.graph)

    @property
    def order(self) -> Order | None:
        """The order of execution with the least peak, if it is asked for.

        Raises NumbersNeeded on a grid and on symbols, TooWide for a network that is too wide for an exact answer
        unless bounds are taken.
        """
        if not self.counting.is_reordered:
            return None
        if not self.takes_bounds:
            _check_order(self._best_order)
        return self._best_order

    @cached_property
    def _best_order(self) -> Order:
        return best_order(self.storage, self._map_size)

    def check_order(self) -> None:
        """Raise TooWide if the order with the least peak is asked for and was not found."""
        if self.order:
            _check_order(self.order)

    @cached_property
    def execution(self) -> Storage:
        """Who owns the memory of what, and when it is alive in the order of execution."""
        return self.storage.in_order(self.order.owners) if self.order else self.storage

    @cached_property
    def training(self) -> Training:
        """What autograd keeps, and which gradients there are."""
        checkpoint = self.counting.steps.checkpoint
        return training_of(self.graph, checkpoint.layers_each(len(self.graph.layers)) if checkpoint else 0)

    @cached_property
    def layers(self) -> Mapping[str, Entry]:
        """The layers by name, in running order: an operator with the norm and activation of its own row."""
        return {name: self._entry(name, nodes) for name, nodes in self._gathered(lambda node: node.layer).items()}

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """The operators that the convention has no rule for; with any, totals are partial."""
        knows = self.counting.convention.knows
        return tuple(name for name in dict.fromkeys(cost.node.operator.name for cost in self.costs) if not knows(name))

    @cached_property
    def formats(self) -> tuple[tuple[Dtype, ...], tuple[Dtype, ...]]:
        """The formats of weights and of feature maps that occur, in running order; the input is the first map."""
        weights, nodes = self.counting.weights, self.graph.nodes
        learns = [node for node, cost in zip(nodes, self.costs, strict=True) if self.counting.convention.learns(cost)]
        owners = [INPUT, *filter(self.storage.owns, range(len(nodes)))]
        return (
            tuple(dict.fromkeys(weights.of(node.layer, node.formats.weights) for node in learns)),
            tuple(dict.fromkeys(map(self.dtype_of, owners))),
        )

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

    def of_node(self, text: str, index: int) -> Quantity:
        """The value of a measure's expression, or of one of its names, for a node; computed once."""
        known = self._known.setdefault(text, {})
        if index not in known:
            known[index] = self._name(text, index) if text.isidentifier() else self._evaluated(text, index)
        return known[index]

    def of_nodes(self, text: str, nodes: Iterable[int]) -> Quantity:
        """The sum of such a value over some nodes."""
        return total([self.of_node(text, index) for index in nodes])

    def _evaluated(self, text: str, index: int) -> Quantity:
        parsed = expression.parse(text, of_costs=True)
        return parsed.evaluate({name: self.of_node(name, index) for name, _ in parsed.names})

    def _name(self, name: str, index: int) -> Quantity:
        cost, counting = self.costs[index], self.counting
        match name:
            case "batch":
                return self.graph.batch
            case "weight_bits":
                return counting.weights.of(cost.node.layer, cost.node.formats.weights).bits
            case "accumulator_bits":
                return counting.accumulators.of(cost.node.layer).bits
            case "input_bits":
                return self.dtype_of(self.storage.home(cost.node.inputs[0] if cost.node.inputs else INPUT)).bits
            case "params":
                return counting.convention.count_params(cost)
            case "read_bytes":
                return self._bytes(cost.node.inputs if self.storage.owns(index) else ())
            case "written_bytes":
                return self._bytes((index,) if self.storage.owns(index) else ())
            case "live_bytes":
                return self._live[index]
            case "gradients":
                return self.training.gradients[index]
            case "reruns":
                return int(self.training.is_recomputed(index))
            case "optimizer_values":
                return counting.steps.optimizer.values
            case "kept_bytes":
                own = () if self.training.segment else (index,)
                return total([self._bytes(self.training.kept[index]), *map(self._beside_maps, own)])
            case "recomputed_bytes":
                return self._segment_bytes(self.training.segment[index]) if self.training.segment else 0
            case "workspace":
                return cost.node.operator.workspace(*cost.inputs, cost.node.output)
            case "total":
                return counting.convention.count(
                    cost, self.graph.batch, lambda name: self.of_node(BYTES_OF[name], index)
                )
            case "read":
                value = self.storage.read(index)
            case "written":
                value = self.storage.written(index)
            case "least_moved":
                value = self._least_moved(index)
            case "accumulated":
                macs = cost.counters.macs
                value = 0 if type(macs) is int and not macs else cost.node.output.elements
            case _:
                value = getattr(cost.counters, name)
                if name in STORED:
                    return value
        batch = self.graph.batch
        return value if type(batch) is int and batch == 1 else value * batch

    def _least_moved(self, index: int) -> Quantity:
        """Elements of one sample that a node would read and write if a 1x1 convolution did as much of both.

        Their product is the Mult-Adds, times the groups and the positions, and stays.
        Source: arXiv:1807.11164, section 2.
        """
        read, written = self.storage.read(index), self.storage.written(index)
        if not self.graph.nodes[index].operator.sees_one_position():
            return read + written
        return root_up(4 * read * written)

    @cached_property
    def _live(self) -> list[Quantity]:
        """Bytes of the maps that are alive while each node runs."""
        execution = self.execution
        return execution.live({owner: self.map_bytes(owner) for owner, _, _ in execution.lives})

    def _segment_bytes(self, segment: int) -> Quantity:
        """Bytes that the nodes of a segment keep, beside the maps that enter segments."""
        if segment not in self._segments:
            inside = self.training.members[segment]
            maps = [self._bytes(self.training.recomputed[index]) for index in inside]
            self._segments[segment] = total([*maps, *map(self._beside_maps, inside)])
        return self._segments[segment]

    def _beside_maps(self, index: int) -> Quantity:
        """Bytes of masks, statistics and indices that a node keeps for its gradient, of the whole batch."""
        if not self.training.learns[index]:
            return 0
        cost, batch = self.costs[index], self.graph.batch
        kept = cost.node.operator.kept(*cost.inputs, cost.node.output)
        wide = self.counting.accumulators.of(cost.node.layer).bits
        numbers = (
            (kept.values, self.dtype_of(self.storage.home(index)).bits),
            (kept.statistics, wide),
            (kept.indices, Dtype.INT64.bits),
        )
        return total([*(whole_bytes(n * batch, bits) for n, bits in numbers), whole_bytes(kept.shared, wide)])

    def _bytes(self, maps: Sequence[int]) -> Quantity:
        """Bytes of some maps of the whole batch; each fills whole bytes by itself."""
        return total(self.map_bytes(index) for index in maps)

    def map_bytes(self, index: int) -> Quantity:
        """Bytes of the map that a node, or the input, puts out, for the whole batch."""
        if index not in self._map_bytes:
            elements = self.graph.shape(index).elements * self.graph.batch
            self._map_bytes[index] = whole_bytes(elements, self.dtype_of(self.storage.home(index)).bits)
        return self._map_bytes[index]

    def _map_size(self, owner: int) -> int:
        size = self.map_bytes(owner)
        if type(size) is not int:
            raise NumbersNeeded("the order with the least peak is found on numbers alone")
        return size

    def dtype_of(self, owner: int) -> Dtype:
        """The format of the map that a node, or the input, owns."""
        activations = self.counting.activations
        if owner == INPUT:
            return activations.of(INPUT_LAYER)
        node = self.graph.nodes[owner]
        return activations.of(node.layer, node.formats.activations)


def ledger_of(graph: Graph, counting: Counting, takes_bounds: bool = False, network: str = "") -> Ledger:
    """What a network costs. Raises UsageError if a format's pattern matches no layer (of `network`, one of several)."""
    if not counting.is_uniform:
        counting.check(graph.layers, network)
    return Ledger(graph, counting, takes_bounds)


def _check_order(found: Order) -> None:
    if not found.is_minimal:
        raise TooWide(
            "schedule minimal: the network is too wide to find its best order: the least peak is at least "
            f"{found.at_least:,} bytes, and at most {found.peak:,}",
            expected="--schedule written, or a report as a table, which says both",
        )


def _block(node: Node) -> str:
    return node.block


def _stage(node: Node) -> str:
    return node.stage
