"""The ledger's entries: layers, kinds of operators, layers with the factors before them, as text. Figures by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

import costcalc
from costcalc.errors import UsageError
from costcalc.graph import walk
from costcalc.ledger import Ledger
from costcalc.ledger import ledger_of as whole_ledger
from costcalc.operators import Geometry
from costcalc.words import By

LAYERS = """
- {op: conv, k: 1, out: 8, act: relu}
- {op: conv, k: 3, out: 4, stride: 2}
- {op: conv, k: 1, out: 2}
"""
"""On 8x8x3: 64 x 3 x 8 = 1536 Mult-Adds, 16 x 9 x 8 x 4 = 4608, 16 x 4 x 2 = 128."""


def ledger_of(steps: str = "", name: str = "t", **counting: str) -> Ledger:
    spec = f"costcalc: 1\nname: {name}\ninput: 8x8x3\nlayers:{LAYERS}"
    return costcalc.from_spec(spec, steps).ledger(**counting)


def test_kinds_of_operators_come_costliest_first() -> None:
    """Each with the sum over its nodes, how many there are, and no shape of its own."""
    kinds = ledger_of().entries(By.OPERATOR)

    assert [("conv 3x3", "conv", 1), ("conv 1x1", "conv", 2), ("relu", "relu", 1)] == [
        (kind.name, kind.op, kind.count) for kind in kinds
    ]
    assert [4608, 1536 + 128, 0] == [kind["mult_adds"] for kind in kinds] == [kind.total for kind in kinds]
    assert [288, 24 + 8, 0] == [kind.params for kind in kinds]
    assert [((), None, None, Geometry())] * 3 == [
        (kind.inputs, kind.output, kind.node, kind.geometry) for kind in kinds
    ]
    assert ["conv1", "relu", "conv2"] == [kinds[1]._parts[0].name, kinds[2].name, kinds[0].peak_at]


def test_layers_and_nodes() -> None:
    """An operator with its activation is a layer of two nodes."""
    found = ledger_of()

    assert ["conv1", "conv2", "conv3"] == [entry.name for entry in found.entries(By.LAYER)]
    assert [("conv1", "conv"), ("conv1", "relu"), ("conv2", "conv"), ("conv3", "conv")] == [
        (entry.name, entry.op) for entry in found.entries(By.NODE)
    ]
    assert [1, 1, 1, 3] == [*(entry.count for entry in found.entries(By.LAYER)), found.whole.count]
    assert (1536 + 4608 + 128, "conv1") == (found["mult_adds"], found.whole.peak_at)
    assert Geometry(3, 2, 1) == found.layers["conv2"].geometry
    assert Geometry() == found.whole.geometry
    assert ["8x8x3", "8x8x8", "4x4x4"] == [str(entry.inputs[0]) for entry in found.layers.values()]


def test_a_layer_with_the_factors_that_stand_before_it() -> None:
    """Of rank 2 the 3x3 kernel is four: 8, 3, 3 and 4 numbers each. What has none is the layer itself."""
    found = ledger_of("rank=2")
    whole = found.with_factors("conv2")

    assert ["conv2.factor1", "conv2.factor2", "conv2.factor3"] == [name for name in found.layers if "conv2." in name]
    assert (2 * (8 + 3 + 3 + 4), 2 * 4) == (whole["params"], found.layers["conv2"]["params"])
    assert ("conv2", "conv", (), 1) == (whole.name, whole.op, whole.inputs, whole.count)
    assert found.with_factors("conv3") is found.layers["conv3"]
    assert 4 == len(whole._parts)


BLOCKS = """
costcalc: 1
name: blocks
input: 8x8x3
blocks:
  b: {args: [c], body: [{op: conv, k: 1, out: c, bias: true}, {op: relu}]}
layers:
- {op: conv, k: 1, out: 8, act: relu}
- {op: b, c: 4, n: 2}
- {op: conv, k: 3, out: 2}
"""
"""At 64 positions: 3 x 8 = 24 weights, 8 x 4 and 4 biases, 4 x 4 and 4 biases, 9 x 4 x 2 = 72."""


def test_blocks_and_stages() -> None:
    """What repeats is a stage. Of kinds that cost as much, the one with more parameters comes first."""
    found = costcalc.from_spec(BLOCKS).ledger()
    blocks, stages = (found.entries(by) for by in (By.BLOCK, By.STAGE))

    assert ["conv1", "b1.conv1", "b1.relu1", "b2.conv1", "b2.relu1", "conv2"] == [
        layer.name for layer in found.entries(By.LAYER)
    ]
    assert [("conv1", "conv", 1, 24), ("b1", "b", 2, 36), ("b2", "b", 2, 20), ("conv2", "conv", 1, 72)] == [
        (one.name, one.op, one.count, one["params"]) for one in blocks
    ]
    assert [("conv1", "conv", 1, 1536), ("b1 .. b2", "b", 4, 64 * 48), ("conv2", "conv", 1, 4608)] == [
        (one.name, one.op, one.count, one["mult_adds"]) for one in stages
    ]
    assert ("8x8x8", "8x8x4") == (str(stages[1].inputs[0]), str(stages[1].output))
    assert [("conv 1x1", 80, 4608), ("conv 3x3", 72, 4608), ("relu", 0, 0)] == [
        (kind.name, kind["params"], kind["mult_adds"]) for kind in found.entries(By.OPERATOR)
    ]


def test_ratios_and_what_is_moved() -> None:
    """Bytes of four each: 192 + 512 + 24 numbers, 512 + 256 + 36, 256 + 256 + 20, 256 + 128 + 72. In place nothing is.

    What could be moved at least: 2 sqrt(192 x 512) = 627.1, 2 sqrt(512 x 256) = 724.1, 2 x 256, and of the 3x3 all.
    """
    layers = costcalc.from_spec(BLOCKS).ledger().layers.values()

    assert [
        Fraction(1536, 4 * 728),
        Fraction(2048, 4 * 804),
        None,
        Fraction(1024, 4 * 532),
        None,
        Fraction(4608, 4 * 456),
    ] == [layer["intensity"] for layer in layers]
    assert [728, 800, 0, 528, 0, 456] == [layer["memory_access"] for layer in layers]
    assert [628 + 24, 725 + 32, 0, 512 + 16, 0, 384 + 72] == [layer["memory_access_bound"] for layer in layers]


def test_bytes_of_parameters_under_a_recipe() -> None:
    """Weights of 4 bits and one scale of 4 bytes for each kernel; or half of them, and a bit for each. Not biases."""
    found = costcalc.from_spec(BLOCKS, "quantise=4").ledger()
    pruned = costcalc.from_spec(BLOCKS, "prune=0.5").ledger()
    layers = found.layers.values()

    assert [12 + 4, 16 + 4 + 16, 0, 8 + 4 + 16, 0, 36 + 4] == [layer["weight_bytes"] for layer in layers]
    assert [Fraction(16, 96), Fraction(20, 128), None, Fraction(12, 64), None, Fraction(40, 288)] == [
        layer["compression_rate"] for layer in layers
    ]
    assert Fraction(16 + 20 + 12 + 40, 96 + 128 + 64 + 288) == found["compression_rate"]
    assert [48 + 3, 64 + 4 + 16, 0, 32 + 2 + 16, 0, 144 + 9] == [one["stored_bytes"] for one in pruned.layers.values()]


NORMS = """
costcalc: 1
name: norms
input: 8x8x3
layers:
- {op: conv, k: 1, out: 8}
- {op: bn}
- {op: ln}
- {op: conv, k: 1, out: 2}
"""


@pytest.mark.parametrize(
    ("accumulators", "bn", "ln"), [("float32", 4, 4), ("bn1=float64", 8, 4), ("ln1=float16", 4, 2)]
)
def test_statistics_have_the_format_of_their_layers_sums(accumulators: str, bn: int, ln: int) -> None:
    """2048 bytes of a map each; two numbers for each of 8 channels, and two for each of 64 positions."""
    layers = costcalc.from_spec(NORMS).ledger(accumulators=accumulators).layers

    assert [2048 + 2 * 8 * bn, 2048 + 2 * 64 * ln] == [
        layers[name]["saved_activation_bytes"] for name in ("bn1", "ln1")
    ]


LINEAR = """
- {op: conv, k: 1, out: 8}
- {op: flatten}
- {op: linear, out: 5}
- {op: linear, out: 2}
"""


@pytest.mark.parametrize(
    ("layers", "recipe", "expected"),
    [
        (LAYERS, "binarise=xnor", 64 + 64 + 512 + 16 * 9),
        (LAYERS.replace("k: 3", "k: [1, 3]"), "binarise=xnor", 64 + 64 + 512 + 16 * 3),
        (LAYERS.replace("k: 3", "k: 1"), "binarise=xnor", 64 + 64 + 512),
        (LAYERS, "binarise=bwn", 64),
        (LINEAR, "binarise=xnor", 5 + 5 + 512),
    ],
)
def test_scales_of_binary_layers(layers: str, recipe: str, expected: int) -> None:
    """Two for each output, a mean over all inputs, and one over each window of more than one position."""
    spec = f"costcalc: 1\nname: t\ninput: 8x8x3\nlayers:{layers}"
    found = costcalc.from_spec(spec, recipe)

    assert expected == found.ledger()["scale_operations"]  # the first and the last layer are not binary
    assert 3 * expected == costcalc.from_spec(spec, recipe, batch=3).ledger()["scale_operations"]


def test_windows_side_by_side() -> None:
    """Of the 3x3 alone, four bytes each; of the network the most."""
    found = costcalc.from_spec(BLOCKS).ledger()

    assert [0, 0, 0, 0, 0, 64 * 9 * 4 * 4] == [layer["workspace_bytes"] for layer in found.layers.values()]
    assert 64 * 9 * 4 * 4 == found["workspace_bytes"]


def test_formats_of_layers_that_are_none() -> None:
    """A pattern must match; where there are several networks the message names the one in which it does not."""
    counting = costcalc.from_spec(BLOCKS).ledger(weights="b1.conv1=int8").counting
    graph = costcalc.from_spec(f"costcalc: 1\nname: t\ninput: 8x8x3\nlayers:{LAYERS}").graph
    with pytest.raises(UsageError, match=r"^weights: no layer matches 'b1\.conv1'"):
        whole_ledger(graph, counting)
    with pytest.raises(UsageError, match=r"^weights: no layer of other matches 'b1\.conv1'"):
        whole_ledger(graph, counting, network="other")


CONSTANT = """
costcalc: 1
name: constant
input: 8x8x3
layers:
- token: {op: constant, size: [8, 8], channels: 8}
- wide: {op: conv, k: 1, out: 8, from: [input]}
- {op: add, from: [wide, token]}
"""


def test_what_comes_from_nowhere() -> None:
    """A constant of 512 numbers is a map of 2048 bytes and as many of parameters; the input's 768 wait beside it."""
    layers = costcalc.from_spec(CONSTANT).ledger().layers.values()

    assert [2048 + 2048, 768 + 2048 + 4 * 24, 3 * 2048] == [layer["traffic_bytes"] for layer in layers]
    assert [768 + 2048, 768 + 2 * 2048, 3 * 2048] == [layer["live_bytes"] for layer in layers]


FOLDED = """
costcalc: 1
name: folded
input: 8x8x3
layers:
- {op: bn}
- {op: conv, k: 1, out: 8}
- {op: bn}
- {op: relu}
- {op: bn}
- wide: {op: conv, k: 1, out: 8}
- last: {op: bn}
- {op: add, from: [wide, last]}
- {op: flatten}
- {op: linear, out: 5}
- {op: bn}
"""


def test_norms_that_a_layer_before_them_takes_in() -> None:
    """A convolution or a linear layer that nobody else reads; not the input, an activation, or what is read twice."""
    rows = walk(costcalc.from_spec(FOLDED).graph)

    assert [None, "conv1", None, None, "linear1"] == [
        row.into and row.into.layer for row in rows if row.node.operator.name == "bn"
    ]
    assert {None} == {row.into for row in rows if row.node.operator.name != "bn"}


def test_bounds_are_taken_only_where_they_do() -> None:
    graph, counting = ledger_of().graph, ledger_of().counting

    assert [False, True] == [whole_ledger(graph, counting, *takes).takes_bounds for takes in ((), (True,))]


def test_text_and_names() -> None:
    found = ledger_of()
    kind = found.entries(By.OPERATOR)[0]

    assert "<Ledger 3 layers, convention paper, float32>" == repr(found)
    assert ["<Entry conv1, conv, 8x8x8>", "<Entry conv 3x3, conv>", "<Entry total, 4x4x2>"] == [
        repr(one) for one in (found.layers["conv1"], kind, found.whole)
    ]
    with pytest.raises(AttributeError, match=r"^'Entry' object has no attribute 'nothing'$"):
        _ = kind.nothing
    with pytest.raises(UsageError, match=r"^3 is no measure\n  expected: a name, as 'params'$"):
        found[3]  # type: ignore[index]
    with pytest.raises(UsageError, match=r"^flops: the convention paper counts mult_adds"):
        _ = kind.flops
