"""Conventions: small tables that turn counters into one named total.

A convention lists, per operator or family of operators, an expression over names (`costcalc.counting.names`), and the
operators that it leaves out on purpose. An operator that is in neither list makes the total partial, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from costcalc.counting.names import ABOUT, BATCH, NAMES, Sizes
from costcalc.errors import Problem, SpecError
from costcalc.expression import Expression, ExpressionError
from costcalc.expression.values import NUMBER, Source, require
from costcalc.graph import NodeCost
from costcalc.operators import REGISTRY, WORK
from costcalc.quantity import Quantity
from costcalc.spec.check import at
from costcalc.spec.model import Cell

Known = Callable[[str], Quantity]
"""Gives the names that a node alone does not: bytes."""
PARAMS = "weights + biases + norm_affine"
"""The parameters that a convention counts unless it says otherwise."""
_TRIAL: dict[str, Any] = {**dict.fromkeys(ABOUT, 1), "x": Sizes(1, 1, 1, 1), "y": Sizes(1, 1, 1, 1)}


class Rule(NamedTuple):
    """An expression, and the cell that it stands in."""

    cell: Cell
    expression: Expression

    def of(self, row: NodeCost, batch: Quantity = 1, grows: bool = True, known: Known | None = None) -> Quantity:
        """Its number for a node; if it `grows`, names that do are `batch` times those of a sample.

        Raises SpecError at the cell if it has none.
        """
        once = not grows or (type(batch) is int and batch == 1)
        names: dict[str, Any] = {}
        for name, offset in self.expression.names:
            found = NAMES.get(name)
            if found is None:
                assert known is not None or name == BATCH
                names[name] = batch if name == BATCH or known is None else known(name)
                continue
            try:
                value = found.of(row)
            except ExpressionError as error:
                error.offset, error.length = offset, len(name)
                raise self._wrong(error) from None
            names[name] = value if once or not found.grows else value * batch
        return self._evaluated(names)

    def tried(self) -> None:
        """Raises SpecError at the cell unless it is a number where every name is 1."""
        self._evaluated(_TRIAL)

    def _evaluated(self, names: Mapping[str, Any]) -> Quantity:
        try:
            return require(NUMBER, self.expression.evaluate(names), Source(self.cell.shown))
        except ExpressionError as error:
            raise self._wrong(error) from None

    def _wrong(self, error: ExpressionError) -> SpecError:
        return SpecError([Problem(at(self.cell, error), error.message, error.expected)])


class Convention(NamedTuple):
    """A way to count: `total` names what it adds up, `title` says it in words, `purpose` when to use it."""

    name: str
    total: str
    title: str
    counts: Mapping[str, Rule]  # operator or family -> rule
    ignores: frozenset[str]  # operators and families that are left out on purpose
    params: Mapping[str, Rule]  # operator or family -> rule; "" holds for all others
    purpose: str = ""
    source: str = ""
    per_image: bool = False

    def __repr__(self) -> str:
        return f"<Convention {self.name}>"

    def rule(self, op: str) -> Rule | None:
        """The rule for an operator: its own, else its family's."""
        if op in self.counts or op in self.ignores:
            return self.counts.get(op)
        return self.counts.get(REGISTRY[op].family)

    def params_rule(self, op: str) -> Rule:
        """The rule for the parameters of an operator: its own, its family's, or that for all others."""
        return self.params.get(op) or self.params.get(REGISTRY[op].family) or self.params[""]

    def knows(self, op: str) -> bool:
        """Whether the operator is counted, or left out on purpose."""
        return any(word in self.counts or word in self.ignores for word in (op, REGISTRY[op].family))

    def count(self, row: NodeCost, batch: Quantity = 1, known: Known | None = None) -> Quantity:
        """The node's share of the total, for the whole batch; for one image if the convention counts that."""
        rule = self.rule(row.node.operator.name)
        if rule is None:
            return 0
        if rule.expression.text == "macs" and not self.per_image:
            macs = row.counters.macs
            return macs if type(batch) is int and batch == 1 else macs * batch
        return rule.of(row, batch, not self.per_image, known)

    def learns(self, row: NodeCost) -> bool:
        """Whether a node may have parameters that this convention counts."""
        return any(type(value) is not int or value for value in row.counters[len(WORK) :])

    def count_params(self, row: NodeCost) -> Quantity:
        """The parameters that this convention counts."""
        rule = self.params_rule(row.node.operator.name)
        if rule.expression.text == PARAMS:
            counters = row.counters
            return counters.weights + counters.biases + counters.norm_affine
        return rule.of(row)
