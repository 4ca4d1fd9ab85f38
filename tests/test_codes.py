"""Codes of what is kept: fillers of indices and Huffman codes, by hand and counted."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from itertools import product

import pytest
from catalogued import each
from hypothesis import given
from hypothesis import strategies as st

from costcalc.compression.fillers import filler_rate, fillers_between, interleaved_rate
from costcalc.compression.huffman import code_of, decoded, encoded, entropy_bits, lengths_of, mean_bits
from costcalc.recipes import read_inline

MILLIONTH = Fraction(1, 10**6)


# Fillers


def test_fillers_by_hand() -> None:
    """Half of the weights kept, an index of 1 bit: two empty places in a row with 1/4; 1/4 + 1/16 + ... = 1/3."""
    assert abs(filler_rate(Fraction(1, 2), 1) - Fraction(1, 3)) < MILLIONTH
    assert 0 == filler_rate(1, 4)


def test_the_example_column_of_eie() -> None:
    """[0,0,1,2,0x18,3] of section III: v = 1,2,0,3 and z = 2,0,15,2, so one filler."""
    assert 1 == fillers_between([2, 3, 22], 4)


INDICES = [("1/20", 4), ("9/100", 4), ("1/25", 5), ("1/10", 3), ("1/2", 1)]


@pytest.mark.parametrize("index", each(INDICES, INDICES[:1]), ids=str)
def test_fillers_agree_with_counting_them(index: tuple[str, int]) -> None:
    """On a million random places: within 2 %."""
    density, bits = index
    share, chance = Fraction(density), random.Random(f"{density} {bits}")
    places = [place for place in range(1_000_000) if chance.random() < share]

    assert fillers_between(places, bits) / len(places) == pytest.approx(float(filler_rate(share, bits)), rel=0.02)


@pytest.mark.parametrize(("length", "bits"), [(1, 1), (2, 1), (3, 1), (7, 1), (10, 2), (12, 1)])
def test_fillers_of_short_columns_are_exact(length: int, bits: int) -> None:
    """All columns of so many places, each kept or not with even chances: the mean number of fillers, by counting."""
    columns = list(product((0, 1), repeat=length))
    counted = sum(fillers_between([i for i, kept in enumerate(column) if kept], bits) for column in columns)
    kept = sum(map(sum, columns))

    assert abs(filler_rate(Fraction(1, 2), bits, length) - Fraction(counted, kept)) < MILLIONTH


@pytest.mark.parametrize(("rows", "elements"), [(10, 4), (9, 2), (3, 4), (8, 2)])
def test_fillers_of_rows_dealt_out_to_elements_are_exact(rows: int, elements: int) -> None:
    """Where elements do not divide the rows, some slices are longer: all columns, each dealt out and counted."""
    slices = [range(first, rows, elements) for first in range(elements)]
    counted = kept = 0
    for column in product((0, 1), repeat=rows):
        kept += sum(column)
        for own in slices:
            counted += fillers_between([at for at, row in enumerate(own) if column[row]], 1)

    assert abs(interleaved_rate(Fraction(1, 2), 1, rows, elements) - Fraction(counted, kept)) < 2 * MILLIONTH


def test_rates_take_no_time() -> None:
    """The longest index, the thinnest layer, the longest column."""
    start = time.process_time()
    rate = filler_rate(Fraction(1, 999_983), 16)

    assert 14.763983 == float(rate)  # 1 / (1 / q - 1) with q = (1 - 1 / 999983)^65536, in floats
    short = rate - filler_rate(Fraction(1, 999_983), 16, 2**40)
    assert abs(short - Fraction("0.00001387")) < MILLIONTH  # 65536 q / (1 - q)^2 / 2^40, by hand
    assert 0.1 > time.process_time() - start


# Huffman codes


def test_a_code_by_hand() -> None:
    """1/2, 1/4, 1/8, 1/8: 1, 2, 3 and 3 bits, 1.75 in the mean, which is the entropy."""
    shares = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 8), Fraction(1, 8)]

    assert {0: 1, 1: 2, 2: 3, 3: 3} == lengths_of(dict(enumerate(shares)))
    assert Fraction(7, 4) == mean_bits(shares) == entropy_bits(shares)
    assert {"a": "0", "b": "10", "c": "11"} == code_of({"a": 1, "b": 2, "c": 2})


@given(st.dictionaries(st.integers(0, 300), st.integers(1, 10_000), min_size=1, max_size=60), st.randoms())
def test_codes_decode(counts: dict[int, int], chance: random.Random) -> None:
    """A stream comes back whole; its length is that of the table, within one bit a symbol of the entropy."""
    code = code_of(lengths_of(counts))
    stream = chance.choices(list(counts), list(counts.values()), k=200)

    assert stream == decoded(encoded(stream, code), code)
    mean, entropy = mean_bits(list(counts.values())), entropy_bits(list(counts.values()))
    assert entropy - 2 * MILLIONTH <= mean <= max(1, entropy + 1)


def test_a_cut_stream_is_told() -> None:
    with pytest.raises(ValueError, match="1"):
        decoded("01", {"a": "0", "b": "10", "c": "11"})


@pytest.mark.parametrize(
    ("text", "bits"), [("1+1+1", "1.666667"), ("entropy+1+1+1", "1.584963"), ("1/2+1/4+1/4", "1.5")]
)
def test_declared_distributions_are_rounded_up_to_a_millionth(text: str, bits: str) -> None:
    """Words of 1, 2 and 2 bits; log2(3) = 1.5849625..."""
    (rule,) = (step := read_inline("huffman", text)).rules

    assert Fraction(bits) == step.target(rule).rates["value_mean"]
