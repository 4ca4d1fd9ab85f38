"""Which kind of number a quantity is: the only place that looks.

Neither NumPy nor SymPy is imported here: a value of theirs brings its module along.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any, TypeAlias

from costcalc.errors import QuantityError

Quantity: TypeAlias = Any
"""int | Fraction | costcalc.grid.Grid | sympy.Expr"""

LIMIT = 2**62
"""No single size, width or setting may pass this; totals may."""


class NumbersNeeded(QuantityError):
    """What is decided on plain numbers only: on a grid, point by point."""


def is_exact(value: Quantity) -> bool:
    """Whether `value` is a plain int or Fraction."""
    return type(value) is int or type(value) is Fraction


def is_symbol(*values: Quantity) -> bool:
    """Whether any of `values` is a SymPy expression."""
    if "sympy" not in sys.modules:
        return False
    basic = sys.modules["sympy"].Basic
    return any(isinstance(value, basic) for value in values)


def symbols_of(*values: Quantity) -> Any:
    """The module `costcalc.symbols` if any of `values` is of its kind, else None."""
    if not is_symbol(*values):
        return None
    from costcalc import symbols

    return symbols


def grids_of(*values: Quantity) -> Any:
    """The module `costcalc.grid` if any of `values` is a number or a condition of its kind, else None."""
    module: Any = sys.modules.get("costcalc.grid")
    return module if module and any(isinstance(value, (module.Grid, module.Mask)) for value in values) else None


def is_open(value: Quantity) -> bool:
    """Whether `value` stands for several numbers: a grid, or an expression."""
    return is_symbol(value) or grids_of(value) is not None


def is_condition(value: Quantity) -> bool:
    """Whether `value` is a flag, a comparison of symbols or a mask over a grid, and no number."""
    if symbols := symbols_of(value):
        return bool(symbols.is_condition(value))
    return type(value) is bool or ((grids := grids_of(value)) is not None and isinstance(value, grids.Mask))
