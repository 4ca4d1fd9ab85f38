"""Networks of the catalogue, as a notebook shows them."""

from __future__ import annotations

from costcalc.analysis import choose
from costcalc.report.catalogue import RARER, networks_for_people
from costcalc.report.shown import Plot, Shown, count, plot_rows
from costcalc.typed.columns import read_drawn


class Catalogue(Shown, choose.Catalogue):
    """Networks of the catalogue: see `costcalc.networks`."""

    @property
    def summary(self) -> str:
        return count(len(self.rows), "network")

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.choice import remarks
        from costcalc.report.formats import render_records

        found, notes = networks_for_people(self.rows, format), [*remarks(self), self.note]
        return render_records(found, format, self.summary, notes, width, terminal, RARER)

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """Accuracy against cost, or bars of a measure; written into `file` too."""
        convention = self.counting.convention
        measures = read_drawn(measure, convention, (convention.total,))
        return plot_rows(
            self.rows, self.summary, f"convention {convention.name}: {convention.title}", measures, kind, file
        )
