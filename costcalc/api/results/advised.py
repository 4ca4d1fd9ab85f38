"""A network beside guidelines, as a notebook shows it."""

from __future__ import annotations

from costcalc.analysis.advise import finding
from costcalc.report.shown import Shown, count


class Advised(Shown, finding.Advised):
    """A network beside the guidelines: see `costcalc.advise`."""

    @property
    def summary(self) -> str:
        return f"{self.network.name}: {count(len(self.rows), 'finding')}"

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.advice import render_advice

        return render_advice(self, format, None, width, terminal)
