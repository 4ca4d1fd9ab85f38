"""The catalogue as rows, and the tables of words that people use."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from costcalc.analysis.choose import WORDS, Wanted, catalogue_rows
from costcalc.api.reading import arrangement
from costcalc.api.results.chosen import Catalogue
from costcalc.counting import read_counting
from costcalc.errors import UsageError, text_of, written
from costcalc.expression import number
from costcalc.report.shown import shown_as
from costcalc.typed.budgets import read_budgets
from costcalc.typed.columns import read_columns


def networks(
    word: str = "",
    family: str | None = None,
    year: int | str | None = None,
    resolution: int | str | None = None,
    sort: str | None = None,
    pareto: bool | str | None = None,
    columns: str | Sequence[str] | None = None,
    top: int | None = None,
    min_top1: float | str | None = None,
    min_top5: float | str | None = None,
    **words: Any,
) -> Catalogue:
    """The catalogue's networks whose name, title or family contains `word`: `networks("mobilenet").rows`.

    Each has its cost, published top-1, year and paper, at its own input or at `resolution`. `year` is one, or
    `"2017:2019"`. `max_mult_adds="300M"` and the like keep those within a budget, `min_top1=75` those whose published
    accuracy on ImageNet is as high. `sort` orders by a column, the best first; `pareto` keeps networks for which no
    other is at least as good in two columns (`True`: the total and top1). Libraries' names are listed when the word
    asks for them: `"keras"`, `"timm/"`. `convention`, `dtype` and the like say how to count.

    Raises UsageError with the nearest name if there is none.
    """
    least = {"top1": min_top1, "top5": min_top5}
    accuracies = {figure: _percent(f"min-{figure}", given) for figure, given in least.items() if given is not None}
    counting, budgets = read_counting(words)
    chosen = counting.convention
    asked = read_columns((chosen.total, "params", "top1") if columns is None else columns, chosen)
    order = arrangement(chosen, sort, pareto, top, WORDS)
    years = None if year is None else _years(written(year))
    text_of(word, "word of a name")
    if family is not None:
        text_of(family, "family", "a name, as 'mobilenet'")
    wanted = Wanted(word, family, years, resolution, accuracies, read_budgets(budgets, chosen))
    return shown_as(Catalogue, catalogue_rows(counting, asked, wanted, order))


def _years(text: str) -> tuple[int, int]:
    """The first and the last of `2018`, `2017:2019`, `2017:` or `:2019`."""
    first, colon, last = (part.strip() for part in text.partition(":"))
    if not (first or last) or not all(part.isdecimal() and len(part) == 4 for part in (first, last) if part):
        raise UsageError(
            f"year: '{text[:40]}' is none", expected="a year as 2018, or the first and the last as 2017:2019"
        )
    years = int(first or 0), int(last or (9999 if colon else first))
    if years[0] > years[1]:
        raise UsageError(f"year: {first} is after {last}", expected=f"the first year first, as {last}:{first}")
    return years


def _percent(name: str, given: object) -> Fraction:
    """An accuracy in per cent."""
    try:
        value = Fraction(number(written(given).removesuffix("%")))
    except ValueError:
        value = Fraction(-1)
    if not 0 <= value <= 100:
        raise UsageError(f"{name}: '{written(given)[:40]}' is no accuracy", expected="per cent, as 75")
    return value
