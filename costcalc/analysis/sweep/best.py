"""The widest settings within budgets: points that fit while the next wider one does not, and the bound in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.near import Near
from costcalc.analysis.records import ALL, Arrangement
from costcalc.analysis.sweep.near import near_point
from costcalc.analysis.sweep.plan import Plan, names_of, plan_sweep, usual_columns
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


class _Answer(NamedTuple):
    """What was found of one network: rows that fit, points that just do not, and the sweep over its grid.

    `wrong` says why nothing fits, if nothing does.
    """

    rows: list[dict[str, Any]]
    near: tuple[Near, ...]
    swept: Sweep
    wrong: UsageError | None = None


def widest(
    networks: Sequence[Network],
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

    Of several networks also the most accurate published point of each that fits, and the most accurate of all first:
    widths of different networks say nothing of how good they are. Published points that just do not fit are `near`.
    Raises UsageError without a budget, if nothing fits, and if no point has a network.
    """
    if not budgets:
        raise UsageError("no budget", expected="a bound, as max_mult_adds='150M'")
    total = counting.convention.total
    wanted = list(columns or usual_columns(counting.convention))
    needed = [Column(name, name) for name in (total, "top1", *(budget.measure for budget in budgets))]
    needed += arrangement.further([*wanted, *needed])
    several = len(networks) > 1
    wanted += [column for column in needed if several and column.name == "top1" and column not in wanted]
    computed = list({column.word: column for column in (*wanted, *needed)}.values())
    answers = [
        _answer(network, name, axes, budgets, counting, computed, several)
        for network, name in zip(networks, names_of(networks), strict=True)
    ]
    found = [row for answer in answers for row in answer.rows]
    errors = [answer.wrong for answer in answers if answer.wrong]
    if not found:
        raise errors[0]
    found.sort(key=lambda row: (-(row["top1"] or 0) if several else 0, -row[total]))
    words = {column.name: column.word for column in computed}
    candidates = tuple(found)
    found = arrangement.of(found, lambda row, key: row[words[key.name] if isinstance(key, Column) else key])
    settings = dict.fromkeys(key for answer in answers for key in answer.swept.settings)
    kept = ("network", *settings, *(column.word for column in wanted), "binds")
    return replace(
        answers[0].swept,
        written=[{key: row.get(key) for key in kept} for row in found],
        invalid=[line for answer in answers if axes for line in answer.swept.invalid] + [one.message for one in errors],
        asked=frozenset().union(*(answer.swept.asked for answer in answers)),
        declares_formats=max(answer.swept.declares_formats for answer in answers),
        near=tuple(near for answer in answers for near in answer.near),
        candidates=candidates,
    )


def _answer(
    network: Network,
    name: str,
    axes: Mapping[str, Sequence[Any]],
    budgets: Sequence[Budget],
    counting: Counting,
    columns: Sequence[Column],
    accurate: bool,
) -> _Answer:
    """The widest points of one network, and with `accurate` the most accurate one."""
    plan = plan_sweep([network], _grid(network, axes, budgets, counting), counting, columns, names=[name])
    swept = sweep_rows(plan, skip_invalid=True)
    known = swept.written if axes else [row for point in _published(network) for row in _at(network, point, plan)]
    quoted = [row for row in known if row["top1"] is not None]
    near = tuple(
        miss for row in quoted if (miss := near_point(row, plan.entries[0].axes, budgets, row.__getitem__)) is not None
    )
    if not swept.written:
        wrong = UsageError(swept.invalid[0].partition("\n")[0], expected="points that have a network")
        return _Answer([], near, swept, wrong)
    grid = plan.entries[0].axes
    found = _widest(swept.written, grid, budgets)
    best = max((row for row in quoted if not _broken(row, budgets)), key=lambda row: row["top1"], default=None)
    if accurate and best and not any(all(row[key] == best[key] for key in plan.settings) for row in found):
        found.append({**best, "binds": None})
    if found:
        return _Answer(found, near, swept)
    cheapest = min(swept.written, key=lambda row: row[counting.convention.total])
    over = ", ".join(f"{key} {cheapest[key]:,}" for key in _broken(cheapest, budgets))
    wrong = UsageError(
        f"no point of {network.asked} fits: the cheapest has {over or 'other costs over the budget'}",
        expected="a larger budget, or narrower settings",
    )
    return _Answer([], near, swept, wrong)


def _widest(
    rows: Sequence[dict[str, Any]], grid: Mapping[str, Sequence[Any]], budgets: Sequence[Budget]
) -> list[dict[str, Any]]:
    """The rows of a grid that fit where no axis can go one step up, with what binds."""
    points = {tuple(row[key] for key in grid): row for row in rows}
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
    return found


_SCALES = ("alpha", "beta", "resolution")


def _published(network: Network) -> list[dict[str, Any]]:
    """The widths and sides at which an accuracy is published, every other setting as the network has it."""
    own = network.settings
    quoted = [row.settings for row in network.published if "top1" in row.figures]
    points = [
        settings
        for settings in quoted
        if all(own[key] == value for key, value in settings.items() if key not in _SCALES or key in network.given)
    ]
    free = [{key: value for key, value in settings.items() if key not in network.given} for settings in points]
    return [dict(point) for point in dict.fromkeys(tuple(point.items()) for point in free)]


def _at(network: Network, point: Mapping[str, Any], plan: Plan) -> list[dict[str, Any]]:
    """The row of one point, with the settings of a plan's rows; none if there is no network."""
    axes = {key: [point.get(key, network.settings[key])] for key in plan.entries[0].axes} | {
        key: [value] for key, value in point.items()
    }
    return sweep_rows(
        plan_sweep([network], axes, plan.counting, plan.columns, names=[plan.entries[0].name]), True
    ).written


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
        rows = sweep_rows(plan_sweep([network], {"alpha": [top], **axes}, counting, needed), True).written
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
