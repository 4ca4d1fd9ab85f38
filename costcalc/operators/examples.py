"""Each operator with letters for its numbers: how the counting rules and `costcalc formula conv` show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costcalc.operators.base import REGISTRY, SCHEMAS, Shape
from costcalc.quantity import Quantity

LETTERS = "H W M N k s g m n p".split()
"""Height, width, input and output channels, the kernel's side, stride, groups, and numbers of an operator's own."""


def example_of(name: str) -> dict[str, Any]:
    """The fields with which an operator is shown, letters for numbers; the others keep their default."""
    return {field: rule.example for field, rule in SCHEMAS[name].items() if rule.example is not None}


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
        case "constant":
            return ()
    return (square, square) if REGISTRY[name].inputs is None else (square,)
