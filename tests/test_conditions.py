"""Conditions, bounds and kinds of quantities, on every kind of number: by hand, on both sides of every limit."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from grids import across, cells_of, column, down

from costcalc import quantity, symbols
from costcalc.grid import Differs, Mask, channel

HALF = Fraction(1, 2)
X = sympy.Symbol("x", integer=True, positive=True)


def at(value: Any, number: int) -> Any:
    """An expression of x with a number put in."""
    return value.subs(X, number)


def mask(*values: bool) -> Any:
    """A condition along the channel points."""
    return down([int(value) for value in values]).grid > 0


MOST = quantity.LIMIT


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([MOST, 1, -MOST], True),
        ([MOST + 1, 1, 1], Differs),
        ([1, -MOST - 1, 1], Differs),
        ([MOST + 1, MOST + 2, MOST + 3], False),
        ([-MOST - 1, -MOST - 2, -MOST - 3], False),
        ([Fraction(1, MOST), 1, 2], True),
        ([Fraction(1, MOST + 1), 1, 2], Differs),  # 2^62 + 1 below the line
        ([Fraction(1, MOST + 1), Fraction(1, MOST + 2), Fraction(1, MOST + 3)], False),
        ([Fraction(1, 2**40 + 1), Fraction(1, 2**41 + 1), 1], True),  # their common denominator is past 2^62
        ([Fraction(MOST * 2 + 1, 2), 1, 1], Differs),
        ([Fraction(MOST * 2 - 1, 2), 1, 1], True),
    ],
)
def test_bounds_of_what_a_spec_may_say(values: list[Any], expected: Any) -> None:
    for value in (down(values).grid, down(values).grid * across([1, 1]).grid):
        if expected is Differs:
            with pytest.raises(Differs):
                quantity.is_bounded(value)
        else:
            assert expected == quantity.is_bounded(value)


def test_bounds_of_sums() -> None:
    """2^61 and 2^61 are 2^62; one more is too many; what is added in one place and taken away in another is not."""
    whole, taken = across([2**61, 0]).grid, across([-(2**61), 0]).grid

    assert quantity.is_bounded(down([2**61, 0, 0]).grid + whole)
    assert quantity.is_bounded(down([2**62, 2**62, 2**62]).grid + taken)
    with pytest.raises(Differs):
        quantity.is_bounded(down([2**61 + 1, 0, 0]).grid + whole)
    assert quantity.is_bounded(2**70)
    assert quantity.is_bounded(X)


def test_one_number_of_all_points() -> None:
    assert (3, HALF, "relu") == tuple(map(quantity.concrete, (3, HALF, "relu")))
    found = [quantity.concrete(down([value] * 3).grid) for value in (3, HALF, 2**70)]

    assert [3, HALF, 2**70] == found
    assert [int, Fraction, int] == list(map(type, found))
    assert 5 == quantity.concrete(channel([5]))
    assert 3 == quantity.concrete(across([3, 3]).grid) == quantity.concrete(down([1] * 3).grid + across([2, 2]).grid)
    with pytest.raises(Differs):
        quantity.concrete(down([3, 3, 4]).grid)
    assert (Fraction(3, 2), 4) == tuple(map(quantity.concrete, (sympy.Rational(3, 2), sympy.Integer(4))))


def test_names_are_for_symbols() -> None:
    three = down([3, 9, 4]).grid
    with symbols.traced({X: 3}) as trace:
        name = quantity.named(X + 1)

    assert (name, {X + 1: name}) == (trace.names[X + 1], trace.names)
    assert name.is_Symbol and name != X
    assert quantity.named(X + 1) == X + 1
    assert (3, HALF) == (quantity.named(3), quantity.named(HALF))
    assert quantity.named(three) is three


TELLING: list[tuple[Any, tuple[bool, bool, bool, bool]]] = [
    (1, (False, True, False, False)),
    (HALF, (False, True, False, False)),
    (True, (True, False, False, False)),
    ("relu", (False, False, False, False)),
    (None, (False, False, False, False)),
    (down([1, 2, 3]).grid, (False, False, False, True)),
    (mask(True, False, True), (True, False, False, True)),
    (X, (False, False, True, True)),
    (X > 3, (True, False, True, True)),
    (sympy.true, (True, False, True, True)),
]


@pytest.mark.parametrize(("value", "expected"), TELLING, ids=lambda value: type(value).__name__)
def test_kinds_are_told_apart(value: Any, expected: tuple[bool, ...]) -> None:
    kinds: tuple[Callable[[Any], bool], ...] = (
        quantity.is_condition, quantity.is_exact, quantity.is_symbol, quantity.is_open
    )  # fmt: skip

    assert expected == tuple(kind(value) for kind in kinds)


def test_conditions_of_plain_numbers_and_grids() -> None:
    three = down([3, 9, 4]).grid

    assert (True, True, False) == tuple(quantity.at_least(one, 3) for one in (4, 3, 2))
    assert (True, False, False, True) == (
        quantity.same(3, 3), quantity.same(3, 4), quantity.differ(3, 3), quantity.differ(3, 4)
    )  # fmt: skip
    assert (False, True) == (quantity.negated(True), quantity.negated(False))
    assert [True, False, False] == column(quantity.same(three, 3)) == column(quantity.same(3, three))
    assert [False, True, True] == column(quantity.differ(three, 3)) == column(quantity.negated(three == 3))
    assert (sympy.Ne(X, 3), X < 3) == (quantity.negated(sympy.Eq(X, 3)), quantity.negated(X >= 3))
    assert quantity.same(X, "relu") == sympy.false
    assert quantity.same("relu", X) == sympy.false


def test_whether_conditions_hold() -> None:
    """Everywhere or nowhere; in a part only is for whoever splits the sweep, unless another one holds anyhow."""
    everywhere, nowhere, somewhere = mask(True, True, True), mask(False, False, False), mask(True, False, True)

    assert (True, False) == (quantity.holds(everywhere), quantity.holds(nowhere))
    assert type(quantity.holds(everywhere)) is bool
    with pytest.raises(Differs) as caught:
        quantity.holds(somewhere)
    assert ([True, False, True], "channel") == (caught.value.mask.tolist(), caught.value.side)
    assert quantity.holds_either(everywhere, somewhere)
    assert quantity.holds_either(nowhere, everywhere)
    assert not quantity.holds_either(nowhere, False)
    with symbols.traced({X: 3}):
        assert (True, False) == (quantity.holds(X > 2), quantity.holds(X > 3))
        assert type(quantity.holds(X > 2)) is bool
        assert (True, True, False) == (
            quantity.holds_either(X > 3, X > 2),
            quantity.holds_either(False, X > 2),
            quantity.holds_either(X > 4, X > 3),
        )


@pytest.mark.parametrize("make", [lambda value: value, Fraction, lambda value: down([value] * 3).grid, sympy.Integer])
def test_both_ends_are_within(make: Callable[[int], Any]) -> None:
    with symbols.traced({}):
        assert [False, True, True, True, False] == [quantity.within(make(value), 3, 5) for value in (2, 3, 4, 5, 6)]


def test_within_on_symbols_and_grids() -> None:
    """At x = 3, whichever end is asked about; on a grid, everywhere, nowhere or in a part."""
    with symbols.traced({X: 3}) as trace:
        assert (True, False, False) == (
            quantity.within(2 * X, 6, 6), quantity.within(3 * X, 7, 8), quantity.within(4 * X, 13, 14)
        )  # fmt: skip
        assert type(quantity.within(5 * X, 15, 15)) is bool
        assert ("6", "relu") == (quantity.as_text(2 * X), quantity.as_text("relu"))
    assert [symbols.Kind.RANGE] * 2 == [one.kind for one in trace.assumptions]
    assert "2*x" == quantity.as_text(2 * X)
    three = down([3, 9, 4]).grid
    assert quantity.within(three, 3, 9) and not quantity.within(three, 10, 11) and not quantity.within(three, 0, 2)
    for ends in ((4, 9), (3, 8)):
        with pytest.raises(Differs):
            quantity.within(three, *ends)


def test_one_number_or_another() -> None:
    three, some = down([3, 9, 4]).grid, mask(True, False, True)

    assert (1, 2) == (quantity.where(True, 1, 2), quantity.where(False, 1, 2))
    assert [1, 2, 1] == column(quantity.where(some, 1, 2))
    assert [3, 2, 4] == column(quantity.where(some, three, 2))
    assert [1, 9, 1] == column(quantity.where(some, 1, three))
    assert [[3, 3], [20, 10], [4, 4]] == cells_of(quantity.where(some, three, across([20, 10]).grid))
    assert isinstance(some, Mask)
    chosen = quantity.where(X > 3, X, 10)
    assert (10, 4) == (at(chosen, 3), at(chosen, 4))
