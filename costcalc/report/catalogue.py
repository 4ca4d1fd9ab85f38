"""Networks of the catalogue as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_FOR_PROGRAMS = ("title", "classes", "top1_at", "top5_at")
RARER = ("family", "paper", "year", "input")
"""Columns that go first where there is no room."""


def networks_for_people(rows: Sequence[dict[str, Any]], format: str) -> list[dict[str, Any]]:
    """Rows of networks for a format: as they are for programs; for people without what those need alone."""
    if format in ("csv", "json"):
        return list(rows)
    shown = [{key: value for key, value in row.items() if key not in _FOR_PROGRAMS} for row in rows]
    return [{**row, "year": str(row["year"] or "")} for row in shown]  # a year is not grouped as a count is
