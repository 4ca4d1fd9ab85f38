"""Where maps lie in one arena: offsets, so that no two that are alive together overlap.

Maps are placed one by one, each in the smallest gap between those that are alive together with it, at the end if it
fits in none (greedy best fit, arXiv:2001.03288, section 5): the largest first, or those that live longest first.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Strategy(StrEnum):
    """Which maps are placed first."""

    SIZE = "size"
    LIFETIME = "lifetime"


class Lifetime(NamedTuple):
    """A map's bytes, and the first and the last step at which it is alive."""

    size: int
    first: int
    last: int


class Placed(NamedTuple):
    """The offset of each map, in bytes, and the strategy that found them."""

    offsets: tuple[int, ...]
    strategy: Strategy


def place(maps: Sequence[Lifetime], strategy: Strategy | None = None) -> Placed:
    """The offset of each map; without a strategy, by the one whose arena is smaller."""
    if strategy is None:
        tried = [place(maps, one) for one in Strategy]
        return min(tried, key=lambda placed: arena(maps, placed.offsets))
    first = _longest if strategy is Strategy.LIFETIME else _largest
    offsets = [0] * len(maps)
    placed: list[tuple[int, int, int, int]] = []  # start, end, first and last step, in the order of starts
    for index in sorted(range(len(maps)), key=lambda index: (*first(maps[index]), index)):
        size, begins, ends = maps[index]
        best, smallest, end = -1, 0, 0
        for start, stop, other_begins, other_ends in placed:
            if other_begins > ends or begins > other_ends:
                continue
            gap = start - end
            if gap >= size and (best < 0 or gap < smallest):
                best, smallest = end, gap
            end = max(end, stop)
        offsets[index] = best if best >= 0 else end
        insort(placed, (offsets[index], offsets[index] + size, begins, ends))
    return Placed(tuple(offsets), strategy)


def arena(maps: Sequence[Lifetime], offsets: Sequence[int]) -> int:
    """The bytes that the placed maps take together: the end of the last one."""
    return max((offset + one.size for one, offset in zip(maps, offsets, strict=True)), default=0)


def _largest(one: Lifetime) -> tuple[int, int]:
    return -one.size, one.first - one.last


def _longest(one: Lifetime) -> tuple[int, int]:
    return one.first - one.last, -one.size
