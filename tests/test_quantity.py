"""Each helper of `costcalc.quantity` on every kind of number: figures by hand, on both sides of every limit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy
from grids import across, cells_of, column, down

from costcalc import grid, quantity, symbols
from costcalc.errors import QuantityError
from costcalc.grid import Differs

HALF = Fraction(1, 2)
X = sympy.Symbol("x", integer=True, positive=True)


def at(value: Any, number: int) -> Any:
    """An expression of x with a number put in."""
    return value.subs(X, number)


@pytest.mark.parametrize(
    ("base", "exponent", "expected"),
    [
        (3, 4, 81),
        (3, 1, 3),
        (3, 0, 1),
        (0, 0, 1),
        (-3, 3, -27),
        (2, 62, 2**62),
        (1, -62, 1),
        (2, -62, Fraction(1, 2**62)),
        (Fraction(2, 3), 2, Fraction(4, 9)),
        (Fraction(2, 3), -2, Fraction(9, 4)),
        (3, Fraction(2), 9),
        (2**127, 32, 2**4064),
        (-(2**127), 32, 2**4064),
        (Fraction(1, 2**127), 32, Fraction(1, 2**4064)),
        (2**4095, 1, 2**4095),
    ],
    ids=lambda value: str(value)[:12],
)
def test_powers(base: Any, exponent: Any, expected: Any) -> None:
    """A number of 128 bits has a 32nd power that is written with 4096 at most."""
    assert expected == quantity.power(base, exponent)


@pytest.mark.parametrize(
    ("base", "exponent", "message"),
    [
        (2, 63, "the exponent is 63, not a whole number up to 62"),
        (2, -63, "the exponent is -63, not a whole number up to 62"),
        (2, HALF, "the exponent is 0.5, not a whole number up to 62"),
        (2, "relu", "the exponent is relu, not a whole number up to 62"),
        (2, True, "the exponent is true, not a whole number up to 62"),
        (2, 10**60, "the exponent is 1" + 39 * "0" + ", not a whole number up to 62"),
        (2**128, 32, "a power leaves the range of 4096 bits"),
        (-(2**128), 32, "a power leaves the range of 4096 bits"),
        (Fraction(1, 2**128), 32, "a power leaves the range of 4096 bits"),
        (2**4096, 1, "a power leaves the range of 4096 bits"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_powers_that_are_refused(base: Any, exponent: Any, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        quantity.power(base, exponent)

    assert message == str(caught.value)


def test_powers_on_grids_and_symbols() -> None:
    """The exponent is one number, however it is spelled; a power of a sum of terms is one term."""
    three, both = down([1, 2, 3]).grid, down([1, 2, 3]).grid + across([10, 20]).grid
    square = quantity.power(both, 2)

    assert [1, 8, 27] == column(quantity.power(three, 3))
    assert [[121, 441], [144, 484], [169, 529]] == cells_of(square)
    assert (2, 1) == (len(both.terms), len(square.terms))
    assert [[Fraction(121, 4), Fraction(441, 4)], [36, 121], [Fraction(169, 4), Fraction(529, 4)]] == cells_of(
        quantity.power(both / 2, 2)
    )
    assert [[121, 441]] * 3 == cells_of(quantity.power(across([10, 20]).grid + 1, 2))
    assert [1, Fraction(1, 4), Fraction(1, 9)] == column(quantity.power(three, -2))
    assert [1, 4, 9] == column(quantity.power(three, down([2, 2, 2]).grid))
    assert [2**4064, 1, 1] == column(quantity.power(down([-(2**127), 1, 1]).grid, 32))
    for wide in (down([1, 2**128, 1]).grid, down([1, 1, Fraction(1, 2**128)]).grid):
        with pytest.raises(QuantityError, match=r"^a power leaves the range of 4096 bits$"):
            quantity.power(wide, 32)
    with pytest.raises(Differs):
        quantity.power(2, three)
    with pytest.raises(ZeroDivisionError):
        quantity.power(0, -1)
    assert (X**3, 1 / X**2, 9) == (quantity.power(X, 3), quantity.power(X, -2), quantity.power(3, sympy.Integer(2)))
    assert X**2 == quantity.power(X, Fraction(2))
    with pytest.raises(symbols.Undetermined):
        quantity.power(3, X)


def test_quotients_on_a_grid() -> None:
    six = down([6, 8, 10]).grid

    assert [3, 4, 5] == column(quantity.exact_div(six, 2))
    assert [20, 15, 12] == column(quantity.exact_div(120, down([6, 8, 10]).grid))
    assert [Fraction(3, 2), 2, Fraction(5, 2)] == column(quantity.ratio(six, 4))
    for divisor in (0, 7):
        with pytest.raises(QuantityError, match=rf"^6 \.\.\. does not divide by {divisor}$"):
            quantity.exact_div(six, divisor)


def test_quotients_of_plain_numbers() -> None:
    """The floor goes down, the ceiling up, on both sides of zero; what is left has the sign of the divisor."""
    assert (Fraction(1, 3), Fraction) == (quantity.ratio(1, 3), type(quantity.ratio(1, 3)))
    assert (3, -4, 3) == (quantity.floor_div(7, 2), quantity.floor_div(-7, 2), quantity.floor_div(Fraction(7, 2), 1))
    assert (4, -3, 4) == (quantity.ceil_div(7, 2), quantity.ceil_div(-7, 2), quantity.ceil_div(Fraction(7, 2), 1))
    assert (1, 1, HALF) == (quantity.remainder(7, 2), quantity.remainder(-7, 2), quantity.remainder(Fraction(7, 2), 1))
    with pytest.raises(ZeroDivisionError):
        quantity.ratio(1, 0)
    assert (HALF, 0, None) == (quantity.quotient(3, 6), quantity.quotient(0, 6), quantity.quotient(3, 0))


def test_what_is_divided_by_one_is_itself() -> None:
    """A grid of whole numbers; halves are rounded, and along both sides no number is taken for another."""
    three, halves = down([3, 4, 5]).grid, down([3, 4, 5]).grid / 2

    assert quantity.floor_div(three, 1) is three
    assert quantity.ceil_div(three, 1) is three
    assert [1, 2, 2] == column(quantity.floor_div(halves, 1))
    assert [2, 2, 3] == column(quantity.ceil_div(halves, 1))
    assert [1, 2, 2] == column(quantity.floor_div(three, 2))
    assert [2, 2, 3] == column(quantity.ceil_div(three, 2))
    assert [1, 0, 1] == column(quantity.remainder(three, 2))


def test_quotients_on_symbols() -> None:
    """Whichever of the two is the symbol; a remainder is what the floor leaves."""
    for seven in (7, sympy.Integer(7)):
        assert (2, 3, 1) == tuple(
            at(one(seven, X), 3) for one in (quantity.floor_div, quantity.ceil_div, quantity.remainder)
        )
    assert (3, 4, 1) == tuple(at(one(X, 2), 7) for one in (quantity.floor_div, quantity.ceil_div, quantity.remainder))
    assert (X / 2, 6 / X) == (quantity.ratio(X, 2), quantity.ratio(6, X))
    assert (X / 2, 6 / X, None) == (
        quantity.quotient(X, 2),
        quantity.quotient(6, X),
        quantity.quotient(X, sympy.S.Zero),
    )
    with pytest.raises(ZeroDivisionError):
        quantity.ratio(X, 0)
    with symbols.traced({X: 3}), pytest.raises(ZeroDivisionError):  # at the point
        quantity.ratio(6, X - 3)


def test_a_quotient_for_show_on_a_grid_keeps_both_numbers() -> None:
    three = down([3, 4, 5]).grid

    assert isinstance(quantity.quotient(three, 0), grid.Ratio)
    assert (three, 2) == (quantity.quotient(three, 2).over, quantity.quotient(three, 2).under)
    assert quantity.quotient(2, three).under is three


@pytest.mark.parametrize(
    ("value", "below", "above"),
    [
        (Fraction(7, 2), 3, 4),
        (Fraction(-7, 2), -4, -3),
        (2**63, 2**63, 2**63),
        (Fraction(2**64 + 1, 2), 2**63, 2**63 + 1),
    ],
)
def test_floor_and_ceiling(value: Any, below: int, above: int) -> None:
    assert (below, above) == (quantity.floor(value), quantity.ceil(value))
    assert [below] * 3 == column(quantity.floor(down([value] * 3).grid))
    assert [above] * 3 == column(quantity.ceil(down([value] * 3).grid))


def test_roundings_of_symbols_have_names() -> None:
    """At x = 7 halves are 3 and 4; of a whole number nothing is rounded."""
    with symbols.traced({X: 7}) as trace:
        below, above = quantity.floor(X / 2), quantity.ceil(X / 2)

        assert (X, X) == (quantity.floor(X), quantity.ceil(X))
        halves = [
            quantity.floor_div(X, 2),
            quantity.ceil_div(X, 2),
            quantity.floor_div(15, X),
            quantity.ceil_div(15, X),
        ]
    assert (3, 4) == (trace.values[below], trace.values[above])
    assert [3, 4, 2, 3] == [trace.values[one] for one in halves]


def test_widths_are_multiples_of_eight_unless_they_say() -> None:
    """18 is nearer to 16, and 16 more than nine tenths of it is not: 24; 17.5 stays at 16, its tenths are 15.75."""
    assert (24, 16, 16, 8) == tuple(map(quantity.round_width, (18, Fraction(35, 2), 17, 3)))
    assert (16, 12) == (quantity.round_width(17, 16), quantity.round_width(11, 4))


def test_extremes() -> None:
    """Plain numbers before a grid, between two and after it; one number alone."""
    three = down([3, 9, 4]).grid

    assert (7, 1) == (quantity.maximum(1, 7, 5), quantity.minimum(7, 1, 5))
    assert (7, 7) == (quantity.maximum(7), quantity.minimum(7))
    assert [5, 9, 5] == column(quantity.maximum(1, 5, three)) == column(quantity.maximum(three, 1, 5))
    assert [3, 5, 4] == column(quantity.minimum(7, 5, three)) == column(quantity.minimum(three, 7, 5))
    assert [2**63, 2**63, 2**63] == column(quantity.maximum(three, 2**63))
    assert (5, 8) == (at(quantity.maximum(5, X), 3), at(quantity.maximum(5, X), 8))
    assert (3, 5) == (at(quantity.minimum(X, 5), 3), at(quantity.minimum(X, 5), 8))


def test_the_largest_of_costs() -> None:
    three = down([3, 9, 4]).grid

    assert 7 == quantity.largest(iter([1, 7, 5]))
    assert [5, 9, 5] == column(quantity.largest(iter([5, three])))
    assert 2 * X == quantity.largest(iter([X, 2 * X]))
    assert (12, 20) == (at(quantity.largest([12, 2 * X]), 3), at(quantity.largest([2 * X, 12]), 10))


def test_sums_and_products() -> None:
    three = down([3, 9, 4]).grid

    assert (0, 12, 2**64) == (quantity.total([]), quantity.total(iter([3, 4, 5])), quantity.total([2**63, 2**63]))
    assert int is type(quantity.total([Fraction(1, 2), 1, Fraction(3, 2)]))
    assert quantity.total(iter([three])) is three
    assert [8, 14, 9] == column(quantity.total([5, three]))
    assert 2 == len(quantity.total([three, three]).terms)  # side by side, no vector is touched
    assert X + 5 == quantity.total([5, X])
    assert (1, 60) == (quantity.product([]), quantity.product(iter([3, 4, 5])))
    assert [30, 90, 40] == column(quantity.product([2, three, 5]))


def test_greatest_common_divisors() -> None:
    assert (6, 6, 5, 1) == (
        quantity.gcd(12, 18), quantity.gcd(Fraction(18), 12), quantity.gcd(0, 5), quantity.gcd(2**64 + 1, 2**64)
    )  # fmt: skip
    assert (
        [6, 4, 2] == column(quantity.gcd(down([6, 8, 10]).grid, 12)) == column(quantity.gcd(12, down([6, 8, 10]).grid))
    )
    assert [2**63, 1, 1] == column(quantity.gcd(down([2**64, 1, 3]).grid, 2**63))
    for pair in ((HALF, 2), (2, HALF)):
        with pytest.raises(QuantityError, match=r"^0\.5 is not a whole number$"):
            quantity.gcd(*pair)


def test_whole_numbers() -> None:
    """Halves of two sides whose sums are whole are whole, with no denominator left."""
    sums = down([1, 3, 5]).grid / 2 + across([1, 3]).grid / 2
    found = quantity.whole(sums)

    assert (2, 1) == (sums.denominator, found.denominator)
    assert [[1, 2], [2, 3], [3, 4]] == cells_of(found)
    assert (4, int) == (quantity.whole(Fraction(4)), type(quantity.whole(Fraction(4))))
    assert (4, "relu", None) == (quantity.whole(4), quantity.whole("relu"), quantity.whole(None))
    with pytest.raises(QuantityError, match=r"^1/2 is not a whole number$"):
        quantity.whole(down([HALF, HALF, HALF]).grid)
    with pytest.raises(Differs):
        quantity.whole(down([1, 1, HALF]).grid)
    with symbols.traced({X: 4}) as trace:
        assert quantity.whole(X / 2) == X / 2
    assert [(symbols.Kind.WHOLE, X / 2)] == list(trace.assumptions)


@pytest.mark.parametrize(
    ("elements", "bits", "expected"),
    [(3, 8, 3), (3, 16, 6), (3, 32, 12), (3, 4, 2), (4, 4, 2), (1, 1, 1), (8, 1, 1), (9, 1, 2), (5, 12, 8), (0, 4, 0)],
)
def test_whole_bytes(elements: int, bits: int, expected: int) -> None:
    """Five numbers of 12 bits are 60 bits, which take 8 bytes."""
    assert expected == quantity.whole_bytes(elements, bits) == at(quantity.whole_bytes(X - 1, bits), elements + 1)
    assert [expected] * 3 == column(quantity.whole_bytes(down([elements] * 3).grid, bits))


@pytest.mark.parametrize(
    ("value", "root"),
    [
        (0, 0), (1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4),
        (2**62 - 1, 2**31), (2**62, 2**31), (2**62 + 1, 2**31 + 1), ((2**31 - 1) ** 2, 2**31 - 1),
        ((2**31 - 1) ** 2 + 1, 2**31), (10**40, 10**20), (10**40 + 1, 10**20 + 1),
    ],
)  # fmt: skip
def test_roots_rounded_up(value: int, root: int) -> None:
    assert root == quantity.root_up(value)
    assert [root, 1, 0] == column(quantity.root_up(down([value, 1, 0]).grid))
    assert [[root, 2]] * 3 == cells_of(quantity.root_up(across([value, 3]).grid))
    if value:
        assert root == at(quantity.root_up(X), value)


def test_ranges_that_are_assumed_are_those_that_hold_together() -> None:
    """From 1 to 10 and from 2 to 20: from 2 to 10."""
    with symbols.traced({X: 5}) as trace:
        assert trace.within(X, 1, 10) and trace.within(X, 2, 20) and not trace.within(X, 6, 20)

    ((_, both),) = trace.assumptions
    assert [False, True, True, False] == [bool(both.subs(X, value)) for value in (1, 2, 10, 11)]
