"""Outcomes of budgets in words: a headline, a sentence for each, and what costs most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from costcalc.analysis.check.outcome import Outcome, Share, Verdict
from costcalc.report.tables.units import four_digits, grouped
from costcalc.report.tables.units import share as percent_of


def headline(outcomes: Sequence[Outcome]) -> str:
    """How many hold, or how many do not."""
    count, failed = len(outcomes), sum(not outcome.holds for outcome in outcomes)
    if count == 1:
        return "the budget does not hold" if failed else "the budget holds"
    if failed:
        return f"{failed} of {count} budgets {'does' if failed == 1 else 'do'} not hold"
    return f"all {count} budgets hold"


def sentence(outcome: Outcome) -> str:
    """One outcome: what it costs, and how much it is above the budget or leaves of it."""
    budget = outcome.budget
    if outcome.computed is None or outcome.room is None:
        return f"{outcome.subject}: {budget.measure} is a ratio of nothing, which breaks no budget"
    cost = f"{outcome.subject}: {budget.measure} {_amount(outcome.computed)}"
    percent = "" if outcome.room_percent is None else f" ({abs(outcome.room_percent):.2f} %)"
    room, limit = _amount(max(outcome.room, -outcome.room)), _amount(budget.limit)
    if budget.device:
        limit += f", the {budget.memory} of {budget.device}"
    if outcome.verdict is Verdict.BROKEN:
        return f"{cost} is {room}{percent} {'below' if budget.is_least else 'above'} the budget of {limit}"
    if outcome.verdict is Verdict.PARTIAL:
        return f"{cost} is not all: the convention has no rule for {', '.join(outcome.left_out)}"
    return f"{cost} {'is' if budget.is_least else 'leaves'} {room}{percent} {_OF[budget.is_least]} {limit}"


_OF = {False: "of the budget of", True: "above the least of"}


def _amount(value: int | Fraction) -> str:
    """All digits of a count; four of a ratio."""
    return grouped(value) if isinstance(value, int) else four_digits(float(value))


def costliest(outcome: Outcome) -> str:
    """The layers that cost most in a broken budget, with their shares."""
    return ", ".join(_one(outcome, share) for share in outcome.costliest)


def here(outcome: Outcome, share: Share) -> str:
    """What a line of a spec costs, and its layers."""
    layers = f"{share.layers[0]} and {len(share.layers) - 1} more" if len(share.layers) > 1 else share.layers[0]
    return f"this line: {_one(outcome, share._replace(layers=(layers,)))}"


def _one(outcome: Outcome, share: Share) -> str:
    whole = int(outcome.computed or 0)
    percent = f" ({percent_of(share.cost, whole)} %)" if share.cost != whole else ""
    return f"{share.layers[0]} {grouped(share.cost)}{percent}"


def notes(outcomes: Iterable[Outcome]) -> list[str]:
    """What stands under a table: the costliest layers, what is not counted, and the conventions in words."""
    lines: list[str] = []
    devices: dict[str, None] = {}
    conventions: dict[str, None] = {}
    for outcome in outcomes:
        if outcome.costliest:
            lines.append(f"{outcome.subject}, {outcome.budget.measure}: most by {costliest(outcome)}")
        elif not outcome.holds:
            lines.append(sentence(outcome))
        convention = outcome.subject.counting.convention
        if outcome.budget.note:
            devices[outcome.budget.note] = None
        conventions[f"convention {convention.name}: {convention.title}"] = None
    return [*lines, *devices, *conventions]
