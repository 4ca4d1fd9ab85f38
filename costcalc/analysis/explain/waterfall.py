"""From one total of a network to another, line by line: what each rule's terms count more or less."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from costcalc.counting import Convention
from costcalc.counting.names import ABOUT
from costcalc.counting.terms import shares
from costcalc.ledger import Ledger
from costcalc.measures import BYTES_OF

ONE_IMAGE = "of one image"
"""Stands behind an amount that is not that of the whole batch."""


class Line(NamedTuple):
    """One step: `operators` have `elements` of an amount, each of which counts `each` more (or less) than before.

    A step that is no rule's (another setting, rounding) has neither `of` nor `elements`; its name says what it is.
    """

    name: str
    amount: int
    each: int | Fraction = 0
    of: str = ""
    elements: int = 0


class Waterfall(NamedTuple):
    """The steps from one total to another; their amounts add up to the difference. `about` says what the ends count."""

    start: str
    first: int
    lines: tuple[Line, ...]
    end: str
    last: int
    about: tuple[str, ...] = ()

    @property
    def rest(self) -> int:
        """What the steps leave open: zero."""
        return self.last - self.first - sum(line.amount for line in self.lines)

    def as_dicts(self) -> list[dict[str, object]]:
        """A row for each end and each step, with the total so far."""
        total = self.first
        rows = [self._row(self.start, total=total)]
        for line in self.lines:
            total += line.amount
            rows.append(self._row(line.name, line, total))
        return [*rows, self._row(self.end, total=self.last)]

    def _row(self, name: str, line: Line | None = None, total: int = 0) -> dict[str, object]:
        counted = line is not None and bool(line.of)
        return {
            "from": self.start,
            "to": self.end,
            "step": name,
            "each": signed(line.each) if line and counted else "",
            "of": line.of if line else "",
            "elements": line.elements if line and counted else None,
            "amount": line.amount if line else None,
            "total": total,
        }


def signed(value: int | Fraction) -> str:
    """A number with its sign, as +2 or -1/3."""
    return f"{'+' if value > 0 else ''}{value}"


def steps(ledger: Ledger, before: Convention, after: Convention, of_params: bool = False) -> tuple[Line, ...]:
    """What `after` counts of a network beyond `before`, largest first; the amounts add up to the difference exactly.

    Amounts that both count as often are no step, nor are two names for the same amount of a node.
    """
    found: dict[tuple[str, str, int | Fraction], tuple[dict[str, None], int]] = {}
    for index, row in enumerate(ledger.costs):
        more = _amounts(ledger, index, after, of_params)
        for of, (each, elements) in _amounts(ledger, index, before, of_params).items():
            more[of] = (more.get(of, (0, 0))[0] - each, elements)
        operator = row.node.operator
        for of, (times, elements) in _without_pairs(more).items():
            names, so_far = found.setdefault((operator.family, of, times), ({}, 0))
            names[operator.name] = None
            found[operator.family, of, times] = names, so_far + elements
    lines = [
        Line(", ".join(names), int(times * elements), times, of, elements)
        for (_, of, times), (names, elements) in found.items()
    ]
    return tuple(sorted(lines, key=lambda line: -abs(line.amount)))


def _amounts(ledger: Ledger, index: int, convention: Convention, of_params: bool) -> dict[str, tuple[Fraction, int]]:
    """How often a convention counts each amount of a node, and how many there are."""
    row, batch = ledger.costs[index], ledger.graph.batch
    op = row.node.operator.name
    rule = convention.params_rule(op) if of_params else convention.rule(op)
    if rule is None:
        return {}
    grows = not (of_params or convention.per_image)
    found: dict[str, tuple[Fraction, int]] = {}
    size = 1 if of_params else batch
    for share in shares(rule, row, size, grows, lambda name: ledger.of_node(BYTES_OF[name], index)):
        of = share.of if grows or size == 1 else f"{share.of} {ONE_IMAGE}"
        found[of] = (found.get(of, (Fraction(0), 0))[0] + Fraction(share.each), int(share.elements))
    return found


def _without_pairs(amounts: dict[str, tuple[Fraction, int]]) -> dict[str, tuple[int | Fraction, int]]:
    """Without what is not counted otherwise than before, and without two amounts that cancel each other out."""
    left = {of: (each, elements) for of, (each, elements) in amounts.items() if each * elements}
    for of, (each, elements) in list(left.items()):
        if of not in left:
            continue
        for other, (times, others) in left.items():
            if times * others == -each * elements:
                del left[of], left[other]
                break
    return {of: (each.numerator if each.denominator == 1 else each, n) for of, (each, n) in left.items()}


def amounts_in(lines: Iterable[Line]) -> Sequence[str]:
    """What the names in the lines' amounts are, in words, each once: `inputs: elements of all maps that it takes`."""
    words = {word: None for line in lines for word in line.of.replace(".", " ").split() if word in ABOUT}
    return [f"{word}: {ABOUT[word]}" for word in words]
