"""A formula as LaTeX: one `align*`, for a document that uses the package amsmath."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy

from costcalc.analysis.formula.polynomial import is_short
from costcalc.analysis.formula.record import Formula
from costcalc.escape import latex as escaped
from costcalc.escape import printable
from costcalc.measures import measure_of
from costcalc.report.formula.words import latex, sum_lines, summands
from costcalc.symbols import Expr

_WIDTH = 110
"""Characters of LaTeX that stand on one line, brackets apart."""


def latex_source(formula: Formula, layers: bool, comments: Iterable[str]) -> str:
    """The equations, under comments that say what they are of and where they hold."""
    lines: list[str] = []
    if not formula.smooth:
        lines += [f"{latex(name)} &= {latex(value)}" for name, value in formula.definitions]
    if layers:
        for cost in formula.layers:
            known = {name: value for name, value in cost.figures.items() if value is not sympy.nan}
            for name, value in known.items():
                lines += _equation(f"{cost.name}, {measure_of(name).title}", value, formula.positions)
    for one in (formula, formula.against):
        if one is not None:
            of = f" of {one.name}" if formula.against is not None else ""
            for name, value in one.figures.items():
                lines += _equation(f"{measure_of(name).title}{of}", value, one.positions)
    for name, value in formula.ratios.items():
        if is_short(value):
            lines += _equation(f"{measure_of(name).title} ratio", sympy.expand(value), formula.positions)
    head = [f"% {printable(line)}" for line in ("needs \\usepackage{amsmath}", *comments)]
    return "\n".join([*head, r"\begin{align*}", " \\\\\n".join(lines), r"\end{align*}"]) + "\n"


def _equation(name: str, value: Expr, positions: Sequence[Expr]) -> list[str]:
    """One equation, on as many lines as its terms need."""
    first, *rest = sum_lines(summands(value, positions, latex), _WIDTH)
    return [f"\\text{{{escaped(name)}}} &= {first}", *(f"&\\quad {line}" for line in rest)]
