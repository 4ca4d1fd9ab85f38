"""Why totals differ."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from costcalc import network as networks
from costcalc.counting import read_counting
from costcalc.errors import UsageError, shown, word_of, written
from costcalc.network import Named
from costcalc.report.shown import shown_as

if TYPE_CHECKING:
    from costcalc.api.results.explained import Explanation


class Of(StrEnum):
    """What a waterfall is of."""

    TOTAL = "total"
    PARAMS = "params"


_EXPECTED = "against='fvcore', or total='569M' or params='4.2M'"


def explain(
    network: Named,
    against: str | Sequence[str] | None = None,
    total: str | int | None = None,
    params: str | int | None = None,
    of: str = "total",
    **words: Any,
) -> Explanation:
    """Why two totals differ, or how a printed figure was counted: `explain("mobilenet_v1", "fvcore").rows`.

    `against` are conventions and printed totals: each gives a waterfall from the total under `convention`, or from
    the printed `total`, whose lines add up to the difference exactly. Without `against`, the conventions, settings and
    roundings that give `total`, `params` or both, the likeliest first. With `of="params"` a waterfall is of what the
    conventions count as parameters, from printed `params`. `words` are settings, and say how to count.
    Raises UsageError for nothing to explain, an unknown convention, a wrong figure, name or setting.
    """
    from costcalc.analysis.explain.explanation import fall, find
    from costcalc.api.results.explained import Explanation

    counting, settings = read_counting(words)
    figures = [None if figure is None else written(figure) for figure in (total, params)]
    if not isinstance(against, str | Sequence | None) or isinstance(against, bytes):
        raise UsageError(f"{shown(against)} names no conventions", expected="as 'fvcore,thop', or a list of names")
    ends = against.split(",") if isinstance(against, str) else list(against or ())
    ends = list(dict.fromkeys(written(end).strip() for end in ends))
    if not ends and figures == [None, None]:
        raise UsageError("there is nothing to explain", expected=_EXPECTED)
    figure, of_params = word_of(Of, of, "figure"), of == Of.PARAMS
    start, other = reversed(figures) if of_params else figures
    if ends and other is not None:
        beside = Of.TOTAL if of_params else Of.PARAMS
        raise UsageError(f"{beside}: the waterfall is of the {figure}", expected=f"of {beside}, or without {beside}")
    if of_params and not ends:
        raise UsageError("of params without against: there is no waterfall", expected="against='keras'")
    if "" in ends:
        raise UsageError("against: a name is empty", expected="conventions or figures, as fvcore,569M")
    opened = networks.open(network, **settings)
    found = fall(opened, counting, ends, start, of_params) if ends else find(opened, counting, *figures)
    return shown_as(Explanation, found)
