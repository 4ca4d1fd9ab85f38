"""The kinds of number that a cost is computed on, and the only place that tells them apart.

A quantity is a Python int (a report), a grid (a sweep: `costcalc.grid.Grid`) or a SymPy expression (a formula:
`costcalc.symbols`). Operators use `+ - * **` and the helpers below, so one rule serves all
three. While a spec is bound, settings such as alpha are exact fractions as well (`fractions.Fraction`); they become
integers once, by the rounding rule that the spec names.

Neither NumPy nor SymPy is imported here: a value of theirs brings its module along.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeAlias

from costcalc.errors import QuantityError

Quantity: TypeAlias = Any
"""int | Fraction | costcalc.grid.Grid | sympy.Expr"""

LIMIT = 2**62
"""No single size, width or setting may pass this; totals may."""
LONGEST_NUMBER = 40
"""Characters of a number as people write it; no number that is longer as text is taken or printed."""


def is_exact(value: Quantity) -> bool:
    """Whether `value` is a plain int or Fraction."""
    return type(value) is int or type(value) is Fraction


def is_symbol(*values: Quantity) -> bool:
    """Whether any of `values` is a SymPy expression."""
    if "sympy" not in sys.modules:
        return False
    basic = sys.modules["sympy"].Basic
    return any(isinstance(value, basic) for value in values)


def _symbols(*values: Quantity) -> Any:
    """The module `costcalc.symbols` if any of `values` is of its kind, else None."""
    if not is_symbol(*values):
        return None
    from costcalc import symbols

    return symbols


def _grids(*values: Quantity) -> Any:
    """The module `costcalc.grid` if any of `values` is a number or a condition of its kind, else None."""
    module: Any = sys.modules.get("costcalc.grid")
    return module if module and any(isinstance(value, (module.Grid, module.Mask)) for value in values) else None


def is_open(value: Quantity) -> bool:
    """Whether `value` stands for several numbers: a grid, or an expression."""
    return is_symbol(value) or _grids(value) is not None


def is_condition(value: Quantity) -> bool:
    """Whether `value` is a flag, a comparison of symbols or a mask over a grid, and no number."""
    if symbols := _symbols(value):
        return bool(symbols.is_condition(value))
    return type(value) is bool or ((grids := _grids(value)) is not None and isinstance(value, grids.Mask))


def exact_div(a: Quantity, b: Quantity) -> Quantity:
    """a / b as a whole number.

    Raises QuantityError if b does not divide a (in any cell of a grid); for symbols the divisibility is assumed.
    """
    if type(a) is int and type(b) is int:
        if b == 0 or a % b:
            raise QuantityError(f"{a} does not divide by {b}")
        return a // b
    if symbols := _symbols(a, b):
        return symbols.quotient(a, b)
    if grids := _grids(a, b):
        try:
            return grids.quotient(a, b, exact=True)
        except ZeroDivisionError:
            raise QuantityError(f"{a} does not divide by {b}") from None
    if b == 0 or a % b:
        raise QuantityError(f"{a} does not divide by {b}")
    return a // b


def ratio(a: Quantity, b: Quantity) -> Quantity:
    """a / b, exactly. Raises ZeroDivisionError if b is zero."""
    if symbols := _symbols(a, b):
        return symbols.ratio(a, b)
    return a / b if _grids(a, b) else Fraction(a) / b


def floor_div(a: Quantity, b: Quantity) -> Quantity:
    """The floor of a / b."""
    if symbols := _symbols(a, b):
        return symbols.apply("floor", symbols.ratio(a, b))
    return a // b


def ceil_div(a: Quantity, b: Quantity) -> Quantity:
    """The ceiling of a / b."""
    if symbols := _symbols(a, b):
        return symbols.apply("ceiling", symbols.ratio(a, b))
    return -(-a // b)


def remainder(a: Quantity, b: Quantity) -> Quantity:
    """What floor_div leaves of a."""
    return a - floor_div(a, b) * b if is_symbol(a, b) else a % b


def floor(value: Quantity) -> Quantity:
    """The largest whole number not above `value`."""
    if symbols := _symbols(value):
        return symbols.apply("floor", value)
    return math.floor(value) if is_exact(value) else value // 1


def ceil(value: Quantity) -> Quantity:
    """The smallest whole number not below `value`."""
    if symbols := _symbols(value):
        return symbols.apply("ceiling", value)
    return math.ceil(value) if is_exact(value) else -(-value // 1)


def maximum(*values: Quantity) -> Quantity:
    """The largest of `values`, cell by cell."""
    if symbols := _symbols(*values):
        return symbols.apply("Max", *values)
    return _folded("maximum", max, values) if _grids(*values) else max(values)


def minimum(*values: Quantity) -> Quantity:
    """The smallest of `values`, cell by cell."""
    if symbols := _symbols(*values):
        return symbols.apply("Min", *values)
    return _folded("minimum", min, values) if _grids(*values) else min(values)


def largest(values: Iterable[Quantity]) -> Quantity:
    """The largest of costs, which are never negative; what another one always exceeds is never evaluated."""
    values = tuple(values)
    if symbols := _symbols(*values):
        return symbols.largest(values)
    grids = _grids(*values)
    return grids.largest(values) if grids else max(values)


def total(values: Iterable[Quantity]) -> Quantity:
    """The sum of `values`; 0 if there are none."""
    values = tuple(values)
    if len(values) == 1:
        return values[0]
    if symbols := _symbols(*values):
        return symbols.added(values)
    grids = _grids(*values)
    return grids.added(values) if grids else sum(values)


def quotient(a: Quantity, b: Quantity) -> Quantity:
    """a / b for show, None if b is 0: a fraction, an expression, or both numbers of a grid (`costcalc.grid.Ratio`)."""
    if grids := _grids(a, b):
        return grids.Ratio(a, b)
    if is_symbol(a, b):
        return a / b if b != 0 else None
    return Fraction(a) / b if b else None


def whole_bytes(elements: Quantity, bits: int) -> Quantity:
    """The whole bytes that hold so many numbers of so many bits, side by side."""
    return ceil_div(elements * bits, 8) if bits % 8 else elements * (bits // 8)


def _folded(name: str, plain: Callable[[Any, Any], Any], values: tuple[Quantity, ...]) -> Quantity:
    """A function of two numbers over several values: NumPy's `name` on grids, `plain` on exact numbers."""
    result = values[0]
    for value in values[1:]:
        grids = _grids(result, value)
        result = grids.cellwise(result, value, getattr(sys.modules["numpy"], name)) if grids else plain(result, value)
    return result


def where(condition: Quantity, yes: Quantity, no: Quantity) -> Quantity:
    """`yes` where the condition holds, else `no`."""
    if type(condition) is bool:
        return yes if condition else no
    if symbols := _symbols(condition, yes, no):
        return symbols.where(condition, yes, no)
    if grids := _grids(condition):
        return grids.where(condition, yes, no)
    return yes if condition else no


def at_least(a: Quantity, b: Quantity) -> Quantity:
    """The condition a >= b, for `where` and `holds`."""
    return a >= b


def same(a: Quantity, b: Quantity) -> Quantity:
    """The condition a == b, for `where` and `holds`."""
    if symbols := _symbols(a, b):
        return symbols.same(a, b)
    return a == b


def differ(a: Quantity, b: Quantity) -> Quantity:
    """The condition a != b."""
    return negated(same(a, b))


def negated(condition: Quantity) -> Quantity:
    """The contrary of a condition."""
    return not condition if type(condition) is bool else ~condition


def holds(condition: Quantity) -> bool:
    """Whether a condition holds everywhere; on symbols it is decided at the formula's point, and assumed elsewhere.

    Raises `costcalc.grid.Split` for a condition that holds in a part of a sweep only.
    """
    if type(condition) is bool:
        return condition
    if symbols := _symbols(condition):
        return bool(symbols.holds(condition))
    if _grids(condition):
        return bool(condition.holds())
    return bool(condition)


def holds_either(a: Quantity, b: Quantity) -> bool:
    """Whether one of two conditions holds everywhere; on symbols nothing is decided if one is known to."""
    if symbols := _symbols(a, b):
        return bool(symbols.holds(symbols.expr(a) | symbols.expr(b)))
    return holds(a) or holds(b)


def within(value: Quantity, least: Quantity, most: Quantity) -> bool:
    """Whether least <= value <= most, everywhere."""
    if type(value) is int:
        return bool(least <= value <= most)
    if _grids(value) and value.surely_within(least, most):
        return True
    if symbols := _symbols(value):
        return bool(symbols.within(value, least, most))
    return holds(at_least(value, least)) and holds(at_least(most, value))


def is_bounded(value: Quantity) -> bool:
    """Whether no number of a grid, nor its denominator, passes `LIMIT`; raises `costcalc.grid.Split` if some do."""
    if not (grids := _grids(value)):
        return True
    if value.denominator > LIMIT:
        common = grids.cellwise(value * value.denominator, value.denominator, sys.modules["numpy"].gcd)
        if not holds(common * LIMIT >= value.denominator):
            return False
    surely = sum(grids.bound(c) * grids.bound(p) for c, p in value.terms) <= LIMIT * value.denominator
    return surely or within(value, -LIMIT, LIMIT)


def named(value: Quantity) -> Quantity:
    """`value`; in a formula under a name of its own, so that what is computed from it stays short."""
    return value if type(value) is int or not (symbols := _symbols(value)) else symbols.named(value)


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
    least = divisor if least is None else least
    if symbols := _symbols(value, divisor, least):
        return symbols.rule("round_width", width_rule, value, divisor, least)
    return width_rule(value, divisor, least)


def width_rule(value: Quantity, divisor: Quantity, least: Quantity) -> Quantity:
    """The arithmetic of `round_width`; on symbols, the rule itself as an expression."""
    floored = maximum(least, floor_div(floor_div(2 * value + divisor, 2), divisor) * divisor)
    return where(at_least(10 * floored, 9 * value), floored, floored + divisor)


def as_text(value: object) -> str:
    """A setting as text that reads back as the same number.

    A fraction is an exact decimal if it has a finite one of at most LONGEST_NUMBER characters (3/4 -> 0.75), else a
    ratio (6/7 stays). Never an exponent.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if symbols := _symbols(value):
        return str(symbols.words(value))
    if not isinstance(value, Fraction):
        return str(value)
    rest, powers = value.denominator, {2: 0, 5: 0}
    for prime in powers:
        while rest % prime == 0:
            rest //= prime
            powers[prime] += 1
    places = max(powers.values())
    if rest != 1 or places >= LONGEST_NUMBER:
        return str(value)
    digits = str(abs(value.numerator) * (10**places // value.denominator)).zfill(places + 1)
    decimal = ("-" if value < 0 else "") + digits[: len(digits) - places] + ("." + digits[-places:] if places else "")
    return decimal if len(decimal) <= LONGEST_NUMBER else str(value)


def is_short(value: int | Fraction) -> bool:
    """Whether the text of a number has at most LONGEST_NUMBER characters."""
    if max(abs(value.numerator), value.denominator) >= 10**LONGEST_NUMBER:  # Python itself refuses to print some
        return False
    return len(as_text(value)) <= LONGEST_NUMBER


def gcd(a: Quantity, b: Quantity) -> Quantity:
    """The greatest common divisor of whole numbers. Raises QuantityError for a fraction."""
    a, b = whole(a), whole(b)
    if symbols := _symbols(a, b):
        return symbols.rule("gcd", gcd, a, b)
    return _folded("gcd", math.gcd, (a, b)) if _grids(a, b) else math.gcd(a, b)


def whole(value: Quantity) -> Quantity:
    """`value` as a whole number. Raises QuantityError for a fraction."""
    if type(value) is int:
        return value
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return value.numerator
        raise QuantityError(f"{as_text(value)} is not a whole number")
    if (grids := _grids(value)) and value.denominator != 1:
        try:
            return exact_div(grids.Grid(value.terms), value.denominator)
        except QuantityError:
            raise QuantityError(f"{value} is not a whole number") from None
    if symbols := _symbols(value):
        symbols.whole(value)
    return value


def settled(value: Quantity) -> Quantity:
    """A single number where the structure of the network hangs on it: in a sweep, the one that all points share.

    Raises `costcalc.grid.Split` if they do not, `costcalc.symbols.Unsettled` if it depends on a setting left open.
    """
    if symbols := _symbols(value):
        return symbols.settled(value)
    if _grids(value):
        first = Fraction(int(value.numerators(value.side).ravel()[0]), value.denominator)
        if holds(value == first):
            return first.numerator if first.denominator == 1 else first
    return value
