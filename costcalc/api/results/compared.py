"""Networks side by side, as a notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.analysis.compare import side_by_side
from costcalc.errors import text_of
from costcalc.report.shown import Plot, Shown, charted, plot_rows
from costcalc.typed.columns import read_columns, read_drawn


class Comparison(Shown, side_by_side.Comparison):
    """Networks side by side: see `costcalc.compare`."""

    @property
    def summary(self) -> str:
        from costcalc.report.comparison import comparison_title

        return comparison_title(self)

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.comparison import render_comparison
        from costcalc.report.formats import MERMAID

        if text_of(format, "format", "a word, as 'table'") == MERMAID:
            return charted(self._drawn((self.total,)), self.summary, self._note, self.total)
        return render_comparison(self, format, width, terminal)

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """The networks as bars of a measure, or by two of them as points; written into `file` too."""
        measures = read_drawn(measure, self.counting.convention, (self.total,))
        return plot_rows(self._drawn(measures), self.summary, self._note, measures, kind, file)

    @property
    def _note(self) -> str:
        return f"convention {self.counting.convention.name}: {self.counting.convention.title}"

    def _drawn(self, measures: Sequence[str]) -> list[dict[str, Any]]:
        needed = dict.fromkeys([*measures, "params", "peak_activation_bytes"])
        return self.rows_of(read_columns([*needed], self.counting.convention))
