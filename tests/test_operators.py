"""Operators: textbook figures, counters that really loop, what does not fit. No test recomputes the rule it tests."""

from __future__ import annotations

from collections import Counter

import oracle
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import Case, cases

from costcalc.errors import OperatorError
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
    """Windows of 2 with stride 2 and padding 1 over 3 start at -1 and 1; one at 3 would see nothing but padding."""
    assert (2,) == REGISTRY["maxpool"](k=2, stride=2, pad=1, ceil=True).shape(Shape((3,), 1)).spatial
    assert (2,) == REGISTRY["maxpool"](k=2, stride=2, pad=1, ceil=True).shape(Shape((2,), 1)).spatial
    assert (3,) == REGISTRY["maxpool"](k=2, stride=2, pad=1, ceil=True).shape(Shape((4,), 1)).spatial


def test_a_last_window_may_be_the_only_one() -> None:
    """PyTorch's max_pool2d of one position by 2 with stride 2 and ceil_mode gives it; of 3 with stride 1 nothing."""
    assert (1, 2) == REGISTRY["maxpool"](k=2, ceil=True).shape(Shape((1, 3), 4)).spatial
    found = [cost("maxpool", Shape(shape, 4), k=2, ceil=True).comparisons for shape in ((1, 1), (1, 2))]
    assert [0, 4] == found  # one value, and the larger of two, of 4 channels
    with pytest.raises(OperatorError, match="a window of 3 does not fit into 1"):
        REGISTRY["maxpool"](k=3, stride=2, ceil=True).shape(Shape((1, 1), 4))


def test_what_ceil_cuts_off_is_no_value() -> None:
    """2x2 with stride 2 over 7x5x6: 3x2 whole windows of 4, 2 + 3 of 2 at the edges, and one of 1 in the corner."""
    assert (3 * 2 * 3 + (2 + 3) * 1) * 6 == 138 == cost("maxpool", Shape((7, 5), 6), k=2, ceil=True).comparisons
    assert 138 == cost("avgpool", Shape((7, 5), 6), k=2, ceil=True).additions
    assert 4 * 3 * 6 == cost("avgpool", Shape((7, 5), 6), k=2, ceil=True).divisions


def test_padding_is_values_but_not_what_lies_past_it() -> None:
    """3 with stride 2 and padding 1 over 4, in one dimension: -1 to 1, 1 to 3, and 3 to 5, of which 5 is no value."""
    assert 2 + 2 + 1 == cost("maxpool", Shape((4,), 1), k=3, stride=2, pad=1, ceil=True).comparisons
    assert 2 + 2 == cost("maxpool", Shape((4,), 1), k=3, stride=2, pad=1).comparisons


@given(cases("conv"))
def test_convolution_against_loops(case: Case) -> None:
    fields, (x,) = case
    _fits(fields, x)

    _same(oracle.conv(fields, x), cost("conv", x, **fields))


@given(cases("dwconv"))
def test_depthwise_convolution_against_loops(case: Case) -> None:
    fields, (x,) = case
    _fits(fields, x)

    _same(oracle.dwconv(fields, x), cost("dwconv", x, **fields))


@given(cases("conv_transpose"))
def test_transposed_convolution_against_loops(case: Case) -> None:
    """Costs, and the positions that come out."""
    fields, (x,) = case
    expected, shape = oracle.conv_transpose(fields, x)
    assume(min(shape) > 0)

    assert shape == REGISTRY["conv_transpose"](**fields).shape(x).spatial
    _same(expected, cost("conv_transpose", x, **fields))


@given(cases("dynamic_conv"))
def test_dynamic_convolution_against_loops(case: Case) -> None:
    """A convolution that stores nothing: its weights arrive."""
    fields, (x, kernel) = case
    _fits(fields, x)
    expected = oracle.conv({**fields, "bias": False}, x)

    assert kernel.channels == expected.pop("weights")
    _same(expected, cost("dynamic_conv", x, kernel, **fields))


@given(cases("channel_conv"))
def test_channel_convolution_against_loops(case: Case) -> None:
    fields, (x,) = case

    _same(oracle.channel_conv(fields, x), cost("channel_conv", x, **fields))


@given(cases("matmul"))
def test_matrix_product_against_loops(case: Case) -> None:
    fields, (a, b) = case

    _same(oracle.matmul(fields, a, b), cost("matmul", a, b, **fields))


@given(st.sampled_from(["maxpool", "avgpool"]), cases("maxpool"))
def test_pooling_against_loops(op: str, case: Case) -> None:
    fields, (x,) = case
    _fits(fields, x)

    assert tuple(map(len, oracle.windows(x, fields))) == REGISTRY[op](**fields).shape(x).spatial
    _same(oracle.pool(fields, x, op), cost(op, x, **fields))


@given(st.sampled_from(["adaptive_avgpool", "adaptive_maxpool"]), cases("adaptive_avgpool"))
def test_adaptive_pooling_against_loops(op: str, case: Case) -> None:
    fields, (x,) = case

    _same(oracle.adaptive(fields, x, op), cost(op, x, **fields))


@given(st.sampled_from(["gap", "global_maxpool"]), cases("gap"))
def test_global_pooling_against_loops(op: str, case: Case) -> None:
    """One window that takes in everything."""
    (x,) = case[1]

    _same(oracle.adaptive({"size": 1}, x, "adaptive_avgpool" if op == "gap" else "adaptive_maxpool"), cost(op, x))


@pytest.mark.parametrize("op", sorted(oracle.ACTIVATIONS))
@given(x=cases("relu").map(lambda case: case[1][0]))
def test_activations_as_they_are_written(op: str, x: Shape) -> None:
    """What is done for each value of a map, by a number that keeps count; what comes out is the activation."""
    work, meaning = oracle.ACTIVATIONS[op]
    done: Counter[str] = Counter()
    for value in oracle.values(x.elements, done):
        assert work(value).number == pytest.approx(meaning(value.number), abs=2e-3 if op == "gelu" else 1e-12)
    done += Counter(weights=x.channels if op == "prelu" else 0)

    _same(done, cost(op, x))


@given(cases("ln"))
def test_layer_norm_as_it_is_written(case: Case) -> None:
    fields, (x,) = case

    _norm(x, x.positions, fields["affine"], cost("ln", x, **fields))


@given(cases("gn"))
def test_group_norm_as_it_is_written(case: Case) -> None:
    fields, (x,) = case

    _norm(x, fields["groups"], fields["affine"], cost("gn", x, **fields))


def _norm(x: Shape, sets: int, affine: bool, found: Counters) -> None:
    """`sets` equal parts of x, each brought to mean 0 and variance 1."""
    done: Counter[str] = Counter()
    for start in range(sets):
        part = oracle.values(x.elements, done)[start::sets]
        normal = [value.number - affine for value in oracle.standardised(part, affine)]
        assert sum(normal) == pytest.approx(0, abs=1e-9)
    _same(done + Counter(norm_affine=2 * x.channels if affine else 0), found)


@given(cases("softmax"))
def test_softmax_as_it_is_written(case: Case) -> None:
    """Each head of each position by itself."""
    fields, (x,) = case
    done: Counter[str] = Counter()
    for _ in range(x.positions * fields["heads"]):
        parts = oracle.softmax(oracle.values(x.channels // fields["heads"], done))
        assert sum(part.number for part in parts) == pytest.approx(1)

    _same(done, cost("softmax", x, **fields))


@given(cases("lrn"))
def test_local_response_norm_as_it_is_written(case: Case) -> None:
    fields, (x,) = case
    done: Counter[str] = Counter()
    for _ in range(x.positions):
        oracle.response_normalised(oracle.values(x.channels, done), fields["size"])

    _same(done, cost("lrn", x, **fields))


@given(cases("upsample"))
def test_bilinear_upsampling_as_it_is_written(case: Case) -> None:
    """Between the smallest and the largest value; nothing is computed for `nearest`."""
    fields, (x,) = case
    done: Counter[str] = Counter()
    for _ in range(x.channels):
        flat = oracle.values(x.positions, done)
        rows = [flat[i : i + x.spatial[1]] for i in range(0, len(flat), x.spatial[1])]
        large = [value.number for row in oracle.interpolated(rows, fields["scale"]) for value in row]
        low, high = min(value.number for value in flat), max(value.number for value in flat)
        assert low - 1e-9 <= min(large) <= max(large) <= high + 1e-9

    _same(done, cost("upsample", x, **{**fields, "mode": "bilinear"}))
    assert Counters() == cost("upsample", x, **{**fields, "mode": "nearest"})


@given(cases("rbf"))
def test_radial_basis_as_it_is_written(case: Case) -> None:
    fields, (x,) = case

    _same(oracle.distances(oracle.values(x.channels, Counter()), fields["out"]), cost("rbf", x, **fields))


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


def _same(expected: Counter[str], found: Counters) -> None:
    counted = dict(zip(COUNTERS, found, strict=True))
    assert {key: value for key, value in expected.items() if value} == {k: v for k, v in counted.items() if v}


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


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_operator_names_its_source(name: str) -> None:
    doc = REGISTRY[name].__doc__ or ""

    assert "Source:" in doc
    assert "Shapes:" in doc or REGISTRY[name].family == "activation"
