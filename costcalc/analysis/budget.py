"""Budgets: what a network may cost, what it does cost, and which layers cost most where it breaks one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import PurePath
from typing import Any, NamedTuple

from costcalc.analysis.summary import Dtype, Row, Summary
from costcalc.analysis.units import parse_bytes, parse_count
from costcalc.conventions import Convention
from costcalc.errors import Place, UsageError, nearest, one_of
from costcalc.graph import Graph

DEAREST = 3
"""Layers, and lines, that are named where a budget breaks."""


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


TOTALS = (Measure.MULT_ADDS, Measure.FLOPS)
"""The measures that a convention may have for its total."""
OPTIONS = {measure.option: measure for measure in Measure}
"""Every measure by the name under which its bound is written."""


class Verdict(StrEnum):
    """How a cost stands to its budget: `partial` if it does not break it, but something is not counted."""

    HOLDS = "holds"
    BROKEN = "broken"
    PARTIAL = "partial"


class Budget(NamedTuple):
    """A bound: at most `limit`, in base units; `place` is where a config file says so."""

    measure: Measure
    limit: int
    place: Place | None = None


class Subject(NamedTuple):
    """What is checked: a network as it was asked for, its settings in words, and how it is counted.

    `spec` is the path of the spec if it is the person's own, and not the catalogue's.
    """

    network: str
    settings: str
    convention: Convention
    dtype: Dtype
    spec: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.network, self.settings)))


class Part(NamedTuple):
    """A part of what a network costs: one layer, or the layers that one line of a spec makes."""

    layers: tuple[str, ...]
    cost: int
    place: Place

    def as_dict(self) -> dict[str, Any]:
        """Name to value: the layer, its cost, and where it is written."""
        return {
            "layer": ", ".join(self.layers), "cost": self.cost, "file": self.place.file, "line": self.place.line,
        }  # fmt: skip


class Outcome(NamedTuple):
    """One budget and what was computed.

    If it is broken, `dearest` are the layers and `lines` the lines of the person's own spec that cost most.
    `left_out` names the operators that the convention has no rule for.
    """

    subject: Subject
    budget: Budget
    computed: int
    dearest: tuple[Part, ...] = ()
    lines: tuple[Part, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        """What is left of the budget; negative if it is broken."""
        return self.budget.limit - self.computed

    @property
    def room_percent(self) -> float | None:
        """The room as per cent of the budget, to two decimals; None for a budget of zero."""
        return round(100 * self.room / self.budget.limit, 2) if self.budget.limit else None

    @property
    def verdict(self) -> Verdict:
        """Whether the network keeps to the budget."""
        if self.room < 0:
            return Verdict.BROKEN
        return Verdict.PARTIAL if self.left_out else Verdict.HOLDS

    @property
    def holds(self) -> bool:
        """Whether the network keeps to the budget, everything counted."""
        return self.verdict is Verdict.HOLDS

    def as_dict(self) -> dict[str, Any]:
        """Column to value, for every format."""
        return {
            "verdict": str(self.verdict),
            "network": self.subject.network,
            "settings": self.subject.settings,
            "measure": str(self.budget.measure),
            "limit": self.budget.limit,
            "computed": self.computed,
            "room": self.room,
            "room_percent": self.room_percent,
            "convention": self.subject.convention.name,
            "dtype": str(self.subject.dtype),
            "dearest": [part.as_dict() for part in self.dearest],
        }


def read_budget(measure: Measure, given: object, place: Place | None = None) -> Budget:
    """A budget from what a person wrote: `300M`, `14MB`, 3500000.

    Raises UsageError if it is no quantity, negative, or in a unit that does not fit the measure.
    """
    parse = parse_bytes if measure.is_bytes else parse_count
    try:
        return Budget(measure, parse(str(given)), place)
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
    if measure in TOTALS and measure != convention.total:
        fitting = [other.option for other in TOTALS if other == convention.total]
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
        layers = _parts(budget.measure, summary, places) if computed > budget.limit else []
        own = [part for part in layers if _is_own(part.place, subject.spec)]
        left_out = summary.left_out if budget.measure in TOTALS else ()
        found.append(Outcome(subject, budget, computed, _dearest(layers), _dearest(_by_line(own)), left_out))
    return found


_COST: dict[Measure, Callable[[Row], int]] = {
    Measure.MULT_ADDS: lambda row: row.total,
    Measure.FLOPS: lambda row: row.total,
    Measure.PARAMS: lambda row: row.params,
    Measure.WEIGHT_BYTES: lambda row: row.weight_bytes,
    Measure.ACTIVATION_BYTES: lambda row: row.output_bytes,
    Measure.TRAFFIC_BYTES: lambda row: row.traffic_bytes,
}
"""A layer's part in a total."""


def _parts(measure: Measure, summary: Summary, places: Mapping[str, Place]) -> list[Part]:
    """What each layer adds to a total. A peak is no sum: it is whole, and at one layer."""
    totals = summary.totals
    if measure is Measure.PEAK_ACTIVATION_BYTES:
        return [Part((totals.peak_at,), totals.peak_activation_bytes, places[totals.peak_at])]
    return [Part((row.name,), _COST[measure](row), places[row.name]) for row in summary.rows]


def _by_line(parts: Iterable[Part]) -> list[Part]:
    """The parts that stand in the same line, as one."""
    lines: dict[tuple[str, int], Part] = {}
    for part in parts:
        key = (part.place.file, part.place.line)
        before = lines.get(key, Part((), 0, part.place))
        lines[key] = Part(before.layers + part.layers, before.cost + part.cost, before.place)
    return list(lines.values())


def _dearest(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Those that cost most, and at least a tenth of the first."""
    ordered = sorted(parts, key=lambda part: -part.cost)[:DEAREST]
    return tuple(part for part in ordered if part.cost and 10 * part.cost >= ordered[0].cost)


def _is_own(place: Place, spec: str) -> bool:
    """Whether a line is the person's: of their spec, or of a file of blocks beside it."""
    return bool(spec) and PurePath(place.file).parent == PurePath(spec).parent
