"""Restricted YAML: text to a tree of nodes that know where they stand.

No tags, anchors, aliases, merge keys, doubled keys or second documents; size, depth and number of nodes are bounded.
Scalars stay text: their type is decided by whoever reads them, never by their look.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import yaml

from costcalc.errors import Place, Problem, SpecError, nearest, one_of

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_NODES = 50_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Source(NamedTuple):
    """A spec's text and the name that messages give it."""

    file: str
    text: str
    lines: tuple[str, ...]
    end: int | None = None  # only the text before this is read

    @classmethod
    def of(cls, file: str, text: str) -> Source:
        return cls(file, text, tuple(text.split("\n")))

    def place(self, line: int, column: int, length: int = 1) -> Place:
        """The place at a line and column that count from 0."""
        text = self.lines[line] if line < len(self.lines) else ""
        return Place(self.file, line + 1, column + 1, max(1, min(length, len(text) - column)), text)


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


class Problems:
    """Collects what is wrong, so that all of a file's errors are told at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, at: Node | Place, message: str, expected: str = "", near: str = "", note: str = "") -> None:
        place = at if isinstance(at, Place) else at.place
        self.found.append(Problem(place, message, expected, near, note))

    def unknown(self, at: Node | Place, what: str, word: str, known: Any, expected: str = "", note: str = "") -> None:
        """An unknown word, with what was expected and the nearest known one."""
        self.add(at, f"unknown {what} '{_short(word)}'", expected or one_of(known, 24), nearest(word, known), note)

    def stop(self) -> None:
        """Raise SpecError if anything was found."""
        if self.found:
            raise SpecError(self.found)


def read_document(source: Source, problems: Problems) -> Node:
    """The tree of a document. Raises SpecError if it is not YAML at all or breaks a bound."""
    if len(source.text) > MAX_BYTES:
        problems.add(source.place(0, 0), f"the file has {len(source.text)} characters", f"at most {MAX_BYTES}")
        problems.stop()
    try:
        return _Reader(source, problems).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = source.place(mark.line, mark.column) if mark else source.place(0, 0)
        context = f" ({error.context})" if error.context else ""
        problems.add(place, f"not YAML: {error.problem or 'cannot be read'}{context}")
    except yaml.reader.ReaderError as error:
        line, column = _line_of(source.text, error.position)
        problems.add(source.place(line, column), "not YAML: a character that may not stand in a text file")
    raise SpecError(problems.found)


class _Reader:
    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.nodes = 0
        self.next: Callable[[], Any] = _Loader(source.text[: source.end]).get_event

    def place(self, event: Any) -> Place:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        text = self.source.lines[line] if line < len(self.source.lines) else ""
        length = (end.column if end.line == line else len(text)) - column
        return Place(self.source.file, line + 1, column + 1, length or 1, text)

    def document(self) -> Node:
        root: Node | None = None
        while type(event := self.next()) is not yaml.StreamEndEvent:
            if type(event) is yaml.DocumentStartEvent:
                if root is not None:
                    self.problems.add(self.place(event), "a second document", "one document a file")
                    self.problems.stop()
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, 0)
        if root is None:
            self.problems.add(self.source.place(0, 0), "the file is empty", "a spec, beginning with `costcalc: 1`")
            raise SpecError(self.problems.found)
        return root

    def node(self, event: Any, depth: int) -> Node:
        place = self.place(event)
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            bound = f"nested more than {MAX_DEPTH} deep" if depth > MAX_DEPTH else f"more than {MAX_NODES} values"
            self.problems.add(place, bound, f"at most {MAX_DEPTH} levels and {MAX_NODES} values")
            raise SpecError(self.problems.found)
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            self.refuse(event, place)
        kind = type(event)
        if kind is yaml.ScalarEvent:
            return Scalar(event.value, place, event.style is not None)
        if kind is yaml.SequenceStartEvent:
            items = []
            while type(inner := self.next()) is not yaml.SequenceEndEvent:
                items.append(self.node(inner, depth + 1))
            return Sequence(tuple(items), place)
        if kind is yaml.AliasEvent:
            return Scalar("_", place)
        return self.mapping(place, depth)

    def refuse(self, event: Any, place: Place) -> None:
        """Report an alias, an anchor or a tag."""
        if isinstance(event, yaml.AliasEvent):
            expected = "the value itself: specs have no anchors or aliases"
            self.problems.add(place, f"an alias (*{_short(event.anchor)})", expected)
            return
        if event.anchor is not None:
            self.problems.add(
                place, f"an anchor (&{_short(event.anchor)})", "no anchors: use `blocks` or `let` to share"
            )
        if event.tag is not None:
            self.problems.add(
                place, f"a tag ({_short(event.tag)})", "no tags: specs are plain text, lists and mappings"
            )

    def mapping(self, place: Place, depth: int) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while type(event := self.next()) is not yaml.MappingEndEvent:
            key = self.node(event, depth + 1)
            value = self.node(self.next(), depth + 1)
            if not isinstance(key, Scalar):
                self.problems.add(key, "a key that is a list or a mapping", "a word")
            elif key.text == "<<":
                self.problems.add(key, "a merge key (<<)", "no merge keys: use `blocks` or `defaults` to share")
            elif key.text in entries:
                first = entries[key.text][0].place
                self.problems.add(key, f"the key '{_short(key.text)}' is doubled", note=f"first in line {first.line}")
            else:
                entries[key.text] = (key, value)
        return Mapping(entries, place)


def _short(text: str | None) -> str:
    text = text or ""
    flat = "".join(c if c.isprintable() else " " for c in text)
    return flat if len(flat) <= 40 else flat[:37] + "..."


def _line_of(text: str, position: int) -> tuple[int, int]:
    before = text[: max(0, position)]
    return before.count("\n"), len(before) - (before.rfind("\n") + 1)
