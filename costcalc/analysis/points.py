"""Sweeps as a person asks for them: networks and axes read into a plan, the plan's blocks, and their rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from costcalc.analysis.axes import read_axis
from costcalc.analysis.budget import Budget, must_count
from costcalc.analysis.sweep import Block, Invalid, Subject, evaluated
from costcalc.analysis.tiles import Tile, tiles
from costcalc.conventions import Convention, load_convention
from costcalc.errors import UsageError
from costcalc.graph import bind
from costcalc.graph.binding import checked
from costcalc.quantity import as_text
from costcalc.spec import catalogue
from costcalc.spec.settings import exact
from costcalc.transform.name import read_name, with_steps

MOST_ROWS = 2_000_000
"""Points of a sweep that are held as rows."""
MOST_POINTS = 10**10
"""Points of a sweep that are written as they are computed."""
ALWAYS = ("alpha", "beta", "resolution")
"""Settings that every row has."""
_MOST_AXES = 16


class Entry(NamedTuple):
    """One network of a sweep: `name` as asked for, every setting's value where no axis changes it, the axes, the
    published top-1 by its settings."""

    name: str
    subject: Subject
    settings: dict[str, Any]
    axes: dict[str, list[Any]]
    top1: list[tuple[dict[str, Any], float]]


class Plan(NamedTuple):
    """A sweep that is still to be walked. `settings` are the columns of its rows before the total; `asked` are those
    that a person set."""

    entries: tuple[Entry, ...]
    settings: tuple[str, ...]
    asked: frozenset[str]
    convention: Convention
    points: int
    budgets: tuple[Budget, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its rows."""
        return ("network", *self.settings, *self.figures, "top1")

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns of whole numbers."""
        return self.entries[0].subject.columns

    def tiles(self, most: int) -> Iterator[tuple[Entry, Tile]]:
        """The whole sweep in the order of its rows, at most so many points at a time."""
        return ((entry, tile) for entry in self.entries for tile in tiles(entry.axes, most))


def plan_sweep(
    networks: Sequence[str], axes: Mapping[str, Any], convention: str, bits: int, budgets: Sequence[Budget] = ()
) -> Plan:
    """Read a sweep; only points within the budgets are kept.

    Raises UsageError for unknown networks, axes or budgets that make no sense, or too many points.
    """
    if len(axes) > _MOST_AXES:
        raise UsageError(f"{len(axes)} axes", expected=f"at most {_MOST_AXES}")
    chosen = load_convention(convention)
    for budget in budgets:
        must_count(chosen, budget.measure)
    read = {
        key: read_axis(key, values) if isinstance(values, str) else [exact(value) for value in values]
        for key, values in axes.items()
    }
    points = math.prod(map(len, read.values())) * len(networks)
    if not 0 < points <= MOST_POINTS:
        raise UsageError(f"{points} points", expected=f"1 to {MOST_POINTS}")
    entries = tuple(_entry(network, read, chosen, bits) for network in networks)
    named = [key for network in networks for key in read_name(network).settings]
    asked = list(dict.fromkeys([*read, *named]))
    settings = (*ALWAYS, *(key for key in asked if key not in ALWAYS))
    return Plan(entries, settings, frozenset(asked), chosen, points, tuple(budgets))


def _entry(network: str, axes: Mapping[str, list[Any]], convention: Convention, bits: int) -> Entry:
    asked = read_name(network)
    asked.with_settings(axes)  # none may be set in both
    spec, name = catalogue.open_network(asked.network, published=True)
    asked.check_settings(spec.settings)
    settings = bind(spec, name, asked.settings).settings
    own = {key: settings[key] for key in asked.settings}
    checks = {key: [checked(spec, key, value) for value in values] for key, values in axes.items()}
    steps = "@".join(map(str, asked.steps))
    printed = [
        (bind(spec, name).settings | row.settings, float(row.figures["top1"]))
        for row in spec.published
        if "top1" in row.figures and (row.variant or spec.name) == name and row.transform == steps
    ]
    subject = Subject(spec, name, own, asked.steps, convention, bits)
    return Entry(with_steps(name, asked.steps), subject, settings, checks, printed)


def block_of(plan: Plan, entry: Entry, tile: Tile) -> Block:
    """The figures of one network at the points of a tile; points over a budget are not valid."""
    block = evaluated(entry.subject, tile, entry.subject.columns)
    for budget in plan.budgets:
        block.valid[:] &= (block.figures[budget.measure] <= budget.limit).astype(bool)
    return block


def left_out(entry: Entry, gone: Invalid) -> str:
    """Which points have no network, and why, in a line or a few."""
    where = ", ".join(f"{key} {as_text(value)}" for key, value in gone.first.items())
    more = f" and {gone.points - 1} more points" if gone.points > 1 else ""
    return f"{entry.name} at {where}{more}: {gone.reason}"


def no_network(what: str) -> UsageError:
    """The error for a point without a network."""
    return UsageError(what, expected="points that have a network, or --skip-invalid to leave them out")


def shown(key: str, value: Any) -> Any:
    """A setting's value in a row: alpha and beta are exact, so text; whole numbers and flags are themselves."""
    return (
        value if isinstance(value, int) and key not in ("alpha", "beta") else None if value is None else as_text(value)
    )


def published(entry: Entry, tile: Tile) -> dict[tuple[int, int], float]:
    """The published top-1 at points of a tile; the first that the authors quote for a point counts."""
    found: dict[tuple[int, int], float] = {}
    axes = (*tile.channel_names, *tile.position_names)
    wanted = [
        (printed, top1)
        for printed, top1 in entry.top1
        if all(printed[key] == value for key, value in {**entry.settings, **tile.fixed}.items() if key not in axes)
    ]
    if not wanted:
        return {}
    rows = {point: index for index, point in enumerate(tile.channel_points)}
    columns = {point: index for index, point in enumerate(tile.position_points)}
    for printed, top1 in wanted:
        row = rows.get(tuple(printed[key] for key in tile.channel_names))
        column = columns.get(tuple(printed[key] for key in tile.position_names))
        if row is not None and column is not None:
            found.setdefault((row, column), top1)
    return found


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep as rows of plain values, and the points that have no network.

    `asked` are the settings that were asked for; rows also have alpha, beta and resolution where they were not.
    """

    rows: list[dict[str, Any]] = field(repr=False)
    invalid: list[str]
    convention: Convention
    asked: frozenset[str]

    @property
    def shown_rows(self) -> list[dict[str, Any]]:
        """The rows for people: without settings that nobody asked for, and without top1 where nobody publishes any."""
        gone = set(ALWAYS) - self.asked
        if all(row["top1"] is None for row in self.rows):
            gone.add("top1")
        return [{key: value for key, value in row.items() if key not in gone} for row in self.rows]


def sweep_points(plan: Plan, skip_invalid: bool) -> Sweep:
    """All rows of a plan. Raises UsageError for more than fit, and for points without a network unless left out."""
    if plan.points > MOST_ROWS:
        raise UsageError(
            f"{plan.points} points",
            expected=f"at most {MOST_ROWS}, or a file of more: --output FILE.csv, .jsonl, .parquet",
        )
    rows: list[dict[str, Any]] = []
    invalid: list[str] = []
    for entry, tile in plan.tiles(MOST_ROWS):
        block = block_of(plan, entry, tile)
        invalid += [left_out(entry, gone) for gone in block.invalid]
        if block.invalid and not skip_invalid:
            raise no_network(invalid[0])
        rows += _rows(plan, entry, block)
    return Sweep(rows, invalid, plan.convention, plan.asked)


def _rows(plan: Plan, entry: Entry, block: Block) -> Iterator[dict[str, Any]]:
    figures = {key: values.tolist() for key, values in block.figures.items()}
    valid = block.valid.tolist()
    top1 = published(entry, block.tile)
    for i in range(len(block.tile.channel_points)):
        for j in range(len(block.tile.position_points)):
            if not valid[i][j]:
                continue
            settings = {**entry.settings, **block.tile.settings(i, j)}
            yield {
                "network": entry.name,
                **{key: shown(key, settings.get(key)) for key in plan.settings},
                **{key: values[i][j] for key, values in figures.items()},
                "top1": top1.get((i, j)),
            }
