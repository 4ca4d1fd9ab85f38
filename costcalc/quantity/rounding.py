"""The rule that rounds a width to a multiple of a divisor."""

from __future__ import annotations

from costcalc.quantity.arithmetic import floor_div, maximum
from costcalc.quantity.conditions import at_least, where
from costcalc.quantity.kinds import Quantity, symbols_of


def round_width(value: Quantity, divisor: Quantity = 8, least: Quantity | None = None) -> Quantity:
    """`value` to the nearest multiple of `divisor`, but never below nine tenths of `value`, nor below `least`.

    The rule of TF-slim's `make_divisible`, which Keras, torchvision and timm share; `least` is the divisor unless
    given. Its inner floor acts on floor(value + divisor / 2).
    Source: arXiv:1801.04381, the authors' code (slim/nets/mobilenet/mobilenet_v2.py).
    """
    least = divisor if least is None else least
    if symbols := symbols_of(value, divisor, least):
        return symbols.rule("round_width", width_rule, value, divisor, least)
    return width_rule(value, divisor, least)


def width_rule(value: Quantity, divisor: Quantity, least: Quantity) -> Quantity:
    """The arithmetic of `round_width`; on symbols, the rule itself as an expression."""
    floored = maximum(least, floor_div(floor_div(2 * value + divisor, 2), divisor) * divisor)
    return where(at_least(10 * floored, 9 * value), floored, floored + divisor)
