"""Points of a sweep that a bound leaves out by a hair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from costcalc.analysis.near import Near, near
from costcalc.typed.budgets import Budget


def near_point(
    row: Mapping[str, Any], axes: Iterable[str], budgets: Sequence[Budget], figure: Callable[[str], Any]
) -> Near | None:
    """The budget that a point just misses, with the point's name: `mobilenet_v2 at alpha 1, resolution 224`."""
    where = ", ".join(f"{key} {row[key]}" for key in axes)
    return near(f"{row['network']} at {where}" if where else row["network"], budgets, figure)
