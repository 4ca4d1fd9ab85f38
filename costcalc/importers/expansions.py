"""Widths that a network's author wrote as a multiple of others: t times what arrives, narrowed again at the end.

MobileNetV2's blocks and a transformer's are so; MobileNetV3's are widths of their own, of which some are multiples by
chance. So a file's expansions follow their inputs only if all of them are whole multiples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from costcalc.graph import INPUT, Graph, Node
from costcalc.importers.pieces import Pieces, Width, resolved, total

_SAME = ("norm", "activation", "pool")


class _Expansion(NamedTuple):
    width: Width
    input: Pieces

    @property
    def times(self) -> int:
        """How many times the input, 0 if it is no whole multiple."""
        times, rest = divmod(self.width.own, total(self.input))
        return 0 if rest else times


def expansions(graph: Graph, channels: Sequence[Pieces]) -> None:
    """Bind the widths of a network's expansions to their inputs, if all of them are whole multiples."""
    found = list(_found(graph, channels))
    if not all(one.times for one in found):
        return
    for width, arriving in found:
        pieces = resolved(arriving)
        if width.is_free and width.bound is None and all(inner is not width for inner, _ in pieces):
            times = width.own // total(arriving)
            width.bound = [(inner, count * times) for inner, count in pieces]


def _found(graph: Graph, channels: Sequence[Pieces]) -> Iterator[_Expansion]:
    users: dict[int, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            users.setdefault(source, []).append(index)
    seen: set[int] = set()
    for index, node in enumerate(graph.nodes):
        pieces = resolved(channels[index])
        width = pieces[0][0]
        is_new = len(pieces) == 1 and pieces[0][1] == 1 and id(width) not in seen
        seen.add(id(width))  # the first layer that has a width decides it; a channel scale has that of its map
        if not is_new or not _is_pointwise(node) or node.inputs[0] == INPUT or not width.is_free:
            continue
        arriving = channels[node.inputs[0]]
        if width.own > total(arriving) and _narrows(graph, users, index, width.own):
            yield _Expansion(width, arriving)


def _is_pointwise(node: Node) -> bool:
    operator: Any = node.operator
    return (
        operator.name in ("conv", "linear") and getattr(operator, "k", 1) == 1 and getattr(operator, "groups", 1) == 1
    )


def _narrows(graph: Graph, users: dict[int, list[int]], index: int, width: int) -> bool:
    """Whether the map goes, channel by channel, only to layers that put out fewer channels."""
    waiting, seen = [index], {index}
    reached = False
    while waiting:
        for user in users.get(waiting.pop(), []):
            node = graph.nodes[user]
            if node.operator.name in ("conv", "linear"):
                if node.output.channels >= width:
                    return False
                reached = True
            elif node.operator.name not in ("dwconv", "mul") and node.operator.family not in _SAME:
                return False
            elif user not in seen:
                seen.add(user)
                waiting.append(user)
    return reached
