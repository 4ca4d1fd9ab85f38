"""Outcomes of budgets in words: a headline, a sentence for each, and what costs most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from costcalc.analysis.budget import Outcome, Part, Verdict
from costcalc.report.units import grouped, share


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
    subject, (measure, limit, _) = outcome.subject, outcome.budget
    cost = f"{subject}: {measure} {grouped(outcome.computed)}"
    percent = "" if outcome.room_percent is None else f" ({abs(outcome.room_percent):.2f} %)"
    if outcome.verdict is Verdict.BROKEN:
        return f"{cost} is {grouped(-outcome.room)}{percent} above the budget of {grouped(limit)}"
    if outcome.verdict is Verdict.PARTIAL:
        return f"{cost} is not all: the convention has no rule for {', '.join(outcome.left_out)}"
    return f"{cost} leaves {grouped(outcome.room)}{percent} of the budget of {grouped(limit)}"


def dearest(outcome: Outcome) -> str:
    """The layers that cost most in a broken budget, with their shares."""
    return ", ".join(_part(outcome, part) for part in outcome.dearest)


def here(outcome: Outcome, part: Part) -> str:
    """What a line of a spec costs, and its layers."""
    layers = f"{part.layers[0]} and {len(part.layers) - 1} more" if len(part.layers) > 1 else part.layers[0]
    return f"this line: {_part(outcome, part._replace(layers=(layers,)))}"


def _part(outcome: Outcome, part: Part) -> str:
    percent = f" ({share(part.cost, outcome.computed)} %)" if part.cost != outcome.computed else ""
    return f"{part.layers[0]} {grouped(part.cost)}{percent}"


def notes(outcomes: Iterable[Outcome]) -> list[str]:
    """What stands under a table: the dearest layers, what is not counted, and the conventions in words."""
    lines: list[str] = []
    conventions: dict[str, None] = {}
    for outcome in outcomes:
        if outcome.dearest:
            lines.append(f"{outcome.subject}, {outcome.budget.measure}: most by {dearest(outcome)}")
        elif not outcome.holds:
            lines.append(sentence(outcome))
        conventions[f"convention {outcome.subject.convention.name}: {outcome.subject.convention.title}"] = None
    return [*lines, *conventions]
