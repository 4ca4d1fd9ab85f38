"""A grid of settings cut into tiles, each small enough to be walked at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.graph.binding import POSITION_SETTINGS


class Tile(NamedTuple):
    """A part of a grid: channel points down, position points across, the same fixed settings at all of them."""

    fixed: dict[str, Any]
    channel_names: tuple[str, ...]
    channel_points: list[tuple[Any, ...]]
    position_names: tuple[str, ...]
    position_points: list[tuple[Any, ...]]

    @property
    def shape(self) -> tuple[int, int]:
        """Channel points by position points."""
        return len(self.channel_points), len(self.position_points)

    def settings(self, row: int, column: int) -> dict[str, Any]:
        """The settings of one point."""
        return {
            **self.fixed,
            **dict(zip(self.channel_names, self.channel_points[row], strict=True)),
            **dict(zip(self.position_names, self.position_points[column], strict=True)),
        }


def is_number(value: Any) -> bool:
    """Whether a setting's value can lie along a side of the grid."""
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def tiles(axes: Mapping[str, Sequence[Any]], most: int, rates: Collection[str] = ()) -> Iterator[Tile]:
    """The grid in the order of its rows, at most `most` points at a time, made as they are asked for.

    Words, flags, batches and the rates of recipes change from tile to tile; other numbers lie along the sides.
    """
    whole = {"batch", *rates}
    apart = [key for key, values in axes.items() if key in whole or not all(map(is_number, values))]
    along = [key for key in axes if key not in apart]
    down = tuple(key for key in along if key not in POSITION_SETTINGS)
    across = tuple(key for key in along if key in POSITION_SETTINGS)
    width = min(most, math.prod(len(axes[key]) for key in across))
    for combination in itertools.product(*(axes[key] for key in apart)):
        fixed = dict(zip(apart, combination, strict=True))
        for rows in _cut(itertools.product(*(axes[key] for key in down)), most // width):
            for columns in _cut(itertools.product(*(axes[key] for key in across)), width):
                yield Tile(fixed, down, rows, across, columns)


def _cut(points: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    while part := list(itertools.islice(points, size)):
        yield part
