"""TOML as the same tree of nodes that a spec is: text, and the place where it stands.

The standard library reads the file and says what is wrong with it, but keeps no places. They are found by a scan that
need not judge anything: it runs over text that is known to be TOML.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from typing import Any, TypeAlias

from costcalc.errors import Place
from costcalc.spec.document import MAX_DEPTH
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Mapping, Node, Scalar, Sequence, Source

_Path: TypeAlias = tuple[str | int, ...]
_Span: TypeAlias = tuple[int, int]


def read_toml(source: Source) -> Mapping:
    """The tree of a TOML file; scalars stay text, numbers as they are written. Raises SpecError if it is not TOML."""
    problems = Problems()
    _check_bounds(source, problems)
    try:
        data = tomllib.loads(source.text)
        scan = _Scan(source.text)
        root = _node(data, (), scan, source)
    except tomllib.TOMLDecodeError as error:
        place, reason = _where(source, str(error))
        problems.add(place, f"not TOML: {reason}")
    problems.stop()
    assert isinstance(root, Mapping)
    return root


MAX_VALUES = 20_000
MAX_NUMBER = 100
_BLANK = re.compile(r"(?:\s+|#[^\n]*)*+")
_STRING = r""""{3}(?:[^"\\]+|\\.|"(?!""))*+"{3,5}|'{3}(?:[^']+|'(?!''))*+'{3,5}|"(?:[^"\\\n]+|\\.)*+"|'[^'\n]*\'"""
_PIECE = re.compile(
    rf"""{_STRING}|(?:\s+|\#[^\n]*)++|(?P<opening>[\[{{])|(?P<closing>[\]}}])|(?P<next>[,=])|(?P<dot>\.)
    |(?P<quote>["'])|(?P<number>[+-]?[0-9][0-9A-Fa-f_xo]*)(?![A-Za-z_-])|[A-Za-z0-9_-]+""",
    re.VERBOSE | re.DOTALL,
)


def _check_bounds(source: Source, problems: Problems) -> None:
    """Raise SpecError for a text that a reader might choke on: nested deep, of many values, with endless numbers."""
    depth = dots = values = 0
    for piece in _PIECE.finditer(source.text):
        kind = piece.lastgroup
        if kind == "quote":
            return  # it does not end: tomllib says so
        values += kind in ("next", "opening", "dot")
        if kind in ("next", "opening"):
            dots = 0
        depth += (kind == "opening") - (kind == "closing")
        dots += kind == "dot"
        if depth > MAX_DEPTH or dots > MAX_DEPTH:
            wrong, expected = "nested too deep", f"at most {MAX_DEPTH} levels"
        elif values > MAX_VALUES:
            wrong, expected = "too many values", f"at most {MAX_VALUES}"
        elif kind == "number" and len(piece.group()) > MAX_NUMBER:
            wrong, expected = "a number is too long", f"at most {MAX_NUMBER} digits"
        else:
            continue
        problems.add(source.place_of(piece.start()), f"not TOML that can be read: {wrong}", expected)
        problems.stop()


_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _where(source: Source, message: str) -> tuple[Place, str]:
    """The place that tomllib's message ends with, and the rest of the message."""
    match = _AT.search(message)
    reason = message[: match.start()] if match else message
    reason = reason[:1].lower() + reason[1:]
    if match and match.group(1):
        return source.place(int(match.group(1)) - 1, int(match.group(2)) - 1), reason
    last = max((number for number, line in enumerate(source.lines) if line.strip()), default=0)
    return source.place(last, len(source.lines[last].rstrip())), f"{reason} at the end of the file"


def _node(value: Any, path: _Path, scan: _Scan, source: Source) -> Node:
    span = scan.values.get(path) or scan.keys.get(path) or (0, 0)
    place = scan.place(source, span)
    if isinstance(value, dict):
        entries = {}
        for key, inner in value.items():
            key_place = scan.place(source, scan.keys[*path, key])
            entries[key] = (Scalar(key, key_place), _node(inner, (*path, key), scan, source))
        return Mapping(entries, place)
    if isinstance(value, list):
        return Sequence(tuple(_node(inner, (*path, n), scan, source) for n, inner in enumerate(value)), place)
    if isinstance(value, str):
        return Scalar(value, place, quoted=True)
    return Scalar(source.text[slice(*span)].replace("_", ""), place)


_VALUE = re.compile(rf"{_STRING}|[^,\]}}#\n]*[^,\]}}#\s]", re.S)
_PART = rf"(?:{_STRING}|[A-Za-z0-9_-]+)"
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*", re.S)
_BARE = re.compile("[A-Za-z0-9_-]+")


class _Scan:
    """The stretch of text of every key and of every value, by path: the keys, and positions in lists, down to it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[_Path, _Span] = {}
        self.values: dict[_Path, _Span] = {}
        self.copies: dict[_Path, int] = {}  # of each [[table]], so far
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]
        table: _Path = ()
        while self.look():
            table = self.header() if self.look() == "[" else self.entry(table)

    def place(self, source: Source, span: _Span) -> Place:
        """Line and column of a stretch of the text."""
        line = bisect_right(self.lines, span[0]) - 1
        return source.place(line, span[0] - self.lines[line], span[1] - span[0])

    def look(self) -> str:
        """The next character that counts; "" at the end."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def header(self) -> _Path:
        """`[key]` or `[[key]]`: the path of the table that begins."""
        start = self.at
        brackets = 2 if self.text.startswith("[[", start) else 1
        self.at += brackets
        self.look()
        *parents, last = self.key()[0]
        table: _Path = ()
        for part in parents:
            table = self.newest((*table, part))
        table = (*table, last)
        self.at = self.text.index("]", self.at) + brackets
        self.mark(table, (start, self.at))
        if brackets == 1:
            return self.newest(table)
        self.copies[table] = self.copies.get(table, 0) + 1
        self.values[self.newest(table)] = (start, self.at)
        return self.newest(table)

    def newest(self, path: _Path) -> _Path:
        """The last copy, if a path leads to several tables."""
        return (*path, self.copies[path] - 1) if path in self.copies else path

    def mark(self, path: _Path, span: _Span) -> None:
        """The key of a path, and of the tables on the way that have none yet."""
        for length in range(1, len(path) + 1):
            self.keys.setdefault(path[:length], span)

    def entry(self, table: _Path) -> _Path:
        """`key = value`; returns the table again."""
        parts, span = self.key()
        path = (*table, *parts)
        self.mark(path, span)
        self.look()
        self.at += 1  # the sign =
        self.look()
        self.value(path)
        return table

    def key(self) -> tuple[list[str], _Span]:
        """A key's parts, read by tomllib, and where it stands."""
        match = _KEY.match(self.text, self.at)
        assert match, "a key"
        self.at = match.end()
        if _BARE.fullmatch(match.group()):
            return [match.group()], match.span()
        parts = []
        inner: Any = tomllib.loads(f"{match.group()} = 0")
        while isinstance(inner, dict):
            ((part, inner),) = inner.items()
            parts.append(part)
        return parts, match.span()

    def value(self, path: _Path) -> None:
        """A value, with all that is inside it."""
        start = self.at
        opening = self.text[start]
        if opening in "[{":
            self.at += 1
            count = 0
            while self.look() not in "]}":
                if opening == "{":
                    self.entry(path)
                else:
                    self.value((*path, count))
                count += 1
                if self.look() == ",":
                    self.at += 1
            self.at += 1
        else:
            match = _VALUE.match(self.text, start)
            assert match, "a value"
            self.at = match.end()
        self.values[path] = (start, self.at)
