"""Rows that nobody beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def frontier(rows: Sequence[dict[str, Any]], cost: str, value: str) -> list[dict[str, Any]]:
    """The rows for which no other has at least the value at no more than the cost (and one of them better), by cost.

    Rows without a value are left out.
    """
    best: float | None = None
    kept = []
    known = [row for row in rows if row[value] is not None]
    for row in sorted(known, key=lambda row: (row[cost], -row[value])):
        if best is None or row[value] > best:
            kept.append(row)
            best = row[value]
    return kept
