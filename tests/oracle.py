"""Counters that really work: they visit every window and every value, and count what is done there.

No rule is recomputed here: a figure is how often a loop's body has run, how often a number that keeps count was added,
multiplied or compared, or how many different weights were used.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise, product
from typing import Any

from costcalc.operators import Shape

Fields = dict[str, Any]


class Value:
    """A float that keeps count of what is done with it."""

    def __init__(self, number: float, done: Counter[str]) -> None:
        self.number = number
        self.done = done

    def _new(self, counter: str, number: float) -> Value:
        self.done[counter] += 1
        return Value(number, self.done)

    def __add__(self, other: Value | float) -> Value:
        return self._new("additions", self.number + _plain(other))

    def __sub__(self, other: Value | float) -> Value:
        return self._new("additions", self.number - _plain(other))

    def __mul__(self, other: Value | float) -> Value:
        return self._new("multiplications", self.number * _plain(other))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Value | float) -> Value:
        return self._new("divisions", self.number / _plain(other))

    def __rtruediv__(self, other: float) -> Value:
        return self._new("divisions", other / self.number)

    def max(self, other: Value | float) -> Value:
        """The larger one."""
        return self._new("comparisons", max(self.number, _plain(other)))

    def min(self, other: float) -> Value:
        """The smaller one."""
        return self._new("comparisons", min(self.number, other))

    def above(self, other: float) -> bool:
        """Whether it is above."""
        self.done["comparisons"] += 1
        return self.number > other

    def exp(self) -> Value:
        """Its exponential."""
        return self._new("exponentials", math.exp(self.number))

    def power(self, exponent: float) -> Value:
        """Its power."""
        return self._new("exponentials", self.number**exponent)


def _plain(value: Value | float) -> float:
    return value.number if isinstance(value, Value) else value


def _tanh(x: Value) -> Value:
    e = (2.0 * x).exp()
    return (e - 1.0) / (e + 1.0)


def _sigmoid(x: Value) -> Value:
    return 1.0 / (_negated(x).exp() + 1.0)


def _negated(x: Value) -> Value:
    """Changing a sign is free: exp(-x) is as easily had as exp(x)."""
    return Value(-x.number, x.done)


ACTIVATIONS: dict[str, tuple[Callable[[Value], Value], Callable[[float], float]]] = {
    "relu": (lambda x: x.max(0.0), lambda x: max(x, 0)),
    "relu6": (lambda x: x.max(0.0).min(6.0), lambda x: min(max(x, 0), 6)),
    "leaky_relu": (lambda x: _leaky(x, 0.01), lambda x: x if x > 0 else 0.01 * x),
    "prelu": (lambda x: _leaky(x, 0.25), lambda x: x if x > 0 else 0.25 * x),
    "sigmoid": (_sigmoid, lambda x: 1 / (1 + math.exp(-x))),
    "hsigmoid": (lambda x: (x + 3.0).max(0.0).min(6.0) * (1 / 6), lambda x: min(max(x + 3, 0), 6) / 6),
    "swish": (lambda x: x * _sigmoid(x), lambda x: x / (1 + math.exp(-x))),
    "hswish": (lambda x: x * ((x + 3.0).max(0.0).min(6.0) * (1 / 6)), lambda x: x * min(max(x + 3, 0), 6) / 6),
    "tanh": (_tanh, math.tanh),
    "gelu": (
        lambda x: 0.5 * x * (1.0 + _tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x)))),
        lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    ),
}
"""Each activation as its docstring writes it, and what it must come to (gelu: nearly)."""


def _leaky(x: Value, slope: float) -> Value:
    """Both sides are computed, then one is chosen, as code without branches does."""
    other = slope * x
    return x if x.above(0) else other


def values(count: int, done: Counter[str]) -> list[Value]:
    """So many different numbers between -3 and 5."""
    return [Value(math.sin(7 * i + 1) * 4 + 1, done) for i in range(count)]


def total(parts: Sequence[Value]) -> Value:
    """The sum: the first is there, each further one is added."""
    return reduce(lambda a, b: a + b, parts)


def standardised(x: Sequence[Value], affine: bool) -> list[Value]:
    """A set of values less their mean, over the root of their variance; then scaled and shifted."""
    count, eps = float(len(x)), 1e-5
    mean = total(x) / count
    away = [value - mean for value in x]
    root = (total([value * value for value in away]) / count + eps).power(-0.5)
    normal = [value * root for value in away]
    return [value * 2.0 + 1.0 for value in normal] if affine else normal


def softmax(x: Sequence[Value]) -> list[Value]:
    """Exponentials over their sum."""
    powers = [value.exp() for value in x]
    whole = total(powers)
    return [value / whole for value in powers]


def response_normalised(x: Sequence[Value], size: int) -> list[Value]:
    """One position: each channel over a power of k + alpha times its neighbours' squares; past the edge is zero."""
    done = x[0].done
    before = (size - 1) // 2
    squares = [Value(0.0, done)] * before + [value * value for value in x] + [Value(0.0, done)] * (size - 1 - before)
    scales = [total(squares[i : i + size]) * 1e-4 + 2.0 for i in range(len(x))]
    return [value / scale.power(0.75) for value, scale in zip(x, scales, strict=True)]


def interpolated(x: Sequence[Sequence[Value]], scale: int) -> list[list[Value]]:
    """A channel `scale` times as high and as wide: each value from its four neighbours, by weights made beforehand."""
    rows, columns = len(x), len(x[0])

    def near(i: int, most: int) -> tuple[int, int, float]:
        at = min(max((i + 0.5) / scale - 0.5, 0), most - 1)
        low = int(at)
        return low, min(low + 1, most - 1), at - low

    result = []
    for i in range(rows * scale):
        result.append([])
        for j in range(columns * scale):
            (a, b, u), (c, d, v) = near(i, rows), near(j, columns)
            four = [x[a][c] * ((1 - u) * (1 - v)), x[a][d] * ((1 - u) * v), x[b][c] * (u * (1 - v)), x[b][d] * (u * v)]
            result[-1].append(total(four))
    return result


def distances(x: Sequence[Value], points: int) -> Counter[str]:
    """Squares of distances: a subtraction, and a multiply-accumulate, for each pair."""
    done: Counter[str] = Counter()
    stored = set()
    for point in range(points):
        for index, value in enumerate(x):
            stored.add((point, index))
            assert isinstance(value - float(point), Value)
            done["macs"] += 1
    return done + Counter(additions=x[0].done["additions"], norm_statistics=len(stored))


def starts(size: int, k: int, stride: int, before: int, after: int) -> list[int]:
    """Where a window starts, along one dimension, found by sliding it."""
    found = []
    start = -before
    while start + k <= size + after:
        found.append(start)
        start += stride
    return found


def caffe_starts(size: int, k: int, stride: int, before: int, after: int) -> list[int]:
    """As `starts`, but windows go on until one reaches the end; none starts past the input."""
    found = starts(size, k, stride, before, after)
    following = found[-1] + stride
    if found[-1] + k < size + after and following < size:
        found.append(following)
    return found


def same_pads(size: int, k: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME padding: just enough for ceil(size / stride) windows."""
    count = (size + stride - 1) // stride
    whole = max(0, (count - 1) * stride + k - size)
    return whole // 2, whole - whole // 2


def pads(x: Shape, fields: Fields) -> list[tuple[int, int]]:
    """What stands before and after each dimension."""
    k, stride, pad = fields["k"], fields.get("stride", 1), fields.get("pad", "same")
    if pad == "same":
        return [same_pads(size, k, stride) for size in x.spatial]
    if isinstance(pad, tuple):
        return [(pad[2 * i], pad[2 * i + 1]) for i in range(len(x.spatial))]
    return [(0 if pad == "valid" else pad,) * 2] * len(x.spatial)


def windows(x: Shape, fields: Fields) -> list[list[int]]:
    """Where windows start, along each dimension."""
    ceil = fields.get("ceil") and fields["pad"] != "same"
    slide = caffe_starts if ceil else starts
    sizes = zip(x.spatial, pads(x, fields), strict=True)
    return [slide(size, fields["k"], fields.get("stride", 1), *edges) for size, edges in sizes]


def _taps(fields: Fields, x: Shape) -> list[tuple[int, ...]]:
    return list(product(range(fields["k"]), repeat=len(x.spatial)))


def conv(fields: Fields, x: Shape) -> Counter[str]:
    """Multiply and add, one by one; a weight is known by its output, its input and its place in the kernel."""
    done: Counter[str] = Counter()
    groups = fields.get("groups", 1)
    weights, biases = set(), set()
    for _ in product(*windows(x, fields)):
        for output in range(fields["out"]):
            for weight in product([output], range(x.channels // groups), _taps(fields, x)):
                weights.add(weight)
                done["macs"] += 1
            if fields["bias"]:
                biases.add(output)
                done["additions"] += 1
    return done + _own(fields, weights=len(weights), biases=len(biases))


def _own(fields: Fields, **stored: int) -> Counter[str]:
    """What an operator stores; nothing if it shares the weights of another one."""
    return Counter() if fields.get("shared") else Counter(stored)


def dwconv(fields: Fields, x: Shape) -> Counter[str]:
    """Each channel by itself, `multiplier` times."""
    single = {**fields, "out": fields["multiplier"], "groups": 1}
    return sum((conv(single, Shape(x.spatial, 1)) for _channel in range(x.channels)), Counter())


def conv_transpose(fields: Fields, x: Shape) -> tuple[Counter[str], tuple[int, ...]]:
    """Each input position is spread over its window; what is reached, less the padding, is the output."""
    stride, dilation, groups = (fields[key] for key in ("stride", "dilation", "groups"))
    done: Counter[str] = Counter()
    weights, reached = set(), set()
    for corner in product(*map(range, x.spatial)):
        for tap in _taps(fields, x):
            reached.add(tuple(at * stride + i * dilation for at, i in zip(corner, tap, strict=True)))
            for weight in product([tap], range(fields["out"]), range(x.channels // groups)):
                weights.add(weight)
                done["macs"] += 1
    sizes = [max(one[i] for one in reached) + 1 + fields["output_pad"] for i in range(len(x.spatial))]
    if fields["pad"] == "same":
        shape = tuple(len(range(size * stride)) for size in x.spatial)
    else:
        shape = tuple(size - sum(edges) for size, edges in zip(sizes, pads(x, fields), strict=True))
    if fields["bias"]:
        done["additions"] = len(list(product(*map(range, shape), range(fields["out"]))))
        done["biases"] = fields["out"]
    return done + Counter(weights=len(weights)), shape


def channel_conv(fields: Fields, x: Shape) -> Counter[str]:
    """A small kernel that slides along the channels as well; each map has one."""
    line = Shape((x.channels,), 1)
    along = windows(line, {**fields, "stride": fields["stride"]})[0]
    across = windows(x, {"k": fields["window"], "pad": "valid"})
    done: Counter[str] = Counter()
    weights = set()
    for one, _start, _position in product(range(fields["maps"]), along, product(*across)):
        for weight in product([one], range(fields["k"]), _taps({"k": fields["window"]}, x)):
            weights.add(weight)
            done["macs"] += 1
    return done + Counter(weights=len(weights))


def matmul(fields: Fields, a: Shape, b: Shape) -> Counter[str]:
    """Window by window, head by head, row by row, column by column."""
    heads, parts = fields["heads"], fields["windows"]
    done: Counter[str] = Counter()
    rows, others = a.positions // parts, b.positions // parts
    if fields["transpose"]:
        inner, columns = range(a.channels // heads), range(others)
    else:
        inner, columns = range(others), range(b.channels // heads)
    for _window, _head, _row, _column, _inner in product(range(parts), range(heads), range(rows), columns, inner):
        done["macs"] += 1
    return done


def pool(fields: Fields, x: Shape, op: str) -> Counter[str]:
    """The first value of a window is taken, each further one added or compared; past the padding there are none."""
    done: Counter[str] = Counter()
    ends = [size + after for size, (_, after) in zip(x.spatial, pads(x, fields), strict=True)]
    for corner in product(*windows(x, fields)):
        ranges = [range(start, min(start + fields["k"], end)) for start, end in zip(corner, ends, strict=True)]
        for _channel in range(x.channels):
            _reduce(len(list(product(*ranges))), op == "avgpool", done)
    return done


def adaptive(fields: Fields, x: Shape, op: str) -> Counter[str]:
    """Windows as PyTorch lays them: from floor(i m / n) to ceil((i + 1) m / n)."""
    n = fields["size"]
    done: Counter[str] = Counter()
    for cells in product(range(n), repeat=len(x.spatial)):
        ranges = [range(i * m // n, -(-(i + 1) * m // n)) for i, m in zip(cells, x.spatial, strict=True)]
        for _channel in range(x.channels):
            _reduce(len(list(product(*ranges))), op == "adaptive_avgpool", done)
    return done


def _reduce(taps: int, mean: bool, done: Counter[str]) -> None:
    for _pair in pairwise(range(taps)):
        done["additions" if mean else "comparisons"] += 1
    done["divisions"] += mean
