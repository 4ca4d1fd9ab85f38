"""Networks under recipes, as a notebook shows them."""

from __future__ import annotations

from functools import partial
from typing import Any

from costcalc.analysis.compress import by_step, target
from costcalc.report.shown import Plot, Shown, count, plotted


class Compressed(Shown, by_step.Compressed):
    """A network before and after a recipe: see `costcalc.compress`."""

    @property
    def summary(self) -> str:
        return f"{self.network}: {count(len(self.layers), 'layer')}"

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.compression import render_compressed

        return render_compressed(self, format, width, terminal)

    def plot(self, file: str | None = None) -> Plot:
        """Stored bytes of each layer before and after, written into `file` too."""
        from costcalc.report.plots.compressed import plot_compressed

        return plotted(self.summary, partial(plot_compressed, self), file)


class Reached(Shown, target.Reached):
    """The rate that reaches a size: see `costcalc.compress_to`."""

    @property
    def summary(self) -> str:
        return f"{self.vary} {self.best.value if self.best else 'of no value'} for {self.target:,} bytes"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The point that reaches it, and the next one beyond."""
        return [point._asdict() for point in (self.best, self.beyond) if point is not None]

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.compression import render_reached

        return render_reached(self, self.network, format)
