"""The end of a walk: nodes that no output needs go; layers get names, blocks and stages from the file's hierarchy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from costcalc.graph import INPUT, Builder, Graph, Node
from costcalc.importers.program import Operation
from costcalc.operators import REGISTRY, Operator

_LEAF = re.compile(r"[._/]?(weight|bias|kernel|gamma|beta|scale|shift|w|b|W|B|weights|quantized)(_quantized|_0)?$")
_COPY = re.compile(r"(?:.*\D)?\d+")
_CONTAINERS = ("blocks", "layers", "layer", "block")


class Made(NamedTuple):
    """Which operator of the file a node comes from, and the parameter that names it ("" if none does)."""

    name: str
    operation: Operation


class Completed(NamedTuple):
    """A node that stands for an earlier one and for the operator after it, `rest`: a convolution with its bias."""

    before: int
    rest: Operator


Within: TypeAlias = Callable[[str], tuple[str, str]]
"""The block and the stage of a layer, by its name."""


def finished(
    builder: Builder,
    made: Sequence[Made],
    outputs: Sequence[int],
    within: Within,
    completed: Mapping[int, Completed],
) -> Graph:
    """The graph of the nodes that the outputs need, in their order, with names.

    An output that another node takes as well is shown by an `identity`, as a spec would write it: its map must stay.
    """
    nodes = _taken_apart(builder.nodes, outputs, completed)
    needed = _needed(nodes, outputs)
    at = {INPUT: INPUT, **{old: new for new, old in enumerate(needed)}}
    kept = [nodes[old]._replace(inputs=tuple(at[i] for i in nodes[old].inputs)) for old in needed]
    origins = [made[old] for old in needed]
    taken = {source for node in kept for source in node.inputs}
    ends = list(dict.fromkeys(at[output] for output in outputs))
    for place, end in enumerate(ends):
        if end in taken:
            ends[place] = len(kept)
            path = layer_name(origins[end].name) or origins[end].operation.scope
            origins.append(origins[end]._replace(name=f"{path}.output".lstrip(".")))
            identity = REGISTRY["identity"]()
            kept.append(
                kept[end]._replace(operator=identity, inputs=(end,), row=identity.name, parts=(), declared=None)
            )
    return Graph(builder.input, tuple(_named(kept, origins, within)), tuple(ends), builder.batch)


def _taken_apart(nodes: Sequence[Node], outputs: Sequence[int], completed: Mapping[int, Completed]) -> list[Node]:
    """The nodes, where one that was completed has other readers with its completion after it: it runs only once."""
    found = list(nodes)
    needed = set(_needed(nodes, outputs))
    for index in sorted(needed & completed.keys(), reverse=True):
        before, rest = completed[index]
        if before in needed:
            found[index] = found[index]._replace(operator=rest, inputs=(before,), row=rest.name)
    return found


def _needed(nodes: Sequence[Node], outputs: Sequence[int]) -> list[int]:
    seen: set[int] = set()
    waiting = list(outputs)
    while waiting:
        index = waiting.pop()
        if index != INPUT and index not in seen:
            seen.add(index)
            waiting.extend(nodes[index].inputs)
    return sorted(seen)


def _named(nodes: list[Node], made: Sequence[Made], within: Within) -> list[Node]:
    users: dict[int, int] = {}
    for node in nodes:
        for source in node.inputs:
            users[source] = users.get(source, 0) + 1
    layers = {layer_name(origin.name) for origin in made}
    taken: dict[str, int] = {"input": 1}
    found: list[Node] = []
    for node, origin in zip(nodes, made, strict=True):
        last = max(node.inputs, default=INPUT)
        above = found[last] if last != INPUT else None
        if above is not None and users[last] == 1 and _is_post_op(above, node):
            found.append(node._replace(layer=above.layer, block=above.block, stage=above.stage))
            continue
        path = layer_name(origin.name) or origin.operation.scope
        if path.endswith("."):  # one of several in a module
            path += node.operator.name
        block, stage = within(path)
        if not path and above is not None and "." in above.block:
            block, stage = above.block, above.stage
        if path and not layer_name(origin.name) and path in layers:  # what is put in for a layer leaves the name to it
            path = f"{path}.{node.operator.name}"
        name = path or (f"{block}.{node.operator.name}" if block else node.operator.name)
        name = _fresh(name, taken)
        found.append(node._replace(layer=name, block=block or name, stage=stage or block or name))
    return found


def _is_post_op(above: Node, node: Node) -> bool:
    """Whether a norm or an activation belongs to the layer before it, as in a spec's row."""
    families = ["norm", "activation"]
    if node.operator.family not in families:
        return False
    before = above.operator.family
    if before in families:
        return families.index(before) < families.index(node.operator.family) and above.layer != ""
    return before in ("conv", "linear")


def layer_name(parameter: str) -> str:
    """The layer that a parameter belongs to: `features.0.0.weight` -> `features.0.0`; "" of one without hierarchy."""
    path = parameter.rsplit("::", maxsplit=1)[-1].strip("/").replace("/", ".")
    cut = _LEAF.sub("", path)
    return cut if cut and not re.fullmatch(r"(val|const|constant|Constant|expand|t|_val)?[_.]?\d*", cut) else ""


def hierarchy(path: str) -> tuple[str, str]:
    """The block and the stage of a layer: what comes up to its first number, and before it.

    `features.3.conv.0` is in block `features.3` of stage `features`; `stages.0.blocks.1.conv` in `stages.0.blocks.1`
    of `stages.0`. A layer without numbers is in the module that it belongs to.
    """
    parts = path.split(".")
    last = len(parts) - 1
    for i, part in enumerate(parts[:-1]):
        if not _COPY.fullmatch(part):
            continue
        inner = next(
            (
                j
                for j in (i + 1, i + 2)
                if j < last and parts[j].isdigit() and (j == i + 1 or parts[j - 1] in _CONTAINERS)
            ),
            None,
        )
        if inner is not None:
            return ".".join(parts[: inner + 1]), ".".join(parts[: i + 1])
        return ".".join(parts[: i + 1]), ".".join(parts[:i]) or part
    if len(parts) > 1 and _COPY.fullmatch(parts[-1]):
        return path, ".".join(parts[:-1])
    return (".".join(parts[:-1]),) * 2 if len(parts) > 1 else ("", "")


def _fresh(name: str, taken: dict[str, int]) -> str:
    """A name that is not taken; `taken` holds the last number tried after each."""
    found, number = name, taken.get(name, 1)
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    taken[name], taken[found] = number, taken.get(found, 1)
    return found
