"""Operators that take their channels in any dimension: Keras and TensorFlow Lite have them last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from costcalc.errors import OperatorError
from costcalc.importers import layers
from costcalc.importers.sizes import Constant, fixed
from costcalc.importers.tensors import Tensor
from costcalc.importers.walker import Walker, formats_of


def moved(x: Tensor, axis: int, to: int) -> Tensor:
    """A dimension put in another place; nothing moves in memory."""
    order = [place for place in range(len(x.dims)) if place != axis % len(x.dims)]
    order.insert(to % len(x.dims), axis % len(x.dims))
    return x._replace(dims=tuple(x.dims[place] for place in order))


def with_channels_first(x: Tensor, axis: int, work: Callable[[Tensor], Tensor]) -> Tensor:
    """What some work makes of a tensor whose channels it takes after the batch, put back in the order of `x`."""
    y = work(moved(x, axis, 1))
    back = moved(y, 1, axis if axis >= 0 else len(y.dims) + axis)
    return back


def weight(name: str, dims: Sequence[int], dtype: str = "float32") -> Constant:
    """A tensor of weights that the file describes by its layer's fields alone."""
    count = 1
    for size in dims:
        count *= size
    return Constant(tuple(map(fixed, dims)), None, name, dtype, count)


def conv(
    w: Walker,
    x: Tensor,
    axis: int,
    kernel: Constant,
    bias: bool,
    window: Sequence[int],
    stride: Sequence[int],
    pad: str | Sequence[int],
    dilation: Sequence[int],
    groups: int,
    out: int,
) -> Tensor:
    """A convolution of a tensor with its channels in the dimension `axis`."""
    channels = x.own[axis]
    _require_window(x, window)
    if groups < 1 or channels % groups or out < 1 or out % groups:
        raise OperatorError(f"{groups} groups do not divide {channels} channels and {out} filters")
    inner = channels // groups

    def work(value: Tensor) -> Tensor:
        return layers.conv(w, value, kernel, bias, stride, pad, dilation, groups, window, out, inner)

    return with_channels_first(x, axis, work)


def _require_window(x: Tensor, window: Sequence[int]) -> None:
    """Raise OperatorError unless a window has a size for each dimension of the positions."""
    if len(x.dims) != len(window) + 2:
        raise OperatorError(f"a window of {len(window)} dimensions over a tensor of {len(x.dims)}")


def transposed_conv(
    w: Walker,
    x: Tensor,
    axis: int,
    kernel: Constant,
    bias: bool,
    window: Sequence[int],
    stride: Sequence[int],
    pad: str | Sequence[int],
    dilation: Sequence[int],
    extra: int,
    out: int,
) -> Tensor:
    """A transposed convolution of a tensor with its channels in the dimension `axis`."""
    _require_window(x, window)

    def work(value: Tensor) -> Tensor:
        value = w.as_map(value)
        made = layers.operator(
            "conv_transpose",
            out=out,
            k=layers.alike(layers.with_unit(list(window), value, 1)),
            stride=layers.alike(layers.with_unit(list(stride), value, 1)),
            dilation=layers.alike(layers.with_unit(list(dilation), value, 1)),
            pad=pad if isinstance(pad, str) else layers.pads(layers.with_unit(list(pad), value, 0, 2)),
            output_pad=extra,
            bias=bias,
        )
        node = w.emit(made, (value.node,), name=kernel.name, formats=formats_of(kernel.dtype))
        return layers.after_map(w, value, node)._replace(made=("product", value, bias))

    w.learns(kernel)
    return with_channels_first(x, axis, work)


def pool(w: Walker, x: Tensor, axis: int, word: str, window: Sequence[int], stride: Sequence[int], pad: str) -> Tensor:
    """Pooling over windows (`maxpool`, `avgpool`) of a tensor with its channels in the dimension `axis`."""
    _require_window(x, window)

    def work(value: Tensor) -> Tensor:
        value = w.as_map(value)
        made = layers.operator(
            word,
            k=layers.alike(layers.with_unit(list(window), value, 1)),
            stride=layers.alike(layers.with_unit(list(stride), value, 1)),
            pad=pad,
        )
        return layers.after_map(w, value, w.emit(made, (value.node,)), kept=True)

    return with_channels_first(x, axis, work)


def mapped(w: Walker, x: Tensor, axis: int, made: Any, name: str = "") -> Tensor:
    """An operator that keeps the shape of a map, as a norm, on a tensor with its channels in the dimension `axis`."""

    def work(value: Tensor) -> Tensor:
        value = w.as_map(value) if len(value.dims) > 2 else w.as_rows(value)
        return value._replace(node=w.emit(made, (value.node,), name=name), made=())

    return with_channels_first(x, axis, work)


def resized(w: Walker, x: Tensor, axis: int, made: Any, own: Any = None) -> Tensor:
    """An operator that changes the positions alone, on a tensor with its channels in the dimension `axis`."""

    def work(value: Tensor) -> Tensor:
        value = w.as_map(value)
        return layers.after_map(w, value, w.emit(made, (value.node,), own), kept=True)

    return with_channels_first(x, axis, work)
