"""Files that were whole before they were changed, and what is asked of whoever reads them."""

from __future__ import annotations

import random
import time
from pathlib import Path

import costcalc


def flipped(data: bytes, draw: random.Random, kind: int) -> bytes:
    """Bytes changed (kind 0), cut off (1), or doubled (2)."""
    found = bytearray(data)
    if kind == 0:
        for _ in range(draw.randint(1, 20)):
            found[draw.randrange(len(found))] = draw.randrange(256)
    elif kind == 1:
        del found[draw.randrange(len(found)) :]
    else:
        start = draw.randrange(len(found))
        found[start:start] = found[start : start + draw.randint(1, 400)] * draw.randint(1, 20)
    return bytes(found)


def answer(folder: Path, ending: str, data: bytes) -> float:
    """Read and count a file; seconds of CPU. Only costcalc's errors are errors."""
    path = folder / f"model{ending}"
    path.write_bytes(data)
    start = time.thread_time()
    for allow_unknown in (False, True):
        try:
            _ = costcalc.load(path, allow_unknown=allow_unknown).ledger()["mult_adds"]
        except costcalc.CostcalcError as error:
            assert str(error).strip()
    return time.thread_time() - start
