"""What Hypothesis draws: for each operator, fields and input shapes that fit. A new operator is added here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from costcalc.operators import REGISTRY, Shape

Case = tuple[dict[str, Any], tuple[Shape, ...]]
"""Fields and input shapes."""
Draw = Callable[[st.SearchStrategy[Any]], Any]

small = st.integers(1, 4)
side = st.integers(3, 7)


def _map(draw: Draw, channels: int | None = None, dimensions: int = 2) -> Shape:
    return Shape(tuple(draw(side) for _ in range(dimensions)), channels or draw(small))


def _window(draw: Draw) -> dict[str, Any]:
    pad = draw(st.sampled_from(["same", "valid", "one", "pairs"]))
    k = draw(st.integers(1, 3))
    sizes = {"one": draw(st.integers(0, k - 1)), "pairs": tuple(draw(st.integers(0, k - 1)) for _ in range(4))}
    return {"k": k, "stride": draw(st.integers(1, 3)), "pad": sizes.get(pad, pad)}


def _conv(draw: Draw) -> Case:
    groups, inner, out = draw(small), draw(small), draw(small)
    fields = {**_window(draw), "out": groups * out, "groups": groups, "bias": draw(st.booleans())}
    return {**fields, "shared": draw(st.booleans())}, (_map(draw, groups * inner),)


def _dwconv(draw: Draw) -> Case:
    return {**_window(draw), "multiplier": draw(small), "bias": draw(st.booleans())}, (_map(draw),)


def _conv_transpose(draw: Draw) -> Case:
    groups, inner, out, k = draw(small), draw(small), draw(small), draw(st.integers(1, 3))
    fields = {"out": groups * out, "k": k, "stride": draw(st.integers(1, 3)), "groups": groups}
    pad = draw(st.sampled_from(["same", "valid", 0, 1, (0, 1, 1, 0)]))
    more = {"pad": pad, "bias": draw(st.booleans()), "dilation": draw(st.integers(1, 2))}
    return {**fields, **more, "output_pad": draw(st.integers(0, 1))}, (_map(draw, groups * inner),)


def _dynamic_conv(draw: Draw) -> Case:
    groups, inner, out = draw(small), draw(small), draw(small)
    fields = {**_window(draw), "out": groups * out, "groups": groups}
    kernel = fields["k"] ** 2 * inner * groups * out
    return fields, (_map(draw, groups * inner), Shape((1, 1), kernel))


def _channel_conv(draw: Draw) -> Case:
    k = draw(st.integers(1, 3))
    fields = {"k": k, "maps": draw(small), "stride": draw(small), "pad": draw(st.sampled_from(["same", "valid"]))}
    return {**fields, "window": draw(st.integers(1, 3))}, (_map(draw, k + draw(small)),)


def _linear(draw: Draw) -> Case:
    shared = draw(st.booleans())
    return {"out": draw(small), "bias": draw(st.booleans()), "shared": shared}, (Shape((1, 1), draw(small)),)


def _rbf(draw: Draw) -> Case:
    return {"out": draw(small)}, (Shape((1, 1), draw(small)),)


def _matmul(draw: Draw) -> Case:
    heads, length, other, width, windows = draw(small), draw(small), draw(small), draw(small), draw(small)
    fields = {"heads": heads, "windows": windows}
    if draw(st.booleans()):
        shapes = Shape((windows, length), heads * width), Shape((windows, other), heads * width)
        return {"transpose": True, **fields}, shapes
    return {"transpose": False, **fields}, (
        Shape((windows, length), heads * other),
        Shape((windows, other), heads * width),
    )


def _pool(draw: Draw) -> Case:
    return {**_window(draw), "ceil": draw(st.booleans())}, (_map(draw),)


def _adaptive(draw: Draw) -> Case:
    return {"size": draw(st.integers(1, 7))}, (_map(draw),)


def _plain(draw: Draw) -> Case:
    return {}, (_map(draw),)


def _bn(draw: Draw) -> Case:
    return {"scale": draw(st.booleans()), "shift": draw(st.booleans())}, (_map(draw),)


def _ln(draw: Draw) -> Case:
    return {"affine": draw(st.booleans())}, (_map(draw),)


def _softmax(draw: Draw) -> Case:
    heads = draw(small)
    return {"heads": heads}, (_map(draw, heads * draw(small)),)


def _gn(draw: Draw) -> Case:
    groups = draw(small)
    return {"groups": groups, "affine": draw(st.booleans())}, (_map(draw, groups * draw(small)),)


def _lrn(draw: Draw) -> Case:
    return {"size": draw(small)}, (_map(draw),)


def _equal(draw: Draw) -> Case:
    return {}, (_map(draw),) * draw(st.integers(2, 3))


def _mul(draw: Draw) -> Case:
    x = _map(draw)
    return {}, (x, Shape((1, 1), x.channels))


def _concat(draw: Draw) -> Case:
    x = _map(draw)
    if draw(st.booleans()):
        return {"along": "axis0"}, (x, Shape((draw(side), x.spatial[1]), x.channels))
    return {}, (x, Shape(x.spatial, draw(small)))


def _shuffle(draw: Draw) -> Case:
    groups = draw(small)
    return {"groups": groups}, (_map(draw, groups * draw(small)),)


def _slice(draw: Draw) -> Case:
    start, length, rest = draw(small), draw(small), draw(small)
    return {"start": start, "stop": start + length}, (_map(draw, start + length + rest),)


def _split(draw: Draw) -> Case:
    parts = draw(small)
    return {"parts": parts, "part": parts - 1}, (_map(draw, parts * draw(small)),)


def _gather(draw: Draw) -> Case:
    return {"out": draw(small)}, (_map(draw),)


def _pad(draw: Draw) -> Case:
    return {"size": tuple(draw(small) for _ in range(4)), "channels": draw(small)}, (_map(draw),)


def _crop(draw: Draw) -> Case:
    return {"size": 1}, (_map(draw),)


def _upsample(draw: Draw) -> Case:
    return {"scale": draw(small), "mode": draw(st.sampled_from(["nearest", "bilinear", "bicubic"]))}, (_map(draw),)


def _reshape(draw: Draw) -> Case:
    x = _map(draw)
    return {"size": (x.spatial[1], x.spatial[0])}, (x,)


def _recurrent(draw: Draw) -> Case:
    fields = {"out": draw(small), "directions": draw(st.integers(1, 2)), "bias": draw(st.booleans())}
    return fields, (_map(draw, dimensions=1),)


def _each(draw: Draw) -> dict[str, Any]:
    names = ("multiplications", "additions", "comparisons", "divisions", "exponentials")
    return {name: draw(st.integers(0, 3)) for name in names}


def _elementwise(draw: Draw) -> Case:
    return _each(draw), (_map(draw),)


def _combine(draw: Draw) -> Case:
    return _each(draw), _mul(draw)[1]


def _prelu(draw: Draw) -> Case:
    return {"shared": draw(st.booleans())}, (_map(draw),)


def _scaled_norm(draw: Draw) -> Case:
    return {"scale": draw(st.booleans())}, (_map(draw),)


def _permute(draw: Draw) -> Case:
    x = _map(draw)
    return {"size": (x.channels, x.spatial[1]), "channels": x.spatial[0]}, (x,)


def _select(draw: Draw) -> Case:
    x = _map(draw)
    return {"size": (x.spatial[0], 1), "channels": x.channels}, (x,)


def _stretch(draw: Draw) -> Case:
    x = Shape((1, draw(side)), draw(small))
    return {"size": (draw(side), x.spatial[1]), "channels": x.channels}, (x,)


def _constant(draw: Draw) -> Case:
    fields = {"size": draw(side), "channels": draw(small)}
    return {**fields, **({"learned": draw(small)} if draw(st.booleans()) else {})}, ()


def _embedding(draw: Draw) -> Case:
    return {"entries": draw(side), "out": draw(small), "shared": draw(st.booleans())}, (_map(draw, dimensions=1),)


def _reduce(draw: Draw) -> Case:
    x = _map(draw)
    how = draw(st.sampled_from(["sum", "mean", "max", "norm"]))
    return {"size": (x.spatial[0], 1), "channels": x.channels, "how": how}, (x,)


CASES: dict[str, Callable[[Draw], Case]] = {
    "rnn": _recurrent,
    "lstm": _recurrent,
    "gru": _recurrent,
    "elementwise": _elementwise,
    "combine": _combine,
    "prelu": _prelu,
    "instance_norm": _ln,
    "rms_norm": _scaled_norm,
    "permute": _permute,
    "select": _select,
    "stretch": _stretch,
    "constant": _constant,
    "embedding": _embedding,
    "reduce": _reduce,
    "conv": _conv,
    "dwconv": _dwconv,
    "conv_transpose": _conv_transpose,
    "dynamic_conv": _dynamic_conv,
    "channel_conv": _channel_conv,
    "linear": _linear,
    "rbf": _rbf,
    "matmul": _matmul,
    "maxpool": _pool,
    "avgpool": _pool,
    "adaptive_avgpool": _adaptive,
    "adaptive_maxpool": _adaptive,
    "bn": _bn,
    "affine": _bn,
    "ln": _ln,
    "softmax": _softmax,
    "gn": _gn,
    "lrn": _lrn,
    "add": _equal,
    "maximum": _equal,
    "mul": _mul,
    "concat": _concat,
    "shuffle": _shuffle,
    "slice": _slice,
    "split": _split,
    "gather": _gather,
    "pad": _pad,
    "crop": _crop,
    "upsample": _upsample,
    "reshape": _reshape,
}
PLAIN = sorted(set(REGISTRY) - set(CASES))
"""Operators without fields that take one feature map."""


@st.composite
def cases(draw: Any, name: str) -> Case:
    """Fields and input shapes that fit the operator `name`."""
    return CASES.get(name, _plain)(draw)
