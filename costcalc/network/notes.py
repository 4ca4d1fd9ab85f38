"""What a spec of one's own may not mean as it is read: its input, and classes that alpha scales."""

from __future__ import annotations

from costcalc.graph import INPUT, Graph
from costcalc.network.declaration import InSpec
from costcalc.network.network import Network
from costcalc.network.scaled import widths
from costcalc.quantity import as_text

_COLOURS = (1, 3, 4)
"""Channels of grey, RGB and RGBA images."""
_MOST_NODES = 2000
"""In longer networks no classes are looked for."""


def notes(network: Network) -> list[str]:
    """A line for each thing that a report should say of a spec of one's own; none of the catalogue's networks."""
    declaration = network.declaration
    if not isinstance(declaration, InSpec) or not declaration.is_complete:
        return []
    written = declaration.bind({}, {}).input
    sizes = [*written.spatial, written.channels]
    return [*_of_the_input([*map(int, sizes)]), *_of_the_classes(network)]


def _of_the_input(sizes: list[int]) -> list[str]:
    shown = "x".join(map(str, sizes))
    first, *middle, last = sizes
    if not middle:
        image = f"an image has three sizes, as {shown}x3"
        return [f"input {shown} is {first} positions of {last} channels; {image}"] if first == last else []
    if first in _COLOURS and last not in _COLOURS and (first == _COLOURS[1] or middle[-1] == last):
        turned = "x".join(map(str, (*middle, last, first)))
        return [f"input {shown} has {last} channels, for they stand last; is {turned} meant?"]
    return []


def _of_the_classes(network: Network) -> list[str]:
    graph = network.graph
    if len(graph.nodes) > _MOST_NODES:
        return []
    names = dict.fromkeys(filter(None, (_classifier(graph, index) for index in graph.outputs)))
    other = network.at_another_alpha() if names else None
    if other is None:
        return []
    alpha, there = other
    here, elsewhere = widths(graph), widths(there)
    return [
        f"alpha scales the outputs of {name}: {here[name]} at alpha {as_text(network.settings['alpha'])}, "
        f"{elsewhere[name]} at {as_text(alpha)}; a width written with = in front stays"
        for name in names
        if name in here and elsewhere.get(name, here[name]) != here[name]
    ]


def _classifier(graph: Graph, index: int) -> str:
    """The layer that decides the classes of an output: a linear one, or a convolution before a pooling; else ""."""
    pooled = False
    while index != INPUT:
        node = graph.nodes[index]
        if node.operator.name == "linear" or (node.operator.name == "conv" and pooled):
            return node.layer
        if len(node.inputs) != 1 or "out" in node.operator.declared:
            return ""
        pooled = pooled or node.operator.name in ("gap", "softmax")
        index = node.inputs[0]
    return ""
