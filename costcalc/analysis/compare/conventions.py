"""Networks under every convention: one row a convention, for the table that a paper's appendix needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costcalc.analysis.compare.side_by_side import ratio
from costcalc.analysis.records import plain
from costcalc.counting import Counting, convention_names
from costcalc.ledger import ledger_of
from costcalc.network import Network


def under_all(networks: Sequence[tuple[str, Network]], words: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each convention that ships: what its total is called, the totals, the parameters, and its status.

    One network gives the columns `total` and `params`; of several, each has a column of its own, then its ratio to
    the first. `words` further say how to count.
    """
    graphs = [(name, network.graph) for name, network in networks]
    rows = []
    for convention in convention_names():
        counting = Counting.of(**{**words, "convention": convention})
        ledgers = [(name, ledger_of(graph, counting)) for name, graph in graphs]
        chosen = counting.convention
        row: dict[str, Any] = {"convention": chosen.name, "measure": chosen.total}
        totals = {name: plain(ledger[chosen.total]) for name, ledger in ledgers}
        if len(ledgers) == 1:
            row |= {"total": next(iter(totals.values())), "params": plain(ledgers[0][1]["params"])}
        else:
            first = next(iter(totals.values()))
            row |= totals
            row |= {f"{name}_ratio": ratio(total, first) for name, total in list(totals.items())[1:]}
        left_out = list(dict.fromkeys(op for _, ledger in ledgers for op in ledger.left_out))
        row |= {
            "status": "partial" if left_out else "complete",
            "left_out": ", ".join(left_out),
            "counts": chosen.title,
        }
        rows.append(row)
    return rows
