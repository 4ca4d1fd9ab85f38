"""Published figures beside computed ones."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from costcalc.counting import Counting
from costcalc.errors import Place, Problem, SpecError, UsageError, nearest, one_of
from costcalc.ledger import Ledger
from costcalc.measures import measure_name
from costcalc.network import InSpec, Network, in_one_spelling, recipes_beside
from costcalc.quantity import as_text
from costcalc.recipes import Recipe
from costcalc.spec import catalogue
from costcalc.spec.loader import COUNTED
from costcalc.spec.model import Spec
from costcalc.spec.sources import named_by
from costcalc.transform.steps import Step, read_steps


class Verdict(StrEnum):
    """How a printed figure stands to the computed one."""

    EXACT = "exact"
    AGREES = "agrees"
    CUT_OFF = "cut off"
    DIFFERS = "differs"
    UNEXPLAINED = "unexplained"


class Check(NamedTuple):
    """One published figure: as printed, as computed under its authors' convention, and what to think of it."""

    network: str
    settings: str
    figure: str
    printed: str
    computed: int | float
    convention: str
    verdict: Verdict
    because: str
    at: str

    def as_dict(self) -> dict[str, object]:
        """Column to value, for every format."""
        return {**self._asdict(), "verdict": str(self.verdict)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Check:
        """A check out of what `as_dict` gave."""
        return cls(**{**record, "verdict": Verdict(record["verdict"])})


MAX_WORK = 30_000
"""So many nodes, and names of settings and values, the networks of one spec's figures may have together."""
MAX_PRINTED = 40
"""So many characters a printed figure may have."""
_UNITS = {"k": 3, "K": 3, "M": 6, "m": 6, "G": 9, "B": 9, "%": -2}
_ABOVE = ">"
"""What stands before a figure that is printed as a bound: above 200 MB."""


def printed_value(text: str) -> tuple[Decimal, Decimal]:
    """A printed figure (`569M`, `4.2M`, `3.7%`, `>200M`) and half a unit of its last digit. Raises ValueError."""
    if len(text) > MAX_PRINTED:
        raise ValueError(text)
    number = text.strip().removeprefix(_ABOVE).replace(",", "")
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


def verdict_of(printed: str, computed: int | Fraction, because: str) -> Verdict:
    """Exact if every printed digit is the count's, agrees within half a unit of the last digit; else it differs.

    A bound agrees if it holds. Two or more digits of the count whose rest was cut off are a verdict of their own,
    unless the file gives another reason.
    """
    value, half = map(Fraction, printed_value(printed))
    if printed.strip().startswith(_ABOVE) and computed > value:
        return Verdict.AGREES
    if value == computed:
        return Verdict.EXACT
    if abs(value - computed) <= half:
        return Verdict.AGREES
    if because:
        return Verdict.DIFFERS
    return Verdict.CUT_OFF if 20 * half <= value <= computed < value + 2 * half else Verdict.UNEXPLAINED


def verify(spec: Spec, name: str | None = None, transforms: str | None = None) -> list[Check]:
    """Every published figure of a spec that can be counted, or of one of its networks, or that with transforms.

    Raises SpecError for a figure that is no number or whose network cannot be built.
    """
    with named_by(spec.scope.source.file):  # conventions and recipes
        return _verified(spec, name, None if transforms is None else in_one_spelling(transforms))


def _verified(spec: Spec, wanted: str | None, transforms: str | None) -> list[Check]:
    checks: list[Check] = []
    work = 0
    folder = Path(spec.scope.source.file).parent
    for row in spec.published:
        name = row.variant or spec.name
        figures = [figure for figure in COUNTED if figure in row.figures]
        if not figures or wanted not in (None, name):
            continue
        if transforms not in (None, in_one_spelling(row.transform, folder)):
            continue
        try:
            steps = read_steps(recipes_beside(f"@{row.transform}", folder)[1:])
            network = Network(InSpec(spec, name, is_complete=True), row.settings, steps)
            ledger = Ledger(network.graph, Counting.of(catalogue.beside(row.counts, folder)))
        except UsageError as error:
            raise SpecError([Problem(row.place, error.message, error.expected, error.nearest)]) from None
        work += len(network.graph.nodes) + len(spec.settings) + len(spec.lets) + len(spec.tables)
        if work > MAX_WORK:
            expected = f"at most {MAX_WORK} nodes, settings and values in all"
            raise SpecError([Problem(row.place, "the published figures are of too many large networks", expected)])
        called = "@".join(filter(None, (name, row.transform)))
        settings = ", ".join(f"{key} {as_text(value)}" for key, value in row.settings.items())
        for figure in figures:
            computed = ledger[ledger.total if figure == "mult_adds" else figure]
            because = row.because.get(figure, row.because.get("", ""))
            found = Printed(called, settings, figure, row.figures[figure], because, row.counts, row.at, row.place)
            checks.append(found.beside(computed))
    return checks


def verify_recipe(recipe: Recipe) -> list[Check]:
    """Every published figure of a recipe, of its network's layers and of the whole, by step.

    Raises SpecError for a figure that is no number, or a layer or a measure that there is not.
    """
    if not recipe.published:
        return []
    spec, name = catalogue.open_network(recipe.network)
    counting = Counting.of()
    ledgers: dict[str, Ledger] = {}
    checks = []
    for row in recipe.published:
        if row.after not in ledgers:
            kinds = [str(step.kind) for step in recipe.steps]
            end = len(kinds) - kinds[::-1].index(row.after) if row.after else len(kinds)
            short = recipe._replace(steps=recipe.steps[:end])
            network = Network(InSpec(spec, name), {}, (Step("recipe", short),))
            ledgers[row.after] = Ledger(network.graph, counting)
        ledger = ledgers[row.after]
        if row.layer and row.layer not in ledger.layers:
            near = nearest(row.layer, ledger.layers)
            raise SpecError([Problem(row.place, f"no layer '{row.layer[:40]}'", one_of(ledger.layers), near)])
        part = ledger.with_factors(row.layer) if row.layer else ledger.whole
        where = ", ".join(filter(None, (row.layer, f"after {row.after}" if row.after else "")))
        for figure, printed in row.figures.items():
            try:
                computed = part[measure_name(figure, counting.convention)]
            except UsageError as error:
                raise SpecError([Problem(row.place, error.message, error.expected, error.nearest)]) from None
            called = f"{name}@recipe={recipe.name}"
            found = Printed(called, where, figure, printed, row.because, "paper", row.at, row.place)
            checks.append(found.beside(computed))
    return checks


class Printed(NamedTuple):
    """A figure as printed, of which network, and what is said of it."""

    network: str
    settings: str
    figure: str
    printed: str
    because: str
    convention: str
    at: str
    place: Place

    def beside(self, computed: int | Fraction) -> Check:
        """The figure beside the computed one. Raises SpecError if it is no number."""
        return _check(self, computed)


def _check(row: Printed, computed: int | Fraction) -> Check:
    try:
        verdict = verdict_of(row.printed, computed, row.because)
    except ValueError:
        raise SpecError(
            [Problem(row.place, f"{row.figure}: '{row.printed[:MAX_PRINTED]}' is no figure", "as 569M or 4231976")]
        ) from None
    kept = row.because if verdict is Verdict.DIFFERS else ""
    shown = computed if type(computed) is int else round(float(computed), 6)
    return Check(row.network, row.settings, row.figure, row.printed, shown, row.convention, verdict, kept, row.at)
