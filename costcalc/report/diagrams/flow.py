"""A network as a diagram of its parts: a flow chart in Mermaid, inside Markdown, or a graph for Graphviz's dot."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from costcalc.errors import UsageError, word_of
from costcalc.graph import INPUT, Node
from costcalc.ledger import Entry, Ledger
from costcalc.report.diagrams.text import dot_text, fenced, mermaid_label
from costcalc.words import By

PARTS = (By.LAYER, By.BLOCK, By.STAGE)
"""What a box may stand for, the smallest first."""
_USUAL = 80
"""With more boxes than this they stand for something larger, unless that is asked for."""
MOST_EDGES = 500
_MOST_TEXT = 50_000
"""What Mermaid takes unless it is told otherwise: `maxEdges` and `maxTextSize` of its configuration."""


class DiagramFormat(StrEnum):
    """How a network is drawn."""

    MERMAID = "mermaid"
    DOT = "dot"


class _Diagram(NamedTuple):
    boxes: list[list[str]]  # the lines in each; the first is the network's input
    edges: list[tuple[int, int]]


def diagram(ledger: Ledger, title: str, format: str, by: str | None = None) -> str:
    """The network as text, ending in a newline: boxes are layers, or blocks or stages where those are too many.

    Raises UsageError for a part that no box stands for, and for more of them than Mermaid draws.
    """
    chosen = word_of(DiagramFormat, format, "format")
    wanted = word_of(By, by, "grouping") if by is not None else _suited(ledger)
    if wanted not in PARTS:
        raise UsageError(f"no diagram by {wanted}", expected=f"--by {', '.join(PARTS[:-1])} or {PARTS[-1]}")
    drawn = _drawn(ledger, wanted)
    if chosen is DiagramFormat.DOT:
        return _dot(drawn, title)
    text = _mermaid(drawn)
    if len(drawn.edges) > MOST_EDGES or len(text) > _MOST_TEXT:
        larger = " or ".join(f"--by {part}" for part in PARTS if PARTS.index(part) > PARTS.index(wanted))
        raise UsageError(
            f"{len(drawn.edges)} edges by {wanted}: Mermaid draws {MOST_EDGES}, in {_MOST_TEXT:,} characters",
            expected=" or ".join(filter(None, [larger, "--format dot"])),
        )
    return text


def _suited(ledger: Ledger) -> By:
    return next((by for by in PARTS if len(ledger.entries(by)) <= _USUAL), PARTS[-1])


def _drawn(ledger: Ledger, by: By) -> _Diagram:
    graph = ledger.graph
    entries = {entry.name: entry for entry in ledger.entries(by)}
    places = {name: place for place, name in enumerate(entries, 1)}
    edges: dict[tuple[int, int], None] = {}
    for node in graph.nodes:
        here = places[_part(node, by)]
        for index in node.inputs:
            there = 0 if index == INPUT else places[_part(graph.nodes[index], by)]
            if there != here:
                edges[there, here] = None
    return _Diagram([["input", str(graph.input)], *(_lines(ledger, entry) for entry in entries.values())], list(edges))


def _part(node: Node, by: By) -> str:
    return node.layer if by is By.LAYER else node.block if by is By.BLOCK else node.stage


def _lines(ledger: Ledger, entry: Entry) -> list[str]:
    """What stands in a box: the part's name, what it is (of one layer, its operator and stride), and its output."""
    assert entry.node is not None
    if entry.count > 1:
        return [entry.name, entry.op, str(entry.output)]
    stride, what = ledger.layers[entry.node.layer].geometry.stride, entry.node.operator.kind()
    strides = set(stride if isinstance(stride, tuple) else (stride,)) - {None, 1}
    times = "x".join(map(str, stride)) if isinstance(stride, tuple) else stride
    return [entry.name, f"{what}, stride {times}" if strides else what, str(entry.output)]


def _mermaid(drawn: _Diagram) -> str:
    boxes = (f"  n{place}[{mermaid_label(lines)}]\n" for place, lines in enumerate(drawn.boxes))
    edges = (f"  n{there} --> n{here}\n" for there, here in drawn.edges)
    return fenced("".join(["flowchart TB\n", *boxes, *edges]))


def _dot(drawn: _Diagram, title: str) -> str:
    def text(lines: Iterable[str]) -> str:
        return '"' + r"\n".join(dot_text(line)[1:-1] for line in lines) + '"'

    head = [
        "digraph {",
        f'  graph [label={text([title])}, labelloc=t, fontname="Helvetica"];',
        '  node [shape=box, fontname="Helvetica", fontsize=10, height=0.3];',
    ]
    boxes = [f"  n{place} [label={text(lines)}];" for place, lines in enumerate(drawn.boxes)]
    edges = [f"  n{there} -> n{here};" for there, here in drawn.edges]
    return "\n".join([*head, *boxes, *edges, "}"]) + "\n"
