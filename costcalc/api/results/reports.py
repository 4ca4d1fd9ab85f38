"""A report, as a notebook shows it."""

from __future__ import annotations

from dataclasses import replace

from costcalc.errors import text_of
from costcalc.measures import measure_of
from costcalc.report import report
from costcalc.report.shown import Plot, Shown, plot_rows
from costcalc.typed.columns import read_columns, read_drawn
from costcalc.words import By


class Report(Shown, report.Report):
    """What a network costs, by layer, block or operator: see `Network.report`."""

    @property
    def summary(self) -> str:
        """The network, and what it costs in all."""
        from costcalc.report.tables.units import short

        whole, total = self.ledger.whole, self.convention.total
        costs = f"{short(whole[total])} {measure_of(total).title}, {short(whole['params'])} parameters"
        return f"{self.title}, by {self.by}: {costs}"

    def render(
        self, format: str = "table", width: int | None = None, terminal: bool = False, short: bool = False
    ) -> str:
        return report.Report.render(self, format, width, terminal, short)

    def _repr_html_(self) -> str:
        return report.Report._repr_html_(self)

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """The layers as bars of a measure, or by two of them as points; `kind="memory"`, live bytes over the steps.

        Without a kind, a network of many layers is drawn by stage. Written into `file` too.
        Raises UsageError for a wrong kind, measure or file.
        """
        from costcalc.report.plots.bars import is_deep

        if kind is not None:
            text_of(kind, "kind of picture", "layers, scatter or memory")
        usual = "live_bytes" if kind == "memory" else self.convention.total
        measures = read_drawn(measure, self.convention, (usual,))
        if measures == ("live_bytes",) and kind in (None, "memory"):
            return plot_rows(self.steps, self.subject.title, self.memory_note, measures, kind, file)
        needed = read_columns([*dict.fromkeys([*measures, "params"])], self.convention, computed=True)
        drawn, note = replace(self, columns=needed), self.picture_note(measures)
        if kind is None and self.by is By.LAYER and is_deep(drawn.rows, measures):
            drawn, note = replace(drawn, by=By.STAGE), f"{note}; by stage"
        return plot_rows(drawn.rows, self.subject.title, note, measures, kind, file)
