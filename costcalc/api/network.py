"""A network with its settings, and the report of what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from costcalc.analysis.summary import By, Dtype, Row, Summary, Totals, summarise
from costcalc.conventions import Convention, load_convention
from costcalc.errors import word_of
from costcalc.graph import Binding, Graph, bind, expand
from costcalc.spec import catalogue
from costcalc.spec.model import Spec
from costcalc.transform.name import Applied, Step, read_name, rewrite, with_steps


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
        return Network(self.spec, bind(self.spec, self.binding.name, self.binding.stated | settings), self.steps)

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
