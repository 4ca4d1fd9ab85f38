"""Activations: a fixed amount of work for each value."""

from __future__ import annotations

from typing import ClassVar

from costcalc.operators.base import Counters, Keeps, Operator, PerValue, Shape, for_each, operator
from costcalc.operators.fields import count, flag
from costcalc.quantity import Quantity, exact_div


class _Elementwise(Operator):
    """The same work for each value; `each` says how much."""

    __slots__ = ()
    in_place = True
    each: ClassVar[Counters]

    def cost(self, *shapes: Shape) -> Counters:
        return for_each(shapes[0].elements, self.each)


@operator("relu")
class Relu(_Elementwise):
    """max(x, 0).

    Source: Nair and Hinton, ICML 2010, section 2.
    Keeps: its result (PyTorch's derivatives.yaml: relu).
    """

    __slots__ = ()
    keeps = Keeps.RESULT
    each = Counters(comparisons=1)


@operator("relu6")
class Relu6(_Elementwise):
    """min(max(x, 0), 6).

    Source: Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010; arXiv:1704.04861 uses it in its code.
    Keeps: its input (PyTorch's derivatives.yaml: hardtanh).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(comparisons=2)


@operator("leaky_relu")
class LeakyRelu(_Elementwise):
    """x if x > 0, else a fixed slope times x.

    Source: Maas et al., ICML 2013, section 2.
    Keeps: its input (PyTorch's derivatives.yaml: leaky_relu).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(comparisons=1, multiplications=1)


@operator("prelu")
class Prelu(_Elementwise):
    """x if x > 0, else a learned slope per channel times x; if `shared`, one slope for all channels.

    Source: arXiv:1502.01852, section 2.1, equation 1.
    Keeps: its input (PyTorch's derivatives.yaml: _prelu_kernel).
    """

    keeps = Keeps.INPUT
    learns = True
    each = Counters(comparisons=1, multiplications=1)

    shared: bool = flag(default=False)

    def cost(self, *shapes: Shape) -> Counters:
        values = shapes[0].elements
        slopes = 1 if self.shared else shapes[0].channels
        return Counters(comparisons=values, multiplications=values, weights=slopes)


@operator("sigmoid")
class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x)).

    Source: arXiv:1709.01507, section 3.2 (the gate of squeeze-and-excitation).
    Keeps: its result (PyTorch's derivatives.yaml: sigmoid).
    """

    __slots__ = ()
    keeps = Keeps.RESULT
    each = Counters(exponentials=1, additions=1, divisions=1)


@operator("hsigmoid")
class HardSigmoid(_Elementwise):
    """relu6(x + 3) / 6, the sixth taken as a factor.

    Source: arXiv:1905.02244, section 5.2.
    Keeps: its input (PyTorch's derivatives.yaml: hardsigmoid).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(additions=1, comparisons=2, multiplications=1)


@operator("swish")
class Swish(_Elementwise):
    """x sigmoid(x).

    Source: arXiv:1710.05941, section 1.
    Keeps: its input (PyTorch's derivatives.yaml: silu).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(exponentials=1, additions=1, divisions=1, multiplications=1)


@operator("hswish")
class HardSwish(_Elementwise):
    """x relu6(x + 3) / 6, the sixth taken as a factor.

    Source: arXiv:1905.02244, section 5.2.
    Keeps: its input (PyTorch's derivatives.yaml: hardswish).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(additions=1, comparisons=2, multiplications=2)


@operator("tanh")
class Tanh(_Elementwise):
    """(exp(2x) - 1) / (exp(2x) + 1).

    Source: LeCun et al., Proc. IEEE 86(11), 1998, section II.B, equation 6.
    Keeps: its result (PyTorch's derivatives.yaml: tanh).
    """

    __slots__ = ()
    keeps = Keeps.RESULT
    each = Counters(multiplications=1, exponentials=1, additions=2, divisions=1)


@operator("gelu")
class Gelu(_Elementwise):
    """0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).

    Source: arXiv:1606.08415, section 2.
    Keeps: its input (PyTorch's derivatives.yaml: gelu).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(multiplications=7, additions=4, exponentials=1, divisions=1)


@operator("softmax")
class Softmax(Operator):
    """exp(x_i) / sum of exp(x_j) over the channels of each position, in `heads` independent parts.

    Assumes: `heads` divides the channels.
    Source: arXiv:1706.03762, section 3.2.1, equation 1; Bridle, 1990.
    Keeps: its result (PyTorch's derivatives.yaml: _softmax).
    """

    in_place = True
    keeps = Keeps.RESULT

    heads: Quantity = count(default=1, divides=True)

    def shape(self, *xs: Shape) -> Shape:
        exact_div(xs[0].channels, self.heads)
        return xs[0]

    def cost(self, *shapes: Shape) -> Counters:
        x = shapes[0]
        sums = x.positions * self.heads
        return Counters(exponentials=x.elements, additions=x.elements - sums, divisions=x.elements)


@operator("mish")
class Mish(_Elementwise):
    """x tanh(log(1 + exp(x))).

    Source: arXiv:1908.08681, section 1, equation 1.
    Keeps: its input (PyTorch's derivatives.yaml: mish).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(multiplications=2, exponentials=3, additions=3, divisions=1)


@operator("elu")
class Elu(_Elementwise):
    """x if x > 0, else a fixed factor times (exp(x) - 1).

    Source: arXiv:1511.07289, section 3, equation 15.
    Keeps: its input (PyTorch's derivatives.yaml: elu).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(comparisons=1, exponentials=1, additions=1, multiplications=1)


@operator("softplus")
class Softplus(_Elementwise):
    """log(1 + exp(x)).

    Source: Glorot et al., AISTATS 2011, section 2.
    Keeps: its input (PyTorch's derivatives.yaml: softplus).
    """

    __slots__ = ()
    keeps = Keeps.INPUT
    each = Counters(exponentials=2, additions=1)


@operator("elementwise")
class Elementwise(PerValue):
    """A function of each value by itself, with so much work for each: a root, a constant factor, a bound ...

    Shapes: any -> the same.
    Source: https://onnx.ai/onnx/operators (Exp, Sqrt, Erf, Pow, Abs and the like).
    Keeps: its input, as most of them do (PyTorch's derivatives.yaml: erf, pow, abs; exp and sqrt keep as much).
    """

    __slots__ = ()
    in_place = True
    keeps = Keeps.INPUT
