"""A million points of a sweep against plain NumPy, and from the command line."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import costcalc
from costcalc import network as networks
from costcalc.analysis.sweep.evaluate import evaluated
from costcalc.analysis.sweep.plan import plan_sweep
from costcalc.analysis.sweep.tiles import tiles
from costcalc.counting import Counting

ALPHAS: list[Fraction | int] = [Fraction(i, 1000) for i in range(1, 4001)]


def fastest(work: Callable[[], object], rounds: int = 5) -> float:
    """The shortest time of a call."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def grid(
    points: int, name: str = "mobilenet_v1", measures: tuple[str, ...] = ("mult_adds", "params")
) -> Callable[[], object]:
    """Measures of a network at so many points, as many alphas as resolutions."""
    side = round(points**0.5)
    axes = {"alpha": ALPHAS[:side], "resolution": list(range(32, 32 + side))}
    counting = Counting.of()
    plan = plan_sweep([networks.open(name)], axes, counting)

    def work() -> None:
        for entry, tile in plan.tiles(10**6):
            evaluated(entry.network, counting, tile, measures)

    return work


def test_a_million_points(ratio: Callable[[str, float, float], None]) -> None:
    """Against an int64 multiply-accumulate over the same points and the same number of layers."""
    channels = np.arange(1, 1001, dtype=np.int64)[:, None]
    positions = np.arange(1, 1001, dtype=np.int64)[None, :]

    def plain() -> object:
        total = np.zeros((1000, 1000), dtype=np.int64)
        for _ in range(28):
            total += channels * positions
        return total

    ratio("10^6 points of mobilenet_v1 / int64 multiply-accumulate", fastest(grid(10**6)) / fastest(plain), 0.5)


@pytest.mark.parametrize("name", ["mobilenet_v1", "mobilenet_v2", "resnet50", "densenet121", "nasnet_a_mobile"])
def test_a_peak(ratio: Callable[[str, float, float], None], name: str) -> None:
    """The largest of all steps costs a few times the sum of all layers."""
    peak = fastest(grid(10**6, name, ("peak_activation_bytes",)), 3)
    ratio(f"peak / Mult-Adds of 10^6 points of {name}", peak / fastest(grid(10**6, name, ("mult_adds",)), 3), 5)


@pytest.mark.parametrize("points", [10**4, 10**5, 10**6, 10**7])
def test_points(benchmark: Callable[[Callable[[], object]], object], points: int) -> None:
    benchmark(grid(points))


def test_cost_is_linear_in_points(ratio: Callable[[str, float, float], None]) -> None:
    """Ten times the points take about ten times as long once the walk itself is small beside them."""
    times = {points: fastest(grid(points), 3) for points in (10**5, 10**6, 10**7)}
    ratio("10^7 points / 10^6 points of a sweep", times[10**7] / times[10**6], 15)
    ratio("10^6 points / 10^5 points of a sweep", times[10**6] / times[10**5], 15)


def test_cost_is_linear_in_layers(ratio: Callable[[str, float, float], None]) -> None:
    """A chain of 200 layers against one of 50, at the same points."""

    def chain(layers: int) -> Callable[[], object]:
        text = f"costcalc: 1\nname: chain\ninput: 64x64x3\nlayers:\n- {{op: conv, k: 3, out: 32, n: {layers}}}\n"
        network = costcalc.from_spec(text)
        (tile,) = tiles({"alpha": ALPHAS[:1000], "resolution": list(range(32, 132))}, 10**6)
        return lambda: evaluated(network, Counting.of(), tile, ("mult_adds", "params"))

    ratio("200 layers / 50 layers of a sweep", fastest(chain(200)) / fastest(chain(50)), 6)


def test_memory_of_a_stream(ratio: Callable[[str, float, float], None], tmp_path: Path) -> None:
    """The peak of a sweep of 4 * 10^6 points into a file, in units of 300 MB."""
    script = (
        "import resource, sys, costcalc\n"
        "costcalc.sweep_to(sys.argv[1], 'mobilenet_v2', axes={'alpha': '0.001:1:0.001', 'resolution': '1000:4999:1'})\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    for ending in ("csv", "parquet"):
        arguments = [sys.executable, "-c", script, str(tmp_path / f"points.{ending}")]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        ratio(f"memory of 4 * 10^6 points to {ending} / 300 MB", int(done.stdout) * 1024 / 300e6, 1)


def test_sixteen_points_from_the_command_line(ratio: Callable[[str, float, float], None]) -> None:
    """Against a plain report and the import of NumPy."""

    def run(*args: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *args], stdout=subprocess.DEVNULL, check=True)

    swept = run("-m", "costcalc", "sweep", "mobilenet_v1", "-a", "0.25:1:0.25", "-r", "128:224:32")
    report = run("-m", "costcalc", "report", "mobilenet_v1")
    together = fastest(report, 10) + fastest(run("-c", "import numpy"), 10)
    ratio("16-point sweep / (report + import numpy)", fastest(swept, 10) / together, 2)
    assert costcalc.__version__
