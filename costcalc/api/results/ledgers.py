"""A ledger, as a notebook shows it."""

from __future__ import annotations

from typing import Any

from costcalc import ledger
from costcalc.analysis.records import figures
from costcalc.report.shown import Plot, Shown, plot_rows
from costcalc.typed.columns import columns_named, read_drawn

_FIGURES = ("params", "weight_bytes", "output_bytes", "traffic_bytes")


class Ledger(ledger.Ledger, Shown):
    """What every layer of a network and the whole cost: see `Network.ledger`."""

    @property
    def summary(self) -> str:
        """How many layers, and how they are counted."""
        return repr(self).strip("<>").partition(" ")[2]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each layer: its name, its operator, and its main costs."""
        return self._rows((self.total, *_FIGURES))

    def _rows(self, measures: tuple[str, ...]) -> list[dict[str, Any]]:
        shown = columns_named(list(dict.fromkeys(measures)))
        return [{"name": one.name, "op": one.op, **figures(one, shown)} for one in self.layers.values()]

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        """The layers as text, ending in a newline."""
        from costcalc.report.formats import render_records

        return render_records(self.rows, format, self.summary, [], width, terminal)

    def plot(self, file: str | None = None, kind: str | None = None, measure: str | None = None) -> Plot:
        """The layers as a picture, written into `file` too: see `Report.plot`."""
        measures = read_drawn(measure, self.counting.convention, (self.total,))
        return plot_rows(self._rows((*measures, "params")), self.summary, "", measures, kind, file)
