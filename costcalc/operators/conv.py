"""Convolutions in any number of dimensions."""

from __future__ import annotations

from costcalc.errors import OperatorError
from costcalc.operators.base import Counters, Geometry, Keeps, Operator, Shape, extent_word, operator, spread
from costcalc.operators.fields import Extent, Padding, count, extent, flag, number, padding
from costcalc.operators.window import slide, unslide
from costcalc.quantity import Quantity, exact_div, holds, product, same, where


def _with_bias(
    bias: bool, out: Quantity, positions: Quantity, weights: Quantity, macs: Quantity, shared: bool = False
) -> Counters:
    own = int(not shared)
    return Counters(
        macs=macs, additions=int(bias) * positions * out, weights=own * weights, biases=own * int(bias) * out
    )


def _is_matrix_product(conv: Conv | ConvTranspose, count: int) -> bool:
    """Whether it multiplies its input as it lies: 1x1, stride 1, no padding."""
    pad = () if isinstance(conv.pad, str) else conv.pad if isinstance(conv.pad, tuple) else (conv.pad,)
    units = (*spread(conv.k, count, "k"), *spread(conv.stride, count, "stride"))
    return all(holds(same(size, 1)) for size in units) and all(holds(same(size, 0)) for size in pad)


@operator("conv")
class Conv(Operator):
    """Convolution: every output channel sees all input channels of its group.

    Shapes: HxWxM -> H'xW'x`out`; k, stride and dilation per dimension. `shared` weights are another layer's, and count
    there.
    Assumes: `groups` divides the input and the output channels.
    Source: arXiv:1704.04861, section 3.1, equation 2; groups: Krizhevsky et al., NIPS 2012, section 3.2.
    Keeps: its input (PyTorch's derivatives.yaml: convolution).
    """

    keeps = Keeps.INPUT
    learns = True

    out: Quantity = count(example="N")
    k: Extent = extent(default=1, example="k")
    stride: Extent = extent(default=1, example="s")
    pad: Padding = padding(default="same")
    dilation: Extent = extent(default=1)
    groups: Quantity = count(default=1, example="g", divides=True)
    bias: bool = flag(default=False, example=True)
    shared: bool = flag(default=False)

    def shape(self, *xs: Shape) -> Shape:
        exact_div(self.out, self.groups)
        exact_div(xs[0].channels, self.groups)
        return Shape(slide(xs[0], self.k, self.stride, self.pad, self.dilation), self.out)

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        kernel = exact_div(x.channels, self.groups) * product(spread(self.k, len(x.spatial), "k"))
        weights = kernel * self.out
        return _with_bias(self.bias, self.out, y.positions, weights, y.positions * weights, self.shared)

    def workspace(self, *shapes: Shape) -> Quantity:
        x, y = shapes
        if _is_matrix_product(self, len(x.spatial)):
            return 0
        columns = y.positions * product(spread(self.k, len(x.spatial), "k")) * x.channels
        if type(self.groups) is int and self.groups == 1:
            return columns
        of_one_channel = where(same(self.groups, 1), columns, 0)  # else a group for each: a `dwconv` in other words
        return where(same(self.groups, x.channels), of_one_channel, columns)

    def sees_one_position(self) -> bool:
        sides = self.k if isinstance(self.k, tuple) else (self.k,)
        return all(holds(same(side, 1)) for side in sides)

    def kind(self) -> str:
        return f"conv {extent_word(self.k)}" + ("" if holds(same(self.groups, 1)) else " grouped")


@operator("dwconv")
class DepthwiseConv(Operator):
    """Depthwise convolution: `multiplier` filters for each input channel by itself.

    Shapes: HxWxM -> H'xW'x(M `multiplier`). `shared` weights are another layer's, and count there.
    Source: arXiv:1704.04861, section 3.1, equations 3 and 4.
    Keeps: its input (PyTorch's derivatives.yaml: convolution).
    """

    keeps = Keeps.INPUT
    learns = True

    k: Extent = extent(default=3, example="k")
    stride: Extent = extent(default=1, example="s")
    pad: Padding = padding(default="same")
    dilation: Extent = extent(default=1)
    multiplier: Quantity = count(default=1)
    bias: bool = flag(default=False)
    shared: bool = flag(default=False)

    def shape(self, *xs: Shape) -> Shape:
        return Shape(slide(xs[0], self.k, self.stride, self.pad, self.dilation), xs[0].channels * self.multiplier)

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        weights = product(spread(self.k, len(x.spatial), "k")) * y.channels
        return _with_bias(self.bias, y.channels, y.positions, weights, y.positions * weights, self.shared)

    def geometry(self, *xs: Shape) -> Geometry:
        return Geometry(self.k, self.stride, xs[0].channels)

    def kind(self) -> str:
        return f"dwconv {extent_word(self.k)}"


@operator("conv_transpose")
class ConvTranspose(Operator):
    """Transposed convolution: each input position is spread over a k x k window of the output.

    Shapes: HxWxM -> (H stride)x(W stride)x`out` with `pad: same`.
    Assumes: `groups` divides the input and the output channels. Multiply-accumulates are those of the input grid.
    Source: arXiv:1603.07285, section 4.
    Keeps: its input (PyTorch's derivatives.yaml: convolution).
    """

    keeps = Keeps.INPUT
    learns = True

    out: Quantity = count(example="N")
    k: Extent = extent(default=2, example="k")
    stride: Extent = extent(default=2, example="s")
    pad: Padding = padding(default="same")
    output_pad: Quantity = number(default=0)
    dilation: Extent = extent(default=1)
    groups: Quantity = count(default=1, example="g", divides=True)
    bias: bool = flag(default=False)

    def shape(self, *xs: Shape) -> Shape:
        exact_div(self.out, self.groups)
        exact_div(xs[0].channels, self.groups)
        return Shape(unslide(xs[0], self.k, self.stride, self.pad, self.output_pad, self.dilation), self.out)

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        kernel = exact_div(x.channels, self.groups) * product(spread(self.k, len(x.spatial), "k"))
        weights = kernel * self.out
        return _with_bias(self.bias, self.out, y.positions, weights, x.positions * weights)

    def workspace(self, *shapes: Shape) -> Quantity:
        x, y = shapes
        if _is_matrix_product(self, len(x.spatial)):
            return 0
        return x.positions * product(spread(self.k, len(x.spatial), "k")) * y.channels

    def kind(self) -> str:
        return f"conv_transpose {extent_word(self.k)}"


@operator("dynamic_conv")
class DynamicConv(Operator):
    """Convolution whose kernel is its second input, made for each sample: it stores no weights.

    Shapes: HxWxM and 1x1xK -> H'xW'x`out`, with K = k k (M / `groups`) `out`.
    Assumes: `groups` divides the input and the output channels.
    Source: arXiv:1904.04971, section 2; arXiv:2007.11823, section 3.
    Keeps: both inputs (PyTorch's derivatives.yaml: convolution).
    """

    inputs = None
    keeps = Keeps.EACH_OTHER

    out: Quantity = count(example="N")
    k: Extent = extent(default=1, example="k")
    stride: Extent = extent(default=1)
    pad: Padding = padding(default="same")
    groups: Quantity = count(default=1, divides=True)

    def shape(self, *xs: Shape) -> Shape:
        if len(xs) != 2:
            raise OperatorError(f"dynamic_conv takes 2 inputs, {len(xs)} arrive", expected="from: [x, kernel]")
        x, kernel = xs
        exact_div(self.out, self.groups)
        needed = exact_div(x.channels, self.groups) * product(spread(self.k, len(x.spatial), "k")) * self.out
        if not holds(same(kernel.elements, needed)):
            raise OperatorError(f"dynamic_conv needs a kernel of {needed} values, {kernel} arrives")
        return Shape(slide(x, self.k, self.stride, self.pad), self.out)

    def cost(self, *shapes: Shape) -> Counters:
        _, kernel, y = shapes
        return Counters(macs=y.positions * kernel.elements)

    def kind(self) -> str:
        return f"dynamic_conv {extent_word(self.k)}"


@operator("channel_conv")
class ChannelConv(Operator):
    """Convolution that slides along the channels too: one small kernel shared by all channels.

    `k` is the kernel's length along the channels, `window` its size over positions; `maps` output maps are laid one
    after the other along the channels. `pad` and `stride` act along the channels, positions use no padding.
    Shapes: HxWxM -> H'xW'x(`maps` M').
    Source: arXiv:1809.01330, section 3.2, equation 3, and section 3.4.
    Keeps: its input (PyTorch's derivatives.yaml: convolution).
    """

    keeps = Keeps.INPUT
    learns = True

    k: Quantity = count(example="k")
    window: Extent = extent(default=1)
    maps: Quantity = count(default=1, example="m")
    stride: Quantity = count(default=1)
    pad: Padding = padding(default="same")

    def shape(self, *xs: Shape) -> Shape:
        x = xs[0]
        (channels,) = slide(Shape((x.channels,), 1), self.k, self.stride, self.pad)
        window = spread(self.window, len(x.spatial), "window")
        return Shape(slide(x, window, 1, "valid"), self.maps * channels)

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        kernel = self.k * product(spread(self.window, len(x.spatial), "window"))
        return Counters(macs=y.elements * kernel, weights=self.maps * kernel)

    def geometry(self, *xs: Shape) -> Geometry:
        dimensions = len(xs[0].spatial)
        return Geometry((*spread(self.window, dimensions, "window"), self.k), (*(1,) * dimensions, self.stride))
