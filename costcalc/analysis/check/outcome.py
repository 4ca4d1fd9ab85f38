"""What a network costs beside a budget, and which layers cost most where it breaks one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from pathlib import PurePath
from typing import Any, NamedTuple

from costcalc.counting import Counting
from costcalc.errors import Place
from costcalc.escape import printable
from costcalc.ledger import Ledger
from costcalc.measures import TOTALS, Peak, Ratio, measure_of
from costcalc.typed.budgets import Budget, must_count

COSTLIEST = 3
"""Layers, and lines, that are named where a budget breaks."""


class Verdict(StrEnum):
    """How a cost stands to its budget: `partial` if it does not break it, but something is not counted."""

    HOLDS = "holds"
    BROKEN = "broken"
    PARTIAL = "partial"


class Subject(NamedTuple):
    """What is checked: a network as it was asked for, its settings in words, and how it is counted.

    `file` is the path of the spec if it is the person's own, and not the catalogue's. `asked` is its name as it was
    asked for, and `given` are the settings beside it: they open it again.
    """

    network: str
    settings: str
    counting: Counting
    file: str = ""
    asked: str = ""
    given: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.network, self.settings)))


class Share(NamedTuple):
    """What one layer costs, or the layers that one line of a spec makes."""

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

    If it is broken, `costliest` are the layers and `lines` the lines of the person's own spec that cost most.
    `left_out` names the operators that the convention has no rule for.
    """

    subject: Subject
    budget: Budget
    computed: int | Fraction | None
    costliest: tuple[Share, ...] = ()
    lines: tuple[Share, ...] = ()
    left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        bound = f"{self.budget.option} {_plain(self.budget.limit)}"
        return printable(f"<Outcome {self.subject}: {bound}, computed {_plain(self.computed)}, {self.verdict}>")

    @property
    def room(self) -> int | Fraction | None:
        """What is left of the budget; negative if it is broken; None for a ratio of nothing."""
        if self.computed is None:
            return None
        room = self.budget.limit - self.computed
        return -room if self.budget.is_least else room

    @property
    def room_percent(self) -> float | None:
        """The room as per cent of the budget, to two decimals; None for a budget of zero."""
        room, limit = self.room, self.budget.limit
        return round(float(100 * room / limit), 2) if limit and room is not None else None

    @property
    def verdict(self) -> Verdict:
        """Whether the network keeps to the budget."""
        if not self.budget.keeps(self.computed):
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
            "measure": self.budget.measure,
            **({"bound": "least"} if self.budget.is_least else {}),
            "limit": _plain(self.budget.limit),
            **({"fits": f"{self.budget.device} {self.budget.memory}"} if self.budget.device else {}),
            "computed": _plain(self.computed),
            "room": _plain(self.room),
            "room_percent": self.room_percent,
            "convention": self.subject.counting.convention.name,
            "dtype": self.subject.counting.dtype,
            "schedule": str(self.subject.counting.schedule),
            "dearest": [share.as_dict() for share in self.costliest],
            **({"note": self.budget.note} if self.budget.note else {}),
        }


def _plain(value: int | Fraction | None) -> int | float | None:
    return float(value) if isinstance(value, Fraction) else value


def outcomes(subject: Subject, ledger: Ledger, budgets: Iterable[Budget]) -> list[Outcome]:
    """Each budget beside what the network costs.

    Raises UsageError if the convention does not count what a budget bounds.
    """
    found = []
    for budget in budgets:
        must_count(subject.counting.convention, budget)
        computed = ledger[budget.measure]
        shares = [] if budget.keeps(computed) or budget.is_least else _shares(ledger, budget.measure)
        own = [share for share in shares if _is_own(share.place, subject.file)]
        left_out = ledger.left_out if budget.measure in TOTALS else ()
        found.append(Outcome(subject, budget, computed, _costliest(shares), _costliest(_by_line(own)), left_out))
    return found


def _shares(ledger: Ledger, measure: str) -> list[Share]:
    """What each layer adds to a sum. A peak is whole, and at one layer; a ratio is nobody's."""
    how = measure_of(measure).how
    layers = ledger.layers
    if isinstance(how, Ratio):
        return []
    if isinstance(how, Peak):
        layers = {name: layer for name, layer in layers.items() if layer[measure] == ledger[measure]}
        layers = dict(list(layers.items())[:1])
    return [
        Share((name,), layer[measure], layer.node.place) for name, layer in layers.items() if layer.node is not None
    ]


def _by_line(shares: Iterable[Share]) -> list[Share]:
    """The shares that stand in the same line, as one."""
    lines: dict[tuple[str, int], Share] = {}
    for share in shares:
        key = (share.place.file, share.place.line)
        before = lines.get(key, Share((), 0, share.place))
        lines[key] = Share(before.layers + share.layers, before.cost + share.cost, before.place)
    return list(lines.values())


def _costliest(shares: Iterable[Share]) -> tuple[Share, ...]:
    """Those that cost most, and at least a tenth of the first."""
    ordered = sorted(shares, key=lambda share: -share.cost)[:COSTLIEST]
    return tuple(share for share in ordered if share.cost and 10 * share.cost >= ordered[0].cost)


def _is_own(place: Place, file: str) -> bool:
    """Whether a line is the person's: of their spec, or of a file of blocks beside it."""
    return bool(file) and PurePath(place.file).parent == PurePath(file).parent
