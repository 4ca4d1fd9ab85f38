"""Which widths follow alpha: those that differ from the ones at another alpha."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from costcalc.errors import CostcalcError
from costcalc.graph import Graph
from costcalc.spec.settings import MOST_SCALE

ALPHA = "alpha"
_MOST_TRIED = 4  # each may be as much work as the network itself


def widths(graph: Graph) -> dict[str, Any]:
    """The output channels of each layer that says how many they are."""
    return {node.layer: node.output.channels for node in graph.nodes if "out" in node.operator.declared}


def elsewhere(alpha: Any, choices: Iterable[Any], graph_at: Callable[[Any], Graph]) -> tuple[Any, Graph] | None:
    """Twice alpha, or half of it, and the graph there; of `choices`, if there are any, one of the first.

    None if no such graph is."""
    others = (other for other in choices or (alpha * 2, alpha / 2) if other != alpha and other <= MOST_SCALE)
    for other in islice(others, _MOST_TRIED):
        try:
            return other, graph_at(other)
        except CostcalcError:
            continue
    return None


def scaled(graph: Graph, there: Graph) -> set[str]:
    """The layers of a graph whose widths differ from those at another alpha."""
    other = widths(there)
    return {layer for layer, width in widths(graph).items() if other.get(layer, width) != width}
