"""Networks of the catalogue, as a notebook shows them."""

from __future__ import annotations

from costcalc.analysis import choose
from costcalc.report.shown import Plot, Shown, count, plot_rows
from costcalc.typed.columns import read_drawn

_HIDDEN = ("title", "classes", "top1_at", "top5_at")
"""Columns that programs need, and people do not."""


class Catalogue(Shown, choose.Catalogue):
    """Networks of the catalogue: see `costcalc.networks`."""

    @property
    def summary(self) -> str:
        return count(len(self.rows), "network")

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.choice import remarks
        from costcalc.report.formats import render_records

        hidden = () if format in ("csv", "json") else _HIDDEN
        found = [{key: value for key, value in row.items() if key not in hidden} for row in self.rows]
        if hidden:  # a year is not grouped as a count is
            found = [{**row, "year": str(row["year"] or "")} for row in found]
        notes = [*remarks(self), self.note]
        return render_records(found, format, self.summary, notes, width, terminal, ("family", "paper", "year", "input"))

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """Accuracy against cost, or bars of a measure; written into `file` too."""
        convention = self.counting.convention
        measures = read_drawn(measure, convention, (convention.total,))
        return plot_rows(
            self.rows, self.summary, f"convention {convention.name}: {convention.title}", measures, kind, file
        )
