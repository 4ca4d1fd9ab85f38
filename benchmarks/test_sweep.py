"""A million points of a sweep against plain NumPy, and from the command line."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

import costcalc
from costcalc.analysis.sweep import sweep
from costcalc.conventions import load_convention
from costcalc.spec import catalogue

ALPHAS = [Fraction(i, 1000) for i in range(1, 1001)]


def fastest(work: Callable[[], object], rounds: int = 5) -> float:
    """The shortest time of a call."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def million(points: int = 1000) -> Callable[[], object]:
    """Mult-Adds and parameters of MobileNetV1 on a square grid of alpha and resolution."""
    spec = catalogue.find("mobilenet_v1")
    paper = load_convention("paper")
    axes = {"alpha": ALPHAS[:points], "resolution": list(range(32, 32 + points))}
    return lambda: list(sweep(spec, spec.name, axes, paper, 32, ("params",)))


def test_a_million_points(ratio: Callable[[str, float, float], None]) -> None:
    """Against an int64 multiply-accumulate over the same points and the same number of layers."""
    channels = np.arange(1, 1001, dtype=np.int64)[:, None]
    positions = np.arange(1, 1001, dtype=np.int64)[None, :]

    def plain() -> object:
        total = np.zeros((1000, 1000), dtype=np.int64)
        for _ in range(28):
            total += channels * positions
        return total

    ratio("10^6 points of mobilenet_v1 / int64 multiply-accumulate", fastest(million()) / fastest(plain), 1)


@pytest.mark.parametrize("side", [100, 316, 1000])
def test_points(benchmark: Callable[[Callable[[], object]], object], side: int) -> None:
    """10^4, 10^5 and 10^6 points."""
    benchmark(million(side))


def test_sixteen_points_from_the_command_line(ratio: Callable[[str, float, float], None]) -> None:
    """Against a plain report and the import of NumPy."""

    def run(*args: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *args], stdout=subprocess.DEVNULL, check=True)

    swept = run("-m", "costcalc", "sweep", "mobilenet_v1", "-a", "0.25:1:0.25", "-r", "128:224:32")
    report = run("-m", "costcalc", "report", "mobilenet_v1")
    together = fastest(report, 10) + fastest(run("-c", "import numpy"), 10)
    ratio("16-point sweep / (report + import numpy)", fastest(swept, 10) / together, 2)
    assert costcalc.__version__
