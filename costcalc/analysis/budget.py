"""Budgets: what a network may cost, what it does cost, and which layers cost most where it breaks one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from costcalc.analysis.summary import Dtype, Row, Summary
from costcalc.analysis.units import parse_bytes, parse_count
from costcalc.conventions import Convention
from costcalc.errors import Place, UsageError, nearest, one_of
from costcalc.graph import Graph

LARGEST = 3
"""Layers that are named where a budget breaks."""


class Measure(StrEnum):
    """What a budget can bound; the names are those of a report's totals."""

    MULT_ADDS = "mult_adds"
    FLOPS = "flops"
    PARAMS = "params"
    WEIGHT_BYTES = "weight_bytes"
    ACTIVATION_BYTES = "activation_bytes"
    PEAK_ACTIVATION_BYTES = "peak_activation_bytes"
    TRAFFIC_BYTES = "traffic_bytes"

    @property
    def option(self) -> str:
        """How the bound is written on the command line and in a file: `max-mult-adds`."""
        return "max-" + self.replace("_", "-")

    @property
    def is_bytes(self) -> bool:
        """Whether it is measured in bytes."""
        return self.endswith("bytes")

    @property
    def is_total(self) -> bool:
        """Whether it is the convention's total."""
        return self in _TOTALS


_TOTALS = (Measure.MULT_ADDS, Measure.FLOPS)
OPTIONS = {measure.option: measure for measure in Measure}
"""Every bound by the name under which it is written."""


class Budget(NamedTuple):
    """A bound: at most `limit`, in base units; `written` is how the person put it, `place` where."""

    measure: Measure
    limit: int
    written: str
    place: Place | None = None


class Subject(NamedTuple):
    """What is checked: a network by the name it was asked for, at settings, counted in one way."""

    network: str
    settings: Mapping[str, Any]
    convention: Convention
    dtype: Dtype


class Part(NamedTuple):
    """A layer's part in what broke a budget, and where the layer is written."""

    layer: str
    op: str
    cost: int
    place: Place


class Outcome(NamedTuple):
    """One budget and what was computed; `largest` names the dearest layers if it is broken.

    `left_out` names the operators that the convention has no rule for: the total is then a lower bound.
    """

    subject: Subject
    budget: Budget
    computed: int
    largest: tuple[Part, ...]
    left_out: tuple[str, ...] = ()

    @property
    def over(self) -> int:
        """How far above the limit; negative if there is room left."""
        return self.computed - self.budget.limit

    @property
    def holds(self) -> bool:
        """Whether the network keeps to the budget."""
        return self.over <= 0


def read_budget(measure: Measure, given: object, place: Place | None = None) -> Budget:
    """A budget from what a person wrote: `300M`, `14MB`, 3500000.

    Raises UsageError if it is no quantity, negative, or in a unit that does not fit the measure.
    """
    text = f"{given:,}" if type(given) is int else given if isinstance(given, str) else repr(given)
    parse = parse_bytes if measure.is_bytes else parse_count
    try:
        return Budget(measure, parse(text), text.strip(), place)
    except UsageError as error:
        raise UsageError(f"{measure.option}: {error.message}", expected=error.expected, nearest=error.nearest) from None


def read_budgets(given: Mapping[str, str | int | None]) -> list[Budget]:
    """Budgets by the names of options or parameters, `max-mult-adds` or `max_mult_adds`; None is no budget.

    Raises UsageError for an unknown name, with the nearest, and as `read_budget` does.
    """
    found = []
    for name, amount in given.items():
        option = name.replace("_", "-")
        if option not in OPTIONS:
            raise UsageError(
                f"unknown budget '{name[:40]}'", expected=one_of(OPTIONS), nearest=nearest(option, OPTIONS)
            )
        if amount is not None:
            found.append(read_budget(OPTIONS[option], amount))
    return found


def must_count(convention: Convention, measure: Measure) -> None:
    """Raises UsageError if the convention's total is not the total that the budget bounds."""
    if measure.is_total and measure != convention.total:
        fitting = [f"--{other.option}" for other in _TOTALS if other == convention.total]
        raise UsageError(
            f"{measure.option}: the convention {convention.name} counts {convention.total}, not {measure}",
            expected=" or ".join([*fitting, f"a convention that counts {measure}"]),
        )


def outcomes(subject: Subject, graph: Graph, summary: Summary, budgets: Iterable[Budget]) -> list[Outcome]:
    """Each budget beside what the network costs; `summary` has one row a layer.

    Raises UsageError if the convention does not count what a budget bounds.
    """
    places: dict[str, Place] = {}
    for node in graph.nodes:
        places.setdefault(node.layer, node.place)
    found = []
    for budget in budgets:
        must_count(subject.convention, budget.measure)
        computed = summary.totals.as_dict(subject.convention.total)[budget.measure]
        largest = _largest(budget.measure, summary, places) if computed > budget.limit else ()
        left_out = summary.left_out if budget.measure.is_total else ()
        found.append(Outcome(subject, budget, computed, largest, left_out))
    return found


_COST: dict[Measure, Callable[[Row], int]] = {
    Measure.MULT_ADDS: lambda row: row.total,
    Measure.FLOPS: lambda row: row.total,
    Measure.PARAMS: lambda row: row.params,
    Measure.WEIGHT_BYTES: lambda row: row.weight_bytes,
    Measure.ACTIVATION_BYTES: lambda row: row.output_bytes,
    Measure.TRAFFIC_BYTES: lambda row: row.traffic_bytes,
}
"""A layer's part in a total; a peak is no sum, it is at one layer."""


def _largest(measure: Measure, summary: Summary, places: Mapping[str, Place]) -> tuple[Part, ...]:
    if measure is Measure.PEAK_ACTIVATION_BYTES:
        rows = [row for row in summary.rows if row.name == summary.totals.peak_at]
        return tuple(Part(row.name, row.op, summary.totals.peak_activation_bytes, places[row.name]) for row in rows[:1])
    cost = _COST[measure]
    dearest = sorted(summary.rows, key=cost, reverse=True)[:LARGEST]
    return tuple(Part(row.name, row.op, cost(row), places[row.name]) for row in dearest if cost(row))
