"""The formula of a network: bound, expanded, transformed and walked as for a report, on symbols instead of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import sympy

from costcalc import symbols
from costcalc.analysis.definitions import smoothed, tidied
from costcalc.analysis.formula import Cost, Formula
from costcalc.conventions import Convention
from costcalc.engine import walk
from costcalc.errors import CostcalcError, UsageError, nearest, one_of
from costcalc.graph import Binding, bind, expand
from costcalc.graph.binding import POSITION_SETTINGS
from costcalc.operators import Shape
from costcalc.quantity import as_text, is_exact
from costcalc.spec.settings import takes
from costcalc.symbols import Assumption, Expr, Kind, Unsettled
from costcalc.transform.name import Step, rewrite, with_steps

DEFAULT_OPEN = ("alpha", "beta")
_WHOLE = ("resolution", "batch")
"""Settings that are whole numbers in every network."""


class Subject(NamedTuple):
    """A network that a formula is asked for: bound, with the transforms behind its name and the settings given."""

    binding: Binding
    steps: tuple[Step, ...]
    given: frozenset[str]

    @property
    def name(self) -> str:
        """The network's name with its transforms."""
        return with_steps(self.binding.name, self.steps)


class _Walked(NamedTuple):
    layers: list[Cost]
    left_out: tuple[str, ...]
    input: Shape


def network_formulas(
    subjects: Sequence[Subject], opened: Sequence[str], smooth: bool, convention: Convention
) -> list[Formula]:
    """The formulas of some networks in the same names, decided at the first one's settings.

    alpha and beta are open unless they are given (or the resolution is open), and so are the settings of `opened`.
    Raises UsageError for a setting that cannot be open, SpecError if a network cannot be built.
    """
    point = _point(subjects, opened)
    letters = {key: _symbol(key, value) for key, value in point.items()}
    reported = [_walked(subject, point, convention) for subject in subjects]
    with symbols.studied({letters[key]: value for key, value in point.items()}) as study:
        try:
            walked = [_walked(subject, letters, convention) for subject in subjects]
        except Unsettled as error:
            raise _unsettled(subjects, error, point) from None
        except CostcalcError:  # on numbers all is well: a message would speak of symbols
            raise _no_formula(subjects, point) from None
    meaning = smoothed(study) if smooth else {}
    roots = [one.what for one in study.assumptions if smooth or one.kind is not Kind.RANGE]
    if not smooth:
        sides = [side for one in walked for side in one.input.spatial]
        figures = [part for one in walked for cost in one.layers for part in (cost.total, cost.params)]
        roots = [*map(symbols.expr, (*sides, *figures)), *roots]
    names = tidied(study, roots, [key for subject in subjects for key in subject.binding.settings])
    assumed = [Assumption(kind, what.xreplace(names.meaning)) for kind, what in study.assumptions]

    def formula(subject: Subject, on_symbols: _Walked, on_numbers: _Walked) -> Formula:
        costs = [
            cost._replace(**{key: _expression(getattr(cost, key), meaning or names.meaning) for key in _FIGURES})
            for cost in on_symbols.layers
        ]
        return Formula(
            name=subject.name,
            title=_title(subject, point, on_numbers.input),
            convention=convention,
            smooth=smooth,
            open=point,
            total=sympy.expand(sympy.Add(*(cost.total for cost in costs))),
            params=sympy.expand(sympy.Add(*(cost.params for cost in costs))),
            layers=tuple(costs),
            definitions=names.definitions,
            assumptions=tuple(one for one in assumed if one.what != sympy.true),
            positions=(*(letters[key] for key in POSITION_SETTINGS if key in letters), *names.sizes),
            left_out=on_symbols.left_out,
            study=study,
            letters=letters,
            allowed={key: partial(takes, subject.binding.spec.settings[key]) for key in point},
            reported=(sum(cost.total for cost in on_numbers.layers), sum(cost.params for cost in on_numbers.layers)),
        )

    return [formula(*three) for three in zip(subjects, walked, reported, strict=True)]


_FIGURES = ("total", "params")


def _expression(value: Any, meaning: dict[Expr, Expr]) -> Expr:
    return symbols.expr(value).xreplace(meaning)


def _walked(subject: Subject, opened: dict[str, Any], convention: Convention) -> _Walked:
    """Each layer's cost with the given numbers or symbols in place of some settings."""
    binding = subject.binding
    closed = {key: value for key, value in binding.stated.items() if key not in opened}
    mine = {key: value for key, value in opened.items() if key in binding.settings}
    bound = bind(binding.spec, binding.name, closed, mine)
    graph, _ = rewrite(expand(bound), subject.steps)
    rows = walk(graph)
    found: dict[str, Cost] = {}
    for row in rows:
        node = row.node
        before = found.get(node.layer, Cost(node.layer, node.operator.name, 0, 0))
        total = before.total + convention.count(row) * bound.settings["batch"]
        found[node.layer] = before._replace(total=total, params=before.params + convention.count_params(row))
    unknown = [row.node.operator.name for row in rows if not convention.knows(row.node.operator.name)]
    return _Walked(list(found.values()), tuple(dict.fromkeys(unknown)), bound.input)


def _symbol(key: str, value: Any) -> Expr:
    """A setting's symbol: a whole or rational number with the sign of its value."""
    return sympy.Symbol(key, rational=True, positive=value > 0 or None, integer=key in _WHOLE or None)


def _point(subjects: Sequence[Subject], opened: Sequence[str]) -> dict[str, Any]:
    """What is open, and its values in the first network."""
    binding = subjects[0].binding
    given = frozenset().union(*(subject.given for subject in subjects))
    for key in opened:
        _check_open(binding, key, given)
    closed = given | ({"beta"} if "resolution" in opened else set())
    return {
        key: binding.settings[key]
        for key in dict.fromkeys([*(key for key in DEFAULT_OPEN if key not in closed), *opened])
    }


def _check_open(binding: Binding, key: str, given: frozenset[str]) -> None:
    settings = binding.settings
    numbers = [name for name, value in settings.items() if is_exact(value)]
    if key not in settings:
        raise UsageError(
            f"{binding.spec.name} has no setting '{key[:40]}'", expected=one_of(numbers), nearest=nearest(key, settings)
        )
    if key in given:
        raise UsageError(f"{key} is given a value and left open", expected="one of the two")
    if key not in numbers:
        raise UsageError(f"{key} is {as_text(settings[key])}: only a number can be left open", expected=one_of(numbers))


def _no_formula(subjects: Sequence[Subject], point: dict[str, Any]) -> UsageError:
    network = " and ".join(subject.name for subject in subjects)
    return UsageError(
        f"no formula of {network} with {', '.join(point)} left open", expected="values for some of these settings"
    )


def _unsettled(subjects: Sequence[Subject], error: Unsettled, point: dict[str, Any]) -> UsageError:
    if not error.settings:
        return _no_formula(subjects, point)
    key = error.settings[0]
    value = f"--{key} {as_text(point[key])}" if key in DEFAULT_OPEN else f"--set {key}={as_text(point[key])}"
    return UsageError(
        f"{key} cannot be left open in {' and '.join(subject.name for subject in subjects)}: "
        "it decides how often a layer repeats, or which entry of a table holds",
        expected=f"a value for it, as {value}",
    )


def _title(subject: Subject, point: dict[str, Any], x: Shape) -> str:
    binding = subject.binding
    given = [key for key in sorted(subject.given) if key not in point and key != "resolution"]
    settings = [f"{key} {as_text(binding.settings[key])}" for key in given]
    return ", ".join([with_steps(binding.title, subject.steps), f"input {x}", *settings])
