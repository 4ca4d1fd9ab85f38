"""The kinds of number that a cost is computed on, and the only place that tells them apart.

A quantity is a Python int (a report), a grid of int64 (a sweep: `costcalc.grid.Grid`, or a plain NumPy array) or a
SymPy expression (a formula). Operators use `+ - * **` and the helpers below, so one rule serves all three. While a spec
is bound, settings such as alpha are exact fractions as well (`fractions.Fraction`); they become integers once, by the
rounding rule that the spec names.

Neither NumPy nor SymPy is imported here: a value of theirs brings its module along.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from costcalc.errors import QuantityError

Quantity: TypeAlias = Any
"""int | Fraction | numpy.ndarray | sympy.Expr"""

LIMIT = 2**62
"""No single size, width or setting may pass this; totals may."""

_assumptions: list[list[str]] = []


def is_exact(value: Quantity) -> bool:
    """Whether `value` is a plain int or Fraction."""
    return type(value) is int or type(value) is Fraction


def is_symbol(*values: Quantity) -> bool:
    """Whether any of `values` is a SymPy expression."""
    if "sympy" not in sys.modules:
        return False
    basic = sys.modules["sympy"].Basic
    return any(isinstance(value, basic) for value in values)


def is_grid(*values: Quantity) -> bool:
    """Whether any of `values` is a NumPy array or scalar."""
    if "numpy" not in sys.modules:
        return False
    numpy = sys.modules["numpy"]
    return any(isinstance(value, (numpy.ndarray, numpy.generic)) for value in values)


def _grids(*values: Quantity) -> Any:
    """The module `costcalc.grid` if any of `values` is a number or a condition of its kind, else None."""
    module: Any = sys.modules.get("costcalc.grid")
    return module if module and any(isinstance(value, (module.Grid, module.Mask)) for value in values) else None


def is_sweep(value: Quantity) -> bool:
    """Whether `value` is a number at each point of a grid of settings."""
    return _grids(value) is not None


@contextmanager
def recorded_assumptions() -> Iterator[list[str]]:
    """Collect what had to be assumed of symbols inside the `with` block (for example "3 divides M")."""
    found: list[str] = []
    _assumptions.append(found)
    try:
        yield found
    finally:
        _assumptions.pop()


def assume(what: str) -> None:
    """Record an assumption about symbols, once."""
    if _assumptions and what not in _assumptions[-1]:
        _assumptions[-1].append(what)


def exact_div(a: Quantity, b: Quantity) -> Quantity:
    """a / b as a whole number.

    Raises QuantityError if b does not divide a (in any cell of a grid); for symbols the divisibility is assumed.
    """
    if type(a) is int and type(b) is int:
        if b == 0 or a % b:
            raise QuantityError(f"{a} does not divide by {b}")
        return a // b
    if is_symbol(a, b):
        quotient = a / sys.modules["sympy"].sympify(b)
        if not quotient.is_integer:
            assume(f"{b} divides {a}")
        return quotient
    if grids := _grids(a, b):
        try:
            return grids.cellwise(a, b, lambda x, y: x // y, exact=True)
        except ZeroDivisionError:
            raise QuantityError(f"{a} does not divide by {b}") from None
    if is_grid(a, b):
        numpy = sys.modules["numpy"]
        if numpy.any(b == 0) or numpy.any(a % b):
            raise QuantityError(f"{_sample(a)} does not divide by {_sample(b)}")
        return a // b
    if b == 0 or a % b:
        raise QuantityError(f"{a} does not divide by {b}")
    return a // b


def floor_div(a: Quantity, b: Quantity) -> Quantity:
    """The floor of a / b."""
    if is_symbol(a, b):
        sympy = sys.modules["sympy"]
        return sympy.floor(sympy.sympify(a) / b)
    return a // b


def ceil_div(a: Quantity, b: Quantity) -> Quantity:
    """The ceiling of a / b."""
    if is_symbol(a, b):
        sympy = sys.modules["sympy"]
        return sympy.ceiling(sympy.sympify(a) / b)
    return -(-a // b)


def floor(value: Quantity) -> Quantity:
    """The largest whole number not above `value`."""
    if is_symbol(value):
        return sys.modules["sympy"].floor(value)
    return math.floor(value) if is_exact(value) else value // 1


def ceil(value: Quantity) -> Quantity:
    """The smallest whole number not below `value`."""
    if is_symbol(value):
        return sys.modules["sympy"].ceiling(value)
    return math.ceil(value) if is_exact(value) else -(-value // 1)


def maximum(*values: Quantity) -> Quantity:
    """The largest of `values`, cell by cell."""
    if is_symbol(*values):
        return sys.modules["sympy"].Max(*values)
    if is_grid(*values) or _grids(*values):
        return _folded("maximum", values)
    return max(values)


def minimum(*values: Quantity) -> Quantity:
    """The smallest of `values`, cell by cell."""
    if is_symbol(*values):
        return sys.modules["sympy"].Min(*values)
    if is_grid(*values) or _grids(*values):
        return _folded("minimum", values)
    return min(values)


def _folded(name: str, values: tuple[Quantity, ...]) -> Quantity:
    """A function of NumPy over several values, two at a time."""
    function = getattr(sys.modules["numpy"], name)
    result = values[0]
    for value in values[1:]:
        grids = _grids(result, value)
        result = grids.cellwise(result, value, function) if grids else function(result, value)
    return result


def where(condition: Quantity, yes: Quantity, no: Quantity) -> Quantity:
    """`yes` where the condition holds, else `no`."""
    if type(condition) is bool:
        return yes if condition else no
    if is_symbol(condition, yes, no):
        return sys.modules["sympy"].Piecewise((yes, condition), (no, True))
    if grids := _grids(condition):
        return grids.where(condition, yes, no)
    if is_grid(condition, yes, no):
        return sys.modules["numpy"].where(condition, yes, no)
    return yes if condition else no


def at_least(a: Quantity, b: Quantity) -> Quantity:
    """The condition a >= b, for `where` and `holds`."""
    return a >= b


def same(a: Quantity, b: Quantity) -> Quantity:
    """The condition a == b, for `where` and `holds`."""
    if is_symbol(a, b):
        return sys.modules["sympy"].Eq(a, b)
    return a == b


def holds(condition: Quantity) -> bool:
    """Whether a condition holds everywhere; a condition on symbols that cannot be decided is assumed to hold.

    Raises `costcalc.grid.Split` for a condition that holds in a part of a sweep only.
    """
    if type(condition) is bool:
        return condition
    if is_symbol(condition):
        sympy = sys.modules["sympy"]
        if condition == sympy.false:
            return False
        if condition != sympy.true:
            assume(str(condition))
        return True
    if _grids(condition):
        return bool(condition.holds())
    if is_grid(condition):
        return bool(condition.all())
    return bool(condition)


def within(value: Quantity, least: Quantity, most: Quantity) -> bool:
    """Whether least <= value <= most, everywhere."""
    if type(value) is int:
        return bool(least <= value <= most)
    if _grids(value) and value.surely_within(least, most):
        return True
    return holds(at_least(value, least)) and holds(at_least(most, value))


def product(values: Any) -> Quantity:
    """The product of `values`; 1 if there are none."""
    result: Quantity = 1
    for value in values:
        result = result * value
    return result


def round_width(value: Quantity, divisor: Quantity = 8, least: Quantity | None = None) -> Quantity:
    """`value` to the nearest multiple of `divisor`, but never below nine tenths of `value`, nor below `least`.

    The rule of TF-slim's `make_divisible`, which Keras, torchvision and timm share; `least` is the divisor unless
    given. Its inner floor acts on floor(value + divisor / 2).
    Source: arXiv:1801.04381, the authors' code (slim/nets/mobilenet/mobilenet_v2.py).
    """
    floored = maximum(
        divisor if least is None else least, floor_div(floor_div(2 * value + divisor, 2), divisor) * divisor
    )
    return where(at_least(10 * floored, 9 * value), floored, floored + divisor)


def _sample(value: Quantity) -> str:
    return str(value) if getattr(value, "ndim", 0) == 0 else str(value.flat[0]) + " ..."


def as_text(value: object) -> str:
    """A setting as text: a fraction as a decimal if it has a finite one (3/4 -> 0.75; 6/7 stays)."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, Fraction):
        return str(value)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return str(Decimal(value.numerator) / Decimal(value.denominator)) if rest == 1 else str(value)


def gcd(a: Quantity, b: Quantity) -> Quantity:
    """The greatest common divisor; on symbols it stays unevaluated until numbers are put in."""
    if is_symbol(a, b):
        return _symbolic_gcd()(a, b)
    if is_grid(a, b) or _grids(a, b):
        return _folded("gcd", (a, b))
    return math.gcd(a, b)


@cache
def _symbolic_gcd() -> Any:
    sympy: Any = sys.modules["sympy"]

    def evaluate(cls: Any, a: Any, b: Any) -> Any:
        return sympy.Integer(math.gcd(int(a), int(b))) if a.is_Integer and b.is_Integer else None

    return type("gcd", (sympy.Function,), {"eval": classmethod(evaluate), "is_integer": True, "is_positive": True})


def whole(value: Quantity) -> Quantity:
    """`value` as a whole number. Raises QuantityError for a fraction, a flag or a word."""
    if type(value) is int:
        return value
    if isinstance(value, bool | str) or hasattr(value, "channels"):
        raise QuantityError(str(value).lower() if isinstance(value, bool) else str(value))
    if isinstance(value, Fraction):
        raise QuantityError(str(value))
    if (grids := _grids(value)) and value.denominator != 1:
        try:
            return exact_div(grids.Grid(value.terms), value.denominator)
        except QuantityError:
            raise QuantityError(str(value)) from None
    return value


def settled(value: Quantity) -> Quantity:
    """A single number where the structure of the network hangs on it: in a sweep, the one that all points share.

    Raises `costcalc.grid.Split` if they do not.
    """
    if _grids(value):
        first = Fraction(int(value.numerators(value.side).ravel()[0]), value.denominator)
        if holds(value == first):
            return first.numerator if first.denominator == 1 else first
    return value
