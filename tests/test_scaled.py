"""Which widths alpha scales: all but the one that the table puts out; `show` marks them."""

from __future__ import annotations

import re

import pytest

import costcalc

WIDTHS = {"implicit": "", "a rule of its own": "widths: {scale: alpha, round: round8}\n"}
BLOCKS = """\
blocks:
  head:
    args: [hidden, c]
    body:
    - {op: linear, out: hidden, act: relu}
    - {op: linear, out: c}
  gate:
    body:
    - scale: {op: conv, k: 1, out: x.c}
    - {op: mul, from: [x, scale]}
  own:
    args: [c]
    body:
    - {op: conv, k: 1, out: c}
    - {op: conv, k: 1, out: =7}
"""


def widths(text: str, **settings: str) -> list[int]:
    """The channels of each layer that has a width of its own."""
    graph = costcalc.from_spec(text, **settings).graph
    return [int(node.output.channels) for node in graph.nodes if hasattr(node.operator, "out")]


@pytest.mark.parametrize("rule", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param("- {op: gap}\n- {op: linear, out: 10}\n- {op: softmax}\n", [8, 10], id="linear"),
        pytest.param("- {op: conv, k: 1, out: 10}\n- {op: gap}\n", [8, 10], id="convolution before the pooling"),
        pytest.param("- {op: gap}\n- {op: head, hidden: 32, c: 10}\n", [8, 16, 10], id="an argument of a block"),
        pytest.param("- {op: conv, k: 1, out: 10}\n- {op: gate}\n", [8, 10, 10], id="before a gate"),
        pytest.param("- {op: own, c: 32}\n", [8, 16, 7], id="decided within the block"),
        pytest.param("- a: {op: conv, out: 32}\n- {op: concat, from: [a, x]}\n", [8, 16], id="a join"),
    ],
)
def test_the_last_width_is_the_number_of_classes(rule: str, rows: str, expected: list[int]) -> None:
    """Whether the file has a rule of its own or not; what is joined or decided within a block is no such width."""
    layers = "layers:\n- {op: conv, k: 3, out: 16}\n" + rows
    text = f"costcalc: 1\nname: t\ninput: 8x8x3\n{rule}{BLOCKS}{layers}"

    assert expected == widths(text, alpha="1/2")


def test_a_rule_that_says_no_rounding_is_that_of_multiples_of_8() -> None:
    """16 for 13.5, 24 for 20; the last is final."""
    head = "costcalc: 1\nname: t\ninput: 8x8x3\nwidths: {scale: alpha}\nlayers:\n"
    rows = "- {op: conv, out: 27}\n- {op: conv, out: 40}\n- {op: conv, out: 7}\n"

    assert [16, 24, 7] == widths(head + rows, alpha="1/2")


def test_depths_scale_rows_of_the_table_alone() -> None:
    """Twice the blocks, each with its two convolutions; `=3` is final."""
    head = "costcalc: 1\nname: t\ninput: 8x8x3\nsettings: {deep: {default: 1}}\ndepths: {scale: deep, round: ceil}\n"
    rows = "blocks: {two: {body: [{op: conv, out: 4, n: 2}]}}\nlayers:\n- {op: two, n: 2}\n- {op: gap, n: =3}\n"
    found = costcalc.from_spec(head + rows, deep="3/2").graph

    assert ["conv"] * (3 * 2) + ["gap"] * 3 == [node.operator.name for node in found.nodes]


def test_show_marks_what_alpha_scales() -> None:
    """At whatever alpha; the width that leaves is final, depthwise convolutions have none of their own."""
    lines = costcalc.load("mobilenet_v1", alpha="0.25").resolved().splitlines()

    assert "# alpha after a layer: it scales the layer's width" in lines
    assert "- conv1: {op: conv, out: =8, k: 3, stride: 2, norm: bn, act: relu}  # alpha" in lines
    assert 14 == sum(line.endswith("  # alpha") for line in lines)
    assert "- linear1: {op: linear, out: =1000}" in lines


@pytest.mark.parametrize("structured", [False, True])
def test_show_names_default_kernels(structured: bool) -> None:
    layers = "- {op: conv, out: 8}\n- {op: dwconv}\n- {op: maxpool, k: 2}\n- {op: conv_transpose, out: 4}\n"
    text = costcalc.from_spec(f"costcalc: 1\nname: t\ninput: 8x8x3\nlayers:\n{layers}").resolved(structured)
    kernels = re.findall(r"k: (\d)|, +(\d), ", text)

    assert ["1", "3", "2", "2"] == ["".join(kernel) for kernel in kernels]


CHANNELS_FIRST = "note: input 3x224x224 has 224 channels, for they stand last; is 224x224x3 meant?"


@pytest.mark.parametrize(
    ("size", "note"),
    [
        ("3x224x224", CHANNELS_FIRST),
        ("1x28x28", "note: input 1x28x28 has 28 channels, for they stand last; is 28x28x1 meant?"),
        ("3x16x112x112", "note: input 3x16x112x112 has 112 channels, for they stand last; is 16x112x112x3 meant?"),
        ("32x32", "note: input 32x32 is 32 positions of 32 channels; an image has three sizes, as 32x32x3"),
        ("224x224x3", ""),
        ("1x196x768", ""),
        ("16000x1", ""),
        ("3x3x3", ""),
    ],
)
def test_inputs_that_may_be_meant_otherwise(size: str, note: str) -> None:
    report = costcalc.from_spec(f"costcalc: 1\nname: t\ninput: {size}\nlayers:\n- {{op: conv, out: 8}}\n").report()

    assert [note] * bool(note) == [line for line in report.notes if line.startswith("note:")]


def test_classes_that_alpha_scales() -> None:
    """Of each output that is not the last row's, unless its width is final."""
    heads = "- {op: linear, out: 7}\n- {op: linear, out: =9, from: x}\n- {op: linear, out: 10, from: x}\n"
    text = f"costcalc: 1\nname: t\ninput: 8x8x3\nlayers:\n- x1: {{op: conv, out: 32}}\n- x2: {{op: gap}}\n{heads}"
    report = costcalc.from_spec(text.replace("from: x", "from: x2"), alpha="1/2").report()

    note = "note: alpha scales the outputs of linear1: 8 at alpha 0.5, 7 at 1; a width written with = in front stays"
    assert [note] == [line for line in report.notes if line.startswith("note:")]
    assert note in report.render("markdown")
