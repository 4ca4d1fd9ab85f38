"""What `explain` finds: waterfalls between totals, and ways of counting that give a printed figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from costcalc.analysis.explain.points import Point, points
from costcalc.analysis.explain.printed import Printed, is_figure, read_printed
from costcalc.analysis.explain.readings import LIKELY_DEPARTURES, Miss, Reading, in_order, nearest_miss, readings
from costcalc.analysis.explain.waterfall import Line, Waterfall, steps
from costcalc.counting import Convention, Counting, convention_names, load_convention
from costcalc.errors import UsageError
from costcalc.network import Network


class Found(NamedTuple):
    """The ways of counting that give one figure, and the nearest total that it does not fit."""

    figure: str
    printed: Printed
    readings: tuple[Reading, ...]
    miss: Miss | None


class Explanation(NamedTuple):
    """Waterfalls, one for each total that was asked for; or what was found for each printed figure."""

    network: Network
    counting: Counting
    waterfalls: tuple[Waterfall, ...] = ()
    found: tuple[Found, ...] = ()

    @property
    def rows(self) -> list[dict[str, object]]:
        """Plain rows: the steps of all waterfalls, or the ways of counting of all figures."""
        if self.waterfalls:
            return [row for waterfall in self.waterfalls for row in waterfall.as_dicts()]
        return [reading.as_dict(found.figure, found.printed.text) for found in self.found for reading in found.readings]


class _Search:
    """A network at every setting that is tried, under every convention, built once for several figures."""

    def __init__(self, network: Network, counting: Counting) -> None:
        self.counting = counting
        self.tried = tuple(points(network, counting))
        asked = counting.convention
        own = [] if asked.name == "paper" else [asked.name]
        rows = sorted(network.published, key=lambda row: row.variant != network.name)  # then those of its equals
        first = [*own, *(row.counts for row in rows), "paper"]
        names = in_order([name for name in convention_names() if name != asked.name], first)
        self.familiar = len(set(first))
        self.conventions = [asked if name == asked.name else load_convention(name) for name in names]

    def find(self, figure: str, printed: Printed) -> Found:
        of_params = figure == "params"
        listed = readings(self.tried, self.conventions, printed, of_params, self.familiar)
        miss = nearest_miss(self.tried, self.conventions, printed, of_params)
        return Found(figure, printed, tuple(listed), miss)


def find(network: Network, counting: Counting, total: str | None, params: str | None) -> Explanation:
    """The ways of counting that give a printed total, printed parameters, or both at the same settings.

    Raises UsageError for what is no figure.
    """
    asked = {"total": total, "params": params}
    printed = {figure: read_printed(text) for figure, text in asked.items() if text is not None}
    search = _Search(network, counting)
    found = [search.find(figure, text) for figure, text in printed.items()]
    if len(found) == 2:
        shared = _places(found[0]) & _places(found[1])
        kept = [tuple(r for r in one.readings if r.point.settings.way in shared) for one in found]
        found = [one._replace(readings=some) for one, some in zip(found, kept, strict=True)]
    return Explanation(network, counting, found=tuple(found))


def _places(found: Found) -> set[str]:
    return {reading.point.settings.way for reading in found.readings}


def fall(
    network: Network, counting: Counting, against: Sequence[str], total: str | None = None, of_params: bool = False
) -> Explanation:
    """From the convention that is asked for, or from a printed total, to each of some conventions or printed totals.

    Raises UsageError for an unknown convention and for what is no figure.
    """
    ends: list[Convention | Printed] = [
        read_printed(word) if is_figure(word) else load_convention(word) for word in against
    ]
    start = counting.convention if total is None else read_printed(total)
    needs = [end for end in (start, *ends) if isinstance(end, Printed)]
    search = _Search(network, counting) if needs else None
    first = search.tried[0] if search else next(points(network, counting))
    known = {end: _road(search, end, of_params) for end in dict.fromkeys(needs) if search}
    falls = []
    for end in ends:
        convention, before = known[start] if isinstance(start, Printed) else (start, ())
        other, after = known[end] if isinstance(end, Printed) else (end, ())
        lines = [
            *(line._replace(amount=-line.amount) for line in reversed(before)),
            *steps(first.ledger, convention, other, of_params),
            *after,
        ]
        about = [note for one in (start, end) if isinstance(one, Convention) for note in _about(one, first)]
        values = [_value(one, first, of_params) for one in (start, end)]
        falls.append(Waterfall(_name(start), values[0], tuple(lines), _name(end), values[1], tuple(about)))
    return Explanation(network, counting, tuple(falls))


def _name(end: Convention | Printed) -> str:
    return end.text.strip() if isinstance(end, Printed) else end.name


def _about(convention: Convention, point: Point) -> list[str]:
    """What a convention counts, and which of the network's operators it has no rule for."""
    left_out = [op for op in point.operators if not convention.knows(op)]
    partial = [f"{convention.name} is partial: no rule for {', '.join(left_out)}"] if left_out else []
    return [f"{convention.name}: {convention.title}", *partial]


def _value(end: Convention | Printed, first: Point, of_params: bool) -> int:
    return int(end.value) if isinstance(end, Printed) else first.totals(end, of_params)[0]


def _road(search: _Search, printed: Printed, of_params: bool) -> tuple[Convention, tuple[Line, ...]]:
    """The convention of a printed figure's likeliest reading, and the lines from its total to the figure.

    Where no reading with LIKELY_DEPARTURES gives the figure they end with what is unexplained.
    """
    found = search.find("params" if of_params else "total", printed)
    first = search.tried[0]
    if not found.readings or found.readings[0].departures > LIKELY_DEPARTURES:
        if found.miss is None:  # every total fits it, which none did
            raise UsageError(f"'{printed.text[:40]}' is nothing's count", expected="a figure of this network")
        chosen = next(c for c in search.conventions if c.name == found.miss.convention)
        here = first.totals(chosen, of_params)[0]
        lines = [Line(found.miss.way, found.miss.total - here)] if found.miss.way else []
        return chosen, (*lines, Line("unexplained", int(printed.value) - found.miss.total))
    reading = found.readings[0]
    convention = next(c for c in search.conventions if c.name == reading.conventions[0])
    return convention, tuple(reading.lines(convention, first, printed, of_params))
