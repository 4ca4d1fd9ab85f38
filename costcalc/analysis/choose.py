"""Choosing from the catalogue: its networks with their cost and published accuracy, by family, budget and frontier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.matching import matching
from costcalc.analysis.near import Near, near
from costcalc.analysis.records import ALL, Arrangement, plain
from costcalc.counting import Counting
from costcalc.errors import CostcalcError, UsageError, nearest, one_of
from costcalc.ledger import Ledger, ledger_of
from costcalc.measures import Unit, measure_of
from costcalc.network import Network, every
from costcalc.spec import catalogue
from costcalc.typed.budgets import Budget, must_count
from costcalc.typed.columns import IMAGENET, Column
from costcalc.words import LISTS

WORDS = ("network", "title", "family", "year")
"""Columns that the catalogue can be sorted by beside measures and published figures."""


class Wanted(NamedTuple):
    """Which networks of the catalogue are asked for, and at which side of the input, None their own.

    `years` are the first and the last; `accuracies` are published figures and the least that is wanted of each.
    """

    word: str = ""
    family: str | None = None
    years: tuple[int, int] | None = None
    resolution: Any = None
    accuracies: Mapping[str, Fraction] = {}
    budgets: Sequence[Budget] = ()


@dataclass(frozen=True)
class Catalogue:
    """Networks of the catalogue, one row each; `near` are those that miss a budget by a hundredth at most.

    `left_out` names networks that cannot be built at the side of the input that was asked for, each with the reason.
    """

    rows: list[dict[str, Any]] = field(repr=False)
    counting: Counting
    near: tuple[Near, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    resolution: Any = None
    columns: tuple[Column, ...] = ()

    @property
    def note(self) -> str:
        """How the costs are counted, and what bytes are of where the columns have some."""
        convention, sides = self.counting.convention, "each network's own input and settings"
        at = f"resolution {self.resolution}" if self.resolution is not None else sides
        counts = f"{measure_of(convention.total).title} under the convention {convention.name}, at {at}"
        of_formats = any(not c.is_published and c.measure.counted_in is not Unit.COUNT for c in self.columns)
        return f"{counts}; {self.counting.bytes_of()}" if of_formats else counts


def catalogue_rows(
    counting: Counting, columns: Sequence[Column], wanted: Wanted, arrangement: Arrangement = ALL
) -> Catalogue:
    """The catalogue's networks that are wanted, with `columns`, year and paper.

    Networks for ImageNet alone stand on a frontier of an accuracy, and keep a bound of one. Names of libraries
    (`torchvision/...`) are listed when the word asks for them.

    Raises UsageError with the nearest name if there is none.
    """
    for budget in wanted.budgets:
        must_count(counting.convention, budget)
    rows: list[dict[str, Any]] = []
    missed: list[Near] = []
    left_out: list[tuple[str, str]] = []
    further = arrangement.further(columns)
    for network in _sized(_named(wanted), wanted.resolution, left_out):
        if not _is_accurate(network, wanted.accuracies):
            continue
        ledger = ledger_of(network.graph, counting, network=network.name)
        if all(budget.keeps(ledger[budget.measure]) for budget in wanted.budgets):
            rows.append(_row(network, ledger, (*columns, *further)))
        elif found := near(network.name, wanted.budgets, ledger.__getitem__):
            missed.append(found)
    if any(isinstance(key, Column) and key.is_published for key in arrangement.pareto or ()):
        rows = [row for row in rows if row["classes"] in IMAGENET]
    names = {column.name: column.word for column in (*columns, *further)}

    def value(row: dict[str, Any], key: Column | str) -> Any:
        return row[names[key.name] if isinstance(key, Column) else key]

    hidden = {word for column in further for word in (column.word, f"{column.word}_at")}
    shown = [{key: value for key, value in row.items() if key not in hidden} for row in arrangement.of(rows, value)]
    return Catalogue(shown, counting, tuple(missed), tuple(left_out), wanted.resolution, tuple(columns))


def _named(wanted: Wanted) -> list[Network]:
    """The networks of a word, a family and years, at their own settings."""
    word, family = wanted.word, wanted.family
    families = {spec.family for spec in catalogue.specs()}
    if family is not None and family not in families:
        raise UsageError(f"no family '{family[:60]}'", expected=one_of(families, 60), nearest=nearest(family, families))
    known = [*every()]
    texts = [(one.declaration.name, one.bound.title, one.declaration.family) for one in known]
    found = [known[index] for index in matching(texts, word, family)]
    if not found:
        names = [*(name for name, _, _ in texts), *LISTS]
        raise UsageError(
            f"no network with '{wanted.word[:60]}'", expected="a part of a name", nearest=nearest(word.lower(), names)
        )
    if wanted.years is None:
        return found
    first, last = wanted.years
    return [network for network in found if network.bound.year and first <= int(network.bound.year) <= last]


def _sized(networks: Sequence[Network], resolution: Any, left_out: list[tuple[str, str]]) -> Iterable[Network]:
    """The networks at a side of the input, but for those that cannot be built at it: they go to `left_out`."""
    if resolution is None:
        return networks
    found = []
    for network in networks:
        network.checked("resolution", resolution)
        sized = network.with_settings(resolution=resolution)
        try:
            _ = sized.graph
            found.append(sized)
        except CostcalcError as error:
            left_out.append((network.name, str(error).partition("\n")[0]))
    if not found:
        raise UsageError(
            f"no network at resolution {resolution}: {': '.join(left_out[0])}", expected="another resolution"
        )
    return found


def _is_accurate(network: Network, least: Mapping[str, Fraction]) -> bool:
    """Whether what is published for it, for ImageNet, reaches what is wanted."""
    if least and network.settings.get("classes") not in IMAGENET:
        return False
    return all((network.published_figure(figure) or 0) >= float(bound) for figure, bound in least.items())


def _row(network: Network, ledger: Ledger, columns: Sequence[Column]) -> dict[str, Any]:
    bound = network.bound
    figures: dict[str, Any] = {}
    for column in columns:
        if column.is_published:
            row = network.published_row(column.name)
            figures |= {column.word: float(row.figures[column.name]) if row else None}
            figures |= {f"{column.word}_at": row.at if row else ""}
        else:
            figures[column.word] = plain(ledger[column.name])
    return {
        "network": network.name,
        "title": bound.title,
        "family": network.declaration.family,
        "year": int(bound.year) if bound.year.isdecimal() else None,
        "input": str(bound.input),
        "classes": bound.settings.get("classes"),
        **figures,
        "paper": bound.source.get("paper", ""),
    }
