"""How a library writes a network's operators: `as` on a row, in a library's name, and of a whole library.

`as: {timm: {bn: functional, "gap in *squeeze_excite*": method}}` holds for all names of a library; a name under `also`
may have an `as` of its own. Keys are operators, or operators in layers whose names match a pattern; those come first.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from fnmatch import fnmatchcase
from functools import partial
from typing import TypeAlias

from costcalc.errors import nearest, one_of
from costcalc.operators import REGISTRY, WRITTEN, Written
from costcalc.spec import read
from costcalc.spec.model import Cell
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Node, Scalar

AS = "as"
"""The field that says how the operator, its norm and its activation are written: a word, or a list of words."""
Key: TypeAlias = tuple[str, str]
"""An operator, and a pattern of the names of the layers that it stands in."""
Facts: TypeAlias = Map[Key, Written]
EVERY = "*"
_MOST = 40


def read_written(node: Node | None, problems: Problems) -> Facts:
    """Operators, or operators in layers whose names match a pattern, and how each is written."""
    found: dict[Key, Written] = {}
    content = read.mapping(node, problems, "`as`")
    for key, (scalar, value) in content.entries.items():
        op, inside, pattern = key.partition(" in ")
        if op not in REGISTRY or (inside and not pattern):
            problems.unknown(scalar, "operator", op, REGISTRY)
        elif not isinstance(value, Scalar) or value.text not in WRITTEN:
            text = value.text if isinstance(value, Scalar) else ""
            problems.add(value, f"'{key[:40]}' is written in no known way", hint=partial(_hint, text))
        elif len(found) == _MOST:
            problems.add(scalar, "too many keys under `as`", f"at most {_MOST}")
            break
        else:
            found[op, pattern or EVERY] = Written(value.text)
    return merged([found])


def merged(facts: Iterable[Facts]) -> Facts:
    """What the first of them say that say anything; patterns stand before operators alone."""
    found: dict[Key, Written] = {}
    for one in facts:
        found = {**one, **found}
    return dict(sorted(found.items(), key=lambda item: item[0][1] == EVERY))


def read_libraries(node: Node | None, problems: Problems) -> dict[str, Facts]:
    """The section `as` of a spec: what each library writes."""
    entries = read.mapping(node, problems, "`as`").entries
    found = {}
    for key, (scalar, value) in entries.items():
        if read.word(scalar, problems, "a library"):
            found[key] = read_written(value, problems)
    return found


def check_words(cell: Cell, problems: Problems) -> None:
    """Report a word of a row's `as` that is none."""
    for item in cell.items or (cell,):
        if item.text not in WRITTEN:
            message = f"'{item.text[:40]}' is no way to write an operator"
            problems.add(item.place, message, hint=partial(_hint, item.text))


def _hint(text: str) -> tuple[str, str]:
    return one_of(WRITTEN), nearest(text, WRITTEN)


def words_of(cell: Cell | None) -> tuple[Written, ...]:
    """The ways that a row's `as` names: of its operator, its norm, its activation."""
    if cell is None or not cell.applies:
        return ()
    return tuple(Written(item.text) for item in cell.items or (cell,))


def written_at(facts: Facts, layer: str, op: str) -> Written | None:
    """What a library says of an operator in a layer, None if nothing."""
    for (name, pattern), word in facts.items():
        if name == op and (pattern == EVERY or fnmatchcase(layer, pattern)):
            return word
    return None
