"""The formula of a network: bound, expanded, transformed and walked as for a report, on symbols instead of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sympy

from costcalc import symbols
from costcalc.analysis.formula.definitions import simplified, smoothed
from costcalc.analysis.formula.polynomial import plain_form
from costcalc.analysis.formula.record import Cost, Formula, check_figures, figure_of
from costcalc.counting import Counting
from costcalc.errors import CostcalcError, UsageError, nearest, one_of
from costcalc.graph.binding import POSITION_SETTINGS
from costcalc.ledger import Ledger, ledger_of
from costcalc.network import Network
from costcalc.operators import Shape
from costcalc.quantity import as_text, is_exact
from costcalc.recipes.rates import kind_of
from costcalc.symbols import Assumption, Expr, Kind, Undetermined

DEFAULT_OPEN = ("alpha", "beta")
_WHOLE = ("resolution", "batch")
"""Settings that are whole numbers in every network."""


def network_formulas(
    networks: Sequence[Network], opened: Sequence[str], smooth: bool, counting: Counting, measures: Sequence[str]
) -> list[Formula]:
    """The formulas of some networks in the same names, decided at the first one's settings: an expression a measure.

    alpha and beta are open unless they are given (or the resolution is open), and so are the settings of `opened`.
    Raises UsageError for a setting that cannot be open, SpecError if a network cannot be built.
    """
    point = _point(networks, opened)
    letters = {key: _symbol(key, value) for key, value in point.items()}
    reported = [_ledger(network, point, counting) for network in networks]
    with symbols.traced({letters[key]: value for key, value in point.items()}) as trace:
        try:
            ledgers = [_ledger(network, letters, counting) for network in networks]
            layers = [
                [
                    Cost(name, layer.op, {key: figure_of(layer[key]) for key in measures})
                    for name, layer in one.layers.items()
                ]
                for one in ledgers
            ]
            totals = [{key: figure_of(one[key]) for key in measures} for one in ledgers]
        except Undetermined as error:
            raise _undetermined(networks, error, point) from None
        except CostcalcError:  # on numbers all is well: a message would speak of symbols
            raise _no_formula(networks, point) from None
    for network, figures in zip(networks, totals, strict=True):
        check_figures(network.name, figures)
    meaning = smoothed(trace) if smooth else {}
    roots = [one.what for one in trace.assumptions if smooth or one.kind is not Kind.RANGE]
    if not smooth:
        sides = [symbols.expr(side) for one in ledgers for side in one.graph.input.spatial]
        costs = [value for one in layers for cost in one for value in cost.figures.values()]
        roots = [*sides, *costs, *(value for one in totals for value in one.values()), *roots]
    names = simplified(trace, roots, [key for network in networks for key in network.settings])
    assumed = [Assumption(kind, what.xreplace(names.meaning)) for kind, what in trace.assumptions]

    def expressions(figures: dict[str, Expr]) -> dict[str, Expr]:
        return {key: plain_form(value.xreplace(meaning or names.meaning)) for key, value in figures.items()}

    return [
        Formula(
            name=network.name,
            title=_title(network, point, on_numbers.graph.input),
            counting=counting,
            smooth=smooth,
            open=point,
            figures=expressions(figures),
            layers=tuple(cost._replace(figures=expressions(cost.figures)) for cost in costs),
            definitions=names.definitions,
            assumptions=tuple(one for one in assumed if one.what != sympy.true),
            positions=(*(letters[key] for key in POSITION_SETTINGS if key in letters), *names.sizes),
            left_out=on_numbers.left_out,
            trace=trace,
            letters=letters,
            allowed={key: partial(_takes, network, key) for key in point},
            reported={key: on_numbers[key] for key in measures},
            declares_formats=on_numbers.graph.declares_formats,
        )
        for network, figures, costs, on_numbers in zip(networks, totals, layers, reported, strict=True)
    ]


def _ledger(network: Network, opened: Mapping[str, Any], counting: Counting) -> Ledger:
    """What a network costs with numbers or symbols in place of some settings."""
    known = network.known
    return ledger_of(network.at(**{key: value for key, value in opened.items() if key in known}), counting)


def _symbol(key: str, value: Any) -> Expr:
    """A setting's symbol: a whole or rational number with the sign of its value."""
    is_whole = key in _WHOLE or kind_of(key) in ("bits", "rank")
    return sympy.Symbol(key, rational=True, positive=value > 0 or None, integer=is_whole or None)


def _takes(network: Network, key: str, value: Any) -> bool:
    """Whether a setting of a network takes an exact value."""
    try:
        network.checked(key, value)
    except UsageError:
        return False
    return True


def _point(networks: Sequence[Network], opened: Sequence[str]) -> dict[str, Any]:
    """What is open, and its values in the first network; rates of recipes that nobody gave a value are."""
    rates = {key: one.default for network in networks for key, one in network.rates.items() if key not in network.given}
    settings = {**rates, **networks[0].settings}
    given: frozenset[str] = frozenset().union(*(network.given for network in networks))
    for key in opened:
        _check_open(networks[0], key, given)
    closed = given | ({"beta"} if "resolution" in opened else set())
    usual = [key for key in DEFAULT_OPEN if key in settings and key not in closed]
    return {key: settings[key] for key in dict.fromkeys([*usual, *rates, *opened])}


def _check_open(network: Network, key: str, given: frozenset[str]) -> None:
    settings = {**{key: one.default for key, one in network.rates.items()}, **network.settings}
    numbers = [name for name, value in settings.items() if is_exact(value)]
    if key not in settings:
        raise UsageError(
            f"{network.declaration.name} has no setting '{key[:40]}'",
            expected=one_of(numbers),
            nearest=nearest(key, settings),
        )
    if key in given:
        raise UsageError(f"{key} is given a value and left open", expected="one of the two")
    if key not in numbers:
        raise UsageError(f"{key} is {as_text(settings[key])}: only a number can be left open", expected=one_of(numbers))


def _no_formula(networks: Sequence[Network], point: dict[str, Any]) -> UsageError:
    names = " and ".join(network.name for network in networks)
    return UsageError(
        f"no formula of {names} with {', '.join(point)} left open", expected="values for some of these settings"
    )


def _undetermined(networks: Sequence[Network], error: Undetermined, point: dict[str, Any]) -> UsageError:
    if not error.settings:
        return _no_formula(networks, point)
    key = error.settings[0]
    value = f"--{key} {as_text(point[key])}" if key in DEFAULT_OPEN else f"--set {key}={as_text(point[key])}"
    return UsageError(
        f"{key} cannot be left open in {' and '.join(network.name for network in networks)}: "
        f"it decides {error.decides}",
        expected=f"a value for it, as {value}",
    )


def _title(network: Network, point: dict[str, Any], x: Shape) -> str:
    given = [key for key in sorted(network.given) if key not in point and key != "resolution"]
    settings = [f"{key} {as_text(network.settings[key])}" for key in given]
    return ", ".join([network.title, f"input {x}", *settings])
