"""Closed formulas, as a notebook shows them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from costcalc.analysis.formula import record
from costcalc.analysis.records import plain
from costcalc.errors import UsageError
from costcalc.report.shown import Plot, Shown, plot_rows

_ALPHAS = [Fraction(step, 20) for step in range(5, 41)]


class Formula(Shown, record.Formula):
    """What something costs as expressions: see `costcalc.formula`. A notebook typesets it."""

    @property
    def summary(self) -> str:
        return f"{self.name}: {', '.join(self.figures)} in {', '.join(self.open or self.letters) or 'nothing open'}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each measure, its expression as text, and the figure that the report has at the formula's own settings."""
        reported = self.reported or {}
        return [
            {"measure": name, "formula": str(value), "at its own settings": plain(reported.get(name))}
            for name, value in self.figures.items()
        ]

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.formula.page import render_formula

        return render_formula(self, format, False, width, terminal)

    def _repr_latex_(self) -> str:
        lines = [line for line in self.render("latex").splitlines() if not line.startswith("%")]
        return "\n".join(["$$", *lines, "$$"]).replace("align*", "aligned")

    def _repr_html_(self) -> str:
        from costcalc.escape import html
        from costcalc.report.formula.page import heading, notes
        from costcalc.report.formula.words import signs

        lines = [heading(self), *notes(self, signs)]
        first, *rest = (f"<p>{html(line)}</p>" for line in lines)
        return "\n".join([first, *map(html, self._repr_latex_().splitlines()), *rest]) + "\n"

    def plot(self, file: str | None = None, measure: str | None = None) -> Plot:
        """A measure over alpha, from 0.25 to 2 where the formula holds; written into `file` too.

        Raises UsageError if alpha is not open, or the formula has no such measure.
        """
        name = measure or next(iter(self.figures))
        if "alpha" not in self.open or name not in self.figures:
            wanted = "a measure of the formula" if "alpha" in self.open else "a formula with alpha open"
            raise UsageError(f"nothing to draw of the formula of {self.name}", expected=wanted)
        place = list(self.figures).index(name)
        rows = [
            {"network": self.name, "alpha": str(float(alpha)), name: plain(self.at(alpha=alpha)[place])}
            for alpha in _ALPHAS
            if self.smooth or self.holds(alpha=alpha)
        ]
        return plot_rows(rows, self.title, f"convention {self.convention.name}", (name,), "alpha", file)
