"""What operators refuse: the message, the field at fault, and what was expected, word for word."""

from __future__ import annotations

from typing import Any

import pytest

from costcalc.errors import OperatorError, Place, QuantityError
from costcalc.graph import INPUT, Builder
from costcalc.operators import REGISTRY, Shape

X = Shape((4, 4), 6)
FLATTEN = "a `flatten` or a pooling before it; for a linear map at each position, a conv with k 1"
REFUSED: list[tuple[str, dict[str, Any], list[Shape], str, str, str]] = [
    ("conv", {"out": 6, "groups": 3}, [Shape((4, 4), 8)], "8 does not divide by 3", "", ""),
    ("conv", {"out": 8, "groups": 3}, [X], "8 does not divide by 3", "", ""),
    ("conv", {"out": 8, "k": 5, "pad": "valid"}, [X], "a window of 5 does not fit into 4 + 0 + 0 positions", "k", ""),
    (
        "conv",
        {"out": 8, "k": 3, "dilation": 2, "pad": 0},
        [X],
        "a window of 5 does not fit into 4 + 0 + 0 positions",
        "k",
        "",
    ),
    ("conv", {"out": 8, "k": (1, 2, 3)}, [X], "k has 3 sizes, the input has 2 dimensions", "k", ""),
    ("conv", {"out": 8, "stride": (1, 2, 3)}, [X], "stride has 3 sizes, the input has 2 dimensions", "stride", ""),
    (
        "conv",
        {"out": 8, "dilation": (1, 2, 3), "pad": 0},
        [X],
        "dilation has 3 sizes, the input has 2 dimensions",
        "dilation",
        "",
    ),
    (
        "conv",
        {"out": 8, "pad": (1, 2, 3)},
        [X],
        "pad has 3 sizes, the input has 2 dimensions",
        "pad",
        "1, 2 or 4 sizes",
    ),
    ("conv", {"out": 8}, [Shape((), 6)], "6 has no positions for a window to slide over", "", ""),
    ("conv_transpose", {"out": 8, "groups": 3}, [X], "8 does not divide by 3", "", ""),
    ("conv_transpose", {"out": 6, "groups": 3}, [Shape((4, 4), 8)], "8 does not divide by 3", "", ""),
    (
        "conv_transpose",
        {"out": 6, "k": 1, "stride": 1, "pad": 2},
        [X],
        "the padding leaves nothing of the output",
        "pad",
        "",
    ),
    (
        "conv_transpose",
        {"out": 6, "output_pad": (1, 2, 3), "pad": 0},
        [X],
        "output_pad has 3 sizes, the input has 2 dimensions",
        "output_pad",
        "",
    ),
    ("conv_transpose", {"out": 6, "k": (1, 2, 3)}, [X], "k has 3 sizes, the input has 2 dimensions", "k", ""),
    (
        "conv_transpose",
        {"out": 6, "stride": (1, 2, 3)},
        [X],
        "stride has 3 sizes, the input has 2 dimensions",
        "stride",
        "",
    ),
    (
        "conv_transpose",
        {"out": 6, "dilation": (1, 2, 3)},
        [X],
        "dilation has 3 sizes, the input has 2 dimensions",
        "dilation",
        "",
    ),
    ("linear", {"out": 8}, [X], "linear takes a flat input, 4x4x6 arrives", "", FLATTEN),
    ("rbf", {"out": 8}, [Shape((1, 4), 6)], "rbf takes a flat input, 1x4x6 arrives", "", FLATTEN),
    ("add", {}, [X, Shape((4, 4), 5)], "add needs equal shapes, 4x4x6 and 4x4x5 arrive", "", ""),
    ("add", {}, [X, X, Shape((4, 3), 6)], "add needs equal shapes, 4x4x6, 4x4x6 and 4x3x6 arrive", "", ""),
    ("add", {}, [X, Shape((4,), 6)], "add needs equal shapes, 4x4x6 and 4x6 arrive", "", ""),
    ("maximum", {}, [X, Shape((3, 4), 6)], "maximum needs equal shapes, 4x4x6 and 3x4x6 arrive", "", ""),
    ("concat", {}, [X, Shape((2, 4), 6)], "concat needs equal positions, 4x4x6 and 2x4x6 arrive", "", ""),
    ("concat", {}, [X, Shape((4,), 6)], "concat needs equal positions, 4x4x6 and 4x6 arrive", "", ""),
    ("concat", {"along": "axis2"}, [X, X], "4x4x6 has no axis2", "along", ""),
    (
        "concat",
        {"along": "axis0"},
        [X, Shape((2, 3), 6)],
        "concat needs equal sizes but along its own dimension, 4x4x6 and 2x3x6 arrive",
        "",
        "",
    ),
    (
        "concat",
        {"along": "axis1"},
        [X, Shape((4, 3), 5)],
        "concat needs equal sizes but along its own dimension, 4x4x6 and 4x3x5 arrive",
        "",
        "",
    ),
    (
        "concat",
        {"along": "axis0"},
        [X, Shape((4,), 4)],
        "concat needs equal sizes but along its own dimension, 4x4x6 and 4x4 arrive",
        "",
        "",
    ),
    (
        "combine",
        {},
        [X, Shape((4, 2), 6)],
        "combine needs equal sizes, or 1, after the first input; 4x4x6 and 4x2x6 arrive",
        "",
        "",
    ),
    ("permute", {"size": (2, 8), "channels": 7}, [X], "4x4x6 has 96 values, 2x8x7 has 112", "size", ""),
    ("permute", {"size": 2, "channels": 7}, [X], "4x4x6 has 96 values, 2x7 has 14", "size", ""),
    (
        "select",
        {"size": (2, 8), "channels": 7},
        [X],
        "2x8x7 is more than 4x4x6",
        "size",
        "some of the values that arrive",
    ),
    (
        "stretch",
        {"size": (5, 19), "channels": 1},
        [X],
        "5x19x1 is less than 4x4x6",
        "size",
        "all of the values that arrive",
    ),
    (
        "mul",
        {},
        [X, Shape((1, 1), 5)],
        "mul needs equal sizes, or 1, after the first input; 4x4x6 and 1x1x5 arrive",
        "",
        "",
    ),
    (
        "mul",
        {},
        [X, Shape((1,), 6)],
        "mul needs equal sizes, or 1, after the first input; 4x4x6 and 1x6 arrive",
        "",
        "",
    ),
    (
        "mul",
        {},
        [Shape((1, 1), 6), X],
        "mul needs equal sizes, or 1, after the first input; 1x1x6 and 4x4x6 arrive",
        "",
        "",
    ),
    ("shuffle", {"groups": 4}, [X], "6 does not divide by 4", "", ""),
    ("split", {"parts": 2, "part": 2}, [X], "part 2 of 2 parts", "part", "parts count from 0"),
    ("split", {"parts": 4}, [X], "6 does not divide by 4", "", ""),
    ("slice", {"stop": 7}, [X], "7 channels of 6", "stop", ""),
    ("slice", {"start": 3, "stop": 3}, [X], "nothing lies between channel 3 and 3", "start", ""),
    ("slice", {"start": 6}, [X], "nothing lies between channel 6 and 6", "start", ""),
    ("softmax", {"heads": 4}, [X], "6 does not divide by 4", "", ""),
    ("gn", {"groups": 4}, [X], "6 does not divide by 4", "", ""),
    (
        "matmul",
        {"transpose": True},
        [Shape((4,), 6), Shape((4,), 5)],
        "matmul needs equal channels, 4x6 and 4x5 arrive",
        "",
        "",
    ),
    ("matmul", {"transpose": True, "heads": 4}, [Shape((4,), 6), Shape((4,), 6)], "6 does not divide by 4", "", ""),
    (
        "matmul",
        {},
        [Shape((4,), 6), Shape((4,), 5)],
        "matmul needs as many channels as the second input has positions, 4x6 and 4x5 arrive",
        "",
        "",
    ),
    ("matmul", {"heads": 4}, [Shape((4,), 16), Shape((4,), 6)], "6 does not divide by 4", "", ""),
    ("matmul", {}, [X, X, X], "matmul takes 2 inputs, 3 arrive", "", ""),
    (
        "dynamic_conv",
        {"out": 2, "k": 3},
        [X, Shape((1, 1), 5)],
        "dynamic_conv needs a kernel of 108 values, 1x1x5 arrives",
        "",
        "",
    ),
    ("dynamic_conv", {"out": 2}, [X, X, X], "dynamic_conv takes 2 inputs, 3 arrive", "", "from: [x, kernel]"),
    ("dynamic_conv", {"out": 2, "groups": 4}, [X, Shape((1, 1), 5)], "2 does not divide by 4", "", ""),
    ("dynamic_conv", {"out": 3, "groups": 2}, [X, Shape((1, 1), 9)], "3 does not divide by 2", "", ""),
    ("reshape", {"size": (2, 3)}, [Shape((4,), 6)], "4x6 has 4 positions", "size", "the same number"),
    ("pad", {"size": "same"}, [X], "pad needs sizes", "size", "a number, or one per side"),
    ("pad", {"size": (1, 2, 3)}, [X], "size has 3 sizes, the input has 2 dimensions", "size", "1, 2 or 4 sizes"),
    ("crop", {"size": "valid"}, [X], "crop needs sizes", "size", "a number, or one per side"),
    ("crop", {"size": 2}, [X], "nothing is left of 4x4x6", "size", ""),
    ("crop", {"size": (0, 2)}, [X], "nothing is left of 4x4x6", "size", ""),
    ("crop", {"size": (1, 2, 3)}, [X], "size has 3 sizes, the input has 2 dimensions", "size", "1, 2 or 4 sizes"),
    ("upsample", {"size": (1, 2, 3)}, [X], "size has 3 sizes, the input has 2 dimensions", "size", ""),
    ("upsample", {"scale": (1, 2, 3)}, [X], "scale has 3 sizes, the input has 2 dimensions", "scale", ""),
    ("adaptive_avgpool", {"size": (1, 2, 3)}, [X], "size has 3 sizes, the input has 2 dimensions", "size", ""),
    ("maxpool", {"k": (1, 2, 3)}, [X], "k has 3 sizes, the input has 2 dimensions", "k", ""),
    ("maxpool", {"k": 5}, [X], "a window of 5 does not fit into 4 + 0 + 0 positions", "k", ""),
    (
        "channel_conv",
        {"k": 3, "window": (1, 2, 3)},
        [X],
        "window has 3 sizes, the input has 2 dimensions",
        "window",
        "",
    ),
    ("channel_conv", {"k": 7, "pad": "valid"}, [X], "a window of 7 does not fit into 6 + 0 + 0 positions", "k", ""),
]


@pytest.mark.parametrize(("op", "fields", "shapes", "message", "field", "expected"), REFUSED)
def test_what_does_not_fit_is_an_error(
    op: str, fields: dict[str, Any], shapes: list[Shape], message: str, field: str, expected: str
) -> None:
    operator = REGISTRY[op](**fields)
    with pytest.raises((OperatorError, QuantityError)) as caught:
        operator.cost(*shapes, operator.shape(*shapes))

    error = caught.value
    assert (message, field, expected) == (str(error), getattr(error, "field", ""), getattr(error, "expected", ""))


def test_what_just_fits() -> None:
    """One step before the refusal."""
    assert "1x1x8" == str(REGISTRY["conv"](out=8, k=4, pad="valid").shape(X))
    assert "1x1x6" == str(REGISTRY["crop"](size=(1, 2, 2, 1)).shape(X))
    assert "4x4x1" == str(REGISTRY["slice"](start=5).shape(X))
    assert "4x4x3" == str(REGISTRY["split"](parts=2, part=1).shape(X))
    assert "1x1x8" == str(REGISTRY["conv_transpose"](out=8, k=1, stride=1, pad=(1, 2)).shape(Shape((3, 5), 6)))
    assert "1x1x6" == str(REGISTRY["mul"]().shape(Shape((1, 1), 6), Shape((1, 1), 1)))
    assert "4x7x6" == str(REGISTRY["concat"](along="axis1").shape(X, Shape((4, 3), 6)))
    assert "7x4x6" == str(REGISTRY["concat"](along="axis0").shape(X, Shape((3, 4), 6)))
    assert "4x4x6" == str(REGISTRY["concat"](along="axis0").shape(X))
    assert "4x4x6" == str(REGISTRY["combine"]().shape(X, Shape((1, 1), 6), Shape((4, 4), 1)))
    assert "96x1" == str(REGISTRY["permute"](size=96, channels=1).shape(X))
    for op in ("select", "stretch"):
        assert "8x3x4" == str(REGISTRY[op](size=(8, 3), channels=4).shape(X))


def test_what_joins_takes_two() -> None:
    """Another way to refuse it is that of a shape rule, which some joins do not have."""
    for op in ("add", "mul", "concat", "maximum", "combine"):
        with pytest.raises(OperatorError, match=f"^{op} takes two or more inputs, 1 arrive$"):
            Builder(X).add(REGISTRY[op](), (INPUT,), op, op, op, op, Place("", 0, 0))


def test_an_operator_is_registered_once() -> None:
    from costcalc.operators.base import operator

    with pytest.raises(ValueError, match="operator 'conv' is registered twice"):
        operator("conv")(type("Again", (REGISTRY["conv"],), {}))
