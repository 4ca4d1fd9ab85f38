"""What can be wrong with a person's input, and how it is said.

Every error that a person can cause derives from `CostcalcError`; the command line turns it into exit code 2.
Low rooms raise short facts (`OperatorError`, `QuantityError`); whoever knows the place in the file adds it as a
`Problem`; a `SpecError` carries all the problems of a file, in file order.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from costcalc.escape import printable

_Word = TypeVar("_Word", bound=StrEnum)


class CostcalcError(Exception):
    """Base of every error that wrong input can cause."""


class UsageError(CostcalcError):
    """A request that makes no sense whatever the spec says: an unknown network, a setting out of range."""

    def __init__(
        self, message: str, *, expected: str | Callable[[], str] = "", nearest: str | Callable[[], str] = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self._expected = expected
        self._nearest = nearest

    @property
    def expected(self) -> str:
        """What was expected; put into words when it is asked for, if it was given as a way to do so."""
        if not isinstance(self._expected, str):
            self._expected = self._expected()
        return self._expected

    @property
    def nearest(self) -> str:
        """The known name most like the wrong one; looked for when it is asked for, if it was given as a search."""
        if not isinstance(self._nearest, str):
            self._nearest = self._nearest()
        return self._nearest

    def __str__(self) -> str:
        return "\n".join([printable(self.message), *_hints(self.expected, self.nearest)])


class QuantityError(CostcalcError):
    """Numbers that do not fit: a remainder where none may be, a fraction where a whole number is needed."""


class OperatorError(CostcalcError):
    """An operator that cannot take what arrives; `field` names the row's cell at fault, if one is."""

    def __init__(self, message: str, *, field: str = "", expected: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.expected = expected


class PrivateFile(str):
    """The name of a file that nobody named and that is no spec of the tree: no message shows what it holds."""

    __slots__ = ()


class Place(NamedTuple):
    """A stretch of a line in a file; line and column count from 1. In a model file, `node` is what stands there."""

    file: str
    line: int
    column: int
    length: int = 1
    text: str = ""  # the whole line
    node: str = ""

    def __str__(self) -> str:
        if self.node:
            return printable(f"{self.file}: {f'node {self.line}, ' if self.line else ''}{self.node}")
        return printable(f"{self.file}:{self.line}:{self.column}")


MOST_PROBLEMS = 20
"""So many an error tells in full; the others it counts."""
_SHOWN = 100  # characters of a source line that an error prints
_MOST_COMPARED = 60_000  # pairs of characters that the search for the nearest name looks at


class Problem(NamedTuple):
    """One thing that is wrong at one place."""

    place: Place
    message: str
    expected: str = ""
    nearest: str = ""
    note: str = ""

    def __str__(self) -> str:
        place = self.place
        lines = [f"{place}: {printable(self.message)}"]
        if place.text.strip():
            start = place.column - 1
            cut = max(0, start - _SHOWN // 2)
            shown = printable(place.text[cut : cut + _SHOWN]).ljust(start - cut)
            at = start - cut
            lines.append(f"{place.line:5} | {shown.rstrip()}")
            lines.append(f"      | {' ' * _cells(shown[:at])}{'^' * max(1, _cells(shown[at : at + place.length]))}")
        return "\n".join([*lines, *self.words[1:]])

    @property
    def words(self) -> list[str]:
        """What is wrong, and under it what was expected: all but the place and its line."""
        note = [f"  note: {printable(self.note)}"] if self.note else []
        return [printable(self.message), *_hints(self.expected, self.nearest), *note]

    def without_content(self) -> Problem:
        """The same problem, but for what it tells of a private file: then the place alone."""
        if not isinstance(self.place.file, PrivateFile) or self.message == UNSHOWN:
            return self
        place = self.place._replace(text="", node="model", line=0) if self.place.node else self.place._replace(text="")
        return Problem(place, UNSHOWN, SHOWN_FILES)


SHOWN_FILES = "a file of the same repository, or its own path on the command line"
UNSHOWN = "an error in a file that is not shown"


class SpecError(CostcalcError):
    """Everything that is wrong with a spec, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problem.without_content() for problem in problems)
        self.problems = tuple(sorted(unique, key=lambda p: (p.place.file, p.place.line, p.place.column)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:MOST_PROBLEMS]]
        if len(self.problems) > MOST_PROBLEMS:
            shown.append(f"... and {len(self.problems) - MOST_PROBLEMS:,} more")
        return "\n".join(shown)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that means the same as `word` or is most like it, or "" if there is none.

    Of very many names only the likeliest are compared: of about its length, with its first and last letters."""
    import difflib

    from costcalc.synonyms import meant, plain

    word = word[:80]
    names = [str(name) for name in known]
    if found := meant(word, names):
        return found
    if sum(map(len, names)) * len(word) > _MOST_COMPARED:
        start, end, length = word[:3], word[-3:], len(word)

        def unlike(name: str) -> int:
            return abs(len(name) - length) + 2 * (name[:3] != start) + 2 * (name[-3:] != end)

        names = heapq.nsmallest(max(1, _MOST_COMPARED // (length * (length + 16))), names, unlike)
    spelled_alike = plain(word)
    if found := next((name for name in names if plain(name) == spelled_alike), ""):
        return found
    for spelled in dict.fromkeys((word, word.lower())):
        if close := difflib.get_close_matches(spelled, names, n=1, cutoff=0.6):
            return close[0]
    return ""


def _cells(text: str) -> int:
    """The cells of a terminal that a printable text takes: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def one_of(names: Iterable[str], limit: int = 12) -> str:
    """`a, b, c or d`, cut after `limit` names."""
    distinct = set(names)
    if len(distinct) > limit:
        return ", ".join(heapq.nsmallest(limit, distinct)) + f", ... ({len(distinct)} in all)"
    listed: Sequence[str] = sorted(distinct)
    return ", ".join(listed[:-1]) + " or " + listed[-1] if len(listed) > 1 else "".join(listed)


def written(value: object) -> str:
    """A value that was handed over in Python, as text. Python prints no number of more than some thousand digits."""
    if isinstance(value, list | tuple | dict | set | frozenset):
        return _beginning(value)
    try:
        return str(value)
    except ValueError:
        return "a number of thousands of digits"
    except RecursionError:
        return f"a {type(value).__name__} of many levels"


def shown(value: object) -> str:
    """The beginning of a value that was handed over in Python, as a message quotes it."""
    try:
        return f"{value!r:.40}" if isinstance(value, int) else _beginning(value)[:40]
    except ValueError:
        return "a number of thousands of digits"


def _beginning(value: object) -> str:
    """Some levels and entries of a value: lists within lists that hold each other twice are as long as 2 to a power."""
    import reprlib

    parts = reprlib.Repr()
    parts.maxlevel = 3
    parts.maxlist = parts.maxtuple = parts.maxdict = parts.maxset = parts.maxfrozenset = 40
    parts.maxstring = parts.maxlong = parts.maxother = 200
    return parts.repr(value)


def text_of(value: object, what: str, expected: str = "a text") -> str:
    """A text that was handed over in Python: a name, a column. Raises UsageError for anything else."""
    if isinstance(value, str):
        return value
    raise UsageError(f"{shown(value)} is no {what}", expected=expected)


def flag_of(value: object, what: str) -> bool:
    """Yes or no, as it was handed over in Python. Raises UsageError for anything else."""
    if isinstance(value, bool):
        return value
    raise UsageError(f"{what}: {shown(value)} is neither yes nor no", expected="True or False")


def width_of(value: object) -> int | None:
    """Columns of a table, as handed over in Python; None if nobody says. Raises UsageError for anything else."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise UsageError(f"width: {shown(value)} is no number of columns", expected="a whole number from 1")


def path_of(value: object, what: str, expected: str = "a path") -> str:
    """A path that was handed over in Python, as text. Raises UsageError for anything else."""
    from os import PathLike, fspath

    return text_of(fspath(value) if isinstance(value, PathLike) else value, what, expected)


def word_of(words: type[_Word], word: str, what: str) -> _Word:
    """A word of the interface. Raises UsageError with the nearest one if there is no such word."""
    try:
        return words(word)
    except (TypeError, ValueError):
        known = [str(known) for known in words]
        raise UsageError(
            f"unknown {what} '{written(word)[:40]}'", expected=one_of(known), nearest=nearest(written(word), known)
        ) from None


def _hints(expected: str, near: str) -> list[str]:
    lines = []
    if expected:
        lines.append(f"  expected: {printable(expected)}")
    if near:
        lines.append(f"  did you mean '{printable(near)}'?")
    return lines
