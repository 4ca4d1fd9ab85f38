"""Published figures beside computed ones, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.analysis.verify import Check
from costcalc.report.formats import Format, render_records

_BOTH = 47
"""Characters that what is printed and what is computed need, with unbroken words beside them."""


def render_checks(
    rows: Sequence[dict[str, Any]], format: str, title: str, notes: Sequence[str], width: int | None, terminal: bool
) -> str:
    """A row for each figure, ending in a newline; where there is no room the reasons stand below."""
    if not rows and format == Format.CSV:
        return ",".join(Check._fields) + "\n"
    optional: tuple[str, ...] = ("at", "convention", "settings", "printed")
    kept: tuple[str, ...] = ("figure", "computed", "verdict")
    if not terminal or width is None or width >= _BOTH:
        optional, kept = optional[:-1], (*kept, "printed")
    return render_records(
        rows, format, title, notes, width, terminal, optional, "because", kept=kept, written=["printed"]
    )
