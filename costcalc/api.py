"""The Python interface: load a network, ask for a report.

>>> import costcalc
>>> report = costcalc.load("mobilenet_v1", alpha="0.5", resolution=160).report()
>>> report.totals.total, report.totals.params
(76524800, 1331592)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from costcalc.analysis.choose import catalogue_records
from costcalc.analysis.summary import By, Dtype, Row, Summary, Totals, summarise
from costcalc.conventions import Convention, load_convention
from costcalc.errors import CostcalcError, SpecError, UsageError, word_of
from costcalc.graph import Binding, Graph, bind, expand
from costcalc.graph.binding import exact
from costcalc.quantity import as_text
from costcalc.spec import catalogue
from costcalc.spec.model import Spec
from costcalc.transform.name import PIPED, Applied, Step, read_name, rewrite, with_steps

if TYPE_CHECKING:
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
            raise UsageError(f"'{network[:60]}': published figures have settings of their own", expected=asked.network)
        spec, name = catalogue.open_network(asked.network, published=True)
        found = verification.verify(spec, None if name == spec.name and not asked.steps else {name})
        whole = with_steps(name, asked.steps)
        checks.extend(check for check in found if not asked.steps or check.network == whole)
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


def compare(
    *networks: str, align_layers: bool = False, convention: str = "paper", dtype: str = "float32", **settings: Any
) -> Comparison:
    """Networks side by side: `compare("mobilenet_v1@standard", "mobilenet_v1").rows`, one row of totals each.

    Settings hold for all of them; those of one stand in its name. With `align_layers` the layers of two networks are
    matched, and the differences of `.layers` add up to the difference of the totals.
    Raises UsageError for fewer than two networks, more than two to align, or a wrong name or setting.
    """
    from costcalc.analysis import compare as comparing

    if len(networks) < 2:
        raise UsageError(f"{len(networks) or 'no'} network to compare", expected="two networks or more")
    if align_layers and len(networks) > 2:
        raise UsageError(f"layers of {len(networks)} networks to align", expected="two networks")
    asked = [read_name(network) for network in networks]
    if sum(one.network == catalogue.STANDARD_INPUT for one in asked) > 1:
        raise UsageError("- stands twice: standard input holds one spec", expected="a path for the other one")
    chosen, number = load_convention(convention), word_of(Dtype, dtype, "dtype")
    sides = []
    for network in networks:
        loaded = load(network, **settings)
        report = loaded.report(dtype=dtype, convention=convention)
        sides.append(
            comparing.Side(
                _as_asked(network, loaded),
                str(loaded.binding.input),
                report.layers,
                report.totals,
                report.transforms,
                report.left_out,
            )
        )
    aligned = tuple(comparing.align(sides[0].layers, sides[1].layers)) if align_layers else None
    return comparing.Comparison(chosen, number, _written(settings), tuple(sides), aligned)


def separable(network: str, convention: str = "paper", **settings: Any) -> Separable:
    """Each convolution with a window as a standard convolution and as a depthwise-separable pair, in both orders.

    Raises UsageError if the network has none, or for a wrong name or setting.
    """
    from costcalc.analysis import separable as forms

    loaded = load(network, **settings)
    chosen = load_convention(convention)
    places, alone = forms.forms_of(loaded.graph, chosen, loaded.binding.batch)
    report = loaded.report(convention=convention)
    return forms.Separable(
        _as_asked(network, loaded),
        _written(settings),
        chosen,
        places,
        forms.Cost(report.totals.total, report.totals.params, report.totals.weights),
        alone,
        report.transforms,
        report.left_out,
    )


def _written(settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings that were asked for, as a person writes them."""
    return {key: as_text(exact(value)) for key, value in settings.items() if value is not None}


def _as_asked(text: str, loaded: Network) -> str:
    """A network as a person called it, with its settings and transforms; standard input by the name in its spec."""
    name, at, rest = text.partition("@")
    return f"{loaded.binding.name} (stdin){at}{rest}" if name in (catalogue.STANDARD_INPUT, PIPED) else text


__all__ = [
    "CostcalcError",
    "Network",
    "Report",
    "SpecError",
    "UsageError",
    "catalogue_records",
    "compare",
    "load",
    "separable",
    "sweep",
    "verify",
]
