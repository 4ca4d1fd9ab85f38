"""Symbols: the kind of number that a formula is computed on.

A setting left open is a SymPy symbol. Sums and products of symbols stay as they are; what is rounded, or chosen between
cases, gets a name of its own (`c = round8(32 alpha)`), so that every cost stays a polynomial in names. Conditions
are decided at one point of the settings, and what was decided is kept: the formula holds where it is decided alike.

Outside a trace nothing is named, and every condition that cannot be decided is taken to hold.
"""

from costcalc.symbols.forms import (
    ROUND_WIDTH,
    Case,
    Expr,
    Largest,
    Relation,
    added,
    exact,
    expr,
    is_condition,
    largest,
    put_in,
    same,
)
from costcalc.symbols.numbers import (
    apply,
    concrete,
    holds,
    named,
    power,
    quotient,
    ratio,
    root_up,
    rule,
    where,
    whole,
    within,
    words,
)
from costcalc.symbols.trace import Assumption, Kind, Trace, Undetermined, traced

__all__ = [
    "ROUND_WIDTH",
    "Assumption",
    "Case",
    "Expr",
    "Kind",
    "Largest",
    "Relation",
    "Trace",
    "Undetermined",
    "added",
    "apply",
    "concrete",
    "exact",
    "expr",
    "holds",
    "is_condition",
    "largest",
    "named",
    "power",
    "put_in",
    "quotient",
    "ratio",
    "root_up",
    "rule",
    "same",
    "traced",
    "where",
    "whole",
    "within",
    "words",
]
