"""What each form of an expression does: closures from names to a value, each checking the kinds of its operands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from costcalc import quantity
from costcalc.errors import CostcalcError, QuantityError, one_of
from costcalc.expression.values import (
    NUMBER,
    SHAPE,
    TABLE,
    ExpressionError,
    Source,
    described,
    equal,
    require,
    table_key,
    truth,
)
from costcalc.quantity import Quantity

Names: TypeAlias = Mapping[str, Any]
Evaluator: TypeAlias = Callable[[Names], Any]
Fit: TypeAlias = Callable[[Quantity, Source], Quantity]
"""What becomes of the result of an operation: `bounded` or `unbounded`."""


class Operand(NamedTuple):
    """A part of an expression: how to evaluate it, and where it stands."""

    evaluate: Evaluator
    source: Source


def negative(operand: Operand) -> Evaluator:
    """`-a`."""
    inner, source = operand
    return lambda names: -require(NUMBER, inner(names), source)


def negation(operand: Operand) -> Evaluator:
    """`not a`."""
    inner, source = operand
    return lambda names: not truth(inner(names), source)


def junction(join: Callable[[Any], bool], operands: list[Operand]) -> Evaluator:
    """`a and b`, `a or b`: `join` is all or any."""
    return lambda names: join(truth(part(names), source) for part, source in operands)


def name(name: str, offset: int) -> Evaluator:
    """A name."""

    def evaluate(names: Names) -> Any:
        try:
            return names[name]
        except KeyError:
            raise ExpressionError(f"unknown name '{name}'", offset=offset, length=len(name), unknown=name) from None

    return evaluate


def dimension(base: Evaluator, name: str, dimension: str, offset: int) -> Evaluator:
    """`x.c`, a dimension of a shape."""
    source = Source(name, offset)

    def evaluate(names: Names) -> Quantity:
        shape = require(SHAPE, base(names), source)
        value = getattr(shape, dimension)
        if value is None:
            message = f"{name}.{dimension} cannot be evaluated: '{name}' is {described(shape)}"
            raise ExpressionError(message, offset=offset, length=len(name) + 2)
        return value

    return evaluate


def look_up(base: Operand, key: Operand) -> Evaluator:
    """`table[key]`."""

    def evaluate(names: Names) -> Any:
        table = require(TABLE, base.evaluate(names), base.source)
        index = table_key(key.evaluate(names), key.source)
        if index not in table:
            raise _fault(f"table '{base.source.text}' has no entry {quantity.as_text(index)}", base.source, table)
        return table[index]

    return evaluate


def _fault(message: str, source: Source, known: Mapping[Any, Any] | None = None) -> ExpressionError:
    expected = one_of(map(quantity.as_text, known)) if known is not None else ""
    return ExpressionError(message, offset=source.offset, length=len(source.text), expected=expected)


def arithmetic(
    symbol: str, function: Callable[[Any, Any], Any], left: Operand, right: Operand, source: Source, fit: Fit
) -> Evaluator:
    """`a + b` and the like."""
    (first, left_source), (second, right_source) = left, right

    def evaluate(names: Names) -> Any:
        a, b = first(names), second(names)
        if type(a) is not int or type(b) is not int:
            require(NUMBER, a, left_source)
            require(NUMBER, b, right_source)
        try:
            return fit(function(a, b), source)
        except ZeroDivisionError:
            raise _fault(f"{quantity.as_text(a)} {symbol} {quantity.as_text(b)} cannot be evaluated", source) from None
        except QuantityError as error:
            raise _fault(str(error), source) from None

    return evaluate


def comparison(function: Callable[[Any, Any], Any], left: Operand, right: Operand) -> Evaluator:
    """`a < b` and the like."""
    (first, left_source), (second, right_source) = left, right

    def evaluate(names: Names) -> Any:
        return function(require(NUMBER, first(names), left_source), require(NUMBER, second(names), right_source))

    return evaluate


def equality(wanted: bool, left: Operand, right: Operand) -> Evaluator:
    """`a == b`, or `a != b` if that is not wanted."""
    (first, left_source), (second, right_source) = left, right

    def evaluate(names: Names) -> Any:
        a, b = first(names), second(names)
        same = a == b if type(a) is int and type(b) is int else equal(a, b, left_source, right_source)
        return same if wanted else quantity.negated(same)

    return evaluate


def call(name: str, function: Callable[..., Any], operands: list[Operand], source: Source, fit: Fit) -> Evaluator:
    """A call of one of the functions."""

    def evaluate(names: Names) -> Quantity:
        numbers = []
        for inner, place in operands:
            value = inner(names)
            numbers.append(value if type(value) is int else require(NUMBER, value, place))
        try:
            return fit(function(*numbers), source)
        except ZeroDivisionError:
            raise _fault(f"{name}({', '.join(map(quantity.as_text, numbers))}) cannot be evaluated", source) from None
        except QuantityError as error:
            raise _fault(str(error), source) from None

    return evaluate


def unbounded(value: Quantity, source: Source) -> Quantity:
    """A result of any size; a whole one as an int."""
    return value.numerator if type(value) is Fraction and value.denominator == 1 else value


def bounded(value: Quantity, source: Source) -> Quantity:
    """A result that is a size of a network. Raises ExpressionError past 2^62."""
    if type(value) is int:
        if -quantity.LIMIT <= value <= quantity.LIMIT:
            return value
    elif type(value) is not Fraction:
        if quantity.is_bounded(value):
            return value
    elif -quantity.LIMIT <= value <= quantity.LIMIT and value.denominator <= quantity.LIMIT:
        return value.numerator if value.denominator == 1 else value
    raise ExpressionError(
        "a number leaves the range of 2^62",
        offset=source.offset,
        length=len(source.text),
        expected="sizes of a network",
    )


def either(test: Operand, yes: Operand, no: Operand) -> Evaluator:
    """One of two values; where settings are left open, a number that is one or the other."""
    condition, source = test

    def evaluate(names: Names) -> Any:
        value = condition(names)
        if quantity.is_symbol(value) and quantity.is_condition(value):
            try:
                both = [require(NUMBER, one.evaluate(names), one.source) for one in (yes, no)]
            except CostcalcError:  # one of them cannot be evaluated, or is no number: the case must be decided
                pass
            else:
                return quantity.where(value, *both)
        return yes.evaluate(names) if truth(value, source) else no.evaluate(names)

    return evaluate
