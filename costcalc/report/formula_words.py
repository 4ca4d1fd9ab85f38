"""Expressions in words: for people, as plain text, as Python, as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from costcalc.analysis.polynomial import parted
from costcalc.symbols import ROUND_WIDTH, Assumption, Expr, Kind

_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SIGNS = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤", "*": "·"}

Words = Callable[[Expr], str]
"""A way to write an expression."""


class _Plain(StrPrinter):
    """SymPy's own text, with functions, cases and comparisons as Python has them."""

    def _print_ceiling(self, value: Expr) -> str:
        return f"ceil({self._print(value.args[0])})"

    def _print_Max(self, value: Expr) -> str:
        return f"max({', '.join(map(self._print, sympy.ordered(value.args)))})"

    def _print_Min(self, value: Expr) -> str:
        return f"min({', '.join(map(self._print, sympy.ordered(value.args)))})"

    def _print_round_width(self, value: Expr) -> str:
        width, divisor, least = value.args
        start = f"round{divisor}({self._print(width)}" if divisor.is_Integer else (
            f"{ROUND_WIDTH}({self._print(width)}, {self._print(divisor)}"
        )
        return f"{start})" if least == divisor else f"{start}, least={self._print(least)})"

    def _print_Piecewise(self, value: Expr) -> str:
        (yes, condition), (no, _) = value.args
        return f"({self._print(yes)} if {self._print(condition)} else {self._print(no)})"

    def _print_Pow(self, value: Expr, rational: bool = False) -> str:
        if value.exp.is_negative:
            return f"1/{self._print(value.base**-value.exp)}"
        return str(super()._print_Pow(value, rational))

    def _print_Relational(self, value: Expr) -> str:
        sign = {"Equality": "==", "Unequality": "!="}.get(type(value).__name__) or value.rel_op
        return f"{self._print(value.lhs)} {sign} {self._print(value.rhs)}"

    def _print_And(self, value: Expr) -> str:
        return " and ".join(map(self._print, value.args))

    def _print_Or(self, value: Expr) -> str:
        return " or ".join(map(self._print, value.args))

    def _print_Not(self, value: Expr) -> str:
        return f"not ({self._print(value.args[0])})"


class _Latex(LatexPrinter):
    """SymPy's LaTeX, with our rounding rules under an operator's name."""

    def _print_round_width(self, value: Expr) -> str:
        width, divisor, least = map(self._print, value.args)
        rest = "" if least == divisor else rf",\, {least}"
        return rf"\operatorname{{round}}_{{{divisor}}}\left({width}{rest}\right)"


_PLAIN, _LATEX = _Plain(), _Latex()


def plain(value: Expr) -> str:
    """An expression in ASCII, as Python would read it but for exact fractions."""
    return str(_PLAIN.doprint(value))


def signs(value: Expr) -> str:
    """An expression for people: β²·(α + 1)."""
    text = re.sub(r"\*\*(\d+)", lambda match: match[1].translate(_RAISED), plain(value))
    text = re.sub(r"[=!<>]=|\*", lambda match: _SIGNS[match[0]], text)
    return re.sub(r"\b(alpha|beta|gamma)\b", lambda match: _GREEK[match[0]], text)


def latex(value: Expr) -> str:
    """An expression in LaTeX's mathematics."""
    return str(_LATEX.doprint(value))


def python(value: Expr) -> str:
    """An expression as Python source that stays exact."""
    for rational in value.atoms(sympy.Rational):
        if not rational.is_Integer:
            value = value.xreplace({rational: sympy.Symbol(f"Fraction({rational.p}, {rational.q})")})
    quotients = {
        power: sympy.Symbol(f"Fraction(1, {plain(power.base**-power.exp)})")
        for power in value.atoms(sympy.Pow)
        if power.exp.is_negative
    }
    return plain(value.xreplace(quotients))


def joined(terms: Sequence[str]) -> str:
    """A sum of terms; a minus before a term becomes the sign between."""
    return " + ".join(terms).replace("+ -", "- ")


def summands(value: Expr, positions: Sequence[Expr], words: Words) -> list[str]:
    """A sum, part by part: what belongs to one product of positions stands in one bracket."""
    if not value.is_Add:
        return [words(value)]
    times = " " if words is latex else "·" if words is signs else "*"
    opening, closing = (r"\left(", r"\right)") if words is latex else ("(", ")")
    found = []
    for part in parted(value, positions):
        terms = [words(term) for term in part.channels]
        if part.positions == 1:
            found += terms
        elif len(terms) == 1:
            found.append(words(part.channels[0] * part.positions))
        else:
            found.append(f"{words(part.positions)}{times}{opening}{joined(terms)}{closing}")
    return found


def assumption_words(assumption: Assumption, words: Words) -> str:
    """What must hold: `c2 ≠ c3`, `4 divides c1`."""
    if assumption.kind is not Kind.WHOLE:
        return words(assumption.what)
    dividend, divisor = sympy.fraction(sympy.together(assumption.what))
    return f"{words(dividend)} is a whole number" if divisor == 1 else f"{words(divisor)} divides {words(dividend)}"
