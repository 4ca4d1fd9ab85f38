"""Points that are Pareto-optimal: no other is at least as good at no more cost, and better in one of the two."""

from __future__ import annotations

from collections.abc import Sequence


def frontier(points: Sequence[tuple[float, float]], more_is_better: bool = True) -> list[int]:
    """The indices of the Pareto-optimal ones of points (cost, value), cheapest first; of equal points, the first."""
    sign = 1 if more_is_better else -1
    best: list[int] = []
    for index in sorted(range(len(points)), key=lambda i: (points[i][0], -sign * points[i][1], i)):
        if not best or sign * points[index][1] > sign * points[best[-1]][1]:
            best.append(index)
    return best
