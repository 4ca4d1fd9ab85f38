"""The widest settings within budgets: points that fit while the next wider one does not, and the bound in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from costcalc.analysis.records import ALL, Arrangement
from costcalc.analysis.sweep.plan import plan_sweep, usual_columns
from costcalc.analysis.sweep.rows import Sweep, shown, sweep_rows
from costcalc.analysis.sweep.tiles import is_number
from costcalc.counting import Counting
from costcalc.errors import UsageError
from costcalc.network import Network
from costcalc.typed.budgets import Budget
from costcalc.typed.columns import Column

_STEP = Fraction(1, 100)
_WIDEST = 64
_SIDES = 32
_END = "end of the grid"


def widest(
    network: Network,
    axes: Mapping[str, Sequence[Any]],
    budgets: Sequence[Budget],
    counting: Counting,
    columns: Sequence[Column] | None = None,
    arrangement: Arrangement = ALL,
) -> Sweep:
    """The points of the grid that fit where no axis can go one step up, the most of the convention's total first.

    The column `binds` names the bounds that the next steps up would break. Where no axis says otherwise, alpha goes in
    steps of 0.01 as far as anything fits, and the resolution over the network's own and the multiples of 32 down to
    half of it.
    Raises UsageError without a budget, if nothing fits, and if no point has a network.
    """
    if not budgets:
        raise UsageError("--best without a budget", expected="a bound, as --max-mult-adds 150M")
    total = counting.convention.total
    wanted = list(columns or usual_columns(counting.convention))
    needed = [Column(name, name) for name in (total, *(budget.measure for budget in budgets))]
    needed += arrangement.further([*wanted, *needed])
    computed = list({column.word: column for column in (*wanted, *needed)}.values())
    plan = plan_sweep([network], _grid(network, axes, budgets, counting), counting, computed)
    swept = sweep_rows(plan, skip_invalid=True)
    if not swept.rows:
        raise UsageError(swept.invalid[0].partition("\n")[0], expected="points that have a network")
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
            measures = [budget.measure for budget in budgets if any(budget.measure in names for names in broken)]
            found.append({**row, "binds": " and ".join(measures) or _END})
    if not found:
        cheapest = min(swept.rows, key=lambda row: row[total])
        over = ", ".join(f"{key} {cheapest[key]:,}" for key in _broken(cheapest, budgets))
        raise UsageError(
            f"no point of {network.asked} fits: the cheapest has {over or 'other costs over the budget'}",
            expected="a larger budget, or narrower settings",
        )
    found.sort(key=lambda row: -row[total])
    words = {column.name: column.word for column in computed}
    found = arrangement.of(found, lambda row, key: row[words[key.name] if isinstance(key, Column) else key])
    kept = {"network", *plan.settings, *(column.word for column in wanted), "binds"}
    rows = [{key: value for key, value in row.items() if key in kept} for row in found]
    return replace(swept, rows=rows, invalid=swept.invalid if axes else [])


def _grid(
    network: Network, given: Mapping[str, Sequence[Any]], budgets: Sequence[Budget], counting: Counting
) -> Mapping[str, Sequence[Any]]:
    """The axes given, and alpha from 0.01 to where nothing fits any more and sides from the network's own down to half
    of it where they are not."""
    side = network.settings.get("resolution")
    axes: dict[str, Sequence[Any]] = dict(given)
    fixed = given.keys() | network.given.keys()
    if not fixed & {"resolution", "beta"} and isinstance(side, int):
        smaller = range(_SIDES, side, _SIDES)
        axes["resolution"] = [*(shorter for shorter in smaller if 2 * shorter >= side), side]
    if "alpha" in fixed:
        return axes
    top = 1
    needed = [Column(budget.measure, budget.measure) for budget in budgets]
    while top < _WIDEST:
        rows = sweep_rows(plan_sweep([network], {"alpha": [top], **axes}, counting, needed), True).rows
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
    """The measures that do not keep to their budget."""
    return [budget.measure for budget in budgets if not budget.keeps(row[budget.measure])]
