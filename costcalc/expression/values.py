"""The kinds of value that an expression can have: told apart here, and nowhere else.

Whoever needs a number, a condition or a word asks for it here and is told what was found instead; what is inside a
number (an int, a grid, a symbol) is the matter of `costcalc.quantity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc import quantity
from costcalc.errors import CostcalcError


class Kind(StrEnum):
    """A kind of value, with its article."""

    NUMBER = "a number"
    CONDITION = "a condition"
    WORD = "a word"
    SHAPE = "a shape"
    TABLE = "a table"
    LIST = "a list"
    NOTHING = "nothing"


NUMBER, CONDITION, WORD, SHAPE, TABLE, LIST, NOTHING = Kind
_PLAIN = {
    int: NUMBER, Fraction: NUMBER, bool: CONDITION, str: WORD, dict: TABLE, tuple: LIST, type(None): NOTHING,
}  # fmt: skip
EXPECTED = {
    NUMBER: "a number, as 32 or x.c / 2",
    CONDITION: "a condition, as s == 1",
    WORD: "a word, as relu",
    SHAPE: "a shape, as x",
    TABLE: "a table of the section `tables`",
}


class ExpressionError(CostcalcError):
    """An expression that cannot be read or evaluated; `offset` and `length` locate the fault in its text."""

    def __init__(
        self, message: str, *, offset: int = 0, length: int = 0, expected: str = "", unknown: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length
        self.expected = expected
        self.unknown = unknown  # the name that nobody knows, for a "did you mean"


class Source(NamedTuple):
    """The piece of an expression's text that a value comes from."""

    text: str
    offset: int = 0


def kind_of(value: Any) -> Kind:
    """The kind of a value."""
    kind = _PLAIN.get(type(value))
    if kind is not None:
        return kind
    if isinstance(value, Mapping):
        return TABLE
    if hasattr(value, "channels"):
        return SHAPE
    return CONDITION if quantity.is_condition(value) else NUMBER


def described(value: Any) -> str:
    """What a value is, as it follows "is": `the word relu`, `a shape, 8x8x3`, `3/2`."""
    kind = kind_of(value)
    if kind in (SHAPE, LIST):
        return f"{kind}, {value if kind is SHAPE else 'x'.join(map(quantity.as_text, value))}"
    if kind is WORD:
        return f"the word {value}"
    return (
        quantity.as_text(value)
        if kind is NUMBER or type(value) is bool
        else "not set"
        if kind is NOTHING
        else str(kind)
    )


def refused(value: Any, source: Source, expected: str) -> ExpressionError:
    """The error for a value of the wrong kind."""
    found = described(value)
    if found in (source.text, f"the word {source.text}"):
        found = kind_of(value)
    message = f"'{source.text}' is {found}"
    return ExpressionError(message, offset=source.offset, length=len(source.text), expected=expected)


def require(kind: Kind, value: Any, source: Source) -> Any:
    """`value` if it is of this kind. Raises ExpressionError at its source if not."""
    if _PLAIN.get(type(value)) is not kind and kind_of(value) is not kind:
        raise refused(value, source, EXPECTED[kind])
    return value


def truth(value: Any, source: Source) -> bool:
    """Whether a condition holds, or a number is not zero. Raises ExpressionError for any other kind."""
    kind = kind_of(value)
    if kind is NUMBER:
        return quantity.holds(quantity.differ(value, 0))
    if kind is not CONDITION:
        raise refused(value, source, EXPECTED[CONDITION])
    return quantity.holds(value)


_COMPARABLE = {(NUMBER, WORD), (WORD, NUMBER), (WORD, CONDITION), (CONDITION, WORD)}
"""Kinds that one argument may have in turn (`pad: same` and `pad: 1`): never equal, but no mistake."""


def equal(a: Any, b: Any, left: Source, right: Source) -> Any:
    """The condition a == b. Raises ExpressionError for kinds that cannot be compared."""
    first, second = kind_of(a), kind_of(b)
    if first is second is NUMBER:
        return quantity.same(a, b)
    if first is second is WORD:
        return bool(a == b)
    if first is second is CONDITION:
        return quantity.holds(a) == quantity.holds(b)
    if (first, second) in _COMPARABLE:
        return False
    for value, kind, source in ((a, first, left), (b, second, right)):
        if kind not in (NUMBER, CONDITION, WORD):
            raise refused(value, source, "a number, a condition or a word")
    raise refused(b, right, f"{first}, as on the left")


def table_key(value: Any, source: Source) -> Any:
    """The key under which a table is looked up: a single number, flag or word, whatever settings are swept or open.

    Raises ExpressionError for any other kind.
    """
    kind = kind_of(value)
    if kind is NUMBER:
        return quantity.concrete(value)
    if kind is CONDITION:
        return quantity.holds(value)
    if kind is not WORD:
        raise refused(value, source, "a key of the table: a number or a word")
    return value
