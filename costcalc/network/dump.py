"""A graph back to a spec: flat, every number final. Reading it again gives the same network."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from costcalc.escape import yaml_quoted
from costcalc.graph import INPUT, Graph
from costcalc.network.declaration import Bound
from costcalc.network.entries import shown_fields, spans
from costcalc.network.scaled import ALPHA
from costcalc.quantity import as_text
from costcalc.spec.read import MOST_CHARACTERS, NETWORK_NAME, as_name


def dump(graph: Graph, bound: Bound, steps: Sequence[str] = (), scaled: Collection[str] = ()) -> str:
    """The text of a spec with one entry per layer; `steps` are the transforms that its title and name tell of.

    `scaled` are the layers whose widths alpha scales: each is marked."""
    told = [f"# {ALPHA} after a layer: it scales the layer's width"] if scaled else []
    lines = [*head(graph, bound, steps), *told, "layers:"]
    names: dict[int, str] = {INPUT: "input"}
    taken = {"input": 1}
    previous = INPUT
    for index, end in spans(graph):
        name = _name(graph.nodes[index].layer, taken)
        mark = f"  # {ALPHA}" if graph.nodes[index].layer in scaled else ""
        lines.append(f"- {name}: {{{_entry(graph, index, end, previous, names)}}}{mark}")
        for inside in range(index, end + 1):
            names[inside] = name
        previous = end
    return "\n".join(lines) + "\n"


def head(graph: Graph, bound: Bound, steps: Sequence[str]) -> list[str]:
    """The lines of a spec before its layers."""
    source = ", ".join(f"{key}: {yaml_quoted(value)}" for key, value in bound.source.items())
    settings = ", ".join(f"{key} {as_text(value)}" for key, value in bound.settings.items())
    safe = re.sub("[^a-z0-9_.]", "_", "_".join([bound.name, *steps]).lower())
    safe = (safe if NETWORK_NAME.fullmatch(safe) else f"network{safe}")[:MOST_CHARACTERS]
    return [
        "costcalc: 1",
        f"name: {safe}",
        f"title: {yaml_quoted('@'.join([bound.title, *steps]))}",
        *([f"source: {{{source}}}"] if source else []),
        f"input: {graph.input}",
        *([f"settings: {{batch: {graph.batch}}}"] if graph.batch != 1 else []),
        f"# at {settings}",
    ]


def _name(layer: str, taken: dict[str, int]) -> str:
    """A name that is not taken; `taken` holds the last number tried after each."""
    base = as_name(layer, "layer")
    name, number = base, taken.get(base, 1)
    while name in taken:
        number += 1
        name = f"{base[: MOST_CHARACTERS - len(str(number)) - 1]}_{number}"
    taken[base], taken[name] = number, taken.get(name, 1)
    return name


def _entry(graph: Graph, index: int, end: int, previous: int, names: dict[int, str]) -> str:
    node = graph.nodes[index]
    operator = node.operator
    parts = [f"op: {operator.name}"]
    if node.inputs and node.inputs != (previous,):
        sources = [names[i] for i in node.inputs]
        parts.append(f"from: {sources[0]}" if len(sources) == 1 else f"from: [{', '.join(sources)}]")
    parts.extend(f"{name}: {_value(value, final=name == 'out')}" for name, value in shown_fields(operator).items())
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
