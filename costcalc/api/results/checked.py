"""Budgets beside costs, as a notebook shows them."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.check.outcome import Outcome
from costcalc.report.shown import Shown, count


class Outcomes(Shown, list[Outcome]):
    """Budgets beside costs: see `costcalc.check`."""

    @property
    def summary(self) -> str:
        broken = sum(not outcome.holds for outcome in self)
        return f"{count(len(self), 'budget')}: {f'{broken} broken' if broken else 'all hold'}"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each budget."""
        return [outcome.as_dict() for outcome in self]

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.check.records import render_check

        return render_check(self, format, width, terminal)
