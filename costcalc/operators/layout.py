"""Operators that move, cut or repeat values."""

from __future__ import annotations

from costcalc.errors import OperatorError
from costcalc.operators.base import Counters, Kept, Operator, Shape, operator, spread
from costcalc.operators.fields import Extent, Padding, count, extent, number, padding, word
from costcalc.operators.window import sides
from costcalc.quantity import Quantity, at_least, exact_div, holds, product, same


@operator("shuffle")
class Shuffle(Operator):
    """Channel shuffle: channels dealt out across `groups` groups.

    Shapes: any -> the same.
    Assumes: `groups` divides the channels.
    Source: arXiv:1707.01083, section 3.1.
    """

    groups: Quantity = count(example="g", divides=True)

    def shape(self, *xs: Shape) -> Shape:
        exact_div(xs[0].channels, self.groups)
        return xs[0]


@operator("slice")
class Slice(Operator):
    """The channels from `start` up to, not including, `stop`.

    Shapes: HxWxC -> HxWx(`stop` - `start`); without `stop`, up to the last channel.
    Source: arXiv:1807.11164, section 3.2 (channel split).
    """

    is_view = True

    start: Quantity = number(default=0, example=0)
    stop: Quantity | None = number(default=None, example="n")

    def shape(self, *xs: Shape) -> Shape:
        x = xs[0]
        stop = x.channels if self.stop is None else self.stop
        if not holds(at_least(x.channels, stop)):
            raise OperatorError(f"{stop} channels of {x.channels}", field="stop")
        if not holds(at_least(stop - self.start, 1)):
            raise OperatorError(f"nothing lies between channel {self.start} and {stop}", field="start")
        return Shape(x.spatial, stop - self.start)


@operator("split")
class Split(Operator):
    """Part number `part` (from 0) of `parts` equal parts of the channels.

    Shapes: HxWxC -> HxWx(C / `parts`).
    Assumes: `parts` divides the channels.
    Source: arXiv:1807.11164, section 3.2 (channel split).
    """

    is_view = True

    parts: Quantity = count(example="n", divides=True)
    part: Quantity = number(default=0)

    def shape(self, *xs: Shape) -> Shape:
        if not holds(at_least(self.parts - 1, self.part)):
            raise OperatorError(f"part {self.part} of {self.parts} parts", field="part", expected="parts count from 0")
        return Shape(xs[0].spatial, exact_div(xs[0].channels, self.parts))


@operator("gather")
class Gather(Operator):
    """`out` channels picked by a stored index, repetition allowed.

    Shapes: HxWxC -> HxWx`out`.
    Source: arXiv:1711.09224, section 3.2 (the index layer).
    Keeps: nothing but its index, a buffer (PyTorch's derivatives.yaml: index_select).
    """

    out: Quantity = count(example="N")

    def shape(self, *xs: Shape) -> Shape:
        return Shape(xs[0].spatial, self.out)


@operator("pad")
class Pad(Operator):
    """Border of zeros around the positions: one number, one per dimension, or (before, after) per dimension.

    Shapes: HxWxC -> (H + before + after)x(W + before + after)xC.
    Source: arXiv:1603.07285, section 2.2.
    Keeps: nothing (PyTorch's derivatives.yaml: constant_pad_nd).
    """

    size: Padding = padding(example="p")
    channels: Quantity = number(default=0)  # zero channels appended (ResNet's parameter-free shortcut)

    def shape(self, *xs: Shape) -> Shape:
        x = xs[0]
        if isinstance(self.size, str):
            raise OperatorError("pad needs sizes", field="size", expected="a number, or one per side")
        pads = sides(self.size, len(x.spatial), "size")
        spatial = tuple(size + before + after for size, (before, after) in zip(x.spatial, pads, strict=True))
        return Shape(spatial, x.channels + self.channels)


@operator("crop")
class Crop(Operator):
    """Border of positions taken away, given as for `pad`.

    Shapes: HxWxC -> (H - before - after)x(W - before - after)xC.
    Source: arXiv:1505.04597, section 2.
    """

    is_view = True

    size: Padding = padding(example="p")

    def shape(self, *xs: Shape) -> Shape:
        x = xs[0]
        if isinstance(self.size, str):
            raise OperatorError("crop needs sizes", field="size", expected="a number, or one per side")
        pads = sides(self.size, len(x.spatial), "size")
        spatial = tuple(size - before - after for size, (before, after) in zip(x.spatial, pads, strict=True))
        if not all(holds(at_least(size, 1)) for size in spatial):
            raise OperatorError(f"nothing is left of {x}", field="size")
        return Shape(spatial, x.channels)


@operator("upsample")
class Upsample(Operator):
    """Positions repeated (`nearest`) or interpolated `scale` times in each dimension, or up (or down) to `size`.

    Shapes: HxWxC -> (H `scale`)x(W `scale`)xC. Bilinear: 4 multiplications and 3 additions a value; bicubic 16 and 15.
    Source: arXiv:1411.4038, section 3.3.
    Keeps: nothing (PyTorch's derivatives.yaml: upsample_nearest2d, upsample_bilinear2d).
    """

    scale: Extent = extent(default=2, example="n")
    size: Extent | None = extent(default=None)
    mode: str = word("nearest", "bilinear", "bicubic", default="nearest", example="bilinear")

    def shape(self, *xs: Shape) -> Shape:
        x = xs[0]
        if self.size is not None:
            return Shape(spread(self.size, len(x.spatial), "size"), x.channels)
        scales = spread(self.scale, len(x.spatial), "scale")
        return Shape(tuple(size * scale for size, scale in zip(x.spatial, scales, strict=True)), x.channels)

    def cost(self, *shapes: Shape) -> Counters:
        values = shapes[-1].elements
        taps = {"nearest": 0, "bilinear": 4, "bicubic": 16}[self.mode]
        return Counters(multiplications=taps * values, additions=(taps - int(taps > 0)) * values)


@operator("flatten")
class Flatten(Operator):
    """All values as channels of a single position.

    Shapes: HxWxC -> 1x1x(H W C).
    Source: arXiv:1409.1556, section 2.1 (the stack of convolutions followed by fully connected layers).
    """

    __slots__ = ()
    is_view = True

    def shape(self, *xs: Shape) -> Shape:
        return Shape((1,) * len(xs[0].spatial), xs[0].elements)


@operator("dropout")
class Dropout(Operator):
    """Nothing at inference.

    Shapes: any -> the same.
    Source: Srivastava et al., JMLR 15, 2014, section 4.
    Keeps: its mask, as a factor for each value (PyTorch's derivatives.yaml: mul.Tensor).
    """

    __slots__ = ()
    is_view = True
    draws_a_mask = True

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(values=shapes[0].elements)  # the mask


@operator("identity")
class Identity(Operator):
    """The input itself; gives a name to a place in the network.

    Shapes: any -> the same.
    Source: arXiv:1512.03385, section 3.2.
    """

    __slots__ = ()
    is_view = True


@operator("transpose")
class Transpose(Operator):
    """Channels become positions, positions become channels.

    Shapes: HxWxC -> Cx(H W).
    Source: arXiv:1809.01330, the authors' code (model.py, use_rev_conv).
    """

    __slots__ = ()

    def shape(self, *xs: Shape) -> Shape:
        return Shape((xs[0].channels,), xs[0].positions)


@operator("reshape")
class Reshape(Operator):
    """The same positions laid out anew, as `size` says.

    Shapes: (H W)xC -> HxWxC.
    Source: arXiv:1706.03762, section 3.1 (sequences of positions).
    """

    is_view = True

    size: Extent = extent(example=("W", "H"))

    def shape(self, *xs: Shape) -> Shape:
        spatial = self.size if isinstance(self.size, tuple) else (self.size,)
        if not holds(same(product(spatial), xs[0].positions)):
            raise OperatorError(f"{xs[0]} has {xs[0].positions} positions", field="size", expected="the same number")
        return Shape(spatial, xs[0].channels)
