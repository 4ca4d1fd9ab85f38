"""What checked specs cost at other widths or resolutions, beside the same specs of another branch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from costcalc.analysis.check.outcome import Outcome, Subject
from costcalc.analysis.sweep.plan import plan_sweep
from costcalc.analysis.sweep.rows import sweep_rows
from costcalc.errors import CostcalcError
from costcalc.network import in_folder, open, read_name
from costcalc.spec.sources import confined_to, tree_of
from costcalc.typed.columns import columns_named

_AXES = {
    "alpha": [Fraction(part, 4) for part in (1, 2, 3, 4)],
    "beta": [Fraction(part, 7) for part in (4, 5, 6, 7)],
}
"""The widths and the resolutions of a curve: those of arXiv:1704.04861, Tables 6 and 7."""
_ALIKE = {"beta": "resolution"}
MOST_CURVES = 8


class Curve(NamedTuple):
    """One measure of a checked spec along a setting: rows of a sweep, and those of the other branch.

    `wrong` says why that has none, "" if it simply has no such spec.
    """

    subject: Subject
    measure: str
    along: str
    rows: list[dict[str, Any]]
    behind: list[dict[str, Any]]
    wrong: str = ""


def curves(outcomes: Iterable[Outcome], base: str) -> list[Curve]:
    """A curve for each measure that bounds a person's own spec, the first ones; `base` is the other branch's folder.

    Specs that neither alpha nor the resolution changes, or whose settings say both, have none.
    """
    found: list[Curve] = []
    with confined_to(tree_of(Path())):
        for subject, budget, *_ in outcomes:
            known = any((subject, budget.measure) == (curve.subject, curve.measure) for curve in found)
            if subject.file and not known and len(found) < MOST_CURVES:
                found += _curve(subject, budget.measure, base)
    return found


def _curve(subject: Subject, measure: str, base: str) -> list[Curve]:
    given = {*dict(subject.given), *read_name(subject.asked).settings}
    for along, values in _AXES.items():
        if along in given or _ALIKE.get(along) in given:
            continue
        rows = _rows(subject, subject.asked, measure, {along: values})
        if len({row[measure] for row in rows}) > 1:
            behind, wrong = _behind(subject, measure, {along: values}, base)
            return [Curve(subject, measure, along, rows, behind, wrong)]
    return []


def _behind(
    subject: Subject, measure: str, axes: dict[str, Sequence[Any]], base: str
) -> tuple[list[dict[str, Any]], str]:
    """The points of the other branch, and what is wrong there."""
    other = in_folder(subject.asked, base)
    if other is None:
        return [], ""
    try:
        return _rows(subject, other, measure, axes), ""
    except CostcalcError as error:
        first = str(error).splitlines()[0]
        return [], first if first.startswith(other) else f"{other}: {first}"


def _rows(subject: Subject, name: str, measure: str, axes: dict[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """The points of a spec that have a network, at its other settings."""
    given = {key: [value] for key, value in subject.given}
    plan = plan_sweep([open(name)], {**given, **axes}, subject.counting, columns_named([measure]))
    return sweep_rows(plan, skip_invalid=True).drawn_rows
