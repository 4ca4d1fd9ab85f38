"""Choosing from the catalogue: its networks with their cost and published accuracy, by family, budget and frontier."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from costcalc.analysis.frontier import frontier
from costcalc.analysis.summary import By, Dtype, summarise
from costcalc.conventions import load_convention
from costcalc.errors import UsageError, nearest, one_of, word_of
from costcalc.graph import Binding, bind, expand
from costcalc.spec import catalogue
from costcalc.spec.model import Spec

IMAGENET = (1000, 1001)
"""Numbers of classes of a network for ImageNet, without and with one for the background."""


class SortBy(StrEnum):
    """What the catalogue can be ordered by; top1 best first, all others from the least."""

    NETWORK = "network"
    YEAR = "year"
    MULT_ADDS = "mult_adds"
    PARAMS = "params"
    TOP1 = "top1"


def catalogue_records(
    word: str = "",
    family: str | None = None,
    max_mult_adds: int | None = None,
    max_params: int | None = None,
    sort: str | None = None,
    pareto: bool = False,
) -> list[dict[str, Any]]:
    """The catalogue's networks whose name, title or family contains `word`, with cost, published top-1, year and paper.

    `max_mult_adds` and `max_params` keep those within a budget; `sort` orders by a column; `pareto` keeps networks that
    nobody beats on ImageNet: no other is as accurate and cheaper. Libraries' names (`torchvision/...`) are listed when
    the word asks for them. Raises UsageError with the nearest name if there is none.
    """
    wanted = word.lower()
    records = []
    known: list[str] = []
    families = {spec.family for spec in catalogue.specs()}
    if family is not None and family not in families:
        raise UsageError(f"no family '{family[:60]}'", expected=one_of(families, 60), nearest=nearest(family, families))
    for spec in catalogue.specs():
        for name in spec.names:
            known.append(name)
            if (name in spec.also and "/" not in wanted) or (family is not None and spec.family != family):
                continue
            binding = bind(spec, name)
            if any(wanted in text.lower() for text in (name, binding.title, spec.family)):
                records.append(_catalogue_record(spec, binding))
    if not records:
        raise UsageError(f"no network with '{word[:60]}'", expected="a part of a name", nearest=nearest(wanted, known))
    within = [
        record
        for record in records
        if (max_mult_adds is None or record["mult_adds"] <= max_mult_adds)
        and (max_params is None or record["params"] <= max_params)
    ]
    if pareto:
        within = frontier([record for record in within if record["classes"] in IMAGENET], "mult_adds", "top1")
    if sort is not None:
        column = word_of(SortBy, sort, "column to sort by")
        missing = "" if column in (SortBy.NETWORK, SortBy.YEAR) else 0
        within.sort(key=lambda record: record[column] if record[column] is not None else missing)
        if column is SortBy.TOP1:
            within.reverse()
    return within


def _catalogue_record(spec: Spec, binding: Binding) -> dict[str, Any]:
    totals = summarise(expand(binding), load_convention("paper"), By.LAYER, Dtype.FLOAT32, 1).totals
    top1, at = _published_top1(binding)
    return {
        "network": binding.name,
        "title": binding.title,
        "family": spec.family,
        "year": binding.year,
        "input": str(binding.input),
        "classes": binding.settings.get("classes"),
        "mult_adds": totals.total,
        "params": totals.params,
        "top1": top1,
        "top1_at": at,
        "paper": spec.source.get("paper", ""),
    }


def _published_top1(binding: Binding) -> tuple[float | None, str]:
    """The top-1 in per cent that a spec quotes first for a network at exactly these settings, and where it stands."""
    for row in binding.spec.published:
        if (row.variant or binding.spec.name) != binding.name or row.transform or "top1" not in row.figures:
            continue
        if all(binding.settings[key] == value for key, value in row.settings.items()):
            return float(row.figures["top1"]), row.at
    return None, ""
