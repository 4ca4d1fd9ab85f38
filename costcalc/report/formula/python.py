"""A formula as Python source: functions that stand by themselves and stay exact on fractions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import indent, wrap

import sympy

from costcalc.analysis.formula.definitions import Definition, simplified
from costcalc.analysis.formula.record import Formula
from costcalc.escape import printable
from costcalc.quantity import width_rule
from costcalc.report.formula.words import python, sum_lines, sum_of, summands
from costcalc.symbols import ROUND_WIDTH, Expr, Kind, traced

_WIDTH = 100


def python_source(formula: Formula, comments: Sequence[str]) -> str:
    """A module: a function for each measure, and one that says whether the formula holds.

    Arguments are whole numbers or `fractions.Fraction`; so are the results.
    """
    functions = [*(_function(name, formula, value) for name, value in formula.figures.items()), _holds(formula)]
    body = "\n\n\n".join([*_rules(formula), *functions])
    names = [name for name in ("ceil", "floor", "gcd", "isqrt", "sqrt") if re.search(rf"\b{name}\(", body)]
    imports = ["from fractions import Fraction"] * ("Fraction(" in body)
    imports += [f"from math import {', '.join(names)}"] if names else []
    comments = [*comments, "arguments are whole numbers or fractions.Fraction, and so are results"]
    comment = [line for text in comments for line in wrap(printable(text), _WIDTH - 2)]
    head = "\n".join([*(f"# {line}" for line in comment), "", *imports]).rstrip()
    return f"{head}\n\n\n{body}\n"


def _function(name: str, formula: Formula, value: Expr) -> str:
    needed = _needed([value], () if formula.smooth else formula.definitions)
    return _source(name, _arguments(formula, [value, *(one.value for one in needed)]), needed, _sum(formula, value))


def _arguments(formula: Formula, values: Iterable[Expr]) -> str:
    free = set().union(*(value.free_symbols for value in values))
    return ", ".join(key for key, symbol in formula.letters.items() if symbol in free)


def _sum(formula: Formula, value: Expr) -> str:
    terms = summands(value, formula.positions, python)
    whole = sum_of(terms)
    return (
        whole if len(whole) < _WIDTH - 11 else "(\n" + indent("\n".join(sum_lines(terms, _WIDTH - 8)), "    ") + "\n)"
    )


def _source(name: str, arguments: str, definitions: Iterable[Definition], result: str) -> str:
    lines = [f"{python(one.name)} = {python(one.value)}" for one in definitions]
    return f"def {name}({arguments}):\n" + indent("\n".join([*lines, f"return {result}"]), "    ")


def _holds(formula: Formula) -> str:
    """Whether what was assumed holds."""
    conditions = [
        f"({python(one.what)}) % 1 == 0" if one.kind is Kind.WHOLE else python(one.what) for one in formula.assumptions
    ]
    needed = _needed([one.what for one in formula.assumptions], formula.definitions)
    values = [*(one.what for one in formula.assumptions), *(one.value for one in needed)]
    result = "(\n" + indent("\nand ".join(conditions), "    ") + "\n)" if conditions else "True"
    return _source("holds", _arguments(formula, values), needed, result)


def _needed(values: Iterable[Expr], definitions: Sequence[Definition]) -> list[Definition]:
    """The definitions that some expressions stand on, in order."""
    wanted: set[Expr] = set().union(*(value.free_symbols for value in values))
    found = []
    for definition in reversed(definitions):
        if definition.name in wanted:
            wanted |= definition.value.free_symbols
            found.append(definition)
    return found[::-1]


def _rules(formula: Formula) -> list[str]:
    """The rounding rules of all that is written, each as a function: the rule itself, run on symbols."""
    definitions = [definition.value for definition in formula.definitions]
    written = [*definitions, *formula.figures.values(), *(one.what for one in formula.assumptions)]
    divisors = {
        part.args[1]
        for value in written
        for part in sympy.preorder_traversal(value)
        if part.func.__name__ == ROUND_WIDTH
    }
    return [_rule(divisor) for divisor in sorted(divisors, key=str)]


def _rule(divisor: Expr) -> str:
    x, least, d = (sympy.Symbol(name, positive=True) for name in ("x", "least", "divisor"))
    number = int(divisor) if divisor.is_Integer else d
    with traced({x: 1, least: 1, d: 1}) as trace:
        result = width_rule(x, number, least)
    names = simplified(trace, [result], ("x", "least", "divisor"))
    arguments = f"x, least={divisor}" if divisor.is_Integer else "x, divisor, least"
    name = f"round{divisor}" if divisor.is_Integer else ROUND_WIDTH
    return _source(name, arguments, names.definitions, python(names.meaning[result]))
