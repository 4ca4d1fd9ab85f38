"""Expressions in words: for people, as plain text, as Python, as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from costcalc.analysis.formula.polynomial import natural, split_by_positions
from costcalc.symbols import ROUND_WIDTH, Assumption, Expr, Kind

_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SIGNS = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤", "*": "·"}

Words = Callable[[Expr], str]
"""A way to write an expression."""


class _Plain(StrPrinter):  # type: ignore[misc]  # SymPy has no types
    """SymPy's own text, with functions, cases and comparisons as Python has them."""

    def _print_ceiling(self, value: Expr) -> str:
        return f"ceil({self._print(value.args[0])})"

    def _print_Max(self, value: Expr) -> str:
        return f"max({', '.join(map(self._print, sympy.ordered(value.args)))})"

    def _print_Min(self, value: Expr) -> str:
        return f"min({', '.join(map(self._print, sympy.ordered(value.args)))})"

    def _print_Largest(self, value: Expr) -> str:
        return f"max({', '.join(map(self._print, value.args))})"

    def _print_round_width(self, value: Expr) -> str:
        width, divisor, least = value.args
        start = (
            f"round{divisor}({self._print(width)}"
            if divisor.is_Integer
            else (f"{ROUND_WIDTH}({self._print(width)}, {self._print(divisor)}")
        )
        return f"{start})" if least == divisor else f"{start}, least={self._print(least)})"

    def _print_Case(self, value: Expr) -> str:
        condition, yes, no = map(self._print, value.args)
        return f"({yes} if {condition} else {no})"

    def _print_Mul(self, value: Expr) -> str:
        """Names in the order of their numbers, c9*c10, then the rest."""
        number, rest = value.as_coeff_Mul()
        factors = sorted(
            (factor.as_base_exp() for factor in sympy.Mul.make_args(rest)),
            key=lambda factor: (not factor[0].is_Symbol, natural(factor[0]) if factor[0].is_Symbol else ("", 0)),
        )
        above = [self._factor(base**power) for base, power in factors if not power.is_negative]
        below = [self._factor(base**-power) for base, power in factors if power.is_negative]
        return self._quotient(number, above, below)

    def _factor(self, value: Expr) -> str:
        return str(self.parenthesize(value, PRECEDENCE["Mul"]))

    def _quotient(self, number: Expr, above: list[str], below: list[str]) -> str:
        sign = "-" if number.is_negative else ""
        above = [str(abs(number.p)), *above] if abs(number.p) != 1 or not above else above
        below = [str(number.q), *below] if number.q != 1 else below
        divisor = f"({'*'.join(below)})" if below[1:] else "".join(below)
        return f"{sign}{'*'.join(above)}" + (f"/{divisor}" if divisor else "")

    def _as_ordered_terms(self, value: Expr, order: Any = None) -> list[Expr]:
        """Terms with a minus come last."""
        return sorted(super()._as_ordered_terms(value, order), key=lambda term: term.could_extract_minus_sign())

    def _print_Pow(self, value: Expr, rational: bool = False) -> str:
        if value.exp.is_negative:
            return f"1/{self._print(value.base**-value.exp)}"
        return str(super()._print_Pow(value, rational))

    def _print_Relational(self, value: Expr) -> str:
        sign = {"Equality": "==", "Unequality": "!="}.get(type(value).__name__) or value.rel_op
        return f"{self._print(value.lhs)} {sign} {self._print(value.rhs)}"

    def _print_And(self, value: Expr) -> str:
        sides = {type(part): part for part in value.args}
        if set(sides) == {sympy.Ge, sympy.Le} and sides[sympy.Ge].lhs == sides[sympy.Le].lhs:
            least, most = sides[sympy.Ge].rhs, sides[sympy.Le].rhs
            return f"{self._print(least)} <= {self._print(sides[sympy.Ge].lhs)} <= {self._print(most)}"
        return " and ".join(map(self._print, value.args))

    def _print_Or(self, value: Expr) -> str:
        return " or ".join(map(self._print, value.args))

    def _print_Not(self, value: Expr) -> str:
        return f"not ({self._print(value.args[0])})"


class _Python(_Plain):
    """Python that stays exact: a division of whole numbers is a Fraction."""

    def _print_Rational(self, value: Expr) -> str:
        return str(value.p) if value.q == 1 else f"Fraction({value.p}, {value.q})"

    _print_Half = _print_Rational

    def _print_ceiling(self, value: Expr) -> str:
        """A root rounded up by whole numbers: ceil(sqrt(n)) is isqrt(n - 1) + 1, of an n that may be a Fraction."""
        if not any(part.is_Pow and part.exp == sympy.S.Half for part in sympy.preorder_traversal(value.args[0])):
            return super()._print_ceiling(value)
        return f"(isqrt(ceil({self._print(sympy.expand(value.args[0] ** 2))}) - 1) + 1)"

    def _print_Pow(self, value: Expr, rational: bool = False) -> str:
        if value.exp.is_negative:
            return f"Fraction(1, {self._print(value.base**-value.exp)})"
        return super()._print_Pow(value, rational)

    def _quotient(self, number: Expr, above: list[str], below: list[str]) -> str:
        below = [str(number.q), *below] if number.q != 1 else below
        product = super()._quotient(sympy.Integer(number.p), above, [])
        return f"Fraction({product}, {'*'.join(below)})" if below else product


class _Latex(LatexPrinter):  # type: ignore[misc]
    """SymPy's LaTeX, with our rounding rules under an operator's name, and cases."""

    def _print_round_width(self, value: Expr) -> str:
        width, divisor, least = map(self._print, value.args)
        rest = "" if least == divisor else rf",\, {least}"
        return rf"\operatorname{{round}}_{{{divisor}}}\left({width}{rest}\right)"

    def _print_Largest(self, value: Expr) -> str:
        return rf"\max\left({', '.join(map(self._print, value.args))}\right)"

    def _print_Case(self, value: Expr) -> str:
        condition, yes, no = map(self._print, value.args)
        return rf"\begin{{cases}} {yes} & \text{{if }} {condition} \\ {no} & \text{{otherwise}} \end{{cases}}"


_PLAIN, _PYTHON, _LATEX = _Plain(), _Python(), _Latex()


def plain(value: Expr) -> str:
    """An expression in ASCII, as Python would read it but for exact fractions."""
    return str(_PLAIN.doprint(value))


def signs(value: Expr) -> str:
    """An expression for people: β²·(α + 1)."""
    text = re.sub(r"\b(alpha|beta|gamma)\b", lambda match: _GREEK[match[0]], plain(value))
    text = re.sub(r"\*\*(\d+)", lambda match: match[1].translate(_RAISED), text).replace("**", "^")
    return re.sub(r"[=!<>]=|\*", lambda match: _SIGNS[match[0]], text)


def latex(value: Expr) -> str:
    """An expression in LaTeX's mathematics."""
    return str(_LATEX.doprint(value))


def python(value: Expr) -> str:
    """An expression as Python source that stays exact."""
    return str(_PYTHON.doprint(value))


def sum_of(terms: Sequence[str]) -> str:
    """A sum of terms; a minus before a term becomes the sign between."""
    return " + ".join(terms).replace("+ -", "- ")


def summands(value: Expr, positions: Sequence[Expr], words: Words) -> list[str]:
    """A sum, part by part: what belongs to one product of positions stands in one bracket."""
    if not value.is_Add:
        return [words(value)]
    times = " " if words is latex else "·" if words is signs else "*"
    opening, closing = (r"\left(", r"\right)") if words is latex else ("(", ")")
    found = []
    for part in split_by_positions(value, positions):
        terms = [words(term) for term in part.channels]
        if part.positions == 1:
            found += terms
        elif len(terms) == 1:
            found.append(words(part.channels[0] * part.positions))
        else:
            found.append(f"{words(part.positions)}{times}{opening}{sum_of(terms)}{closing}")
    return found


def sum_lines(terms: Sequence[str], width: int) -> list[str]:
    """A sum on several lines, all but the first starting with their sign: a line for each bracket, the rest packed."""
    lines: list[str] = []
    for term in terms:
        signed = term if not lines else f"- {term[1:]}" if term.startswith("-") else f"+ {term}"
        brackets = any("(" in text for text in (term, *lines[-1:]))
        if lines and not brackets and len(lines[-1]) + len(signed) < width:
            lines[-1] += f" {signed}"
        else:
            lines.append(signed)
    return lines


def assumption_words(assumption: Assumption, words: Words) -> str:
    """What must hold: `c2 ≠ c3`, `4 divides c1`."""
    if assumption.kind is not Kind.WHOLE:
        return words(assumption.what)
    dividend, divisor = sympy.fraction(sympy.together(assumption.what))
    return f"{words(dividend)} is a whole number" if divisor == 1 else f"{words(divisor)} divides {words(dividend)}"
