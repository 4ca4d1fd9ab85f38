"""A network at every point of a tile of settings, walked once per part of the tile that has the same structure.

What is decided on plain numbers only, such as the best order of execution, is walked point by point.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from costcalc import grid
from costcalc.analysis.sweep.tiles import Tile
from costcalc.counting import Counting
from costcalc.errors import CostcalcError, UsageError
from costcalc.figures import TooWide
from costcalc.ledger import Ledger
from costcalc.measures import Ratio, measure_of
from costcalc.network import Network
from costcalc.quantity import NumbersNeeded, Quantity, as_text, is_exact
from costcalc.typed.budgets import Budget


class Invalid(NamedTuple):
    """Points of the grid at which there is no network, and why."""

    points: int
    first: dict[str, Any]
    reason: str


class Block(NamedTuple):
    """The figures at the points of a tile.

    `figures` maps each measure to a matrix, channel points down: whole numbers, or floats of a ratio. `valid` says
    where there is a network that keeps to the budgets, `near` where one misses them and keeps to looser ones.
    """

    tile: Tile
    figures: dict[str, np.ndarray]
    valid: np.ndarray
    near: np.ndarray
    invalid: list[Invalid]


class _Part(NamedTuple):
    """The figures of some rows and columns of a tile."""

    rows: np.ndarray
    across: np.ndarray
    figures: dict[str, np.ndarray]
    fits: np.ndarray
    near: np.ndarray


def evaluated(
    network: Network,
    counting: Counting,
    tile: Tile,
    measures: Sequence[str],
    budgets: Sequence[Budget] = (),
    looser: Sequence[Budget] = (),
) -> Block:
    """The figures at every point of a tile, whose values must have been checked.

    Points without a network are told in the block, never guessed; so are those that keep to the `looser` budgets alone.
    """
    walker = _Walker(network, counting, tile, measures, budgets, looser)
    walker.walk(*map(np.arange, tile.shape))
    return Block(tile, *walker.assembled(), walker.invalid)


class _Walker:
    def __init__(
        self,
        network: Network,
        counting: Counting,
        tile: Tile,
        measures: Sequence[str],
        budgets: Sequence[Budget],
        looser: Sequence[Budget],
    ) -> None:
        self.network, self.counting, self.tile = network, counting, tile
        self.measures, self.budgets, self.looser = measures, budgets, looser
        self.parts: list[_Part] = []
        self.invalid: list[Invalid] = []

    def walk(self, rows: np.ndarray, across: np.ndarray) -> None:
        """Evaluate a part of the tile; where its structure differs, the parts that agree by themselves."""
        try:
            self.parts.append(self.part(rows, across))
        except grid.Differs as split:
            for part_rows, part_across in _parts(split, rows, across):
                self.walk(part_rows, part_across)
        except NumbersNeeded:
            for row in rows:
                for column in across:
                    self.point(np.array([row]), np.array([column]))
        except CostcalcError as error:  # the condition that fails fails at every point of this part
            first = self.tile.settings(int(rows[0]), int(across[0]))
            reason = self.reason(first) or getattr(error, "message", str(error))
            self.invalid.append(Invalid(len(rows) * len(across), first, reason))

    def point(self, row: np.ndarray, column: np.ndarray) -> None:
        """Evaluate one point on plain numbers. Raises UsageError if the best order of its network cannot be found."""
        settings = self.tile.settings(int(row[0]), int(column[0]))
        try:
            ledger = Ledger(self.network.at(**settings), self.counting)
            self.parts.append(self.figures(ledger, row, column))
        except TooWide as error:
            where = ", ".join(f"{key} {as_text(value)}" for key, value in settings.items())
            raise UsageError(f"{self.network.name} at {where}: {error.message}", expected=error.expected) from None
        except CostcalcError as error:
            self.invalid.append(Invalid(1, settings, getattr(error, "message", str(error))))

    def reason(self, point: dict[str, Any]) -> str:
        """Why there is no network at a point, said as a report says it: in its numbers, not in a grid's."""
        try:
            self.network.at(**point)
        except CostcalcError as error:
            return str(getattr(error, "message", error))
        return ""

    def part(self, rows: np.ndarray, across: np.ndarray) -> _Part:
        """Every measure over one part of the tile."""
        tile = self.tile
        swept = {
            key: grid.channel([tile.channel_points[row][index] for row in rows])
            for index, key in enumerate(tile.channel_names)
        } | {
            key: grid.position([tile.position_points[column][index] for column in across])
            for index, key in enumerate(tile.position_names)
        }
        return self.figures(Ledger(self.network.at(**tile.fixed, **swept), self.counting), rows, across)

    def figures(self, ledger: Ledger, rows: np.ndarray, across: np.ndarray) -> _Part:
        """Every measure of a ledger as exact matrices."""
        shape = (len(rows), len(across))
        fits, near = (
            np.logical_and.reduce(
                [np.ones(shape, dtype=bool), *(_keeps(_figure(ledger, one.measure), one, shape) for one in budgets)]
            )
            for budgets in (self.budgets, self.looser)
        )
        figures = {key: _matrix(_figure(ledger, key), shape) for key in self.measures}
        return _Part(rows, across, figures, fits, near & ~fits if self.looser else np.zeros(shape, dtype=bool))

    def assembled(self) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """The parts as matrices of the whole tile, and where they keep to the budgets, or to the looser ones alone."""
        if len(self.parts) == 1 and self.parts[0].fits.shape == self.tile.shape:
            return self.parts[0].figures, self.parts[0].fits, self.parts[0].near
        valid, near = np.zeros(self.tile.shape, dtype=bool), np.zeros(self.tile.shape, dtype=bool)
        for part in self.parts:
            valid[np.ix_(part.rows, part.across)] = part.fits
            near[np.ix_(part.rows, part.across)] = part.near
        figures = {}
        for key in self.measures:
            kinds = [part.figures[key].dtype for part in self.parts]
            figures[key] = np.zeros(self.tile.shape, dtype=object if object in kinds else kinds[0] if kinds else int)
            for part in self.parts:
                figures[key][np.ix_(part.rows, part.across)] = part.figures[key]
        return figures, valid, near


class _Shares(NamedTuple):
    """A figure in fractions, as a convention may count: whole numbers, or a grid of such, of parts of one."""

    numerators: Quantity
    denominator: int


def _figure(ledger: Ledger, measure: str) -> Quantity:
    """A whole number or grid; of a ratio both numbers, even where nothing in them differs from point to point."""
    how = measure_of(measure).how
    if isinstance(how, Ratio):
        over, under = (_shares(ledger[part]) for part in (how.over, how.under))
        return grid.Ratio(over.numerators * under.denominator, under.numerators * over.denominator)
    found = _shares(ledger[measure])
    return found.numerators if found.denominator == 1 else found


def _shares(value: Quantity) -> _Shares:
    denominator = value.denominator
    if denominator == 1:
        return _Shares(value, 1)
    return _Shares(value.numerator if is_exact(value) else grid.Grid(value.terms), denominator)


def _matrix(value: Quantity, shape: tuple[int, int]) -> np.ndarray:
    if isinstance(value, grid.Ratio):
        return value.matrix(shape)
    if not isinstance(value, _Shares):
        return grid.matrix(value, shape)
    exact = [Fraction(int(one), value.denominator) for one in grid.matrix(value.numerators, shape).ravel()]
    cells = np.empty(len(exact), dtype=object)
    cells[:] = [one.numerator if one.denominator == 1 else float(one) for one in exact]
    return cells.reshape(shape)


def _keeps(value: Quantity, budget: Budget, shape: tuple[int, int]) -> np.ndarray:
    """Where a figure keeps to a budget, compared exactly; a ratio of nothing does."""
    over, under = value if isinstance(value, grid.Ratio | _Shares) else (value, 1)
    limit = budget.limit
    room = grid.matrix(under * limit.numerator - over * limit.denominator, shape)
    kept = room <= 0 if budget.is_least else room >= 0
    return np.asarray(kept | (grid.matrix(under, shape) == 0), dtype=bool)


def _parts(split: grid.Differs, rows: np.ndarray, across: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
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
