"""What a file writes in short: variants that are products, and tables of published figures."""

from __future__ import annotations

import costcalc
from costcalc.analysis.verify import verdict_of, verify
from costcalc.spec import catalogue
from costcalc.spec.loader import load_source
from costcalc.spec.model import Spec
from costcalc.spec.tree import Source

HEAD = """
costcalc: 1
name: net
input: 8x8x4
settings: {groups: 1}
layers:
- {op: conv, k: 1, c: 8, g: groups}
"""
PRODUCTS = """
variants:
  net_x{alpha}_g{groups}: {title: "Net {alpha}x, {groups} groups", alpha: [0.5, 2.0], groups: [1, 2]}
also:
  library/{variant}: {variant: [net_x0_5_g1, net_x2_0_g1], batch: 2}
"""
TABLES = """
published:
- columns: [alpha, groups, mult_adds, params]
  at: Table 1
  rows:
  - [_, _, 2048, 32]
  - [2, 2, 1024]
  - [_, _, 2048, {params: 32, at: Table 2, because: of the page}]
- {alpha: 2, params: 32, at: Table 3}
"""


def read(text: str) -> Spec:
    return load_source(Source.of("<text>", HEAD + text), catalogue.find_blocks)


def test_products_of_variants() -> None:
    """One for each value of each list; the last list changes first; a library's names by the variants' own."""
    spec = read(PRODUCTS)

    assert {
        "net_x0_5_g1": "Net 0.5x, 1 groups",
        "net_x0_5_g2": "Net 0.5x, 2 groups",
        "net_x2_0_g1": "Net 2.0x, 1 groups",
        "net_x2_0_g2": "Net 2.0x, 2 groups",
    } == {name: variant.sections.title for name, variant in spec.variants.items()}
    assert {"alpha": 2, "groups": 2} == spec.variants["net_x2_0_g2"].settings
    assert {"library/net_x0_5_g1": "net_x0_5_g1", "library/net_x2_0_g1": "net_x2_0_g1"} == {
        name: variant.base for name, variant in spec.also.items()
    }


def test_the_catalogue_finds_the_names_of_products() -> None:
    assert "shufflenet_v1_g{groups}_x{alpha}:" in catalogue.find("shufflenet_v1").scope.source.text
    assert (8, 1.5) == tuple(costcalc.load("shufflenet_v1_g8_x1_5").settings[key] for key in ("groups", "alpha"))


def test_tables_of_published_figures() -> None:
    """A table is its rows written by themselves: columns, what its rows share, what one says at its end."""
    alone = """
published:
- {mult_adds: 2048, params: 32, at: Table 1}
- {alpha: 2, groups: 2, mult_adds: 1024, at: Table 1}
- {mult_adds: 2048, params: 32, at: Table 2, because: of the page}
- {alpha: 2, params: 32, at: Table 3}
"""
    assert verify(read(alone)) == verify(read(TABLES))
    assert ["exact"] * 6 == [check.verdict for check in verify(read(TABLES))]


def test_verdicts_of_printed_figures() -> None:
    """Cut off are two or more of the count's own digits; a reason of the file comes before. A bound must hold."""
    found = [verdict_of(printed, 568_740_352, because) for printed, because in PRINTED]

    assert ["exact", "agrees", "cut off", "cut off", "differs", *["unexplained"] * 3, "agrees", "unexplained"] == found


PRINTED = [
    ("568,740,352", ""), ("568.7M", ""), ("568M", ""), ("56e7", ""), ("568M", "a reason"), ("567M", ""), ("570M", ""),
    ("0.5G", ""), (">568M", ""), (">600M", ""),
]  # fmt: skip
