"""Graphs, and what they cost under a convention."""

from __future__ import annotations

from functools import cache

import costcalc
from costcalc.counting import Counting
from costcalc.graph import Graph
from costcalc.ledger import Ledger, ledger_of


@cache
def graph(network: str, resolution: str = "", batch: str = "1") -> Graph:
    chosen = {"resolution": resolution} if resolution else {}
    return costcalc.load(network, batch=batch, **chosen).graph


def ledger(graph: Graph, convention: str) -> Ledger:
    return ledger_of(graph, Counting.of(convention))


def layer(text: str, shape: str = "28x28x32") -> Graph:
    return costcalc.from_spec(f"costcalc: 1\nname: one\ninput: {shape}\nlayers:\n{text}\n").graph
