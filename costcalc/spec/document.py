"""Restricted YAML: text to a tree of nodes that know where they stand.

No tags, anchors, aliases, merge keys, duplicate keys or second documents; size, depth and number of nodes are bounded.
Scalars stay text: their type is decided by whoever reads them, never by their look.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import yaml

from costcalc.errors import Place, SpecError
from costcalc.spec.commas import cut_by_bracket, cut_by_commas
from costcalc.spec.nesting import opened_too_deep
from costcalc.spec.problems import MAX_NODES, Problems, short
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence, Source

MAX_BYTES = 1_000_000
MAX_DEPTH = 24
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_ASCII_TEXT = re.compile("[^\t\n -~]")
_NO_BREAK = re.compile("[\x85\u2028\u2029]")
"""YAML 1.1 ends a line at these, no editor does: they are blanks."""
_DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*%")


@cache
def _no_text() -> re.Pattern[str]:
    """What no text holds beyond ASCII: compiled when a file needs it, for that takes milliseconds."""
    return re.compile("[^\t\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read_document(source: Source, problems: Problems) -> Node:
    """The tree of a document. Raises SpecError if it is not YAML at all or breaks a bound."""
    if len(source.text) > MAX_BYTES:
        problems.add(source.place(0, 0), f"the file has {len(source.text)} characters", f"at most {MAX_BYTES}")
        problems.stop()
    text = source.text[: source.end]
    if not text.isascii():
        text = _NO_BREAK.sub(" ", text)
    if no_text := (_NO_ASCII_TEXT if text.isascii() else _no_text()).search(text):
        problems.add(source.place_of(no_text.start()), "not YAML: a character that may not stand in a text file")
        problems.stop()
    if directive := _DIRECTIVE.match(text):
        problems.add(
            source.place_of(directive.end() - 1), "a directive (%)", "no directives: `costcalc: 1` is the version"
        )
        problems.stop()
    reader = _Reader(source, text, problems)
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reader.bound_first(mark.index if mark else len(text))
        place = source.place(mark.line, mark.column) if mark else source.place(0, 0)
        if cut := cut_by_bracket(place.text, place.column - 1) if reader.brackets else None:
            first, last = cut
            cell, ended = place.text[first:last], place.text[first : place.column - 1].rstrip()
            message = f"inside [...] and {{...}} a bracket ends '{short(ended)}'"
            problems.add(source.place(place.line - 1, first, last - first), message, f'quotes: "{short(cell)}"')
            raise problems.error() from None
        if place.text[place.column - 1 : place.column] == "\t":
            problems.add(place, "a tab", "blanks: YAML has no tabs before a line or a value")
            raise problems.error() from None
        context = f" ({error.context})" if error.context else ""
        problems.add(place, f"not YAML: {error.problem or 'cannot be read'}{context}")
    except (yaml.YAMLError, ValueError, OverflowError):  # the parser in Python lets Python's own errors through
        problems.add(source.place_of(reader.last), "not YAML: what follows cannot be read")
    raise problems.error()


class _Reader:
    def __init__(self, source: Source, text: str, problems: Problems) -> None:
        self.source = source
        self.text = text
        self.problems = problems
        self.depth = 0  # of the nodes that may come next
        self.brackets = 0  # that are open
        self.last = 0  # where the last event ended
        self.event: Callable[[], Any] = _Loader(text).get_event

    def next(self) -> Any:
        event = self.event()
        self.last = event.end_mark.index
        return event

    def bound_first(self, stop: int) -> None:
        """Raise our own error if, before the character at which the parser gave up, the nesting is too deep."""
        at = opened_too_deep(self.text, self.last, stop + 1, self.brackets, MAX_DEPTH - self.depth + 1)
        if at is not None:
            raise self.beyond(self.source.place_of(at), deep=True)

    def beyond(self, place: Place, deep: bool) -> SpecError:
        bound = f"nested more than {MAX_DEPTH} deep" if deep else f"more than {MAX_NODES} values"
        self.problems.add(place, bound, f"at most {MAX_DEPTH} levels and {MAX_NODES} values")
        return self.problems.error()

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
            self.problems.add(self.source.place(0, 0), "the file is empty", "lines, beginning with `costcalc: 1`")
            raise self.problems.error()
        return root

    def node(self, event: Any, depth: int) -> Node:
        place = self.place(event)
        self.problems.values += 1
        if depth > MAX_DEPTH or self.problems.values > MAX_NODES:
            raise self.beyond(place, depth > MAX_DEPTH)
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            self.refuse(event, place)
        kind = type(event)
        if kind is yaml.ScalarEvent:
            return Scalar(event.value, place, bool(event.style))  # of a plain one the parsers say None or nothing
        if kind is yaml.AliasEvent:
            return Scalar("_", place)
        self.depth, flow = depth + 1, bool(event.flow_style)
        self.brackets += flow
        read = self.sequence if kind is yaml.SequenceStartEvent else self.mapping
        inside = read(place, depth, flow)
        self.brackets -= flow
        self.depth = depth
        return inside

    def sequence(self, place: Place, depth: int, flow: bool) -> Sequence:
        items = []
        while type(event := self.next()) is not yaml.SequenceEndEvent:
            items.append(self.node(event, depth + 1))
        if flow:
            for first, last, whole in self.cut([_plain(item) for item in items]):
                items[first : last + 1] = [whole]
        return Sequence(tuple(items), place)

    def cut(self, texts: list[Scalar | None]) -> list[tuple[int, int, Scalar]]:
        """Texts that commas have cut into pieces: each is told, and put together so that nothing else is said of it.

        The first piece, the last one and the whole text, from the last text to the first.
        """
        if not any(text and "(" in text.text for text in texts):
            return []
        found = []
        for first, last in cut_by_commas([text and text.text for text in texts]):
            pieces = [text for text in texts[first : last + 1] if text]
            start, end = pieces[0].place, pieces[-1].place
            whole = ", ".join(piece.text for piece in pieces)
            if start.line == end.line:
                whole = start.text[start.column - 1 : end.column - 1 + end.length]
                start = start._replace(length=len(whole))
            message = f"inside [...] and {{...}} a comma ends '{short(pieces[0].text)}'"
            self.problems.add(start, message, f'quotes: "{short(whole)}"')
            found.append((first, last, Scalar(whole, start)))
        return found[::-1]

    def refuse(self, event: Any, place: Place) -> None:
        """Report an alias, an anchor or a tag."""
        if isinstance(event, yaml.AliasEvent):
            expected = "the value itself: specs have no anchors or aliases"
            self.problems.add(place, f"an alias (*{short(event.anchor)})", expected)
            return
        if event.anchor is not None:
            self.problems.add(
                place, f"an anchor (&{short(event.anchor)})", "no anchors: use `blocks` or `let` to share"
            )
        if event.tag is not None:
            self.problems.add(place, f"a tag ({short(event.tag)})", "no tags: specs are plain text, lists and mappings")

    def mapping(self, place: Place, depth: int, flow: bool) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        pairs: list[tuple[Node, Node]] = []
        while type(event := self.next()) is not yaml.MappingEndEvent:
            key = self.node(event, depth + 1)
            pairs.append((key, self.node(self.next(), depth + 1)))
        if flow:
            for first, last, whole in self.cut([_plain(value) or _plain(key) for key, value in pairs]):
                pairs[first : last + 1] = [(pairs[first][0], whole)]
        for key, value in pairs:
            if not isinstance(key, Scalar):
                self.problems.add(key, "a key that is a list or a mapping", "a word")
            elif key.text == "<<":
                self.problems.add(key, "a merge key (<<)", "no merge keys: use `blocks` or `defaults` to share")
            elif key.text in entries:
                earlier = entries[key.text][0].place
                self.problems.add(key, f"duplicate key '{short(key.text)}'", note=f"first in line {earlier.line}")
            else:
                entries[key.text] = (key, value)
        return Mapping(entries, place)


def _plain(node: Node) -> Scalar | None:
    """The node, if it is a text without quotes."""
    return node if isinstance(node, Scalar) and node.text and not node.quoted else None
