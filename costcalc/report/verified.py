"""Published figures beside computed ones, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.analysis.verify import Check
from costcalc.report.formats import Format, render_records


def render_checks(
    rows: Sequence[dict[str, Any]], format: str, title: str, notes: Sequence[str], width: int | None, terminal: bool
) -> str:
    """A row for each figure, ending in a newline; where there is no room the reasons stand below."""
    if not rows and format == Format.CSV:
        return ",".join(Check._fields) + "\n"
    optional, kept = ("at", "convention", "settings", "printed"), ("figure", "computed", "verdict")
    return render_records(rows, format, title, notes, width, terminal, optional, "because", kept=kept)
