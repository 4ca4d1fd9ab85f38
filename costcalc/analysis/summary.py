"""The report: costs per layer, block, stage, operator kind or node, and totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from costcalc.analysis import memory
from costcalc.analysis.layers import data_bytes, gather
from costcalc.conventions import Convention
from costcalc.engine import NodeCost, walk
from costcalc.graph import Graph, Node
from costcalc.operators import WORK


class By(StrEnum):
    """What a row of a report stands for."""

    LAYER = "layer"
    BLOCK = "block"
    STAGE = "stage"
    OPERATOR = "operator"
    NODE = "node"


class Dtype(StrEnum):
    """Number formats, for bytes."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    INT32 = "int32"
    INT16 = "int16"
    INT8 = "int8"
    INT4 = "int4"
    BINARY = "binary"

    @property
    def bits(self) -> int:
        """Bits of one number."""
        return _BITS[self]


_BITS = dict(zip(Dtype, (64, 32, 16, 16, 32, 16, 8, 4, 1), strict=True))


class Row(NamedTuple):
    """One line of a report, in base units: plain integers.

    `total` is the convention's total (Mult-Adds under `paper`). `params` is what a framework would train; `weights`
    are kernels and matrices alone; `buffers` are the norms' running statistics. Bytes are of the dtype asked for:
    `input_bytes` read and `output_bytes` written by feature maps, `traffic_bytes` both and the parameters. Views
    (flatten, slice, dropout) read and write nothing. `work` holds the primitive counters.
    """

    name: str
    op: str
    input: str
    output: str
    total: int
    params: int
    weights: int
    buffers: int
    weight_bytes: int
    input_bytes: int
    output_bytes: int
    work: tuple[int, ...]
    layers: int = 1

    @property
    def traffic_bytes(self) -> int:
        """Bytes that cross the memory's border if every layer reads and writes its own."""
        return self.weight_bytes + self.input_bytes + self.output_bytes

    def as_dict(self, total: str) -> dict[str, Any]:
        """Column to value, in the order of every machine-readable format; the total goes by its convention's name."""
        return {
            "name": self.name,
            "op": self.op,
            "input": self.input,
            "output": self.output,
            total: self.total,
            "params": self.params,
            "weights": self.weights,
            "buffers": self.buffers,
            "weight_bytes": self.weight_bytes,
            "input_bytes": self.input_bytes,
            "output_bytes": self.output_bytes,
            "traffic_bytes": self.traffic_bytes,
            **dict(zip(WORK, self.work, strict=True)),
        }


class Totals(NamedTuple):
    """Sums over the network, and its peak of activation memory; plain integers in base units."""

    total: int
    params: int
    weights: int
    buffers: int
    weight_bytes: int
    activation_bytes: int
    peak_activation_bytes: int
    traffic_bytes: int
    work: tuple[int, ...]
    peak_at: str

    def as_dict(self, total: str) -> dict[str, Any]:
        """Name to value, the total by its convention's name."""
        return {
            total: self.total,
            "params": self.params,
            "weights": self.weights,
            "buffers": self.buffers,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": self.activation_bytes,
            "peak_activation_bytes": self.peak_activation_bytes,
            "traffic_bytes": self.traffic_bytes,
            **dict(zip(WORK, self.work, strict=True)),
        }


class Summary(NamedTuple):
    """Rows and totals of one network; `left_out` names the operators that the convention has no rule for."""

    by: By
    rows: tuple[Row, ...]
    totals: Totals
    left_out: tuple[str, ...]


def summarise(graph: Graph, convention: Convention, by: By, dtype: Dtype, batch: int) -> Summary:
    """Walk a graph and add up. Work and activations are for `batch` samples, weights are stored once."""
    costs = walk(graph)
    nodes = [_node_row(cost, convention, dtype.bits, batch) for cost in costs]
    layers = _grouped(graph, costs, nodes, _by_layer, dtype.bits, batch)
    peak = memory.peak(graph)
    totals = Totals(
        total=sum(row.total for row in layers),
        params=sum(row.params for row in layers),
        weights=sum(row.weights for row in layers),
        buffers=sum(row.buffers for row in layers),
        weight_bytes=sum(row.weight_bytes for row in layers),
        activation_bytes=sum(row.output_bytes for row in layers),
        peak_activation_bytes=data_bytes(peak.elements * batch, dtype.bits),
        traffic_bytes=sum(row.traffic_bytes for row in layers),
        work=tuple(map(sum, zip(*(row.work for row in layers), strict=True))),
        peak_at=costs[peak.node].node.layer,
    )
    if by is By.OPERATOR:
        rows = _by_kind(costs, nodes, layers)
    elif by is By.NODE:
        rows = nodes
    elif by is By.LAYER:
        rows = layers
    else:
        rows = _grouped(graph, costs, nodes, _by_block if by is By.BLOCK else _by_stage, dtype.bits, batch, layers)
    left_out = {cost.node.operator.name: None for cost in costs if not convention.knows(cost.node.operator.name)}
    return Summary(by, tuple(rows), totals, tuple(left_out))


def _node_row(cost: NodeCost, convention: Convention, bits: int, batch: int) -> Row:
    counters, operator = cost.counters, cost.node.operator
    params = convention.count_params(cost)
    moved = 0 if operator.is_view else batch
    return Row(
        name=cost.node.layer,
        op=operator.name,
        input=_sizes(cost.inputs),
        output=str(cost.node.output),
        total=convention.count(cost) * batch,
        params=params,
        weights=counters.weights,
        buffers=counters.norm_statistics,
        weight_bytes=data_bytes(params, bits),
        input_bytes=data_bytes(sum(shape.elements for shape in cost.inputs) * moved, bits),
        output_bytes=data_bytes(cost.node.output.elements * moved, bits),
        work=tuple(count * batch for count in counters.as_tuple()[: len(WORK)]),
    )


def _sizes(shapes: Iterable[object]) -> str:
    return " + ".join(str(shape) for shape in shapes)


_Key = Callable[[Node], str]


def _by_layer(node: Node) -> str:
    return node.layer


def _by_block(node: Node) -> str:
    return node.block


def _by_stage(node: Node) -> str:
    return node.stage


def _grouped(
    graph: Graph,
    costs: tuple[NodeCost, ...],
    nodes: list[Row],
    key: _Key,
    bits: int,
    batch: int,
    layers: list[Row] | None = None,
) -> list[Row]:
    """One row per run of nodes with the same key: what enters from outside, what leaves, the sums of the rest.

    Norms and activations folded into their operator move no bytes of their own; a block moves what its layers move.
    """
    moved: dict[str, tuple[int, int]] = {}
    if layers is not None:
        owner = {cost.node.layer: key(cost.node) for cost in costs}
        for row in layers:
            before = moved.get(owner[row.name], (0, 0))
            moved[owner[row.name]] = (before[0] + row.input_bytes, before[1] + row.output_bytes)
    rows = []
    for group in gather(graph, key):
        first, last = costs[group.nodes[0]], costs[group.last]
        read, written = (data_bytes(elements * batch, bits) for elements in (group.read(graph), group.written(graph)))
        mine = [nodes[index] for index in group.nodes]
        params = sum(row.params for row in mine)
        rows.append(
            Row(
                name=group.name,
                op=first.node.operator.name if layers is None else first.node.row,
                input=_sizes(graph.shape(index) for index in group.entering),
                output=str(last.node.output),
                total=sum(row.total for row in mine),
                params=params,
                weights=sum(row.weights for row in mine),
                buffers=sum(row.buffers for row in mine),
                weight_bytes=data_bytes(params, bits),
                input_bytes=moved.get(group.name, (read, written))[0],
                output_bytes=moved.get(group.name, (read, written))[1],
                work=tuple(map(sum, zip(*(row.work for row in mine), strict=True))),
                layers=len(dict.fromkeys(row.name for row in mine)),
            )
        )
    return rows


def _by_kind(costs: tuple[NodeCost, ...], nodes: list[Row], layers: list[Row]) -> list[Row]:
    """One row per kind of operator, dearest first; norms and activations are kinds of their own.

    Bytes moved are those of the layers, booked on the operator that leads the layer.
    """
    moved = {row.name: (row.input_bytes, row.output_bytes) for row in layers}
    kinds: dict[str, list[tuple[Row, tuple[int, int]]]] = {}
    for cost, row in zip(costs, nodes, strict=True):
        kinds.setdefault(cost.node.operator.kind(), []).append((row, moved.pop(row.name, (0, 0))))
    rows = []
    for kind, found in kinds.items():
        mine = [row for row, _ in found]
        rows.append(
            Row(
                name=kind,
                op=mine[0].op,
                input="",
                output="",
                total=sum(row.total for row in mine),
                params=sum(row.params for row in mine),
                weights=sum(row.weights for row in mine),
                buffers=sum(row.buffers for row in mine),
                weight_bytes=sum(row.weight_bytes for row in mine),
                input_bytes=sum(bytes_in for _, (bytes_in, _) in found),
                output_bytes=sum(bytes_out for _, (_, bytes_out) in found),
                work=tuple(map(sum, zip(*(row.work for row in mine), strict=True))),
                layers=len(mine),
            )
        )
    return sorted(rows, key=lambda row: (-row.total, -row.params))
