"""A graph in entries, as a spec writes them: an operator with the norm and the activation that follow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field
from typing import Any, NamedTuple

from costcalc.graph import INPUT, Graph
from costcalc.operators import Operator
from costcalc.operators.base import sizes_of


class Entry(NamedTuple):
    """One entry: `fields` are those that differ from their defaults, `sources` are entries (or INPUT).

    `channels` are those that it puts out, `block` is the part of the network that it belongs to.
    """

    op: str
    fields: dict[str, Any]
    norm: str
    act: str
    dtype: str
    sources: tuple[int, ...]
    channels: int
    block: str
    layer: str
    sides: tuple[int, ...]  # the positions that its first source puts out


def entries(graph: Graph) -> list[Entry]:
    """The entries of a graph, in order; sizes are plain numbers."""
    found: list[Entry] = []
    at = {INPUT: INPUT}
    for first, end in spans(graph):
        node, last = graph.nodes[first], graph.nodes[end]
        words = {"norm": "", "activation": ""}
        for following in graph.nodes[first + 1 : end + 1]:
            words[following.operator.family] = following.operator.name
        found.append(
            Entry(
                node.operator.name,
                plain_fields(node.operator, len(node.output.spatial)),
                words["norm"],
                words["activation"],
                str(node.formats.activations or ""),
                tuple(at[source] for source in node.inputs),
                last.output.channels,
                node.block,
                node.layer,
                graph.shape(node.inputs[0]).spatial if node.inputs else (),
            )
        )
        for inside in range(first, end + 1):
            at[inside] = len(found) - 1
    return found


def spans(graph: Graph) -> Iterator[tuple[int, int]]:
    """The first and the last node of each entry."""
    uses: dict[int, int] = {}
    for source in (index for node in graph.nodes for index in node.inputs):
        uses[source] = uses.get(source, 0) + 1
    index = 0
    while index < len(graph.nodes):
        end = _last_of_entry(graph, index, uses)
        yield index, end
        index = end + 1


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
            if follows and uses.get(end) == 1 and not written_fields(node.operator):
                end += 1
    return end


def written_fields(operator: Operator) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    declared: dict[str, Field[Any]] = getattr(operator, "__dataclass_fields__", {})
    values = {name: getattr(operator, name) for name in declared}
    return {name: value for name, value in values.items() if value != declared[name].default}


def shown_fields(operator: Operator) -> dict[str, Any]:
    """The fields that differ from their defaults, and the kernel always."""
    found = written_fields(operator)
    kernel = {"k": getattr(operator, "k")} if "k" in operator.declared else {}  # noqa: B009
    return {name: (kernel | found)[name] for name in operator.declared if name in kernel | found}


def default_of(op: type[Operator], name: str) -> Any:
    """A field's default, None if it has none."""
    default = getattr(op, "__dataclass_fields__")[name].default  # noqa: B009
    return None if default is MISSING else default


def plain_fields(operator: Operator, count: int) -> dict[str, Any]:
    """The fields to write: the kernel always, but no padding that makes the same sizes as `same` does."""
    found = written_fields(operator)
    if "k" in operator.declared:
        found = {"k": getattr(operator, "k"), **found}  # noqa: B009
    pad = found.get("pad")
    if (
        operator.family == "conv"
        and operator.name != "conv_transpose"
        and pad is not None
        and _is_same(operator, count)
    ):
        del found["pad"]
    return found


def _is_same(operator: Any, count: int) -> bool:
    """Whether a padding is half the kernel on every side: at any stride, sizes are as with `same`."""
    kernel, pad, dilation = operator.k, operator.pad, getattr(operator, "dilation", 1)
    if isinstance(pad, str) or (isinstance(pad, tuple) and len(pad) != count):
        return False
    sides: Sequence[Any] = [sizes_of(value, count) for value in (kernel, pad, dilation)]
    return all(k % 2 == 1 and 2 * p == d * (k - 1) for k, p, d in zip(*sides, strict=True))
