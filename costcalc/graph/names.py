"""Names that an expression can see, without copying those that many expressions share, and names of nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costcalc.errors import Problem, SpecError
from costcalc.spec.model import Statement


class Layer(dict[str, Any]):
    """Names of its own over those of `below`, which it does not copy."""

    __slots__ = ("below",)

    def __init__(self, below: Mapping[str, Any], /, **own: Any) -> None:
        self.below = below
        if own:
            self.update(own)

    def __missing__(self, name: str) -> Any:
        return self.below[name]


class Nodes(dict[str, int]):
    """What `from` can name: nodes by the names that were given, and of the automatic names those asked for."""

    def __init__(self, asked: frozenset[str], given: dict[str, int]) -> None:
        super().__init__(given)
        self.asked = asked

    def number(self, label: str, index: int) -> None:
        """Note the node of an automatic name, which is the last part of its label, if it is asked for."""
        if (name := label.rpartition(".")[2]) in self.asked:
            self.setdefault(name, index)


def sources_of(statement: Statement, nodes: Nodes) -> tuple[int, ...]:
    """The nodes named after `from`. Raises SpecError for one that is not there at these settings."""
    if not statement.sources:
        return ()
    for cell in statement.sources:
        if cell.text in nodes.asked and cell.text not in nodes:
            message = f"no '{cell.text[:60]}' stands above at these settings"
            expected = "a name, or an operator and its number as in a report: conv1"
            raise SpecError([Problem(cell.place, message, expected)])
        if cell.text not in nodes:
            message = f"'{cell.text}' is left out at these settings"
            raise SpecError([Problem(cell.place, message, "a node whose `when` holds")])
    return tuple(nodes[cell.text] for cell in statement.sources)
