"""Operators of several inputs."""

from __future__ import annotations

from costcalc.errors import OperatorError
from costcalc.operators.base import Counters, Keeps, Kept, Operator, PerValue, Shape, operator
from costcalc.operators.fields import word
from costcalc.quantity import Quantity, holds, holds_either, same

DIMENSIONS = ("axis0", "axis1", "axis2", "axis3", "axis4")
"""The dimensions of the positions, as `concat` names them."""


def _listed(xs: tuple[Shape, ...]) -> str:
    return ", ".join(map(str, xs[:-1])) + f" and {xs[-1]}"


def _results_between(shapes: tuple[Shape, ...]) -> Kept:
    """Of n inputs that are taken two by two: the n - 2 maps between."""
    return Kept(values=(len(shapes) - 3) * shapes[-1].elements)


class _Join(Operator):
    __slots__ = ()
    inputs = None

    def shape(self, *xs: Shape) -> Shape:
        for x in xs[1:]:
            pairs = zip((*xs[0].spatial, xs[0].channels), (*x.spatial, x.channels), strict=False)
            if len(x.spatial) != len(xs[0].spatial) or not all(holds(same(a, b)) for a, b in pairs):
                raise OperatorError(f"{self.name} needs equal shapes, {_listed(xs)} arrive")
        return xs[0]


@operator("add")
class Add(_Join):
    """Sum of feature maps of equal shape.

    Shapes: n inputs HxWxC -> HxWxC; n - 1 additions per value.
    Source: arXiv:1512.03385, section 3.2, equation 1.
    Keeps: nothing (PyTorch's derivatives.yaml: add.Tensor).
    """

    __slots__ = ()

    def cost(self, *shapes: Shape) -> Counters:
        return Counters(additions=(len(shapes) - 2) * shapes[-1].elements)


@operator("maximum")
class Maximum(_Join):
    """Largest value of feature maps of equal shape.

    Shapes: n inputs HxWxC -> HxWxC; n - 1 comparisons per value.
    Source: arXiv:1302.4389, section 3.
    Keeps: all inputs and the maps between (PyTorch's derivatives.yaml: maximum).
    """

    __slots__ = ()
    keeps = Keeps.INPUT

    def kept(self, *shapes: Shape) -> Kept:
        return _results_between(shapes)

    def cost(self, *shapes: Shape) -> Counters:
        return Counters(comparisons=(len(shapes) - 2) * shapes[-1].elements)


def stretched(name: str, xs: tuple[Shape, ...]) -> Shape:
    """The first shape. Raises OperatorError if another one is neither equal to it nor 1 in some size."""
    first = xs[0]
    for x in xs[1:]:
        pairs = zip((*first.spatial, first.channels), (*x.spatial, x.channels), strict=False)
        fits = len(x.spatial) == len(first.spatial)
        if not fits or not all(holds_either(same(b, 1), same(a, b)) for a, b in pairs):
            raise OperatorError(f"{name} needs equal sizes, or 1, after the first input; {_listed(xs)} arrive")
    return first


@operator("mul")
class Multiply(Operator):
    """Product of feature maps; sizes and channels of 1 stretch to those of the first input.

    Shapes: HxWxC, 1x1xC -> HxWxC (the channel scale of squeeze-and-excitation).
    Source: arXiv:1709.01507, section 3.2, equation 4.
    Keeps: each input that another one needs, and the maps between (PyTorch's derivatives.yaml: mul.Tensor).
    """

    __slots__ = ()
    inputs = None
    keeps = Keeps.EACH_OTHER

    def kept(self, *shapes: Shape) -> Kept:
        return _results_between(shapes)

    def shape(self, *xs: Shape) -> Shape:
        return stretched("mul", xs)

    def cost(self, *shapes: Shape) -> Counters:
        return Counters(multiplications=(len(shapes) - 2) * shapes[-1].elements)


@operator("concat")
class Concat(Operator):
    """Feature maps one after the other along the channels, or along a dimension of the positions.

    Shapes: HxWxA, HxWxB -> HxWx(A + B); with `along: axis0` AxWxC, BxWxC -> (A + B)xWxC.
    Source: arXiv:1409.4842, section 4; along positions: arXiv:2010.11929, section 3.1, equation 1.
    Keeps: nothing (PyTorch's derivatives.yaml: cat).
    """

    inputs = None

    along: str = word("channels", *DIMENSIONS, default="channels")

    def shape(self, *xs: Shape) -> Shape:
        if self.along != "channels":
            return self._joined(xs, DIMENSIONS.index(self.along))
        channels: Quantity = 0
        for x in xs:
            pairs = zip(xs[0].spatial, x.spatial, strict=False)
            if len(x.spatial) != len(xs[0].spatial) or not all(holds(same(a, b)) for a, b in pairs):
                raise OperatorError(f"concat needs equal positions, {_listed(xs)} arrive")
            channels = channels + x.channels
        return Shape(xs[0].spatial, channels)

    def _joined(self, xs: tuple[Shape, ...], axis: int) -> Shape:
        if axis >= len(xs[0].spatial):
            raise OperatorError(f"{xs[0]} has no {self.along}", field="along")
        length: Quantity = 0
        for x in xs:
            pairs = zip((*xs[0].spatial, xs[0].channels), (*x.spatial, x.channels), strict=False)
            others = [pair for place, pair in enumerate(pairs) if place != axis]
            if len(x.spatial) != len(xs[0].spatial) or not all(holds(same(a, b)) for a, b in others):
                raise OperatorError(f"concat needs equal sizes but along its own dimension, {_listed(xs)} arrive")
            length = length + x.spatial[axis]
        spatial = tuple(length if place == axis else size for place, size in enumerate(xs[0].spatial))
        return Shape(spatial, xs[0].channels)


@operator("combine")
class Combine(PerValue):
    """A function of the values at one place of several maps, with so much work for each: a comparison, a choice ...

    Shapes: n inputs -> the first one's; sizes and channels of 1 stretch to it.
    Source: https://onnx.ai/onnx/operators (Div, Less, Where and the like).
    Keeps: its inputs, as a quotient does (PyTorch's derivatives.yaml: div).
    """

    __slots__ = ()
    inputs = None
    keeps = Keeps.INPUT

    def shape(self, *xs: Shape) -> Shape:
        return stretched("combine", xs)
