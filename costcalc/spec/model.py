"""A spec as data: what the file says, every cell with its place, nothing evaluated yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from costcalc.errors import Place
from costcalc.spec.document import Source


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row or body as text; `final` if written with `=`, `items` if it was a list."""

    text: str
    place: Place
    final: bool = False
    items: tuple[Cell, ...] | None = None
    width: str = ""  # the column under whose width rule it falls; "" if it is no width

    @property
    def applies(self) -> bool:
        """False for `_`: the column does not apply to this row."""
        return self.text != "_" or self.items is not None


@dataclass(frozen=True, slots=True)
class WidthRule:
    """How a width (or a depth) is scaled and rounded: `round` is an expression in w, or the name of a function."""

    scale: Cell
    round: Cell


EVERY_WIDTH = "*"
"""The key of a width rule that holds for every column of channel counts."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A row of the layer table, or an entry of a block's body."""

    op: Cell
    args: dict[str, Cell]
    name: str = ""
    sources: tuple[Cell, ...] = ()
    when: Cell | None = None
    repeat: Cell | None = None
    declared_input: Cell | None = None
    declared_output: Cell | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A named group of operators; `args` maps each argument to its default, None where it must be given."""

    name: str
    inputs: tuple[str, ...]
    args: dict[str, Cell | None]
    body: tuple[Statement, ...]
    scope: Scope
    place: Place


@dataclass(frozen=True, slots=True)
class Scope:
    """What the blocks of one file can see: the file's blocks, its defaults per operator, whether it is shared."""

    source: Source
    blocks: dict[str, Block] = field(default_factory=dict)
    defaults: dict[str, dict[str, Cell]] = field(default_factory=dict)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What a person may set: its default, what it is, and the values allowed (any if empty)."""

    name: str
    default: Any
    about: str = ""
    choices: tuple[Any, ...] = ()
    least: Any = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections that a variant may state for itself."""

    title: str | None = None
    input: Cell | None = None
    layers: tuple[Statement, ...] | None = None
    widths: dict[str, WidthRule] | None = None
    year: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A named combination of settings, built on another variant if `base` names one."""

    name: str
    settings: dict[str, Any]
    sections: Sections
    base: str = ""
    about: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """Figures that the authors print, as printed, for one variant and setting."""

    figures: dict[str, str]
    settings: dict[str, Any]
    variant: str
    at: str
    counts: str
    because: dict[str, str]
    place: Place


@dataclass(frozen=True, slots=True)
class Spec:
    """One spec file."""

    name: str
    title: str
    family: str
    year: str
    source: dict[str, str]
    input: Cell
    settings: dict[str, Setting]
    lets: dict[str, Cell]
    tables: dict[str, dict[Any, Any]]
    widths: dict[str, WidthRule]
    depths: WidthRule | None
    layers: tuple[Statement, ...]
    variants: dict[str, Variant]
    also: dict[str, Variant]
    published: tuple[Published, ...]
    scope: Scope

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which this file answers: its own, its variants', and the libraries'."""
        return (self.name, *self.variants, *self.also)
