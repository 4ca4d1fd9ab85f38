"""A report, as a notebook shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costcalc.errors import text_of
from costcalc.measures import measure_of
from costcalc.report import report
from costcalc.report.formats import MERMAID
from costcalc.report.pictured import pictured
from costcalc.report.shown import Plot, Shown, charted, plot_rows, plotted, write_rows
from costcalc.typed.columns import read_drawn
from costcalc.words import By

if TYPE_CHECKING:
    from costcalc.typed.page import Page


class Report(report.Report, Shown):
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
        """As text, ending in a newline: table, markdown, csv, json, latex, html, or mermaid: its bars as a chart.

        `width` and `terminal` matter to `table` alone; `short` figures, as 569 M, stand in what people read.
        """
        if text_of(format, "format", "a word, as 'table'") == MERMAID:
            total = self.convention.total
            rows, note = pictured(self, (total,), None, "" if self.by is By.LAYER else None)
            return charted(rows, self.subject.title, note, total)
        return super().render(format, width, terminal, short)

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """The layers as bars of a measure, or by two of them as points; `kind="memory"`, live bytes over the steps.

        Without a kind, a network of more layers than have room is drawn by stage. Written into `file` too.
        Raises UsageError for a wrong kind, measure or file.
        """
        if kind is not None:
            text_of(kind, "kind of picture", "layers, scatter or memory")
        usual = "live_bytes" if kind == "memory" else self.convention.total
        measures = read_drawn(measure, self.convention, (usual,))
        if measures == ("live_bytes",) and kind in (None, "memory"):
            return plot_rows(self.steps, self.subject.title, self.memory_note, measures, kind, file)
        stages = "" if kind is None and self.by is By.LAYER else None

        def write(path: str, page: Page | None) -> None:
            rows, note = pictured(self, measures, page, stages)
            write_rows(rows, self.subject.title, note, measures, kind, path, page)

        return plotted(self.subject.title, write, file)
