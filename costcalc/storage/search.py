"""The order of tasks whose peak is least: a best-first search over the sets of tasks that have run.

The state after some tasks depends on which have run, not on their order. States are taken by the peak on the way to
them, larger sets first (Dijkstra's algorithm with the largest step in place of the sum of steps), so the first complete
set has the least peak. A run of tasks that fits under the peak so far and leaves no more alive than there was is done
at once, without alternatives: what it frees, any larger set would free as well, so no order loses by it.
"""

from __future__ import annotations

import heapq
from itertools import islice
from math import inf
from typing import NamedTuple

from costcalc.storage.tasks import Step, Tasks, bits

BEAM = 32
"""So many states with as many tasks done go on where not all can be looked at."""
_CHOICE = 64
"""So many of the tasks that may run next are compared where one is chosen at once."""
_LOOKS = 4
"""So many looks at a task that may run next take as long as one that runs."""


class Found(NamedTuple):
    """An order of some tasks, its peak in bytes, and a peak that no order can be under."""

    order: tuple[int, ...]
    peak: int
    at_least: int


def search(tasks: Tasks, part: range, start: Step, floor: int, work: int) -> Found:
    """The order of a part with the least peak, if it is found by so much work (`tasks.work` counts it).

    No peak under `floor` is of use. Where it takes more, the best order of a narrower search with half of the work,
    and a bound.
    """
    written = tuple(part)
    best = Found(written, max(floor, tasks.peak(written, start)), floor)
    if best.peak == floor:
        return best
    best = _best_first(tasks, part, start, best, tasks.work + work)
    if best.at_least < best.peak:
        best = _greedy(tasks, part, start, best)
        best = _beam(tasks, part, start, best, tasks.work + work // 2)
    return best


def _best_first(tasks: Tasks, part: range, start: Step, best: Found, most_work: int) -> Found:
    floor = best.at_least
    goal = (1 << part.stop) - 1
    first, ran = _settled(tasks, start, floor, most_work)
    heap = [(floor, -first.done.bit_count(), first.done, first)]
    came: dict[int, tuple[int, tuple[int, ...]]] = {first.done: (-1, ran)}
    peaks: dict[int, int] = {first.done: floor}
    closed: set[int] = set()
    while heap:
        peak, _, done, step = heapq.heappop(heap)
        if done in closed:
            continue
        if done == goal:
            return Found(_way(came, goal), peak, peak)
        if tasks.work >= most_work:
            return best._replace(at_least=peak)
        closed.add(done)
        for task in bits(step.ready):
            most = max(peak, step.live + tasks.sizes[task])
            if most >= best.peak:
                continue
            if tasks.work >= most_work:
                return best._replace(at_least=peak)
            found, ran = _settled(tasks, tasks.run(step, task), most, most_work)
            if found.done not in closed and most < peaks.get(found.done, best.peak):
                peaks[found.done] = most
                came[found.done] = (done, (task, *ran))
                heapq.heappush(heap, (most, -found.done.bit_count(), found.done, found))
    return best._replace(at_least=best.peak)


def _way(came: dict[int, tuple[int, tuple[int, ...]]], done: int) -> tuple[int, ...]:
    runs: list[tuple[int, ...]] = []
    while done != -1:
        done, ran = came[done]
        runs.append(ran)
    return tuple(task for ran in reversed(runs) for task in ran)


def _greedy(tasks: Tasks, part: range, start: Step, best: Found) -> Found:
    """The order in which each task is that after which least is alive, of those that fit best; if it is better."""
    step, peak = start, best.at_least
    order: list[int] = []
    while len(order) < len(part) and peak < best.peak:
        choices = [(max(peak, step.live + tasks.sizes[task]), task) for task in islice(bits(step.ready), _CHOICE)]
        peak = min(most for most, _ in choices)
        after = {task: tasks.run(step, task) for most, task in choices if most == peak}
        task = min(after, key=lambda task: after[task].live)
        step = after[task]
        order.append(task)
    return best._replace(order=tuple(order), peak=peak) if peak < best.peak else best


def _beam(tasks: Tasks, part: range, start: Step, best: Found, most_work: int) -> Found:
    """An order with a lower peak than `best`, if a narrow search finds one: few states at each count of tasks."""
    goal = (1 << part.stop) - 1
    first, ran = _settled(tasks, start, best.at_least, most_work)
    by_count = {first.done.bit_count(): {first.done: (best.at_least, first.live, first, ran)}}
    for count in range(first.done.bit_count(), part.stop):
        states = by_count.pop(count, {})
        for peak, _, step, way in sorted(states.values(), key=lambda state: state[:2])[:BEAM]:
            for task in bits(step.ready):
                most = max(peak, step.live + tasks.sizes[task])
                if most >= best.peak:
                    continue
                if tasks.work >= most_work:
                    return best
                found, ran = _settled(tasks, tasks.run(step, task), most, most_work)
                others = by_count.setdefault(found.done.bit_count(), {})
                if found.done not in others or most < others[found.done][0]:
                    others[found.done] = (most, found.live, found, (*way, task, *ran))
    complete = by_count.get(part.stop, {}).get(goal)
    return best._replace(order=complete[3], peak=complete[0]) if complete else best


def _settled(tasks: Tasks, step: Step, peak: int, most_work: float = inf) -> tuple[Step, tuple[int, ...]]:
    """Every run done that costs nothing: it fits under the peak so far, and leaves no more alive than there was.

    Some of them where no more work may be done: whoever searches stops then. Looking at what does not fit is work too.
    """
    done: list[int] = []
    before = -1
    while before < len(done) and tasks.work < most_work:
        before = len(done)
        tasks.work += step.ready.bit_count() // _LOOKS
        for task in bits(step.ready):
            if tasks.work >= most_work:
                break
            if step.ready >> task & 1:
                found = _free_run(tasks, step, task, peak)
                if found is not None:
                    step, ran = found
                    done += ran
    return step, tuple(done)


def _free_run(tasks: Tasks, step: Step, task: int, peak: int) -> tuple[Step, list[int]] | None:
    """The shortest run from a task along what becomes ready, that leaves no more alive than there was; if it fits."""
    now, ran = step, []
    while now.live + tasks.sizes[task] <= peak:
        after = tasks.run(now, task)
        ran.append(task)
        if after.live <= step.live:
            return after, ran
        fresh = after.ready & ~now.ready
        if not fresh:
            return None
        now, task = after, (fresh & -fresh).bit_length() - 1
    return None
