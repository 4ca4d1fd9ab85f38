"""The Python interface: load a network, ask for a report.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from costcalc.analysis.summary import By, Dtype, Row, Summary, Totals, summarise
from costcalc.conventions import Convention, load_convention
from costcalc.errors import CostcalcError, SpecError, UsageError, nearest, one_of
from costcalc.graph import Binding, Graph, bind, expand
from costcalc.spec import catalogue
from costcalc.spec.model import Spec

if TYPE_CHECKING:
    from costcalc.analysis.verify import Check

_Word = TypeVar("_Word", bound=StrEnum)


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


def catalogue_records(word: str = "") -> list[dict[str, Any]]:
    """The catalogue's networks whose name, title or family contains `word`, with cost, year and paper.

    Libraries' names (`torchvision/...`) are listed when the word asks for them.
    Raises UsageError with the nearest name if there is none.
    """
    wanted = word.lower()
    records = []
    known: list[str] = []
    for spec in catalogue.specs():
        for name in spec.names:
            known.append(name)
            if name in spec.also and "/" not in wanted:
                continue
            binding = bind(spec, name)
            if not any(wanted in text.lower() for text in (name, binding.title, spec.family)):
                continue
            report = Network(spec, binding).report()
            records.append(
                {
                    "network": name,
                    "title": binding.title,
                    "year": binding.year,
                    "input": str(binding.input),
                    "mult_adds": report.totals.total,
                    "params": report.params,
                    "paper": spec.source.get("paper", ""),
                }
            )
    if not records:
        raise UsageError(f"no network with '{word[:60]}'", expected="a part of a name", nearest=nearest(wanted, known))
    return records


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
        spec, name = catalogue.open_network(network)
        checks.extend(verification.verify(spec, None if name == spec.name else {name}))
    return list(dict.fromkeys(checks))


__all__ = [
    "CostcalcError",
    "Network",
    "Report",
    "SpecError",
    "UsageError",
    "catalogue_records",
    "load",
    "verify",
]
