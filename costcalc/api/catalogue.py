"""The catalogue as rows, and the tables of words that people use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc.analysis.choose import WORDS, catalogue_rows
from costcalc.api.reading import arrangement
from costcalc.counting import read_counting
from costcalc.typed.budgets import read_budgets
from costcalc.typed.columns import read_columns


def catalogue_records(
    word: str = "",
    family: str | None = None,
    sort: str | None = None,
    pareto: bool | str | None = None,
    columns: str | Sequence[str] | None = None,
    top: int | None = None,
    **words: Any,
) -> list[dict[str, Any]]:
    """The catalogue's networks whose name, title or family contains `word`, with cost, published top-1, year and paper.

    `max_mult_adds=...` and the like keep those within a budget; `sort` orders by a column, the best first; `pareto`
    keeps networks for which no other is at least as good in two columns (`True`: the total and top1). Libraries' names
    (`torchvision/...`) are listed when the word asks for them. `convention`, `dtype`, `weights`, `activations`,
    `accumulators`, `schedule`, `optimizer`, `checkpoint` say how to count.

    Raises UsageError with the nearest name if there is none.
    """
    counting, budgets = read_counting(words)
    chosen = counting.convention
    asked = read_columns((chosen.total, "params", "top1") if columns is None else columns, chosen)
    order = arrangement(chosen, sort, pareto, top, WORDS)
    return catalogue_rows(counting, asked, word, family, read_budgets(budgets), order)
