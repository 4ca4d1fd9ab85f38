"""One rule, three kinds of number: int, grid cell and symbol with values put in agree, for every operator."""

from __future__ import annotations

import inspect
import itertools
import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import grids
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import CASES, PLAIN, Case, cases

from costcalc import quantity, symbols
from costcalc.errors import OperatorError, QuantityError
from costcalc.grid import Differs, channel
from costcalc.operators import COUNTERS, REGISTRY, Shape


def _lift(value: Any, leaf: Callable[[int], Any]) -> Any:
    """`value` with every number replaced by `leaf`; flags and words stay."""
    if isinstance(value, Shape):
        return Shape(_lift(value.spatial, leaf), _lift(value.channels, leaf))
    if isinstance(value, tuple):
        return tuple(_lift(part, leaf) for part in value)
    return leaf(value) if type(value) is int else value


def _run(name: str, fields: dict[str, Any], shapes: tuple[Shape, ...]) -> list[Any]:
    one = REGISTRY[name](**fields)
    output = one.shape(*shapes)
    return [*output.spatial, output.channels, *one.cost(*shapes, output)]


@pytest.mark.parametrize("name", sorted(REGISTRY))
@settings(max_examples=settings().max_examples // 2)
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


SCALES = [1, 1, 2**20, 2**31, 2**40]
"""Factors of channels and positions: costs then lie on both sides of 2^63."""


@pytest.mark.parametrize("name", sorted(REGISTRY))
@pytest.mark.parametrize("sides", ["channel", "position", "both"])
@settings(suppress_health_check=[HealthCheck.filter_too_much], max_examples=settings().max_examples // 4)
@given(st.data())
def test_int_is_grid_cell(name: str, sides: str, data: st.DataObject) -> None:
    """Cases of the same structure along a side of a grid; with `both`, positions across and all other numbers down."""
    drawn = [_scaled(data.draw(cases(name)), data.draw(st.sampled_from(SCALES))) for _ in range(grids.ROWS)]
    alike = [case if _skeleton(case) == _skeleton(drawn[0]) else drawn[0] for case in drawn]
    several = [_numbers(case) for case in alike]
    position = {"channel": 0, "position": len(several[0]), "both": _positions(alike[0])}[sides]

    def at(row: int, column: int) -> list[int]:
        """The numbers of one cell: those of positions from the column's case, the others from the row's."""
        return [*several[column][:position], *several[row][position:]]

    try:
        expected = [[_run(name, *_put(alike[0], at(i, j))) for j in range(grids.COLUMNS)] for i in range(grids.ROWS)]
    except (OperatorError, QuantityError):
        assume(False)
        raise
    columns = list(zip(*several, strict=True))
    swept = [
        grids.across([*values[: grids.COLUMNS]]).grid if index < position else grids.down([*values]).grid
        for index, values in enumerate(columns)
    ]
    try:
        found = [grids.cells_of(value) for value in _run(name, *_put(alike[0], swept))]
    except Differs as split:
        assert split.mask.any()
        assert not split.mask.all()
        return

    assert expected == [[[cells[i][j] for cells in found] for j in range(grids.COLUMNS)] for i in range(grids.ROWS)]


def _scaled(case: Case, factor: int) -> Case:
    """A case with channels, and fields that count them, `factor` times as many, if it is one still."""
    name_free = {key: value * factor if key in ("out", "start", "stop") else value for key, value in case[0].items()}
    larger = name_free, tuple(Shape(shape.spatial, shape.channels * factor) for shape in case[1])
    return larger if factor > 1 else case


def _positions(case: Case) -> int:
    """How many of a case's numbers are sizes of its inputs' positions."""
    return sum(len(shape.spatial) for shape in case[1])


def _parts(case: Case) -> tuple[Any, ...]:
    """What a case is made of, sizes of positions first."""
    return (
        tuple(shape.spatial for shape in case[1]),
        tuple(shape.channels for shape in case[1]),
        tuple(case[0].values()),
    )


def _put(case: Case, numbers: list[Any]) -> Case:
    """The case with other numbers."""
    rest = iter(numbers)
    spatial, channels, fields = _lift(_parts(case), lambda value: next(rest))
    return dict(zip(case[0], fields, strict=True)), tuple(map(Shape, spatial, channels))


def _skeleton(case: Case) -> str:
    return repr(_lift(_parts(case), lambda value: 0))


def _numbers(case: Case) -> list[int]:
    found: list[int] = []
    _lift(_parts(case), found.append)
    return found


def test_every_operator_has_a_strategy() -> None:
    """One without fields takes one feature map; any other has its own."""
    assert not [name for name in PLAIN if getattr(REGISTRY[name], "__dataclass_fields__", {})]
    assert set(CASES) <= set(REGISTRY)


def test_counters_are_listed_once() -> None:
    assert 10 == len(COUNTERS) == len(set(COUNTERS))


@given(st.integers(-50, 50), st.integers(1, 9))
def test_division_helpers_agree_on_symbols(a: int, b: int) -> None:
    x, y = sympy.symbols("x y", integer=True)
    for helper in (quantity.floor_div, quantity.ceil_div, quantity.remainder, quantity.maximum, quantity.minimum):
        assert helper(a, b) == helper(x, y).subs({x: a, y: b})


@given(st.integers(1, 100_000), st.sampled_from([1, 2, 4, 8, 16]), st.sampled_from([1, 8, 16]))
def test_round_width_agrees_on_symbols(value: int, divisor: int, least: int) -> None:
    x = sympy.Symbol("x", integer=True, positive=True)

    assert quantity.round_width(value, divisor, least) == quantity.round_width(x, divisor, least).subs(x, value)


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "negative": operator.neg,
    "square": lambda a: a**2, "cube": lambda a: a**3, "first power": lambda a: a**1, "power of zero": lambda a: a**0,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "at_least": quantity.at_least, "same": quantity.same, "differ": quantity.differ,
    "maximum": quantity.maximum, "minimum": quantity.minimum, "floor": quantity.floor, "ceil": quantity.ceil,
    "largest of three": lambda a, b, c: quantity.maximum(*[a, b, c]),
    "smallest of three": lambda a, b, c: quantity.minimum(*[a, b, c]),
    "product": lambda a, b, c: quantity.product([a, b, c]),
    "where": lambda a, b, c: quantity.where(a >= b, b, c),
    "where of numbers": lambda a, b: quantity.where(a > b, 2**63, -1),
    "where the first": lambda a, b: quantity.where(a > 3, b, 7), "where not": lambda a, b: quantity.where(a > 3, 7, b),
    "where either": lambda a, b: quantity.where(a > 3, b, a),
}  # fmt: skip
"""Arithmetic that is defined for all numbers."""
DIVISIONS: dict[str, Callable[..., Any]] = {
    "/": quantity.ratio, "//": operator.floordiv, "%": operator.mod,
    "floor_div": quantity.floor_div, "ceil_div": quantity.ceil_div, "remainder": quantity.remainder,
}  # fmt: skip
"""Arithmetic that is not defined where the second number is zero."""


@pytest.mark.parametrize("name", ARITHMETIC)
@given(st.data())
def test_grid_is_its_cells(name: str, data: st.DataObject) -> None:
    """Along channels, positions and both, with and without a denominator, far past int64."""
    function = ARITHMETIC[name]
    operands = [data.draw(grids.numbers(grids.fractions)) for _ in inspect.signature(function).parameters]

    assert grids.mapped(function, *(one.cells for one in operands)) == grids.outcome(function, *operands)


@pytest.mark.parametrize(("first", "second"), [*itertools.product(grids.KINDS, repeat=2)][1:])
@pytest.mark.parametrize("factor", [1, Fraction(1, 3), 2**61 + 1])
def test_every_pair_of_sides(first: str, second: str, factor: Any) -> None:
    """Every function of two numbers, on small, broken and huge ones; no divisor is zero."""
    series = itertools.count(5)
    a, b = (grids.number_of(kind, lambda: next(series) * 7 % 13 * factor + 1) for kind in (first, second))
    for name, function in (ARITHMETIC | DIVISIONS).items():
        if len(inspect.signature(function).parameters) == 2:
            exact = grids.mapped(lambda x, y, act=function: act(Fraction(x), Fraction(y)), a.cells, b.cells)

            assert exact == grids.outcome(function, a, b), name


@pytest.mark.parametrize("name", DIVISIONS)
@given(grids.numbers(grids.fractions), grids.numbers(grids.fractions))
def test_grid_divides_as_its_cells(name: str, a: grids.Both, b: grids.Both) -> None:
    """A divisor that is zero in some cells splits the grid; one that is zero everywhere is an error."""
    zeros = {value == 0 for row in b.cells for value in row}
    if zeros == {True}:
        with pytest.raises(ZeroDivisionError):
            DIVISIONS[name](a.grid, b.grid)
    elif zeros == {False}:
        exact = grids.mapped(lambda x, y: DIVISIONS[name](Fraction(x), y), a.cells, b.cells)

        assert exact == grids.outcome(DIVISIONS[name], a, b)
    else:
        assert Differs == grids.outcome(DIVISIONS[name], a, b)


@given(grids.numbers(grids.wholes), grids.numbers(grids.wholes), st.booleans())
def test_exact_division_on_a_grid(a: grids.Both, b: grids.Both, fits: bool) -> None:
    """What divides everywhere is divided, what divides nowhere is an error, what divides in part splits the grid."""
    if fits:
        a = grids.Both(a.grid * b.grid, grids.mapped(operator.mul, a.cells, b.cells))
    divides = {y != 0 and x % y == 0 for row in zip(a.cells, b.cells, strict=True) for x, y in zip(*row, strict=True)}
    if divides == {True}:
        assert grids.mapped(operator.floordiv, a.cells, b.cells) == grids.outcome(quantity.exact_div, a, b)
    elif divides == {False} and not isinstance(b.grid, int) and len({y == 0 for row in b.cells for y in row}) > 1:
        assert Differs == grids.outcome(quantity.exact_div, a, b)  # where it is zero, and where it leaves a rest
    elif divides == {False}:
        with pytest.raises(QuantityError, match="does not divide by"):
            quantity.exact_div(a.grid, b.grid)
    else:
        assert Differs == grids.outcome(quantity.exact_div, a, b)


@given(grids.numbers(grids.wholes), grids.numbers(grids.wholes))
def test_greatest_common_divisor_on_a_grid(a: grids.Both, b: grids.Both) -> None:
    assert grids.mapped(lambda x, y: math.gcd(int(x), int(y)), a.cells, b.cells) == grids.outcome(quantity.gcd, a, b)


@given(
    grids.numbers(st.fractions(0, 5000, max_denominator=40)),
    st.sampled_from([1, 4, 8, 16]),
    st.sampled_from([None, 1, 8, 24]),
)
def test_round_width_on_a_grid(width: grids.Both, divisor: int, least: int | None) -> None:
    def rounded(value: Any) -> Any:
        return quantity.round_width(value, divisor, least)

    assert grids.mapped(rounded, width.cells) == grids.outcome(rounded, width)


@given(grids.numbers(grids.fractions), grids.wholes, grids.wholes)
def test_conditions_on_a_grid(a: grids.Both, least: int, most: int) -> None:
    """A condition holds everywhere, nowhere, or splits the grid."""

    def decided(condition: Callable[[Any], Any], cell: Callable[[Any], bool]) -> None:
        truth = {cell(value) for row in a.cells for value in row}
        assert (grids.spread(*truth) if len(truth) == 1 else Differs) == grids.outcome(condition, a)

    decided(lambda x: quantity.holds(quantity.at_least(x, least)), lambda x: x >= least)
    decided(lambda x: quantity.holds(quantity.same(x, least)), lambda x: x == least)
    if len({(value >= least, value <= most) for row in a.cells for value in row}) == 1:
        decided(lambda x: quantity.within(x, least, most), lambda x: least <= x <= most)


@given(grids.numbers(grids.fractions))
def test_whole_and_concrete_on_a_grid(a: grids.Both) -> None:
    """A whole number everywhere stays, a fraction everywhere is an error; one number everywhere is that number."""
    values = [value for row in a.cells for value in row]
    wholes = {Fraction(value).denominator == 1 for value in values}
    if wholes == {True}:
        assert a.cells == grids.outcome(quantity.whole, a)
        assert isinstance(a.grid, Fraction | int) or quantity.whole(a.grid).denominator == 1
    elif wholes == {False}:
        with pytest.raises(QuantityError):
            quantity.whole(a.grid)
    else:
        assert Differs == grids.outcome(quantity.whole, a)
    same = len(set(values)) == 1
    assert (grids.spread(values[0]) if same else Differs) == grids.outcome(quantity.concrete, a)
    if same:
        assert type(quantity.concrete(a.grid)) in (int, Fraction)


def test_a_number_of_a_grid_is_shown_by_its_first_cell() -> None:
    """Messages speak of numbers, never of an object."""
    assert "3 ..." == str(grids.down([3, 4, 4]).grid)
    assert "3 ..." == str(grids.down([3, 3, 4]).grid)
    assert "5" == str(channel([5]))
    assert "3/2" == str(grids.across([Fraction(3, 2), Fraction(3, 2)]).grid)
    assert not grids.down([1, 2, 3]).grid == "relu"
    with pytest.raises(TypeError):
        grids.down([1, 2, 3]).grid + "relu"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Fraction(32) * Fraction("0.75"), 24), (Fraction("33.6"), 32), (Fraction("11.2"), 16), (1, 8), (12, 16), (19, 24)],
)
def test_round8_is_make_divisible(value: Fraction, expected: int) -> None:
    """11.2 and 19 go up, because 8 and 16 would be more than a tenth below."""
    assert expected == quantity.round_width(value, 8)


@pytest.mark.parametrize(
    ("value", "divisor", "least", "expected"),
    [
        (3, 8, 1, 9),
        (12, 8, 24, 24),
        (20, 8, 32, 32),
        (20, 8, 8, 24),
        (35, 8, 8, 32),
        (36, 8, None, 40),
        (5, 4, None, 8),
    ],
)
def test_round_width_with_a_least_width(value: int, divisor: int, least: int | None, expected: int) -> None:
    """3 goes to 0, is lifted to 1, and that is more than a tenth below; 5 goes to 4, which is too."""
    assert expected == quantity.round_width(value, divisor, least)


@pytest.mark.parametrize("lay", [grids.down, grids.across])
def test_bounds_of_a_grid(lay: Callable[[list[Any]], grids.Both]) -> None:
    """Both ends count, wherever they stand; what takes a closer look is not sure."""
    count = grids.ROWS if lay is grids.down else grids.COLUMNS
    value = lay([3, 7, 5][:count]).grid

    for least, most, sure in ((3, 7, True), (4, 7, False), (3, 6, False), (0, 2, False), (8, 9, False), (0, 9, True)):
        assert sure == value.surely_within(least, most)
    for least, most in ((0, 2), (8, 9)):
        assert not quantity.within(value, least, most)
    assert quantity.within(value, 3, 7)
    for unsure in (
        value / 2,
        value * lay([2] * count).grid / 4,
        grids.down([1, 2, 3]).grid * grids.across([1, 2]).grid,
    ):
        assert not unsure.surely_within(0, 99)
        assert quantity.within(unsure, 0, 99)


def test_exact_division_of_plain_numbers() -> None:
    assert (3, 4, -2) == (
        quantity.exact_div(Fraction(9, 2), Fraction(3, 2)),
        quantity.exact_div(12, 3),
        quantity.exact_div(-6, 3),
    )
    assert quantity.exact_div(Fraction(9, 2), Fraction(9, 2)) == 1
    assert type(quantity.exact_div(Fraction(9, 2), Fraction(3, 2))) is int
    for a, b in ((12, 5), (12, 0), (Fraction(9, 2), 2), (Fraction(9, 2), 0), (3, Fraction(2, 3)), (0, 0)):
        with pytest.raises(QuantityError, match=rf"^{a} does not divide by {b}$"):
            quantity.exact_div(a, b)


def test_quotients_of_symbols_are_assumed_to_be_whole() -> None:
    """Whichever operand is the symbol."""
    x = sympy.Symbol("x", integer=True, positive=True)
    with symbols.traced() as trace:
        assert (x / 3, 12 / x) == (quantity.exact_div(x, 3), quantity.exact_div(12, x))
        assert x / 5 == quantity.whole(x / 5)

    assert [(symbols.Kind.WHOLE, one) for one in (x / 3, 12 / x, x / 5)] == list(trace.assumptions)


def test_a_fraction_of_some_points_is_no_whole_number() -> None:
    with pytest.raises(QuantityError, match=r"^1/2 \.\.\. is not a whole number$"):
        quantity.whole(grids.down([Fraction(1, 2), Fraction(3, 2), Fraction(5, 2)]).grid)


def test_helpers_on_symbols() -> None:
    """Values put in, whichever operand is the symbol, and names that formulas print."""
    x = sympy.Symbol("x", integer=True, positive=True)

    def at(value: Any, number: int) -> Any:
        return value.subs(x, number)

    assert (3, -4) == (at(quantity.floor(x / 2), 7), at(quantity.floor(-x / 2), 7))
    assert (4, -3) == (at(quantity.ceil(x / 2), 7), at(quantity.ceil(-x / 2), 7))
    assert quantity.floor(Fraction(7, 2)) == 3
    assert quantity.ceil(Fraction(7, 2)) == 4
    assert all(type(one(Fraction(7, 2))) is int for one in (quantity.floor, quantity.ceil))
    for a, b in ((x, 6), (6, x)):
        assert (3, 6) == (at(quantity.gcd(a, b), 9), at(quantity.gcd(a, b), 12))
        assert "gcd" == quantity.gcd(a, b).func.__name__
        assert (sympy.true, sympy.false) == (at(quantity.differ(a, b), 9), at(quantity.differ(a, b), 6))
        assert (sympy.true, sympy.false) == (at(quantity.same(a, b), 6), at(quantity.same(a, b), 9))
    assert quantity.differ(x, x) == sympy.false
    for arguments in ((x, 8, 8), (20, x, 8), (20, 8, x)):
        rounded = quantity.round_width(*arguments)
        assert "round_width" == rounded.func.__name__
        assert quantity.round_width(*(16 if one is x else one for one in arguments)) == at(rounded, 16)
    assert (24, 6) == (quantity.gcd(24, 48), quantity.gcd(18, 12))


def test_one_of_two_conditions_on_symbols() -> None:
    """At x = 3, where one side holds nothing is assumed of the other."""
    x = sympy.Symbol("x", integer=True, positive=True)
    with symbols.traced({x: 3}) as trace:
        assert quantity.holds_either(sympy.Eq(x, 3), sympy.Eq(x, 4))
        assert not quantity.holds_either(sympy.Eq(x, 5), sympy.Eq(x, 4))
        assert quantity.holds_either(sympy.Eq(x, 4), sympy.true)
        assert quantity.holds_either(True, sympy.Eq(x, 4))
        assert quantity.holds_either(sympy.Eq(x, 3), False)
        assert quantity.holds_either(sympy.Eq(x, 5), True)

    assert [
        (symbols.Kind.CASE, sympy.Eq(x, 3) | sympy.Eq(x, 4)),
        (symbols.Kind.CASE, sympy.Not(sympy.Eq(x, 5) | sympy.Eq(x, 4))),
        (symbols.Kind.CASE, sympy.Eq(x, 3)),
    ] == list(trace.assumptions)
    assert quantity.holds_either(False, True)
    assert not quantity.holds_either(False, False)


def test_a_remainder_is_an_error_in_any_cell() -> None:
    with pytest.raises(QuantityError, match="does not divide"):
        quantity.exact_div(grids.down([7, 8, 10]).grid, 3)
    with pytest.raises(Differs):
        quantity.exact_div(grids.down([6, 8, 10]).grid, 3)


def test_a_symbol_records_what_it_assumes() -> None:
    m = sympy.Symbol("M", integer=True)
    with symbols.traced() as trace:
        quantity.exact_div(m, 3)

    assert [(symbols.Kind.WHOLE, m / 3)] == list(trace.assumptions)


def test_a_denominator_that_grows_too_long_splits_the_grid() -> None:
    """1 over each of 120 numbers without a common divisor: one denominator for all has more than 1024 bits."""
    primes = [n for n in range(1000, 2000) if all(n % d for d in range(2, 45))][:120]
    whole = channel(primes)
    with pytest.raises(Differs) as caught:
        1 / whole

    assert caught.value.side == "channel"
    assert [prime < primes[60] for prime in primes] == caught.value.mask.tolist()
    assert [Fraction(1, prime) for prime in primes[:60]] == [row[0] for row in _cells(1 / channel(primes[:60]))]


def _cells(value: Any) -> list[list[Fraction]]:
    return [[Fraction(int(one), value.denominator)] for one in value.numerators(value.side)]
