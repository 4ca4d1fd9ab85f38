"""Which network a network is, as a notebook shows it."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.identify import identify
from costcalc.report.shown import Shown


class Identified(Shown, identify.Identified):
    """Which network of the catalogue a network is: see `costcalc.identify`."""

    @property
    def summary(self) -> str:
        return f"{self.name}: {self.network or 'no network of the catalogue'}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The networks that it is, or the nearest."""
        return [match.as_dict() for match in self.matches]

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.identified import render_identified

        return render_identified(self, format, width, terminal)
