"""A network at every point of a grid of settings, walked once per part of the grid that has the same structure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from costcalc import grid
from costcalc.analysis import memory
from costcalc.analysis.layers import data_bytes, gather
from costcalc.analysis.tiles import Tile
from costcalc.conventions import Convention
from costcalc.engine import walk
from costcalc.errors import CostcalcError
from costcalc.graph import Graph, bind, expand
from costcalc.quantity import Quantity
from costcalc.spec.model import Spec
from costcalc.transform.name import Step, rewrite

COLUMNS = ("params", "weight_bytes", "activation_bytes", "peak_activation_bytes", "traffic_bytes")
"""What is computed beside the convention's total."""


class Invalid(NamedTuple):
    """Points of the grid at which there is no network, and why."""

    points: int
    first: dict[str, Any]
    reason: str


class Block(NamedTuple):
    """The figures at the points of a tile.

    `figures` maps each column to a matrix of whole numbers, channel points down; `valid` says where there is a network.
    """

    tile: Tile
    figures: dict[str, np.ndarray]
    valid: np.ndarray
    invalid: list[Invalid]


class Subject(NamedTuple):
    """A network of a sweep: the spec, the network's name and settings in it, transforms, and how it is counted."""

    spec: Spec
    name: str
    settings: dict[str, Any]
    steps: tuple[Step, ...]
    convention: Convention
    bits: int

    @property
    def columns(self) -> tuple[str, ...]:
        """What is computed at each point."""
        return (self.convention.total, *COLUMNS)


def evaluated(subject: Subject, tile: Tile, columns: Sequence[str]) -> Block:
    """The figures at every point of a tile, whose values must have been checked.

    Points without a network are told in the block, never guessed.
    """
    block = Block(
        tile,
        {key: np.zeros(tile.shape, dtype=np.int64) for key in columns},
        np.zeros(tile.shape, dtype=bool),
        [],
    )
    _Walker(subject, block).walk(*map(np.arange, tile.shape))
    return block


class _Walker:
    def __init__(self, subject: Subject, block: Block) -> None:
        self.subject, self.block, self.tile = subject, block, block.tile

    def walk(self, rows: np.ndarray, across: np.ndarray) -> None:
        """Fill a part of the block; where its structure differs, walk the parts that agree by themselves."""
        try:
            figures = self.figures(rows, across)
        except grid.Split as split:
            for part_rows, part_across in _parts(split, rows, across):
                self.walk(part_rows, part_across)
            return
        except CostcalcError as error:  # the condition that fails fails at every point of this part
            first = self.tile.settings(int(rows[0]), int(across[0]))
            reason = self.reason(first) or getattr(error, "message", str(error))
            self.block.invalid.append(Invalid(len(rows) * len(across), first, reason))
            return
        if (len(rows), len(across)) == self.tile.shape:
            self.block.figures.update(figures)
            self.block.valid[:] = True
            return
        where = np.ix_(rows, across)
        for key, values in figures.items():
            if values.dtype == object:
                self.block.figures[key] = self.block.figures[key].astype(object)
            self.block.figures[key][where] = values
        self.block.valid[where] = True

    def reason(self, point: dict[str, Any]) -> str:
        """Why there is no network at a point, said as a report says it: in its numbers, not in a grid's."""
        subject = self.subject
        try:
            rewrite(expand(bind(subject.spec, subject.name, subject.settings | point)), subject.steps)
        except CostcalcError as error:
            return str(getattr(error, "message", error))
        return ""

    def figures(self, rows: np.ndarray, across: np.ndarray) -> dict[str, np.ndarray]:
        """Every column over one part, as exact matrices."""
        spec, name, settings, steps, convention, bits = self.subject
        tile = self.tile
        swept = {
            key: grid.channel([tile.channel_points[row][index] for row in rows])
            for index, key in enumerate(tile.channel_names)
        } | {
            key: grid.position([tile.position_points[column][index] for column in across])
            for index, key in enumerate(tile.position_names)
        }
        binding = bind(spec, name, settings | tile.fixed, swept)
        graph, _ = rewrite(expand(binding), steps)
        costs = walk(graph)
        batch = binding.batch
        shape = (len(rows), len(across))
        params = [convention.count_params(cost) for cost in costs]
        wanted = set(self.block.figures)
        result = {
            convention.total: total([convention.count(cost) for cost in costs], *shape) * batch,
            "params": total(params, *shape),
        }
        if wanted & set(COLUMNS[1:]):
            groups = gather(graph, lambda node: node.layer)
            weights = [data_bytes(sum(params[i] for i in group.nodes), bits) for group in groups]
            written = [data_bytes(group.written(graph) * batch, bits) for group in groups]
            result["weight_bytes"] = total(weights, *shape)
            result["activation_bytes"] = total(written, *shape)
            read = [data_bytes(group.read(graph) * batch, bits) for group in groups]
            result["traffic_bytes"] = result["weight_bytes"] + result["activation_bytes"] + total(read, *shape)
        if "peak_activation_bytes" in wanted:
            result["peak_activation_bytes"] = -(-_peak(graph, *shape) * batch * bits // 8)
        return {key: values for key, values in result.items() if key in wanted}


def _parts(split: grid.Split, rows: np.ndarray, across: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The part of the grid where a condition holds and the part where it does not; a matrix is cut row by row."""
    mask = split.mask
    if split.side == grid.CHANNEL:
        return [(rows[mask], across), (rows[~mask], across)]
    if split.side == grid.POSITION:
        return [(rows, across[mask]), (rows, across[~mask])]
    kinds, belongs = np.unique(np.broadcast_to(mask, (len(rows), len(across))), axis=0, return_inverse=True)
    parts = []
    for index, kind in enumerate(kinds):
        mine = rows[belongs.ravel() == index]
        parts += [(mine, across[side]) for side in (kind, ~kind) if side.any()]
    return parts


def total(parts: Sequence[Quantity], channels: int, positions: int) -> np.ndarray:
    """The sum of whole numbers and grids as a matrix, channel points down, position points across: one matrix product.

    In float64 if every sum stays below 2^53, where floats are exact; in Python ints otherwise.
    """
    constant = 0
    left: list[Any] = []
    right: list[Any] = []
    rest: Any = 0
    for part in parts:
        if not isinstance(part, grid.Grid):
            constant += part
            continue
        assert part.denominator == 1, "totals are whole numbers"
        for c, p in part.terms:
            if isinstance(c, int) or c.ndim == 1:
                left.append(c)
                right.append(p)
            else:
                rest = rest + grid.Grid(((c, p),)).numerators(grid.MATRIX)
    left.append(constant)
    right.append(1)
    if all(isinstance(p, int) for p in right) and isinstance(rest, int):  # the same at every position point
        along = grid.Grid(tuple(zip(left, right, strict=True))).numerators(grid.CHANNEL)
        return np.broadcast_to(np.reshape(along, (-1, 1)) + rest, (channels, positions))
    most = sum(grid.bound(c) * grid.bound(p) for c, p in zip(left, right, strict=True))
    kind: Any = np.float64 if most < 2**53 else object
    columns = np.empty((channels, len(left)), dtype=kind)
    across = np.empty((len(right), positions), dtype=kind)
    for index, (c, p) in enumerate(zip(left, right, strict=True)):
        columns[:, index] = c
        across[index, :] = p
    product = columns @ across
    if most + grid.bound(rest) < 2**62:
        product = product.astype(np.int64)
    return np.asarray(product + rest)


def _peak(graph: Graph, channels: int, positions: int) -> np.ndarray:
    """The peak of activation memory at each point, in elements of one sample."""
    alive: Any = 0
    best: Any = 0
    held: dict[int, np.ndarray] = {}  # of the sizes that are alive: more would not fit into memory
    for step in memory.lifetimes(graph):
        if not isinstance(step.born, int) or step.born:
            held[id(step.born)] = total([step.born], channels, positions)
            alive = alive + held[id(step.born)]
            best = np.maximum(best, alive)
        for size in step.died:
            gone = held.pop(id(size), None)
            alive = alive - (total([size], channels, positions) if gone is None else gone)
    return np.asarray(best)
