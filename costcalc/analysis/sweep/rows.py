"""The points of a sweep as columns, and as rows of plain values: the one road from blocks to every way out."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import compress
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from costcalc.analysis.near import Near
from costcalc.analysis.records import ALL, Arrangement
from costcalc.analysis.sweep.evaluate import Block
from costcalc.analysis.sweep.near import near_point
from costcalc.analysis.sweep.plan import ALWAYS, Entry, Plan, check_names, declares_formats, left_out, no_network
from costcalc.analysis.sweep.processes import in_order
from costcalc.analysis.sweep.published import published
from costcalc.analysis.sweep.tiles import Tile
from costcalc.counting import Convention, Counting
from costcalc.errors import UsageError
from costcalc.graph.binding import scaled_side
from costcalc.quantity import as_text
from costcalc.typed.columns import Column

if TYPE_CHECKING:
    import numpy as np

MOST_ROWS = 2_000_000
"""Points of a sweep that are held as rows."""

Columns: TypeAlias = dict[str, list[Any]]
"""Values by column, in the order of the rows; None where there is none."""


class Part(NamedTuple):
    """Some of a sweep's points as columns; `left_out` tells of points that have no network, `near` of those that miss
    a budget by a hundredth at most."""

    points: int
    columns: Columns
    left_out: list[str]
    near: list[Near]


def parts(plan: Plan, most: int, jobs: int = 1) -> Generator[Part, None, None]:
    """The whole sweep in the order of its rows, at most so many points at a time.

    With `jobs` above 1, so many processes compute at once; the rows keep their order. Close the iterator.
    """
    return in_order(partial(_part, plan), plan.tiles(most), jobs)


def _part(plan: Plan, where: tuple[Entry, Tile]) -> Part:
    entry, tile = where
    block = plan.block(entry, tile)
    rows, columns = tile.shape
    found = columns_of(plan, entry, block, block.valid)
    gone = [left_out(entry, gone) for gone in block.invalid]
    return Part(rows * columns, found, gone, list(_near(plan, entry, block)) if block.near.any() else [])


def _near(plan: Plan, entry: Entry, block: Block) -> Iterator[Near]:
    """The points that miss a budget by a hundredth at most."""
    words = {budget.measure: f"figure of {budget.measure}" for budget in plan.budgets}  # a setting may be called so too
    measures = tuple(Column(word, name) for name, word in words.items())
    found = columns_of(plan._replace(columns=measures), entry, block, block.near)
    for values in zip(*found.values(), strict=True):
        row = dict(zip(found, values, strict=True))
        figures = {name: row[word] for name, word in words.items()}
        point = near_point(row, entry.axes, plan.budgets, figures.__getitem__)
        if point is not None:
            yield point


def shown(key: str, value: Any) -> Any:
    """A setting's value in a row: alpha and beta are exact, so text; whole numbers and flags are themselves."""
    return (
        value if isinstance(value, int) and key not in ("alpha", "beta") else None if value is None else as_text(value)
    )


def columns_of(plan: Plan, entry: Entry, block: Block, wanted: np.ndarray) -> Columns:
    """A block's points as columns, where they are wanted."""
    tile = block.tile
    rows, across = tile.shape
    found: Columns = {"network": [entry.name] * (rows * across)}
    for key in plan.settings:
        if key in tile.channel_names:
            place = tile.channel_names.index(key)
            values = [shown(key, point[place]) for point in tile.channel_points]
            found[key] = [value for value in values for _ in range(across)]
        elif key in tile.position_names:
            place = tile.position_names.index(key)
            found[key] = [shown(key, point[place]) for point in tile.position_points] * rows
        elif key == "resolution" and key in entry.settings:  # a graph that was built by hand has none
            found[key] = _sides(entry, tile) * rows
        else:
            found[key] = [shown(key, {**entry.settings, **tile.fixed}.get(key))] * (rows * across)
    for column in plan.columns:
        if column.is_published:
            figures: list[Any] = [None] * (rows * across)
            for (row, place), value in published(column.name, entry, tile).items():
                figures[row * across + place] = value
        else:
            matrix = block.figures[column.name]
            figures = matrix.ravel().tolist()
            if matrix.dtype.kind == "f":
                figures = [None if isnan(value) else value for value in figures]
        found[column.word] = figures
    if wanted.all():
        return found
    kept = wanted.ravel().tolist()
    return {key: list(compress(values, kept)) for key, values in found.items()}


def _sides(entry: Entry, tile: Tile) -> list[Any]:
    """The input's side at each position point where no axis gives it: beta shrinks it."""
    settings = {**entry.settings, **tile.fixed}
    side = settings["resolution"]
    if "beta" in tile.position_names:
        place = tile.position_names.index("beta")
        betas = [point[place] for point in tile.position_points]
    else:
        betas = [settings["beta"]] * len(tile.position_points)
    is_asked = "resolution" in tile.fixed or "resolution" in entry.network.given
    return [shown("resolution", side if is_asked else scaled_side(side, beta)) for beta in betas]


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep as rows of plain values, and the points that have no network.

    `written` are the rows as files have them: exact settings (alpha, beta) as text.
    `asked` are the settings that were asked for; rows also have alpha, beta and resolution where they were not.
    `declares_formats` says who gives some tensors number formats of their own: a row of a spec, a recipe, "" if nobody.
    `settings` are all that rows have; `near` are points that miss a budget by a hundredth at most; `candidates` are the
    rows of a search for the best, shown or not.
    """

    written: list[dict[str, Any]] = field(repr=False)
    invalid: list[str]
    counting: Counting
    asked: frozenset[str]
    declares_formats: str = ""
    settings: tuple[str, ...] = ALWAYS
    near: tuple[Near, ...] = ()
    candidates: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows with every setting as a number, exact: 1, 0.75, or Fraction(6, 7)."""
        exact = set(self.settings)
        return [{key: _number(value) if key in exact else value for key, value in row.items()} for row in self.written]

    @property
    def convention(self) -> Convention:
        """How the total is counted."""
        return self.counting.convention

    @property
    def drawn_rows(self) -> list[dict[str, Any]]:
        """The rows for pictures: without settings that nobody asked for."""
        gone = set(ALWAYS) - self.asked
        return [{key: value for key, value in row.items() if key not in gone} for row in self.written]

    @property
    def shown_rows(self) -> list[dict[str, Any]]:
        """The rows for people: without settings that nobody asked for, and without top1 where nobody publishes any."""
        gone = set(ALWAYS) - self.asked
        if all(row.get("top1") is None for row in self.written):
            gone.add("top1")
        return [{key: value for key, value in row.items() if key not in gone} for row in self.written]


_NUMBER = re.compile(r"\d+(\.\d+)?(/\d+)?")


def _number(value: Any) -> Any:
    """A setting as an exact number if its text is one: a decimal as a float, where one prints so."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    number = Fraction(value)
    if number.denominator == 1:
        return number.numerator
    return float(number) if Fraction(str(float(number))) == number else number


def sweep_rows(plan: Plan, skip_invalid: bool, arrangement: Arrangement = ALL) -> Sweep:
    """The rows of a plan, as arranged. Raises UsageError for more than fit, and for a point without a network."""
    if plan.points > MOST_ROWS:
        raise UsageError(
            f"{plan.points} points",
            expected=f"at most {MOST_ROWS}, or a file of more: --output FILE.csv, .jsonl, .parquet",
        )
    rows: list[dict[str, Any]] = []
    invalid: list[str] = []
    near: list[Near] = []
    further = arrangement.further(plan.columns)
    check_names(plan.settings, further)
    plan = plan._replace(columns=(*plan.columns, *further))
    for part in parts(plan, MOST_ROWS):
        invalid += part.left_out
        near += part.near
        if part.left_out and not skip_invalid:
            raise no_network(invalid[0])
        rows += [dict(zip(part.columns, values, strict=True)) for values in zip(*part.columns.values(), strict=True)]
    words = {column.name: column.word for column in plan.columns}

    def value(row: dict[str, Any], key: Column | str) -> Any:
        return row[words[key.name] if isinstance(key, Column) else key]

    if arrangement != ALL:
        hidden = {column.word for column in further}
        arranged = arrangement.of(rows, value)
        rows = [{key: value for key, value in row.items() if key not in hidden} for row in arranged]
    return Sweep(rows, invalid, plan.counting, plan.asked, declares_formats(plan), plan.settings, tuple(near))
