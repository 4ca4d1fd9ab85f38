"""Why totals differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costcalc import networks
from costcalc.counting import read_counting
from costcalc.errors import UsageError

if TYPE_CHECKING:
    from costcalc.analysis.explain.explanation import Explanation

_EXPECTED = "against='fvcore', or total='569M' or params='4.2M'"


def explain(
    network: str,
    against: str | Sequence[str] | None = None,
    total: str | int | None = None,
    params: str | int | None = None,
    **words: Any,
) -> Explanation:
    """Why two totals differ, or how a printed figure was counted: `explain("mobilenet_v1", "fvcore").rows`.

    `against` are conventions and printed totals: each gives a waterfall from the total under `convention`, or from
    the printed `total`, whose lines add up to the difference exactly. Without `against`, the conventions, settings and
    roundings that give `total`, `params` or both, the likeliest first. `words` are settings, and say how to count.
    Raises UsageError for nothing to explain, an unknown convention, a wrong figure, name or setting.
    """
    from costcalc.analysis.explain.explanation import fall, find

    counting, settings = read_counting(words)
    figures = [None if figure is None else str(figure) for figure in (total, params)]
    ends = against.split(",") if isinstance(against, str) else list(against or ())
    ends = list(dict.fromkeys(str(end).strip() for end in ends))
    if not ends and figures == [None, None]:
        raise UsageError("there is nothing to explain", expected=_EXPECTED)
    if ends and figures[1] is not None:
        raise UsageError("params and against: a waterfall leads from a total", expected="one of them")
    if "" in ends:
        raise UsageError("against: a name is empty", expected="conventions or figures, as fvcore,569M")
    opened = networks.open(network, **settings)
    return fall(opened, counting, ends, figures[0]) if ends else find(opened, counting, *figures)
