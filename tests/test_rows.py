"""Ways to write a row: whole, ended early, with more said at its end, or in full. All make the same network."""

from __future__ import annotations

import pytest

import costcalc
from costcalc.errors import Place, SpecError
from costcalc.graph import Graph

HEAD = """
costcalc: 1
name: rows
input: 32x32x8
widths: {scale: alpha, round: round8}
blocks:
  bottleneck:
    args: [t, c, s, {act: relu}]
    body:
    - {op: conv, k: 1, c: t * x.c, act: act}
    - {op: dwconv, k: 3, s: s, d: 1}
    - {op: conv, k: 1, c: c}
defaults:
  conv: {g: 1}
layers:
"""
WHOLE = """
  columns: [name, op,         k, t, c,  s, n, norm, act,    when]
  rows:
  - [first,       conv,       3, _, 16, 2, _, bn,   relu,   _]
  - [_,           conv,       3, _, 16, 1, _, _,    _,      _]
  - [_,           bottleneck, _, 2, 24, 2, 2, _,    _,      _]
  - [_,           bottleneck, _, 6, 32, 1, 1, _,    hswish, alpha > 0]
  - [last,        gap,        _, _, _,  _, _, _,    _,      _]
  - [_,           linear,     _, _, 10, _, _, _,    _,      _]
"""
SHORT = """
  columns: [op, c,  s, t, n]
  rows:
  - [conv,      16, 2, {name: first, k: 3, norm: bn, act: relu}]
  - [conv,      16, {k: 3}]
  - {op: bottleneck, c: 24, s: 2, t: 2, n: 2}
  - [bottleneck, 32, 1, _, 1, {t: 6, act: hswish, when: alpha > 0}]
  - last: {op: gap}
  - [linear,    10]
"""


def graph(layers: str, **settings: object) -> Graph:
    """The graph of a spec with these layers, without the places of its rows."""
    found = costcalc.from_spec(HEAD + layers, **settings).graph
    return found._replace(nodes=tuple(node._replace(place=Place("", 1, 1)) for node in found.nodes))


def test_rows_of_all_kinds_make_one_network() -> None:
    """At another width too: what is a width does not depend on how the row is written."""
    assert len(graph(WHOLE).nodes) == 18
    assert graph(WHOLE) == graph(SHORT)
    assert graph(WHOLE, alpha="0.5") == graph(SHORT, alpha="0.5") != graph(WHOLE)


TAPS = """
blocks:
  pair1:
    args: [c]
    body:
    - {op: conv, k: 3, c: c, n: 2}
    - {op: conv, k: 1, c: c, from: conv1}
    - {op: add, from: [conv2, conv3]}
layers:
  columns: [op, c, s, n, from]
  rows:
  - [conv, 8, 2]
  - [pair1, 8, _, 3]
  - [conv, 8, {when: alpha > 1}]
  - [conv, 8]
  - [conv, 8, {name: deep, n: 2}]
  - [concat, {from: [FROM]}]
"""


def test_from_takes_the_names_that_a_report_shows() -> None:
    """Of a row, of each copy, within a block; numbers are those of the rows that are there."""
    head = HEAD[: HEAD.index("widths")]
    found = costcalc.from_spec(head + TAPS.replace("FROM", "conv1, pair12, conv2, deep_1")).graph
    layers = [node.layer for node in found.nodes]

    assert ["conv1", "pair12.add1", "conv2", "deep_1"] == [layers[index] for index in found.nodes[-1].inputs]
    adds = [node for node in found.nodes if node.layer == "pair13.add1"]
    assert [["pair13.conv2", "pair13.conv3"]] == [[layers[index] for index in node.inputs] for node in adds]
    assert ["pair11.conv1"] == [layers[index] for index in found.nodes[layers.index("pair11.conv3")].inputs]


@pytest.mark.parametrize("said", ["1x1x64", "1x64", "64"])
def test_sizes_that_a_row_leaves_out_are_ones(said: str) -> None:
    text = f"costcalc: 1\nname: t\ninput: SIZE\nlayers:\n- {{in: {said}, op: relu}}\n"

    assert 64 == costcalc.from_spec(text.replace("SIZE", "1x1x64")).graph.nodes[0].output.elements
    with pytest.raises(SpecError, match=f"the table says {said}, but 2x1x64 arrives"):
        _ = costcalc.from_spec(text.replace("SIZE", "2x1x64")).graph


def test_a_given_name_comes_before_a_number() -> None:
    text = """
layers:
- {op: conv, c: 8}
- conv1: {op: dwconv}
- {op: conv, c: 8}
- {op: add, from: [conv1, conv2]}
"""
    found = costcalc.from_spec(HEAD[: HEAD.index("widths")] + text).graph

    assert ["dwconv", "conv"] == [found.nodes[index].operator.name for index in found.nodes[-1].inputs]
