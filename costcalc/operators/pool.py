"""Pooling: windows, whole maps, and fixed output sizes."""

from __future__ import annotations

from costcalc.operators.base import (
    Counters,
    Geometry,
    Keeps,
    Kept,
    Operator,
    Shape,
    extent_word,
    operator,
    spread,
    with_fields,
)
from costcalc.operators.fields import Extent, Padding, count, extent, flag, padding, word
from costcalc.operators.window import slide, taken
from costcalc.quantity import Quantity, gcd, holds, product, same


def _places(y: Shape) -> Kept:
    """The place of each largest value."""
    return Kept(indices=y.elements)


@with_fields
class _Window(Operator):
    k: Extent = extent(example="k")
    stride: Extent | None = extent(default=None, example="s")
    pad: Padding = padding(default="valid", example="same")
    ceil: bool = flag(default=False)

    def shape(self, *xs: Shape) -> Shape:
        return Shape(slide(xs[0], self.k, self._step, self.pad, 1, self.ceil), xs[0].channels)

    def kind(self) -> str:
        return f"{self.name} {extent_word(self.k)}"

    def geometry(self, *xs: Shape) -> Geometry:
        return Geometry(self.k, self._step)

    @property
    def _step(self) -> Extent:
        return self.k if self.stride is None else self.stride

    def _further(self, x: Shape, y: Shape) -> Quantity:
        """Values that all windows take in, but for the first of each."""
        return taken(x, y, self.k, self._step, self.pad, self.ceil) * y.channels - y.elements


@operator("maxpool")
class MaxPool(_Window):
    """Largest value of each k x k window; the stride is k unless given, `ceil` rounds sizes up.

    Shapes: HxWxC -> H'xW'xC. A window of n values takes n - 1 comparisons, padding counted as values, but
    not what lies past it where `ceil` cuts a window off.
    Source: Krizhevsky et al., NIPS 2012, section 3.4.
    Keeps: its input and the place of each largest value (PyTorch's derivatives.yaml: max_pool2d_with_indices).
    """

    __slots__ = ()
    keeps = Keeps.INPUT

    def kept(self, *shapes: Shape) -> Kept:
        return _places(shapes[-1])

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        return Counters(comparisons=self._further(x, y))


@operator("avgpool")
class AvgPool(_Window):
    """Mean of each k x k window; the stride is k unless given, `ceil` rounds sizes up.

    Shapes: HxWxC -> H'xW'xC. A window of n values takes n - 1 additions and a division, padding counted as
    values, but not what lies past it where `ceil` cuts a window off.
    Source: LeCun et al., Proc. IEEE 86(11), 1998, section II.A (sub-sampling).
    Keeps: its input (PyTorch's derivatives.yaml: avg_pool2d).
    """

    __slots__ = ()
    keeps = Keeps.INPUT

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        return Counters(additions=self._further(x, y), divisions=y.elements)


@operator("gap")
class GlobalAvgPool(Operator):
    """Mean of each channel over all positions.

    Shapes: HxWxC -> 1x1xC.
    Source: arXiv:1312.4400, section 3.2.
    Keeps: nothing (PyTorch's derivatives.yaml: mean.dim).
    """

    __slots__ = ()

    def shape(self, *xs: Shape) -> Shape:
        return Shape((1,) * len(xs[0].spatial), xs[0].channels)

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        return Counters(additions=x.elements - y.elements, divisions=y.elements)


@operator("global_maxpool")
class GlobalMaxPool(GlobalAvgPool):
    """Largest value of each channel over all positions.

    Shapes: HxWxC -> 1x1xC.
    Source: arXiv:1312.4400, section 3.2, with the maximum in place of the mean.
    Keeps: its input and the place of each largest value (PyTorch's derivatives.yaml: adaptive_max_pool2d).
    """

    __slots__ = ()
    keeps = Keeps.INPUT

    def kept(self, *shapes: Shape) -> Kept:
        return _places(shapes[-1])

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        return Counters(comparisons=x.elements - y.elements)


@with_fields
class _Adaptive(Operator):
    size: Extent = extent(example="n")

    def shape(self, *xs: Shape) -> Shape:
        return Shape(spread(self.size, len(xs[0].spatial), "size"), xs[0].channels)

    def _taken(self, x: Shape, y: Shape) -> Quantity:
        """Values that all windows together take in.

        Window i of n over m positions runs from floor(i m / n) to ceil((i + 1) m / n); each of the n - gcd(m, n)
        borders that fall inside a position is covered twice.
        """
        pairs = zip(x.spatial, y.spatial, strict=True)
        return x.channels * product(m + n - gcd(m, n) for m, n in pairs)


@operator("adaptive_avgpool")
class AdaptiveAvgPool(_Adaptive):
    """Mean over windows that are laid so that the output has the given size.

    Shapes: HxWxC -> `size`x`size`xC.
    Source: arXiv:1406.4729, section 2.1 (spatial pyramid bins), as PyTorch's AdaptiveAvgPool2d lays them.
    Keeps: its input; nothing for a size of 1, a plain mean (PyTorch's
    derivatives.yaml: _adaptive_avg_pool2d, mean.dim).
    """

    __slots__ = ()
    keeps = Keeps.INPUT

    def kept_maps(self) -> Keeps:
        sizes = self.size if isinstance(self.size, tuple) else (self.size,)
        return Keeps.NOTHING if all(holds(same(size, 1)) for size in sizes) else Keeps.INPUT  # 1x1: a plain mean

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        return Counters(additions=self._taken(x, y) - y.elements, divisions=y.elements)


@operator("adaptive_maxpool")
class AdaptiveMaxPool(_Adaptive):
    """Largest value over windows that are laid so that the output has the given size.

    Shapes: HxWxC -> `size`x`size`xC.
    Source: arXiv:1406.4729, section 2.1 (spatial pyramid bins), as PyTorch's AdaptiveMaxPool2d lays them.
    Keeps: its input and the place of each largest value (PyTorch's derivatives.yaml: adaptive_max_pool2d).
    """

    __slots__ = ()
    keeps = Keeps.INPUT

    def kept(self, *shapes: Shape) -> Kept:
        return _places(shapes[-1])

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        return Counters(comparisons=self._taken(x, y) - y.elements)


@operator("reduce")
class Reduce(Operator):
    """The sum, mean, largest value or root of squares over some dimensions: what is left are `size` and `channels`.

    Shapes: HxWxC -> `size`x`channels`. Of n values n - 1 additions or comparisons, for the mean a division, for
    `norm` n squares and a root.
    Source: https://onnx.ai/onnx/operators (ReduceSum, ReduceMean, ReduceMax, ReduceL2).
    Keeps: for a largest value its place, for `norm` its input and result (PyTorch's derivatives.yaml: max, norm).
    """

    size: Extent = extent(example="W")
    channels: Quantity = count(example="M")
    how: str = word("sum", "mean", "max", "norm", default="sum")

    def kept_maps(self) -> Keeps:
        return Keeps.BOTH if self.how == "norm" else Keeps.NOTHING

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(indices=int(self.how == "max") * shapes[-1].elements)

    def shape(self, *xs: Shape) -> Shape:
        return Shape(self.size if isinstance(self.size, tuple) else (self.size,), self.channels)

    def cost(self, *shapes: Shape) -> Counters:
        x, y = shapes
        further = x.elements - y.elements
        largest, norm = int(self.how == "max"), int(self.how == "norm")
        return Counters(
            multiplications=norm * x.elements,
            additions=(1 - largest) * further,
            comparisons=largest * further,
            divisions=int(self.how == "mean") * y.elements,
            exponentials=norm * y.elements,
        )
