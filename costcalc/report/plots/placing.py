"""Where names of points have room: none covers another, a point or a line; a leader tells whose each is.

All lengths are pixels. Places beside the point are tried first, then farther ones in rings around it. Libraries that
place labels leave out those that have no room, or let leaders run along a frontier: here such names are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

_TURNS = np.linspace(0, 2 * np.pi, 32, endpoint=False) + np.pi / 4
"""The directions that are tried."""
_RINGS = (0.15, 0.4, 0.7, 1.1, 1.6, 2.2, 3.0, 4.0, 5.0, 6.2, 7.5, 9.0, 11.0)
"""Distances between a point's sign and its name, in the letters' size."""
_NEAR = 0.75
"""Within this distance a name needs no leader, unless it is as near to another point."""
_CROSSED = 2.5
"""What a leader over a line is as bad as: so much more distance."""
_MOST_LEAVING, _GAIN = 2, 0.3
"""So many names at most leave their places for the better one of another, if each saves so much, in letters."""
_PARALLEL = 0.35
"""The sine of the angle under which a leader would look like a part of a line."""

Vector = Any
"""An array of floats; `(n, 4)` for boxes (left, bottom, right, top) and stretches (x, y, to x, to y)."""


class Place(NamedTuple):
    """The left lower corner of a name's box, and its leader, if it needs one: from the point's sign to the box."""

    left: float
    bottom: float
    leader: tuple[float, float, float, float] | None


class Surroundings(NamedTuple):
    """What names keep clear of: the border (they stay within), points with signs of a radius, and lines in stretches.

    `letter` is the size of the names' letters.
    """

    border: tuple[float, float, float, float]
    points: Sequence[tuple[float, float]]
    radius: float
    lines: Sequence[tuple[float, float, float, float]]
    letter: float


class _Choice(NamedTuple):
    """The places that a name may have as far as points and lines go, the best first, and how bad each is."""

    boxes: Vector
    leaders: Vector
    led: Vector
    worse: Vector


def placed(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], around: Surroundings
) -> list[Place | None]:
    """A place for the name of each point, by the names' widths and heights; None where there is none.

    The points with the fewest places choose first. One that finds none left chooses before the others in the next
    round; the round with the most names counts.
    """
    choices = [_choice(point, size, around) for point, size in zip(points, sizes, strict=True)]
    order = sorted(range(len(points)), key=lambda index: len(choices[index].boxes))
    best: dict[int, int] = {}
    for _ in range(len(points) + 1):
        found = _round(choices, order, around)
        if len(found) > len(best) or not best:
            best = found
        missing = [index for index in order if index not in found and len(choices[index].boxes)]
        if not missing:
            break
        order = [*missing, *(index for index in order if index not in missing)]
    best = _improved(choices, best, around)
    return [_place(choices[index], best[index]) if index in best else None for index in range(len(points))]


def _round(
    choices: Sequence[_Choice], order: Sequence[int], around: Surroundings, staying: dict[int, int] | None = None
) -> dict[int, int]:
    """The first free place of each name, in an order, beside those that stay."""
    found = dict(staying or {})
    for index in order:
        free = _free(choices, index, found, around)
        if len(free):
            found[index] = int(free[0])
    return found


def _improved(choices: Sequence[_Choice], found: dict[int, int], around: Surroundings) -> dict[int, int]:
    """Each name moves to a better place that is free, or that others leave for places that are worse by less."""
    found = dict(found)
    for _ in range(4):
        before = dict(found)
        for index in sorted(found, key=lambda index: (-choices[index].worse[found[index]], index)):
            found = _moved(choices, index, found, around)
        if found == before:
            break
    return found


def _moved(choices: Sequence[_Choice], index: int, found: dict[int, int], around: Surroundings) -> dict[int, int]:
    """All places, with that of one name the best that it can have."""
    others = [other for other in found if other != index]
    clashes = _clashes(choices, index, {other: found[other] for other in others}, around)
    cost = _cost(choices, found)
    for place in range(found[index]):
        leaving = [other for other, clash in zip(others, clashes[place], strict=False) if clash]
        if len(leaving) > _MOST_LEAVING:
            continue
        staying = {other: its for other, its in found.items() if other not in leaving}
        moved = _round(choices, leaving, around, {**staying, index: place})
        if len(moved) == len(found) and _cost(choices, moved) < cost - _GAIN * around.letter * len(leaving):
            return moved
    return found


def _cost(choices: Sequence[_Choice], found: dict[int, int]) -> float:
    return float(sum(choices[index].worse[place] for index, place in found.items()))


def _free(choices: Sequence[_Choice], index: int, found: dict[int, int], around: Surroundings) -> Vector:
    """Which places of a name are clear of the names and leaders that have theirs."""
    return np.flatnonzero(~_clashes(choices, index, found, around).any(axis=1))


def _clashes(choices: Sequence[_Choice], index: int, found: dict[int, int], around: Surroundings) -> Vector:
    """Which places of a name are in the way of which others' places, or these of them: `(places, others)`."""
    mine = choices[index]
    if not found or not len(mine.boxes):
        return np.zeros((len(mine.boxes), 1), dtype=bool)
    boxes = np.array([choices[other].boxes[place] for other, place in found.items()])
    leaders = np.array([choices[other].leaders[place] for other, place in found.items()])
    led = np.array([choices[other].led[place] for other, place in found.items()])
    margin = 0.15 * around.letter
    return (
        _overlapping(_grown(mine.boxes, margin), boxes)
        | (_through(leaders, _grown(mine.boxes, margin)).T & led)
        | (_through(mine.leaders, _grown(boxes, margin)) & mine.led[:, None])
        | (_crossing(mine.leaders, leaders) & mine.led[:, None] & led)
    )


def _place(choice: _Choice, index: int) -> Place:
    left, bottom, _, _ = choice.boxes[index]
    leader = tuple(map(float, choice.leaders[index])) if choice.led[index] else None
    return Place(float(left), float(bottom), leader)  # type: ignore[arg-type]


def _choice(point: tuple[float, float], size: tuple[float, float], around: Surroundings) -> _Choice:
    """The places of one name: within the border, over no point and no line; no leader along a line or over a point."""
    letter, radius = around.letter, around.radius
    points = np.array(around.points, dtype=float).reshape(-1, 2)
    lines = np.array(around.lines, dtype=float).reshape(-1, 4)
    boxes = _boxes(point, size, letter, radius)
    low_x, low_y, high_x, high_y = around.border
    inside = (boxes[:, 0] >= low_x) & (boxes[:, 1] >= low_y) & (boxes[:, 2] <= high_x) & (boxes[:, 3] <= high_y)
    boxes = boxes[inside]
    signs = np.concatenate([points - radius, points + radius], axis=1)
    boxes = boxes[~_overlapping(_grown(boxes, 0.1 * letter), signs).any(axis=1)]
    boxes = boxes[~_through(lines, _grown(boxes, 0.12 * letter)).any(axis=0)]
    nearest = np.clip(point, boxes[:, :2], boxes[:, 2:])
    away = nearest - point
    distance = np.hypot(away[:, 0], away[:, 1])
    starts = point + away * (radius / np.maximum(distance, 1e-9))[:, None]
    leaders = np.concatenate([starts, nearest], axis=1)
    others = points[np.hypot(*(points - point).T) > 1e-6]
    gap = distance - radius
    led = (gap > _NEAR * letter) | (_least(others, boxes) < distance + 0.25 * letter)
    beside = np.hypot(*(others - point).T)
    clear = np.minimum(radius + 0.1 * letter, 0.8 * beside)  # of a sign that touches the point's own, less
    over = (_distances(others, leaders) < clear).any(axis=1)
    good = ~led | ~(over | _along(leaders, lines, 0.25 * letter))
    crosses = _crossing(leaders, lines).any(axis=1)
    worse = gap + letter * led * (0.3 + _CROSSED * crosses)
    order = np.flatnonzero(good)
    order = order[np.argsort(worse[order], kind="stable")]
    return _Choice(boxes[order], leaders[order], led[order], worse[order])


def _boxes(point: tuple[float, float], size: tuple[float, float], letter: float, radius: float) -> Vector:
    """Boxes of a size in rings around a point: each touches its ring with the side or corner that looks inwards."""
    turn, ring = (part.ravel() for part in np.meshgrid(_TURNS, np.array(_RINGS) * letter + radius))
    cos, sin = np.cos(turn), np.sin(turn)
    width, height = size
    left = point[0] + ring * cos - width * np.clip(0.5 - 1.3 * cos, 0, 1)
    bottom = point[1] + ring * sin - height * np.clip(0.5 - 1.3 * sin, 0, 1)
    return np.stack([left, bottom, left + width, bottom + height], axis=1)


def _grown(boxes: Vector, margin: float) -> Vector:
    return boxes + np.array([-margin, -margin, margin, margin])


def _overlapping(boxes: Vector, others: Vector) -> Vector:
    """Which boxes overlap which others: `(n, m)`."""
    a, b = boxes[:, None], others[None]
    return (a[..., 0] < b[..., 2]) & (b[..., 0] < a[..., 2]) & (a[..., 1] < b[..., 3]) & (b[..., 1] < a[..., 3])


def _through(stretches: Vector, boxes: Vector) -> Vector:
    """Which stretches go through which boxes: `(n, m)`, by clipping each at the boxes' sides."""
    start, way = stretches[:, None, :2], (stretches[:, 2:] - stretches[:, :2])[:, None]
    way = np.where(way == 0, 1e-12, way)
    to_low, to_high = (boxes[None, :, :2] - start) / way, (boxes[None, :, 2:] - start) / way
    enter = np.minimum(to_low, to_high).max(axis=-1)
    leave = np.maximum(to_low, to_high).min(axis=-1)
    return np.maximum(enter, 0) < np.minimum(leave, 1)


def _crossing(one: Vector, other: Vector) -> Vector:
    """Which stretches cross which: `(n, m)`."""

    def side(a: Vector, b: Vector) -> Vector:
        way, to = a[..., 2:] - a[..., :2], b - a[..., :2]
        return way[..., 0] * to[..., 1] - way[..., 1] * to[..., 0]

    a, b = one[:, None], other[None]
    return (side(a, b[..., :2]) * side(a, b[..., 2:]) < 0) & (side(b, a[..., :2]) * side(b, a[..., 2:]) < 0)


def _least(points: Vector, boxes: Vector) -> Vector:
    """How far the nearest of some points is from each box."""
    if not len(points):
        return np.full(len(boxes), np.inf)
    inner = np.clip(points[None], boxes[:, None, :2], boxes[:, None, 2:]) - points[None]
    return np.hypot(inner[..., 0], inner[..., 1]).min(axis=1)


def _distances(points: Vector, stretches: Vector) -> Vector:
    """How far each point is from each stretch: `(stretches, points)`."""
    start, way = stretches[:, None, :2], (stretches[:, 2:] - stretches[:, :2])[:, None]
    long = np.maximum((way**2).sum(axis=-1), 1e-12)
    to = points[None] - start
    off = to - np.clip((to * way).sum(axis=-1) / long, 0, 1)[..., None] * way
    return np.hypot(off[..., 0], off[..., 1])


def _along(leaders: Vector, lines: Vector, distance: float) -> Vector:
    """Which leaders run along a line, so near that the two look like one."""
    way, on = leaders[:, None, 2:] - leaders[:, None, :2], lines[None, :, 2:] - lines[None, :, :2]
    turned = np.abs(way[..., 0] * on[..., 1] - way[..., 1] * on[..., 0])
    parallel = turned < _PARALLEL * np.hypot(way[..., 0], way[..., 1]) * np.hypot(on[..., 0], on[..., 1])
    ends = [_distances(lines[:, side], leaders) for side in (slice(2), slice(2, 4))]
    ends += [_distances(leaders[:, side], lines).T for side in (slice(2), slice(2, 4))]
    return (parallel & (np.minimum.reduce(ends) < distance)).any(axis=1)
