"""What is wrong with a file, collected and told at once, and how much has been read of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from costcalc.errors import MOST_PROBLEMS, Place, Problem, SpecError, UsageError, nearest, one_of
from costcalc.spec.tree import Node

MAX_NODES = 50_000
"""So many values a spec has at most with the files that it uses; those that it writes in short count as written out."""

Hint: TypeAlias = Callable[[], tuple[str, str]]
"""What was expected and the nearest known name, looked up only for a problem that is told in full."""


class Problems:
    """Collects what is wrong, so that all of a file's errors are told at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.values = 0  # that have been read, in all files of one spec
        self.expressions: dict[str, None] = {}  # that have been read
        self.characters = 0  # of them
        self.has_blocks: Callable[[str], bool] = lambda name: False  # whether a shared file of that name does
        self._hints: dict[int, Hint] = {}

    def add(
        self,
        at: Node | Place,
        message: str,
        expected: str = "",
        near: str = "",
        note: str = "",
        hint: Hint | None = None,
    ) -> None:
        place = at if isinstance(at, Place) else at.place
        if hint:
            self._hints[len(self.found)] = hint
        self.found.append(Problem(place, message, expected, near, note))

    def refused(self, at: Node | Place, error: UsageError, what: str = "") -> None:
        """What an error says, at a place; its hints are looked up only if it is told in full."""
        error = error.with_traceback(None)
        message = f"{what}: {error.message}" if what else error.message
        self.add(at, message, hint=lambda: (error.expected, error.nearest))

    def unknown(
        self, at: Node | Place, what: str, word: str, known: Iterable[str], expected: str = "", note: str = ""
    ) -> None:
        """An unknown word, with what was expected and the nearest known one."""
        message = f"unknown {what} '{short(word)}'"
        self.add(at, message, note=note, hint=lambda: (expected or one_of(known, 24), nearest(word, known)))

    def charge(self, values: int, at: Node | Place) -> None:
        """Count values that are worked on as if the file had them. Raises SpecError when they are too many."""
        self.values += values
        if self.values > MAX_NODES:
            self.add(at, f"more than {MAX_NODES} values, written out", f"at most {MAX_NODES}")
            raise self.error()

    def told(self) -> list[Problem]:
        """The problems in file order, the first of them with their hints."""
        order = sorted(range(len(self.found)), key=lambda index: self.found[index].place[:3])
        problems = {self.found[index]: index for index in reversed(order)}
        told = list(reversed(problems))
        for number, problem in enumerate(told[:MOST_PROBLEMS]):
            if hint := self._hints.get(problems[problem]):
                expected, near = hint()
                told[number] = problem._replace(expected=expected, nearest=near)
        return told

    def error(self) -> SpecError:
        """Everything found."""
        return SpecError(self.told())

    def stop(self) -> None:
        """Raise SpecError if anything was found."""
        if self.found:
            raise self.error()


def short(text: str | None) -> str:
    """The beginning of a text, as a message quotes it."""
    text = text or ""
    flat = "".join(c if c.isprintable() else " " for c in text)
    return flat if len(flat) <= 40 else flat[:37] + "..."
