"""Channels that go: which layers keep as many as each other, and what each keeps so that all maps still fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.graph import INPUT, Graph
from costcalc.operators import Operator
from costcalc.quantity import Quantity, ceil, exact_div, gcd, holds, same

_ALIKE = ("add", "maximum", "mul", "combine")
"""What takes maps of as many channels each."""
_SHARERS = ("groups", "parts", "heads")
"""Fields that deal channels out in equal shares."""
_MARKS = ("start", "stop", "channels")
"""Fields of slices and pads that count channels of the map that they take."""


class Tied(NamedTuple):
    """Layers that must keep their channels together: their nodes; and the layer that keeps them all from losing any."""

    nodes: tuple[int, ...]
    fixed_by: str


class Widths:
    """The widths of the nodes in `chosen`, and what ties them to each other.

    Maps meet in sums and products; groups, shuffles and splits deal out equal shares. What is tied scales by one
    factor, so that every map that is made of such widths does.
    """

    def __init__(self, graph: Graph, chosen: frozenset[int]) -> None:
        self.graph = graph
        self.sources: dict[int, frozenset[int]] = {INPUT: frozenset()}
        self._laid_out: dict[int, frozenset[int]] = {INPUT: frozenset()}  # whose channels are positions here
        self._makers = {INPUT: "the input"}
        self._parent = {index: index for index in chosen}
        self._units: list[tuple[int, Quantity]] = []
        self._fixed: list[tuple[int, str]] = []
        for index, node in enumerate(graph.nodes):
            self._follow(index, node.operator, index in chosen)

    def _follow(self, index: int, operator: Operator, is_chosen: bool) -> None:
        node = self.graph.nodes[index]
        entering = _union(self.sources, node.inputs)
        self._laid_out[index] = laid_out = _union(self._laid_out, node.inputs)
        if operator.name in _ALIKE:
            self._meet(index, node.inputs, entering)
        for field in _SHARERS:
            parts = getattr(operator, field, 1)
            for source in node.inputs if not holds(same(parts, 1)) else ():
                self._unit(self.sources[source], self.graph.shape(source).channels, parts)
        if operator.name in ("slice", "pad"):
            for field in _MARKS:
                if (mark := getattr(operator, field, None)) is not None and not holds(same(mark, 0)):
                    self._unit(entering, mark)
        if operator.name == "dynamic_conv":  # as many values as its kernel has are made elsewhere
            self._fixed += [(source, node.layer) for source in sorted(entering)]
        if operator.name == "reshape":
            self._fixed += [(source, node.layer) for source in sorted(laid_out)]
        out = getattr(operator, "out", None)
        self._makers[index] = node.layer if out is not None or not node.inputs else self._makers[node.inputs[0]]
        if is_chosen:
            self._unit(frozenset([index]), out, getattr(operator, "groups", 1))
            self.sources[index] = frozenset([index])
        else:
            self.sources[index] = frozenset() if out is not None else entering
        if operator.name == "transpose":
            self.sources[index], self._laid_out[index] = laid_out, entering

    def _meet(self, index: int, inputs: tuple[int, ...], entering: frozenset[int]) -> None:
        channels = self.graph.nodes[index].output.channels
        alike = [source for source in inputs if holds(same(self.graph.shape(source).channels, channels))]
        self._tie(entering)
        for source in alike:
            if entering and not self.sources[source]:
                self._fixed.append((min(entering), self._makers[source]))

    def _unit(self, nodes: frozenset[int], channels: Quantity, parts: Quantity = 1) -> None:
        """Channels of a map that must scale to a whole number in each of some parts."""
        if nodes:
            self._tie(nodes)
            self._units.append((min(nodes), channels if holds(same(parts, 1)) else exact_div(channels, parts)))

    def _tie(self, nodes: frozenset[int]) -> None:
        first, *others = [self._root(node) for node in sorted(nodes)] or [0]
        for other in others:
            self._parent[self._root(other)] = self._root(first)

    def _root(self, node: int) -> int:
        while self._parent[node] != node:
            node = self._parent[node]
        return node

    def tied(self) -> list[Tied]:
        """The nodes by what ties them, in running order."""
        fixed = {self._root(node): name for node, name in reversed(self._fixed)}
        groups: dict[int, list[int]] = {}
        for node in sorted(self._parent):
            groups.setdefault(self._root(node), []).append(node)
        return [Tied(tuple(nodes), fixed.get(root, "")) for root, nodes in groups.items()]

    def scaled(self, shares: Mapping[int, Quantity]) -> dict[int, Operator]:
        """The operators of a graph whose tied nodes keep at least a share of their channels, the least that fits."""
        factors: dict[int, tuple[Quantity, Quantity]] = {}
        for chosen, share in shares.items():
            root = self._root(chosen)
            if root not in factors:
                unit = self._common(root)
                factors[root] = ceil(unit * (Fraction(share) if isinstance(share, int) else share)), unit
        found: dict[int, Operator] = {}
        for index, node in enumerate(self.graph.nodes):
            operator: Any = node.operator
            if index in shares:
                found[index] = replace(operator, out=_times(operator.out, factors[self._root(index)]))
            elif operator.name in ("slice", "pad"):
                roots = {self._root(source) for source in self.sources[index]} & factors.keys()
                fields = {field: getattr(operator, field, None) for field in _MARKS}
                for root in roots:  # all of its sources are tied
                    marks = {field: _times(mark, factors[root]) for field, mark in fields.items() if mark}
                    found[index] = replace(operator, **marks) if marks else operator
        return found

    def _common(self, root: int) -> Quantity:
        """The greatest number that divides all that must stay whole."""
        units = [unit for node, unit in self._units if self._root(node) == root]
        common = units[0]
        for unit in units[1:]:
            common = common if unit == common else gcd(common, unit)
        return common


def _union(found: Mapping[int, frozenset[int]], inputs: tuple[int, ...]) -> frozenset[int]:
    return frozenset().union(*(found[source] for source in inputs))


def _times(width: Quantity, factor: tuple[Quantity, Quantity]) -> Quantity:
    kept, unit = factor
    return kept if width == unit else exact_div(width * kept, unit)
