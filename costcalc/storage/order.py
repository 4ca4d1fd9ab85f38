"""The order in which a network runs: as it is written, or so that the peak of live memory is least.

Only nodes that own memory are put in order; what works in place and what is a view follows the node whose map it is in.
The network's input is alive from the start and its outputs to the end, as in the written order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from costcalc.graph import INPUT
from costcalc.storage.homes import Storage

if TYPE_CHECKING:
    from costcalc.storage.tasks import Tasks

MOST_WORK = 2_500_000
"""So many steps are tried, seconds of work; a network that needs more is too wide for an exact answer."""


class Order(NamedTuple):
    """An order of the nodes that own memory, its peak in bytes, that of the written order, and one that no order can
    be under."""

    owners: tuple[int, ...]
    peak: int
    written: int
    at_least: int

    @property
    def is_minimal(self) -> bool:
        """Whether no other order has a lower peak."""
        return self.peak == self.at_least


def best_order(storage: Storage, size: Callable[[int], int], work: int | None = None) -> Order:
    """The order with the least peak; `size` are the bytes of an owner's map, of INPUT as well.

    The written order where it is as good, and in all parts where it is good enough. Where the search takes too much
    `work`, the order is the best that was found, and `at_least` may be below its peak.
    """
    from costcalc.storage.search import search

    owners = [index for index in range(len(storage.homes)) if storage.owns(index)]
    tasks = _tasks(storage, owners, size)
    written = tasks.peak(range(tasks.count))
    work = MOST_WORK if work is None else work
    parts, step, starts = list(tasks.parts()), tasks.start, []
    for part in parts:
        starts.append(step)
        step = tasks.advanced(step, part)
    floor = max((tasks.at_least(part, start) for part, start in zip(parts, starts, strict=True)), default=written)
    found = []
    for part, start in zip(parts, starts, strict=True):
        before = tasks.work
        one = search(tasks, part, start, floor, work)
        found.append(one)
        work = max(0, work - (tasks.work - before))
        floor = max(floor, one.at_least)
    peak = max((one.peak for one in found), default=written)
    order = [
        task
        for part, start, one in zip(parts, starts, found, strict=True)
        for task in (part if tasks.peak(part, start) <= peak else one.order)
    ]
    return Order(tuple(owners[task] for task in order), peak, written, floor)


def _tasks(storage: Storage, owners: list[int], size: Callable[[int], int]) -> Tasks:
    from costcalc.storage.tasks import Tasks

    places = {owner: task for task, owner in enumerate(owners)} | {INPUT: len(owners)}
    takes = [sorted(places[source] for source in storage.reads(owner)) for owner in owners]
    kept = frozenset(places[owner] for owner in storage.outputs)
    return Tasks(takes, [*map(size, owners), size(INPUT)], kept)
