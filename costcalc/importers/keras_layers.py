"""Keras' layers with weights, and windows: convolutions, dense layers, norms, pooling, padding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import channels, fuse, layers, moves
from costcalc.importers.keras_fields import (
    axes_of,
    axis_of,
    channel_axis,
    named,
    one,
    sides,
    sizes,
    spatial_axes,
    whole,
)  # fmt: skip
from costcalc.importers.keras_math import activated
from costcalc.importers.onnx_resize import HANDLERS as ONNX_RESIZE
from costcalc.importers.program import Operation
from costcalc.importers.sizes import Size
from costcalc.importers.tensors import Tensor, size_of
from costcalc.importers.walker import Handler, Walker

Values = Sequence[Any]


def _padding(op: Operation, window: Sequence[int], dilation: Sequence[int]) -> str | tuple[int, ...]:
    word = str(op.attributes.get("padding", "valid")).lower()
    if word == "causal" and len(window) == 1:
        return ((window[0] - 1) * dilation[0], 0)
    if word not in ("same", "valid"):
        raise OperatorError(f"padding '{word[:40]}'", expected="same, valid, or causal in one dimension")
    return word


def _conv(w: Walker, op: Operation, x: Values) -> Any:
    fields, value = op.attributes, one(x)
    count = len(value.dims) - 2
    axis = channel_axis(op, value)
    window, stride, dilation = _window(op, count)
    out, groups = whole(fields["filters"], "filters"), whole(fields.get("groups") or 1, "groups")
    inner = value.own[axis] // groups
    kernel = channels.weight(named(op), (*window, inner, out))
    pad = _padding(op, window, dilation)
    bias = bool(fields.get("use_bias", True))
    y = channels.conv(w, value, axis, kernel, bias, window, stride, pad, dilation, groups, out)
    return activated(w, op, y)


def _window(op: Operation, count: int) -> tuple[tuple[int, ...], ...]:
    fields = op.attributes
    return tuple(sizes(fields.get(key) or 1, key, count) for key in ("kernel_size", "strides", "dilation_rate"))


def _depthwise(w: Walker, op: Operation, x: Values) -> Any:
    value = one(x)
    y = _depthwise_part(w, op, value, bool(op.attributes.get("use_bias", True)), "kernel")
    return activated(w, op, y)


def _depthwise_part(w: Walker, op: Operation, x: Tensor, bias: bool, part: str) -> Tensor:
    axis = channel_axis(op, x)
    window, stride, dilation = _window(op, len(x.dims) - 2)
    multiplier = whole(op.attributes.get("depth_multiplier", 1), "depth_multiplier")
    wide = x.own[axis]
    kernel = channels.weight(named(op, part), (*window, wide, multiplier))
    pad = _padding(op, window, dilation)
    return channels.conv(w, x, axis, kernel, bias, window, stride, pad, dilation, wide, wide * multiplier)


def _separable(w: Walker, op: Operation, x: Values) -> Any:
    y = _depthwise_part(w, op, one(x), False, "depthwise")
    axis, ones = channel_axis(op, y), (1,) * (len(y.dims) - 2)
    out, inner = whole(op.attributes["filters"], "filters"), y.own[axis]
    kernel = channels.weight(named(op, "pointwise"), (*ones, inner, out))
    bias = bool(op.attributes.get("use_bias", True))
    y = channels.conv(w, y, axis, kernel, bias, ones, ones, "valid", ones, 1, out)
    return activated(w, op, y)


def _transposed(w: Walker, op: Operation, x: Values) -> Any:
    fields, value = op.attributes, one(x)
    axis = channel_axis(op, value)
    window, stride, dilation = _window(op, len(value.dims) - 2)
    out = whole(fields["filters"], "filters")
    kernel = channels.weight(named(op), (*window, out, value.own[axis]))
    word = _padding(op, window, dilation)
    given = fields.get("output_padding")
    extra: tuple[int, ...] = (0,) * len(window)
    pad: Any = word
    if given is not None:
        extra = sizes(given, "output_padding", len(window), 0)
        pad = tuple(n // 2 for k in window for n in (k, k)) if word == "same" else word
    elif word == "valid":
        extra = tuple(max(s - d * (k - 1) - 1, 0) for k, s, d in zip(window, stride, dilation, strict=True))
    if len(set(extra)) > 1:
        raise OperatorError(f"output_padding {extra}", expected="the same in every dimension")
    bias = bool(fields.get("use_bias", True))
    y = channels.transposed_conv(w, value, axis, kernel, bias, window, stride, pad, dilation, extra[0], out)
    return activated(w, op, y)


def dense(w: Walker, x: Tensor, name: str, out: int, bias: bool) -> Tensor:
    """A linear map of the last dimension."""
    inner = x.own[-1]
    return layers.linear(w, x, channels.weight(name, (inner, out)), inner, out, bias)


def _dense(w: Walker, op: Operation, x: Values) -> Any:
    out = whole(op.attributes["units"], "units")
    y = dense(w, one(x), named(op), out, bool(op.attributes.get("use_bias", True)))
    return activated(w, op, y)


def _einsum_dense(w: Walker, op: Operation, x: Values) -> Any:
    """A linear map written as einsum: some dimensions of the input become others."""
    value, equation = one(x), str(op.attributes["equation"]).replace(" ", "")
    left, _, right = equation.partition("->")
    term, _, table = left.partition(",")
    if "..." in equation and term.startswith("...") and right.startswith("..."):
        lead = "".join(chr(ord("A") + i) for i in range(len(value.dims) - len(term) + 3))
        term, right = lead + term[3:], lead + right[3:]
    inner = [letter for letter in term if letter in table and letter not in right]
    new = [letter for letter in right if letter not in term]
    kept = [letter for letter in right if letter in term]
    if len(term) != len(value.dims) or len(set(term)) != len(term) or any(a in table for a in kept) or not inner:
        raise OperatorError(f"einsum '{equation[:40]}'", expected="a linear map, as abc,cd->abd")
    shape = op.attributes["output_shape"]
    shape = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    shape = (None,) * (len(right) - len(shape)) + shape
    widths = [whole(shape[right.index(letter)], "output_shape") for letter in new]
    merged = tuple(atom for letter in inner for atom in value.dims[term.index(letter)])
    dims = (*(value.dims[term.index(letter)] for letter in kept), merged)
    y = dense(w, value._replace(dims=dims), named(op), math.prod(widths), False)
    bias = str(op.attributes.get("bias_axes") or "")
    made = w.operator(y.node)
    if bias and made is not None and set(bias) == set(new):
        y = layers.with_bias(w, y, channels.weight(named(op, "bias"), (math.prod(widths),))) or y
    from costcalc.importers.onnx_layout import reshape

    whole_dims = [*y.sizes[:-1], *(Size(width, width) for width in widths)]
    y = reshape(w, y, whole_dims, zero_copies=False)
    order = [*kept, *new]
    return activated(w, op, y._replace(dims=tuple(y.dims[order.index(letter)] for letter in right)))


def _batch_norm(w: Walker, op: Operation, x: Values) -> Any:
    value, fields = one(x), op.attributes
    axis = axis_of(fields.get("axis", -1), value)
    learned = w.learns(channels.weight(named(op, "gamma"), (value.own[axis],)))  # a norm that is called twice is one
    made = layers.operator(
        "bn", scale=learned and bool(fields.get("scale", True)), shift=learned and bool(fields.get("center", True))
    )
    return channels.mapped(w, value, axis, made, named(op, "gamma"))


def _layer_norm(w: Walker, op: Operation, x: Values) -> Any:
    value, fields = one(x), op.attributes
    axes = axes_of(fields.get("axis", -1), value)
    wide = math.prod(value.own[axis] for axis in axes)
    word = "rms_norm" if fields.get("rms_scaling") or op.op == "RMSNormalization" else "ln"
    scale, shift = (bool(fields.get(key, True)) for key in ("scale", "center"))
    if not w.learns(channels.weight(named(op, "gamma"), (wide,))):
        scale = shift = False
    if word == "rms_norm":
        return fuse.norm(w, value, axes, word, named(op, "gamma"), scale=scale)
    y = fuse.norm(w, value, axes, word, named(op, "gamma"), affine=scale and shift)
    if scale != shift:
        made = layers.operator("affine", scale=scale, shift=shift)
        y = y._replace(node=w.emit(made, (y.node,), name=named(op, "gamma")), made=())
    return y


def _group_norm(w: Walker, op: Operation, x: Values) -> Any:
    value, fields = one(x), op.attributes
    axis = axis_of(fields.get("axis", -1), value)
    wide, groups = value.own[axis], fields.get("groups", 32)
    groups = wide if groups == -1 else whole(groups, "groups")
    if wide % groups:
        raise OperatorError(f"{groups} groups do not divide {wide} channels")
    scale, shift = (bool(fields.get(key, True)) for key in ("scale", "center"))
    if not w.learns(channels.weight(named(op, "gamma"), (wide,))):
        scale = shift = False
    made = layers.operator("gn", groups=groups, affine=scale and shift)
    y = channels.mapped(w, value, axis, made, named(op, "gamma"))
    if scale != shift:
        y = channels.mapped(w, y, axis, layers.operator("affine", scale=scale, shift=shift), named(op, "gamma"))
    return y


def _layer_scale(w: Walker, op: Operation, x: Values) -> Any:
    """A learned factor for each channel (ConvNeXt)."""
    value = one(x)
    made = layers.operator("affine", scale=w.learns(channels.weight(named(op, "gamma"), (value.own[-1],))), shift=False)
    return channels.mapped(w, value, len(value.dims) - 1, made, named(op, "gamma"))


def _normalization(w: Walker, op: Operation, x: Values) -> Any:
    """Values less a mean, by a deviation: both are statistics of the data, not learned."""
    value, axis = one(x), op.attributes.get("axis", -1)
    if op.attributes.get("mean") is None and isinstance(axis, int | list) and axis not in ([],):
        made = layers.operator("bn", scale=False, shift=False)
        return channels.mapped(w, value, axis_of(axis, value), made)
    return layers.elementwise(w, value, "elementwise", additions=1, multiplications=1)


def _pool(w: Walker, op: Operation, x: Values) -> Any:
    value, fields = one(x), op.attributes
    count = len(value.dims) - 2
    window = sizes(fields.get("pool_size", 2), "pool_size", count)
    stride = sizes(fields.get("strides") or window, "strides", count)
    pad = _padding(op, window, (1,) * count)
    word = "maxpool" if op.op.startswith("Max") else "avgpool"
    return channels.pool(w, value, channel_axis(op, value), word, window, stride, str(pad))


def _global_pool(w: Walker, op: Operation, x: Values) -> Any:
    value = one(x)
    how = "max" if "Max" in op.op else "mean"
    return moves.reduced(w, value, spatial_axes(op, value), bool(op.attributes.get("keepdims", False)), how)


def _adaptive_pool(w: Walker, op: Operation, x: Values) -> Any:
    value = one(x)
    size = sizes(op.attributes["output_size"], "output_size", len(value.dims) - 2)
    word = "adaptive_maxpool" if "Max" in op.op else "adaptive_avgpool"
    return channels.resized(w, value, channel_axis(op, value), layers.operator(word, size=layers.alike(size)))


def padded(w: Walker, op: Operation, x: Tensor, by_axis: dict[int, tuple[int, int]]) -> Any:
    """Zeros put before and after along some dimensions; negative numbers take away."""
    rank = len(x.dims)
    pads = tuple(by_axis.get(place, (0, 0))[side] for side in (0, 1) for place in range(rank))
    return ONNX_RESIZE["Pad"](w, op._replace(op="Pad", attributes={"pads": pads}), [x])


def _zero_padding(w: Walker, op: Operation, x: Values) -> Any:
    value = one(x)
    sign = -1 if op.op.startswith("Cropping") else 1
    axes = spatial_axes(op, value)
    key = "cropping" if sign < 0 else "padding"
    pairs = sides(op.attributes.get(key, 1), key, len(axes))
    return padded(w, op, value, {axis: (sign * a, sign * b) for axis, (a, b) in zip(axes, pairs, strict=True)})


def _upsampling(w: Walker, op: Operation, x: Values) -> Any:
    value, fields = one(x), op.attributes
    count = len(value.dims) - 2
    scale = sizes(fields.get("size", 2), "size", count)
    made = layers.operator("upsample", scale=layers.alike(scale), mode=_mode(fields.get("interpolation", "nearest")))
    return channels.resized(w, value, channel_axis(op, value), made)


def _resizing(w: Walker, op: Operation, x: Values) -> Any:
    value, fields = one(x), op.attributes
    size = (whole(fields["height"], "height"), whole(fields["width"], "width"))
    made = layers.operator("upsample", size=size, mode=_mode(fields.get("interpolation", "bilinear")))
    return channels.resized(w, value, channel_axis(op, value), made)


def _mode(word: Any) -> str:
    return str(word) if word in ("nearest", "bilinear", "bicubic") else "bilinear"


def _center_crop(w: Walker, op: Operation, x: Values) -> Any:
    value, fields = one(x), op.attributes
    wanted = (whole(fields["height"], "height"), whole(fields["width"], "width"))
    by_axis: dict[int, tuple[int, int]] = {}
    for axis, size in zip(spatial_axes(op, value), wanted, strict=True):
        more = value.own[axis] - size
        if more < 0 or not size_of(value.dims[axis]).is_fixed:
            raise OperatorError(f"a crop of {size} from {value.sizes[axis].size} positions")
        by_axis[axis] = (-(more // 2), -(more - more // 2))
    return padded(w, op, value, by_axis)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "Convolution2D"), _conv),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _transposed),
    **dict.fromkeys(("BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization"), _batch_norm),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), _layer_norm),
    **{f"{how}Pooling{n}D": _pool for how in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Global{how}Pooling{n}D": _global_pool for how in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Adaptive{how}Pooling{n}D": _adaptive_pool for how in ("Max", "Average") for n in (1, 2, 3)},
    **{f"{how}{n}D": _zero_padding for how in ("ZeroPadding", "Cropping") for n in (1, 2, 3)},
    **{f"UpSampling{n}D": _upsampling for n in (1, 2, 3)},
    "Dense": _dense,
    "EinsumDense": _einsum_dense,
    "GroupNormalization": _group_norm,
    "LayerScale": _layer_scale,
    "Normalization": _normalization,
    "Resizing": _resizing,
    "CenterCrop": _center_crop,
}
"""Each takes the walker, the layer and its inputs."""
