"""Numbers over a grid of settings: what a sweep computes on."""

from costcalc.grid.matrix import Ratio, added, largest, matrix, root_up
from costcalc.grid.number import (
    CHANNEL,
    MATRIX,
    POSITION,
    Differs,
    Grid,
    Mask,
    cellwise,
    channel,
    merged,
    position,
    quotient,
    where,
)
from costcalc.grid.vectors import bound

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
    "merged",
    "position",
    "quotient",
    "root_up",
    "where",
]
