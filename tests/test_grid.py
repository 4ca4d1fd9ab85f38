"""Numbers over a grid, as vectors and terms: figures by hand, on both sides of 2^62, 2^63 and 2^64."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from grids import HALF, SQUARE, THREE, TWO, across, cells, cells_of, down, ints

from costcalc.grid import (
    CHANNEL,
    MATRIX,
    POSITION,
    Differs,
    Mask,
    bound,
    cellwise,
    channel,
    merged,
    position,
    quotient,
    where,
)
from costcalc.grid.vectors import plus, times


def objects(*values: int) -> np.ndarray:
    return np.array(values, dtype=object)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        (-5, 5),
        (5, 5),
        (2**70, 2**70),
        (ints(), 0),
        (ints(1, 7, 3), 7),
        (ints(1, -7, 3), 7),
        (ints(-7, 9), 9),
        (ints(2**63 - 1, 0), 2**63 - 1),
        (ints(-(2**63), 0), 2**63),
        (ints(-(2**63 - 1), 1), 2**63 - 1),
        (objects(2**70, -(2**71)), 2**71),
        (objects(2**70, -(2**69)), 2**70),
        (np.array([[1, -9], [2, 3]]), 9),
    ],
    ids=str,
)
def test_the_largest_magnitude(vector: Any, expected: int) -> None:
    assert (expected, int) == (bound(vector), type(bound(vector)))


@pytest.mark.parametrize(
    ("function", "a", "b", "expected", "kind"),
    [
        (times, 2**31, ints(2**30, 3), [2**61, 3 * 2**31], "int64"),
        (times, ints(2**31, 3), 2**31, [2**62, 3 * 2**31], "object"),
        (times, ints(2**40, -3), ints(2**40, 5), [2**80, -15], "object"),
        (times, objects(2**70, 3), 2, [2**71, 6], "object"),
        (plus, ints(2**61, 3), 2**61 - 1, [2**62 - 1, 2**61 + 2], "int64"),
        (plus, ints(2**61, 3), ints(2**61, 4), [2**62, 7], "object"),
        (plus, 2**63, ints(2**62 - 1, 1), [2**63 + 2**62 - 1, 2**63 + 1], "object"),
        (plus, 1, ints(4, 5), [5, 6], "int64"),
    ],
)
def test_machine_numbers_as_far_as_they_reach(
    function: Callable[..., Any], a: Any, b: Any, expected: list[int], kind: str
) -> None:
    """Python's own from where a result may be 2^62; what was given stays as it was."""
    found = function(a, b)

    assert (expected, kind) == (found.tolist(), str(found.dtype))


def test_what_changes_nothing_is_not_computed() -> None:
    """1 times a vector, and 0 and a vector, are the vector itself; two plain numbers stay plain."""
    vector = ints(1, 2)

    assert times(1, vector) is vector
    assert times(vector, 1) is vector
    assert plus(0, vector) is vector
    assert (6, 5, 0, 3) == (times(2, 3), plus(2, 3), times(0, 2), plus(3, 0))


def test_sides() -> None:
    product, sums = THREE * TWO, THREE + TWO

    assert [CHANNEL, POSITION, MATRIX, MATRIX, MATRIX] == [one.side for one in (THREE, TWO, product, sums, SQUARE)]
    assert [1, 1, 1, 2, 1] == [len(one.terms) for one in (THREE, TWO, product, sums, SQUARE)]
    assert [CHANNEL, POSITION] == [(THREE + THREE).side, (TWO + TWO).side]
    assert [CHANNEL, POSITION] == [(THREE * THREE).side, (TWO * TWO).side]
    assert [1, 1, 1] == [len(one.terms) for one in (THREE + THREE, TWO + TWO, THREE + 1)]
    assert [6, 10, 14] == (THREE + THREE).numerators(CHANNEL).tolist()
    assert [[10, 20], [10, 20], [10, 20]] == cells(TWO)
    assert [[3, 3], [5, 5], [7, 7]] == cells(THREE)
    assert [[30, 60], [50, 100], [70, 140]] == cells(product)
    assert [[13, 23], [15, 25], [17, 27]] == cells(sums)
    assert [[-13, -23], [-15, -25], [-17, -27]] == cells(-sums)
    assert [[3, 6], [15, 20], [35, 42]] == cells(SQUARE * THREE)
    assert [[10, 40], [30, 80], [50, 120]] == cells(TWO * SQUARE)
    assert [[1, 4], [9, 16], [25, 36]] == cells(SQUARE * SQUARE)


def test_lowest_terms() -> None:
    """A denominator that all numbers share is divided away, along either side; nothing is where it leaves a rest."""
    for lay, kind in ((channel, CHANNEL), (position, POSITION)):
        quarters = lay([2, 4, 6]) * Fraction(1, 4)
        assert ([1, 2, 3], 2, kind) == (quarters.numerators(kind).tolist(), quarters.denominator, quarters.side)
        assert 1 == (lay([4, 8]) * Fraction(1, 4)).denominator
        assert 4 == (lay([4, 7]) * Fraction(1, 4)).denominator
    mixed = channel([HALF, Fraction(1, 3), 2])
    assert ([3, 2, 12], 6) == (mixed.numerators(CHANNEL).tolist(), mixed.denominator)
    assert [3, 2, 12] == (mixed + mixed).numerators(CHANNEL).tolist()
    assert (3, 1) == ((mixed + mixed).denominator, (mixed * 6).denominator)
    assert (1, 2) == ((channel([2, 4]) * HALF).denominator, (channel([2, 3]) * HALF).denominator)
    assert [[2**61 + Fraction(1, 4)] * 2, [Fraction(5, 4)] * 2, [Fraction(-3, 4)] * 2] == cells_of(
        channel([2**61, 1, -1]) + Fraction(1, 4)
    )


def test_the_kind_of_vector() -> None:
    """Python's own numbers from 2^62."""
    assert ["int64", "object", "int64", "object"] == [
        str(lay([edge, 1]).numerators(side).dtype)
        for lay, side in ((channel, CHANNEL), (position, POSITION))
        for edge in (2**62 - 1, -(2**62))
    ]


def test_ratios() -> None:
    """Denominators are above zero; one for all, in lowest terms."""
    thirds = 1 / channel([-3, 6, 9])

    assert [[Fraction(-1, 3)] * 2, [Fraction(1, 6)] * 2, [Fraction(1, 9)] * 2] == cells_of(thirds)
    assert 18 == thirds.denominator
    assert [[2, 2], [1, 1], [HALF, HALF]] == cells_of(THREE * 2 / channel([3, 10, 28]))
    assert 2 == (THREE * 2 / channel([3, 10, 28])).denominator
    assert [[Fraction(1, 2**62 + 1)] * 2, [1, 1], [2, 2]] == cells_of(2 / channel([2**63 + 2, 2, 1]))
    assert [[Fraction(3, 10), Fraction(3, 20)], [HALF, Fraction(1, 4)], [Fraction(7, 10), Fraction(7, 20)]] == cells_of(
        THREE / TWO
    )
    assert [[Fraction(1, 7), Fraction(-1, 2)]] * 3 == cells_of(1 / position([7, -2]))
    with pytest.raises(ZeroDivisionError):
        THREE / 0
    for divisor, mask, side in (
        (channel([0, 1, 2]), [False, True, True], CHANNEL),
        (position([0, 2]), [[False, True]], MATRIX),
    ):
        with pytest.raises(Differs) as caught:
            THREE / divisor
        assert (mask, side) == (caught.value.mask.tolist(), caught.value.side)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (channel([7, -7, 8]), 2, [[3, 3], [-4, -4], [4, 4]]),
        (7, channel([2, -2, 7]), [[3, 3], [-4, -4], [1, 1]]),
        (channel([2**64, 2**63, 1]), 2**62, [[4, 4], [2, 2], [0, 0]]),
        (channel([HALF, 2, 3]), Fraction(1, 4), [[2, 2], [8, 8], [12, 12]]),
        (channel([30, 50, 70]), TWO, [[3, 1], [5, 2], [7, 3]]),
    ],
)
def test_floors_of_quotients(a: Any, b: Any, expected: Any) -> None:
    assert expected == cells_of(quotient(a, b)) == cells_of(a // b)


def test_exact_quotients() -> None:
    assert [[3, 3], [5, 5], [7, 7]] == cells_of(quotient(THREE * 4, 4, exact=True))
    with pytest.raises(ZeroDivisionError):
        quotient(THREE, 2, exact=True)
    with pytest.raises(Differs) as caught:
        quotient(THREE, 5, exact=True)
    assert [False, True, False] == caught.value.mask.tolist()


def test_how_long_a_denominator_may_be() -> None:
    """1024 bits; more are split among the points, but for one point alone."""
    longest, longer = 2**1023, 2**1024

    assert [[Fraction(1, longest)] * 2, [1, 1], [HALF, HALF]] == cells_of(1 / channel([longest, 1, 2]))
    assert [[Fraction(1, longer)] * 2] * 3 == cells_of(1 / channel([longer] * 3))
    with pytest.raises(Differs) as caught:
        1 / channel([longer, 1, 1])
    assert ([False, True, True], CHANNEL) == (caught.value.mask.tolist(), caught.value.side)


def test_remainders() -> None:
    assert [[1, 1], [-1 % 4, -1 % 4], [2, 2]] == cells_of(channel([5, -1, 6]) % 4)
    assert [[2, 2], [0, 0], [3, 3]] == cells_of(17 % channel([3, 17, 7]))


def test_comparisons() -> None:
    """A word is no number: it is never the same, and it has no order."""
    assert [[False, False], [True, True], [False, False]] == cells_of(THREE == 5)
    assert [[True, True], [False, False], [False, False]] == cells_of(THREE < 5) == cells_of(5 > THREE)
    assert [[True, True], [True, True], [False, False]] == cells_of(THREE <= 5)
    assert [[False, False], [False, False], [True, True]] == cells_of(THREE > 5)
    assert [[False, False], [True, True], [True, True]] == cells_of(THREE >= 5)
    assert [[True, True], [False, False], [True, True]] == cells_of(THREE != 5)
    assert [[True, True], [False, True], [False, False]] == cells_of(THREE * 4 < TWO + 5)
    assert [[True, True], [False, False], [False, False]] == cells_of(channel([2**64, 1, 2**63]) > 2**63)
    assert (THREE == 5).side == CHANNEL and (TWO == 5).side == POSITION and (THREE == TWO).side == MATRIX
    assert (False, True) == (THREE == "relu", THREE != "relu")
    with pytest.raises(TypeError):
        assert THREE < "relu"
    with pytest.raises(TypeError, match=r"^str is no number of a grid$"):
        THREE + "relu"


def test_text() -> None:
    """The first number, and whether all are."""
    assert ("3 ...", "10 ...", "1/2 ...", "5", "1 ...") == tuple(
        map(str, (THREE, TWO, channel([HALF, 1]), channel([5, 5]), SQUARE))
    )


def test_masks() -> None:
    some = THREE > 3

    assert ([True, False, False], CHANNEL) == ((~some).values.tolist(), (~some).side)
    assert (True, False) == ((THREE > 2).holds(), (THREE > 7).holds())
    with pytest.raises(Differs, match=r"^the condition differs across the grid$") as caught:
        some.holds()
    assert ([False, True, True], CHANNEL) == (caught.value.mask.tolist(), caught.value.side)


ROWS, COLUMNS = Mask(np.array([True, False, True]), CHANNEL), Mask(np.array([True, False]), POSITION)
BOTH = Mask(np.array([[True, False], [False, True], [True, True]]), MATRIX)


@pytest.mark.parametrize(
    ("condition", "yes", "no", "expected"),
    [
        (ROWS, 1, 2, [[1, 1], [2, 2], [1, 1]]),
        (COLUMNS, 1, 2, [[1, 2]] * 3),
        (BOTH, 1, 2, [[1, 2], [2, 1], [1, 1]]),
        (ROWS, THREE, 2, [[3, 3], [2, 2], [7, 7]]),
        (COLUMNS, THREE, 2, [[3, 2], [5, 2], [7, 2]]),
        (ROWS, 1, TWO, [[1, 1], [10, 20], [1, 1]]),
        (BOTH, THREE, TWO, [[3, 20], [10, 5], [7, 7]]),
        (BOTH, THREE, HALF, [[3, HALF], [HALF, 5], [7, 7]]),
        (ROWS, THREE * TWO, 2, [[30, 60], [2, 2], [70, 140]]),
        (COLUMNS, SQUARE, THREE, [[1, 3], [3, 5], [5, 7]]),
        (ROWS, 2**63, -1, [[2**63] * 2, [-1, -1], [2**63] * 2]),
    ],
)
def test_one_number_where_a_condition_holds(condition: Mask, yes: Any, no: Any, expected: Any) -> None:
    assert expected == cells_of(where(condition, yes, no))


def test_functions_of_cells() -> None:
    """Of numerators over one denominator, here 6, along the one side that both vary with."""
    found = cellwise(channel([HALF, 1, 2]), Fraction(1, 3), lambda x, y: x + 10 * y)

    assert ([23, 26, 32], 6, CHANNEL) == (found.numerators(CHANNEL).tolist(), found.denominator, found.side)
    assert (POSITION, MATRIX) == (cellwise(TWO, 15, np.maximum).side, cellwise(THREE, TWO, np.maximum).side)
    assert [[2**63, 2**63], [2**64, 2**64], [2**63, 2**63]] == cells_of(
        cellwise(channel([1, 2**64, 3]), 2**63, np.maximum)
    )


def test_one_term_of_many() -> None:
    one = merged(THREE / 2 + TWO)

    assert (1, 2) == (len(one.terms), one.denominator)
    assert [[23, 43], [25, 45], [27, 47]] == cells_of(one * 2)
    assert merged(THREE) is THREE
    shifted = merged(1 + TWO)
    assert (1, POSITION) == (len(shifted.terms), shifted.side)
    assert [[11, 21]] * 3 == cells_of(shifted)


def test_zero_and_the_first_power() -> None:
    assert [[1, 1]] * 3 == cells_of(THREE**0)
    assert [[3, 3], [5, 5], [7, 7]] == cells_of(THREE**1)
    assert THREE * 1 is THREE
    assert [[9, 9], [25, 25], [49, 49]] == cells_of(operator.pow(THREE, 2))
    assert [[1, 1], [2**63, 2**63], [-(2**63)] * 2] == cells_of(down([1, 2**21, -(2**21)]).grid ** 3)
    assert [[7, -13], [5, -15], [3, -17]] == cells_of(10 - THREE - across([0, 20]).grid)
