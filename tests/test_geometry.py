"""What operators say beside shapes and costs: their window, what they copy, what training keeps, and words. By hand."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from costcalc.operators import REGISTRY, Geometry, Shape
from costcalc.operators.about import default_text, first_sentence, meaning, purpose
from costcalc.operators.base import Keeps, Kept
from costcalc.operators.written import Written, usually

X = Shape((4, 4), 6)
"""16 positions, 96 values."""


@pytest.mark.parametrize(
    ("op", "fields", "expected"),
    [
        ("conv", {"out": 9, "k": 3, "stride": 2, "groups": 3}, Geometry(3, 2, 3)),
        ("conv_transpose", {"out": 9}, Geometry(2, 2, 1)),
        ("dwconv", {"k": (1, 3), "stride": 2}, Geometry((1, 3), 2, 6)),
        ("channel_conv", {"k": 5, "window": (3, 2), "stride": 2}, Geometry((3, 2, 5), (1, 1, 2), None)),
        ("channel_conv", {"k": 5, "window": 3}, Geometry((3, 3, 5), (1, 1, 1), None)),
        ("maxpool", {"k": 3, "stride": 2}, Geometry(3, 2, None)),
        ("avgpool", {"k": 3}, Geometry(3, 3, None)),
        ("shuffle", {"groups": 3}, Geometry(None, None, 3)),
        ("relu", {}, Geometry(None, None, None)),
        ("linear", {"out": 9}, Geometry(None, None, None)),
    ],
)
def test_windows_and_groups(op: str, fields: dict[str, Any], expected: Geometry) -> None:
    """A pooling steps by its kernel unless it says; a depthwise convolution has a group for each channel."""
    assert expected == REGISTRY[op](**fields).geometry(X)


@pytest.mark.parametrize(
    ("op", "fields", "expected"),
    [
        ("conv", {"out": 9, "k": 3}, 16 * 9 * 6),
        ("conv", {"out": 9, "k": (3, 1)}, 16 * 3 * 6),
        ("conv", {"out": 9}, 0),
        ("conv", {"out": 9, "k": (1, 1), "stride": (1, 1), "pad": (0, 0)}, 0),
        ("conv", {"out": 9, "stride": 2}, 4 * 6),
        ("conv", {"out": 9, "pad": 1}, 36 * 6),
        ("conv", {"out": 9, "pad": (0, 1)}, 4 * 6 * 6),
        ("conv", {"out": 9, "pad": "valid"}, 0),
        ("conv", {"out": 9, "k": 3, "groups": 3}, 16 * 9 * 6),
        ("conv", {"out": 12, "k": 3, "groups": 6}, 0),
        ("dwconv", {"multiplier": 2, "k": 3}, 0),
        ("conv_transpose", {"out": 9}, 16 * 4 * 9),
        ("conv_transpose", {"out": 9, "k": (3, 2)}, 16 * 6 * 9),
        ("conv_transpose", {"out": 9, "k": 1, "stride": 1}, 0),
        ("conv_transpose", {"out": 9, "k": 1, "stride": 2}, 16 * 9),
        ("relu", {}, 0),
    ],
)
def test_what_is_copied_for_a_matrix_product(op: str, fields: dict[str, Any], expected: int) -> None:
    """Each window beside the others, of the input; nothing where the input is multiplied as it lies."""
    operator = REGISTRY[op](**fields)

    assert expected == operator.workspace(X, operator.shape(X))


@pytest.mark.parametrize(
    ("op", "fields", "inputs", "expected"),
    [
        ("bn", {}, 1, Kept(shared=2 * 6)),
        ("ln", {}, 1, Kept(statistics=2 * 16)),
        ("gn", {"groups": 3}, 1, Kept(statistics=2 * 3)),
        ("instance_norm", {}, 1, Kept(statistics=3 * 6)),
        ("instance_norm", {"affine": False}, 1, Kept(statistics=2 * 6)),
        ("rms_norm", {}, 1, Kept(values=96, statistics=16)),
        ("rms_norm", {"scale": False}, 1, Kept(statistics=16)),
        ("lrn", {"size": 5}, 1, Kept(values=16 * 10 + 2 * 96)),
        ("dropout", {}, 1, Kept(values=96)),
        ("maxpool", {"k": 2}, 1, Kept(indices=4 * 6)),
        ("global_maxpool", {}, 1, Kept(indices=6)),
        ("adaptive_maxpool", {"size": (2, 3)}, 1, Kept(indices=2 * 3 * 6)),
        ("reduce", {"size": 2, "channels": 3, "how": "max"}, 1, Kept(indices=2 * 3)),
        ("reduce", {"size": 2, "channels": 3, "how": "norm"}, 1, Kept()),  # its result is a map
        ("reduce", {"size": 2, "channels": 3, "how": "mean"}, 1, Kept()),
        ("reduce", {"size": 2, "channels": 3}, 1, Kept()),
        ("maximum", {}, 2, Kept()),
        ("maximum", {}, 4, Kept(values=2 * 96)),
        ("mul", {}, 2, Kept()),
        ("mul", {}, 4, Kept(values=2 * 96)),
        ("add", {}, 4, Kept()),
        ("conv", {"out": 9}, 1, Kept()),
    ],
)
def test_what_is_kept_beside_maps(op: str, fields: dict[str, Any], inputs: int, expected: Kept) -> None:
    operator = REGISTRY[op](**fields)
    xs = (X,) * inputs

    assert expected == operator.kept(*xs, operator.shape(*xs))


@pytest.mark.parametrize(
    ("op", "fields", "expected"),
    [
        ("conv", {"out": 9, "k": 2, "dilation": 3, "pad": 0}, "1x1x9"),  # 4 - 3
        ("dwconv", {"k": 2, "dilation": (2, 3), "pad": 0}, "2x1x6"),
        ("conv_transpose", {"out": 9, "k": 2, "stride": 1, "dilation": 3, "pad": 0}, "7x7x9"),  # 4 + 3
    ],
)
def test_dilation(op: str, fields: dict[str, Any], expected: str) -> None:
    """Two taps that are three apart see four positions."""
    assert expected == str(REGISTRY[op](**fields).shape(X))


def test_differences_are_kept() -> None:
    """Of 7 numbers to each of 9 points."""
    points, x = REGISTRY["rbf"](out=9), Shape((1, 1), 7)

    assert Kept(values=7 * 9) == points.kept(x, points.shape(x))


@pytest.mark.parametrize(
    ("op", "fields", "expected"),
    [
        ("conv", {"out": 9}, Keeps.INPUT),
        ("relu", {}, Keeps.RESULT),
        ("add", {}, Keeps.NOTHING),
        ("mul", {}, Keeps.EACH_OTHER),
        ("affine", {}, Keeps.INPUT),
        ("affine", {"scale": False}, Keeps.NOTHING),
        ("reduce", {"size": 2, "channels": 3, "how": "norm"}, Keeps.BOTH),
        ("reduce", {"size": 2, "channels": 3, "how": "max"}, Keeps.NOTHING),
        ("adaptive_avgpool", {"size": 1}, Keeps.NOTHING),
        ("adaptive_avgpool", {"size": (1, 1)}, Keeps.NOTHING),
        ("adaptive_avgpool", {"size": (1, 2)}, Keeps.INPUT),
        ("adaptive_avgpool", {"size": 2}, Keeps.INPUT),
    ],
)
def test_maps_that_are_kept(op: str, fields: dict[str, Any], expected: Keeps) -> None:
    assert expected is REGISTRY[op](**fields).kept_maps()


@pytest.mark.parametrize(
    ("op", "fields", "expected"),
    [
        *((op, {"scale": scale, "shift": shift}, scale or shift)
          for op in ("bn", "affine") for scale in (True, False) for shift in (True, False)),
        *((op, {"affine": affine}, affine) for op in ("ln", "gn", "instance_norm") for affine in (True, False)),
        ("rms_norm", {"scale": False}, False),
        ("rms_norm", {}, True),
        ("constant", {"size": 2, "channels": 3}, True),
        ("constant", {"size": 2, "channels": 3, "learned": 1}, True),
        ("constant", {"size": 2, "channels": 3, "learned": 0}, False),
        ("conv", {"out": 9}, True),
        ("rbf", {"out": 9}, False),
    ],
)  # fmt: skip
def test_whether_something_is_learned(op: str, fields: dict[str, Any], expected: bool) -> None:
    assert expected is REGISTRY[op](**fields).is_learned()


@pytest.mark.parametrize(
    ("op", "fields", "expected"),
    [
        ("conv", {"out": 9}, True),
        ("conv", {"out": 9, "k": (1, 1), "groups": 3}, True),
        ("conv", {"out": 9, "k": 3}, False),
        ("conv", {"out": 9, "k": (1, 3)}, False),
        ("dwconv", {"k": 1}, False),
        ("relu", {}, False),
    ],
)
def test_whether_one_position_is_seen(op: str, fields: dict[str, Any], expected: bool) -> None:
    assert expected is REGISTRY[op](**fields).sees_one_position()


def test_operators_as_python_has_them() -> None:
    """As text with all fields, and the same in another process."""
    conv = REGISTRY["conv"](out=9, k=(1, 3))

    assert "Conv(out=9, k=(1, 3), stride=1, pad='same', dilation=1, groups=1, bias=False, shared=False)" == repr(conv)
    assert conv == pickle.loads(pickle.dumps(conv))
    assert REGISTRY["relu"]() == pickle.loads(pickle.dumps(REGISTRY["relu"]()))
    with pytest.raises(TypeError, match=r"^Conv needs out$"):
        REGISTRY["conv"]()
    with pytest.raises(TypeError, match=r"^Relu takes no fields$"):
        REGISTRY["relu"](1)
    with pytest.raises(TypeError, match=r"^Slice takes start, stop$"):
        REGISTRY["slice"](0, 1, 2)
    with pytest.raises(TypeError, match=r"^Slice takes start, stop$"):
        REGISTRY["slice"](begin=1)
    assert REGISTRY["slice"](1, stop=3) == REGISTRY["slice"](start=1, stop=3)
    with pytest.raises(AttributeError, match=r"^cannot assign to field 'out'$"):
        conv.out = 10


def test_words() -> None:
    """A field means one thing everywhere unless its operator says otherwise."""
    assert "output channels" == meaning("conv", "out")
    assert "numbers of each row" == meaning("embedding", "out")
    assert "Channels become positions, positions become channels." == purpose("transpose")
    assert ("One. Two on two lines.", "", "") == tuple(
        map(first_sentence, ("One. Two\n    on two lines.\n\n    More.", "", None))
    )
    assert ["", "true", "false", "3", "H", "0"] == [default_text(one) for one in (None, True, False, 3, "H", 0)]
    assert (Written.OPERATOR, Written.MODULE) == (usually("add"), usually("conv"))
