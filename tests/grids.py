"""Numbers of a grid beside the plain numbers of its cells: what `costcalc.grid` is compared with, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy
from hypothesis import strategies as st

from costcalc.grid import CHANNEL, MATRIX, POSITION, Differs, Grid, Mask, channel, matrix, position

ROWS, COLUMNS = 3, 2
"""Channel points and position points of every grid that is drawn."""
EDGES = [2**31, 2**53, 2**61, 2**62, 2**63, 2**64]
"""Where int64, its guard, floats and uint64 end."""

Cells = list[list[Any]]
"""Plain numbers, channel points down, position points across."""


class Both(NamedTuple):
    """The same number twice: as the grid has it, and in each cell."""

    grid: Any
    cells: Cells


def spread(value: Any) -> Cells:
    """A plain number in every cell."""
    return [[value] * COLUMNS for _ in range(ROWS)]


def down(values: list[Any]) -> Both:
    """A number along the channel points."""
    return Both(channel(values), [[value] * COLUMNS for value in values])


def across(values: list[Any]) -> Both:
    """A number along the position points."""
    return Both(position(values), [list(values) for _ in range(ROWS)])


def mapped(function: Callable[..., Any], *numbers: Cells) -> Cells:
    """`function` of plain numbers in every cell."""
    return [[function(*(cells[i][j] for cells in numbers)) for j in range(COLUMNS)] for i in range(ROWS)]


def cells_of(value: Any) -> Cells:
    """What a grid, a condition or a plain number holds in each cell."""
    if isinstance(value, Mask):
        values = value.values
        assert value.side in (CHANNEL, POSITION, MATRIX)
        if value.side != MATRIX:
            values = values[:, None] if value.side == CHANNEL else values[None, :]
        return [[bool(one) for one in row] for row in numpy.broadcast_to(values, (ROWS, COLUMNS))]
    if not isinstance(value, Grid):
        return spread(value)
    whole = numpy.broadcast_to(numpy.asarray(value.numerators(MATRIX)), (ROWS, COLUMNS))
    assert whole.dtype in (numpy.dtype("int64"), numpy.dtype(object)), whole.dtype
    return [[Fraction(int(one), value.denominator) for one in row] for row in whole]


HALF = Fraction(1, 2)
SHAPE = (ROWS, COLUMNS)
THREE, TWO = channel([3, 5, 7]), position([10, 20])
SQUARE = Grid(((numpy.array([[1, 2], [3, 4], [5, 6]]), 1),))
"""What does not factor."""


def cells(value: Any, shape: tuple[int, int] = SHAPE) -> Any:
    """A matrix's rows."""
    found = matrix(value, shape)
    assert shape == found.shape
    return found.tolist()


def ints(*values: int) -> numpy.ndarray:
    """A vector of machine numbers."""
    return numpy.array(values, dtype=numpy.int64)


def column(value: Any) -> list[Any]:
    """What a number along the channel points holds at each, or one that is the same along the positions."""
    rows = cells_of(value)
    assert all(row[0] == row[1] for row in rows)
    return [row[0] for row in rows]


def outcome(function: Callable[..., Any], *numbers: Both) -> Any:
    """What `function` makes of grids: cells, or the error; a Differs must be a true one."""
    try:
        return cells_of(function(*(number.grid for number in numbers)))
    except Differs as split:
        assert {True, False} == {value for row in cells_of(Mask(split.mask, split.side)) for value in row}
        return Differs


_around = [*EDGES, *(-edge for edge in EDGES)]
_near = st.builds(lambda edge, off: edge + off, st.sampled_from(_around), st.integers(-2, 2))
wholes = st.one_of(st.integers(-9, 9), st.integers(-3000, 3000), _near)
fractions = st.builds(Fraction, wholes, st.sampled_from([1, 2, 3, 7, 10, 40, 2**40])).map(
    lambda value: value.numerator if value.denominator == 1 else value
)


KINDS = ("plain", "channel", "position", "product", "sum", "matrix")


def number_of(kind: str, one: Callable[[], Any]) -> Both:
    """A number along a side, along both (as a product, as a sum, as a matrix), or the same everywhere."""
    if kind == "plain":
        value = one()
        return Both(value, spread(value))
    first, second = down([one() for _ in range(ROWS)]), across([one() for _ in range(COLUMNS)])
    if kind in ("channel", "position"):
        return first if kind == "channel" else second
    if kind == "product":
        return Both(first.grid * second.grid, mapped(lambda a, b: a * b, first.cells, second.cells))
    if kind == "sum":
        return Both(first.grid + second.grid, mapped(lambda a, b: a + b, first.cells, second.cells))
    drawn: Cells = [[one() for _ in range(COLUMNS)] for _ in range(ROWS)]
    denominator = math.lcm(*(value.denominator for row in drawn for value in row))
    whole = numpy.array([[int(value * denominator) for value in row] for row in drawn], dtype=object)
    small = max(abs(value) for value in whole.ravel()) < 2**62
    return Both(Grid(((whole.astype(numpy.int64) if small else whole, 1),), denominator), drawn)


@st.composite
def numbers(draw: Any, one: st.SearchStrategy[Any]) -> Both:
    """A number of any kind."""
    return number_of(draw(st.sampled_from(KINDS)), lambda: draw(one))
