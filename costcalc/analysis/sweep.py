"""A network at every point of a grid of settings, walked once per part of the grid that has the same structure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from costcalc import grid
from costcalc.analysis import memory
from costcalc.analysis.layers import data_bytes, gather
from costcalc.conventions import Convention
from costcalc.engine import walk
from costcalc.errors import CostcalcError
from costcalc.graph import Graph, bind, expand
from costcalc.graph.binding import POSITION_SETTINGS
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
    """The figures at a grid of points: channel points down, position points across.

    `figures` maps each column to a matrix of whole numbers; `valid` says where there is a network.
    """

    fixed: dict[str, Any]
    channel_names: tuple[str, ...]
    channel_points: list[tuple[Any, ...]]
    position_names: tuple[str, ...]
    position_points: list[tuple[Any, ...]]
    figures: dict[str, np.ndarray]
    valid: np.ndarray
    invalid: list[Invalid]

    def settings(self, row: int, column: int) -> dict[str, Any]:
        """The settings of one point."""
        return {
            **self.fixed,
            **dict(zip(self.channel_names, self.channel_points[row], strict=True)),
            **dict(zip(self.position_names, self.position_points[column], strict=True)),
        }


def is_number(value: Any) -> bool:
    """Whether a setting's value can lie along a side of the grid."""
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def sweep(
    spec: Spec,
    name: str,
    axes: Mapping[str, Sequence[Any]],
    convention: Convention,
    bits: int,
    columns: Sequence[str] = COLUMNS,
    steps: tuple[Step, ...] = (),
) -> Iterator[Block]:
    """One block per combination of words, flags and batches; numbers lie along the sides of a block.

    Values must have been checked. Points without a network are told in the block, never guessed.
    """
    apart = {key for key, values in axes.items() if key == "batch" or not all(map(is_number, values))}
    sides = {
        side: [key for key in axes if key not in apart and (key in POSITION_SETTINGS) is (side == grid.POSITION)]
        for side in (grid.CHANNEL, grid.POSITION)
    }
    for combination in itertools.product(*(axes[key] for key in axes if key in apart)):
        fixed = dict(zip((key for key in axes if key in apart), combination, strict=True))
        points = {side: list(itertools.product(*(axes[key] for key in keys))) for side, keys in sides.items()}
        rows, across = points[grid.CHANNEL], points[grid.POSITION]
        figures = {key: np.zeros((len(rows), len(across)), dtype=np.int64) for key in (convention.total, *columns)}
        block = Block(
            fixed,
            tuple(sides[grid.CHANNEL]),
            rows,
            tuple(sides[grid.POSITION]),
            across,
            figures,
            np.zeros((len(rows), len(across)), dtype=bool),
            [],
        )
        _Walker(spec, name, convention, bits, block, steps).walk(np.arange(len(rows)), np.arange(len(across)))
        yield block


class _Walker:
    def __init__(
        self, spec: Spec, name: str, convention: Convention, bits: int, block: Block, steps: tuple[Step, ...]
    ) -> None:
        self.spec, self.name, self.convention, self.bits, self.block = spec, name, convention, bits, block
        self.steps = steps

    def walk(self, rows: np.ndarray, across: np.ndarray) -> None:
        """Fill a part of the block; where its structure differs, walk the parts that agree by themselves."""
        try:
            figures = self.figures(rows, across)
        except grid.Split as split:
            for part_rows, part_across in _parts(split, rows, across):
                self.walk(part_rows, part_across)
            return
        except CostcalcError as error:  # the condition that fails fails at every point of this part
            first = self.block.settings(int(rows[0]), int(across[0]))
            self.block.invalid.append(Invalid(len(rows) * len(across), first, str(error)))
            return
        if (len(rows), len(across)) == self.block.valid.shape:
            self.block.figures.update(figures)
            self.block.valid[:] = True
            return
        where = np.ix_(rows, across)
        for key, values in figures.items():
            if values.dtype == object:
                self.block.figures[key] = self.block.figures[key].astype(object)
            self.block.figures[key][where] = values
        self.block.valid[where] = True

    def figures(self, rows: np.ndarray, across: np.ndarray) -> dict[str, np.ndarray]:
        """Every column over one part, as exact matrices."""
        block = self.block
        swept = {
            key: grid.channel([block.channel_points[row][index] for row in rows])
            for index, key in enumerate(block.channel_names)
        } | {
            key: grid.position([block.position_points[column][index] for column in across])
            for index, key in enumerate(block.position_names)
        }
        binding = bind(self.spec, self.name, block.fixed, swept)
        graph, _ = rewrite(expand(binding), self.steps)
        costs = walk(graph)
        batch = binding.batch
        shape = (len(rows), len(across))
        params = [self.convention.count_params(cost) for cost in costs]
        wanted = set(block.figures)
        result = {
            self.convention.total: total([self.convention.count(cost) for cost in costs], *shape) * batch,
            "params": total(params, *shape),
        }
        if wanted & set(COLUMNS[1:]):
            groups = gather(graph, lambda node: node.layer)
            weights = [data_bytes(sum(params[i] for i in group.nodes), self.bits) for group in groups]
            written = [data_bytes(group.written(graph) * batch, self.bits) for group in groups]
            result["weight_bytes"] = total(weights, *shape)
            result["activation_bytes"] = total(written, *shape)
            read = [data_bytes(group.read(graph) * batch, self.bits) for group in groups]
            result["traffic_bytes"] = result["weight_bytes"] + result["activation_bytes"] + total(read, *shape)
        if "peak_activation_bytes" in wanted:
            result["peak_activation_bytes"] = -(-_peak(graph, *shape) * batch * self.bits // 8)
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
    sizes: dict[int, np.ndarray] = {}

    def matrix(size: Quantity) -> np.ndarray:
        return sizes.setdefault(id(size), total([size], channels, positions))

    steps = memory.lifetimes(graph)
    for step in steps:
        alive = alive + matrix(step.born)
        best = np.maximum(best, alive)
        for size in step.died:
            alive = alive - matrix(size)
    return np.asarray(best)
