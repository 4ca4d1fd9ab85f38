"""Which widths alpha scales: all but the one that the table puts out; `show` marks them."""

from __future__ import annotations

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
