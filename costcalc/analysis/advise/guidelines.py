"""The four guidelines of arXiv:1807.11164, section 2, each as a list of facts of a network."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.analysis.advise.finding import Advice, Advised, Finding, Guideline
from costcalc.counting import Counting
from costcalc.graph import Graph
from costcalc.ledger import Ledger, ledger_of
from costcalc.network import Network
from costcalc.operators import Shape
from costcalc.operators.conv import Conv
from costcalc.quantity import root_up
from costcalc.transform.separable import as_depthwise, pairs_of

MOST_FRAGMENTS = 3
"""So many fragments a block of a regular structure has: "in regular structures like ResNet, this number is 2 or 3"."""
OPERATIONS = "2 * macs + multiplications + additions + comparisons + divisions + exponentials"
ACCESS = "read + written + weights"
_ELEMENTWISE = ("activation", "norm", "join", "layout")
"""The families whose operators are element-wise: each value of the output is made of a few of the input."""


def advise_network(network: Network, counting: Counting) -> Advised:
    """A network beside the four guidelines. Raises UsageError and SpecError as `ledger_of` and `graph` do."""
    ledger = ledger_of(network.graph, counting)
    guidelines = tuple(of(ledger) for of in (widths, groups, fragments, elementwise))
    return Advised(network, counting, guidelines, ledger.left_out)


def widths(ledger: Ledger) -> Advice:
    """G1: each 1x1 convolution that does not read as much as it writes, and how far it is from the bound.

    All of them are facts; the most elements above the bound come first.
    """
    graph = ledger.graph
    pointwise = [index for index, node in enumerate(graph.nodes) if node.operator.sees_one_position()]
    found = []
    for index in pointwise:
        conv, x, y = _conv(graph, index)
        access, bound = ledger.of_nodes(ACCESS, [index]), ledger.of_nodes("least_moved + weights", [index])
        if ledger.of_node("read", index) != ledger.of_node("written", index):
            details = {
                "positions": "x".join(map(str, y.spatial)), "c1": x.channels, "c2": y.channels, "groups": conv.groups,
                "bound": bound, "above": access - bound,
            }  # fmt: skip
            found.append(_of_nodes(ledger, Guideline.WIDTHS, graph.nodes[index].layer, [index], access, bound, details))
    found.sort(key=lambda finding: -finding.details["above"])
    access, bound = ledger.of_nodes(ACCESS, pointwise), ledger.of_nodes("least_moved + weights", pointwise)
    summary = f"{len(found)} of {len(pointwise)} 1x1 convolutions do not read as much as they write"
    if pointwise:
        summary += f"; all of them access {access:,} elements, {access / bound:.3f} times the bound of {bound:,}"
    return Advice(Guideline.WIDTHS, tuple(found), summary)


def groups(ledger: Ledger) -> Advice:
    """G2: each convolution in groups, depthwise ones apart, beside one without groups of the same Mult-Adds.

    That one has c1 / sqrt(g) and c2 / sqrt(g) channels: as many weights, and so many fewer elements to move. It is the
    comparison of the paper's Table 2 (128 channels without groups, 360 in 8).
    """
    graph = ledger.graph
    found = []
    for index, node in enumerate(graph.nodes):
        if not isinstance(node.operator, Conv) or node.operator.groups == 1 or as_depthwise(graph, index):
            continue
        conv, x, y = _conv(graph, index)
        moved, weights = ledger.of_nodes("read + written", [index]), ledger.of_nodes("weights", [index])
        dense = weights + root_up(-(-(moved**2) // conv.groups))
        details = {
            "kernel": conv.kind().split()[1], "positions": "x".join(map(str, y.spatial)), "c1": x.channels,
            "c2": y.channels, "groups": conv.groups, "without_groups": dense, "more": moved + weights - dense,
        }  # fmt: skip
        found.append(_of_nodes(ledger, Guideline.GROUPS, node.layer, [index], moved + weights, dense, details))
    found.sort(key=lambda finding: -finding.details["more"])
    summary = "no convolution has groups, depthwise ones apart"
    if found:
        access, dense = (sum(one.memory_access for one in found), sum(one.details["without_groups"] for one in found))
        summary = (
            f"{len(found)} convolutions have groups, depthwise ones apart; they access {access:,} elements, "
            f"{access / dense:.3f} times those without groups, {dense:,}"
        )
    return Advice(Guideline.GROUPS, tuple(found), summary)


class _Blocks(NamedTuple):
    nodes: list[int]
    fragments: list[int]


def fragments(ledger: Ledger) -> Advice:
    """G3: each block of more than MOST_FRAGMENTS convolutions and poolings.

    A depthwise convolution and the 1x1 convolution that alone takes its output are one: only so are there 13 in a cell
    of NASNet-A, as the paper counts.
    """
    graph = ledger.graph
    second = {pair.depthwise for pair in pairs_of(graph)}
    blocks: dict[str, _Blocks] = {}
    for index, node in enumerate(graph.nodes):
        block = blocks.setdefault(node.block, _Blocks([], []))
        block.nodes.append(index)
        if node.operator.family in ("conv", "pool") and index not in second:
            block.fragments.append(index)
    found = []
    for name, block in blocks.items():
        if len(block.fragments) > MOST_FRAGMENTS:
            steps = _steps(graph, block)
            details = {"in_series": len(steps), "side_by_side": max(steps)}
            access = ledger.of_nodes(ACCESS, block.nodes)
            layers = tuple(dict.fromkeys(graph.nodes[index].layer for index in block.fragments))
            total = ledger.of_nodes("total", block.nodes)
            count = len(block.fragments)
            found.append(Finding(Guideline.FRAGMENTS, name, layers, total, access, count, details))
    found.sort(key=lambda finding: -int(finding.figure))
    counts = [len(block.fragments) for block in blocks.values() if block.fragments]
    summary = f"{len(found)} of {len(counts)} blocks have more than {MOST_FRAGMENTS} convolutions and poolings"
    if counts:
        summary += f"; {sum(counts) / len(counts):.2f} on average, {max(counts)} at most"
    return Advice(Guideline.FRAGMENTS, tuple(found), summary)


def _steps(graph: Graph, block: _Blocks) -> list[int]:
    """How many fragments of a block stand at each step of its longest chain; those at one step can run side by side."""
    inside, counted = set(block.nodes), set(block.fragments)
    depth: dict[int, int] = {}
    steps: dict[int, int] = {}
    for index in block.nodes:
        before = max((depth[source] for source in graph.nodes[index].inputs if source in inside), default=0)
        depth[index] = before + (index in counted)
        if index in counted:
            steps[depth[index]] = steps.get(depth[index], 0) + 1
    return [steps[step] for step in sorted(steps)]


def elementwise(ledger: Ledger) -> Advice:
    """G4: the kinds of element-wise operators, biases and depthwise convolutions among them, with their shares.

    `unfused` is the memory access where each operator is a kernel of its own that reads its inputs and writes its
    output, as a framework without fusion runs it; memory access itself counts what works in place as a part of the
    operator before.
    """
    graph = ledger.graph
    kinds: dict[str, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        operator = node.operator
        if as_depthwise(graph, index) is not None:
            kinds.setdefault(operator.kind(), []).append(index)
        elif operator.family in _ELEMENTWISE and not operator.is_view:
            kinds.setdefault(operator.name, []).append(index)
    biased = {index: None for index, cost in enumerate(ledger.costs) if cost.counters.biases}
    everything = range(len(graph.nodes))
    operations = ledger.of_nodes(OPERATIONS, everything)
    unfused = sum(_unfused(ledger, index) for index in everything) + sum(_bias_access(ledger, i) for i in biased)
    found = []
    for kind, nodes in kinds.items():
        mine = sum(_unfused(ledger, index) for index in nodes)
        done = ledger.of_nodes(OPERATIONS, nodes) - ledger.of_nodes("additions", [i for i in nodes if i in biased])
        found.append(_kind(ledger, kind, nodes, done, operations, mine, unfused))
    if biased:
        done, mine = ledger.of_nodes("additions", biased), sum(_bias_access(ledger, index) for index in biased)
        found.append(_kind(ledger, "bias", list(biased), done, operations, mine, unfused))
    found.sort(key=lambda finding: -finding.details["unfused"])
    done, mine, access = (sum(one.details["operations"] for one in found), sum(one.details["unfused"] for one in found),
                          sum(one.memory_access for one in found))  # fmt: skip
    whole, macs = ledger.of_nodes(ACCESS, everything), ledger.of_nodes("macs", everything)
    summary = (
        f"element-wise operators and depthwise convolutions are {_percent(done, operations)} of operations, "
        f"{_percent(mine, unfused)} of memory access where each is a kernel of its own, "
        f"{_percent(access, whole)} where what works in place is fused"
    )
    if macs:
        summary += f"; the network accesses {whole / macs:.4f} elements for each Mult-Add"
    return Advice(Guideline.ELEMENTWISE, tuple(found), summary)


def _kind(
    ledger: Ledger, kind: str, nodes: Sequence[int], done: int, operations: int, mine: int, unfused: int
) -> Finding:
    is_bias = kind == "bias"
    macs = 0 if is_bias else ledger.of_nodes("macs", nodes)
    details = {
        "count": len(nodes), "operations": done, "operations_percent": _share(done, operations), "unfused": mine,
        "access_per_mult_add": round(mine / macs, 4) if macs else None,
    }  # fmt: skip
    layers = tuple(dict.fromkeys(ledger.graph.nodes[index].layer for index in nodes))
    access = 0 if is_bias else ledger.of_nodes(ACCESS, nodes)
    total = 0 if is_bias else ledger.of_nodes("total", nodes)
    return Finding(Guideline.ELEMENTWISE, kind, layers, total, access, _share(mine, unfused), details)


def _unfused(ledger: Ledger, index: int) -> int:
    """Elements that a node moves as a kernel of its own, for the whole batch, and its weights; a view moves none."""
    cost = ledger.costs[index]
    if cost.node.operator.is_view:
        return 0
    moved = sum(shape.elements for shape in cost.inputs) + cost.node.output.elements
    return int(moved * ledger.graph.batch + cost.counters.weights)


def _bias_access(ledger: Ledger, index: int) -> int:
    """Elements that the addition of a bias moves as a kernel of its own: it reads a map and writes it."""
    return int(2 * ledger.graph.nodes[index].output.elements * ledger.graph.batch)


def _of_nodes(
    ledger: Ledger, guideline: Guideline, where: str, nodes: list[int], access: int, least: int,
    details: dict[str, Any],
) -> Finding:  # fmt: skip
    total = ledger.of_nodes("total", nodes)
    return Finding(guideline, where, (where,), total, access, Fraction(access, least), details)


def _conv(graph: Graph, index: int) -> tuple[Conv, Shape, Shape]:
    node = graph.nodes[index]
    assert isinstance(node.operator, Conv)
    return node.operator, graph.shape(node.inputs[0]), node.output


def _share(part: int, whole: int) -> float:
    """Per cent, to two decimals."""
    return round(100 * part / whole, 2) if whole else 0.0


def _percent(part: int, whole: int) -> str:
    return f"{_share(part, whole):.2f} %"
