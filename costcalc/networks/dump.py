"""A graph back to a spec: flat, every number final. Reading it again gives the same network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field
from typing import Any

from costcalc.escape import yaml_quoted
from costcalc.graph import INPUT, Graph
from costcalc.networks.declaration import Bound
from costcalc.operators import Operator
from costcalc.quantity import as_text


def dump(graph: Graph, bound: Bound, steps: Sequence[str] = ()) -> str:
    """The text of a spec with one entry per layer; `steps` are the transforms that its title and name tell of."""
    source = ", ".join(f"{key}: {yaml_quoted(value)}" for key, value in bound.source.items())
    settings = ", ".join(f"{key} {as_text(value)}" for key, value in bound.settings.items())
    safe = "".join(c if c.isalnum() or c in "_." else "_" for c in "_".join([bound.name, *steps]).lower())
    lines = [
        "costcalc: 1",
        f"name: {safe}",
        f"title: {yaml_quoted('@'.join([bound.title, *steps]))}",
        *([f"source: {{{source}}}"] if source else []),
        f"input: {graph.input}",
        *([f"settings: {{batch: {graph.batch}}}"] if graph.batch != 1 else []),
        f"# at {settings}",
        "layers:",
    ]
    names: dict[int, str] = {INPUT: "input"}
    taken = {"input": 1}
    uses: dict[int, int] = {}
    for source_of in (index for node in graph.nodes for index in node.inputs):
        uses[source_of] = uses.get(source_of, 0) + 1
    index = 0
    previous = INPUT
    while index < len(graph.nodes):
        end = _last_of_entry(graph, index, uses)
        name = _name(graph.nodes[index].layer, taken)
        lines.append(f"- {name}: {{{_entry(graph, index, end, previous, names)}}}")
        for inside in range(index, end + 1):
            names[inside] = name
        previous = end
        index = end + 1
    return "\n".join(lines) + "\n"


def _last_of_entry(graph: Graph, index: int, uses: dict[int, int]) -> int:
    """The last of the nodes that one entry can write: an operator, its norm, its activation, with standard fields."""
    end = index
    first = graph.nodes[index]
    post_ops = ["norm", "activation"]
    if first.operator.family in post_ops:
        post_ops = post_ops[post_ops.index(first.operator.family) + 1 :]
    for family in post_ops:
        if end + 1 < len(graph.nodes):
            node = graph.nodes[end + 1]
            follows = node.operator.family == family and node.layer == first.layer and node.inputs == (end,)
            if follows and uses.get(end) == 1 and not _fields(node.operator):
                end += 1
    return end


def _fields(operator: Operator) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    declared: dict[str, Field[Any]] = getattr(operator, "__dataclass_fields__", {})
    values = {name: getattr(operator, name) for name in declared}
    return {name: value for name, value in values.items() if value != declared[name].default}


def _name(layer: str, taken: dict[str, int]) -> str:
    """A name that is not taken; `taken` holds the last number tried after each."""
    base = layer.replace(".", "_")
    name, number = base, taken.get(base, 1)
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken[base], taken[name] = number, taken.get(name, 1)
    return name


def _entry(graph: Graph, index: int, end: int, previous: int, names: dict[int, str]) -> str:
    node = graph.nodes[index]
    operator = node.operator
    parts = [f"op: {operator.name}"]
    if node.inputs and node.inputs != (previous,):
        sources = [names[i] for i in node.inputs]
        parts.append(f"from: {sources[0]}" if len(sources) == 1 else f"from: [{', '.join(sources)}]")
    parts.extend(f"{name}: {_value(value, final=name == 'out')}" for name, value in _fields(operator).items())
    if node.formats.activations:
        parts.append(f"dtype: {node.formats.activations}")
    words = [one.written for one in graph.nodes[index : end + 1]]
    if any(one.declared for one in graph.nodes[index : end + 1]):
        parts.append(f"as: {words[0]}" if len(words) == 1 else f"as: [{', '.join(words)}]")
    for following in range(index + 1, end + 1):
        post_op = graph.nodes[following].operator
        parts.append(f"{'norm' if post_op.family == 'norm' else 'act'}: {post_op.name}")
    return ", ".join(parts)


def _value(value: Any, final: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return f"={value}" if final else str(value)
