"""Conventions: small tables that turn counters into one named total.

A convention lists, per operator or family of operators, an expression in the counters, and the operators that it
leaves out on purpose. An operator that is in neither list makes the total partial, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from costcalc import expression
from costcalc.errors import Problem, SpecError, UsageError, nearest, one_of
from costcalc.expression import Expression, ExpressionError
from costcalc.expression.values import NUMBER, Source, require
from costcalc.graph import NodeCost
from costcalc.operators import COUNTERS, REGISTRY, WORK
from costcalc.quantity import Quantity
from costcalc.spec import catalogue, read
from costcalc.spec.check import at
from costcalc.spec.document import Node, Problems, read_document
from costcalc.spec.model import Cell

SECTIONS = ("costcalc", "convention", "total", "title", "source", "counts", "ignores", "params")
NAMES = (*COUNTERS, "inputs", "outputs")
"""What a rule may speak of: the counters, and the elements that go in and come out."""


class Rule(NamedTuple):
    """An expression in the counters, and the cell that it stands in."""

    cell: Cell
    expression: Expression

    def of(self, counters: Mapping[str, Quantity]) -> Quantity:
        """Its number. Raises SpecError at the cell if it has none."""
        try:
            return require(NUMBER, self.expression.evaluate(counters), Source(self.cell.shown))
        except ExpressionError as error:
            raise SpecError([Problem(at(self.cell, error), error.message, error.expected)]) from None


class Convention(NamedTuple):
    """A way to count: `total` names what it adds up, `title` says it in words."""

    name: str
    total: str
    title: str
    counts: dict[str, Rule]  # operator or family -> rule
    ignores: frozenset[str]
    params: Rule

    def rule(self, op: str) -> Rule | None:
        """The rule for an operator: its own, else its family's."""
        return self.counts.get(op) or self.counts.get(REGISTRY[op].family)

    def knows(self, op: str) -> bool:
        """Whether the operator is counted, or left out on purpose."""
        return self.rule(op) is not None or op in self.ignores or REGISTRY[op].family in self.ignores

    def count(self, row: NodeCost) -> Quantity:
        """The node's share of the total, for one sample."""
        operator = row.node.operator
        rule = self.rule(operator.name)
        if rule is None:
            return 0
        if rule.cell.text == "macs":
            return row.counters.macs
        return rule.of(_names(row))

    def learns(self, row: NodeCost) -> bool:
        """Whether a node may have parameters that this convention counts."""
        return any(type(value) is not int or value for value in row.counters.as_tuple()[len(WORK) :])

    def count_params(self, row: NodeCost) -> Quantity:
        """The parameters that this convention counts."""
        if self.params.cell.text == _PARAMS:
            counters = row.counters
            return counters.weights + counters.biases + counters.norm_affine
        return self.params.of(_names(row))


_PARAMS = "weights + biases + norm_affine"


def _names(row: NodeCost) -> dict[str, Quantity]:
    names = dict(zip(COUNTERS, row.counters.as_tuple(), strict=True))
    names["inputs"] = sum(shape.elements for shape in row.inputs)
    names["outputs"] = row.node.output.elements
    return names


@cache
def load_convention(name: str) -> Convention:
    """A convention by its name. Raises UsageError if there is none of that name, SpecError if its file is wrong."""
    source = catalogue.find_file("conventions", name)
    if source is None:
        known = convention_names()
        raise UsageError(f"unknown convention '{name[:40]}'", expected=one_of(known, 40), nearest=nearest(name, known))
    problems = Problems()
    root = read.mapping(read_document(source, problems), problems, "a convention")
    read.known_keys(root, SECTIONS, problems, "convention")

    def rule(key: str, scalar: object, node: Node) -> Rule:
        return _rule(read.cell(node, problems), problems)

    families = {cls.family for cls in REGISTRY.values()}
    counts = read.each(root.get("counts"), problems, "counts", rule)
    ignores = [
        read.word(item, problems, "an operator") for item in read.sequence(root.get("ignores"), problems, "ignores")
    ]
    for word in (*counts, *ignores):
        if word and word not in REGISTRY and word not in families:
            problems.unknown(root, "operator or family", word, (*REGISTRY, *families))
    params_node = root.get("params")
    written = read.cell(params_node, problems) if params_node else Cell(_PARAMS, root.place)
    params = _rule(written, problems)
    total = read.word(root.get("total"), problems, "the total's name") or "total"
    title = read.text(root.get("title"), problems, "title")
    if problems.found:
        raise SpecError(problems.found)
    return Convention(name, total, title, counts, frozenset(ignores), params)


def _rule(cell: Cell, problems: Problems) -> Rule:
    """A rule, tried on counters that are all 1: its operands and its result must be numbers."""
    try:
        rule = Rule(cell, expression.parse(cell.text if cell.items is None else cell.shown, of_costs=True))
    except ExpressionError as error:
        problems.add(at(cell, error), error.message, error.expected)
        return Rule(cell, expression.parse("0"))
    unknown = [(name, offset) for name, offset in rule.expression.names if name not in NAMES]
    for name, offset in unknown:
        place = at(cell, ExpressionError("", offset=offset, length=len(name)))
        problems.add(place, f"unknown counter '{name}'", one_of(NAMES, 20), nearest(name, NAMES))
    if not unknown:
        try:
            rule.of(dict.fromkeys(NAMES, 1))
        except SpecError as error:
            problems.found.extend(error.problems)
    return rule


def convention_names() -> tuple[str, ...]:
    """The conventions that ship with costcalc."""
    return catalogue.file_names("conventions")
