"""torch's operators that change the number of positions without weights: pooling, padding, resizing, pixel shuffles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costcalc import quantity
from costcalc.errors import OperatorError
from costcalc.importers import layers, moves
from costcalc.importers.aten import Args, Rule, by_onnx, named, repeated, size_from, sizes_of
from costcalc.importers.sizes import Constant, both, fixed, times
from costcalc.importers.tensors import Tensor, fresh, reshaped
from costcalc.importers.walker import Walker


def _pad(w: Walker, a: Args) -> Any:
    x, given = a.x, a.wholes("pad", a("padding", ()))
    count = len(given) // 2
    rank = len(x.dims)
    if len(given) % 2 or count > rank:
        raise OperatorError(f"{len(given)} paddings for {rank} dimensions")
    before, after = given[::2][::-1], given[1::2][::-1]
    none = (0,) * (rank - count)
    if isinstance(x, Constant):
        sides = [*none, *(b + e for b, e in zip(before, after, strict=True))]
        return x._replace(
            dims=tuple(both(lambda n, m=side: n + m, d) for d, side in zip(x.dims, sides, strict=True)), values=None
        )
    return by_onnx(w, "Pad", [x], pads=(*none, *before, *none, *after))


def _upsample(w: Walker, a: Args) -> Any:
    x, word = a.x, a.operation.op
    mode = "nearest" if "nearest" in word else "cubic" if "cubic" in word else "linear"
    count = len(x.dims) - 2
    if "output_size" in a or "size" in a:
        sizes = a.sizes("output_size" if "output_size" in a else "size")
        return by_onnx(w, "Resize", [x, None, None, [*sizes_of(x)[:2], *sizes]], mode=mode)
    factors = a("scale_factors", a("scale_factor", ()))
    factors = factors if isinstance(factors, tuple) else (factors,) * count
    return by_onnx(w, "Resize", [x, None, None], mode=mode, scales=(1.0, 1.0, *map(float, factors)))


def _pixel_shuffle(w: Walker, a: Args) -> Any:
    """Channels c*r*r as positions r x r, in PyTorch's order."""
    x, r = a.x, a.whole("upscale_factor")
    n, c, h, width = x.sizes
    cut = reshaped(x, [n, both(lambda v: quantity.exact_div(v, r * r), c), fixed(r), fixed(r), h, width])
    d = cut.dims
    return cut._replace(dims=(d[0], d[1], d[4] + d[2], d[5] + d[3]), made=())


def _pixel_unshuffle(w: Walker, a: Args) -> Any:
    x, r = a.x, a.whole("downscale_factor")
    n, c, h, width = x.sizes
    parts = [both(lambda v: quantity.exact_div(v, r), side) for side in (h, width)]
    cut = reshaped(x, [n, c, parts[0], fixed(r), parts[1], fixed(r)])
    d = cut.dims
    return cut._replace(dims=(d[0], d[1] + d[3] + d[5], d[2], d[4]), made=())


def _channel_shuffle(w: Walker, a: Args) -> Any:
    x, groups = a.x, a.whole("groups")
    n, c, *sides = x.sizes
    cut = reshaped(x, [n, fixed(groups), both(lambda v: quantity.exact_div(v, groups), c), *sides])
    d = cut.dims
    return cut._replace(dims=(d[0], d[2] + d[1], *d[3:]), made=())


def _pool(w: Walker, a: Args) -> Any:
    x = a.x
    kernel = a.wholes("kernel_size")
    count = int(a.operation.op.partition("pool")[2][:1])
    kernel = repeated(kernel, count)
    stride = repeated(a.wholes("stride") or kernel, count)
    if len(x.dims) == count + 1:
        x = x._replace(dims=((), *x.dims))
    found = by_onnx(
        w,
        "MaxPool" if "max" in a.operation.op else "AveragePool",
        [x],
        kernel_shape=kernel,
        strides=stride,
        pads=repeated(a.wholes("padding", 0), count) * 2,
        dilations=repeated(a.wholes("dilation", 1), count),
        ceil_mode=int(bool(a("ceil_mode"))),
    )
    if len(a.x.dims) == count + 1:
        found = [one._replace(dims=one.dims[1:]) for one in found]
    return found


def _adaptive_pool(w: Walker, a: Args) -> Any:
    word = a.operation.op
    how = "max" if "max" in word else "mean"
    count = int(word.partition("pool")[2][:1])
    x = a.x
    wanted = [fixed(None) if one is None else size_from(one) for one in _listed(a("output_size"), count)]
    sizes = x.sizes[-count:]
    wanted = [have if one.own is None else one for one, have in zip(wanted, sizes, strict=True)]
    axes = [len(x.dims) - count + i for i in range(count)]
    if all(one.own == 1 for one in wanted):
        x = w.as_map(x, channel=len(x.dims) - count - 1) if len(x.dims) > count + 1 else x
        y = moves.reduced(w, x, axes, True, how)
        return [y, y._replace(dtype="int64")]
    x = w.as_map(x)
    name = "adaptive_maxpool" if how == "max" else "adaptive_avgpool"
    now, own = (layers.operator(name, size=layers.alike([one[which] for one in wanted])) for which in (1, 0))
    y = layers.after_map(w, x, w.emit(now, (x.node,), own), kept=True)
    return [y, y._replace(dtype="int64")]


def _listed(value: Any, count: int) -> Sequence[Any]:
    found = value if isinstance(value, tuple) else (value,)
    return found * count if len(found) == 1 else found


def _windows(w: Walker, a: Args) -> Any:
    """Every window's values side by side (im2col), as ONNX's exporters gather them."""
    x = w.as_map(a.x)
    k, stride, pad, dilation = (repeated(a.wholes(key, 1 if key != "padding" else 0), 2) for key in
                                ("kernel_size", "stride", "padding", "dilation"))  # fmt: skip
    sides = [
        both(lambda n, i=i: quantity.floor_div(n + 2 * pad[i] - dilation[i] * (k[i] - 1) - 1, stride[i]) + 1, side)
        for i, side in enumerate(x.sizes[2:])
    ]
    count, each = times(sides), both(lambda c: c * k[0] * k[1], x.sizes[1])
    smaller = times([count, each]).own < times(x.sizes[1:]).own
    now, own = (
        layers.operator("select" if smaller else "stretch", size=count[which], channels=each[which]) for which in (1, 0)
    )
    dims = (x.dims[0], fresh(each), fresh(count))
    return Tensor(w.emit(now, (x.node,), own), dims, (dims[2],), dims[1])


def _fold(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Col2Im", [a.x, list(a.sizes("output_size")), list(a.sizes("kernel_size"))])


RULES: dict[str, Rule] = named(
    {
        "pad constant_pad_nd reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d "
        "replication_pad3d": _pad,
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d upsample_bilinear2d "
        "upsample_bicubic2d upsample_trilinear3d _upsample_nearest_exact2d _upsample_bilinear2d_aa "
        "_upsample_bicubic2d_aa": _upsample,
        "pixel_shuffle": _pixel_shuffle,
        "pixel_unshuffle": _pixel_unshuffle,
        "channel_shuffle native_channel_shuffle": _channel_shuffle,
        "max_pool1d max_pool2d max_pool3d max_pool2d_with_indices max_pool3d_with_indices avg_pool1d avg_pool2d "
        "avg_pool3d": _pool,
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d _adaptive_avg_pool2d _adaptive_avg_pool3d "
        "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d": _adaptive_pool,
        "im2col": _windows,
        "col2im": _fold,
    }
)
"""Each takes the walker and the operator's arguments."""
