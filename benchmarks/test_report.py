"""How a report's time and memory compare with a bare interpreter's and with its own imports'."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

import costcalc
from costcalc.graph import bind, expand, walk
from costcalc.spec import catalogue
from costcalc.spec.loader import load_source

PROGRAM = [sys.executable, "-m", "costcalc"]
IMPORTS = [sys.executable, "-c", "import click, yaml, rich.table, rich.console"]
NOTHING = [sys.executable, "-c", "pass"]
LARGEST = max(
    (name for spec in catalogue.specs() for name in (spec.name, *spec.variants)),
    key=lambda name: len(costcalc.load(name).graph.nodes),
)


def fastest(*commands: list[str], rounds: int = 12) -> list[float]:
    """The shortest time of each command, run in turn so that a busy moment hits all alike."""
    best = [float("inf")] * len(commands)
    for _ in range(rounds):
        for index, command in enumerate(commands):
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            best[index] = min(best[index], time.perf_counter() - start)
    return best


def test_whole_process(ratio: Callable[[str, float, float], None]) -> None:
    """`costcalc report` against importing what it stands on."""
    report, imports = fastest([*PROGRAM, "report", "mobilenet_v1"], IMPORTS)
    ratio("report mobilenet_v1 / import click, yaml, rich", report / imports, 1.5)


def test_whole_process_of_the_largest_network(ratio: Callable[[str, float, float], None]) -> None:
    report, imports = fastest([*PROGRAM, "report", LARGEST], IMPORTS)
    ratio(f"report {LARGEST} / import click, yaml, rich", report / imports, 3)


def _load_and_walk(name: str) -> Callable[[], object]:
    """Read, bind, expand and walk, from the text of the file on."""
    source = catalogue.find(name).scope.source

    def work() -> object:
        return walk(expand(bind(load_source(source, catalogue.find_blocks), name)))

    return work


@pytest.mark.parametrize(("name", "bound"), [("mobilenet_v1", 5 / 20), ("densenet201", 25 / 20)])
def test_in_process(
    benchmark: Callable[[Callable[[], object]], object],
    ratio: Callable[[str, float, float], None],
    name: str,
    bound: float,
) -> None:
    """Loading and walking in process, against starting a bare interpreter."""
    work = _load_and_walk(name)
    benchmark(work)
    (nothing,) = fastest(NOTHING)
    best = min(_timed(work) for _ in range(20))
    ratio(f"load and walk {name} / python -c pass", best / nothing, bound)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_memory(ratio: Callable[[str, float, float], None]) -> None:
    """The largest resident set of a report's process, as its own kernel record says, in units of 60 MB."""
    code = (
        "import sys; from pathlib import Path; from costcalc.cli import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        "print([line for line in Path('/proc/self/status').read_text().splitlines() if 'VmHWM' in line][0].split()[1])"
    )
    for name in ("mobilenet_v1", LARGEST):
        done = subprocess.run([sys.executable, "-c", code, "report", name], capture_output=True, text=True, check=True)
        ratio(f"memory of report {name} / 60 MB", int(done.stdout.split()[-1]) * 1024 / 60e6, 1)
