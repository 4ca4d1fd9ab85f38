"""Training: what autograd keeps from the forward pass, and which gradients the backward pass multiplies out.

Decided here and nowhere else, of the graph's structure alone, so it holds on ints, grids and symbols alike.

- A map is kept if the gradient of some operator is computed from it; `keeps` of the operator says from which, as
  PyTorch's `derivatives.yaml` has it. A map is kept once, however many operators need it: the first of them is charged.
- To keep a view is to keep the whole map that it is a view of. Dropout is no view in training: it draws a mask and
  writes a new map.
- Whether an activation runs in place changes nothing of what is kept. relu, sigmoid and tanh need their result, which
  is one map either way. relu6, hswish and others need their input: in place, PyTorch copies it before it is
  overwritten. Only leaky_relu would keep less in place (its result alone); it is counted as it is by default, not so.
- What depends on the network's input alone has no gradient. It keeps nothing, and nothing is kept for it: the first
  convolution computes the gradient of its weights, not that of its input.
- With checkpoints (arXiv:1604.06174) the layers are cut into segments. The maps that enter a segment are kept; what is
  kept inside is freed, and computed again when the backward pass arrives there. The last segment is not computed
  again: the backward pass begins with it.
"""

from __future__ import annotations

from typing import NamedTuple

from costcalc.graph import INPUT, Graph
from costcalc.operators import Keeps


class Training(NamedTuple):
    """For each node, in running order.

    `learns`: whether a gradient passes through it. `gradients`: how many products as large as its own the backward pass
    takes, of its weights and of its inputs. `kept`: the nodes (or INPUT) whose maps it is the first to keep from the
    forward pass; `recomputed`: the first to keep while its segment is computed again. `segment` is the one that it
    belongs to, () without checkpoints; `members` are the nodes of each segment.
    """

    learns: tuple[bool, ...]
    gradients: tuple[int, ...]
    kept: tuple[tuple[int, ...], ...]
    recomputed: tuple[tuple[int, ...], ...]
    segment: tuple[int, ...] = ()
    members: tuple[tuple[int, ...], ...] = ()

    def is_recomputed(self, index: int) -> bool:
        """Whether a node runs forward twice."""
        return bool(self.segment) and self.segment[index] != len(self.members) - 1


def training_of(graph: Graph, layers_each: int = 0) -> Training:
    """What training keeps of a graph, with a checkpoint at every so many layers, 0 for none."""
    learns = _learns(graph)
    homes = _homes(graph)
    keeps = _first(_kept(graph, homes, learns))
    gradients = tuple(
        node.operator.is_learned() + sum(source != INPUT and learns[source] for source in node.inputs)
        for node in graph.nodes
    )
    if not layers_each:
        return Training(learns, gradients, keeps, ((),) * len(keeps))
    segments = _segments(graph, layers_each)
    entering = _first(
        [[homes[source] for source in node.inputs if _segment(segments, source) != segments[index]]
         for index, node in enumerate(graph.nodes)]
    )  # fmt: skip
    borders = {home for found in entering for home in found}
    inside = tuple(tuple(home for home in found if home not in borders) for found in keeps)
    members: list[list[int]] = [[] for _ in range(max(segments) + 1)]
    for index, segment in enumerate(segments):
        members[segment].append(index)
    return Training(learns, gradients, entering, inside, segments, tuple(map(tuple, members)))


def _learns(graph: Graph) -> tuple[bool, ...]:
    """Whether each node's output depends on something that is learned."""
    found: list[bool] = []
    for node in graph.nodes:
        found.append(node.operator.is_learned() or any(found[source] for source in node.inputs if source != INPUT))
    return tuple(found)


def _homes(graph: Graph) -> dict[int, int]:
    """For each node, and the input, the node whose map its output lies in."""
    homes = {INPUT: INPUT}
    for index, node in enumerate(graph.nodes):
        operator = node.operator
        homes[index] = homes[node.inputs[0]] if operator.is_view and not operator.draws_a_mask else index
    return homes


def _kept(graph: Graph, homes: dict[int, int], learns: tuple[bool, ...]) -> list[list[int]]:
    """The maps that each node needs for its gradients."""
    found: list[list[int]] = []
    for index, node in enumerate(graph.nodes):
        maps: list[int] = []
        sources = node.inputs
        learned = [source != INPUT and learns[source] for source in sources]
        match node.operator.kept_maps() if learns[index] else Keeps.NOTHING:
            case Keeps.INPUT:
                maps = [homes[source] for source in sources]
            case Keeps.EACH_OTHER:
                others = sum(learned)
                maps = [homes[source] for source, own in zip(sources, learned, strict=True) if others > own]
            case Keeps.RESULT:
                maps = [index]
            case Keeps.BOTH:
                maps = [*(homes[source] for source in sources), index]
        found.append(maps)
    return found


def _first(found: list[list[int]]) -> tuple[tuple[int, ...], ...]:
    """Each map with the first node that names it."""
    seen: set[int] = set()
    parts = []
    for maps in found:
        parts.append(tuple(home for home in dict.fromkeys(maps) if home not in seen))
        seen.update(maps)
    return tuple(parts)


def _segments(graph: Graph, layers_each: int) -> tuple[int, ...]:
    """The segment of each node: so many layers after each other."""
    order = {name: place for place, name in enumerate(dict.fromkeys(node.layer for node in graph.nodes))}
    return tuple(order[node.layer] // layers_each for node in graph.nodes)


def _segment(segments: tuple[int, ...], source: int) -> int:
    return INPUT if source == INPUT else segments[source]
