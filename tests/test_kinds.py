"""One rule, three kinds of number: int, grid cell and symbol with values put in agree, for every operator."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import CASES, PLAIN, cases

from costcalc import quantity, symbols
from costcalc.errors import OperatorError, QuantityError
from costcalc.operators import COUNTERS, REGISTRY, Shape


def _lift(value: Any, leaf: Callable[[int], Any]) -> Any:
    """`value` with every number replaced by `leaf`; flags and words stay."""
    if isinstance(value, Shape):
        return Shape(_lift(value.spatial, leaf), _lift(value.channels, leaf))
    if isinstance(value, tuple):
        return tuple(_lift(part, leaf) for part in value)
    return leaf(value) if type(value) is int else value


def _run(name: str, fields: dict[str, Any], shapes: tuple[Shape, ...]) -> list[Any]:
    operator = REGISTRY[name](**fields)
    output = operator.shape(*shapes)
    return [*output.spatial, output.channels, *operator.cost(*shapes, output).as_tuple()]


@pytest.mark.parametrize("name", sorted(REGISTRY))
@given(st.data())
def test_int_is_symbol_with_values_put_in(name: str, data: st.DataObject) -> None:
    fields, shapes = data.draw(cases(name))
    try:
        expected = _run(name, fields, shapes)
    except (OperatorError, QuantityError):
        assume(False)
        raise
    values: dict[sympy.Symbol, int] = {}

    def symbol(value: int) -> sympy.Symbol:
        new = sympy.Symbol(f"n{len(values)}", integer=True, positive=value > 0, nonnegative=True)
        values[new] = value
        return new

    found = _run(name, {key: _lift(value, symbol) for key, value in fields.items()}, _lift(shapes, symbol))

    assert expected == [sympy.sympify(value).subs(values) for value in found]


@pytest.mark.parametrize("name", sorted(REGISTRY))
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(st.data())
def test_int_is_grid_cell(name: str, data: st.DataObject) -> None:
    """Two cases of the same structure, one beside the other in int64 arrays."""
    first, second = data.draw(cases(name)), data.draw(cases(name))
    assume(_skeleton(first) == _skeleton(second))
    try:
        expected = [_run(name, *first), _run(name, *second)]
    except (OperatorError, QuantityError):
        assume(False)
        raise
    others = iter(_numbers(second))

    def pair(value: int) -> numpy.ndarray:
        return numpy.array([value, next(others)], dtype=numpy.int64)

    fields = {key: _lift(value, pair) for key, value in first[0].items()}
    shapes = tuple(_lift(shape, pair) for shape in first[1])
    found = [numpy.broadcast_to(numpy.asarray(value), 2) for value in _run(name, fields, shapes)]

    assert expected == [[int(cells[i]) for cells in found] for i in range(2)]
    assert all(cells.dtype == numpy.int64 for cells in found)


def _skeleton(case: Any) -> str:
    return repr(_lift((tuple(case[0].items()), case[1]), lambda value: 0))


def _numbers(case: Any) -> list[int]:
    found: list[int] = []
    _lift(tuple(case[0].values()), found.append)
    _lift(case[1], found.append)
    return found


def test_every_operator_has_a_strategy() -> None:
    """One without fields takes one feature map; any other has its own."""
    assert not [name for name in PLAIN if getattr(REGISTRY[name], "__dataclass_fields__", {})]
    assert set(CASES) <= set(REGISTRY)


def test_counters_are_listed_once() -> None:
    assert 10 == len(COUNTERS) == len(set(COUNTERS))


@given(st.integers(-50, 50), st.integers(1, 9))
def test_division_helpers_agree_on_all_kinds(a: int, b: int) -> None:
    x, y = sympy.symbols("x y", integer=True)
    grid = numpy.array([a], dtype=numpy.int64)
    for helper in (quantity.floor_div, quantity.ceil_div, quantity.maximum, quantity.minimum):
        expected = helper(a, b)

        assert expected == helper(grid, b)[0]
        assert expected == helper(x, y).subs({x: a, y: b})


@given(st.integers(1, 100_000), st.sampled_from([1, 2, 4, 8, 16]), st.sampled_from([1, 8, 16]))
def test_round_width_agrees_on_all_kinds(value: int, divisor: int, least: int) -> None:
    x = sympy.Symbol("x", integer=True, positive=True)
    expected = quantity.round_width(value, divisor, least)

    assert expected == quantity.round_width(numpy.array([value]), divisor, least)[0]
    assert expected == quantity.round_width(x, divisor, least).subs(x, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(32) * Fraction("0.75"), 24), (Fraction("33.6"), 32), (Fraction("11.2"), 16), (1, 8), (12, 16), (19, 24)],
)
def test_round8_is_make_divisible(value: Fraction, expected: int) -> None:
    """11.2 and 19 go up, because 8 and 16 would be more than a tenth below."""
    assert expected == quantity.round_width(value, 8)


def test_a_remainder_is_an_error_in_any_cell() -> None:
    with pytest.raises(QuantityError, match="does not divide"):
        quantity.exact_div(numpy.array([6, 8]), 3)


def test_a_symbol_records_what_it_assumes() -> None:
    m = sympy.Symbol("M", integer=True)
    with symbols.studied() as study:
        quantity.exact_div(m, 3)

    assert [(symbols.Kind.WHOLE, m / 3)] == list(study.assumptions)
