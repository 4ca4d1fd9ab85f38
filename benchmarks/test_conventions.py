"""A convention of many terms costs what `paper` costs, in a report and in a sweep."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

import costcalc
from costcalc.counting import convention_names, load_convention

BOUND = 1.3


def fastest(first: Callable[[], object], second: Callable[[], object], rounds: int) -> float:
    """The shortest time of the second call over that of the first, taken in turn."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for index, work in enumerate((first, second)):
            start = time.process_time()
            work()
            best[index] = min(best[index], time.process_time() - start)
    return best[1] / best[0]


@pytest.mark.parametrize("convention", convention_names())
def test_a_report(convention: str, ratio: Callable[[str, float, float], None]) -> None:
    def work(name: str) -> str:
        return costcalc.load("mobilenet_v2").report(convention=name).render("json")

    found = fastest(lambda: work("paper"), lambda: work(convention), 25)
    ratio(f"a report of mobilenet_v2 under {convention}, over one under paper", found, BOUND)


@pytest.mark.parametrize("convention", convention_names())
def test_a_sweep(convention: str, ratio: Callable[[str, float, float], None]) -> None:
    axes = {"alpha": "0.25:1:0.005", "resolution": "96:224:2"}

    def work(name: str) -> object:
        return costcalc.sweep("mobilenet_v2", axes=axes, convention=name, columns=load_convention(name).total)

    found = fastest(lambda: work("paper"), lambda: work(convention), 5)
    ratio(f"a sweep of mobilenet_v2 under {convention}, over one under paper", found, BOUND)
