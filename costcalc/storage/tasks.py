"""What runs, as numbers: tasks in the written order, each with the maps that it takes and the bytes that it writes.

Sets of tasks are the bits of an int. Task i writes map i; the network's input is the map after the last one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

_LONG = 2_000


class Step(NamedTuple):
    """Where an execution stands: the tasks that have run, the bytes alive, and the tasks that may run next."""

    done: int
    live: int
    ready: int


class Tasks:
    """A graph of tasks. `takes` are the maps that each reads, `sizes` the bytes of each map, `kept` the maps that stay
    alive to the end. `work` counts the steps that were tried."""

    def __init__(self, takes: Sequence[Sequence[int]], sizes: Sequence[int], kept: frozenset[int]) -> None:
        self.count = len(takes)
        self.work, self._cost = 0, 1 + self.count // 1_000
        self.takes, self.sizes, self.kept = takes, sizes, kept
        self.needs = [0] * self.count
        self.readers = [0] * (self.count + 1)
        self.after: list[list[int]] = [[] for _ in range(self.count)]
        for task, maps in enumerate(takes):
            for taken in maps:
                self.readers[taken] |= 1 << task
                if taken < self.count:
                    self.needs[task] |= 1 << taken
                    self.after[taken].append(task)
        self._stays = [sizes[task] if self.readers[task] or task in kept else 0 for task in range(self.count)]
        self._freed = [[(sizes[one], self.readers[one]) for one in maps if one not in kept] for maps in takes]

    @cached_property
    def start(self) -> Step:
        """Before anything has run: the input is alive."""
        ready = sum(1 << task for task in range(self.count) if not self.needs[task])
        return Step(0, self.sizes[self.count], ready)

    def run(self, step: Step, task: int) -> Step:
        """One task more. While it runs, `step.live + sizes[task]` bytes are alive."""
        self.work += self._cost
        done, live, ready = step
        done |= 1 << task
        ready ^= 1 << task
        live += self._stays[task]
        for size, readers in self._freed[task]:
            if not readers & ~done:
                live -= size
        for task_after in self.after[task]:
            if not self.needs[task_after] & ~done:
                ready |= 1 << task_after
        return Step(done, live, ready)

    def peak(self, order: Sequence[int], start: Step | None = None) -> int:
        """The most bytes alive at once while tasks run in an order."""
        step, most = start or self.start, 0
        for task in order:
            most = max(most, step.live + self.sizes[task])
            step = self.run(step, task)
        return most or step.live

    def advanced(self, step: Step, order: Sequence[int]) -> Step:
        """Where the execution stands after some tasks more."""
        for task in order:
            step = self.run(step, task)
        return step

    @cached_property
    def before(self) -> list[int]:
        """For each task, all that must have run before it."""
        found: list[int] = []
        for task in range(self.count):
            mask = self.needs[task]
            for taken in self.takes[task]:
                mask |= found[taken] if taken < self.count else 0
            found.append(mask)
        return found

    @cached_property
    def behind(self) -> list[int]:
        """For each task, all that can run only after it."""
        found = [0] * self.count
        for task in reversed(range(self.count)):
            for task_after in self.after[task]:
                found[task] |= found[task_after] | 1 << task_after
        return found

    def parts(self) -> Iterator[range]:
        """The written order cut where only one state is possible: at each task that runs before or after any other.

        The parts can be put in order one by one, as the state between two of them is the same in every order.
        """
        everything, start = (1 << self.count) - 1, 0
        for task in range(self.count):
            if self.before[task] | self.behind[task] | 1 << task == everything or task == self.count - 1:
                yield range(start, task + 1)
                start = task + 1

    def at_least(self, part: range, start: Step) -> int:
        """Bytes that are alive in any order while some task of a part runs.

        What must have been written before it, and is read by it, by what comes after it, or at the end, is alive. Of
        a part of very many tasks only what each reads is looked at.
        """
        if len(part) > _LONG:
            return max(self.sizes[task] + sum(self.sizes[taken] for taken in self.takes[task]) for task in part)
        waiting = [taken for taken in (*range(part.start), self.count) if self._waits(taken, start.done)]
        most = 0
        for task in part:
            later = self.behind[task] | 1 << task
            before = self.before[task] >> part.start << part.start
            held = self.sizes[task]
            for taken in (*waiting, *bits(before)):
                if taken in self.kept or self.readers[taken] & later:
                    held += self.sizes[taken]
            most = max(most, held)
        return most

    def _waits(self, taken: int, done: int) -> bool:
        return taken in self.kept or bool(self.readers[taken] & ~done)


def bits(mask: int) -> Iterator[int]:
    """The tasks of a set, in the written order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
