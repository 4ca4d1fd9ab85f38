"""The catalogue as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.analysis.choose import WORDS, catalogue_rows
from costcalc.counting import Counting
from costcalc.errors import UsageError
from costcalc.typed.budgets import read_budgets
from costcalc.typed.columns import read_column, read_columns

USUAL = "{total},params,top1"
"""The columns of the catalogue, unless others are asked for."""


def catalogue_records(
    word: str = "",
    family: str | None = None,
    sort: str | None = None,
    pareto: bool | str = False,
    columns: str | Sequence[str] | None = None,
    top: int | None = None,
    convention: str = "paper",
    dtype: str = "float32",
    **budgets: str | int | None,
) -> list[dict[str, Any]]:
    """The catalogue's networks whose name, title or family contains `word`, with cost, published top-1, year and paper.

    `max_mult_adds=...` and the like keep those within a budget; `sort` orders by a column, the best first; `pareto` keeps
    networks for which no other is at least as good in two columns (`True`: the total and top1). Libraries' names
    (`torchvision/...`) are listed when the word asks for them. Raises UsageError with the nearest name if there is none.
    """
    counting = Counting.of(convention, dtype)
    chosen = counting.convention
    asked = read_columns(columns or USUAL.format(total=chosen.total), chosen)
    order = None if sort is None else sort if sort in WORDS else read_column(sort, chosen)
    both = None
    if pareto:
        both = read_columns(f"{chosen.total},top1" if pareto is True else pareto, chosen)
        if len(both) != 2:
            raise UsageError(f"a frontier over {len(both)} columns", expected="two, as mult_adds,top1")
    return catalogue_rows(
        counting, asked, word, family, read_budgets(budgets), order, (both[0], both[1]) if both else None, top
    )
