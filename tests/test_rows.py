"""Ways to write a row: whole, ended early, with more said at its end, or in full. All make the same network."""

from __future__ import annotations

import costcalc
from costcalc.errors import Place
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
