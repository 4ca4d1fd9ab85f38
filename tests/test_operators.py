"""Operators: textbook figures, a counter that really loops, and what does not fit."""

from __future__ import annotations

import oracle
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import cases

from costcalc.errors import OperatorError, QuantityError
from costcalc.operators import COUNTERS, REGISTRY, Counters, Shape


def cost(op: str, *xs: Shape, **fields: object) -> Counters:
    """The counters of one operator."""
    operator = REGISTRY[op](**fields)
    return operator.cost(*xs, operator.shape(*xs))


X = Shape((64, 64), 3)


def test_standard_convolution_of_the_textbook() -> None:
    """[64x64x3] -> [64x64x4], 3x3."""
    found = cost("conv", X, out=4, k=3)

    assert 64 * 64 * 4 * 3 * 3 * 3 == 442_368 == found.macs
    assert 3 * 3 * 3 * 4 == 108 == found.weights


def test_separable_convolution_of_the_textbook() -> None:
    """The same as depthwise and pointwise."""
    depthwise, pointwise = cost("dwconv", X, k=3), cost("conv", X, out=4)

    assert (110_592, 49_152) == (depthwise.macs, pointwise.macs)
    assert (27, 12) == (depthwise.weights, pointwise.weights)
    assert 159_744 == depthwise.macs + pointwise.macs


def test_groups_divide_the_cost() -> None:
    """1x1, 4 -> 2 channels at 64x64, plain and in two groups."""
    x = Shape((64, 64), 4)

    assert (32_768, 8) == (cost("conv", x, out=2).macs, cost("conv", x, out=2).weights)
    assert (16_384, 4) == (cost("conv", x, out=2, groups=2).macs, cost("conv", x, out=2, groups=2).weights)


def test_first_convolution_of_vgg16() -> None:
    found = cost("conv", Shape((224, 224), 3), out=64, k=3)

    assert (86_704_128, 1_728) == (found.macs, found.weights)


def test_three_dimensional_convolution() -> None:
    """X3D's temporal stem: 5x1x1 depthwise over 16 frames."""
    found = cost("dwconv", Shape((16, 112, 112), 24), k=(5, 1, 1))

    assert (16 * 112 * 112 * 24 * 5, 24 * 5) == (found.macs, found.weights)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"k": 3, "stride": 2, "ceil": True}, 55),  # (111 - 3) / 2 + 1
        ({"k": 3, "stride": 2, "ceil": True, "pad": 1}, 56),
        ({"k": 2, "stride": 2, "ceil": True}, 56),  # the last window covers one position
        ({"k": 2, "stride": 2}, 55),
        ({"k": 1, "stride": 3, "ceil": True}, 37),
    ],
)
def test_ceil_mode(fields: dict[str, object], expected: int) -> None:
    """Sizes round up, but a window that would start in the padding after is dropped."""
    assert (expected, expected) == REGISTRY["maxpool"](**fields).shape(Shape((111, 111), 1)).spatial


def test_caffe_drops_a_window_that_starts_in_the_padding() -> None:
    """A window of 2 with stride 2 and padding 1 over 3: ceil gives 3, whose start 4 is not inside 3 + 1."""
    assert (2,) == REGISTRY["maxpool"](k=2, stride=2, pad=1, ceil=True).shape(Shape((2,), 1)).spatial


@given(cases("conv"))
def test_convolution_against_loops(case: tuple[dict[str, object], tuple[Shape]]) -> None:
    fields, (x,) = case
    _fits(fields, x)

    _same(oracle.conv(fields, x), cost("conv", x, **fields))


@given(cases("dwconv"))
def test_depthwise_convolution_against_loops(case: tuple[dict[str, object], tuple[Shape]]) -> None:
    fields, (x,) = case
    _fits(fields, x)

    _same(oracle.dwconv(fields, x), cost("dwconv", x, **fields))


@given(st.sampled_from(["maxpool", "avgpool"]), cases("maxpool"))
def test_pooling_against_loops(op: str, case: tuple[dict[str, object], tuple[Shape]]) -> None:
    fields, (x,) = case
    fields = {**fields, "ceil": False}
    _fits(fields, x)

    _same(oracle.pool(fields, x, op), cost(op, x, **fields))


@given(st.sampled_from(["adaptive_avgpool", "adaptive_maxpool"]), cases("adaptive_avgpool"))
def test_adaptive_pooling_against_loops(op: str, case: tuple[dict[str, object], tuple[Shape]]) -> None:
    fields, (x,) = case

    _same(oracle.adaptive(fields, x, op), cost(op, x, **fields))


def test_the_loops_can_tell_a_wrong_count() -> None:
    """The comparison fails where it should."""
    x = Shape((4, 4), 2)
    right = cost("conv", x, out=3, k=3)

    with pytest.raises(AssertionError):
        _same(oracle.conv({"out": 3, "k": 2, "bias": False}, x), right)


def _fits(fields: dict[str, object], x: Shape) -> None:
    try:
        REGISTRY["maxpool"](k=fields["k"], stride=fields["stride"], pad=fields["pad"]).shape(x)
    except OperatorError:
        assume(False)


def _same(expected: dict[str, int], found: Counters) -> None:
    work = dict(zip(COUNTERS[:6], found.as_tuple()[:6], strict=True))
    assert {key: value for key, value in expected.items() if value} == {k: v for k, v in work.items() if v}


BN_RELU6 = 7 * 7 * 32


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("bn", Counters(multiplications=BN_RELU6, additions=BN_RELU6, norm_affine=2 * 32, norm_statistics=2 * 32)),
        ("relu", Counters(comparisons=BN_RELU6)),
        ("relu6", Counters(comparisons=2 * BN_RELU6)),
        ("prelu", Counters(comparisons=BN_RELU6, multiplications=BN_RELU6, weights=32)),
        ("sigmoid", Counters(exponentials=BN_RELU6, additions=BN_RELU6, divisions=BN_RELU6)),
        ("hswish", Counters(additions=BN_RELU6, comparisons=2 * BN_RELU6, multiplications=2 * BN_RELU6)),
        ("gap", Counters(additions=48 * 32, divisions=32)),
        ("softmax", Counters(exponentials=BN_RELU6, additions=49 * 31, divisions=BN_RELU6)),
        ("lrn", Counters(multiplications=2 * 1568, additions=5 * 1568, exponentials=1568, divisions=1568)),
        ("ln", Counters(3 * 0, 3 * 1568, 4 * 1568 - 49, 0, 2 * 49, 49, 0, 0, 2 * 32, 0)),
        ("dropout", Counters()),
        ("flatten", Counters()),
    ],
)
def test_counters_of_the_small_operators(op: str, expected: Counters) -> None:
    """On 7x7x32."""
    assert expected == cost(op, Shape((7, 7), 32))


@pytest.mark.parametrize(
    ("op", "fields", "shapes", "message"),
    [
        ("conv", {"out": 6, "groups": 3}, [Shape((4, 4), 8)], "8 does not divide by 3"),
        ("conv", {"out": 8, "groups": 3}, [Shape((4, 4), 6)], "8 does not divide by 3"),
        ("conv", {"out": 8, "k": 5, "pad": "valid"}, [Shape((4, 4), 6)], "a window of 5 does not fit into 4"),
        ("conv", {"out": 8, "k": 3, "dilation": 2, "pad": 0}, [Shape((4, 4), 6)], "a window of 5"),
        ("conv", {"out": 8, "k": (1, 2, 3)}, [Shape((4, 4), 6)], "k has 3 sizes, the input has 2 dimensions"),
        ("conv", {"out": 8, "pad": (1, 2, 3)}, [Shape((4, 4), 6)], "pad has 3 sizes"),
        ("linear", {"out": 8}, [Shape((4, 4), 6)], "linear takes a flat input, 4x4x6 arrives"),
        ("add", {}, [Shape((4, 4), 6), Shape((4, 4), 5)], "add needs equal shapes, 4x4x6 and 4x4x5 arrive"),
        ("concat", {}, [Shape((4, 4), 6), Shape((2, 4), 6)], "concat needs equal positions"),
        ("mul", {}, [Shape((4, 4), 6), Shape((1, 1), 5)], "mul needs equal sizes, or 1"),
        ("shuffle", {"groups": 4}, [Shape((4, 4), 6)], "6 does not divide by 4"),
        ("split", {"parts": 2, "part": 2}, [Shape((4, 4), 6)], "part 2 of 2 parts"),
        ("slice", {"stop": 9}, [Shape((4, 4), 6)], "9 channels of 6"),
        ("matmul", {"transpose": True}, [Shape((4,), 6), Shape((4,), 5)], "matmul needs equal channels"),
        ("dynamic_conv", {"out": 2, "k": 3}, [Shape((4, 4), 6), Shape((1, 1), 5)], "a kernel of 108 values"),
        ("reshape", {"size": (2, 3)}, [Shape((4,), 6)], "4x6 has 4 positions"),
    ],
)
def test_what_does_not_fit_is_an_error(op: str, fields: dict[str, object], shapes: list[Shape], message: str) -> None:
    with pytest.raises((OperatorError, QuantityError)) as caught:
        cost(op, *shapes, **fields)

    assert message in str(caught.value)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_operator_names_its_source(name: str) -> None:
    doc = REGISTRY[name].__doc__ or ""

    assert "Source:" in doc
    assert "Shapes:" in doc or REGISTRY[name].family == "activation"
