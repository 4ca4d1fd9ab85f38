"""Transforms: what each does to small specs and to networks of papers, chains, laws over the catalogue, wrong input."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from click.testing import CliRunner
from recipes import network

import costcalc
from costcalc.cli import main
from costcalc.errors import UsageError
from costcalc.graph import bind, expand, walk
from costcalc.spec import catalogue
from costcalc.transform.steps import transforms


def layers_of(one: costcalc.Network) -> list[tuple[str, str, str]]:
    """Each node's layer, operator and output."""
    return [(node.layer, node.operator.kind(), str(node.output)) for node in one.graph.nodes]


def figures(one: costcalc.Network) -> tuple[int, int, int]:
    """Mult-Adds, parameters and weights."""
    totals = one.report().totals
    return totals.total, totals.params, totals.weights


CONV = "- {op: conv, k: 3, out: 4}\n"
PAIR = "- {op: dwconv, k: 3, stride: 2, norm: bn, act: relu}\n- {op: conv, out: 6, norm: bn, act: relu6}\n"


def test_one_small_convolution_by_hand() -> None:
    """[64x64x3] -> [64x64x4] with 3x3: 108 weights against 27 + 12, at 64 x 64 positions; the ratio is 1/4 + 1/9."""
    standard, separable = network(CONV, size="64x64x3"), network(CONV, "separable", "64x64x3")

    assert (442_368, 108, 108) == figures(standard)
    assert (159_744, 39, 39) == figures(separable)
    assert [27, 12] == [cost.counters.weights for cost in walk(separable.graph)]
    assert Fraction(1, 4) + Fraction(1, 9) == Fraction(159_744, 442_368)


@pytest.mark.parametrize(
    ("layers", "steps", "mult_adds", "params"),
    [
        ("- {op: dwconv, bias: true}\n- {op: conv, out: 6}", "standard", 64 * 9 * 4 * 6, 9 * 4 * 6),
        ("- {op: dwconv}\n- {op: conv, out: 6, bias: true}", "standard", 64 * 9 * 4 * 6, 9 * 4 * 6 + 6),
        ("- {op: dwconv, dilation: 2, pad: 0}\n- {op: conv, out: 6}", "standard", 16 * 9 * 4 * 6, 9 * 4 * 6),
        ("- {op: dwconv, pad: 0}\n- {op: conv, out: 6}", "standard", 36 * 9 * 4 * 6, 9 * 4 * 6),
        ("- {op: conv, k: 3, out: 6, dilation: 2, pad: 0, bias: true}", "separable", 16 * 4 * (9 + 6), 4 * 10 + 6 * 5),
        ("- {op: dwconv, bias: true}\n- {op: conv, out: 6}", "pointwise-first", 64 * 6 * (4 + 9), 4 * 6 + 6 + 9 * 6),
        ("- {op: dwconv}\n- {op: conv, out: 6, bias: true}", "pointwise-first", 64 * 6 * (4 + 9), 4 * 6 + 9 * 6 + 6),
        ("- {op: dwconv, multiplier: 2}", "spatial", 64 * 8 * (3 + 3), 8 * (3 + 3)),
    ],
)
def test_fields_of_both_halves(layers: str, steps: str, mult_adds: int, params: int) -> None:
    """Dilation and padding are the window's; biases stay where they stand."""
    assert (mult_adds, params) == figures(network(layers, steps))[:2]


def test_mobilenet_of_table_4() -> None:
    """Conv MobileNet: the paper's 4866M are the convolutions, its 29.3M parameters everything."""
    report = costcalc.load("mobilenet_v1@standard").report()
    convolutions = sum(row.total for row in report.layers if row.op == "conv")

    assert "4866" == str(convolutions)[:-6]
    assert 29_294_088 == report.params
    assert 13 == report.transforms[0].places


def test_one_layer_of_table_3() -> None:
    """The full convolution and the separable layer of MobileNet's Table 3 are each other's transform."""
    conv, pair = "mobilenet_v1_one_conv", "mobilenet_v1_one_separable"

    assert figures(costcalc.load(pair)) == figures(costcalc.load(f"{conv}@separable"))
    assert figures(costcalc.load(conv)) == figures(costcalc.load(f"{pair}@standard"))
    assert figures(costcalc.load(conv))[0] > 8 * figures(costcalc.load(pair))[0]


def test_standard_takes_out_what_stands_between() -> None:
    """One 3x3 convolution of the pair's stride; the norm and activation after the pointwise stay."""
    assert [("conv1", "conv 3x3", "4x4x6"), ("conv1", "bn", "4x4x6"), ("conv1", "relu6", "4x4x6")] == layers_of(
        network(PAIR, "standard")
    )
    assert (4 * 4 * 9 * 4 * 6, 9 * 4 * 6 + 2 * 6, 9 * 4 * 6) == figures(network(PAIR, "standard"))


def test_a_convolution_with_a_group_per_channel_is_depthwise() -> None:
    grouped = "- {op: conv, k: 3, out: 4, groups: 4}\n- {op: conv, out: 6}\n"

    assert [("conv2", "conv 3x3", "8x8x6")] == layers_of(network(grouped, "standard"))
    assert layers_of(network(grouped)) == layers_of(network(grouped, "standard@separable"))


@pytest.mark.parametrize(
    "layers",
    [
        "- {op: dwconv, multiplier: 2}\n- {op: conv, out: 6}\n",
        "- {op: dwconv, k: 1}\n- {op: conv, out: 6}\n",
        "- {op: dwconv}\n- {op: conv, out: 6, k: 3}\n",
        "- {op: dwconv}\n- {op: conv, out: 6, stride: 2}\n",
        "- {op: dwconv}\n- {op: conv, out: 6, pad: 1}\n",
        "- {op: dwconv}\n- {op: conv, out: 6, groups: 2}\n",
        "- {op: dwconv}\n- {op: maxpool, k: 2, stride: 2}\n- {op: conv, out: 6}\n",
        "- a: {op: dwconv}\n- b: {op: conv, out: 4}\n- {op: add, from: [a, b]}\n",
    ],
)
def test_what_is_no_pair(layers: str) -> None:
    """A multiplier, no window, another pointwise than 1x1 of stride 1, a pooling between, a second reader."""
    with pytest.raises(UsageError, match="@standard changes nothing in this network"):
        network(layers, "standard").report()


def test_separable_spares_the_first_convolution_unless_it_is_the_only_one() -> None:
    two = "- {op: conv, k: 3, out: 8, stride: 2}\n- {op: conv, k: 5, out: 6, bias: true, norm: bn, act: relu}\n"

    assert [
        ("conv1", "conv 3x3", "4x4x8"),
        ("conv2.dwconv", "dwconv 5x5", "4x4x8"),
        ("conv2.dwconv", "bn", "4x4x8"),
        ("conv2.dwconv", "relu", "4x4x8"),
        ("conv2", "conv 1x1", "4x4x6"),
        ("conv2", "bn", "4x4x6"),
        ("conv2", "relu", "4x4x6"),
    ] == layers_of(network(two, "separable"))
    assert [True, True] == [
        node.operator.bias for node in network(two, "separable").graph.nodes[1:] if hasattr(node.operator, "bias")
    ]


def test_pointwise_first() -> None:
    """112x112x32 -> 112x112x64: 9 x 32 + 32 x 64 per position against 32 x 64 + 9 x 64."""
    pair = "- {op: dwconv, norm: bn}\n- {op: conv, out: 64, norm: bn, act: relu}\n"
    swapped = network(pair, "pointwise-first", "112x112x32")

    assert 12_544 * (288 + 2_048) == figures(network(pair, "", "112x112x32"))[0]
    assert 12_544 * (2_048 + 576) == figures(swapped)[0]
    assert ["conv 1x1", "bn", "dwconv 3x3", "bn", "relu"] == [kind for _, kind, _ in layers_of(swapped)]
    assert ["conv1", "conv1", "dwconv1", "dwconv1", "dwconv1"] == [layer for layer, _, _ in layers_of(swapped)]


def test_no_se_is_the_network_without() -> None:
    plain, cut = costcalc.load("resnet50"), costcalc.load("seresnet50@no-se")

    assert figures(plain) == figures(cut)
    assert 16 == cut.transforms[0].places
    kinds = [Counter(node.operator.kind() for node in one.graph.nodes) for one in (plain, cut)]
    assert kinds[0] == kinds[1]


def test_a_gate_of_another_map_stays() -> None:
    """The gate must come from the pooling of the very map that it multiplies."""
    gate = "- b: {op: conv, out: 4}\n- {op: gap}\n- {op: conv, out: 4, act: sigmoid}\n- g: {op: identity}\n"
    other = "- a: {op: conv, out: 4}\n" + gate + "- {op: mul, from: [a, g]}\n"

    with pytest.raises(UsageError, match="@no-se changes nothing"):
        network(other, "no-se").report()
    own = network(other.replace("[a, g]", "[b, g]"), "no-se")
    assert ["conv 1x1", "conv 1x1"] == [kind for _, kind, _ in layers_of(own)]
    everywhere = "- b: {op: conv, out: 4}\n- g: {op: maxpool, k: 3, stride: 1, pad: 1}\n- {op: mul, from: [b, g]}\n"
    with pytest.raises(UsageError, match="@no-se changes nothing"):
        network(everywhere, "no-se").report()


def test_fold_norm() -> None:
    """A bias for a scale and a shift: 6 parameters for 12, no running statistics, and no more Mult-Adds."""
    conv = "- {op: conv, k: 3, out: 6, norm: bn, act: relu}\n"
    plain, folded = network(conv).report().totals, network(conv, "fold-norm").report().totals

    assert (216 + 12, 12, 216) == (plain.params, plain.buffers, plain.weights)
    assert (216 + 6, 0, 216) == (folded.params, folded.buffers, folded.weights)
    assert plain.total == folded.total


def test_what_a_row_declares_stays() -> None:
    """One byte for each of 256 values, of 16 weights and of 4 biases."""
    found = network("- {op: conv, out: 4, norm: bn, dtype: int8}\n", "fold-norm").ledger()

    assert (256, 16 + 4) == (found["activation_bytes"], found["weight_bytes"])


def test_fold_norm_leaves_what_it_cannot_take() -> None:
    """A norm in front of its convolution, of one that another layer reads, of a constant, gates, or others' weights."""
    before = "- {op: bn}\n- {op: conv, k: 3, out: 4}\n"
    shared = "- a: {op: conv, out: 4}\n- n: {op: bn}\n- {op: add, from: [a, n]}\n"
    others = (
        "constant, size: 8x8, channels: 4",
        "lstm, out: 4",
        "gru, out: 4, bias: false",
        "conv, out: 4, shared: true",
    )
    for layers in (before, shared, *(f"- {{op: {one}}}\n- {{op: bn}}\n" for one in others)):
        with pytest.raises(UsageError, match="@fold-norm changes nothing"):
            network(layers, "fold-norm").report()


def test_mobilenet_has_no_norm_left() -> None:
    folded = costcalc.load("mobilenet_v1@fold-norm").report()
    biases = sum(row.params - row.weights for row in folded.layers)

    assert (0, 27) == (folded.totals.buffers, folded.transforms[0].places)
    assert 10_944 + 1_000 == biases  # 27 layers have 10944 outputs, the classifier 1000
    assert 4_231_976 - 10_944 == folded.params


def test_spatial() -> None:
    """A 3x3 as a 3x1 and a 1x3: 6/9 of the weights where channels stay; each half takes its own axis' stride."""
    conv = "- {op: conv, k: 3, out: 4, stride: 2, norm: bn}\n"

    assert [
        ("conv1.vertical", "conv 3x1", "4x8x4"),
        ("conv1.vertical", "bn", "4x8x4"),
        ("conv1", "conv 1x3", "4x4x4"),
        ("conv1", "bn", "4x4x4"),
    ] == layers_of(network(conv, "spatial"))
    assert (144, 96) == (figures(network(conv))[2], figures(network(conv, "spatial"))[2])
    padded = "- {op: conv, k: [5, 3], out: 4, pad: [2, 1], groups: 2}\n"
    assert str(network(padded).graph.nodes[-1].output) == str(network(padded, "spatial").graph.nodes[-1].output)


def test_rank_of_a_matrix() -> None:
    """Truncated SVD as in Fast R-CNN (arXiv:1504.08083, section 3.1): R (u + v) weights for u v."""
    linear = "- {op: flatten}\n- {op: linear, out: 100}\n"

    assert (25_600, 25_700, 25_600) == figures(network(linear))
    assert (8 * (256 + 100), 8 * (256 + 100) + 100, 8 * (256 + 100)) == figures(network(linear, "rank=8"))
    with pytest.raises(UsageError, match="@rank=72 changes nothing"):  # 72 x 356 > 25600
        network(linear, "rank=72").report()
    assert 71 * 356 == figures(network(linear, "rank=71"))[2]
    with pytest.raises(UsageError, match="@rank=2 changes nothing"):  # 2 x (4 + 4) are as many as 4 x 4
        network("- {op: conv, out: 4}\n", "rank=2").report()


def test_rank_of_a_kernel() -> None:
    """CP decomposition (arXiv:1412.6553): R (M + k + k + N) weights for M N k k."""
    conv = "- {op: conv, k: 3, out: 16, stride: 2, bias: true, act: relu}\n"

    assert 9 * 4 * 16 == figures(network(conv))[2]
    assert 5 * (4 + 3 + 3 + 16) == figures(network(conv, "rank=5"))[2]
    assert [
        ("conv1.factor1", "conv 1x1", "8x8x5"),
        ("conv1.factor2", "dwconv 3x1", "4x8x5"),
        ("conv1.factor3", "dwconv 1x3", "4x4x5"),
        ("conv1", "conv 1x1", "4x4x16"),
        ("conv1", "relu", "4x4x16"),
    ] == layers_of(network(conv, "rank=5"))


def test_rank_of_a_kernel_that_steps_along_an_axis_without_a_window() -> None:
    """That axis has a factor too, of one weight a term; so has one with padding."""
    for field, output in (("stride: 1x2", "8x4x16"), ("pad: [1, 2]", "8x12x16")):
        cut = network(f"- {{op: conv, k: 3x1, {field}, out: 16}}\n", "rank=2")

        assert (2 * (4 + 3 + 1 + 16), output) == (figures(cut)[2], str(cut.graph.nodes[-1].output))


def test_names_stay_unique_in_a_chain() -> None:
    """A second rank cuts what the first one made; no two nodes of different layers share a name."""
    twice = network("- {op: flatten}\n- {op: linear, out: 256}\n", "rank=64@rank=8")

    assert ["flatten1", "linear1.factor1.factor1", "linear1.factor1", "linear1.factor1_2", "linear1"] == [
        layer for layer, _, _ in layers_of(twice)
    ]


def test_a_chain_runs_in_the_order_of_the_name() -> None:
    """Settings may stand anywhere in it; what each step changed is told."""
    chained = costcalc.load("mobilenet_v1@standard@alpha=0.5@fold-norm")

    assert ["@standard: 13 places changed", "@fold-norm: 14 places changed"] == [*map(str, chained.transforms)]
    assert "mobilenet_v1@standard@fold-norm" == chained.name == chained.report().network
    assert costcalc.load("mobilenet_v1@standard@fold-norm", alpha="0.5").report().rows == chained.report().rows


def test_show_says_what_was_done() -> None:
    shown = CliRunner().invoke(main, ["show", "mobilenet_v1@standard@rank=8"]).stdout.splitlines()

    assert ["name: mobilenet_v1_standard_rank_8", 'title: "MobileNetV1@standard@rank=8"'] == shown[1:3]


def test_a_bias_that_came_since_stays() -> None:
    """`@standard@fold-norm@separable`: what was merged comes back, and the pointwise keeps its folded norm."""
    kinds = [kind for _, kind, _ in layers_of(network(PAIR, "standard@fold-norm@separable"))]

    assert ["dwconv 3x3", "bn", "relu", "conv 1x1", "relu6"] == kinds
    assert 36 + 8 + 24 + 6 == figures(network(PAIR, "standard@fold-norm@separable"))[1]


def test_published_figures_of_a_transformed_network() -> None:
    checks = costcalc.verify("mobilenet_v1@standard")

    assert [("mult_adds", "4866M"), ("params", "29.3M")] == [(check.figure, check.printed) for check in checks]
    with pytest.raises(UsageError, match="figures are checked at their own settings"):
        costcalc.verify("mobilenet_v1@alpha=0.5")


def test_expanding_twice_gives_the_same_graph() -> None:
    """Nothing of one rewriting is left for the next."""
    spec, name = catalogue.open_network("mobilenet_v2")
    graph = expand(bind(spec, name))
    before = [(node.layer, node.operator, node.inputs) for node in graph.nodes]
    for known in transforms().values():
        known.function(graph, 3)

    assert before == [(node.layer, node.operator, node.inputs) for node in graph.nodes]
