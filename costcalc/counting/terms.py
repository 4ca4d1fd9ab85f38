"""What a rule of a convention counts of a node, term by term: so many times an amount, from the rule itself."""

from __future__ import annotations

from typing import NamedTuple

from costcalc.counting.conventions import Known, Rule
from costcalc.counting.names import BYTES, NAMES
from costcalc.expression import ExpressionError, parse
from costcalc.expression.terms import terms
from costcalc.graph import NodeCost
from costcalc.operators import STORED
from costcalc.quantity import Quantity

AMOUNTS = frozenset([*(name for name, found in NAMES.items() if found.grows), *STORED, *BYTES, "x", "y"])
"""The names that are amounts of a node; all others say how often an amount is counted."""


class Share(NamedTuple):
    """`each` times `elements`, which are the amount that `of` names."""

    of: str
    each: Quantity
    elements: Quantity


def shares(
    rule: Rule, row: NodeCost, batch: Quantity = 1, grows: bool = True, known: Known | None = None
) -> tuple[Share, ...]:
    """The terms of a rule for a node that are not zero; together they are `rule.of` the same.

    Raises SpecError at the rule's cell if it has no number for the node.
    """
    found = []
    for term in terms(rule.expression.text, AMOUNTS):
        try:
            parts = (parse(term.each, of_costs=True), parse(term.of, of_costs=True))
        except ExpressionError:  # in pieces it is longer than an expression may be
            return (Share(rule.expression.text, 1, rule.of(row, batch, grows, known)),)
        each = Rule(rule.cell, parts[0]).of(row, batch, grows, known)
        if each == 0:
            continue
        elements = Rule(rule.cell, parts[1]).of(row, batch, grows, known)
        if elements:
            found.append(Share(term.of, each, elements))
    return tuple(found)
