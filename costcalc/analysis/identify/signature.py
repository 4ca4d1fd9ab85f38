"""What a network is made of, whatever its layers are called: its layers that multiply and add."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from costcalc.graph import Graph, walk


class Layer(NamedTuple):
    """A layer with Mult-Adds, for one sample. A linear layer is a 1x1 convolution at one position."""

    kind: str
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    groups: int
    width: int  # channels that arrive
    channels: int
    positions: int
    macs: int
    weights: int

    @property
    def word(self) -> str:
        """What stays when widths and sizes change: `c3s2`, `d3` of a depthwise one, `matmul`."""
        if self.kind != "conv":
            return self.kind
        deep = "d" if self.groups == self.width > 1 else "c" if self.groups == 1 else f"g{self.groups}c"
        return deep + _short(self.kernel) + (f"s{_short(self.stride)}" if set(self.stride) != {1} else "")


def _short(sizes: tuple[int, ...]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else "x".join(map(str, sizes))


def signature(graph: Graph) -> tuple[Layer, ...]:
    """The layers of a graph that multiply and add, in order."""
    found = []
    for cost in walk(graph):
        counters = cost.counters
        if not counters.macs:
            continue
        operator: Any = cost.node.operator
        x, y = cost.inputs[0], cost.node.output
        is_conv = operator.name in ("conv", "dwconv", "linear")
        count = len(y.spatial)
        kernel = _spread(getattr(operator, "k", 1), count)
        stride = _spread(getattr(operator, "stride", 1), count) if y.positions > 1 or set(kernel) != {1} else (1,)
        groups = x.channels if operator.name == "dwconv" else getattr(operator, "groups", 1)
        found.append(
            Layer(
                "conv" if is_conv else operator.name,
                kernel if set(kernel) != {1} else (1,),
                stride if set(stride) != {1} else (1,),
                groups,
                x.channels,
                y.channels,
                y.positions,
                counters.macs,
                counters.weights,
            )
        )
    return tuple(found)


def _spread(value: Any, count: int) -> tuple[int, ...]:
    if not isinstance(value, tuple):
        return (value or 1,) * max(1, count)
    return value


def skeleton(layers: tuple[Layer, ...]) -> str:
    """How many layers there are of each word: `c1*34 c3s2*1 d3*13`. It stays when alpha and sizes change."""
    return " ".join(f"{word}*{count}" for word, count in sorted(Counter(layer.word for layer in layers).items()))


def counts_of(text: str) -> Counter[str]:
    """The words of a skeleton with their numbers."""
    pairs = (item.rpartition("*") for item in text.split())
    return Counter({word: int(number) for word, _, number in pairs})
