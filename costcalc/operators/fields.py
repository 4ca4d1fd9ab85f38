"""What a field of an operator is: each is declared with a value that says what a spec may write there.

    groups: Quantity = count(default=1, divides=True, example="g")

`default` is the value of a field that is left out; one without must be written. `example` is what counting rules and
formulas show the field with, a letter of `costcalc.operators.examples` for a number; without, its default.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, Field, field
from typing import Any, NamedTuple, TypeAlias

from costcalc.errors import one_of
from costcalc.quantity import Quantity

Extent: TypeAlias = Quantity | tuple[Quantity, ...]
"""A size per dimension: one number for all, or one each (`3`, `1x7`)."""
Padding: TypeAlias = str | Quantity | tuple[Quantity, ...]
"""`same`, `valid`, a number, one number per dimension, or (before, after) per dimension."""


class Kind(NamedTuple):
    """What a field takes: whole numbers from `least` (none if it is None), one per dimension or alone, and words."""

    name: str
    least: int | None = None
    per_dimension: bool = False
    words: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What a field of this kind takes, as an error says it."""
        if self is FLAG:
            return "true or false"
        if self.least is None:
            return one_of(self.words, 30)
        alone = ", ".join([*self.words, f"a whole number from {self.least}"])
        return alone + (", or one per dimension as 1x7" if self.per_dimension else "")


COUNT = Kind("count", least=1)
NUMBER = Kind("number", least=0)
EXTENT = Kind("extent", least=1, per_dimension=True)
PADDING = Kind("padding", least=0, per_dimension=True, words=("same", "valid"))
FLAG = Kind("flag")


def one_word(words: Iterable[str]) -> Kind:
    """The kind of a field that takes one of these words."""
    return Kind("word", words=tuple(words))


class FieldRule(NamedTuple):
    """One field of an operator as a spec row may write it."""

    name: str
    kind: Kind
    required: bool = False
    divides: bool = False  # must divide the channels: the field at fault where something does not
    example: Any = None


_RULE = "rule"


def rules_of(declared: Iterable[Field[Any]]) -> dict[str, FieldRule]:
    """The rules of an operator's dataclass fields, each under its name."""
    return {one.name: one.metadata[_RULE]._replace(name=one.name, required=one.default is MISSING) for one in declared}


def _declared(kind: Kind, default: Any, example: Any, divides: bool = False) -> Any:
    return field(default=default, metadata={_RULE: FieldRule("", kind, divides=divides, example=example)})


def count(*, default: Quantity = MISSING, example: str | None = None, divides: bool = False) -> Any:
    """A whole number above zero: channels, groups. One that `divides` must divide the channels."""
    return _declared(COUNT, default, example, divides)


def number(*, default: Quantity | None = MISSING, example: str | int | None = None) -> Any:
    """A whole number, zero included."""
    return _declared(NUMBER, default, example)


def extent(*, default: Extent | None = MISSING, example: str | tuple[str, ...] | None = None) -> Any:
    """A size per dimension (`Extent`)."""
    return _declared(EXTENT, default, example)


def padding(*, default: Padding = MISSING, example: str | None = None) -> Any:
    """What lies around the positions (`Padding`)."""
    return _declared(PADDING, default, example)


def flag(*, default: bool, example: bool | None = None) -> Any:
    """`true` or `false`."""
    return _declared(FLAG, default, example)


def word(*choices: str, default: str, example: str | None = None) -> Any:
    """One of the words of `choices`."""
    return _declared(one_word(choices), default, example)
