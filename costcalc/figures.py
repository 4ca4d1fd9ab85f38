"""What each node of a graph costs: every name that a measure may speak of, on ints, grids and symbols alike.

Storage, the order of execution and what training keeps are decided once for a graph, and asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from costcalc import expression
from costcalc.compression.rates import DENSE, KERNEL_BYTES, STORED_FIGURES, Binary, Tensor, figure
from costcalc.counting import INPUT_LAYER, Counting
from costcalc.dtypes import Dtype
from costcalc.errors import UsageError
from costcalc.graph import INPUT, Graph, NodeCost, walk
from costcalc.measures import BYTES_OF
from costcalc.operators import STORED
from costcalc.operators.base import sizes_of
from costcalc.quantity import NumbersNeeded, Quantity, exact_div, product, root_up, total, whole_bytes
from costcalc.storage import Order, Storage, best_order, storage_of

if TYPE_CHECKING:
    from costcalc.training import Training


class TooWide(UsageError):
    """A network whose best order of execution was not found, where bounds do not do."""


class Figures:
    """The nodes of a graph under a way of counting.

    With `takes_bounds` figures may be of an order of execution that need not be the best (`order.is_minimal`): for
    whoever says so beside them.
    """

    def __init__(self, graph: Graph, counting: Counting, takes_bounds: bool = False) -> None:
        self.graph, self.counting, self.takes_bounds = graph, counting, takes_bounds
        self.costs: tuple[NodeCost, ...] = walk(graph)
        self._known: dict[str, dict[int, Quantity]] = {}
        self._segments: dict[int, Quantity] = {}
        self._map_bytes: dict[int, Quantity] = {}

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
        from costcalc.training import training_of

        checkpoint = self.counting.steps.checkpoint
        return training_of(self.graph, checkpoint.layers_each(len(self.graph.layers)) if checkpoint else 0)

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
            case "weight_bits":
                return counting.weights.of(cost.node.layer, cost.node.formats.weights).bits
            case "accumulator_bits":
                return counting.accumulators.of(cost.node.layer).bits
            case "input_bits":
                return self.dtype_of(self.storage.home(cost.node.inputs[0] if cost.node.inputs else INPUT)).bits
            case "params":
                return counting.convention.count_params(cost)
            case "parameter_bytes":
                return self._parameter_bytes(index)
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
            case _ if name in STORED_FIGURES:
                rates, output = cost.node.compression or DENSE, cost.node.output
                macs, bits = self.of_node("macs", index), self.of_node("weight_bits", index)
                return figure(name, rates, Tensor(cost.counters.weights, output.channels, bits, macs))
            case "input_scales":
                value = _input_scales(cost)
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

    def _parameter_bytes(self, index: int) -> Quantity:
        """Bytes of a node's parameters: kernels as a recipe stores them, all else in the format of weights."""
        params, bits = self.of_node("params", index), self.of_node("weight_bits", index)
        rates = self.graph.nodes[index].compression
        if rates is None or rates.is_as_built or (type(params) is int and not params):
            return whole_bytes(params, bits)
        kernels = [self.of_node(part, index) for part in KERNEL_BYTES]
        return total([*kernels, whole_bytes(params - self.costs[index].counters.weights, bits)])

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


def _input_scales(cost: NodeCost) -> Quantity:
    """Operations that find one scale for each output position of one sample: the mean of its inputs' magnitudes.

    Source: arXiv:1603.05279, section 3.2: A is the mean over the channels, K = A * k that over the window. A window
    that slides along the channels too has a scale at each of its places, which all maps of a layer share.
    """
    rates, macs = cost.node.compression or DENSE, cost.counters.macs
    if rates.binary is not Binary.XNOR or (type(macs) is int and not macs):
        return 0
    source = cost.inputs[0]
    operator, output = cost.node.operator, cost.node.output
    kernel = operator.geometry(*cost.inputs).kernel
    taps = 1 if kernel is None else product(sizes_of(kernel, len(source.spatial)))
    over_channels = isinstance(kernel, tuple) and len(kernel) > len(source.spatial)
    places = exact_div(output.elements, getattr(operator, "maps", 1)) if over_channels else output.positions
    return source.elements + (0 if type(taps) is int and taps == 1 else places * taps)


def _check_order(found: Order) -> None:
    if not found.is_minimal:
        raise TooWide(
            "schedule minimal: the network is too wide to find its best order: the least peak is at least "
            f"{found.at_least:,} bytes, and at most {found.peak:,}",
            expected="--schedule written, or a report as a table, which says both",
        )
