"""Which node owns memory: one definition, whatever the words of the spec."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from rewriting import bodies, rewritten, written

import costcalc
from costcalc.analysis.sweep.plan import plan_sweep
from costcalc.analysis.sweep.rows import sweep_rows
from costcalc.counting import Counting, Dtype
from costcalc.measures import TOTALS
from costcalc.typed.columns import columns_named

BYTES = ("activation_bytes", "traffic_bytes", "peak_activation_bytes")


def figures(text: str, *measures: str, **counted: str) -> tuple[Any, ...]:
    """Measures of a network written as a spec's body, on 8x8x4."""
    ledger = costcalc.from_spec(f"costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n{text}\n").ledger(**counted)
    return tuple(ledger[name] for name in measures or BYTES)


PAIR = "- a: {op: conv, out: 4}\n- b: {op: conv, out: 4}\n"
"""Two 1x1 convolutions: 64 bytes of weights each, and each map is 8 x 8 x 4 float32, 1024 bytes."""


def test_a_sum_and_its_activation_in_one_row_or_in_two() -> None:
    """Three maps are owned: a, b and the sum. Traffic: a and b read a map and 64 bytes and write a map; the sum reads
    two and writes one."""
    expected = (3 * 1024, 2 * (1024 + 64 + 1024) + 2 * 1024 + 1024)

    assert (3072, 7296) == expected
    assert expected == figures(f"{PAIR}- {{op: add, from: [a, b], act: relu}}", *BYTES[:2])
    assert expected == figures(f"{PAIR}- {{op: add, from: [a, b]}}\n- {{op: relu}}", *BYTES[:2])


@pytest.mark.parametrize("view", ["", "- v: {op: identity}\n", "- {op: identity}\n- v: {op: dropout}\n"])
def test_an_operator_in_place_behind_a_view_spares_a_map_that_is_read_later(view: str) -> None:
    """a, the activation and their sum are three maps, whether or not the activation takes a by another name."""
    text = f"- a: {{op: conv, out: 4}}\n{view}- r: {{op: relu}}\n- {{op: add, from: [a, r]}}"
    traffic = 1024 + 64 + 1024 + 2 * 1024 + 3 * 1024

    assert (3072, traffic, 3072) == figures(text)


def test_an_operator_in_place_behind_a_view_that_nobody_else_reads() -> None:
    """It writes over the map: only a is owned, beside the input."""
    text = "- {op: conv, out: 4}\n- {op: identity}\n- {op: relu}"

    assert (1024, 1024 + 64 + 1024, 2048) == figures(text)


def test_a_part_that_is_overwritten_while_the_other_is_read_is_a_copy() -> None:
    """Half of a is activated, the other half is read: the half has memory of its own, and joins copy."""
    text = "- a: {op: conv, out: 4}\n- p: {op: split, parts: 2, from: a}\n- r: {op: relu}\n"
    text += "- q: {op: split, parts: 2, part: 1, from: a}\n- {op: concat, from: [q, r]}"

    assert (1024 + 512 + 1024, 1024 + 512 + 1024) == figures(text, "activation_bytes", "peak_activation_bytes")


def test_the_input_is_nobodys_to_overwrite() -> None:
    """An activation of the input, or of a view of it, is a copy; the input itself is no activation."""
    for text in ("- {op: relu}", "- {op: dropout}\n- {op: relu}"):
        assert (1024, 2048, 2048) == figures(text)


def test_an_output_is_not_overwritten() -> None:
    """A view that nobody takes is an output: what it shows must stay, to the end."""
    text = "- a: {op: conv, out: 4}\n- out: {op: identity, from: a}\n- {op: relu, from: a}\n- {op: conv, out: 4}"

    assert (3072, 3072) == figures(text, "activation_bytes", "peak_activation_bytes")


def test_activations_of_resnet50_are_what_owns_memory() -> None:
    """Every convolution, pooling and sum owns a map, four bytes a value; norms and activations run in place.

    A stage of N blocks has, in each block, a 1x1 and a 3x3 convolution of width w, a 1x1 of width 4w and a sum of
    width 4w, and one shortcut of width 4w.
    """
    values = 112 * 112 * 64 + 56 * 56 * 64  # the first convolution, the pooling
    for side, width, blocks in ((56, 64, 3), (28, 128, 4), (14, 256, 6), (7, 512, 3)):
        values += side * side * (2 * blocks * width + (2 * blocks + 1) * 4 * width)
    values += 2048 + 1000  # the mean, the classes

    assert 65_240_992 == 4 * values
    assert 65_240_992 == costcalc.load("resnet50").ledger()["activation_bytes"]


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("resnet50", 9_633_792),
        ("mobilenet_v2", 6_021_120),
        ("vgg16@norm=bn", 25_690_112),
    ],
)
def test_peaks_with_norms_folded(network: str, expected: int) -> None:
    """Norms run in place, so folding them away changes no peak."""
    assert expected == costcalc.load(f"{network}@fold-norm").ledger()["peak_activation_bytes"]
    assert expected == costcalc.load(network).ledger()["peak_activation_bytes"]


SUMMED = [name for name in costcalc.MEASURES if name not in TOTALS]
SAVED = ("kept_activation_bytes", "saved_activation_bytes", "training_bytes")


@given(st.data(), st.sampled_from(list(Dtype)), st.sampled_from(["paper", "flops"]))
def test_two_spellings_of_one_graph_cost_the_same(data: Any, dtype: Dtype, convention: str) -> None:
    """Whatever stands in a row of its own, after a view, in a block, or under another name."""
    rows = data.draw(bodies())
    first, second = written(rows), data.draw(rewritten(rows))
    one, other = (costcalc.from_spec(text).ledger(convention, dtype) for text in (first, second))
    event("other words" if first.count("\n") != second.count("\n") else "other names")

    masks = first.count("op: dropout") != second.count("op: dropout")  # a view at inference, a mask in training
    for name in (one.total, *(name for name in SUMMED if not (masks and name in SAVED))):
        assert one[name] == other[name], (name, first, second)


@given(st.data(), st.sampled_from(list(Dtype)))
def test_a_grid_has_the_figures_of_its_points(data: Any, dtype: Dtype) -> None:
    """In every measure, for graphs of all kinds."""
    text = data.draw(rewritten(data.draw(bodies())))
    network = costcalc.from_spec(text)
    columns = columns_named(["mult_adds", *SUMMED])
    axes = {"w": [1, 3], "resolution": [5, 6, 9], "batch": [1, 3]}
    plan = plan_sweep([network], axes, Counting.of("paper", dtype), columns)
    for row in sweep_rows(plan, skip_invalid=False).rows:
        ledger = costcalc.from_spec(text, **{key: row[key] for key in axes}).ledger(dtype=dtype)
        for column in columns:
            figure = ledger[column.name]
            assert (None if figure is None else float(figure)) == row[column.word] or figure == row[column.word]
