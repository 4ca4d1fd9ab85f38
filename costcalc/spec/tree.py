"""A document as a tree of nodes that know where they stand; every scalar is text."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from costcalc.errors import Place


class Source(NamedTuple):
    """A spec's text and the name that messages give it. Lines end as editors see it: at \\n, \\r\\n or a lone \\r."""

    file: str
    text: str
    lines: tuple[str, ...]
    end: int | None = None  # only the text before this is read

    @classmethod
    def of(cls, file: str, text: str) -> Source:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return cls(file, text, tuple(text.split("\n")))

    def place(self, line: int, column: int, length: int = 1) -> Place:
        """The place at a line and column that count from 0."""
        text = self.lines[line] if line < len(self.lines) else ""
        return Place(self.file, line + 1, column + 1, max(1, min(length, len(text) - column)), text)

    def place_of(self, index: int) -> Place:
        """The place of a character of the text."""
        return self.place(self.text.count("\n", 0, index), index - (self.text.rfind("\n", 0, index) + 1))


class Scalar(NamedTuple):
    """A piece of text; `quoted` if it stood in quotes."""

    text: str
    place: Place
    quoted: bool = False


class Sequence(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    place: Place


class Mapping(NamedTuple):
    """Keys and values, in the order of the file."""

    entries: dict[str, tuple[Scalar, Node]]
    place: Place

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry[1] if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping
