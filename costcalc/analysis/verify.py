"""Published figures beside computed ones."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from costcalc.counting import Counting
from costcalc.errors import Problem, SpecError, UsageError
from costcalc.ledger import Ledger
from costcalc.networks import InSpec, Network
from costcalc.quantity import as_text
from costcalc.spec.model import Published, Spec
from costcalc.transform.steps import read_steps


class Verdict(StrEnum):
    """How a printed figure stands to the computed one."""

    EXACT = "exact"
    AGREES = "agrees"
    DIFFERS = "differs"
    UNEXPLAINED = "unexplained"


class Check(NamedTuple):
    """One published figure: as printed, as computed under its authors' convention, and what to think of it."""

    network: str
    settings: str
    figure: str
    printed: str
    computed: int
    convention: str
    verdict: Verdict
    because: str
    at: str

    def as_dict(self) -> dict[str, object]:
        """Column to value, for every format."""
        return {**self._asdict(), "verdict": str(self.verdict)}


MAX_WORK = 30_000
"""So many nodes, and names of settings and values, the networks of one spec's figures may have together."""
MAX_PRINTED = 40
"""So many characters a printed figure may have."""
_COUNTED = ("mult_adds", "params")
_UNITS = {"k": 3, "K": 3, "M": 6, "m": 6, "G": 9, "B": 9}


def printed_value(text: str) -> tuple[Decimal, Decimal]:
    """A printed figure (`569M`, `4.2M`, `1248424`) and half a unit of its last digit. Raises ValueError."""
    if len(text) > MAX_PRINTED:
        raise ValueError(text)
    number = text.strip().replace(",", "")
    power = _UNITS.get(number[-1:], 0)
    try:
        value = Decimal(number[:-1] if power else number)
    except InvalidOperation:
        raise ValueError(text) from None
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not isinstance(exponent, int):
        raise ValueError(text)
    scale = Decimal(10) ** power
    return value * scale, Decimal(10) ** exponent * scale / 2


def verdict_of(printed: str, computed: int, because: str) -> Verdict:
    """Exact if every printed digit is the count's, agrees within half a unit of the last digit; else it differs."""
    value, half = printed_value(printed)
    if value == computed:
        return Verdict.EXACT
    if abs(value - computed) <= half:
        return Verdict.AGREES
    return Verdict.DIFFERS if because else Verdict.UNEXPLAINED


def verify(spec: Spec, names: Iterable[str] | None = None) -> list[Check]:
    """Every published figure of a spec that can be counted, or of some of its networks.

    Raises SpecError for a figure that is no number or whose network cannot be built.
    """
    wanted = None if names is None else set(names)
    checks: list[Check] = []
    work = 0
    for row in spec.published:
        name = row.variant or spec.name
        figures = [figure for figure in _COUNTED if figure in row.figures]
        if not figures or (wanted is not None and name not in wanted):
            continue
        try:
            network = Network(InSpec(spec, name, is_complete=True), row.settings, read_steps(row.transform))
            ledger = Ledger(network.graph, Counting.of(row.counts))
        except UsageError as error:
            raise SpecError([Problem(row.place, error.message, error.expected, error.nearest)]) from None
        work += len(network.graph.nodes) + len(spec.settings) + len(spec.lets) + len(spec.tables)
        if work > MAX_WORK:
            expected = f"at most {MAX_WORK} nodes, settings and values in all"
            raise SpecError([Problem(row.place, "the published figures are of too many large networks", expected)])
        counted = {"mult_adds": ledger[ledger.total], "params": ledger["params"]}
        called = "@".join(filter(None, (name, row.transform)))
        checks.extend(_check(row, called, figure, counted[figure]) for figure in figures)
    return checks


def _check(row: Published, name: str, figure: str, computed: int) -> Check:
    printed = row.figures[figure]
    because = row.because.get(figure, row.because.get("", ""))
    try:
        verdict = verdict_of(printed, computed, because)
    except ValueError:
        raise SpecError(
            [Problem(row.place, f"{figure}: '{printed[:MAX_PRINTED]}' is no figure", "as 569M or 4231976")]
        ) from None
    settings = ", ".join(f"{key} {as_text(value)}" for key, value in row.settings.items())
    kept = because if verdict is Verdict.DIFFERS else ""
    return Check(name, settings, figure, printed, computed, row.counts, verdict, kept, row.at)
