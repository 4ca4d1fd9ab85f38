"""Operators that lay values out anew, pick or repeat them, and those that bring stored values in."""

from __future__ import annotations

from costcalc.errors import OperatorError
from costcalc.operators.base import Counters, Keeps, Operator, Shape, operator
from costcalc.operators.fields import Extent, count, extent, flag, number
from costcalc.quantity import Quantity, at_least, holds, same


def _positions(size: Extent) -> tuple[Quantity, ...]:
    return size if isinstance(size, tuple) else (size,)


@operator("permute")
class Permute(Operator):
    """Positions and channels laid out anew, `size` the positions and `channels` the channels, whatever was which.

    Shapes: HxWxC -> `size`x`channels`, as many values.
    Source: https://onnx.ai/onnx/operators (Transpose, Reshape).
    """

    family = "layout"

    size: Extent = extent(example=("M", "W"))
    channels: Quantity = count(example="H")

    def shape(self, *xs: Shape) -> Shape:
        y = Shape(_positions(self.size), self.channels)
        if not holds(same(y.elements, xs[0].elements)):
            raise OperatorError(f"{xs[0]} has {xs[0].elements} values, {y} has {y.elements}", field="size")
        return y


@operator("select")
class Select(Operator):
    """Some of the values: `size` positions, `channels` channels of each; which ones makes no difference.

    Shapes: HxWxC -> `size`x`channels`, at most as many values.
    Source: https://onnx.ai/onnx/operators (Gather, Slice).
    """

    family = "layout"

    size: Extent = extent(example=("W", "W"))
    channels: Quantity = count(example="M")

    def shape(self, *xs: Shape) -> Shape:
        y = Shape(_positions(self.size), self.channels)
        if not holds(at_least(xs[0].elements, y.elements)):
            raise OperatorError(f"{y} is more than {xs[0]}", field="size", expected="some of the values that arrive")
        return y


@operator("stretch")
class Stretch(Operator):
    """Values repeated along the sizes that are 1, up to `size` and `channels`.

    Shapes: 1x1xC -> `size`xC.
    Source: https://onnx.ai/onnx/operators (Expand, Tile).
    """

    family = "layout"

    size: Extent = extent(example=("H", "W"))
    channels: Quantity = count(example="M")

    def shape(self, *xs: Shape) -> Shape:
        y = Shape(_positions(self.size), self.channels)
        if not holds(at_least(y.elements, xs[0].elements)):
            raise OperatorError(f"{y} is less than {xs[0]}", field="size", expected="all of the values that arrive")
        return y


@operator("constant")
class Constant(Operator):
    """Values that do not depend on the input: all of them learned, or `learned` of them.

    Shapes: nothing -> `size`x`channels` (a class token, a positional embedding).
    Source: arXiv:2010.11929, section 3.1, equation 1.
    """

    family = "layout"
    inputs = 0
    learns = True

    size: Extent = extent(example=("H", "W"))
    channels: Quantity = count(example="N")
    learned: Quantity | None = number(default=None)

    def is_learned(self) -> bool:
        return self.learned is None or not holds(same(self.learned, 0))

    def shape(self, *xs: Shape) -> Shape:
        return Shape(_positions(self.size), self.channels)

    def cost(self, *shapes: Shape) -> Counters:
        return Counters(weights=shapes[-1].elements if self.learned is None else self.learned)


@operator("embedding")
class Embedding(Operator):
    """A learned row of `out` values for each of `entries` words; every value of the input names one.

    Shapes: LxM -> Lx(M `out`). A `shared` table is another layer's, and counts there.
    Source: Bengio et al., JMLR 3, 2003, section 2 (the matrix C).
    Keeps: its input, the words (PyTorch's derivatives.yaml: embedding).
    """

    family = "layout"
    keeps = Keeps.INPUT
    learns = True

    entries: Quantity = count(example="n")
    out: Quantity = count(example="N")
    shared: bool = flag(default=False)

    def shape(self, *xs: Shape) -> Shape:
        return Shape(xs[0].spatial, xs[0].channels * self.out)

    def cost(self, *shapes: Shape) -> Counters:
        return Counters(weights=int(not self.shared) * self.entries * self.out)
