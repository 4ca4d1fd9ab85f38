"""What every transform is made of: the registry, and the copying of a graph with parts replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from costcalc.errors import OperatorError, Problem, SpecError
from costcalc.graph import INPUT, Builder, Graph, Node
from costcalc.operators import Operator
from costcalc.operators.base import spread
from costcalc.quantity import at_least, holds, product, same


class Transform(NamedTuple):
    """A rewriting of graphs: `function(graph, argument)` gives the new graph and how many places it changed.

    `takes` says what its argument R is, "" if it takes none; `seeks` says what it looks for.
    """

    name: str
    seeks: str
    takes: str
    function: Callable[[Graph, int], tuple[Graph, int]]


REGISTRY: dict[str, Transform] = {}
_Function = Callable[[Graph, int], tuple[Graph, int]]


def transform(name: str, seeks: str, takes: str = "") -> Callable[[_Function], _Function]:
    """Register a transform under the word that stands after `@`; its docstring is its description."""

    def register(function: _Function) -> _Function:
        REGISTRY[name] = Transform(name, seeks, takes, function)
        return function

    return register


class Rewriter:
    """Copies a graph node by node; what a transform does not touch stays as it is.

    `at` leads from a node's index in the old graph to the one that stands for it in the new.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.builder = Builder(graph.input, graph.batch)
        self.at: dict[int, int] = {INPUT: INPUT}
        self.layers = {part.layer: 1 for node in graph.nodes for part in (node, *node.parts)}

    def fresh(self, layer: str) -> str:
        """A name for a new layer: the one given, with a number if it is taken."""
        name, number = layer, self.layers.get(layer, 1)
        while name in self.layers:
            number += 1
            name = f"{layer}_{number}"
        self.layers[layer], self.layers[name] = number, self.layers.get(name, 1)
        return name

    def add(
        self,
        operator: Operator,
        inputs: tuple[int, ...],
        like: Node,
        layer: str = "",
        parts: tuple[Node, ...] = (),
    ) -> int:
        """Append a node that takes nodes of the new graph, in the place of `like`. Raises SpecError if it cannot."""
        try:
            return self.builder.add(
                operator,
                inputs,
                layer or like.layer,
                like.block,
                like.stage,
                like.row,
                like.place,
                parts,
                like.formats,
                like.declared if operator.name == like.operator.name else None,
            )
        except OperatorError as error:
            raise SpecError([Problem(like.place, f"transformed: {error.message}", error.expected)]) from None

    def keep(self, index: int, operator: Operator | None = None, layer: str = "") -> int:
        """Copy a node, with another operator or layer if given."""
        node = self.graph.nodes[index]
        inputs = tuple(self.at[source] for source in node.inputs)
        self.at[index] = self.add(operator or node.operator, inputs, node, layer, node.parts)
        return self.at[index]

    def chain(self, nodes: Sequence[tuple[Operator, Node, str]], start: int) -> int:
        """Append operators one after the other, each (operator, the node whose place it takes, layer)."""
        for operator, like, layer in nodes:
            start = self.add(operator, (start,), like, layer)
        return start

    def finish(self) -> Graph:
        """The new graph."""
        return self.builder.finish()


def users_of(graph: Graph) -> dict[int, list[int]]:
    """Which nodes take each node's output."""
    users: dict[int, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            users.setdefault(source, []).append(index)
    return users


def only_user(users: dict[int, list[int]], index: int) -> int | None:
    """The one node that takes a node's output, None if there are more or none."""
    found = users.get(index, [])
    return found[0] if len(found) == 1 else None


def post_ops(graph: Graph, users: dict[int, list[int]], index: int) -> list[int]:
    """The norm and the activation that a layer's own row puts after it."""
    found: list[int] = []
    end = index
    for family in ("norm", "activation"):
        following = only_user(users, end)
        if following is None:
            break
        node = graph.nodes[following]
        if node.operator.family == family and node.layer == graph.nodes[index].layer:
            found.append(following)
            end = following
    return found


def single_input(graph: Graph, index: int) -> int:
    """The node that a node of one input takes."""
    return graph.nodes[index].inputs[0]


def dimensions(graph: Graph, index: int) -> int:
    """Dimensions of the positions that a node sees."""
    return len(graph.shape(single_input(graph, index)).spatial)


def has_window(operator: Operator, count: int) -> bool:
    """Whether a convolution sees more than one position at a time."""
    return holds(at_least(product(spread(getattr(operator, "k", 1), count, "k")), 2))


def is_plain(graph: Graph, index: int) -> bool:
    """Whether a node is an ungrouped convolution with a window."""
    operator = graph.nodes[index].operator
    if operator.name != "conv" or not has_window(operator, dimensions(graph, index)):
        return False
    return holds(same(getattr(operator, "groups", 1), 1))


def is_pointwise(graph: Graph, index: int) -> bool:
    """Whether a node is an ungrouped 1x1 convolution with stride 1 and no padding."""
    operator = graph.nodes[index].operator
    if operator.name != "conv" or has_window(operator, dimensions(graph, index)):
        return False
    stride, pad = getattr(operator, "stride", 1), getattr(operator, "pad", "same")
    steps = spread(stride, dimensions(graph, index), "stride")
    pads = () if isinstance(pad, str) else pad if isinstance(pad, tuple) else (pad,)
    unit = [same(step, 1) for step in steps] + [same(size, 0) for size in pads]
    return all(map(holds, unit)) and holds(same(getattr(operator, "groups", 1), 1))
