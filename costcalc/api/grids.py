"""Networks at many settings: sweeps, the widest settings within budgets, and budgets that must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO

from costcalc import network as networks_
from costcalc.api.reading import arrangement
from costcalc.counting import Counting, load_convention, read_counting
from costcalc.errors import UsageError, flag_of, path_of, shown, text_of
from costcalc.network import Named
from costcalc.report.shown import shown_as
from costcalc.typed.axes import read_axis
from costcalc.typed.budgets import read_budgets
from costcalc.typed.columns import Column, read_columns
from costcalc.typed.devices import device_budgets

if TYPE_CHECKING:
    from costcalc.analysis.check.curves import Curve
    from costcalc.analysis.check.outcome import Outcome
    from costcalc.analysis.sweep.plan import Plan
    from costcalc.api.results.checked import Outcomes
    from costcalc.api.results.swept import Sweep


_MOST_JOBS = 256
"""As on the command line."""


def sweep(
    *networks: Named,
    axes: Mapping[str, Any],
    skip_invalid: bool = False,
    columns: str | Sequence[str] | None = None,
    sort: str | None = None,
    top: int | None = None,
    pareto: bool | str | None = None,
    **words: Any,
) -> Sweep:
    """Every point of a grid of settings, as `sweep("mobilenet_v1", axes={"alpha": "0.25:1:0.25", "beta": ["6/7", 1]})`.

    An axis is a list of values, or a text as the command line takes it. One row per point: the settings, the
    convention's total, params, bytes, and the published top-1 where the authors give that point; or the measures and
    published figures of `columns`. `max_mult_adds="300M"`, `min_intensity=10` and the like keep the points within a
    budget. `sort`, `top` and `pareto` arrange the rows.
    Raises UsageError for a wrong axis, or for points without a network unless `skip_invalid`.
    """
    from costcalc.analysis.sweep.rows import sweep_rows
    from costcalc.api.results.swept import Sweep

    plan = _plan(networks, axes, columns, words)
    order = arrangement(plan.counting.convention, sort, pareto, top, ("network", *plan.settings))
    return shown_as(Sweep, sweep_rows(plan, flag_of(skip_invalid, "skip_invalid"), order))


def sweep_to(
    target: str | BinaryIO,
    *networks: Named,
    axes: Mapping[str, Any],
    format: str | None = None,
    skip_invalid: bool = False,
    jobs: int = 1,
    advance: Callable[[int, int], object] = lambda done, points: None,
    columns: str | Sequence[str] | None = None,
    **words: Any,
) -> list[str]:
    """The rows of `sweep` written as they are computed, in bounded memory: csv, jsonl or parquet, as the file's ending
    says. What was left out is returned; `advance` hears how many points of how many are done.

    A file is written whole or not at all. Raises UsageError as `sweep` does, and if the file cannot be written.
    """
    from costcalc.report.data.stream import open_target, stream, stream_format

    if not isinstance(target, str) and not callable(getattr(target, "write", None)):
        raise UsageError(f"{shown(target)} is no file", expected="a path, or a file that bytes can be written to")
    if isinstance(jobs, bool) or not isinstance(jobs, int) or not 0 < jobs <= _MOST_JOBS:
        raise UsageError(
            f"jobs: {shown(jobs)} is no number of processes", expected=f"a whole number from 1 to {_MOST_JOBS}"
        )
    chosen = stream_format(None if format is None else text_of(format, "format", "csv, jsonl or parquet"), target)
    plan = _plan(networks, axes, columns, words)
    with open_target(target) as file:
        return stream(plan, file, chosen, flag_of(skip_invalid, "skip_invalid"), jobs, advance)


def widest(
    networks: Named | Sequence[Named],
    axes: Mapping[str, Any] | None = None,
    columns: str | Sequence[str] | None = None,
    sort: str | None = None,
    top: int | None = None,
    pareto: bool | str | None = None,
    **words: Any,
) -> Sweep:
    """The widest settings within a budget, as `widest("mobilenet_v1", max_mult_adds="150M")`: points that fit where the
    next step up along any axis does not. The column `binds` names the bounds that stop it.

    Without axes, alpha and the resolution are searched. Of several networks, `widest(["mobilenet_v1", "mobilenet_v2"],
    ...)`, also the most accurate point of each that is published and fits, the most accurate of all first.
    Raises UsageError without a budget or if nothing fits.
    """
    from costcalc.analysis.sweep import best
    from costcalc.api.results.swept import Sweep

    counting, budgets = read_counting(words)
    names = (networks,) if isinstance(networks, str | PathLike | networks_.Network) else networks
    if not isinstance(names, Sequence) or not names or not networks:
        raise UsageError(f"{shown(networks)} names no networks", expected="a name, or a list of names")
    opened, chosen = [networks_.open(name) for name in names], _axes({} if axes is None else axes)
    order = arrangement(counting.convention, sort, pareto, top, ("network", "alpha", "beta", "resolution", *chosen))
    found = best.widest(
        opened, chosen, read_budgets(budgets, counting.convention), counting, _columns(columns, counting), order
    )
    return shown_as(Sweep, found)


def check(
    *networks: Named,
    settings: Mapping[str, Any] | None = None,
    fits: str | Sequence[str] = (),
    **words: Any,
) -> Outcomes:
    """Each network against each budget, as `check("mobilenet_v1", settings={"alpha": "0.5"}, max_mult_adds="300M")`.

    A budget is a number in base units, or a text as 300M or 14MB; `all(outcome.holds for outcome in ...)`. `fits` is a
    device (`"stm32f746"`), a path to a file of one, or several: its RAM must hold the peak, its flash the weights.
    Raises UsageError for a wrong budget, device or setting, and without a budget; SpecError for a wrong spec.
    """
    from costcalc.analysis.check.run import check_networks
    from costcalc.api.results.checked import Outcomes

    counting, budgets = read_counting(words)
    if not isinstance(fits, str | Sequence):
        raise UsageError(f"{shown(fits)} is no device", expected="a name, as 'stm32f746', or a list of names")
    named = (fits,) if isinstance(fits, str) else fits
    devices = tuple(dict.fromkeys(text_of(device, "device", "a name, as 'stm32f746'") for device in named))
    if not isinstance(settings, Mapping | None):
        raise UsageError(f"{shown(settings)} names no settings", expected="a mapping, as {'alpha': 0.5}")
    for key in settings or {}:
        text_of(key, "setting", "a name, as 'alpha'")
    if not networks:
        raise UsageError("no network to check", expected="one or more, as check('mobilenet_v1', max_params='5M')")
    limits = [
        *read_budgets(budgets, counting.convention),
        *(budget for device in devices for budget in device_budgets(device)),
    ]
    return Outcomes(check_networks(networks, settings or {}, limits, counting))


def check_config(file: str | None = None) -> Outcomes:
    """Every budget of a file: of `file`, or of the costcalc.toml or pyproject.toml here or in the nearest folder above.

    Raises UsageError if there is no such file, SpecError with everything that is wrong in it and in the specs.
    """
    from costcalc.analysis.check.run import check_file
    from costcalc.api.results.checked import Outcomes

    return Outcomes(check_file(None if file is None else path_of(file, "path of a file of budgets")))


def check_curves(outcomes: Iterable[Outcome], base: str) -> list[Curve]:
    """What checked specs cost at other widths or resolutions, beside the same specs in the folder of another branch."""
    from costcalc.analysis.check.curves import curves

    return curves(outcomes, base)


def sweep_columns(convention: str = "paper") -> list[str]:
    """The columns of a sweep's rows after its settings, unless others are asked for."""
    from costcalc.analysis.sweep.plan import usual_columns

    return [column.word for column in usual_columns(load_convention(convention))]


def _plan(
    names: Sequence[Named],
    axes: Mapping[str, Any],
    columns: str | Sequence[str] | None,
    words: Mapping[str, Any],
) -> Plan:
    from costcalc.analysis.sweep.plan import plan_sweep

    counting, budgets = read_counting(words)
    bounds, values = read_budgets(budgets, counting.convention), _axes(axes)
    if not names:
        raise UsageError("no network to sweep", expected="one or more, as sweep('mobilenet_v1', axes=...)")
    opened = [networks_.open(name) for name in names]
    return plan_sweep(opened, values, counting, _columns(columns, counting), bounds)


def _axes(axes: Mapping[str, Any]) -> dict[str, list[Any]]:
    if not isinstance(axes, Mapping):
        raise UsageError(f"{shown(axes)} names no axes", expected="a mapping, as {'alpha': [0.5, 1]}")
    return {text_of(key, "setting", "a name, as 'alpha'"): _axis(key, values) for key, values in axes.items()}


def _axis(key: str, values: Any) -> list[Any]:
    """Values that are still to be checked. Raises UsageError for what is neither a list nor a text of some."""
    if isinstance(values, str):
        return read_axis(key, values)
    if not isinstance(values, Iterable):
        raise UsageError(f"{key}: {shown(values)} is no list of values", expected=f"as [{shown(values)}]")
    if not (listed := list(values)):
        raise UsageError(f"{key}: no value", expected="one value or more")
    return listed


def _columns(columns: str | Sequence[str] | None, counting: Counting) -> tuple[Column, ...] | None:
    return None if columns is None else read_columns(columns, counting.convention)
