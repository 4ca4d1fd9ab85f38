"""What runs, as sets of tasks, and the searches over them: four tasks by hand.

Task 0 writes 4 bytes from the input's 5; task 1 writes 2 from them, task 2 writes 3 from them and the input; task 3
writes the 1 byte of output from both. As written, 5 + 4 + 2 + 3 = 14 bytes are alive while task 2 runs; before task 1
it runs beside 5 + 4 + 3 = 12, and frees the input.
"""

from __future__ import annotations

import time

import pytest

from costcalc.storage.search import Found, _beam, _best_first, _greedy, _settled, search
from costcalc.storage.tasks import Step, Tasks, bits

WRITTEN, BETTER = (0, 1, 2, 3), (0, 2, 1, 3)


@pytest.fixture
def four() -> Tasks:
    """The tasks; the input is map 4."""
    return Tasks([[4], [0], [0, 4], [1, 2]], [4, 2, 3, 1, 5], frozenset({3}))


def test_steps_by_hand(four: Tasks) -> None:
    """A map is freed with its last reader; what may run next has all that it takes."""
    steps = [four.start]
    for task in WRITTEN:
        steps.append(four.run(steps[-1], task))

    assert [
        Step(0, 5, 0b1),
        Step(0b1, 9, 0b110),
        Step(0b11, 11, 0b100),
        Step(0b111, 5, 0b1000),
        Step(0b1111, 1, 0),
    ] == (steps)
    assert Step(0b101, 7, 0b10) == four.advanced(four.start, (0, 2))
    assert 6 == four.work


def test_peaks_by_hand(four: Tasks) -> None:
    after_first = four.run(four.start, 0)

    assert (14, 12) == (four.peak(WRITTEN), four.peak(BETTER))
    assert (14, 11, 6) == (
        four.peak((1, 2), after_first),
        four.peak((1,), after_first),
        four.peak((3,), four.advanced(four.start, (0, 1, 2))),
    )
    assert (5, 9) == (four.peak(()), four.peak((), after_first))


def test_what_is_before_and_behind(four: Tasks) -> None:
    assert [0, 0b1, 0b1, 0b111] == four.before
    assert [0b1110, 0b1000, 0b1000, 0] == four.behind
    assert [0, 1, 3, 40] == list(bits(0b1011 | 1 << 40))
    assert [range(0, 1), range(1, 4)] == list(four.parts())


def test_what_no_order_can_be_under(four: Tasks) -> None:
    """While task 2 runs its 3 bytes, the 4 that it reads and the input's 5 are alive in any order."""
    after_first = four.run(four.start, 0)

    assert [6, 14, 6] == [
        four.at_least(range(task, task + 1), four.advanced(four.start, range(task))) for task in (1, 2, 3)
    ]
    assert (9, 12) == (four.at_least(range(1), four.start), four.at_least(range(1, 4), after_first))
    wide = Tasks(four.takes, [4, 2, 3, 9, 5], four.kept)  # while the last one runs, so is what tasks 1 and 2 wrote
    assert 9 + 2 + 3 == wide.at_least(range(1, 4), wide.run(wide.start, 0))


def test_outputs_are_alive_to_the_end() -> None:
    """Task 0's 7 bytes are put out, task 1 writes 2 that nobody reads, task 2 writes 3 from the input's 5."""
    tasks = Tasks([[3], [3], [3]], [7, 2, 3, 5], frozenset({0, 2}))

    assert [Step(0b1, 12, 0b110), Step(0b11, 12, 0b100), Step(0b111, 10, 0)] == [
        tasks.advanced(tasks.start, range(count)) for count in (1, 2, 3)
    ]
    assert (15, 15) == (tasks.peak(range(3)), tasks.at_least(range(2, 3), tasks.advanced(tasks.start, range(2))))
    assert 12 == tasks.at_least(range(3), tasks.start)
    assert [range(0, 3)] == list(tasks.parts())


def test_very_many_tasks() -> None:
    """A chain: of more than 2000 only what each reads is looked at, and each step counts for more than one."""
    for count, work in ((999, 1), (1000, 2), (2001, 3)):
        sizes = [3] * count + [5]
        sizes[count // 2] = 11
        chain = Tasks([[task - 1 if task else count] for task in range(count)], sizes, frozenset({count - 1}))
        chain.run(chain.start, 0)

        assert (work, 14) == (chain.work, chain.peak(range(count)))
    assert 14 == chain.at_least(range(2001), chain.start)
    shared = Tasks([[2001], *[[0, task] for task in range(2000)]], [3] * 2001 + [5], frozenset({2000}))
    assert 9 == shared.at_least(range(2001), shared.start)


def test_searches_by_hand(four: Tasks) -> None:
    """Each finds the better order of the last three; the bound is 12."""
    part, start = range(1, 4), four.run(four.start, 0)
    written = Found((1, 2, 3), 14, 12)

    assert Found((2, 1, 3), 12, 12) == search(four, part, start, 12, 100)
    assert Found((2, 1, 3), 12, 12) == _best_first(four, part, start, written, four.work + 100)
    assert Found((2, 1, 3), 12, 12) == _beam(four, part, start, written, four.work + 100)
    low = Found((1, 2, 3), 14, 9)
    assert low == _beam(four, part, start, low, four.work) == _best_first(four, part, start, low, four.work)
    assert Found((2, 1, 3), 12, 9) == _beam(four, part, start, low, four.work + 100)
    assert Found((2, 1, 3), 12, 12) == _best_first(four, part, start, low, four.work + 100)
    none = Found((1, 2, 3), 12, 9)
    assert none == _beam(four, part, start, none, four.work + 100)
    assert Found((1, 2, 3), 12, 12) == _best_first(four, part, start, none, four.work + 100)
    assert Found((1, 2, 3), 14, 14) == search(four, part, start, 14, 100)
    assert Found((1, 2, 3), 15, 15) == search(four, part, start, 15, 100)


def test_what_costs_nothing_is_done_at_once(four: Tasks) -> None:
    """Up to 12 bytes task 2 runs at once, it leaves 7 for 9; then 1, then 3. Up to 11 nothing does, nor does task 0."""
    start = four.run(four.start, 0)

    assert (Step(0b1111, 1, 0), (2, 1, 3)) == _settled(four, start, 12)
    assert (start, ()) == _settled(four, start, 11)
    assert (four.start, ()) == _settled(four, four.start, 12)
    for size, ran in ((5, (0,)), (6, ())):  # beside the input's 5, which it frees
        alone = Tasks([[1]], [size, 5], frozenset({0}))
        assert ran == _settled(alone, alone.start, 12)[1]


def test_the_next_task_is_that_after_which_least_is_alive() -> None:
    """Three tasks read 4, 5 and 6 bytes and leave 3, 1 and 2: the peak is that of the second. Of 1 each, the last."""
    tasks = Tasks([[6], [6], [6], [0], [1], [2]], [4, 5, 6, 3, 1, 2, 1], frozenset({3, 4, 5}))
    start = tasks.advanced(tasks.start, range(3))
    found = _greedy(tasks, range(3, 6), start, Found((3, 4, 5), 19, 0))

    assert Step(0b111, 15, 0b111000) == start
    assert Found((4, 5, 3), 16, 0) == found
    assert Found((3, 4, 5), 16, 0) == _greedy(tasks, range(3, 6), start, Found((3, 4, 5), 16, 0))
    alike = Tasks([[6], [6], [6], [0], [1], [2]], [4, 5, 6, 1, 1, 1, 1], frozenset({3, 4, 5}))
    assert Found((5, 4, 3), 16, 2) == _greedy(alike, range(3, 6), start, Found((3, 4, 5), 17, 2))


@pytest.mark.parametrize("width", [40, 400])
def test_a_search_is_bounded_however_many_may_run_next(width: int) -> None:
    """Readers of one map, of unlike sizes: a state has as many that follow, and each looks at them all."""
    takes = [[2 * width], *([0] for _ in range(1, width)), *([task] for task in range(width))]
    wide = Tasks(takes, [9 + task * 7 % 11 for task in range(2 * width)] + [9], frozenset(range(width, 2 * width)))
    start = time.thread_time()
    found = search(wide, range(2 * width), wide.start, 0, 20_000)
    assert time.thread_time() - start < 2

    assert wide.work < 100_000
    assert wide.peak(found.order) == found.peak >= found.at_least
