"""How the work of a report compares with starting a bare interpreter, and its memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from processes import LARGEST, NOTHING, fastest

from costcalc.graph import bind, expand, walk
from costcalc.spec import catalogue
from costcalc.spec.loader import load_source


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
        "main.main(sys.argv[1:], standalone_mode=False)\n"
        "print([line for line in Path('/proc/self/status').read_text().splitlines() if 'VmHWM' in line][0].split()[1])"
    )
    for name in ("mobilenet_v1", LARGEST):
        done = subprocess.run([sys.executable, "-c", code, "report", name], capture_output=True, text=True, check=True)
        ratio(f"memory of report {name} / 60 MB", int(done.stdout.split()[-1]) * 1024 / 60e6, 1)
