"""Grids as matrices, their sums, maxima, roots and ratios: figures by hand, on both sides of 2^53, 2^62 and 2^63."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from grids import HALF, SHAPE, SQUARE, THREE, TWO, cells, cells_of, ints

from costcalc.errors import QuantityError
from costcalc.grid import Grid, Ratio, added, channel, largest, matrix, position, root_up
from costcalc.grid.matrix import _merged, _undominated


def test_many_terms_are_put_together() -> None:
    """Sums of sums, as what is alive at each step of a long network, have as many terms as there are sizes of maps."""
    whole: Any = 0
    for step in range(100):
        whole = added([whole, THREE, step, SQUARE, TWO, THREE * TWO])
        assert isinstance(whole, Grid)
        assert len(whole.terms) < 24
    expected = 100 * sum(matrix(one, SHAPE) for one in (THREE, SQUARE, TWO, THREE * TWO)) + 99 * 50
    assert matrix(whole, SHAPE).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("values", "terms", "expected"),
    [
        ([], 0, [[0, 0]] * 3),
        ([2, 3], 1, [[5, 5]] * 3),
        ([2, -2], 0, [[0, 0]] * 3),
        ([THREE, 2, TWO, 3], 3, [[18, 28], [20, 30], [22, 32]]),
        ([THREE, TWO], 2, [[13, 23], [15, 25], [17, 27]]),
        ([Fraction(4), THREE], 2, [[7, 7], [9, 9], [11, 11]]),
        ([THREE / 2, THREE / 2, TWO], None, [[13, 23], [15, 25], [17, 27]]),
        ([THREE / 2, HALF], None, [[2, 2], [3, 3], [4, 4]]),
        ([HALF, THREE, HALF], 2, [[4, 4], [6, 6], [8, 8]]),
        ([2**63, THREE, 2**63], 2, [[2**64 + 3] * 2, [2**64 + 5] * 2, [2**64 + 7] * 2]),
    ],
)
def test_sums_side_by_side(values: list[Any], terms: int | None, expected: Any) -> None:
    found = added(iter(values))

    assert terms in (None, len(found.terms))
    assert expected == cells_of(found)


@pytest.mark.parametrize(
    ("value", "expected", "kind"),
    [
        (5, [[5, 5]] * 3, "int64"),
        (-(2**62), [[-(2**62)] * 2] * 3, "object"),
        (2**62 - 1, [[2**62 - 1] * 2] * 3, "int64"),
        (2**70, [[2**70] * 2] * 3, "object"),
        (Fraction(6, 2), [[3, 3]] * 3, "int64"),
        (Grid(()), [[0, 0]] * 3, "int64"),
        (SQUARE, [[1, 2], [3, 4], [5, 6]], "int64"),
        (SQUARE + SQUARE, [[2, 4], [6, 8], [10, 12]], "int64"),
        (SQUARE + THREE, [[4, 5], [8, 9], [12, 13]], "int64"),
        (SQUARE + TWO, [[11, 22], [13, 24], [15, 26]], "int64"),
        (SQUARE + THREE + TWO, [[14, 25], [18, 29], [22, 33]], "int64"),
        (THREE + TWO, [[13, 23], [15, 25], [17, 27]], "int64"),
        (channel([2**26, 1, 1]) * position([2**27 - 1, 1]), [[2**53 - 2**26, 2**26]] + [[2**27 - 1, 1]] * 2, "int64"),
        (channel([2**53, 1, 1]) + TWO, [[2**53 + 10, 2**53 + 20], [11, 21], [11, 21]], "int64"),
        (channel([2**53, 1, 1]) + position([1, 2]), [[2**53 + 1, 2**53 + 2], [2, 3], [2, 3]], "int64"),
        (channel([2**61, 1, 1]) + position([2**61 - 1, 0]), [[2**62 - 1, 2**61], [2**61, 1], [2**61, 1]], "int64"),
        (channel([2**61, 1, 1]) + position([2**61, 0]), [[2**62, 2**61], [2**61 + 1, 1], [2**61 + 1, 1]], "object"),
        (channel([2**40, 1, 3]) * position([2**40, 5]), [[2**80, 5 * 2**40], [2**40, 5], [3 * 2**40, 15]], "object"),
    ],
    ids=str,
)
def test_matrices(value: Any, expected: Any, kind: str) -> None:
    """Channel points down, position points across; Python's own numbers where one may be 2^62."""
    assert (expected, kind) == (cells(value), str(matrix(value, SHAPE).dtype))


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 1)])
def test_a_number_of_one_side_has_the_shape_that_is_asked(shape: tuple[int, int]) -> None:
    """Five and one, however they are spelled."""
    for value in (5, Grid(((ints(5), 1),)), Grid(((1, ints(5)),)), channel([2]) + position([3]), channel([2]) + 3):
        assert [[5] * shape[1]] * shape[0] == cells(value, shape)


def test_products_in_blocks() -> None:
    """Two rows of 2^16 columns at a time, and one of more than 2^17: no row is left out."""
    down = channel([3, 5, 7, 11, 13])
    for count in (2**16, 2**17 + 1):
        found = matrix(down * position(range(count)) + 1, (5, count))

        assert [1, 1, 1, 1, 1] == found[:, 0].tolist()
        assert [1 + one * (count - 1) for one in (3, 5, 7, 11, 13)] == found[:, -1].tolist()
        assert "int64" == str(found.dtype)


@pytest.mark.parametrize("value", [HALF, Fraction(5, 2), channel([HALF, 1, 1])], ids=str)
def test_fractions_are_no_cells(value: Any) -> None:
    with pytest.raises(QuantityError) as caught:
        matrix(value, SHAPE)
    assert f"{value} is no whole number" == str(caught.value)
    if isinstance(value, Grid):
        with pytest.raises(QuantityError, match=r"^1/2 \.\.\. is no whole number$"):
            root_up(value)


def test_terms_of_one_position_are_one_term() -> None:
    """Two vectors of the same numbers; plain numbers count as ones."""
    other = position([10, 20])
    found, whole = _merged((THREE * TWO + channel([1, 2, 3]) * other + THREE + channel([1, 1, 1]) * 2).terms)

    assert (2, 0) == (len(found), whole)
    assert [[4, 7, 10], [5, 7, 9]] == [c.tolist() for c, _ in found]
    assert ([10, 20], 1) == (found[0][1].tolist(), found[1][1])
    assert ([(5, 1)], 0) == _merged(((2, 1), (1, 3)))
    huge, other = np.array([2**70, 1], dtype=object), np.array([2**70, 2], dtype=object)
    assert [5, 7] == [c for c, _ in _merged(((2, huge), (3, huge), (7, other)))[0]]
    assert (2, 1) == (
        len(_merged(((2, ints(1, 2)), (3, ints(1, 3))))[0]),
        len(_merged(((2, ints(1)), (3, ints(1))))[0]),
    )


@pytest.mark.parametrize(
    ("value", "root"),
    [(0, 0), (1, 1), (2, 2), (4, 2), (5, 3), ((2**31 - 1) ** 2 - 1, 2**31 - 1), ((2**31 - 1) ** 2, 2**31 - 1),
     ((2**31 - 1) ** 2 + 1, 2**31), (94906267**2 - 1, 94906267), (94906267**2 + 1, 94906268), (2**62 - 1, 2**31),
     (2**62, 2**31), (2**62 + 1, 2**31 + 1), (10**40, 10**20), (10**40 + 1, 10**20 + 1)],
)  # fmt: skip
def test_roots(value: int, root: int) -> None:
    """On both sides of squares that a float cannot tell apart."""
    assert [[root, root], [1, 1], [0, 0]] == cells(root_up(channel([value, 1, 0])))
    assert [[0, root]] * 3 == cells(root_up(position([0, value])))
    assert [[root, 2 * root]] * 3 == cells(root_up(channel([1, 1, 1]) * root * position([root, 4 * root])))
    assert [[root, 3]] * 3 == cells(root_up(Grid(((np.array([[value, 9]] * 3), 1),))))


A, B = channel([1, 2, 3]), channel([3, 2, 1])
LARGE, SMALL = position([20, 10]), position([4, 3])
HUGE = channel([2**62 - 1] * 3)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([A * LARGE, A * SMALL], [0]),
        ([A * SMALL, A * LARGE], [1]),
        ([A * LARGE, B * LARGE], [0, 1]),
        ([A * LARGE, B * SMALL], [0, 1]),
        ([A * LARGE, A * LARGE + B * SMALL], [1]),
        ([A * LARGE + 5, A * LARGE], [0]),
        ([A * LARGE, A * LARGE], [0]),
        ([A, Grid(((4, 1),))], [1]),
        ([A, Grid(((2, 1),))], [0, 1]),
        ([Grid(((3, ints(4, 3)),)), Grid(((3, 1),))], [0]),
        ([SMALL, Grid(((3, 1),))], [0, 1]),  # 4 and 3 beside 3: the sums of their terms do not show it
        ([A * LARGE, A * position([1, 2])], [0]),
        ([A * LARGE, A * position([10, 20])], [0, 1]),
        ([A * LARGE, A * position([20, 3])], [0]),
        ([A * position([4, 0]), B * position([4, 0]), A * position([2, 0])], [0, 1]),
        ([HUGE * LARGE + HUGE * SMALL + HUGE, A * LARGE], [0]),  # its sums are past 2^63
        ([A / 2, A], [0, 1]),
        ([SQUARE, A], [0, 1]),
    ],
)
def test_what_may_be_the_largest(values: list[Grid], kept: list[int]) -> None:
    """Nothing that another one exceeds everywhere, as far as the sums of their terms show it."""
    found = _undominated(values)

    assert [id(values[index]) for index in kept] == sorted(map(id, found), key=[*map(id, values)].index)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5], [[5, 5]] * 3),
        ([5, 7, 6], [[7, 7]] * 3),
        ([THREE, 5], [[5, 5], [5, 5], [7, 7]]),
        ([THREE, TWO], [[10, 20]] * 3),
        ([THREE * 3, TWO], [[10, 20], [15, 20], [21, 21]]),
        ([SQUARE, 3], [[3, 3], [3, 4], [5, 6]]),
        ([SQUARE, THREE], [[3, 3], [5, 5], [7, 7]]),
        ([SQUARE, TWO, 11], [[11, 20]] * 3),
        ([A * LARGE, B * LARGE], [[60, 30], [40, 20], [60, 30]]),
        ([channel([2**64, 1, 1]), 2**63, TWO], [[2**64] * 2, [2**63] * 2, [2**63] * 2]),
    ],
)
def test_the_largest(values: list[Any], expected: Any) -> None:
    assert expected == cells_of(largest(values)) == cells_of(largest(values[::-1]))


def test_the_largest_of_one_point() -> None:
    """2 and 3 times 1: three, in a matrix of one cell."""
    found = largest([channel([2]), position([3])])

    assert ([[3]], 1) == (found.terms[0][0].tolist(), found.terms[0][1])


def test_one_value_that_is_the_largest_everywhere_stays_factored() -> None:
    most = A * LARGE + B

    assert largest([A, most, A * SMALL]) is most


@pytest.mark.parametrize(
    ("over", "under", "expected"),
    [
        (6, 4, [[1.5, 1.5]] * 3),
        (THREE, 2, [[1.5, 1.5], [2.5, 2.5], [3.5, 3.5]]),
        (TWO, 0, [[None, None]] * 3),
        (THREE, position([0, 2]), [[None, 1.5], [None, 2.5], [None, 3.5]]),
        (channel([0, 1, 2]), position([0, 2]), [[None, 0.0], [None, 0.5], [None, 1.0]]),
        (0, TWO, [[0.0, 0.0]] * 3),
        (2**53 + 1, 1, [[2.0**53, 2.0**53]] * 3),
        (2**80, channel([2**79, 0, 3]), [[2.0, 2.0], [None, None], [2**80 / 3] * 2]),
        (channel([1, 3, 2**60 + 1]), 2**60, [[2.0**-60] * 2, [3 * 2.0**-60] * 2, [1.0, 1.0]]),
        # through floats of both the quotient would be 1
        (2**55 + 3, 2**55 + 2, [[1.0, 1.0]] * 3),
        (3 * (2**53 + 1), 2**53 + 1, [[3.0, 3.0]] * 3),
        (7 * (2**53 + 1), 2**53 + 1, [[7.0, 7.0]] * 3),
    ],
    ids=str,
)
def test_quotients_as_floats(over: Any, under: Any, expected: Any) -> None:
    """The nearest ones; nan where there is nothing to divide by."""
    found = Ratio(over, under).matrix(SHAPE)

    assert SHAPE == found.shape
    assert expected == [[None if np.isnan(one) else one for one in row] for row in found.tolist()]
