"""Numbers as text, and specs as `show` writes them: what is printed is read again as the same."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import costcalc
from costcalc import grid, quantity
from costcalc.cli import main
from costcalc.errors import QuantityError, UsageError
from costcalc.expression import number
from costcalc.operators import REGISTRY
from costcalc.quantity import as_text, is_short
from costcalc.report.tables.units import short

DIGITS = "0.1234567890123456789012345678901234"
LONGEST = "0." + "1" * 38
"""A decimal of 40 characters."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(3, 4), "0.75"),
        (Fraction(-3, 4), "-0.75"),
        (Fraction(6, 7), "6/7"),
        (Fraction(5, 4), "1.25"),
        (Fraction(1, 10**7), "0.0000001"),
        (Fraction(1, 1024), "0.0009765625"),
        (Fraction(1, 3125), "0.00032"),
        (Fraction(DIGITS), DIGITS),
        (Fraction(LONGEST), LONGEST),
        (Fraction(1, 2**38), f"0.{5**38:038d}"),
        (Fraction(1, 2**39), str(Fraction(1, 2**39))),  # 39 places would take 41 characters
        (Fraction(10**13 + 1, 2**38), f"{10**13 + 1}/{2**38}"),  # 38 places would do, but for the two digits before
        (Fraction(24), "24"),
        (24, "24"),
        (True, "true"),
        ("relu", "relu"),
    ],
)
def test_numbers_as_text(value: object, expected: str) -> None:
    """Exact, and never with an exponent."""
    assert expected == as_text(value)


_finite = st.builds(
    lambda value, twos, fives: Fraction(value, 2**twos * 5**fives),
    st.integers(0, 10**40), st.integers(0, 60), st.integers(0, 60),
)  # fmt: skip


@given(st.one_of(st.fractions(0, max_denominator=10**45), _finite))
def test_what_is_printed_is_read_again(value: Fraction) -> None:
    """Or it is refused, as too long, in every way in."""
    if is_short(value):
        assert value == number(as_text(value))
        assert len(as_text(value)) <= quantity.LONGEST_NUMBER
        return
    with pytest.raises(UsageError, match="alpha: a number is too long"):
        costcalc.load("lenet5", alpha=value)
    with pytest.raises(ValueError, match=r"\d"):
        number(as_text(value))


@pytest.mark.parametrize(
    ("text", "fits"), [("1" * 40, True), ("1" * 41, False), (LONGEST, True), (LONGEST + "1", False)]
)
def test_the_longest_number(text: str, fits: bool) -> None:
    assert fits == is_short(Fraction(text))
    if fits:
        assert Fraction(text) == number(text)
    else:
        with pytest.raises(ValueError, match="1111"):
            number(text)


@pytest.mark.parametrize(
    "text", ["1e-7", "1/0", "0/0", "", "/", "1/", "-1", "1/2/3", ".1/.1234567890123456789012345678901234567"]
)
def test_what_is_no_number(text: str) -> None:
    """The last would be 75 characters in its lowest terms."""
    with pytest.raises(ValueError):
        number(text)
    assert 2 == CliRunner().invoke(main, ["report", "lenet5", "--alpha", text]).exit_code


def test_a_float_is_read_as_it_prints() -> None:
    """However it prints; what no number can be is refused."""
    assert Fraction(1, 10**7) == costcalc.load("lenet5", alpha=1e-7).settings["alpha"]
    assert Fraction(3, 10) == costcalc.load("lenet5", alpha=0.3).settings["alpha"]
    for value in (float("nan"), float("inf"), -0.5, 10**5000, Fraction(1, 10**5000)):
        with pytest.raises(UsageError, match="alpha: "):
            costcalc.load("lenet5", alpha=value)
    with pytest.raises(UsageError, match="classes: -1 is out of range"):
        costcalc.load("lenet5", classes=-1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (300_774_272, "300.8M"),
        (999, "999"),
        (21_424_361_474_581_594_112, "21424361.5T"),
        (20_768_553_613_674_899_677_879_753_664_102_400, "20768553613674899677879.8T"),
    ],
)
def test_short_numbers(value: int, expected: str) -> None:
    """No digit that is printed is a float's."""
    assert expected == short(value)


@pytest.mark.parametrize("alpha", ["0.0000001", DIGITS, "6/7"])
def test_the_alpha_of_a_report_is_taken_again(alpha: str) -> None:
    result = CliRunner().invoke(main, ["report", "mobilenet_v1", "--alpha", alpha, "--format", "csv"])
    shown = costcalc.load("mobilenet_v1", alpha=alpha).report().render("json")

    assert 0 == result.exit_code
    assert f'"alpha": "{alpha}"' in shown


SHOWN: list[tuple[str, dict[str, Any]]] = [
    ("mobilenet_v1", {"batch": 2}),
    ("mobilenet_v2", {"alpha": "0.35", "beta": "6/7", "batch": 2, "classes": 10}),
    ("mobilenet_v1@standard", {"resolution": "160x224"}),
    ("vgg16@separable", {"batch": 2}),
    ("resnet50", {"alpha": "1/3", "resolution": 97}),
]


@pytest.mark.parametrize(("name", "settings"), SHOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_shown_costs_the_same(name: str, settings: dict[str, Any], tmp_path: Path) -> None:
    """With any setting that changes a figure: batches too."""
    network = costcalc.load(name, **settings)
    file = tmp_path / "shown.yaml"
    file.write_text(network.resolved(), encoding="utf-8")

    for convention in ("paper", "flops"):
        first = network.report(convention=convention).totals
        second = costcalc.load(str(file)).report(convention=convention).totals
        measures = [measure for measure in costcalc.MEASURES if measure not in ("mult_adds", "flops")]
        assert [first.total, *map(first.__getitem__, measures)] == [second.total, *map(second.__getitem__, measures)]


def test_operators_with_the_same_fields_are_the_same() -> None:
    """Whether they have fields or not."""
    relu, conv = REGISTRY["relu"], REGISTRY["conv"]

    assert relu() == relu()
    assert relu() != REGISTRY["relu6"]()
    assert 1 == len({relu(), relu()})
    assert "Relu()" == repr(relu())
    assert conv(out=3) == conv(out=3) != conv(out=4)
    assert hash(relu()) != hash(REGISTRY["relu6"]())


def test_kinds_of_number_are_told_apart() -> None:
    swept, symbol = grid.channel([1, 2]), sympy.Symbol("x", integer=True)

    assert quantity.is_open(swept)
    assert quantity.is_open(swept > 1)
    assert quantity.is_open(symbol)
    assert not any(map(quantity.is_open, (1, Fraction(1, 2), "relu", True)))
    assert quantity.is_symbol(1, symbol)
    assert not quantity.is_symbol(1, swept, "relu")
    assert all(map(quantity.is_exact, (1, Fraction(1, 2))))
    assert not any(map(quantity.is_exact, (True, symbol, swept, 0.5)))
    assert not quantity.remainder(symbol, 3).has(sympy.Mod)


def test_what_is_no_whole_number() -> None:
    """The message is the value as people write it."""
    with pytest.raises(QuantityError, match=r"^0\.5 is not a whole number$"):
        quantity.whole(Fraction(1, 2))


@pytest.mark.parametrize(("key", "most"), [("alpha", 64), ("beta", 64), ("batch", 2**20), ("resolution", 2**16)])
def test_the_largest_value_of_a_setting(key: str, most: int) -> None:
    text = "costcalc: 1\nname: t\ninput: 8x8x3\nlayers:\n- {op: relu}\n"

    assert costcalc.from_spec(text, **{key: most}).graph
    for beyond in (0, most + 1):
        with pytest.raises(UsageError, match=f"{key}: {beyond} is out of range"):
            costcalc.from_spec(text, **{key: beyond})
