"""Each operator with letters for its numbers: how the counting rules and `costcalc formula conv` show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costcalc.operators.base import REGISTRY, Shape
from costcalc.quantity import Quantity

LETTERS = "H W M N k s g m n p".split()
"""Height, width, input and output channels, the kernel's side, stride, groups, and numbers of an operator's own."""

FIELDS: dict[str, dict[str, Any]] = {
    "conv": {"out": "N", "k": "k", "stride": "s", "groups": "g", "bias": True},
    "dwconv": {"k": "k", "stride": "s"},
    "conv_transpose": {"out": "N", "k": "k", "stride": "s", "groups": "g"},
    "dynamic_conv": {"out": "N", "k": "k"},
    "channel_conv": {"k": "k", "maps": "m"},
    "linear": {"out": "N"},
    "rbf": {"out": "N"},
    "matmul": {"transpose": True},
    "maxpool": {"k": "k", "stride": "s", "pad": "same"},
    "avgpool": {"k": "k", "stride": "s", "pad": "same"},
    "adaptive_avgpool": {"size": "n"},
    "adaptive_maxpool": {"size": "n"},
    "gn": {"groups": "g"},
    "lrn": {"size": "n"},
    "shuffle": {"groups": "g"},
    "slice": {"start": 0, "stop": "n"},
    "split": {"parts": "n"},
    "gather": {"out": "N"},
    "pad": {"size": "p"},
    "crop": {"size": "p"},
    "upsample": {"scale": "n", "mode": "bilinear"},
    "reshape": {"size": ("W", "H")},
}
"""Fields with which each operator is shown, letters for numbers; an operator that is not listed needs none."""


def lettered(value: Any, number: Callable[[str], Quantity]) -> Any:
    """A field's value with a number for each letter; flags and words stay."""
    if isinstance(value, tuple):
        return tuple(lettered(part, number) for part in value)
    return number(value) if isinstance(value, str) and value in LETTERS else value


def inputs(name: str, number: Callable[[str], Quantity]) -> tuple[Shape, ...]:
    """What arrives at an operator: HxWxM, or what else it needs."""
    square = Shape((number("H"), number("W")), number("M"))
    match name:
        case "linear" | "rbf":
            return (Shape((1, 1), number("M")),)
        case "matmul":
            return Shape((number("H"),), number("M")), Shape((number("N"),), number("M"))
        case "dynamic_conv":
            return square, Shape((1, 1), number("k") ** 2 * number("M") * number("N"))
    return (square, square) if REGISTRY[name].inputs is None else (square,)
