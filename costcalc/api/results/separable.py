"""The forms of convolutions, as a notebook shows them."""

from __future__ import annotations

from costcalc.analysis.compare import separable
from costcalc.report.shown import Plot, Shown, count, plot_rows
from costcalc.typed.columns import read_drawn


class Separable(Shown, separable.Separable):
    """The convolutions of a network in each form: see `costcalc.separable`."""

    @property
    def summary(self) -> str:
        return f"{self.name}: {count(len(self.places), 'convolution')}"

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.comparison import render_separable

        return render_separable(self, format, False, width, terminal)

    def plot(self, file: str | None = None, measure: str | None = None) -> Plot:
        """The whole network with all its convolutions in one form, and as it is; written into `file` too."""
        convention = self.counting.convention
        measures = read_drawn(measure, convention, (self.columns[0].name,))
        rows = [{"network": form.replace("_", " "), **costs} for form, costs in self.totals.items()]
        return plot_rows(
            rows, f"{self.name}, convolutions in one form", f"convention {convention.name}", measures, "compare", file
        )
