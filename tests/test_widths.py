"""The width multiplier on model files: equal to the catalogue's networks where their rule is the same."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import onnx
import pytest
from click.testing import CliRunner
from models import model_bytes, opened

import costcalc
from costcalc.cli import main
from costcalc.graph import walk
from costcalc.importers.widths import widened

MODELS = Path(__file__).parent / "golden" / "models"


def layers(network: str, **settings: Any) -> list[tuple[str, int, int]]:
    """Output, Mult-Adds and weights without biases and norms, of the layers that have Mult-Adds."""
    ledger = costcalc.load(network, **settings).ledger("weights_only")
    found = [(str(layer.output), layer["macs"], layer["params"]) for layer in ledger.layers.values()]
    return [row for row in found if row[1]]


SAME = [
    ("mobilenet_v3_small", "torchvision/mobilenet_v3_small", "1/2"),
    ("mobilenet_v3_small", "torchvision/mobilenet_v3_small", "3/4"),
    *((file, f"torchvision/{file}", alpha) for file in ("resnet50", "googlenet", "squeezenet1_1")
      for alpha in ("1/4", "0.35", "1/2", "3/4", "1.4")),
]  # fmt: skip


@pytest.mark.parametrize(("file", "network", "alpha"), SAME)
def test_equal_to_the_catalogue(file: str, network: str, alpha: str) -> None:
    """Every layer, where the catalogue rounds every width by the same rule."""
    assert layers(network, alpha=alpha) == layers(str(MODELS / f"{file}.onnx"), alpha=alpha)


@pytest.mark.parametrize("alpha", ["1/2", "3/4"])
def test_ghostnet_by_its_own_rule(alpha: str) -> None:
    """GhostNet's widths are multiples of 4, two halves together; its last 1280 channels do not follow alpha."""
    catalogue = layers("timm/ghostnet_100", alpha=alpha)
    file = layers(str(MODELS / "ghostnet_100.onnx"), alpha=alpha, round="round_width(w, 4)")

    assert catalogue[:-2] == file[:-2]
    assert catalogue[-2][0] == "1x1x1280" != file[-2][0]


@pytest.mark.parametrize("alpha", ["0.35", "1/2", "3/4"])
def test_mobilenet_v2_but_for_its_last_layers(alpha: str) -> None:
    """The network keeps its last 1280 channels below alpha 1, a rule that a file does not tell."""
    catalogue = layers("torchvision/mobilenet_v2", alpha=alpha)
    file = layers(str(MODELS / "mobilenet_v2.onnx"), alpha=alpha)

    assert catalogue[:-2] == file[:-2]
    assert catalogue[-2][0] == "7x7x1280" != file[-2][0]


def test_mobilenet_v2_above_one() -> None:
    """At alpha 1.4 that layer grows with the others."""
    file = layers(str(MODELS / "mobilenet_v2.onnx"), alpha="1.4")

    assert layers("torchvision/mobilenet_v2", alpha="1.4") == file


@pytest.mark.parametrize("file", ["mobilenet_v2", "ghostnet_100", "shufflenet_v2_x1_0", "squeezenet1_1", "vit_b_16"])
def test_a_sweep_is_reports(file: str) -> None:
    """Every point of a grid equals the report at its settings, alpha 1 (the file) among them."""
    path = str(MODELS / f"{file}.onnx")
    sizes: dict[str, Any] = {} if file == "vit_b_16" else {"resolution": "160:224:64"}
    points = costcalc.sweep(path, axes={"alpha": "0.5:1:0.25", **sizes}).rows

    assert 3 * (2 if sizes else 1) == len(points)
    for point in points:
        settings = {key: point[key] for key in ("alpha", *sizes)}
        ledger = costcalc.load(path, **settings).ledger()
        assert (ledger["mult_adds"], ledger["params"]) == (point["mult_adds"], point["params"])


def test_a_formula_is_reports() -> None:
    """In alpha and beta, put in at another point than the file's."""
    path = str(MODELS / "squeezenet1_1.onnx")
    formula = costcalc.formula(path)

    ledger = costcalc.load(path, alpha="3/4").ledger()

    assert (ledger["mult_adds"], ledger["params"]) == formula.at(alpha=Fraction(3, 4), beta=1)


def test_alpha_one_changes_nothing() -> None:
    """58 channels are no multiple of 8: rounded they would be 56."""
    path = str(MODELS / "shufflenet_v2_x1_0.onnx")

    assert layers(path) == layers(path, alpha="1")


def test_a_result_laid_out_anew() -> None:
    """Made by others: a softmax over the classes turned to positions, and back. The classes stay."""
    light = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light" / "light_squeezenet.onnx"

    assert layers("torchvision/squeezenet1_1", alpha="1/2") == layers(str(light), alpha="1/2")


def test_channels_that_become_positions_in_between(tmp_path: Path) -> None:
    """Where a layer with widths comes after, alpha cannot follow, and says so."""
    nodes = [
        ("Conv", ["x", "a"], "1", {"kernel_shape": [1, 1]}),
        ("Transpose", ["1"], "2", {"perm": [0, 3, 2, 1]}),
        ("Conv", ["2", "b"], "3", {"kernel_shape": [1, 1]}),
    ]
    stored = {"a": [32, 8, 1, 1], "b": [10, 6, 1, 1]}
    (tmp_path / "model.onnx").write_bytes(model_bytes(nodes, stored))

    with pytest.raises(costcalc.SpecError, match="permute mixes channels and positions: alpha cannot follow"):
        costcalc.load(tmp_path / "model.onnx", alpha="1/2").report()


BLOCK = [
    ("Conv", ["x", "a"], "1", {"kernel_shape": [1, 1]}),
    ("Conv", ["1", "b"], "2", {"kernel_shape": [1, 1]}),
    ("Concat", ["1", "2"], "3", {"axis": 1}),
    ("Conv", ["3", "c"], "4", {"kernel_shape": [1, 1]}),
    ("Add", ["3", "4"], "5", {}),
    ("Conv", ["5", "d"], "6", {"kernel_shape": [1, 1]}),
]
STORED = {"a": [12, 8, 1, 1], "b": [20, 12, 1, 1], "c": [32, 32, 1, 1], "d": [10, 32, 1, 1]}


def test_a_join_of_a_concatenation(tmp_path: Path) -> None:
    """What is added to a concatenation has the sum of its widths: round8(6) + round8(10) = 16, not round8(16)."""
    network = opened(tmp_path, model_bytes(BLOCK, STORED), alpha="1/2")

    # 12 * 1/2 = 6 -> 8; 20 * 1/2 = 10 -> 16 (8 is below nine tenths of 10); 8 + 16 = 24
    assert [8, 16, 24, 24, 24, 10] == [node.output.channels for node in network.graph.nodes]
    assert 8 * 8 + 8 * 16 + 24 * 24 + 24 * 10 == network.ledger()["params"]


def test_another_rule(tmp_path: Path) -> None:
    """`round` names a function, or an expression in w."""
    network = opened(tmp_path, model_bytes(BLOCK, STORED), alpha="1/4", round="floor")
    other = costcalc.load(tmp_path / "model.onnx", alpha="1/4", round="ceil(w / 2) * 2")

    assert [3, 5, 8, 8, 8, 10] == [node.output.channels for node in network.graph.nodes]
    assert [4, 6, 10, 10, 10, 10] == [node.output.channels for node in other.graph.nodes]


def test_a_mask_of_one_channel_stays(tmp_path: Path) -> None:
    """One channel that weighs all others is no width."""
    nodes = [
        ("Conv", ["x", "a"], "1", {"kernel_shape": [1, 1]}),
        ("Conv", ["1", "b"], "2", {"kernel_shape": [1, 1]}),
        ("Sigmoid", ["2"], "3", {}),
        ("Mul", ["1", "3"], "4", {}),
        ("Conv", ["4", "c"], "5", {"kernel_shape": [1, 1]}),
    ]
    stored = {"a": [32, 8, 1, 1], "b": [1, 32, 1, 1], "c": [10, 32, 1, 1]}
    network = opened(tmp_path, model_bytes(nodes, stored), alpha="1/2")

    assert [16, 1, 1, 16, 10] == [node.output.channels for node in network.graph.nodes]


@pytest.mark.parametrize(
    ("rows", "channels", "weights"),
    [
        (  # each channel twice, then each value of 64 positions
            "- {op: conv, out: 8}\n- {op: dwconv, multiplier: 2}\n- {op: flatten}\n- {op: linear, out: 10}",
            [4, 8, 512, 10], 4 * 4 + 8 * 9 + 512 * 10,
        ),
        (  # as many rows of values as the second map has positions: they are no width
            "- a: {op: conv, out: 64}\n- b: {op: conv, out: 8, from: input}\n"
            "- {op: matmul, from: [a, b]}\n- {op: conv, out: 3}",
            [64, 4, 4, 3], 4 * 64 + 4 * 4 + 4 * 3,
        ),
        (  # half of the learned values for half of the channels
            "- a: {op: conv, out: 8}\n- c: {op: constant, size: 8x8, channels: 8, learned: 16}\n"
            "- {op: add, from: [a, c]}\n- {op: conv, out: 3}",
            [4, 4, 4, 3], 4 * 4 + 8 + 4 * 3,
        ),
    ],
)  # fmt: skip
def test_half_of_the_width_by_hand(rows: str, channels: list[int], weights: int) -> None:
    plain = costcalc.from_spec(f"costcalc: 1\nname: t\ninput: 8x8x4\nlayers:\n{rows}\n").graph
    half = widened(plain, Fraction(1, 2), "floor")

    assert channels == [node.output.channels for node in half.nodes]
    assert weights == sum(cost.counters.weights for cost in walk(half))


def test_groups_that_no_longer_divide(tmp_path: Path) -> None:
    """The message names the layer, and the rule that made the width."""
    nodes = [
        ("Conv", ["x", "a"], "1", {"kernel_shape": [1, 1]}),
        ("Conv", ["1", "b"], "2", {"kernel_shape": [1, 1], "group": 5}),
        ("Conv", ["2", "c"], "3", {"kernel_shape": [1, 1]}),
    ]
    stored = {"a": [40, 8, 1, 1], "b": [40, 8, 1, 1], "c": [10, 40, 1, 1]}
    (tmp_path / "model.onnx").write_bytes(model_bytes(nodes, stored))

    assert 3 == len(costcalc.load(tmp_path / "model.onnx", alpha="2").graph.nodes)
    with pytest.raises(costcalc.SpecError) as caught:
        costcalc.load(tmp_path / "model.onnx", alpha="1/2").report()

    assert "node 2, Conv '2': " in str(caught.value)
    assert "24 does not divide by 5" in str(caught.value)
    assert "times alpha 0.5, by the rule round8" in str(caught.value)


@pytest.mark.parametrize("rule", ["roundish", "w -", "w / 3", "0", "relu", "9" * 500])
def test_a_wrong_rule(rule: str) -> None:
    """A rule gives a whole number above 0."""
    words = ["report", str(MODELS / "squeezenet1_1.onnx"), "-a", "0.5", "--set", f"round={rule}"]
    result = CliRunner().invoke(main, words)

    assert 2 == result.exit_code
    assert "is no rule for a width" in result.output
    assert "one as round8, floor" in result.output
