"""A sweep that is still to be walked: networks, axes, measures and budgets, each checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from costcalc.analysis.near import loosened
from costcalc.analysis.sweep.evaluate import Block, Invalid, evaluated
from costcalc.analysis.sweep.tiles import Tile, tiles
from costcalc.counting import Convention, Counting
from costcalc.errors import CostcalcError, UsageError
from costcalc.graph import Graph
from costcalc.network import Network
from costcalc.quantity import as_text
from costcalc.typed.budgets import Budget, must_count
from costcalc.typed.columns import USUAL, Column, columns_named

MOST_POINTS = 10**10
"""Points of a sweep that are written as they are computed."""
MOST_NEAR = 10_000
"""Points of a sweep among which those that just miss a budget are looked for."""
ALWAYS = ("alpha", "beta", "resolution")
"""Settings that every row has."""
NAME = "network"
"""The column of every row that says what the network is called."""
_MOST_AXES = 16


class Entry(NamedTuple):
    """One network of a sweep, every setting's value where no axis changes it, the axes, and what it is called."""

    network: Network
    settings: dict[str, Any]
    axes: dict[str, list[Any]]
    name: str


class Plan(NamedTuple):
    """A sweep that is still to be walked. `settings` are the columns of its rows before the figures; `asked` are those
    that a person set."""

    entries: tuple[Entry, ...]
    settings: tuple[str, ...]
    asked: frozenset[str]
    columns: tuple[Column, ...]
    counting: Counting
    points: int
    budgets: tuple[Budget, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """The columns of its rows."""
        return (NAME, *self.settings, *(column.word for column in self.columns))

    def tiles(self, most: int) -> Iterator[tuple[Entry, Tile]]:
        """The whole sweep in the order of its rows, at most so many points at a time."""
        return ((entry, tile) for entry in self.entries for tile in tiles(entry.axes, most, entry.network.rates))

    def block(self, entry: Entry, tile: Tile) -> Block:
        """The figures of one network at the points of a tile; points over a budget are not valid.

        Of few points those that are near the budgets are told, and the figures that these are about.
        """
        looser = self.budgets if self.points <= MOST_NEAR else ()
        bounded = [budget.measure for budget in looser]
        measures = [column.name for column in self.columns if not column.is_published]
        every = list(dict.fromkeys([*measures, *bounded]))
        return evaluated(entry.network, self.counting, tile, every, self.budgets, list(map(loosened, looser)))


def plan_sweep(
    networks: Sequence[Network],
    axes: Mapping[str, Sequence[Any]],
    counting: Counting,
    columns: Sequence[Column] | None = None,
    budgets: Sequence[Budget] = (),
    names: Sequence[str] = (),
) -> Plan:
    """Check a sweep; only points within the budgets are kept. Without columns the usual ones, without names their own.

    Raises UsageError for axes or budgets that make no sense, or too many points.
    """
    if len(axes) > _MOST_AXES:
        raise UsageError(f"{len(axes)} axes", expected=f"at most {_MOST_AXES}")
    for budget in budgets:
        must_count(counting.convention, budget)
    points = math.prod(map(len, axes.values())) * len(networks)
    if not 0 < points <= MOST_POINTS:
        raise UsageError(f"{points} points", expected=f"1 to {MOST_POINTS}")
    called = names or names_of(networks)
    entries = tuple(_entry(network, axes, name) for network, name in zip(networks, called, strict=True))
    if not counting.is_uniform:
        for entry in entries:
            _check_patterns(entry, counting, several=len(entries) > 1)
    named = [key for network in networks for key in network.given]
    asked = list(dict.fromkeys([*axes, *named]))
    settings = (*ALWAYS, *(key for key in asked if key not in ALWAYS))
    chosen = tuple(columns or usual_columns(counting.convention))
    check_names(settings, chosen)
    return Plan(entries, settings, frozenset(asked), chosen, counting, points, tuple(budgets))


def check_names(settings: Sequence[str], columns: Sequence[Column]) -> None:
    """Raise UsageError if a setting is called as another column of the rows: one of the two would be lost."""
    for key in settings:
        if key == NAME or any(column.word == key for column in columns):
            raise UsageError(
                f"{key} is a setting of a network and a column of every row",
                expected="another name for the setting" + ("" if key == NAME else ", or columns without it"),
            )


def names_of(networks: Sequence[Network]) -> list[str]:
    """What rows call each network: its name with its transforms; of several files of a name, what was asked for."""
    files: dict[str, set[str]] = {}
    for network in networks:
        files.setdefault(network.name, set()).add(network.asked.partition("@")[0])
    return [network.asked if len(files[network.name]) > 1 else network.name for network in networks]


def _check_patterns(entry: Entry, counting: Counting, several: bool) -> None:
    """Raise UsageError for a pattern of formats that matches no layer at the first point, if that has a network."""
    if graph := _first_graph(entry):
        counting.check(graph.layers, entry.name if several else "")


def declares_formats(plan: Plan) -> str:
    """Who gives some tensors number formats of their own at the first point of a network that has one."""
    return max((graph.declares_formats for graph in map(_first_graph, plan.entries) if graph), default="")


def _first_graph(entry: Entry) -> Graph | None:
    """The graph at the first point, if that has a network."""
    try:
        return entry.network.at(**{key: values[0] for key, values in entry.axes.items()})
    except CostcalcError:
        return None


def usual_columns(convention: Convention) -> tuple[Column, ...]:
    """The columns of a sweep's rows after its settings, unless others are asked for."""
    return columns_named((convention.total, *USUAL, "top1"))


def _entry(network: Network, axes: Mapping[str, Sequence[Any]], name: str) -> Entry:
    for key in axes.keys() & network.given.keys():
        raise UsageError(f"{key} is set twice: in the network's name and beside it", expected=f"one value for {key}")
    network.check_as_written(axes)
    checks = {key: [network.checked(key, value) for value in values] for key, values in axes.items()}
    return Entry(network, network.settings, checks, name)


def left_out(entry: Entry, gone: Invalid) -> str:
    """Which points have no network, and why, in a line or a few."""
    where = ", ".join(f"{key} {as_text(value)}" for key, value in gone.first.items())
    others = gone.points - 1
    more = f" and {others} more point{'s' if others > 1 else ''}" if others else ""
    return f"{entry.name} at {where}{more}: {gone.reason}"


def no_network(what: str) -> UsageError:
    """The error for a point without a network: the first line of what `left_out` says, as a message is one line."""
    return UsageError(
        what.partition("\n")[0], expected="points that have a network, or --skip-invalid to leave them out"
    )
