"""The Python interface: load a network, ask for a report.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from costcalc.analysis.choose import catalogue_records
from costcalc.analysis.summary import By, Dtype, Row, Summary, Totals, summarise
from costcalc.conventions import Convention, load_convention
from costcalc.errors import CostcalcError, SpecError, UsageError, word_of
from costcalc.graph import Binding, Graph, bind, expand
from costcalc.spec import catalogue
from costcalc.spec.model import Spec
from costcalc.transform.name import Applied, Step, read_name, rewrite, with_steps

if TYPE_CHECKING:
    from costcalc.analysis.formula import Formula
    from costcalc.analysis.points import Sweep
    from costcalc.analysis.verify import Check


@dataclass(frozen=True)
class Network:
    """A network with every setting given a value."""

    spec: Spec
    binding: Binding
    steps: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        """The name under which it was asked for, with its transforms."""
        return with_steps(self.binding.name, self.steps)

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting's value, exact."""
        return dict(self.binding.settings)

    @cached_property
    def graph(self) -> Graph:
        """The flat graph, transformed as asked.

        Raises SpecError if the network cannot be built at these settings, UsageError if a transform changes nothing.
        """
        return self._rewritten[0]

    @property
    def transforms(self) -> tuple[Applied, ...]:
        """The transforms that have run, and how many places each changed."""
        return self._rewritten[1]

    @cached_property
    def _rewritten(self) -> tuple[Graph, tuple[Applied, ...]]:
        return rewrite(expand(self.binding), self.steps)

    def with_settings(self, **settings: Any) -> Network:
        """The same network with other settings."""
        return Network(self.spec, bind(self.spec, self.binding.name, self.settings | settings), self.steps)

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
        return Report(self.binding, chosen, number, summary, self.transforms)


@dataclass(frozen=True)
class Report:
    """What a network costs: `rows`, `totals`, and everything that a reader must know to reproduce them."""

    binding: Binding = field(repr=False)
    convention: Convention
    dtype: Dtype
    summary: Summary = field(repr=False)
    transforms: tuple[Applied, ...] = ()

    @property
    def network(self) -> str:
        """The network's name, with its transforms."""
        return "@".join([self.binding.name, *(applied.transform for applied in self.transforms)])

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

    Settings and transforms may stand behind the name: `mobilenet_v1@alpha=0.5@standard`.
    Settings are exact: `alpha="0.75"`, `alpha=Fraction(3, 4)`; a float is read as it prints. `resolution` is the
    input's side (or "HxW"); `beta` multiplies it.
    Raises UsageError for unknown names and values out of range, SpecError for a wrong spec.
    """
    asked = read_name(network)
    given = asked.with_settings(settings)
    spec, name = catalogue.open_network(asked.network)
    if given and catalogue.is_path(asked.network):
        expand(bind(spec, name))  # a person's own file is checked as written before it is changed
    return Network(spec, bind(spec, name, given), asked.steps)


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


def formula(
    network: str,
    *,
    open: Sequence[str] = (),
    smooth: bool = False,
    against: str | None = None,
    convention: str = "paper",
    **settings: Any,
) -> Formula:
    """What a network costs as an expression in alpha, beta and the settings of `open`; or an operator (`conv`), or the
    pair `separable`, in letters for its numbers.

    A setting that is given a value is not open. `smooth` leaves out all rounding. `against` puts the formula of a
    second network, or operator, beside it, and the ratio.
    Raises UsageError for a setting that does not exist or cannot be left open, SpecError for a wrong spec.
    """
    from dataclasses import replace

    from costcalc.analysis.network_formula import Subject, network_formulas
    from costcalc.analysis.operator_formula import check_kinds, is_operator, operator_formula

    chosen = load_convention(convention)
    names = [network] if against is None else [network, against]
    check_kinds(names)
    if is_operator(network):
        found = [operator_formula(name, settings, open, smooth, chosen) for name in names]
    else:
        loaded = [load(name, **settings) for name in names]
        given = [frozenset(read_name(name).with_settings(settings)) for name in names]
        subjects = [Subject(one.binding, one.steps, mine) for one, mine in zip(loaded, given, strict=True)]
        found = network_formulas(subjects, open, smooth, chosen)
    return replace(found[0], against=found[1]) if found[1:] else found[0]


__all__ = [
    "CostcalcError",
    "Network",
    "Report",
    "SpecError",
    "UsageError",
    "catalogue_records",
    "formula",
    "load",
    "sweep",
    "verify",
]
