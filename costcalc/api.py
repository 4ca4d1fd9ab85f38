"""The Python interface: load a network, ask for a report.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from costcalc.analysis.budget import read_budgets
from costcalc.analysis.choose import catalogue_records
from costcalc.analysis.summary import By, Dtype, Row, Summary, Totals, summarise
from costcalc.conventions import Convention, load_convention
from costcalc.errors import CostcalcError, SpecError, UsageError, word_of
from costcalc.graph import Binding, Graph, bind, expand
from costcalc.spec import catalogue
from costcalc.spec.model import Spec
from costcalc.transform.name import Applied, Step, read_name, rewrite, with_steps

if TYPE_CHECKING:
    from costcalc.analysis.budget import Outcome
    from costcalc.analysis.compare import Comparison
    from costcalc.analysis.points import Sweep
    from costcalc.analysis.separable import Separable
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

        return dump(self.graph, self.binding, [*map(str, self.steps)])

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
    asked.check_settings(spec.settings)
    if given and catalogue.is_path(asked.network):
        expand(bind(spec, name))  # a person's own file is checked as written before it is changed
    return Network(spec, bind(spec, name, given), asked.steps)


def verify(*networks: str) -> list[Check]:
    """Published figures beside computed ones: of the whole catalogue, or of the networks named.

    A file's plain name stands for all its variants; with transforms behind it, for the figures of that network alone.
    Raises UsageError for an unknown network, SpecError for a wrong spec.
    """
    from costcalc.analysis import verify as verification

    if not networks:
        return [check for spec in catalogue.specs() for check in verification.verify(spec)]
    checks: list[Check] = []
    for network in networks:
        asked = read_name(network)
        if asked.settings:
            raise UsageError(f"'{network[:60]}': figures are checked at their own settings", expected=asked.network)
        spec, name = catalogue.open_network(asked.network, published=True)
        found = verification.verify(spec, None if name == spec.name and not asked.steps else {name})
        wanted = with_steps(name, asked.steps)
        checks.extend(check for check in found if not asked.steps or check.network == wanted)
    return list(dict.fromkeys(checks))


def sweep(
    *networks: str,
    axes: Mapping[str, Any],
    convention: str = "paper",
    dtype: str = "float32",
    skip_invalid: bool = False,
    **budgets: str | int | None,
) -> Sweep:
    """Every point of a grid of settings, as `sweep("mobilenet_v1", axes={"alpha": "0.25:1:0.25", "beta": ["6/7", 1]})`.

    An axis is a list of values, or a text as the command line takes it. One row per point: the settings, the
    convention's total, params, bytes, and the published top-1 where the authors give that point. `max_mult_adds="300M"`
    and the like keep the points within a budget.
    Raises UsageError for a wrong axis, or for points without a network unless `skip_invalid`.
    """
    from costcalc.analysis.points import plan_sweep, sweep_points

    bits = word_of(Dtype, dtype, "dtype").bits
    return sweep_points(plan_sweep(networks, axes, convention, bits, read_budgets(budgets)), skip_invalid)


def sweep_to(
    target: str | BinaryIO,
    *networks: str,
    axes: Mapping[str, Any],
    format: str | None = None,
    convention: str = "paper",
    dtype: str = "float32",
    skip_invalid: bool = False,
    jobs: int = 1,
    advance: Callable[[int, int], object] = lambda done, points: None,
    **budgets: str | int | None,
) -> list[str]:
    """The rows of `sweep` written as they are computed, in bounded memory: csv, jsonl or parquet, as the file's ending
    says. What was left out is returned; `advance` hears how many points of how many are done.

    A file is written whole or not at all. Raises UsageError as `sweep` does, and if the file cannot be written.
    """
    from costcalc.analysis.points import plan_sweep
    from costcalc.report.stream import open_target, stream, stream_format

    chosen = stream_format(format, target)
    bits = word_of(Dtype, dtype, "dtype").bits
    plan = plan_sweep(networks, axes, convention, bits, read_budgets(budgets))
    with open_target(target) as file:
        return stream(plan, file, chosen, skip_invalid, jobs, advance)


def widest(
    network: str,
    axes: Mapping[str, Any] | None = None,
    convention: str = "paper",
    dtype: str = "float32",
    **budgets: str | int | None,
) -> Sweep:
    """The widest settings within a budget, as `widest("mobilenet_v1", max_mult_adds="150M")`: points that fit where the
    next step up along any axis does not. The column `binds` names the bounds that stop it.

    Without axes, alpha and the resolution are searched. Raises UsageError without a budget or if nothing fits.
    """
    from costcalc.analysis import best

    return best.widest(network, axes or {}, read_budgets(budgets), convention, word_of(Dtype, dtype, "dtype").bits)


def check(
    *networks: str,
    settings: Mapping[str, Any] | None = None,
    convention: str = "paper",
    dtype: str = "float32",
    **budgets: str | int | None,
) -> list[Outcome]:
    """Each network against each budget, as `check("mobilenet_v1", settings={"alpha": "0.5"}, max_mult_adds="300M")`.

    A budget is a number in base units, or a text as 300M or 14MB; `all(outcome.holds for outcome in ...)`.
    Raises UsageError for a wrong budget or setting, and without a budget; SpecError for a wrong spec.
    """
    from costcalc.analysis.check import check_networks

    chosen, number = load_convention(convention), word_of(Dtype, dtype, "dtype")
    return check_networks(load, networks, settings or {}, read_budgets(budgets), chosen, number)


def check_config(file: str | None = None) -> list[Outcome]:
    """Every budget of a file: of `file`, or of the costcalc.toml or pyproject.toml here or in the nearest folder above.

    Raises UsageError if there is no such file, SpecError with everything that is wrong in it and in the specs.
    """
    from costcalc.analysis.check import check_file

    return check_file(load, file)


def compare(
    *networks: str, align_layers: bool = False, convention: str = "paper", dtype: str = "float32", **settings: Any
) -> Comparison:
    """Networks side by side: `compare("mobilenet_v1@standard", "mobilenet_v1").rows`, one row of totals each.

    Settings hold for all of them; those of one stand in its name. With `align_layers` the layers of two networks are
    matched, and the differences of `.layers` add up to the difference of the totals.
    Raises UsageError for fewer than two networks, more than two to align, or a wrong name or setting.
    """
    from costcalc.analysis.compare import compare_networks

    return compare_networks(load, networks, settings, align_layers, convention, dtype)


def separable(network: str, convention: str = "paper", **settings: Any) -> Separable:
    """Each convolution with a window as a standard convolution and as a depthwise-separable pair, in both orders.

    Raises UsageError if the network has none, or for a wrong name or setting.
    """
    from costcalc.analysis.separable import separable_forms

    return separable_forms(load, network, settings, convention)


__all__ = [
    "CostcalcError",
    "Network",
    "Report",
    "SpecError",
    "UsageError",
    "catalogue_records",
    "check",
    "check_config",
    "compare",
    "load",
    "separable",
    "sweep",
    "sweep_to",
    "verify",
    "widest",
]
