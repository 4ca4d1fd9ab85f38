"""The Python interface: load a network, ask for a report.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from costcalc.analysis.frontier import frontier
from costcalc.analysis.summary import By, Dtype, Row, Summary, Totals, summarise
from costcalc.conventions import Convention, load_convention
from costcalc.errors import CostcalcError, SpecError, UsageError, nearest, one_of
from costcalc.graph import Binding, Graph, bind, expand
from costcalc.spec import catalogue
from costcalc.spec.model import Spec

if TYPE_CHECKING:
    from costcalc.analysis.points import Sweep
    from costcalc.analysis.verify import Check

_Word = TypeVar("_Word", bound=StrEnum)


IMAGENET = (1000, 1001)
"""Numbers of classes of a network for ImageNet, without and with one for the background."""


class SortBy(StrEnum):
    """What the catalogue can be ordered by; top1 best first, all others from the least."""

    NETWORK = "network"
    YEAR = "year"
    MULT_ADDS = "mult_adds"
    PARAMS = "params"
    TOP1 = "top1"


def word_of(words: type[_Word], word: str, what: str) -> _Word:
    """A word of the interface. Raises UsageError with the nearest one if there is no such word."""
    try:
        return words(word)
    except ValueError:
        known = [str(known) for known in words]
        raise UsageError(
            f"unknown {what} '{word}'", expected=one_of(known), nearest=nearest(str(word), known)
        ) from None


@dataclass(frozen=True)
class Network:
    """A network with every setting given a value."""

    spec: Spec
    binding: Binding

    @property
    def name(self) -> str:
        """The name under which it was asked for."""
        return self.binding.name

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting's value, exact."""
        return dict(self.binding.settings)

    @cached_property
    def graph(self) -> Graph:
        """The flat graph. Raises SpecError if the network cannot be built at these settings."""
        return expand(self.binding)

    def with_settings(self, **settings: Any) -> Network:
        """The same network with other settings."""
        return Network(self.spec, bind(self.spec, self.name, self.settings | settings))

    @property
    def source_text(self) -> str:
        """The spec file, as written."""
        return self.spec.scope.source.text

    def resolved(self) -> str:
        """A spec of this network at these settings: one entry per layer, every number final."""
        from costcalc.graph.dump import dump

        return dump(self.graph, self.binding)

    def report(self, by: str = "layer", dtype: str = "float32", convention: str = "paper") -> Report:
        """Costs per layer (or block, stage, operator, node) and totals.

        Raises UsageError for an unknown word, SpecError if the network cannot be built at these settings.
        """
        chosen = load_convention(convention)
        number = word_of(Dtype, dtype, "dtype")
        summary = summarise(self.graph, chosen, word_of(By, by, "grouping"), number, self.binding.batch)
        return Report(self.binding, chosen, number, summary)


@dataclass(frozen=True)
class Report:
    """What a network costs: `rows`, `totals`, and everything that a reader must know to reproduce them."""

    binding: Binding = field(repr=False)
    convention: Convention
    dtype: Dtype
    summary: Summary = field(repr=False)

    @property
    def network(self) -> str:
        """The network's name."""
        return self.binding.name

    @property
    def layers(self) -> tuple[Row, ...]:
        """The rows as records."""
        return self.summary.rows

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries of plain values; `pandas.DataFrame(report.rows)` takes them as they are."""
        return [row.as_dict(self.convention.total) for row in self.summary.rows]

    @property
    def totals(self) -> Totals:
        """The sums."""
        return self.summary.totals

    @property
    def mult_adds(self) -> int:
        """Multiply-accumulates of convolutions, linear layers and matrix products, whatever the convention."""
        return self.totals.work[0]

    @property
    def params(self) -> int:
        """Learned numbers."""
        return self.totals.params

    @property
    def status(self) -> str:
        """`complete`, or `partial` if the convention has no rule for some operator (see `left_out`)."""
        return "partial" if self.summary.left_out else "complete"

    @property
    def left_out(self) -> tuple[str, ...]:
        """The operators that the convention has no rule for."""
        return self.summary.left_out

    def render(self, format: str = "table", **options: Any) -> str:
        """The report as text: table, markdown, csv, json, latex or html."""
        from costcalc.report import render_report

        return render_report(self, format, **options)

    def __str__(self) -> str:
        return self.render("table")

    def _repr_html_(self) -> str:
        return self.render("html")


def load(network: str, **settings: Any) -> Network:
    """A network by catalogue name, path to a spec file, or `-` for standard input, with settings given values.

    Settings are exact: `alpha="0.75"`, `alpha=Fraction(3, 4)`; a float is read as it prints. `resolution` is the
    input's side (or "HxW"); `beta` multiplies it.
    Raises UsageError for unknown names and values out of range, SpecError for a wrong spec.
    """
    spec, name = catalogue.open_network(network)
    if catalogue.is_path(network) and any(value is not None for value in settings.values()):
        expand(bind(spec, name))  # a person's own file is checked as written before it is changed
    return Network(spec, bind(spec, name, settings))


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
    totals = Network(spec, binding).report().totals
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
        if (row.variant or binding.spec.name) != binding.name or "top1" not in row.figures:
            continue
        if all(binding.settings[key] == value for key, value in row.settings.items()):
            return float(row.figures["top1"]), row.at
    return None, ""


def verify(*networks: str) -> list[Check]:
    """Published figures beside computed ones: of the whole catalogue, or of the networks named.

    A file's plain name stands for all its variants. Raises UsageError for an unknown network, SpecError for a wrong
    spec.
    """
    from costcalc.analysis import verify as verification

    if not networks:
        return [check for spec in catalogue.specs() for check in verification.verify(spec)]
    checks: list[Check] = []
    for network in networks:
        spec, name = catalogue.open_network(network, published=True)
        checks.extend(verification.verify(spec, None if name == spec.name else {name}))
    return list(dict.fromkeys(checks))


def sweep(
    *networks: str,
    axes: Mapping[str, Any],
    convention: str = "paper",
    dtype: str = "float32",
    skip_invalid: bool = False,
) -> Sweep:
    """Every point of a grid of settings, as `sweep("mobilenet_v1", axes={"alpha": "0.25:1:0.25", "beta": ["6/7", 1]})`.

    An axis is a list of values, or a text as the command line takes it. One row per point: the settings, the
    convention's total, params, bytes, and the published top-1 where the authors give that point.
    Raises UsageError for a wrong axis, or for points without a network unless `skip_invalid`.
    """
    from costcalc.analysis.points import sweep_points

    return sweep_points(networks, axes, convention, word_of(Dtype, dtype, "dtype").bits, skip_invalid)


__all__ = [
    "CostcalcError",
    "Network",
    "Report",
    "SpecError",
    "UsageError",
    "catalogue_records",
    "load",
    "sweep",
    "verify",
]
