"""The kinds of number that a cost is computed on, and the only place that tells them apart.

A quantity is a Python int (a report), a grid (a sweep: `costcalc.grid.Grid`) or a SymPy expression (a formula:
`costcalc.symbols`). Operators use `+ - * **` and the helpers below, so one rule serves all
three. While a spec is bound, settings such as alpha are exact fractions as well (`fractions.Fraction`); they become
integers once, by the rounding rule that the spec names.
"""

from costcalc.quantity.arithmetic import (
    ceil,
    ceil_div,
    concrete,
    exact_div,
    floor,
    floor_div,
    gcd,
    is_bounded,
    largest,
    maximum,
    minimum,
    named,
    power,
    product,
    quotient,
    ratio,
    remainder,
    root_up,
    total,
    whole,
    whole_bytes,
)
from costcalc.quantity.conditions import at_least, differ, holds, holds_either, negated, same, where, within
from costcalc.quantity.kinds import LIMIT, NumbersNeeded, Quantity, is_condition, is_exact, is_open, is_symbol
from costcalc.quantity.rounding import round_width, width_rule
from costcalc.quantity.text import LONGEST_NUMBER, as_text, is_short

__all__ = [
    "LIMIT",
    "LONGEST_NUMBER",
    "NumbersNeeded",
    "Quantity",
    "as_text",
    "at_least",
    "ceil",
    "ceil_div",
    "concrete",
    "differ",
    "exact_div",
    "floor",
    "floor_div",
    "gcd",
    "holds",
    "holds_either",
    "is_bounded",
    "is_condition",
    "is_exact",
    "is_open",
    "is_short",
    "is_symbol",
    "largest",
    "maximum",
    "minimum",
    "named",
    "negated",
    "power",
    "product",
    "quotient",
    "ratio",
    "remainder",
    "root_up",
    "round_width",
    "same",
    "total",
    "where",
    "whole",
    "whole_bytes",
    "width_rule",
    "within",
]
