"""Numbers over a grid of settings: what a sweep computes on."""

from costcalc.grid.matrix import Ratio, added, largest, matrix, root_up
from costcalc.grid.number import (
    CHANNEL,
    MATRIX,
    POSITION,
    Differs,
    Grid,
    Mask,
    bound,
    cellwise,
    channel,
    position,
    quotient,
    where,
)

__all__ = [
    "CHANNEL",
    "MATRIX",
    "POSITION",
    "Differs",
    "Grid",
    "Mask",
    "Ratio",
    "added",
    "bound",
    "cellwise",
    "channel",
    "largest",
    "matrix",
    "position",
    "quotient",
    "root_up",
    "where",
]
