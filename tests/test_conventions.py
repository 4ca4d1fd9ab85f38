"""Conventions: other counters' figures to the last digit, a person's own convention, and all of them at once."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from counted import graph, layer, ledger

from costcalc.cli.main import main
from costcalc.counting import convention_names, load_convention

GOLDEN = Path(__file__).parent / "golden" / "conventions"


def lines(name: str) -> list[dict[str, str]]:
    """The rows of a file of figures; lines of # say where they come from."""
    text = [line for line in (GOLDEN / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(text))


# Figures of the tools

KERAS = {  # what keras.applications runs beside the paper's network: softmax (5 a class), scaling of the input
    "keras/MobileNetV2": 5_000,
    "keras/NASNetMobile": 5_000,
    "keras/MobileNetV3Small": 5_000 + 2 * 224 * 224 * 3,
    "keras/MobileNetV3Large": 5_000 + 2 * 224 * 224 * 3,
    "keras/EfficientNetB0": 5_000 + 4 * 224 * 224 * 3 + 3,
}


@pytest.mark.parametrize("row", lines("goldens.csv"), ids=lambda row: f"{row['network']}-{row['counter']}")
def test_totals_of_other_counters(row: dict[str, str]) -> None:
    """Equal to the last digit; where a library's network has more in it, that is said by how much."""
    counted = ledger(graph(row["network"]), row["counter"])
    more = KERAS.get(row["network"], 0) if row["counter"] == "keras_flops" else 0

    assert int(row["value"]) == counted[counted.total] + more


FIGURES = {
    ("fvcore", "flops"): ("fvcore", ""),
    ("torch.FlopCounterMode", "flops"): ("torch", ""),
    ("ptflops-pytorch", "macs"): ("ptflops", ""),
    ("ptflops-aten", "macs"): ("ptflops_aten", ""),
    ("thop", "macs"): ("thop", ""),
    ("thop", "params"): ("thop", "params"),
    ("torchinfo", "mult_adds"): ("torchinfo", ""),
    ("torchinfo", "params"): ("torchinfo", "params"),
    ("calflops", "flops"): ("calflops", ""),
    ("calflops", "macs"): ("calflops_macs", ""),
    ("calflops", "params"): ("calflops", "params"),
    ("ptflops-pytorch", "params"): ("ptflops", "params"),
    ("ptflops-aten", "params"): ("ptflops_aten", "params"),
}
NOT_TOTALS = {
    "activations",
    "output_bytes",
    "param_bytes",
    "op:conv",
    "op:batch_norm",
    "op:linear",
    "op:adaptive_avg_pool2d",
}


@pytest.mark.parametrize("row", lines("totals.csv"), ids=lambda row: f"{row['model']}-{row['tool']}-{row['figure']}")
def test_totals_under_the_names_of_libraries(row: dict[str, str]) -> None:
    """timm's MobileNetV1 has norms and activations in modules of its own: hooks do not see them."""
    if row["figure"] in NOT_TOTALS:
        assert (row["tool"], row["figure"]) not in FIGURES
        return
    convention, measure = FIGURES[row["tool"], row["figure"]]
    library = "timm" if row["model"] == "mobilenetv1_100" else "torchvision"
    counted = ledger(graph(f"{library}/{row['model']}", row["resolution"]), convention)

    assert float(row["value"]) == counted[measure or counted.total]


RUNS: dict[tuple[str, ...], dict[str, float]] = {}
for one in lines("runs.csv"):
    RUNS.setdefault((one["network"], one["resolution"], one["batch"]), {})[one["counter"]] = float(one["value"])
"""What each counter printed for a network at a resolution and a batch."""


@pytest.mark.parametrize("run", RUNS, ids="-".join)
def test_other_networks_resolutions_and_batches(run: tuple[str, str, str]) -> None:
    """Rules, not numbers: run on networks, sizes and batches that no rule was written from."""
    found = {}
    for counter in RUNS[run]:
        convention, _, measure = counter.partition(":")
        counted = ledger(graph(*run), convention)
        found[counter] = counted[measure or counted.total]

    assert RUNS[run] == found


LAYERS = {
    "conv3x3 32->64 p1 nobias": layer("- {op: conv, k: 3, out: =64}"),
    "conv3x3 32->64 p1 bias": layer("- {op: conv, k: 3, out: =64, bias: true}"),
    "conv1x1 32->64 nobias": layer("- {op: conv, out: =64}"),
    "dw3x3 32 nobias": layer("- {op: dwconv}"),
    "dw3x3 32 bias": layer("- {op: dwconv, bias: true}"),
    "grp4 3x3 32->64 nobias": layer("- {op: conv, k: 3, out: =64, groups: 4}"),
    "convT 4x4 s2 32->16 bias": layer("- {op: conv_transpose, k: 4, pad: 1, out: =16, bias: true}"),
    "linear 1024->1000 bias": layer("- {op: linear, out: =1000}", "1x1x1024"),
    "linear 1024->1000 nobias": layer("- {op: linear, out: =1000, bias: false}", "1x1x1024"),
    "bn2d affine": layer("- {op: bn}"),
    "bn2d no affine": layer("- {op: bn, scale: false, shift: false}"),
    "layernorm(256) on (1,49,256)": layer("- {op: ln}", "49x256"),
    "groupnorm 4": layer("- {op: gn, groups: 4}"),
    "nn.ReLU": layer("- {op: relu}"),
    "F.relu": layer("- {op: relu, as: functional}"),
    "nn.ReLU6": layer("- {op: relu6}"),
    "nn.LeakyReLU": layer("- {op: leaky_relu}"),
    "nn.PReLU": layer("- {op: prelu}"),
    "nn.Sigmoid": layer("- {op: sigmoid}"),
    "nn.SiLU": layer("- {op: swish}"),
    "nn.Hardswish": layer("- {op: hswish}"),
    "nn.Hardsigmoid": layer("- {op: hsigmoid}"),
    "nn.GELU": layer("- {op: gelu}"),
    "nn.Softmax(1000)": layer("- {op: softmax}", "1x1x1000"),
    "MaxPool2d 3 s2 p1": layer("- {op: maxpool, k: 3, stride: 2, pad: 1}"),
    "MaxPool2d 2": layer("- {op: maxpool, k: 2}"),
    "AvgPool2d 2": layer("- {op: avgpool, k: 2}"),
    "AvgPool2d 7 on 7x7": layer("- {op: avgpool, k: 7}", "7x7x1024"),
    "AdaptiveAvgPool2d(1) 1024x7x7": layer("- {op: gap}", "7x7x1024"),
    "x.mean([2,3]) 1024x7x7": layer("- {op: gap, as: method}", "7x7x1024"),
    "AdaptiveAvgPool2d(1) no-op 512x1x1": layer("- {op: gap}", "1x1x512"),
    "Upsample nearest x2": layer("- {op: upsample}"),
    "Upsample bilinear x2": layer("- {op: upsample, mode: bilinear}"),
    "Dropout": layer("- {op: dropout}"),
    "Flatten": layer("- {op: flatten}"),
}
OTHERS = {("nn.PReLU", "torchinfo")}  # one slope for all channels there; ours are one each
EVERY = [r for r in lines("layers.csv") if r["layer"] in LAYERS and (r["layer"], r["counter"]) not in OTHERS]


@pytest.mark.parametrize("row", EVERY, ids=lambda row: f"{row['layer']}-{row['counter']}")
def test_single_layers(row: dict[str, str]) -> None:
    counted = ledger(LAYERS[row["layer"]], row["counter"])

    assert int(row["value"]) == counted[counted.total]


def test_all_layers_that_are_known_are_tried() -> None:
    assert set(LAYERS) <= {row["layer"] for row in lines("layers.csv")}


# What the files say


@pytest.mark.parametrize("name", convention_names())
def test_a_convention_has_a_source_and_a_purpose(name: str) -> None:
    chosen = load_convention(name)

    assert chosen.name == name
    assert chosen.title and chosen.purpose and chosen.source


def test_list_conventions_says_what_each_is_for() -> None:
    result = CliRunner().invoke(main, ["list", "conventions", "--format", "json"])
    rows = {row["convention"]: row for row in json.loads(result.stdout)}

    assert set(convention_names()) == set(rows)
    assert "what fvcore's FlopCountAnalysis prints" in rows["fvcore"]["for"]
    assert "facebookresearch/fvcore" in rows["fvcore"]["source"]


def test_h_swish_is_cheaper_than_swish_on_hardware_and_dearer_by_count() -> None:
    def cost(op: str, convention: str) -> int:
        counted = ledger(layer(f"- {{op: {op}}}", "1x1x1"), convention)
        return int(counted[counted.total])

    assert (5, 4) == (cost("hswish", "flops"), cost("swish", "flops"))
    assert (5, 38) == (cost("hswish", "hardware"), cost("swish", "hardware"))


EVERY_WORK = "multiplications: 1, additions: 1, comparisons: 1, divisions: 1, exponentials: 1"


@pytest.mark.parametrize(
    ("row", "operations", "on_hardware"),
    [  # 16 values: of a division and a power each as much as in the title of `hardware`
        (f"combine, from: [input, input], {EVERY_WORK}", 5 * 16, (3 + 4 + 32) * 16),
        (f"elementwise, {EVERY_WORK}", 5 * 16, (3 + 4 + 32) * 16),
        ("reduce, size: 1, channels: 4, how: norm", 16 + 12 + 4, 16 + 12 + 24 * 4),  # squares, sums, roots
        ("reduce, size: 1, channels: 4, how: mean", 12 + 4, 12 + 4 * 4),
        ("reduce, size: 1, channels: 4, how: max", 12, 12),
    ],
)
def test_every_operation_counts(row: str, operations: int, on_hardware: int) -> None:
    """Quotients of maps and roots of squares too, which model files have."""
    network = layer(f"- {{op: {row}}}", "4x4")

    assert operations == ledger(network, "flops")["flops"]
    assert on_hardware == ledger(network, "hardware")["flops"]


def test_parameters_with_running_statistics_are_keras_own() -> None:
    """Keras prints 4,253,864 for MobileNet."""
    network = graph("keras/MobileNet")

    assert (4_253_864, 4_231_976) == (ledger(network, "keras")["params"], ledger(network, "paper")["params"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("- {op: conv, out: 4, norm: bn}", 8 * 4 + 4),
        ("- {op: linear, out: 4, bias: true, norm: bn}", 8 * 4 + 4),
        ("- a: {op: conv, out: 4}\n- n: {op: bn}\n- {op: add, from: [a, n]}", 8 * 4 + 4 + 4),  # a is read as it is
        ("- {op: gap}\n- {op: bn}", 8 + 8),
        ("- {op: bn}", 8 + 8),
    ],
)
def test_a_norm_is_folded_into_the_layer_that_it_alone_takes(rows: str, expected: int) -> None:
    """Its shift is that layer's bias, its scale is gone; elsewhere it has both."""
    assert expected == ledger(layer(rows, "1x1x8"), "norm_folded")["params"]


@pytest.mark.parametrize(
    "name", ["mobilenet_v2", "torchvision/vgg11_bn", "densenet121", "resnet50", "keras/InceptionV3", "weightnet"]
)
def test_parameters_of_folded_norms_are_those_of_the_folded_network(name: str) -> None:
    folded = ledger(graph(f"{name}@fold-norm"), "paper")["params"]

    assert folded == ledger(graph(name), "norm_folded")["params"]


# How a library writes an operator
