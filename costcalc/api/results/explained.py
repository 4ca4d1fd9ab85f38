"""Why totals differ, as a notebook shows it."""

from __future__ import annotations

from functools import partial

from costcalc.analysis.explain import explanation
from costcalc.errors import UsageError
from costcalc.report.shown import Plot, Shown, count, plotted


class Explanation(Shown, explanation.Explanation):
    """Why totals differ: see `costcalc.explain`."""

    @property
    def summary(self) -> str:
        falls, found = len(self.waterfalls), len(self.found)
        return f"{self.network.name}: {count(falls, 'waterfall') if falls else count(found, 'printed figure')}"

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.explanation import render_explanation

        return render_explanation(self, format, None, width, terminal)

    def plot(self, file: str | None = None) -> Plot:
        """The waterfalls, written into `file` too. Raises UsageError without one."""
        from costcalc.report.plots.waterfall import write_waterfalls

        if not self.waterfalls:
            raise UsageError("there is no waterfall to draw", expected="explain(network, against='fvcore')")
        return plotted(self.summary, partial(write_waterfalls, self), file)
