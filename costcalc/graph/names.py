"""Names that an expression can see, without copying those that many expressions share, and names of rows and nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from costcalc.errors import Problem, SpecError
from costcalc.spec.model import Statement
from costcalc.spec.statements import numbered


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


class Labels:
    """Names for the copies of rows, or of a body's entries, each once; `given` are those that the file gives them.

    What has no name is called by its operator and the next number that makes no other's name.
    """

    def __init__(self, given: frozenset[str]) -> None:
        self.used: set[str] = set()
        self.taken = set(given)
        self.free: dict[str, Iterator[str]] = {}  # further names of each operator

    def of(self, statement: Statement, copies: int) -> list[str]:
        """A name for each copy of a statement. Raises SpecError if one of them is the name of an entry above."""
        name = statement.name
        if name:
            found = [name] if copies == 1 else [f"{name}_{i + 1}" for i in range(copies)]
            for one in found:
                if one in self.used:
                    message = f"'{one[:40]}' is the name of an entry above"
                    raise SpecError([Problem(statement.op.place, message, "a name that no other entry or copy has")])
        else:
            op = statement.op.text
            found = list(islice(self.free.setdefault(op, numbered(op, self.taken)), copies))
        self.used.update(found)
        self.taken.update(found)
        return found


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
