"""The costliest files of 1 MB: the CPU time and memory of the whole process, and how both grow with the size."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hostile_files import ASKED, words_for

SIZES = (50_000, 90_000, 160_000, 290_000, 520_000, 999_000)  # so near that one of them is just within each bound
SECONDS = 1.0
MEGABYTES = 200
ROUNDS = 1


def cost(words: list[str]) -> tuple[float, float]:
    """CPU seconds and megabytes of a whole `costcalc` process; the least of some rounds."""
    seconds, megabytes = [], []
    for _ in range(ROUNDS):
        pid = os.fork()
        if not pid:
            resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            os.execv(sys.executable, [sys.executable, "-m", "costcalc", *words])
        _, status, used = os.wait4(pid, 0)
        assert os.waitstatus_to_exitcode(status) in (0, 1, 2)
        seconds.append(used.ru_utime + used.ru_stime)
        megabytes.append(used.ru_maxrss / 1024)
    return min(seconds), min(megabytes)


FILES = [pytest.param(words, file, text, id=name) for words, file, texts in ASKED for name, text in texts.items()]


@pytest.mark.parametrize(("words", "file", "text"), FILES)
def test_bounded(
    words: str,
    file: str,
    text: Callable[[int], str],
    ratio: Callable[[str, float, float], None],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """No more than a second and 200 MB at 1 MB; no step of the size costs more than its share of the step before."""
    path = tmp_path / file
    found = []
    for size in SIZES:
        path.write_bytes(text(size).encode()[:1_000_000])
        found.append(cost(words_for(words, str(path))))
    idle, _ = cost(["--version"])
    name = request.node.callspec.id
    seconds, megabytes = zip(*found, strict=True)
    ratio(f"CPU seconds, {name}, by size {[round(one, 2) for one in seconds]}", max(seconds) / SECONDS, 1)
    ratio(f"memory / {MEGABYTES} MB, {name}", max(megabytes) / MEGABYTES, 1)
    for (before, after), (fewer, more) in zip(pairwise(seconds), pairwise(SIZES), strict=True):
        assert after - idle <= 1.3 * more / fewer * (before - idle) + 0.1, f"more than linear: {seconds}"
