"""Networks side by side, as a notebook shows them."""

from __future__ import annotations

from costcalc.analysis.compare import side_by_side
from costcalc.report.shown import Plot, Shown, plot_rows
from costcalc.typed.columns import read_columns, read_drawn


class Comparison(Shown, side_by_side.Comparison):
    """Networks side by side: see `costcalc.compare`."""

    @property
    def summary(self) -> str:
        from costcalc.report.comparison import comparison_title

        return comparison_title(self)

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.comparison import render_comparison

        return render_comparison(self, format, width, terminal)

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """The networks as bars of a measure, or by two of them as points; written into `file` too."""
        convention = self.counting.convention
        measures = read_drawn(measure, convention, (self.total,))
        columns = read_columns([*dict.fromkeys([*measures, "params", "peak_activation_bytes"])], convention)
        note = f"convention {convention.name}: {convention.title}"
        return plot_rows(self.rows_of(columns), self.summary, note, measures, kind, file)
