"""Which conventions, settings and roundings give a printed figure: the likeliest first, and the nearest miss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from costcalc.analysis.explain.points import Point
from costcalc.analysis.explain.printed import Digits, Printed
from costcalc.analysis.explain.waterfall import Line
from costcalc.counting import Convention

LIKELY = (
    "paper", "two_per_mac", "conv_only", "weights_only", "flops", "fvcore", "thop", "ptflops", "torchinfo", "torch",
    "keras",
)  # fmt: skip
"""The conventions that come first among equals, after the one that is asked for and those of the authors' figures."""
MOST_DEPARTURES = 2
"""Ways of counting that depart further are not listed: among so many some fit any figure by chance."""
LIKELY_DEPARTURES = 1
"""Up to so many departures, a way of counting is taken to be that of a figure."""
BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)


class Change(NamedTuple):
    """A way in which a total differs from the network as it is asked for: in words, and how it changes the total."""

    way: str
    of_last: bool = False
    times: int | Fraction = 1


class Reading(NamedTuple):
    """A way of counting: `conventions` that give the same, settings and other ways that differ, and the exact total."""

    conventions: tuple[str, ...]
    point: Point
    changes: tuple[Change, ...]
    digits: Digits
    total: int
    departures: int

    @property
    def ways(self) -> tuple[str, ...]:
        """What differs from the network as it is asked for, and from rounding half up."""
        words = (self.point.settings.way, *(change.way for change in self.changes), self.digits.way)
        return tuple(word for word in words if word)

    def lines(self, convention: Convention, first: Point, printed: Printed, of_params: bool) -> Iterator[Line]:
        """From the total under a convention of the network as it is asked for, at `first`, to the printed figure."""
        total = first.totals(convention, of_params)[0]
        whole, headless = self.point.totals(convention, of_params)
        if self.point is not first:
            yield Line(self.point.settings.way, whole - total)
        total = whole
        for index, change in enumerate(self.changes):
            after = _total(whole, headless, self.changes[: index + 1])
            yield Line(change.way, after - total)
            total = after
        if printed.value != total:
            yield Line(
                f"printed as {printed.text.strip()}{', ' if self.digits.way else ''}{self.digits.way}",
                int(printed.value) - total,
            )

    def as_dict(self, figure: str, printed: str) -> dict[str, object]:
        """Column to value, for every format."""
        return {
            "figure": figure,
            "printed": printed,
            "convention": self.conventions[0],
            "also": ", ".join(self.conventions[1:]),
            "differs_by": "; ".join(self.ways),
            "total": self.total,
            "departures": self.departures,
        }


class Miss(NamedTuple):
    """The nearest total that the figure does not fit."""

    convention: str
    total: int
    way: str


_HEADLESS = Change("without the last layer", of_last=True)


def _changes(convention: Convention, of_params: bool) -> Iterator[tuple[Change, ...]]:
    yield ()
    yield (_HEADLESS,)
    if of_params:
        return
    twice = (
        Change("a multiply-add as one, half the total", times=Fraction(1, 2))
        if convention.total == "flops"
        else Change("a multiply-add as two, twice the total", times=2)
    )
    yield (twice,)
    yield (_HEADLESS, twice)
    if not convention.per_image:
        for batch in BATCHES:
            yield (Change(f"a batch of {batch}", times=batch),)


def _total(whole: int, headless: int, changes: Sequence[Change]) -> int:
    total = headless if any(change.of_last for change in changes) else whole
    for change in changes:
        total = int(total * change.times)
    return total


def readings(
    tried: Sequence[Point],
    conventions: Sequence[Convention],
    printed: Printed,
    of_params: bool = False,
    familiar: int = 1,
) -> list[Reading]:
    """The ways of counting that give a figure, fewest departures first.

    A departure is each of: other settings, no last layer, a multiply-add as another number, a batch, digits cut off or
    each digit fewer (two: digits rounded up, units of 1024). Among equals come first: the first so many conventions,
    that are `familiar`; settings as asked for, or published; digits rounded half up; the network with its last layer;
    the order of `tried`; that of `conventions`. A total that fewer departures give at the same settings is not listed
    again.
    """
    fits: dict[tuple[int, int], list[tuple[tuple[int, ...], Reading]]] = {}
    for place, point in enumerate(tried):
        for rank, convention in enumerate(conventions):
            whole, headless = point.totals(convention, of_params)
            for kind, changes in enumerate(_changes(convention, of_params)):
                total = _total(whole, headless, changes)
                digits = printed.way(total)
                if digits is None or (_HEADLESS in changes and whole == headless):
                    continue
                departures = int(place > 0) + len(changes) + digits.departures
                if departures <= MOST_DEPARTURES:
                    order = (
                        departures, rank >= familiar, not point.settings.is_published, digits.departures, kind, place,
                        rank,
                    )  # fmt: skip
                    reading = Reading((convention.name,), point, changes, digits, total, departures)
                    fits.setdefault((place, total), []).append((order, reading))
    ordered = [reading for _, reading in sorted(map(_together, fits.values()), key=lambda pair: pair[0])]
    return [reading for index, reading in enumerate(ordered) if not _is_more_of(reading, ordered[:index])]


def _together(fits: Sequence[tuple[tuple[int, ...], Reading]]) -> tuple[tuple[int, ...], Reading]:
    """The likeliest of several ways to one total, with the other conventions that reach it the same way."""
    in_turn = sorted(fits, key=lambda pair: pair[0])
    order, best = in_turn[0]
    names = [reading.conventions[0] for _, reading in in_turn if reading.changes == best.changes]
    return order, best._replace(conventions=tuple(in_order(names, ())))


def _is_more_of(reading: Reading, before: Sequence[Reading]) -> bool:
    """Whether it only departs further than another one of the same convention."""
    mine = {reading.point.settings.way, *(change.way for change in reading.changes)}
    return any(
        other.conventions[0] == reading.conventions[0]
        and other.departures < reading.departures
        and {other.point.settings.way, *(change.way for change in other.changes)} - {""} <= mine
        for other in before
    )


def nearest_miss(
    tried: Sequence[Point], conventions: Sequence[Convention], printed: Printed, of_params: bool = False
) -> Miss | None:
    """The total nearest to a figure that does not fit it, of the network with its last layer; the first of equals."""
    best: Miss | None = None
    for point in tried:
        for convention in conventions:
            total, _ = point.totals(convention, of_params)
            way = printed.way(total)
            if (way is None or way.departures > LIKELY_DEPARTURES) and (
                best is None or abs(total - printed.value) < abs(best.total - printed.value)
            ):
                best = Miss(convention.name, total, point.settings.way)
    return best


def in_order(names: Sequence[str], first: Sequence[str]) -> list[str]:
    """The names of conventions, those of `first` before LIKELY, and both before the others."""
    return list(dict.fromkeys([*first, *(name for name in LIKELY if name in names), *names]))
