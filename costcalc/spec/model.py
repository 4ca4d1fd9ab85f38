"""A spec as data: what the file says, every cell with its place, nothing evaluated yet.

The records are named tuples and not dataclasses because a report should start like a shell builtin: making a frozen
dataclass costs seven times as much at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from costcalc.errors import Place
from costcalc.operators import Written
from costcalc.spec.tree import Mapping as Tree
from costcalc.spec.tree import Source

NOTHING: Mapping[Any, Any] = {}
"""For whoever has none; a plain one, as networks go to the processes of `--jobs`, which a MappingProxyType cannot."""


class Cell(NamedTuple):
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

    @property
    def shown(self) -> str:
        """The text as a message quotes it."""
        return self.text if self.items is None else f"[{', '.join(item.text for item in self.items)}]"


class WidthRule(NamedTuple):
    """How a width (or a depth) is scaled and rounded: `round` is an expression in w, or the name of a function."""

    scale: Cell
    round: Cell


EVERY_WIDTH = "*"
"""The key of a width rule that holds for every column of channel counts."""


class Statement(NamedTuple):
    """A row of the layer table, or an entry of a block's body."""

    op: Cell
    args: dict[str, Cell]
    name: str = ""
    sources: tuple[Cell, ...] = ()
    when: Cell | None = None
    repeat: Cell | None = None
    declared_input: Cell | None = None
    declared_output: Cell | None = None


class Block(NamedTuple):
    """A named group of operators; `args` maps each argument to its default, None for those `needed` in every call."""

    name: str
    inputs: tuple[str, ...]
    args: dict[str, Cell | None]
    needed: tuple[str, ...]
    body: tuple[Statement, ...]
    scope: Scope
    place: Place
    about: str = ""


class Scope(NamedTuple):
    """What the blocks of one file can see: the file's blocks, its defaults per operator, whether it is shared."""

    source: Source
    blocks: dict[str, Block]
    defaults: dict[str, dict[str, Cell]]
    shared: bool = False


class Setting(NamedTuple):
    """What a person may set: its default, what it is, and the values allowed (any if empty), found at once."""

    name: str
    default: Any
    about: str = ""
    choices: Mapping[Any, None] = NOTHING
    place: Place | None = None


class Sections(NamedTuple):
    """The sections that a variant may state for itself."""

    title: str | None = None
    input: Cell | None = None
    layers: tuple[Statement, ...] | None = None
    widths: dict[str, WidthRule] | None = None
    year: str | None = None
    lets: dict[str, Cell] | None = None  # those of the file that it defines anew
    scope: Scope | None = None  # that of its layers, if a patch changed something


class Variant(NamedTuple):
    """A named combination of settings, built on another variant if `base` names one.

    `patch` is what it says of rows and defaults of what it is built on, as the file has it.
    """

    name: str
    settings: dict[str, Any]
    sections: Sections
    base: str = ""
    about: str = ""
    place: Place | None = None
    base_place: Place | None = None  # where `base` stands
    written: Mapping[tuple[str, str], Written] = NOTHING
    patch: Tree | None = None
    has_table: bool = False  # whether it states its layers itself, and does not only change rows


class Published(NamedTuple):
    """Figures that the authors print, as printed, for one variant and setting."""

    figures: dict[str, str]
    settings: dict[str, Any]
    variant: str
    at: str
    counts: str
    because: dict[str, str]
    transform: str  # what stands after the network's `@`
    place: Place


class Spec(NamedTuple):
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
    written: Mapping[str, Mapping[tuple[str, str], Written]] = NOTHING
    libraries: Mapping[str, Variant] = NOTHING  # what holds for all names of a library

    def __repr__(self) -> str:
        return f"<Spec {self.name}>"

    def library_of(self, name: str) -> Variant | None:
        """What holds for all names of the library that a name is of, None if nothing is said of it."""
        library, slash, _ = name.partition("/")
        return self.libraries.get(library) if slash else None

    def chain(self, name: str) -> list[Variant]:
        """The variants that a name is built on, the deepest first, each library's ways before its names'."""
        chain: list[Variant] = []
        while name != self.name:
            variant = self.variants.get(name) or self.also[name]
            chain.append(variant)
            if library := self.library_of(name):
                chain.append(library)
            name = variant.base or self.name
        return chain[::-1]

    def settings_of(self, name: str) -> dict[str, Any]:
        """The value of every setting that a name has by itself."""
        settings = {key: setting.default for key, setting in self.settings.items()}
        for variant in self.chain(name):
            settings.update(variant.settings)
        return settings

    def sections_of(self, name: str) -> Sections:
        """What holds for a name: what it states itself, or the last below it that does, or the file; every `let`."""
        last = Sections(self.title, self.input, self.layers, self.widths, self.year, self.lets, self.scope)
        for variant in self.chain(name):
            own = {key: value for key, value in variant.sections._asdict().items() if value is not None}
            last = last._replace(**{**own, "lets": {**(last.lets or {}), **(variant.sections.lets or {})}})
        return last

    def title_of(self, name: str) -> str:
        """The title of a network: the one that its name, or the last below it that has one, states.

        A library's name for something else than it is built on is its own title: with other settings, rows, widths ...
        """
        if "/" in name and not (own := self.also[name]).sections.title:
            settings = self.settings_of(own.base or self.name)
            if library := self.library_of(name):
                settings.update(library.settings)
            stated = (own.patch, own.has_table, own.sections.input, own.sections.widths, own.sections.lets)
            if any(stated) or any(settings[key] != value for key, value in own.settings.items()):
                return name
        return self.sections_of(name).title or name

    @property
    def every_variant(self) -> tuple[Variant, ...]:
        """Whatever states something beside the file itself."""
        return (*self.variants.values(), *self.also.values(), *self.libraries.values())

    @property
    def scopes(self) -> list[Scope]:
        """The scope of the file, and those in which variants have changed rows."""
        changed = (variant.sections.scope for variant in self.every_variant)
        return list({id(scope): scope for scope in (self.scope, *changed) if scope}.values())

    @property
    def words(self) -> dict[str, str]:
        """The words that its settings can be set to; each stands for itself in an expression."""
        choices = (choice for setting in self.settings.values() for choice in (setting.default, *setting.choices))
        return {choice: choice for choice in choices if isinstance(choice, str)}

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which this file answers: its own, its variants', and the libraries'."""
        return (self.name, *self.variants, *self.also)
