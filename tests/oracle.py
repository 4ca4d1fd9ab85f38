"""A counter that really loops: it visits every window and every value, and counts what it does there."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

from costcalc.operators import Shape


def windows(size: int, k: int, stride: int, before: int, after: int) -> list[int]:
    """Where a window starts, along one dimension, found by sliding it."""
    starts = []
    start = -before
    while start + k <= size + after:
        starts.append(start)
        start += stride
    return starts


def same_pads(size: int, k: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME padding: just enough for ceil(size / stride) windows."""
    count = (size + stride - 1) // stride
    total = max(0, (count - 1) * stride + k - size)
    return total // 2, total - total // 2


def positions(x: Shape, fields: dict[str, Any]) -> list[tuple[int, ...]]:
    """The corner of every window over x."""
    k, stride, pad = fields["k"], fields.get("stride", 1), fields.get("pad", "same")
    starts = []
    for dimension, size in enumerate(x.spatial):
        if pad == "same":
            before, after = same_pads(size, k, stride)
        elif pad == "valid":
            before = after = 0
        elif isinstance(pad, tuple):
            before, after = pad[2 * dimension], pad[2 * dimension + 1]
        else:
            before = after = pad
        starts.append(windows(size, k, stride, before, after))
    return list(product(*starts))


def conv(fields: dict[str, Any], x: Shape) -> Counter[str]:
    """Multiply and add, one by one."""
    done: Counter[str] = Counter()
    groups = fields.get("groups", 1)
    for _ in positions(x, fields):
        for _output in range(fields["out"]):
            for _input in range(x.channels // groups):
                for _tap in product(range(fields["k"]), repeat=len(x.spatial)):
                    done["macs"] += 1
            done["additions"] += fields["bias"]
    return done


def dwconv(fields: dict[str, Any], x: Shape) -> Counter[str]:
    """Each channel by itself, `multiplier` times."""
    single = {**fields, "out": fields["multiplier"], "groups": 1}
    done: Counter[str] = Counter()
    for _channel in range(x.channels):
        done += conv(single, Shape(x.spatial, 1))
    return done


def pool(fields: dict[str, Any], x: Shape, op: str) -> Counter[str]:
    """The first value of a window is taken, each further one added or compared."""
    done: Counter[str] = Counter()
    for _ in positions(x, fields):
        for _channel in range(x.channels):
            taps = list(product(range(fields["k"]), repeat=len(x.spatial)))
            done["additions" if op == "avgpool" else "comparisons"] += len(taps[1:])
            done["divisions"] += op == "avgpool"
    return done


def adaptive(fields: dict[str, Any], x: Shape, op: str) -> Counter[str]:
    """Windows as PyTorch lays them: from floor(i m / n) to ceil((i + 1) m / n)."""
    n = fields["size"]
    done: Counter[str] = Counter()
    for cells in product(range(n), repeat=len(x.spatial)):
        taps = 1
        for i, m in zip(cells, x.spatial, strict=True):
            taps *= -(-(i + 1) * m // n) - i * m // n
        for _channel in range(x.channels):
            done["additions" if op == "adaptive_avgpool" else "comparisons"] += taps - 1
            done["divisions"] += op == "adaptive_avgpool"
    return done
