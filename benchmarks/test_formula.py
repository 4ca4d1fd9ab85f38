"""A formula's time against a report's and the import of SymPy."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest


def fastest(*args: str, rounds: int = 8) -> float:
    """The shortest time of a Python process."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, *args], stdout=subprocess.DEVNULL, check=True)
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.parametrize(
    ("name", "bound"), [("mobilenet_v1", 2), ("nasnet_a_large", 2.5), ("densenet201", 3), ("efficientnet_b7", 2.5)]
)
@pytest.mark.parametrize("how", [[], ["--smooth"]], ids=["exact", "smooth"])
def test_formula(ratio: Callable[[str, float, float], None], name: str, how: list[str], bound: float) -> None:
    """The same network as a report, and SymPy, which alone takes most of the time."""
    formula = fastest("-m", "costcalc", "formula", name, *how)
    together = fastest("-m", "costcalc", "report", name) + fastest("-c", "import sympy")
    ratio(f"formula {' '.join([name, *how])} / (report + import sympy)", formula / together, bound)
