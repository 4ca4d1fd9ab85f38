"""What people write, read: the arrangement of rows."""

from __future__ import annotations

from collections.abc import Sequence

from costcalc.analysis.records import Arrangement
from costcalc.counting import Convention
from costcalc.typed.columns import read_order, read_pair


def arrangement(
    convention: Convention,
    sort: str | None,
    pareto: bool | str | None,
    top: int | None,
    words: Sequence[str] = ("network",),
) -> Arrangement:
    """Which rows are shown, and in which order; `words` are columns that are no measures. Raises UsageError."""
    return Arrangement(read_order(sort, convention, words), read_pair(pareto, convention), top)
