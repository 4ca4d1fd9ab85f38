"""What a network may have been counted at: the settings to try, and the totals there under every convention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from costcalc.counting import Convention, Counting
from costcalc.counting.conventions import Rule
from costcalc.errors import CostcalcError
from costcalc.graph import Graph
from costcalc.ledger import ledger_of
from costcalc.measures import BYTES_OF
from costcalc.network import Network
from costcalc.quantity import as_text

RESOLUTIONS = (224, 256, 240, 192, 160, 128, 96, 227, 299, 32)
CLASSES = (1000, 1001, 10, 100)
ALPHAS = ("1", "0.5", "0.75", "0.25", "1.4")
"""The usual sizes, which are tried one by one."""
MOST_NODES = 6_000
"""So many nodes the networks that are tried may have together, beyond the first."""


class Settings(NamedTuple):
    """Settings beyond those that are asked for, what they are in words, and whether figures are published there."""

    values: Mapping[str, Any]
    way: str = ""
    is_published: bool = True


class Point:
    """A network at some settings: its totals under conventions, with the last layer and without."""

    def __init__(self, settings: Settings, graph: Graph, counting: Counting) -> None:
        self.settings, self.graph = settings, graph
        self.ledger = ledger_of(graph, counting)
        self._sums: dict[tuple[str, str, bool], tuple[int, int]] = {}

    @property
    def operators(self) -> tuple[str, ...]:
        """The operators of the network, in running order."""
        return tuple(self._rows)

    @cached_property
    def _last(self) -> str:
        """The last layer that learns a matrix or a kernel."""
        nodes = [node for node in self.graph.nodes if node.operator.family in ("conv", "linear")]
        return nodes[-1].layer if nodes else ""

    def totals(self, convention: Convention, of_params: bool = False) -> tuple[int, int]:
        """The total, and the total without the last layer."""
        whole = last = 0
        for op in self._rows:
            rule = convention.params_rule(op) if of_params else convention.rule(op)
            if rule is not None:
                both = self._of_kind(op, rule, not (of_params or convention.per_image))
                whole, last = whole + both[0], last + both[1]
        return whole, whole - last

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, node in enumerate(self.graph.nodes):
            found.setdefault(node.operator.name, []).append(index)
        return found

    def _of_kind(self, op: str, rule: Rule, grows: bool) -> tuple[int, int]:
        """What a rule counts of all nodes of an operator, and of those in the last layer; many conventions share it."""
        key = (op, rule.expression.text, grows)
        if key not in self._sums:
            costs = self.ledger.costs
            values = [(self._value(rule, index, grows), costs[index].node.layer) for index in self._rows[op]]
            self._sums[key] = sum(v for v, _ in values), sum(v for v, layer in values if layer == self._last)
        return self._sums[key]

    def _value(self, rule: Rule, index: int, grows: bool) -> int:
        return int(
            rule.of(
                self.ledger.costs[index], self.graph.batch, grows,
                lambda name: self.ledger.of_node(BYTES_OF[name], index),
            )
        )  # fmt: skip


def points(network: Network, counting: Counting) -> Iterator[Point]:
    """The network as it is asked for, then at the settings that are published for it, then at usual ones."""
    yield Point(Settings({}), network.graph, counting)
    nodes = 0
    for settings in _settings(network):
        try:
            graph = network.at(**settings.values)
        except CostcalcError:  # no such network
            continue
        nodes += len(graph.nodes)
        if nodes > MOST_NODES:
            return
        yield Point(settings, graph, counting)


def _settings(network: Network) -> Iterator[Settings]:
    own = network.settings
    published = Counter(
        tuple(sorted((key, as_text(value)) for key, value in row.settings.items() if own.get(key) != value))
        for row in network.published
    )
    tried: set[tuple[tuple[str, str], ...]] = {()}
    for changed in sorted(published, key=len):
        if changed not in tried:
            tried.add(changed)
            yield Settings(dict(changed), ", ".join(f"{key} {value}" for key, value in changed))
    usual: tuple[tuple[str, Sequence[Any]], ...] = (
        ("resolution", RESOLUTIONS), ("classes", CLASSES), ("alpha", ALPHAS),
    )  # fmt: skip
    for key, values in usual:
        for value in values:
            changed = ((key, str(value)),)
            if key in own and as_text(own[key]) != str(value) and changed not in tried:
                tried.add(changed)
                yield Settings({key: str(value)}, f"{key} {value}", is_published=False)
