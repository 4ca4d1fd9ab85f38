"""Published figures beside computed ones, as a notebook shows them."""

from __future__ import annotations

from typing import Any

from costcalc.analysis.verify import Check, Verdict
from costcalc.report.shown import Shown, count


class Checks(Shown, list[Check]):
    """Published figures beside computed ones: see `costcalc.verify`."""

    @property
    def summary(self) -> str:
        counts = {verdict: sum(check.verdict is verdict for check in self) for verdict in Verdict}
        words = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
        return ": ".join(filter(None, (count(len(self), "published figure"), words)))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each figure."""
        return [check.as_dict() for check in self]

    def render(self, format: str = "table", width: int | None = None, terminal: bool = False) -> str:
        from costcalc.report.verified import render_checks

        return render_checks(self.rows, format, self.summary, [], width, terminal)
