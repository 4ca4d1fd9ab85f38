"""Figures from outside: worked by hand as products that a reader can follow, or measured by other tools.

No test recomputes the rule it tests. A figure that costcalc itself printed has no place here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from test_golden import GOLDEN, name_of, read_rows, settings_of

import costcalc
from costcalc.operators import COUNTERS, REGISTRY, Counters, Shape

MAP = Shape((4, 6), 8)
"""24 positions, 192 values."""
FLAT = Shape((1, 1), 10)
WORKED: list[tuple[str, dict[str, Any], tuple[Shape, ...], str, Counters]] = [
    # A value at a time.
    ("relu", {}, (MAP,), "4x6x8", Counters(comparisons=192)),
    ("relu6", {}, (MAP,), "4x6x8", Counters(comparisons=2 * 192)),
    ("leaky_relu", {}, (MAP,), "4x6x8", Counters(comparisons=192, multiplications=192)),
    ("prelu", {}, (MAP,), "4x6x8", Counters(comparisons=192, multiplications=192, weights=8)),
    ("sigmoid", {}, (MAP,), "4x6x8", Counters(exponentials=192, additions=192, divisions=192)),
    ("hsigmoid", {}, (MAP,), "4x6x8", Counters(additions=192, comparisons=2 * 192, multiplications=192)),
    ("swish", {}, (MAP,), "4x6x8", Counters(exponentials=192, additions=192, divisions=192, multiplications=192)),
    ("hswish", {}, (MAP,), "4x6x8", Counters(additions=192, comparisons=2 * 192, multiplications=2 * 192)),
    # 2x, its exponential, one less, one more, a division.
    ("tanh", {}, (MAP,), "4x6x8", Counters(0, 192, 2 * 192, 0, 192, 192)),
    # x cubed and times 0.0447 (3), times the root, tanh's own 2u, half, times x: 7; the sum, tanh's two, one more: 4.
    ("gelu", {}, (MAP,), "4x6x8", Counters(0, (3 + 1 + 1 + 1 + 1) * 192, (1 + 2 + 1) * 192, 0, 192, 192)),
    # exp(x), log(1 + e) and its tanh (2u, an exponential, two sums, a division), times x.
    ("mish", {}, (MAP,), "4x6x8", Counters(0, (1 + 1) * 192, (1 + 2) * 192, 0, 192, (1 + 1 + 1) * 192)),
    ("elu", {}, (MAP,), "4x6x8", Counters(0, 192, 192, 192, 0, 192)),
    ("softplus", {}, (MAP,), "4x6x8", Counters(additions=192, exponentials=2 * 192)),
    ("prelu", {"shared": True}, (MAP,), "4x6x8", Counters(comparisons=192, multiplications=192, weights=1)),
    ("elementwise", {"divisions": 1, "comparisons": 2}, (MAP,), "4x6x8", Counters(0, 0, 0, 2 * 192, 192)),
    ("elementwise", {"multiplications": 1, "additions": 3, "exponentials": 4}, (MAP,), "4x6x8",
     Counters(0, 192, 3 * 192, 0, 0, 4 * 192)),
    ("softmax", {}, (MAP,), "4x6x8", Counters(exponentials=192, additions=24 * (8 - 1), divisions=192)),
    ("softmax", {"heads": 2}, (MAP,), "4x6x8", Counters(exponentials=192, additions=24 * 2 * (4 - 1), divisions=192)),
    # Norms: a set of n values takes n - 1 additions and a division for its mean, n subtractions, n squares, n - 1
    # additions and a division for its variance, epsilon, a root, n products; then n products and n additions.
    ("ln", {"affine": False}, (MAP,), "4x6x8", Counters(0, 24 * (8 + 8), 24 * (7 + 8 + 7 + 1), 0, 24 * 2, 24)),
    ("ln", {}, (MAP,), "4x6x8", Counters(0, 24 * (8 + 8 + 8), 24 * (7 + 8 + 7 + 1 + 8), 0, 24 * 2, 24, 0, 0, 8 + 8)),
    ("gn", {"groups": 2, "affine": False}, (MAP,), "4x6x8", Counters(0, 2 * 192, 2 * (95 + 96 + 95 + 1), 0, 2 * 2, 2)),
    ("gn", {"groups": 4}, (MAP,), "4x6x8", Counters(0, 3 * 192, 4 * (47 + 48 + 47 + 1 + 48), 0, 4 * 2, 4, 0, 0, 16)),
    # The 32 groups of arXiv:1803.08494, of 2 values each.
    ("gn", {}, (Shape((1, 1), 64),), "1x1x64", Counters(0, 3 * 64, 32 * (1 + 2 + 1 + 1 + 2), 0, 64, 32, 0, 0, 128)),
    ("bn", {}, (MAP,), "4x6x8", Counters(0, 192, 192, norm_affine=8 + 8, norm_statistics=8 + 8)),
    ("bn", {"scale": False}, (MAP,), "4x6x8", Counters(0, 192, 192, norm_affine=8, norm_statistics=8 + 8)),
    ("bn", {"shift": False}, (MAP,), "4x6x8", Counters(0, 192, 192, norm_affine=8, norm_statistics=8 + 8)),
    ("affine", {}, (MAP,), "4x6x8", Counters(0, 192, 192, norm_affine=8 + 8)),
    ("affine", {"scale": False}, (MAP,), "4x6x8", Counters(additions=192, norm_affine=8)),
    ("affine", {"shift": False}, (MAP,), "4x6x8", Counters(multiplications=192, norm_affine=8)),
    # A square, four additions to it, times alpha, plus k, a power, a division.
    ("lrn", {}, (MAP,), "4x6x8", Counters(0, 2 * 192, (4 + 1) * 192, 0, 192, 192)),
    ("lrn", {"size": 3}, (MAP,), "4x6x8", Counters(0, 2 * 192, (2 + 1) * 192, 0, 192, 192)),
    # The positions of each of 8 channels; the channels of each of 24 positions: squares, sum, mean, epsilon, root.
    ("instance_norm", {"affine": False}, (MAP,), "4x6x8", Counters(0, 2 * 192, 8 * (23 + 24 + 23 + 1), 0, 16, 8)),
    ("instance_norm", {}, (MAP,), "4x6x8", Counters(0, 3 * 192, 8 * (23 + 24 + 23 + 1 + 24), 0, 16, 8, 0, 0, 8 + 8)),
    ("rms_norm", {"scale": False}, (MAP,), "4x6x8", Counters(0, 24 * (8 + 8), 24 * (7 + 1), 0, 24, 24)),
    ("rms_norm", {}, (MAP,), "4x6x8", Counters(0, 24 * (8 + 8 + 8), 24 * (7 + 1), 0, 24, 24, 0, 0, 8)),
    # Pooling: the whole map, 24 taps; 2x2 windows of 2x3 taps; windows of rows 0-1, 1-2, 2-3 and columns 0-1, 2-3, 4-5.
    ("gap", {}, (MAP,), "1x1x8", Counters(additions=8 * 23, divisions=8)),
    ("global_maxpool", {}, (MAP,), "1x1x8", Counters(comparisons=8 * 23)),
    ("adaptive_maxpool", {"size": 2}, (MAP,), "2x2x8", Counters(comparisons=8 * 4 * (2 * 3 - 1))),
    ("adaptive_maxpool", {"size": 3}, (MAP,), "3x3x8", Counters(comparisons=8 * 9 * (2 * 2 - 1))),
    ("adaptive_avgpool", {"size": (1, 6)}, (MAP,), "1x6x8", Counters(additions=8 * 6 * (4 - 1), divisions=8 * 6)),
    ("maxpool", {"k": 2}, (MAP,), "2x3x8", Counters(comparisons=2 * 3 * 8 * 3)),
    ("maxpool", {"k": 3, "stride": 2, "pad": "same"}, (MAP,), "2x3x8", Counters(comparisons=2 * 3 * 8 * 8)),
    ("maxpool", {"k": 3, "stride": 2, "ceil": True}, (MAP,), "2x3x8", Counters(comparisons=(5 * 8 - 2 * 3) * 8)),
    ("avgpool", {"k": (2, 3)}, (MAP,), "2x2x8", Counters(additions=4 * 8 * 5, divisions=4 * 8)),
    ("reduce", {"size": (4, 1), "channels": 8}, (MAP,), "4x1x8", Counters(additions=4 * 8 * 5)),
    ("reduce", {"size": (4, 6), "channels": 1, "how": "mean"}, (MAP,), "4x6x1", Counters(0, 0, 24 * 7, 0, 24)),
    ("reduce", {"size": 1, "channels": 8, "how": "max"}, (MAP,), "1x8", Counters(comparisons=8 * 23)),
    ("reduce", {"size": 24, "channels": 1, "how": "norm"}, (MAP,), "24x1", Counters(0, 192, 24 * 7, 0, 0, 24)),
    # Joins: one operation less than there are maps.
    ("add", {}, (MAP, MAP, MAP), "4x6x8", Counters(additions=2 * 192)),
    ("maximum", {}, (MAP, MAP), "4x6x8", Counters(comparisons=192)),
    ("mul", {}, (MAP, Shape((1, 1), 8)), "4x6x8", Counters(multiplications=192)),
    ("mul", {}, (MAP, Shape((4, 6), 1), Shape((1, 6), 1)), "4x6x8", Counters(multiplications=2 * 192)),
    ("concat", {}, (MAP, Shape((4, 6), 3), MAP), "4x6x19", Counters()),
    ("concat", {"along": "axis0"}, (MAP, Shape((1, 6), 8), MAP), "9x6x8", Counters()),
    ("concat", {"along": "axis1"}, (MAP, Shape((4, 2), 8)), "4x8x8", Counters()),
    ("combine", {"divisions": 1}, (MAP, Shape((1, 1), 8)), "4x6x8", Counters(divisions=192)),
    ("combine", {"multiplications": 1, "additions": 2, "comparisons": 3, "exponentials": 4}, (MAP, MAP), "4x6x8",
     Counters(0, 192, 2 * 192, 3 * 192, 0, 4 * 192)),
    # Matrices: 5 rows with 7 rows over 12 columns, whole or as 3 heads of 4; 5x(3 * 7) with 7x(3 * 4).
    ("matmul", {"transpose": True}, (Shape((5,), 12), Shape((7,), 12)), "5x7", Counters(5 * 7 * 12)),
    ("matmul", {"transpose": True, "heads": 3}, (Shape((5,), 12), Shape((7,), 12)), "5x21", Counters(3 * 5 * 7 * 4)),
    ("matmul", {}, (Shape((5,), 7), Shape((7,), 12)), "5x12", Counters(5 * 7 * 12)),
    ("matmul", {"heads": 3}, (Shape((5,), 21), Shape((7,), 12)), "5x12", Counters(3 * 5 * 7 * 4)),
    # 4 windows of 5 rows with 4 windows of 7 rows, each with its own: 4 (5 * 7 * 12).
    ("matmul", {"transpose": True, "windows": 4}, (Shape((4, 5), 12), Shape((4, 7), 12)), "4x5x7", Counters(4 * 420)),
    ("matmul", {"heads": 3, "windows": 4}, (Shape((20,), 21), Shape((28,), 12)), "20x12", Counters(4 * 3 * 5 * 7 * 4)),
    # Gates x (input + state) weights for each of 5 positions; two biases.
    ("lstm", {"out": 3}, (Shape((5,), 10),), "5x3", Counters(5 * 156, 0, 5 * 24, weights=4 * 3 * 13, biases=2 * 4 * 3)),
    ("gru", {"out": 3, "directions": 2, "bias": False}, (Shape((5,), 10),), "5x6",
     Counters(5 * 2 * 117, weights=2 * 3 * 3 * 13)),
    ("rnn", {"out": 3}, (Shape((5,), 10),), "5x3", Counters(5 * 39, 0, 5 * 6, weights=3 * 13, biases=6)),
    ("linear", {"out": 3, "shared": True}, (FLAT,), "1x1x3", Counters(10 * 3, additions=3)),
    ("linear", {"out": 3}, (FLAT,), "1x1x3", Counters(10 * 3, additions=3, weights=10 * 3, biases=3)),
    ("linear", {"out": 3, "bias": False}, (FLAT,), "1x1x3", Counters(10 * 3, weights=10 * 3)),
    ("rbf", {"out": 3}, (FLAT,), "1x1x3", Counters(10 * 3, additions=10 * 3, norm_statistics=10 * 3)),
    # Convolutions, each field at its default and away from it.
    ("conv", {"out": 5}, (MAP,), "4x6x5", Counters(24 * 8 * 5, weights=8 * 5)),
    ("conv", {"out": 5, "k": 3, "stride": 2}, (MAP,), "2x3x5", Counters(6 * 9 * 8 * 5, weights=9 * 8 * 5)),
    ("conv", {"out": 5, "k": 3, "pad": "valid"}, (MAP,), "2x4x5", Counters(8 * 9 * 8 * 5, weights=9 * 8 * 5)),
    ("conv", {"out": 5, "k": (1, 3), "pad": (0, 1)}, (MAP,), "4x6x5", Counters(24 * 3 * 40, weights=3 * 40)),
    ("conv", {"out": 5, "k": 2, "pad": (1, 0, 0, 1)}, (MAP,), "4x6x5", Counters(24 * 4 * 40, weights=4 * 40)),
    ("conv", {"out": 5, "k": 2, "dilation": (2, 3), "pad": 0}, (MAP,), "2x3x5", Counters(6 * 160, weights=160)),
    ("conv", {"out": 6, "groups": 2, "bias": True}, (MAP,), "4x6x6", Counters(24 * 24, 0, 24 * 6, 0, 0, 0, 24, 6)),
    ("dwconv", {}, (MAP,), "4x6x8", Counters(24 * 9 * 8, weights=9 * 8)),
    ("dwconv", {"k": 2, "stride": 2, "multiplier": 3}, (MAP,), "2x3x24", Counters(6 * 4 * 24, weights=4 * 24)),
    ("dwconv", {"bias": True}, (MAP,), "4x6x8", Counters(24 * 72, 0, 24 * 8, 0, 0, 0, 72, 8)),
    ("conv", {"out": 5, "bias": True, "shared": True}, (MAP,), "4x6x5", Counters(24 * 8 * 5, additions=24 * 5)),
    ("dwconv", {"shared": True}, (MAP,), "4x6x8", Counters(24 * 9 * 8)),
    ("conv_transpose", {"out": 5}, (MAP,), "8x12x5", Counters(24 * 4 * 8 * 5, weights=4 * 8 * 5)),
    ("conv_transpose", {"out": 5, "k": 3, "pad": 1}, (MAP,), "7x11x5", Counters(24 * 360, weights=9 * 8 * 5)),
    ("conv_transpose", {"out": 5, "k": 3, "pad": 1, "output_pad": 1}, (MAP,), "8x12x5",
     Counters(24 * 360, weights=9 * 8 * 5)),
    ("conv_transpose", {"out": 6, "groups": 2, "bias": True, "stride": 1, "pad": 0}, (MAP,), "5x7x6",
     Counters(24 * 4 * 4 * 6, 0, 35 * 6, 0, 0, 0, 4 * 4 * 6, 6)),
    ("dynamic_conv", {"out": 5, "k": 3}, (MAP, Shape((1, 1), 9 * 8 * 5)), "4x6x5", Counters(24 * 9 * 8 * 5)),
    ("dynamic_conv", {"out": 6, "groups": 2, "stride": 2}, (MAP, Shape((1, 1), 4 * 6)), "2x3x6", Counters(6 * 24)),
    ("channel_conv", {"k": 3}, (MAP,), "4x6x8", Counters(192 * 3, weights=3)),
    ("channel_conv", {"k": 3, "window": 2, "maps": 2, "stride": 2, "pad": "valid"}, (MAP,), "3x5x6",
     Counters(15 * 2 * 3 * 12, weights=2 * 12)),
    # What only moves or cuts.
    ("upsample", {}, (MAP,), "8x12x8", Counters()),
    ("upsample", {"mode": "bilinear"}, (MAP,), "8x12x8", Counters(0, 4 * 4 * 192, 3 * 4 * 192)),
    ("upsample", {"size": (5, 7), "mode": "bilinear"}, (MAP,), "5x7x8", Counters(0, 4 * 35 * 8, 3 * 35 * 8)),
    ("upsample", {"scale": (1, 3)}, (MAP,), "4x18x8", Counters()),
    ("shuffle", {"groups": 4}, (MAP,), "4x6x8", Counters()),
    ("slice", {"start": 2, "stop": 7}, (MAP,), "4x6x5", Counters()),
    ("slice", {"start": 7}, (MAP,), "4x6x1", Counters()),
    ("slice", {"stop": 8}, (MAP,), "4x6x8", Counters()),
    ("split", {"parts": 4, "part": 3}, (MAP,), "4x6x2", Counters()),
    ("gather", {"out": 20}, (MAP,), "4x6x20", Counters()),
    ("pad", {"size": (1, 2, 3, 4)}, (MAP,), "7x13x8", Counters()),
    ("pad", {"size": (0, 1), "channels": 3}, (MAP,), "4x8x11", Counters()),
    ("crop", {"size": (1, 2, 0, 1)}, (MAP,), "1x5x8", Counters()),
    ("flatten", {}, (MAP,), "1x1x192", Counters()),
    ("dropout", {}, (MAP,), "4x6x8", Counters()),
    ("identity", {}, (MAP,), "4x6x8", Counters()),
    ("transpose", {}, (MAP,), "8x24", Counters()),
    ("upsample", {"mode": "bicubic"}, (MAP,), "8x12x8", Counters(0, 16 * 4 * 192, 15 * 4 * 192)),
    ("permute", {"size": (8, 6), "channels": 4}, (MAP,), "8x6x4", Counters()),
    ("select", {"size": (1, 6), "channels": 3}, (MAP,), "1x6x3", Counters()),
    ("stretch", {"size": (4, 6), "channels": 8}, (Shape((1, 1), 8),), "4x6x8", Counters()),
    ("constant", {"size": 5, "channels": 8}, (), "5x8", Counters(weights=40)),
    ("constant", {"size": (5, 2), "channels": 8, "learned": 8}, (), "5x2x8", Counters(weights=8)),
    ("constant", {"size": 5, "channels": 8, "learned": 0}, (), "5x8", Counters()),
    ("embedding", {"entries": 100, "out": 12}, (Shape((7,), 1),), "7x12", Counters(weights=1200)),
    ("embedding", {"entries": 100, "out": 12}, (Shape((7,), 2),), "7x24", Counters(weights=1200)),
    ("embedding", {"entries": 100, "out": 12, "shared": True}, (Shape((7,), 1),), "7x12", Counters()),
    ("unknown", {}, (MAP,), "4x6x8", Counters()),
    ("reshape", {"size": (2, 12)}, (MAP,), "2x12x8", Counters()),
    ("reshape", {"size": 24}, (MAP,), "24x8", Counters()),
]  # fmt: skip


@pytest.mark.parametrize(("op", "fields", "shapes", "output", "expected"), WORKED)
def test_worked_by_hand(
    op: str, fields: dict[str, Any], shapes: tuple[Shape, ...], output: str, expected: Counters
) -> None:
    operator = REGISTRY[op](**fields)
    found = operator.shape(*shapes)

    assert output == str(found)
    assert expected == operator.cost(*shapes, found)


def test_every_operator_is_worked_by_hand() -> None:
    assert set(REGISTRY) == {op for op, *_ in WORKED}


def test_what_operators_do_with_memory() -> None:
    """The ones that may overwrite their input, and the ones that only read it differently."""
    values = {
        "relu",
        "relu6",
        "leaky_relu",
        "prelu",
        "sigmoid",
        "hsigmoid",
        "swish",
        "hswish",
        "tanh",
        "gelu",
        "softmax",
        "mish",
        "elu",
        "softplus",
        "elementwise",
    }

    assert values | {"bn", "ln", "gn", "affine", "instance_norm", "rms_norm"} == {
        name for name, op in REGISTRY.items() if op.in_place
    }
    assert {"slice", "split", "crop", "flatten", "dropout", "identity", "reshape"} == {
        name for name, op in REGISTRY.items() if op.is_view
    }


def test_words_under_which_reports_add_up() -> None:
    def kind(op: str, **fields: Any) -> str:
        return REGISTRY[op](**fields).kind()

    assert "conv 1x1" == kind("conv", out=3)
    assert "conv 1x7 grouped" == kind("conv", out=4, k=(1, 7), groups=2)
    assert "dwconv 3x3" == kind("dwconv")
    assert "conv_transpose 2x2" == kind("conv_transpose", out=3)
    assert "dynamic_conv 5x5" == kind("dynamic_conv", out=3, k=5)
    assert "maxpool 2x2" == kind("maxpool", k=2)
    assert "relu" == kind("relu")


MEASURED: list[tuple[str, dict[str, Any], tuple[Shape, ...], Iterable[str], int, str]] = [
    ("conv", {"out": 64, "k": 3}, (Shape((28, 28), 32),), ["macs"], 14450688, "fvcore, thop, torch"),
    ("conv", {"out": 64, "k": 3, "bias": True}, (Shape((28, 28), 32),), ["macs", "additions"], 14500864, "ptflops"),
    ("conv", {"out": 64, "k": 3, "bias": True}, (Shape((28, 28), 32),), ["weights", "biases"], 18496, "thop"),
    ("conv", {"out": 64, "k": 3, "groups": 4}, (Shape((28, 28), 32),), ["macs"], 3612672, "fvcore, thop, torch"),
    ("dwconv", {"bias": True}, (Shape((28, 28), 32),), ["macs", "additions"], 250880, "ptflops"),
    ("conv", {"out": 16, "k": 3}, (Shape((4, 14, 14), 8),), ["macs"], 2709504, "fvcore, thop, torch"),
    ("conv_transpose", {"out": 16, "k": 4, "bias": True}, (Shape((28, 28), 32),), ["macs"], 6422528, "fvcore, torch"),
    ("conv_transpose", {"out": 16, "k": 4, "bias": True}, (Shape((28, 28), 32),), ["macs", "additions"], 6472704,
     "ptflops"),
    ("linear", {"out": 1000}, (Shape((1, 1), 1024),), ["macs", "additions"], 1025000, "ptflops, torchinfo"),
    ("bn", {}, (Shape((28, 28), 32),), ["multiplications", "additions"], 50176, "fvcore"),
    ("relu6", {}, (Shape((28, 28), 32),), ["comparisons"], 50176, "onnx-tool"),
    ("leaky_relu", {}, (Shape((28, 28), 32),), ["comparisons", "multiplications"], 50176, "onnx-tool"),
    ("hsigmoid", {}, (Shape((28, 28), 32),), ["additions", "comparisons", "multiplications"], 100352, "onnx-tool"),
    ("hswish", {}, (Shape((28, 28), 32),), ["additions", "comparisons", "multiplications"], 125440, "onnx-tool"),
    ("softmax", {}, (Shape((1, 1), 1000),), ["exponentials", "additions", "divisions"], 2999, "thop, torchstat"),
    ("maxpool", {"k": 3, "stride": 2, "pad": 1}, (Shape((28, 28), 32),), ["comparisons"], 50176, "torchstat"),
    ("maxpool", {"k": 2}, (Shape((28, 28), 32),), ["comparisons"], 18816, "torchstat, torchmeter"),
    ("avgpool", {"k": 2}, (Shape((28, 28), 32),), ["additions"], 18816, "torchmeter"),
    ("avgpool", {"k": 2}, (Shape((28, 28), 32),), ["additions", "divisions"], 25088, "torchstat, onnx-tool"),
    ("gap", {}, (Shape((7, 7), 1024),), ["additions", "divisions"], 50176, "fvcore"),
    ("add", {}, (Shape((28, 28), 32),) * 2, ["additions"], 25088, "DeepSpeed, onnx-tool"),
    ("mul", {}, (Shape((28, 28), 32), Shape((1, 1), 32)), ["multiplications"], 25088, "torchprofile, onnx-tool"),
    ("upsample", {"mode": "bilinear"}, (Shape((28, 28), 32),), ["multiplications"], 401408, "fvcore, torchprofile"),
    ("matmul", {"transpose": True, "heads": 8}, (Shape((49,), 256),) * 2, ["macs"], 614656, "fvcore, torch"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "fields", "shapes", "counters", "expected", "source"), MEASURED)
def test_measured_by_others(
    op: str, fields: dict[str, Any], shapes: tuple[Shape, ...], counters: list[str], expected: int, source: str
) -> None:
    """Single layers on running counters (their versions: docs/testing.md); `counters` are what the tool adds up."""
    operator = REGISTRY[op](**fields)
    found = operator.cost(*shapes, operator.shape(*shapes))

    assert expected == sum(getattr(found, counter) for counter in counters), source


@pytest.mark.parametrize(
    "row", read_rows([GOLDEN / "counters" / "torchvision.csv"]), ids=lambda row: f"{name_of(row)}-{row['counter']}"
)
def test_counters_of_networks(row: dict[str, str]) -> None:
    """Primitive work of nine networks, as hooks on the running models saw it."""
    report = costcalc.load(row["network"], **settings_of(row["settings"])).report(by="node", convention="flops")
    stored = {"norm_statistics": "buffers", "norm_affine": "params"}
    key = stored.get(row["counter"], row["counter"])
    ops = row["operators"].split()

    assert int(row["value"]) == sum(line[key] for line in report.rows if line["op"] in ops), row["source"]


def load(folder: Path, text: str) -> costcalc.Network:
    """A network from the lines of its spec."""
    file = folder / "worked.yaml"
    file.write_text("costcalc: 1\nname: worked\n" + text, encoding="utf-8")
    return costcalc.load(str(file))


def test_attention(tmp_path: Path) -> None:
    """nn.MultiheadAttention(256, 8) on 49 positions: DeepSpeed measures 14,074,368 MACs and 263,168 parameters."""
    text = """input: [1, 49, 256]
layers:
- x: {op: reshape, size: [49]}
- q: {op: conv, out: 256, bias: true}
- k: {op: conv, out: 256, bias: true, from: x}
- v: {op: conv, out: 256, bias: true, from: x}
- scores: {op: matmul, transpose: true, heads: 8, from: [q, k]}
- shares: {op: softmax, heads: 8}
- mixed: {op: matmul, heads: 8, from: [shares, v]}
- out: {op: conv, out: 256, bias: true}
"""
    report = load(tmp_path, text).report(by="node", convention="flops")
    work = {row["name"]: row for row in report.rows}

    assert 4 * 49 * 256 * 256 + 2 * 8 * 49 * 49 * 32 == 14_074_368 == report.mult_adds
    assert 4 * (256 * 256 + 256) == 263_168 == report.params
    assert 8 * 49 * 49 * 32 == 614_656 == work["scores"]["macs"] == work["mixed"]["macs"]
    assert 8 * 49 * (49 + 48 + 49) == work["shares"]["flops"]
    assert 2 * 14_074_368 + 4 * 49 * 256 + 8 * 49 * 146 == report.totals.total


def test_flops_of_a_small_network(tmp_path: Path) -> None:
    """Every primitive operation once, a multiply-add as two; nothing has no cost that has work."""
    text = """input: 6x6x3
layers:
- {op: conv, out: 4, k: 3, bias: true, norm: bn, act: relu6}
- {op: maxpool, k: 2}
- {op: avgpool, k: 3}
- {op: flatten}
- {op: linear, out: 5, act: softmax}
"""
    report = load(tmp_path, text).report(by="node", convention="flops")

    assert [
        2 * 36 * 27 * 4 + 36 * 4,  # the convolution and its bias
        2 * 144,  # scale and shift
        2 * 144,  # two comparisons
        9 * 4 * 3,  # 3x3 windows of 2x2
        4 * (8 + 1),  # one window of 3x3: eight additions, a division
        0,
        2 * 4 * 5 + 5,
        5 + 4 + 5,
    ] == [row["flops"] for row in report.rows]


def test_traffic_and_activations_of_a_small_network(tmp_path: Path) -> None:
    """Each layer reads its inputs, writes its output, and reads its parameters; a byte each."""
    text = """input: 6x6x3
layers:
- a: {op: conv, out: 4, k: 3, norm: bn, act: relu}
- b: {op: conv, out: 4}
- {op: add, from: [a, b]}
- {op: flatten}
- {op: linear, out: 5}
"""
    network = load(tmp_path, text)
    totals = network.report(dtype="int8").totals
    params = [27 * 4 + 4 + 4, 4 * 4, 0, 144 * 5 + 5]
    read = [108, 144, 144 + 144, 144]
    written = [144, 144, 144, 5]

    assert sum(params) == totals.weight_bytes == totals.params
    assert sum(written) == totals.activation_bytes
    assert sum(params) + sum(read) + sum(written) == totals.traffic_bytes
    # While the sum is made, both of its inputs are alive beside it.
    assert 3 * 144 == totals.peak_activation_bytes
    # Bits fill whole bytes layer by layer: 144 bits take 18 bytes, 5 bits one; 116, 16 and 725 bits take 15, 2 and 91.
    bits = network.report(dtype="binary").totals
    assert (18 + 18 + 18 + 1, 15 + 2 + 91) == (bits.activation_bytes, bits.weight_bytes)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("- {op: relu}", 32 + 32),  # the input itself is never overwritten: a copy
        ("- {op: conv, out: 2}\n- {op: relu}\n- {op: bn}", 32 + 32),  # in place, twice
        ("- a: {op: conv, out: 2}\n- b: {op: relu}\n- {op: add, from: [a, b]}", 3 * 32),  # a is read again
        ("- a: {op: conv, out: 2}\n- {op: relu}\n- c: {op: conv, out: 1, from: a}", 32 + 32 + 16),
        ("- {op: conv, out: 8}\n- {op: slice, stop: 2}\n- {op: conv, out: 1}", 32 + 128),
        ("- {op: conv, out: 8}\n- {op: split, parts: 4}\n- {op: conv, out: 4}", 128 + 64),  # a part keeps the whole
        ("- {op: conv, out: 4}" + "\n- {op: conv, out: 1, from: input}" * 2, 32 + 64 + 16 + 16),
        ("- a: {op: conv, out: 4}\n- b: {op: conv, out: 1}\n- {op: concat, from: [input, a, b]}", 32 + 64 + 16 + 112),
    ],
)  # fmt: skip
def test_peak_of_a_small_network(layers: str, expected: int, tmp_path: Path) -> None:
    """On 4x4x2, worked by hand: what is alive at once, a byte a value."""
    network = load(tmp_path, f"input: 4x4x2\nlayers:\n{layers}\n")

    assert expected == network.report(dtype="int8").totals.peak_activation_bytes


def test_where_the_peak_is(tmp_path: Path) -> None:
    """The first of several equal ones."""
    convolution = "- {op: conv, out: 2}\n"

    for layers, peak_at in (
        (convolution * 3, "conv1"),
        (convolution + "- {op: conv, out: 3}\n" + convolution, "conv2"),
        ("- {op: relu}\n- {op: conv, out: 1}\n", "relu1"),
    ):
        assert peak_at == load(tmp_path, "input: 4x4x2\nlayers:\n" + layers).report().totals.peak_at


def test_peaks_of_known_networks() -> None:
    """What is alive at once, in words.

    MobileNetV1: what enters and leaves the first pointwise convolution. DenseNet-121, in the sixth layer of its first
    block: its input of 64 + 5 x 32 channels, which the concatenation takes again, a normalised copy of it, and the
    128 channels made of that.
    """
    mobilenet = costcalc.load("mobilenet_v1").report(dtype="int8").totals
    densenet = costcalc.load("densenet121").report(dtype="int8").totals

    assert 112 * 112 * (32 + 64) == mobilenet.peak_activation_bytes
    assert 56 * 56 * (224 + 224 + 128) == densenet.peak_activation_bytes
    assert "separable1.conv1" == mobilenet.peak_at


def test_counters_have_names() -> None:
    assert "macs multiplications additions comparisons divisions exponentials".split() == list(COUNTERS[:6])
