"""Choosing from the catalogue: its networks with their cost and published accuracy, by family, budget and frontier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.analysis.definitions import LISTS
from costcalc.analysis.records import ALL, Arrangement, plain
from costcalc.counting import Counting
from costcalc.errors import UsageError, nearest, one_of
from costcalc.ledger import Ledger, ledger_of
from costcalc.network import Network, every
from costcalc.spec import catalogue
from costcalc.typed.budgets import Budget, must_count
from costcalc.typed.columns import Column

IMAGENET = (1000, 1001)
"""Numbers of classes of a network for ImageNet, without and with one for the background."""
WORDS = ("network", "title", "family", "year")
"""Columns that the catalogue can be sorted by beside measures and published figures."""


def catalogue_rows(
    counting: Counting,
    columns: Sequence[Column],
    word: str = "",
    family: str | None = None,
    budgets: Sequence[Budget] = (),
    arrangement: Arrangement = ALL,
) -> list[dict[str, Any]]:
    """The catalogue's networks whose name, title or family contains `word`, with `columns`, year and paper.

    `budgets` keep those within them. Networks for ImageNet alone stand on a frontier of an accuracy. Names of libraries
    (`torchvision/...`) are listed when the word asks for them.

    Raises UsageError with the nearest name if there is none.
    """
    for budget in budgets:
        must_count(counting.convention, budget)
    rows = []
    further = arrangement.further(columns)
    for network in _named(word, family):
        ledger = ledger_of(network.graph, counting, network=network.name)
        if all(budget.keeps(ledger[budget.measure]) for budget in budgets):
            rows.append(_row(network, ledger, (*columns, *further)))
    if any(column.is_published for column in arrangement.pareto or ()):
        rows = [row for row in rows if row["classes"] in IMAGENET]
    names = {column.name: column.word for column in (*columns, *further)}

    def value(row: dict[str, Any], key: Column | str) -> Any:
        return row[names[key.name] if isinstance(key, Column) else key]

    hidden = {word for column in further for word in (column.word, f"{column.word}_at")}
    return [{key: value for key, value in row.items() if key not in hidden} for row in arrangement.of(rows, value)]


def _named(word: str, family: str | None) -> list[Network]:
    wanted = word.lower()
    families = {spec.family for spec in catalogue.specs()}
    if family is not None and family not in families:
        raise UsageError(f"no family '{family[:60]}'", expected=one_of(families, 60), nearest=nearest(family, families))
    found = []
    known = []
    for network in every():
        name = network.declaration.name
        known.append(name)
        if ("/" in name and "/" not in wanted) or (family is not None and network.declaration.family != family):
            continue
        if any(wanted in text.lower() for text in (name, network.bound.title, network.declaration.family)):
            found.append(network)
    if not found:
        raise UsageError(
            f"no network with '{word[:60]}'", expected="a part of a name", nearest=nearest(wanted, [*known, *LISTS])
        )
    return found


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
        "year": bound.year,
        "input": str(bound.input),
        "classes": bound.settings.get("classes"),
        **figures,
        "paper": bound.source.get("paper", ""),
    }
