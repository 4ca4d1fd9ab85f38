"""Where a sliding window stops: the arithmetic shared by convolutions and pooling."""

from __future__ import annotations

from operator import is_

from costcalc.errors import OperatorError
from costcalc.operators.base import Shape, spread
from costcalc.operators.fields import Extent, Padding
from costcalc.quantity import (
    LIMIT,
    Quantity,
    at_least,
    ceil_div,
    floor_div,
    holds,
    maximum,
    named,
    product,
    same,
    where,
    within,
)


def sides(pad: Padding, dimensions: int, field: str = "pad") -> tuple[tuple[Quantity, Quantity], ...]:
    """(before, after) per dimension for explicit padding.

    One number pads every side; one per dimension pads both its sides; two per dimension are (before, after) pairs.
    """
    if not isinstance(pad, tuple):
        return ((pad, pad),) * dimensions
    if len(pad) == dimensions:
        return tuple((size, size) for size in pad)
    if len(pad) == 2 * dimensions:
        return tuple((pad[2 * i], pad[2 * i + 1]) for i in range(dimensions))
    raise OperatorError(
        f"{field} has {len(pad)} sizes, the input has {dimensions} dimensions",
        field=field,
        expected=f"1, {dimensions} or {2 * dimensions} sizes",
    )


def slide(
    x: Shape, k: Extent, stride: Extent, pad: Padding, dilation: Extent = 1, ceil: bool = False
) -> tuple[Quantity, ...]:
    """Positions of a window of size k over x, per dimension.

    `same`: ceil(in / stride). `valid` is padding 0. Explicit: floor((in + padding - effective k) / stride) + 1 with
    effective k = dilation (k - 1) + 1; with `ceil` the division rounds up, and a last window that would start beyond
    the input and its padding before is dropped (Caffe's and PyTorch's rule). With `ceil` a window may be larger than
    the padded input by less than a step, as U^2-Net pools a single position (arXiv:2005.09007, the authors' code).
    Raises OperatorError if the window is larger than that.
    Source: arXiv:1603.07285, relationships 6 and 15; TensorFlow's documentation of SAME and VALID.
    """
    dimensions = len(x.spatial)
    if dimensions == 0:
        raise OperatorError(f"{x} has no positions for a window to slide over")
    ks, strides = spread(k, dimensions, "k"), spread(stride, dimensions, "stride")
    dilations = spread(dilation, dimensions, "dilation")
    if isinstance(pad, str) and pad == "same":
        return tuple(ceil_div(size, step) for size, step in zip(x.spatial, strides, strict=True))
    sizes: list[Quantity] = []
    pads = sides(0 if isinstance(pad, str) else pad, dimensions)
    last: tuple[Quantity, ...] = ()
    for size, one_k, step, (before, after), one_dilation in zip(x.spatial, ks, strides, pads, dilations, strict=True):
        here = (size, one_k, step, before, after, one_dilation)
        if last and all(map(is_, here, last)):  # a square map under a square window
            sizes.append(sizes[-1])
            continue
        last = here
        effective_k = one_dilation * (one_k - 1) + 1
        room = size + before + after - effective_k
        if not within(room, 1 - step if ceil else 0, LIMIT):
            raise OperatorError(
                f"a window of {effective_k} does not fit into {size} + {before} + {after} positions", field="k"
            )
        if ceil:
            count = ceil_div(room, step) + 1
            count = where(at_least((count - 1) * step, size + before), count - 1, count)
        else:
            count = floor_div(room, step) + 1
        sizes.append(named(count))
    return tuple(sizes)


def taken(x: Shape, y: Shape, k: Extent, stride: Extent, pad: Padding, ceil: bool) -> Quantity:
    """Positions that all windows of size k together take in, padding included; `y` is what `slide` gave.

    k for each window and dimension. With `ceil` the last window may reach past the padded input: by `last`, the end
    of the last window, less the padded size. What lies there is no value.
    """
    dimensions = len(x.spatial)
    ks, strides = spread(k, dimensions, "k"), spread(stride, dimensions, "stride")
    if not ceil or (isinstance(pad, str) and pad == "same"):
        return product(ks) * y.positions
    pads = sides(0 if isinstance(pad, str) else pad, dimensions)
    counts = []
    for size, count, one_k, step, (before, after) in zip(x.spatial, y.spatial, ks, strides, pads, strict=True):
        last = (count - 1) * step + one_k
        counts.append(count * one_k - maximum(0, last - size - before - after))
    return product(counts)


def unslide(x: Shape, k: Extent, stride: Extent, pad: Padding, extra: Extent, dilation: Extent) -> tuple[Quantity, ...]:
    """Positions after a transposed convolution, per dimension.

    `same`: in * stride. Explicit: (in - 1) stride - padding + dilation (k - 1) + extra + 1.
    Source: arXiv:1603.07285, relationship 14.
    """
    dimensions = len(x.spatial)
    ks, strides, extras, dilations = (
        spread(value, dimensions, field)
        for value, field in ((k, "k"), (stride, "stride"), (extra, "output_pad"), (dilation, "dilation"))
    )
    if isinstance(pad, str) and pad == "same":
        return tuple(size * step for size, step in zip(x.spatial, strides, strict=True))
    sizes = []
    pads = sides(0 if isinstance(pad, str) else pad, dimensions)
    for i, size in enumerate(x.spatial):
        effective_k = dilations[i] * (ks[i] - 1) + extras[i] + 1
        sizes.append(named((size - 1) * strides[i] - pads[i][0] - pads[i][1] + effective_k))
        if not within(sizes[-1], 1, LIMIT):
            raise OperatorError("the padding leaves nothing of the output", field="pad")
    return tuple(sizes)


def require_flat(x: Shape, name: str) -> None:
    """Raise OperatorError unless x is a single position."""
    for size in x.spatial:
        if not holds(same(size, 1)):
            raise OperatorError(
                f"{name} takes a flat input, {x} arrives",
                expected="a `flatten` or a pooling before it; for a linear map at each position, a conv with k 1",
            )
