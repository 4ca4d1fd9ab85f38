"""Names beside what they name: points, the ends of lines, bars; none covers another, a point or a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise, starmap
from typing import TYPE_CHECKING, NamedTuple

from costcalc.report.plots.axes import number
from costcalc.report.plots.palette import QUIET, SMALL, SMALL_SHARE, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from costcalc.report.plots.canvas import Canvas

_LINE = 1.25
"""A line of text, in letters' sizes."""
_SHARES = (1.0, 0.85)
"""The sizes of letters that are tried for names of points, in parts of a label's."""
_RADIUS = 3.6
"""Half of a point's sign, in points, before it is scaled."""
_APART = 1.6
"""How far names with leaders stand from the border, in the size of their letters."""
LEADER = "leader"
"""What lines from points to their names are called in a picture."""


class End(NamedTuple):
    """Where a line ends, and what it is called."""

    x: float
    y: float
    name: str
    colour: str


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, in their order, at least `gap` apart, between `low` and `high` if they fit.

    The least sum of squared moves: pools of neighbours that push each other share their mean.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    pools: list[tuple[float, int]] = []
    for rank, index in enumerate(order):
        pools.append((wanted[index] - rank * gap, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (first, n), (second, m) = pools[-2:]
            pools[-2:] = [((first * n + second * m) / (n + m), n + m)]
    level = [mean for mean, count in pools for _ in range(count)]
    top = max(low, high - (len(wanted) - 1) * gap)
    found = [0.0] * len(wanted)
    for rank, (index, place) in enumerate(zip(order, level, strict=True)):
        found[index] = min(max(place, low), top) + rank * gap
    return found


def shortened(name: str, most: int) -> str:
    """A name of at most so many letters: both its ends."""
    if len(name) <= most:
        return name
    left = max(1, most // 2 - 1)
    return f"{name[:left]}...{name[-max(1, most - left - 3) :]}"


def fits(canvas: Canvas, count: int) -> bool:
    """Whether so many names fit one below the other."""
    return count * _LINE * SMALL_SHARE * canvas.font / 72 <= 0.82 * canvas.height


def end_labels(canvas: Canvas, axes: Axes, ends: Sequence[End], heading: str = "") -> None:
    """Each line's name to the right of its end, moved up or down where two would touch; a heading over them.

    If any would touch, all have leaders from their lines' ends, and stand further off, that these have room.
    """
    from matplotlib.transforms import ScaledTranslation

    led = _crowded(canvas, axes, ends)
    apart = _APART * SMALL_SHARE * canvas.font / 72 if led else 0.0
    beside = ScaledTranslation(apart, 0, canvas.figure.dpi_scale_trans)
    edge = axes.get_yaxis_transform() + beside  # right of the border, at the height of the data
    made = [
        axes.text(1.0, end.y, end.name, transform=edge, va="center", ha="left", fontsize=SMALL,
                  color=readable(end.colour))
        for end in ends
    ]  # fmt: skip
    top = axes.text(
        1.0, 1.0, heading, transform=axes.transAxes + beside, va="bottom", ha="left", fontsize=SMALL, color=QUIET
    )
    canvas.settled(partial(_part_ends, canvas, axes, ends, made, top, led))


def _crowded(canvas: Canvas, axes: Axes, ends: Sequence[End]) -> bool:
    """Whether names at the heights of their lines' ends would touch, before the axes have their place."""
    heights = sorted(float(axes.transAxes.inverted().transform(axes.transData.transform((end.x, end.y)))[1])
                     for end in ends)  # fmt: skip
    line = _LINE * SMALL_SHARE * canvas.font / 72 / (0.8 * canvas.height)
    return any(high - low < line for low, high in pairwise(heights))


def _part_ends(canvas: Canvas, axes: Axes, ends: Sequence[End], made: Sequence[Text], top: Text, led: bool) -> None:
    box = axes.get_window_extent()
    letter = canvas.letter
    places = axes.transData.transform([(end.x, end.y) for end in ends])
    found = spread([float(y) for _, y in places], _LINE * letter, box.y0 + letter / 2, box.y1)
    for end, (x, y), text, place in zip(ends, places, made, found, strict=True):
        text.set_y(float(axes.transData.inverted().transform((0, place))[1]))
        if led or abs(place - y) >= letter / 4 or box.x1 - x >= 3 * letter:
            sign = _RADIUS * canvas.scale * canvas.figure.dpi / 72
            draw_leader(canvas, axes, x, y, text.get_window_extent().x0 - 0.15 * letter, place, sign, end.colour)
    top.set_y((max(found) + _LINE * letter * 0.6 - box.y0) / box.height)


def draw_leader(
    canvas: Canvas, axes: Axes, x: float, y: float, to_x: float, to_y: float, gap: float = 0.0, colour: str = QUIET
) -> None:
    """A thin line between two places in pixels; the first `gap` pixels of it are left out."""
    from math import hypot

    from matplotlib.lines import Line2D

    part = gap / max(hypot(to_x - x, to_y - y), 2 * gap, 1e-9)
    start = (x + part * (to_x - x), y + part * (to_y - y))
    (x, y), (to_x, to_y) = axes.transAxes.inverted().transform([start, (to_x, to_y)])
    leader = Line2D([x, to_x], [y, to_y], transform=axes.transAxes, color=colour, lw=0.5 * canvas.scale, clip_on=False)
    leader.set_gid(LEADER)
    axes.add_artist(leader)


def value_ticks(canvas: Canvas, axes: Axes, which: str, places: Sequence[float], names: Sequence[str]) -> None:
    """Ticks at the very values: as many as do not touch, the last one always; of very many, round ones."""
    put = axes.set_xticks if which == "x" else axes.set_yticks
    put(places, names)

    def thin() -> None:
        box = axes.get_window_extent()
        low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
        inch = (box.width if which == "x" else box.height) / canvas.figure.dpi / (high - low)
        letter = canvas.font / 72
        sizes = [0.6 * letter * len(name) if which == "x" else letter for name in names]

        def touch(one: int, other: int) -> bool:
            return inch * abs(places[one] - places[other]) < 0.5 * (sizes[one] + sizes[other]) + 0.8 * letter

        kept: list[int] = []
        for index in reversed(range(len(places))):
            if not (kept and touch(kept[-1], index)):
                kept.append(index)
        kept.sort()
        if 2 * len(kept) <= len(places):
            among = (found for found in _round(names) if not any(starmap(touch, pairwise(found))))
            kept = next((found for found in among if 5 * len(found) >= 2 * len(kept)), kept)
        put([places[i] for i in kept], [names[i] for i in kept])

    canvas.settled(thin)


def _round(names: Sequence[str]) -> Iterator[list[int]]:
    """The places of round values among many, in steps of 1, 2 and 5 and their tens, the smallest step first."""
    values = [number(name) for name in names]
    for power in range(-3, 6):
        for step in (1, 2, 5):
            size = step * Fraction(10) ** power
            found = [index for index, value in enumerate(values) if value is not None and value % size == 0]
            if found:
                yield found


def side_labels(canvas: Canvas, axes: Axes, places: Sequence[float], names: Sequence[str]) -> None:
    """Names to the left of the axes at places along y, moved where two would touch, each with a line to its place."""
    edge = axes.get_yaxis_transform()
    made = [
        axes.annotate(
            name, (0.0, place), (-0.03, place), xycoords=edge, textcoords=edge, va="center", ha="right",
            fontsize=SMALL, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 0.5 * canvas.scale, "color": QUIET, "relpos": (1, 0.5),
                        "shrinkA": 1, "shrinkB": 0},
        )
        for place, name in zip(places, names, strict=True)
    ]  # fmt: skip

    def part() -> None:
        box = axes.get_window_extent()
        letter = canvas.letter
        wanted = [float(axes.transData.transform((0, place))[1]) for place in places]
        for text, place in zip(made, spread(wanted, _LINE * letter, box.y0, box.y1), strict=True):
            text.xyann = (-0.03, float(axes.transData.inverted().transform((0, place))[1]))

    canvas.settled(part)


def figures_at_ends(canvas: Canvas, axes: Axes, values: Sequence[float], texts: Sequence[str]) -> None:
    """A figure at the end of each horizontal bar; the axis becomes as long as the longest needs."""
    gap = (5.5 if axes.get_xscale() == "log" else 3) * canvas.scale
    made = [
        (value, axes.annotate(text, (value, place), (gap, 0), textcoords="offset points", va="center",
                              fontsize=SMALL, annotation_clip=False))
        for place, (value, text) in enumerate(zip(values, texts, strict=True))
        if text and (value > 0 or axes.get_xscale() != "log")
    ]  # fmt: skip
    for _, text in made:
        text.set_in_layout(False)

    def lengthen() -> None:
        from math import exp, log

        box = axes.get_window_extent()
        log_scale = axes.get_xscale() == "log"
        low, most = axes.get_xlim()
        start = log(low) if log_scale else low
        reach = log(most) if log_scale else most
        for value, text in made:
            free = box.width - text.get_window_extent().width - 1.5 * gap * canvas.figure.dpi / 72
            along = (log(value) if log_scale else value) - start
            reach = max(reach, start + along * box.width / max(free, 0.2 * box.width))
        axes.set_xlim(low, exp(reach) if log_scale else reach)
        _keep_ticks(canvas, axes)

    canvas.settled(lengthen)


def _keep_ticks(canvas: Canvas, axes: Axes) -> None:
    """Ticks of a longer axis whose names end within it."""
    low, high = axes.get_xlim()
    edge = axes.get_window_extent().x1 + 0.5 * canvas.letter
    kept = [place for place in axes.get_xticks() if low <= place <= high]
    places = axes.transData.transform([(place, 0) for place in kept])
    names = axes.xaxis.get_major_formatter().format_ticks(kept)
    half = 0.3 * canvas.font * canvas.figure.dpi / 72
    axes.set_xticks([
        place for place, (x, _), name in zip(kept, places, names, strict=True) if x + half * len(name) <= edge
    ])  # fmt: skip


def label_points(
    canvas: Canvas,
    axes: Axes,
    points: Sequence[tuple[float, float]],
    labels: Sequence[str],
    line: Sequence[tuple[float, float]] = (),
    others: Sequence[tuple[float, float]] = (),
) -> None:
    """Write a label beside each point so that none covers another label, a point, the line or the other points; a
    leader where it stands apart.

    Letters become smaller where there is no room else. Where that is not enough the canvas is asked for numbers, with
    a key below the axes.
    """
    if not labels:
        return
    ranks = [rank for rank in range(len(labels)) if rank not in canvas.left_out]
    others = [*others, *(points[rank] for rank in canvas.left_out)]
    points, labels = [points[rank] for rank in ranks], [labels[rank] for rank in ranks]
    if canvas.numbered:
        canvas.key += [(str(number), label) for number, label in enumerate(labels, 1)]
        labels = [number for number, _ in canvas.key]
    canvas.settled(partial(_label_points, canvas, axes, points, labels, line, others, ranks))


def _label_points(
    canvas: Canvas,
    axes: Axes,
    points: Sequence[tuple[float, float]],
    labels: Sequence[str],
    line: Sequence[tuple[float, float]],
    others: Sequence[tuple[float, float]],
    ranks: Sequence[int],
) -> None:
    from costcalc.report.plots.placing import Surroundings, placed

    signs, corners = (
        [(float(x), float(y)) for x, y in axes.transData.transform(found)] if found else []
        for found in ([*points, *others], list(line))
    )
    left, low, right, high = axes.get_window_extent().extents
    inside = 0.3 * canvas.letter
    border = (left + inside, low + inside, right, high)  # clear of the axes' lines
    stretches = [(*one, *other) for one, other in pairwise(corners)]
    radius = _RADIUS * canvas.scale * canvas.figure.dpi / 72
    for share in _SHARES:
        texts = [
            axes.text(0, 0, label, fontsize=share * SMALL_SHARE * canvas.font, color="#222222",
                      transform=axes.transAxes, va="bottom", ha="left", zorder=4)
            for label in labels
        ]  # fmt: skip
        sizes = [(box.width, box.height) for box in (text.get_window_extent() for text in texts)]
        around = Surroundings(border, signs, radius, stretches, share * canvas.letter)
        places = placed(signs[: len(points)], sizes, around)
        if None not in places or (share == _SHARES[-1] and canvas.numbered):
            break
        for text in texts:
            text.remove()
    else:
        canvas.numbers_needed = True
        return
    canvas.unnamed = frozenset(rank for rank, place in zip(ranks, places, strict=True) if place is None)
    inverted = axes.transAxes.inverted()
    for text, place in zip(texts, places, strict=True):
        if place is None:
            text.remove()
            continue
        left, bottom = inverted.transform((place.left, place.bottom))
        text.set_position((left, bottom))
        if place.leader is not None:
            draw_leader(canvas, axes, *place.leader)
