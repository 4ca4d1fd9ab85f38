"""Normalisation."""

from __future__ import annotations

from costcalc.operators.base import Counters, Keeps, Kept, Operator, Shape, operator
from costcalc.operators.fields import count, flag
from costcalc.quantity import Quantity, exact_div


@operator("bn")
class BatchNorm(Operator):
    """Batch normalisation at inference: one multiplication and one addition per value.

    Shapes: any -> the same. `scale` and `shift` say whether they are learned; mean and variance are statistics.
    Source: arXiv:1502.03167, section 3.1, algorithm 2.
    Keeps: its input, mean and inverse deviation of the batch (PyTorch's derivatives.yaml: native_batch_norm).
    """

    in_place = True
    keeps = Keeps.INPUT

    scale: bool = flag(default=True)
    shift: bool = flag(default=True)

    def is_learned(self) -> bool:
        return self.scale or self.shift

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(shared=2 * shapes[0].channels)  # the batch's means and inverse deviations

    def cost(self, *shapes: Shape) -> Counters:
        x = shapes[0]
        return Counters(
            multiplications=x.elements,
            additions=x.elements,
            norm_affine=(int(self.scale) + int(self.shift)) * x.channels,
            norm_statistics=2 * x.channels,
        )


def _standardise(x: Shape, sets: Quantity, affine: int) -> Counters:
    """Mean, variance, and the normalised value of `sets` equal parts of x, then scale and shift.

    A set of n values takes n - 1 additions and a division for the mean, n subtractions, n squares, n - 1 additions
    and a division for the variance, an addition (epsilon) and a reciprocal root, n multiplications.
    """
    values = x.elements
    return Counters(
        multiplications=(2 + affine) * values,
        additions=(3 + affine) * values - sets,
        divisions=2 * sets,
        exponentials=sets,
        norm_affine=2 * affine * x.channels,
    )


@operator("ln")
class LayerNorm(Operator):
    """Layer normalisation over the channels of each position.

    Shapes: any -> the same.
    Source: arXiv:1607.06450, section 3, equation 3.
    Keeps: its input, mean and inverse deviation of each position (PyTorch's derivatives.yaml: native_layer_norm).
    """

    in_place = True
    keeps = Keeps.INPUT

    affine: bool = flag(default=True)

    def is_learned(self) -> bool:
        return self.affine

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(statistics=2 * shapes[0].positions)

    def cost(self, *shapes: Shape) -> Counters:
        return _standardise(shapes[0], shapes[0].positions, int(self.affine))


@operator("gn")
class GroupNorm(Operator):
    """Group normalisation over each of `groups` groups of channels.

    Shapes: any -> the same.
    Assumes: `groups` divides the channels.
    Source: arXiv:1803.08494, section 3.1, equation 7.
    Keeps: its input, mean and inverse deviation of each group (PyTorch's derivatives.yaml: native_group_norm).
    """

    in_place = True
    keeps = Keeps.INPUT

    groups: Quantity = count(default=32, example="g", divides=True)
    affine: bool = flag(default=True)

    def is_learned(self) -> bool:
        return self.affine

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(statistics=2 * self.groups)

    def shape(self, *xs: Shape) -> Shape:
        exact_div(xs[0].channels, self.groups)
        return xs[0]

    def cost(self, *shapes: Shape) -> Counters:
        return _standardise(shapes[0], self.groups, int(self.affine))


@operator("lrn")
class LocalResponseNorm(Operator):
    """Local response normalisation across `size` neighbouring channels.

    Shapes: any -> the same. Per value: a square, size - 1 additions, a multiplication and an addition (alpha, k), a
    power and a division.
    Source: Krizhevsky et al., NIPS 2012, section 3.3.
    Keeps: its input, the padded squares, the divisor before and after the power (PyTorch's
    derivatives.yaml: avg_pool3d, pow.Tensor_Scalar, div.Tensor).
    """

    keeps = Keeps.INPUT

    size: Quantity = count(default=5, example="n")

    def kept(self, *shapes: Shape) -> Kept:
        x = shapes[0]
        squares = (x.channels + self.size - 1) * x.positions  # with zeros beside the channels
        return Kept(values=squares + 2 * x.elements)  # and the divisor before and after the power

    def cost(self, *shapes: Shape) -> Counters:
        values = shapes[0].elements
        return Counters(multiplications=2 * values, additions=self.size * values, exponentials=values, divisions=values)


@operator("affine")
class Affine(Operator):
    """A learned scale and shift per channel.

    Shapes: any -> the same.
    Source: LeCun et al., Proc. IEEE 86(11), 1998, section II.B (the coefficients of S2 and S4).
    Keeps: its input if it has a scale (PyTorch's derivatives.yaml: mul.Tensor).
    """

    in_place = True
    keeps = Keeps.INPUT

    scale: bool = flag(default=True)
    shift: bool = flag(default=True)

    def is_learned(self) -> bool:
        return self.scale or self.shift

    def kept_maps(self) -> Keeps:
        return Keeps.INPUT if self.scale else Keeps.NOTHING

    def cost(self, *shapes: Shape) -> Counters:
        x = shapes[0]
        return Counters(
            multiplications=int(self.scale) * x.elements,
            additions=int(self.shift) * x.elements,
            norm_affine=(int(self.scale) + int(self.shift)) * x.channels,
        )


@operator("instance_norm")
class InstanceNorm(Operator):
    """Instance normalisation: each channel of a sample over its positions.

    Shapes: any -> the same.
    Source: arXiv:1607.08022, section 3, equation 2.
    Keeps: its input, mean and root of each set, and its scale for each sample (PyTorch's derivatives.yaml:
    native_batch_norm, on samples laid side by side as channels).
    """

    in_place = True
    keeps = Keeps.INPUT

    affine: bool = flag(default=True)

    def is_learned(self) -> bool:
        return self.affine

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(statistics=(2 + int(self.affine)) * shapes[0].channels)

    def cost(self, *shapes: Shape) -> Counters:
        return _standardise(shapes[0], shapes[0].channels, int(self.affine))


@operator("rms_norm")
class RmsNorm(Operator):
    """Root mean square normalisation over the channels of each position, with a learned scale.

    Shapes: any -> the same. A set of n values takes n squares, n - 1 additions and a division, epsilon, a reciprocal
    root, n multiplications; then the scale.
    Source: arXiv:1910.07467, section 4, equation 4.
    Keeps: its input, the root of each set, and what the scale multiplies (PyTorch's derivatives.yaml: mul, rsqrt).
    """

    in_place = True
    keeps = Keeps.INPUT

    scale: bool = flag(default=True)

    def is_learned(self) -> bool:
        return self.scale

    def kept(self, *shapes: Shape) -> Kept:
        return Kept(values=int(self.scale) * shapes[0].elements, statistics=shapes[0].positions)

    def cost(self, *shapes: Shape) -> Counters:
        x, scale = shapes[0], int(self.scale)
        return Counters(
            multiplications=(2 + scale) * x.elements,
            additions=x.elements,
            divisions=x.positions,
            exponentials=x.positions,
            norm_affine=scale * x.channels,
        )
