"""What a library does otherwise, said as changes of rows, is the network with those rows written anew."""

from __future__ import annotations

from costcalc.errors import Place
from costcalc.graph import Graph, bind, expand
from costcalc.spec import catalogue
from costcalc.spec.loader import load_source
from costcalc.spec.tree import Source

TEXT = """
costcalc: 1
name: net
input: 16x16x8
widths: {scale: alpha, round: round8}
defaults:
  conv: {bias: true, act: relu}
blocks:
  pair:
    args: [c, s]
    body:
    - {op: conv, k: 1, c: c}
    - {op: conv, k: 3, s: s, c: 16}
    - last: {op: conv, k: 1, c: c, when: s == 2}
layers:
  columns: [name, in, op, c, s, n, from]
  rows:
  - [_,    16x16x8,  conv, 16, 2]
  - [_,    8x8x16,   lrn]
  - [tall, 8x8x16,   pair, 32, 1]
  - [_,    8x8x16,   pair, 32, 2]
  - [pool, 4x4x32,   maxpool, {k: 3, s: 2}]
  - [_,    1x1x32,   gap]
  - [_,    1x1x32,   linear, =10]
"""
PATCH = """
also:
  lib/net:
    defaults: {conv: {bias: _, norm: bn}, dwconv: {act: relu6}}
    rows:
      lrn: none
      conv1: {k: 5, in: _}
      pair: {s: 1, n: 2}
      pool: {op: avgpool, k: 2, s: 2}
      pair.conv2: {op: dwconv, k: 5, s: s}
      pair.last: {when: _, c: 24}
  lib/twice: {variant: small, rows: {pair.conv1: {k: 3}}}
  lib/{variant}_short: {variant: [net, small], rows: {tall: none}}
variants:
  small: {alpha: 0.5, rows: {tall: {c: 16}}}
"""
WRITTEN = """
costcalc: 1
name: net
input: 16x16x8
widths: {scale: alpha, round: round8}
defaults:
  conv: {norm: bn, act: relu}
  dwconv: {act: relu6}
blocks:
  pair:
    args: [c, s]
    body:
    - {op: conv, k: 1, c: c}
    - {op: dwconv, k: 5, s: s}
    - last: {op: conv, k: 1, c: 24}
layers:
  columns: [name, op, c, s, n]
  rows:
  - [_,    conv, 16, 2, {k: 5}]
  - [tall, pair, 32, 1]
  - [_,    pair, 32, 1, 2]
  - [pool, avgpool, {k: 2, s: 2}]
  - [_,    gap]
  - [_,    linear, =10]
"""


ADDED = """
let: {wide: 4 * alpha, tall: 2 * wide, last: tall + 8}
layers:
- {op: conv, k: 1, c: =last}
- {op: relu}
- {op: gap}
- {op: linear, c: =10}
blocks:
  own: {args: [c], body: [{op: conv, k: 3, c: c}, {op: relu}]}
"""
LIBRARY = """
also:
  lib:
    alpha: 2
    widths: {scale: 1}
    let: {tall: 3 * wide}
    rows:
      relu: {before: {op: own, c: 24}, after: [{op: bn}, tail: {op: own, c: 40}]}
      linear: {before: {op: dropout}, c: =20}
      own.conv: {k: 1, after: {op: bn}}
  lib/net: {}
  lib/small: {alpha: 1, let: {last: tall}, rows: {bn1: none, tail: {op: relu, before: {op: relu6}}}}
  lib/{variant}_2: {variant: [net, other]}
  other/net: {}
variants:
  other:
    let: {wide: 8 * alpha, last: tall}
    layers: [{op: conv, k: 3, c: =last}, {op: relu}, {op: gap}, {op: linear, c: =10}]
"""
HEAD = "costcalc: 1\nname: net\ninput: 16x16x8\n"


def written(alpha: int, lets: str, rows: str) -> str:
    """The network as it is if everything is written for itself."""
    block = "blocks:\n  own: {args: [c], body: [{op: conv, k: 1, c: =c}, {op: bn}, {op: relu}]}\n"
    return f"{HEAD}settings: {{alpha: {alpha}}}\nwidths: {{scale: 1}}\nlet: {{{lets}}}\n{block}layers:\n{rows}"


def graph(text: str, name: str, **settings: object) -> Graph:
    """The graph of a spec's network, without the places of its rows."""
    spec = load_source(Source.of("<text>", text), catalogue.find_blocks)
    found = expand(bind(spec, name, settings))
    return found._replace(nodes=tuple(node._replace(place=Place("", 1, 1)) for node in found.nodes))


def test_a_patch_is_the_rows_written_anew() -> None:
    """Fields, rows left out or in another's place, entries of blocks, defaults; at another width too."""
    for settings in ({}, {"alpha": "2"}):
        assert graph(WRITTEN, "net", **settings) == graph(TEXT + PATCH, "lib/net", **settings)
    assert graph(TEXT, "net") == graph(TEXT + PATCH, "net")


def test_patches_on_patches() -> None:
    """A variant's own patch comes after that of what it is built on."""
    small = graph(TEXT.replace("pair, 32, 1", "pair, 16, 1"), "net", alpha="0.5")
    twice = TEXT.replace("pair, 32, 1", "pair, 16, 1").replace("conv, k: 1, c: c}", "conv, k: 3, c: c}")
    without = TEXT.replace("  - [tall, 8x8x16,   pair, 32, 1]\n", "")

    assert small == graph(TEXT + PATCH, "small")
    assert graph(twice, "net", alpha="0.5") == graph(TEXT + PATCH, "lib/twice")
    assert graph(without, "net") == graph(TEXT + PATCH, "lib/net_short")
    assert graph(without, "net", alpha="0.5") == graph(TEXT + PATCH, "lib/small_short")


def test_rows_that_are_added_and_names_defined_anew() -> None:
    """For all names of a library, before what one of them says of itself; not for other libraries' names."""
    text = HEAD + ADDED + LIBRARY
    net = """
- {op: conv, k: 1, c: =last}
- {op: own, c: 24}
- {op: relu}
- {op: bn}
- tail: {op: own, c: 40}
- {op: gap}
- {op: dropout}
- {op: linear, c: =20}
"""
    small = net.replace("- {op: bn}\n", "").replace("- tail: {op: own, c: 40}", "- {op: relu6}\n- tail: {op: relu}")

    assert graph(written(2, "last: 3 * 8 + 8", net), "net") == graph(text, "lib/net") == graph(text, "lib/net_2")
    assert graph(written(1, "last: 3 * 4", small), "net") == graph(text, "lib/small")
    assert graph(written(2, "last: 3 * 8 * 2", net.replace("k: 1", "k: 3", 1)), "net") == graph(text, "lib/other_2")
    assert graph(HEAD + ADDED, "net") == graph(text, "net") == graph(text, "other/net")
