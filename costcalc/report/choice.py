"""What is said under a table of networks that were chosen: what just misses a bound, and what has no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from costcalc.analysis.choose import Catalogue
from costcalc.analysis.near import Near
from costcalc.analysis.sweep.plan import ALWAYS
from costcalc.analysis.sweep.rows import Sweep
from costcalc.measures import Unit, measure_of
from costcalc.report.tables.columns import figure_text
from costcalc.report.tables.units import short

MOST_NAMED = 5
"""So many are named, the others counted."""


def remarks(found: Catalogue) -> list[str]:
    """The networks that just miss a bound, and those that cannot be built as they were asked for."""
    lines = near_lines(found.near)
    if found.left_out:
        name, reason = found.left_out[0]
        names = named([name for name, _ in found.left_out])
        lines.append(f"no network at that resolution: {names} ({name}: {reason})")
    return lines


def near_lines(near: Sequence[Near]) -> list[str]:
    """A line for each budget that something just misses, as `just above max-params 4M: mobilenet (4,031,976)`."""
    lines = []
    for budget in dict.fromkeys(one.budget for one in near):
        here = [f"{one.name} ({figure_text(budget.measure, one.value)})" for one in near if one.budget == budget]
        counts = measure_of(budget.measure).counted_in is Unit.COUNT
        bound = (
            re.sub(r"\.?0+(?=[kMGT])", "", short(int(budget.limit)))
            if counts
            else figure_text(budget.measure, budget.limit)
        )
        lines.append(f"just {'below' if budget.is_least else 'above'} {budget.option} {bound}: {named(here)}")
    return lines


def best_lines(swept: Sweep) -> list[str]:
    """Of several networks, which point is the most accurate and which the widest of all, shown or not."""
    rows, total = swept.candidates, swept.convention.total
    if len({row["network"] for row in rows}) < 2:
        return []
    lines = []
    accurate = max(rows, key=lambda row: row.get("top1") or 0)
    if accurate.get("top1"):
        lines.append(f"most accurate: {_point(accurate, swept)}, top1 {accurate['top1']} as published")
    wide = max(rows, key=lambda row: row[total])
    return [*lines, f"widest: {_point(wide, swept)}, {figure_text(total, wide[total])} {measure_of(total).title}"]


def _point(row: dict[str, Any], swept: Sweep) -> str:
    keys = [key for key in swept.settings if key in swept.asked or key not in ALWAYS]
    return " ".join([row["network"], *(["at"] if keys else []), ", ".join(f"{key} {row[key]}" for key in keys)]).strip()


def named(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
