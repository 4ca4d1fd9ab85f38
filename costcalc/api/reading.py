"""What people write, read: the arrangement of rows."""

from __future__ import annotations

from collections.abc import Sequence

from costcalc.analysis.records import Arrangement
from costcalc.counting import Convention
from costcalc.errors import UsageError, shown
from costcalc.typed.columns import read_order, read_pair


def check_top(top: object) -> None:
    """Raise UsageError for what is no number of rows, nor None."""
    if top is not None and (isinstance(top, bool) or not isinstance(top, int) or top < 1):
        raise UsageError(f"top: {shown(top)} is no number of rows", expected="a whole number from 1")


def arrangement(
    convention: Convention,
    sort: str | None,
    pareto: bool | str | None,
    top: int | None,
    words: Sequence[str] = ("network",),
) -> Arrangement:
    """Which rows are shown, and in which order; `words` are columns that are no measures. Raises UsageError."""
    check_top(top)
    return Arrangement(read_order(sort, convention, words), read_pair(pareto, convention, words), top)
