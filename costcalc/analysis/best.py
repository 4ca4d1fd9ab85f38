"""The widest settings within budgets: points that fit while the next wider one does not, and the bound in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from costcalc.analysis.budget import Budget
from costcalc.analysis.points import Sweep, plan_sweep, shown, sweep_points
from costcalc.analysis.tiles import is_number
from costcalc.errors import UsageError
from costcalc.graph import bind
from costcalc.spec import catalogue
from costcalc.transform.name import read_name

_STEP = Fraction(1, 100)
_WIDEST = 64
_SIDES = 32
_END = "end of the grid"


def widest(network: str, axes: Mapping[str, Any], budgets: Sequence[Budget], convention: str, bits: int) -> Sweep:
    """The points of the grid that fit where no axis can go one step up, the most Mult-Adds first.

    The column `binds` names the bounds that the next steps up would break. Where no axis says otherwise, alpha goes in
    steps of 0.01 as far as anything fits, and the resolution over the network's own and the multiples of 32 down to
    half of it.
    Raises UsageError without a budget, and if nothing fits.
    """
    if not budgets:
        raise UsageError("--best without a budget", expected="a bound, as --max-mult-adds 150M")
    plan = plan_sweep([network], _grid(network, axes, budgets, convention, bits), convention, bits, budgets)._replace(
        budgets=()
    )
    swept = sweep_points(plan, skip_invalid=True)
    grid = plan.entries[0].axes
    points = {tuple(row[key] for key in grid): row for row in swept.rows}
    steps = [
        (place, [shown(key, value) for value in sorted(values)])
        for place, (key, values) in enumerate(grid.items())
        if all(map(is_number, values))
    ]
    found = []
    for where, row in points.items():
        if _broken(row, budgets):
            continue
        above = [_next(points, where, place, values) for place, values in steps]
        broken = [_broken(other, budgets) for other in above if other is not None]
        if all(broken):
            measures = [budget.measure.value for budget in budgets if any(budget.measure in names for names in broken)]
            found.append({**row, "binds": " and ".join(measures) or _END})
    if not found:
        cheapest = min(swept.rows, key=lambda row: row[plan.convention.total])
        over = ", ".join(f"{key} {cheapest[key]:,}" for key in _broken(cheapest, budgets))
        raise UsageError(
            f"no point of {network} fits: the cheapest has {over or 'other costs over the budget'}",
            expected="a larger budget, or narrower settings",
        )
    found.sort(key=lambda row: -row[plan.convention.total])
    return Sweep(found, swept.invalid if axes else [], plan.convention, plan.asked)


def _grid(
    network: str, given: Mapping[str, Any], budgets: Sequence[Budget], convention: str, bits: int
) -> Mapping[str, Any]:
    """The axes given, and alpha from 0.01 to where nothing fits any more and sides from the network's own down to half
    of it where they are not."""
    asked = read_name(network)
    spec, name = catalogue.open_network(asked.network)
    side = bind(spec, name, asked.settings).settings["resolution"]
    axes: dict[str, Any] = dict(given)
    fixed = given.keys() | asked.settings.keys()
    if not fixed & {"resolution", "beta"} and isinstance(side, int):
        smaller = range(_SIDES, side, _SIDES)
        axes["resolution"] = [*(shorter for shorter in smaller if 2 * shorter >= side), side]
    if "alpha" in fixed:
        return axes
    top = 1
    while top < _WIDEST:
        rows = sweep_points(plan_sweep([network], {"alpha": [top], **axes}, convention, bits), True).rows
        if rows and all(_broken(row, budgets) for row in rows):
            break
        top *= 2
    return {"alpha": [_STEP * index for index in range(1, int(top / _STEP) + 1)], **axes}


def _next(
    points: Mapping[tuple[Any, ...], dict[str, Any]], where: tuple[Any, ...], place: int, values: Sequence[Any]
) -> dict[str, Any] | None:
    """The row of the next larger value along an axis at which there is a network."""
    for value in values[values.index(where[place]) + 1 :]:
        found = points.get((*where[:place], value, *where[place + 1 :]))
        if found is not None:
            return found
    return None


def _broken(row: Mapping[str, Any], budgets: Sequence[Budget]) -> list[str]:
    """The measures that are over their budget."""
    return [budget.measure.value for budget in budgets if row[budget.measure] > budget.limit]
