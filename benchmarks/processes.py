"""Whole processes, timed side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import costcalc
from costcalc.spec import catalogue

NOTHING = [sys.executable, "-c", "pass"]
CLICK = [sys.executable, "-c", "import click"]
IMPORTS = [sys.executable, "-c", "import click, yaml, rich.table, rich.console"]
LARGEST = max(
    (name for spec in catalogue.specs() for name in (spec.name, *spec.variants)),
    key=lambda name: len(costcalc.load(name).graph.nodes),
)


def fastest(*commands: list[str], rounds: int = 12, path: str = "") -> list[float]:
    """The shortest time of each command, run in turn so that a busy moment hits all alike.

    Packages are looked for in `path` first.
    """
    environment = {**os.environ, "PYTHONPATH": path} if path else dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    best = [float("inf")] * len(commands)
    for _ in range(rounds):
        for index, command in enumerate(commands):
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
            best[index] = min(best[index], time.perf_counter() - start)
    return best
