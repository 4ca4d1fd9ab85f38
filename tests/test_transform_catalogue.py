"""Every network of the catalogue under each transform: there and back, as text, in a sweep."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest
from catalogued import each
from hypothesis import given, settings
from hypothesis import strategies as st
from recipes import network

import costcalc
from costcalc.errors import UsageError
from costcalc.graph import Graph, walk
from costcalc.operators import COUNTERS
from costcalc.spec import catalogue
from costcalc.transform.separable import pairs_of
from costcalc.transform.steps import read_steps, rewrite, transforms
from costcalc.typed.columns import USUAL

NAMES = [name for spec in catalogue.specs() for name in spec.names]
SMALL = ["channelnet_v3_code", "lenet5", "mobilenet_v1", "mobilenet_v3_small", "seresnet18", "ssd_prediction"]
SAMPLE = each(sorted({*random.Random(1704).sample(NAMES, 12), *SMALL, "shufflenet_v1", "xception"}), SMALL)
"""Networks for the laws that walk each transform of a network; by default small ones, in which each finds a place."""


def cost_of(graph: Graph) -> dict[str, int]:
    """Every counter, added up over the nodes."""
    totals = Counter(dict.fromkeys(COUNTERS, 0))
    for cost in walk(graph):
        totals.update(dict(zip(COUNTERS, cost.counters, strict=True)))
    return dict(totals)


@pytest.mark.parametrize("name", each(NAMES))
def test_standard_and_back(name: str) -> None:
    """`@standard@separable` is the network again: every layer, counter and shape, whatever stood between the two."""
    plain = costcalc.load(name).graph
    pairs = len(pairs_of(plain))
    if not pairs:
        assert 0 == transforms()["standard"].function(plain, 0)[1]
        return
    back, applied = rewrite(plain, read_steps("standard@separable"))

    assert [pairs, pairs] == [one.places for one in applied]
    assert cost_of(plain) == cost_of(back)
    assert Counter((n.layer, n.operator, str(n.output)) for n in plain.nodes) == Counter(
        (n.layer, n.operator, str(n.output)) for n in back.nodes
    )


def test_the_counters_can_differ() -> None:
    pair = "- {op: dwconv, k: 3, stride: 2, norm: bn, act: relu}\n- {op: conv, out: 6, norm: bn, act: relu6}\n"
    assert cost_of(network(pair).graph) != cost_of(network(pair, "standard").graph)


def test_after_a_round_trip_separable_is_itself_again() -> None:
    """Xception has one more convolution with a window than its first: @separable alone changes it, the reverse not."""
    places = [applied.places for applied in costcalc.load("xception@standard@separable@separable").transforms]

    assert [34, 34, 1] == places


def transformed(name: str) -> list[costcalc.Network]:
    """A network with each transform that finds a place in it."""
    found = []
    for word, known in sorted(transforms().items()):
        one = costcalc.load(f"{name}@{word}" + ("=3" if known.takes else ""))
        try:
            assert one.graph
        except UsageError as error:
            assert f"@{one.steps[0]} changes nothing in this network" == error.message
            assert known.seeks == error.expected
        else:
            found.append(one)
    return found


@pytest.mark.parametrize("name", SAMPLE)
def test_every_transformed_network_walks_and_dumps(name: str) -> None:
    """Rows add up, names are unique, outputs keep their shapes, and the dump is a spec of the same cost."""
    plain = costcalc.load(name).graph
    for one in transformed(name):
        totals = one.report().totals
        again = costcalc.from_spec(one.resolved()).ledger()

        assert [totals[name] for name in costcalc.MEASURES if name != "flops"] == [
            again[name] for name in costcalc.MEASURES if name != "flops"
        ], one.name
        assert totals.total == sum(row.total for row in one.report().layers)
        assert Counter(str(plain.shape(i)) for i in plain.outputs) == Counter(
            str(one.graph.shape(i)) for i in one.graph.outputs
        )
        kept = [node.layer for node in one.graph.nodes]
        assert len(set(kept)) == sum(a != b for a, b in zip(["", *kept], kept, strict=False)), "layers in one piece"


@settings(max_examples=settings().max_examples // 2)
@given(
    st.sampled_from(["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "vgg16"]),
    st.lists(st.sampled_from(["standard", "separable", "pointwise-first", "no-se", "fold-norm", "spatial", "rank=7"]),
             min_size=1, max_size=3),
    st.lists(st.fractions(Fraction(1, 8), 2, max_denominator=20), min_size=1, max_size=2, unique=True),
)  # fmt: skip
def test_a_sweep_of_a_transformed_network_is_its_reports(name: str, steps: list[str], alphas: list[Fraction]) -> None:
    """Or has no point at all where the report is an error."""
    full = "@".join([name, *steps])
    swept = costcalc.sweep(full, axes={"alpha": alphas, "resolution": [96, 131]}, skip_invalid=True)
    for row in swept.rows:
        totals = costcalc.load(full, alpha=row["alpha"], resolution=row["resolution"]).report().totals
        expected = {"mult_adds": totals.total, **{key: totals[key] for key in USUAL}}

        assert expected == {key: row[key] for key in expected}
    for alpha in alphas if not swept.rows else []:
        with pytest.raises(UsageError):
            costcalc.load(full, alpha=alpha, resolution=96).report()
