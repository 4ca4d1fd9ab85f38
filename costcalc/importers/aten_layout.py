"""torch's operators that lay tensors out: views, slices, joins, padding, resizing, pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc import quantity
from costcalc.errors import OperatorError
from costcalc.importers import layers, moves, onnx_layout
from costcalc.importers.aten import Args, Rule, axis_of, by_onnx, named, repeated, size_from, sizes_of, value_of
from costcalc.importers.sizes import Constant, Size, both, fixed, times
from costcalc.importers.tensors import Tensor, fresh, reshaped
from costcalc.importers.walker import Walker


def _same(w: Walker, a: Args) -> Any:
    return value_of(a.x)


def _view(w: Walker, a: Args) -> Any:
    if "other" in a:
        return onnx_layout.reshape(w, a.x, sizes_of(a("other")), False)
    if "size" not in a and "shape" not in a:
        return a.x  # other numbers, the same sizes
    return onnx_layout.reshape(w, a.x, a.sizes("size" if "size" in a else "shape"), False)


def _as_strided(w: Walker, a: Args) -> Any:
    """A view by strides, where it is a plain one: the dimensions as they are, or one after the other."""
    x, sizes, strides = a.x, a.ints("size"), a.ints("stride")
    if tuple(x.own) == sizes:
        return x
    step, plain = 1, []
    for size in reversed(sizes):
        plain.append(step)
        step *= size
    if strides != tuple(plain[::-1]) or step != math.prod(x.own):
        raise OperatorError("a view by strides that is no reshape")
    return onnx_layout.reshape(w, x, list(map(fixed, sizes)), False)


def _flatten(w: Walker, a: Args) -> Any:
    x = a.x
    first, last = axis_of(x, a.int("start_dim", 0)), axis_of(x, a.int("end_dim", -1))
    sizes = sizes_of(x)
    return onnx_layout.reshape(w, x, [*sizes[:first], times(sizes[first : last + 1]), *sizes[last + 1 :]], False)


def _unflatten(w: Walker, a: Args) -> Any:
    x, sizes = a.x, sizes_of(a.x)
    axis = axis_of(x, a.int("dim"))
    parts = list(a.sizes("sizes"))
    known = times(part for part in parts if part.own != -1)
    parts = [both(lambda n, m: quantity.exact_div(n, m), sizes[axis], known) if p.own == -1 else p for p in parts]
    return onnx_layout.reshape(w, x, [*sizes[:axis], *parts, *sizes[axis + 1 :]], False)


def _permute(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Transpose", [a.x], perm=tuple(axis_of(a.x, axis) for axis in a.ints("dims")))


def _transpose(w: Walker, a: Args) -> Any:
    order = list(range(len(a.x.dims)))
    first, second = (axis_of(a.x, a.int(*given)) for given in _exchanged(a, len(order)))
    if order:
        order[first], order[second] = order[second], order[first]
    return by_onnx(w, "Transpose", [a.x], perm=tuple(order))


def _exchanged(a: Args, rank: int) -> list[tuple[str, int]]:
    first, second = ("axis0", "axis1") if "axis0" in a else ("dim0", "dim1")
    return [(first, 0), (second, min(1, rank - 1))]


def _movedim(w: Walker, a: Args) -> Any:
    x = a.x
    sources = [axis_of(x, axis) for axis in a.ints("source")]
    targets = [axis_of(x, axis) for axis in a.ints("destination")]
    order: list[int] = [-1] * len(x.dims)
    for source, target in zip(sources, targets, strict=True):
        order[target] = source
    rest = iter([axis for axis in range(len(x.dims)) if axis not in sources])
    return by_onnx(w, "Transpose", [x], perm=tuple(next(rest) if axis < 0 else axis for axis in order))


def _unsqueeze(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Unsqueeze", [a.x], axes=a.ints("dim"))


def _squeeze(w: Walker, a: Args) -> Any:
    x = a.x
    own = x.own
    chosen = [axis_of(x, axis) for axis in a.ints("dim")] if "dim" in a else list(range(len(own)))
    return by_onnx(w, "Squeeze", [x], axes=tuple(axis for axis in chosen if own[axis] == 1))


def _expand(w: Walker, a: Args) -> Any:
    x, other = a.x, a("other")
    if isinstance(x, Tensor) and isinstance(other, Tensor) and len(x.dims) == len(other.dims):
        other, laid = w.like(other, x)
        return layers.expanded(w, laid, other)
    have = sizes_of(a.x)
    wanted = list(sizes_of(a("other")) if "other" in a else a.sizes("size"))
    offset = len(wanted) - len(have)
    wanted = [have[i - offset] if size.own == -1 else size for i, size in enumerate(wanted)]
    return by_onnx(w, "Expand", [a.x, wanted])


def _repeat(w: Walker, a: Args) -> Any:
    x, times_ = a.x, list(a.sizes("repeats" if "repeats" in a else "dims"))
    more = len(times_) - len(x.dims)
    if more > 0:
        x = by_onnx(w, "Unsqueeze", [x], axes=tuple(range(more)))
    return by_onnx(w, "Tile", [x, [*[fixed(1)] * -more, *times_]])


def _repeat_interleave(w: Walker, a: Args) -> Any:
    x, axis = a.x, axis_of(a.x, a.int("dim", 0))
    return by_onnx(w, "Tile", [x, [fixed(a.int("repeats")) if i == axis else fixed(1) for i in range(len(x.dims))]])


def _select(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Gather", [a.x, size_from(a("index"))], axis=axis_of(a.x, a.int("dim")))


def _slice(w: Walker, a: Args) -> Any:
    start, stop = size_from(a("start", 0)), size_from(a("end", 2**63 - 1))
    axis = axis_of(a.x, a.int("dim", 0))
    return by_onnx(w, "Slice", [a.x, [start], [stop], [axis], [a.int("step", 1)]])


def _narrow(w: Walker, a: Args) -> Any:
    start = size_from(a("start"))
    stop = both(lambda n, m: n + m, start, size_from(a("length")))
    return by_onnx(w, "Slice", [a.x, [start], [stop], [axis_of(a.x, a.int("dim"))]])


def _split(w: Walker, a: Args) -> Any:
    x, axis = a.x, axis_of(a.x, a.int("dim", 0))
    total = sizes_of(x)[axis]
    given = a("split_sizes", a("split_size"))
    if isinstance(given, tuple):
        return by_onnx(w, "Split", [x, list(map(size_from, given))], axis=axis)
    if given is not None:
        return _parted(w, x, axis, size_from(given))
    count = a.int("chunks", a("sections", 1))
    if count < 1:
        raise OperatorError(f"{count} parts")
    return _parted(w, x, axis, both(lambda n: quantity.ceil_div(n, count), total))


def _parted(w: Walker, x: Any, axis: int, each: Size) -> Any:
    """Parts of equal size, the last one of what is left."""
    total = sizes_of(x)[axis]
    if each.own < 1:
        raise OperatorError(f"parts of {each.own}")
    count = max(1, -(-total.own // each.own))
    if count > 4096:
        raise OperatorError(f"{count:,} parts", expected="at most 4,096")
    if count == 1:
        return [x]
    rest = both(lambda n, m: n - (count - 1) * m, total, each)
    return by_onnx(w, "Split", [x, [*[each] * (count - 1), rest]], axis=axis)


def _unbind(w: Walker, a: Args) -> Any:
    axis = axis_of(a.x, a.int("dim", 0))
    count = sizes_of(a.x)[axis].own
    if count > 4096:
        raise OperatorError(f"{count:,} parts", expected="at most 4,096")
    return [by_onnx(w, "Gather", [a.x, i], axis=axis) for i in range(count)]


def _cat(w: Walker, a: Args) -> Any:
    values = [one for one in a("tensors") if not (isinstance(one, Constant) and one.own == (0,))]
    return by_onnx(w, "Concat", values, axis=axis_of(values[0], a.int("dim", 0)))


def _stack(w: Walker, a: Args) -> Any:
    values = a("tensors")
    axis = a.int("dim", 0) % (len(values[0].dims) + 1)
    return by_onnx(w, "Concat", [by_onnx(w, "Unsqueeze", [one], axes=(axis,)) for one in values], axis=axis)


def _index(w: Walker, a: Args) -> Any:
    """Entries at given places: along one dimension, or of several at once."""
    x, indices = a.x, a("indices")
    given = [(axis, one) for axis, one in enumerate(indices) if one is not None]
    if len(given) == 1:
        ((axis, one),) = given
        return by_onnx(w, "Gather", [x, one], axis=axis)
    first, last = given[0][0], given[-1][0]
    sizes = sizes_of(x)
    shape = max((sizes_of(one) for _, one in given), key=lambda dims: (len(dims), math.prod(size.own for size in dims)))
    dims = (*sizes[:first], *shape, *sizes[last + 1 :])
    if isinstance(x, Constant):
        return Constant(dims, None, x.name, x.dtype, x.stored)
    flat = layers.laid_flat(w, x)
    found = moves.picked(w, flat._replace(dims=(flat.inner,)), 0, times([size for size in dims if size.own != 1]))
    return reshaped(found, list(dims))


def _index_select(w: Walker, a: Args) -> Any:
    return by_onnx(w, "Gather", [a.x, a("index")], axis=axis_of(a.x, a.int("dim")))


def _gather(w: Walker, a: Args) -> Any:
    return by_onnx(w, "GatherElements", [a.x, a("index")])


def _roll(w: Walker, a: Args) -> Any:
    """Values that go round: laid out anew, as many."""
    x = a.x
    if isinstance(x, Constant):
        return x._replace(values=None)
    made = layers.operator("permute", size=w.builder.shape(x.node).spatial, channels=w.builder.shape(x.node).channels)
    own = w.own_shape(x.node)
    return x._replace(
        node=w.emit(made, (x.node,), layers.operator("permute", size=own.spatial, channels=own.channels)), made=()
    )


def _pad(w: Walker, a: Args) -> Any:
    x, given = a.x, a.ints("pad", a("padding", ()))
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
    x, r = a.x, a.int("upscale_factor")
    n, c, h, width = x.sizes
    cut = reshaped(x, [n, both(lambda v: quantity.exact_div(v, r * r), c), fixed(r), fixed(r), h, width])
    d = cut.dims
    return cut._replace(dims=(d[0], d[1], d[4] + d[2], d[5] + d[3]), made=())


def _pixel_unshuffle(w: Walker, a: Args) -> Any:
    x, r = a.x, a.int("downscale_factor")
    n, c, h, width = x.sizes
    parts = [both(lambda v: quantity.exact_div(v, r), side) for side in (h, width)]
    cut = reshaped(x, [n, c, parts[0], fixed(r), parts[1], fixed(r)])
    d = cut.dims
    return cut._replace(dims=(d[0], d[1] + d[3] + d[5], d[2], d[4]), made=())


def _channel_shuffle(w: Walker, a: Args) -> Any:
    x, groups = a.x, a.int("groups")
    n, c, *sides = x.sizes
    cut = reshaped(x, [n, fixed(groups), both(lambda v: quantity.exact_div(v, groups), c), *sides])
    d = cut.dims
    return cut._replace(dims=(d[0], d[2] + d[1], *d[3:]), made=())


def _pool(w: Walker, a: Args) -> Any:
    x = a.x
    kernel = a.ints("kernel_size")
    count = int(a.operation.op.partition("pool")[2][:1])
    kernel = repeated(kernel, count)
    stride = repeated(a.ints("stride") or kernel, count)
    if len(x.dims) == count + 1:
        x = x._replace(dims=((), *x.dims))
    found = by_onnx(
        w,
        "MaxPool" if "max" in a.operation.op else "AveragePool",
        [x],
        kernel_shape=kernel,
        strides=stride,
        pads=repeated(a.ints("padding", 0), count) * 2,
        dilations=repeated(a.ints("dilation", 1), count),
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
    k, stride, pad, dilation = (repeated(a.ints(key, 1 if key != "padding" else 0), 2) for key in
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


def _unfold(w: Walker, a: Args) -> Any:
    """Windows along one dimension, their places in a new last one."""
    x, axis, size, step = a.x, axis_of(a.x, a.int("dimension")), a.int("size"), a.int("step")
    if step != size:
        raise OperatorError(f"windows of {size} at steps of {step}", expected="windows side by side")
    count = both(lambda n: quantity.exact_div(n, size), x.sizes[axis])
    cut = reshaped(x, [*x.sizes[:axis], count, fixed(size), *x.sizes[axis + 1 :]])
    dims = list(cut.dims)
    last = dims.pop(axis + 1)
    return cut._replace(dims=(*dims, last), made=())


def _overwritten(w: Walker, a: Args) -> Any:
    """Some entries overwritten, or all: nothing is computed."""
    source = a("src", a("source"))
    if a.operation.op.startswith("aten.copy") and isinstance(source, Tensor):
        return source if len(source.dims) == len(a.x.dims) and source.own == a.x.own else a.x
    return a.x._replace(values=None) if isinstance(a.x, Constant) else a.x


RULES: dict[str, Rule] = named(
    {
        "clone contiguous alias detach dropout feature_dropout alpha_dropout native_dropout to _to_copy type_as "
        "lift_fresh_copy lift_fresh float half flip resolve_conj view_as_real _conj requires_grad": _same,
        "view reshape view_as reshape_as _unsafe_view _reshape_alias view_copy": _view,
        "as_strided": _as_strided,
        "flatten ravel": _flatten,
        "unflatten": _unflatten,
        "permute": _permute,
        "transpose t swapaxes swapdims numpy_T adjoint mT": _transpose,
        "movedim moveaxis": _movedim,
        "unsqueeze": _unsqueeze,
        "squeeze": _squeeze,
        "expand expand_as broadcast_to": _expand,
        "repeat tile": _repeat,
        "repeat_interleave": _repeat_interleave,
        "select": _select,
        "slice": _slice,
        "narrow": _narrow,
        "split split_with_sizes chunk tensor_split unsafe_split unsafe_chunk": _split,
        "unbind": _unbind,
        "cat concat concatenate": _cat,
        "stack": _stack,
        "index": _index,
        "index_select": _index_select,
        "gather": _gather,
        "roll": _roll,
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
        "unfold": _unfold,
        "copy zero index_put scatter slice_scatter select_scatter fill masked_scatter": _overwritten,
    }
)
"""Each takes the walker and the operator's arguments."""
