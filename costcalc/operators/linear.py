"""Fully connected layers and matrix products."""

from __future__ import annotations

from costcalc.errors import OperatorError
from costcalc.operators.base import Counters, Keeps, Kept, Operator, Shape, operator, with_fields
from costcalc.operators.fields import count, flag
from costcalc.operators.window import require_flat
from costcalc.quantity import Quantity, exact_div, holds, same


@operator("linear")
class Linear(Operator):
    """Fully connected layer on a flat input.

    Shapes: 1x1xM -> 1x1x`out`. `shared` weights are another layer's, and count there.
    Source: LeCun et al., Proc. IEEE 86(11), 1998, section II.B (layer F6).
    Keeps: its input (PyTorch's derivatives.yaml: addmm).
    """

    keeps = Keeps.INPUT
    learns = True

    out: Quantity = count(example="N")
    bias: bool = flag(default=True)
    shared: bool = flag(default=False)

    def shape(self, *xs: Shape) -> Shape:
        require_flat(xs[0], "linear")
        return Shape(xs[0].spatial, self.out)

    def cost(self, *shapes: Shape) -> Counters:
        weights = shapes[0].channels * self.out
        biases, own = int(self.bias) * self.out, int(not self.shared)
        return Counters(macs=weights, additions=biases, weights=own * weights, biases=own * biases)


@operator("matmul")
class MatMul(Operator):
    """Product of two feature maps as matrices (positions x channels), in `heads` independent parts.

    Shapes: a is LxM. With `transpose`, b is NxM and the result Lx(`heads` N): attention scores. Without, a is
    Lx(`heads` N), b is NxC and the result LxC: the weighted values. With `windows`, the positions of both lie in so
    many equal parts, each for itself: N is that of one window.
    Assumes: `heads` divides the channels, `windows` the positions.
    Source: arXiv:1706.03762, section 3.2.1, equation 1.
    Keeps: both inputs (PyTorch's derivatives.yaml: bmm).
    """

    inputs = None
    keeps = Keeps.EACH_OTHER

    transpose: bool = flag(default=False, example=True)
    heads: Quantity = count(default=1, divides=True)
    windows: Quantity = count(default=1)

    def shape(self, *xs: Shape) -> Shape:
        if len(xs) != 2:
            raise OperatorError(f"matmul takes 2 inputs, {len(xs)} arrive")
        a, b = xs
        exact_div(a.positions, self.windows)
        length = exact_div(b.positions, self.windows)
        if self.transpose:
            exact_div(a.channels, self.heads)
            if not holds(same(a.channels, b.channels)):
                raise OperatorError(f"matmul needs equal channels, {a} and {b} arrive")
            return Shape(a.spatial, length * self.heads)
        exact_div(b.channels, self.heads)
        if not holds(same(a.channels, length * self.heads)):
            raise OperatorError(f"matmul needs as many channels as the second input has positions, {a} and {b} arrive")
        return Shape(a.spatial, b.channels)

    def cost(self, *shapes: Shape) -> Counters:
        a, b, _ = shapes
        return Counters(macs=a.positions * exact_div(b.positions, self.windows) * b.channels)


@operator("rbf")
class RadialBasis(Operator):
    """Squared Euclidean distances of a flat input to `out` fixed points.

    Shapes: 1x1xM -> 1x1x`out`. The points are not learned: they count as buffers.
    Source: LeCun et al., Proc. IEEE 86(11), 1998, section II.B, equation 7.
    Keeps: the differences (PyTorch's derivatives.yaml: pow.Tensor_Scalar).
    """

    out: Quantity = count(example="N")

    def shape(self, *xs: Shape) -> Shape:
        require_flat(xs[0], "rbf")
        return Shape(xs[0].spatial, self.out)

    def cost(self, *shapes: Shape) -> Counters:
        pairs = shapes[0].channels * self.out
        return Counters(macs=pairs, additions=pairs, norm_statistics=pairs)

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(values=shapes[0].channels * self.out)  # the differences that are squared


@with_fields
class _Recurrent(Operator):
    keeps = Keeps.INPUT
    learns = True

    out: Quantity = count(example="N")
    directions: Quantity = count(default=1)
    bias: bool = flag(default=True)
    biases: Quantity = count(default=2)  # vectors for each gate: one for each of both maps, or one for their sum

    gates = 1

    def shape(self, *xs: Shape) -> Shape:
        return Shape(xs[0].spatial, self.out * self.directions)

    def cost(self, *shapes: Shape) -> Counters:
        x = shapes[0]
        cells = self.directions * self.gates * self.out
        weights = cells * (x.channels + self.out)
        biases = self.biases * int(self.bias) * cells
        return Counters(macs=x.positions * weights, additions=x.positions * biases, weights=weights, biases=biases)


@operator("rnn")
class Rnn(_Recurrent):
    """Recurrent layer: at each position, a linear map of the input and one of the state before it.

    Shapes: LxM -> Lx(`directions` `out`). The nonlinearities are left out; there is a bias for each of both maps.
    Source: Elman, Cognitive Science 14, 1990, figure 2.
    Keeps: its input; what a kernel keeps of its gates is left out.
    """

    __slots__ = ()


@operator("lstm")
class Lstm(_Recurrent):
    """Long short-term memory: four gates, each a linear map of the input and one of the state before it.

    Shapes: LxM -> Lx(`directions` `out`). Gates' nonlinearities and products are left out; each map has a bias.
    Source: Hochreiter and Schmidhuber, Neural Computation 9(8), 1997; Gers et al., 2000 (the forget gate).
    Keeps: its input; what a kernel keeps of its gates is left out.
    """

    __slots__ = ()
    gates = 4


@operator("gru")
class Gru(_Recurrent):
    """Gated recurrent unit: three gates, each a linear map of the input and one of the state before it.

    Shapes: LxM -> Lx(`directions` `out`). Gates' nonlinearities and products are left out; each map has a bias.
    Source: arXiv:1406.1078, section 2.3.
    Keeps: its input; what a kernel keeps of its gates is left out.
    """

    __slots__ = ()
    gates = 3
