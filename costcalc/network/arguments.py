"""What differs between the uses of a block, as arguments, and what follows from them, as expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from costcalc.network.sections import Section

Values = Sequence[Any]
"""One for each use; None where the use has no such entry."""
SHORT = {"stride": "s", "groups": "g", "dilation": "d"}
MOST_TIMES = 16
_FLAGS = {"add": "skip", "gap": "se", "mul": "se", "conv": "expand"}


class Unwritten(Exception):
    """There is no plain way to write what differs."""


class Arguments:
    """Arguments of a block that some sections use, found one after the other."""

    def __init__(self, uses: Sequence[Section]) -> None:
        self.arriving = [use.width for use in uses]
        self.channels = [use.channels for use in uses]
        self.sides = [use.sides for use in uses]
        self.values: dict[str, list[Any]] = {}
        self.times: set[str] = set()  # arguments that multiply
        self.widths: dict[str, list[Any]] = {}  # what has been written, with its values
        self.conditions: dict[tuple[bool, ...], str] = {}

    def width(self, values: Values) -> str:
        """A number of channels."""
        if _is_constant(self.channels) and _is_constant(values):
            return str(_first(values))
        for text, known in self._known_widths():
            if self._is(values, known, text):
                return text
        if _is_constant(values):
            return str(_first(values))
        times = [None if v is None else v // x if v % x == 0 else 0 for v, x in zip(values, self.arriving, strict=True)]
        follows = list(self._multiples([(name, known) for name, known in self.widths.items() if name in self.values]))
        if None not in values or {0, 1} & {*times}:
            follows += self._multiples([("c", self.channels), ("x.c", self.arriving)])
            follows.append(("c - x.c", [c - x for c, x in zip(self.channels, self.arriving, strict=True)]))
        for text, known in follows:
            if self._is(values, known, text):
                return text
        if 0 not in times:
            name = self._argument("t", times)
            self.times.add(name)
            return self._remember(f"{name} * x.c", values)
        return self._remember(self._argument("m", values), values)

    def number(self, name: str, values: Values) -> str:
        """Another field: a number, a word, a size."""
        if _is_constant(values):
            return _text(_first(values))
        if any(isinstance(value, tuple) for value in values):
            if any(v is not None and (v != x or len(x) != 2) for v, x in zip(values, self.sides, strict=True)):
                raise Unwritten
            return "[x.h, x.w]"
        return self._argument(SHORT.get(name, name), values)

    def fill(self) -> None:
        """Give arguments a value in the uses that have none: one that says so."""
        for name, values in self.values.items():
            known = [value for value in values if value is not None]
            if name in self.times and 1 not in known:
                fill: Any = 1
            elif isinstance(known[0], str) or name == "s":
                fill = known[0] if isinstance(known[0], str) else 1
            else:
                fill = 0 if 0 not in known else known[0]
            self.values[name] = [fill if value is None else value for value in values]

    def condition(self, present: Sequence[bool], fields: Mapping[str, str], op: str) -> str:
        """When an entry is there, in words of the arguments."""
        pattern = tuple(present)
        if pattern not in self.conditions:
            texts = (text for text, holds in self._conditions(fields) if holds == list(present))
            self.conditions[pattern] = next(texts, "") or self._flag(present, _FLAGS.get(op, "extra"))
        found = self.conditions[pattern]
        if "c" in found.replace("x.c", "").split():
            self.values.setdefault("c", self.channels)
        return found

    def used(self) -> dict[str, list[Any]]:
        """The arguments, in the order of a table's columns."""
        order = {"k": 0, "t": 1, "m": 2, "c": 4, "s": 6}
        names = sorted(self.values, key=lambda name: (order.get(name.rstrip("0123456789"), 5), name))
        return {name: self.values[name] for name in names}

    def _known_widths(self) -> Iterator[tuple[str, Values]]:
        yield "c", self.channels
        yield "x.c", self.arriving
        yield from list(self.widths.items())

    def _multiples(self, bases: Sequence[tuple[str, Values]]) -> Iterator[tuple[str, Values]]:
        for name, known in bases:
            for times in range(2, MOST_TIMES + 1):
                exact = all(value is None or value % times == 0 for value in known)
                if exact:
                    yield f"{name} // {times}", [value and value // times for value in known]
                yield f"{times} * {name}", [value and value * times for value in known]

    def _is(self, values: Values, known: Values, text: str) -> bool:
        """Whether an expression has these values; then it is used. An argument that is still open in a use takes
        the value there."""
        is_open = text in self.values and text != "c"
        pairs = list(zip(values, known, strict=True))
        if any(v is not None and v != w and not (is_open and w is None) for v, w in pairs):
            return False
        if is_open:
            self.values[text] = self.widths[text] = [w if v is None else v for v, w in pairs]
        if text.startswith("c") or text.endswith(" c"):
            self.values.setdefault("c", self.channels)
        return True

    def _remember(self, text: str, values: Values) -> str:
        self.widths[text] = list(values)
        return text

    def _argument(self, name: str, values: Values) -> str:
        """The argument of that name with these values, or a further one."""
        number = 1
        word = name
        while word in self.values or word == "c":
            known = self.values.get(word, self.channels)
            if all(v is None or w is None or v == w for v, w in zip(values, known, strict=True)):
                self.values[word] = [w if v is None else v for v, w in zip(values, known, strict=True)]
                return word
            number += 1
            word = f"{name}{number}"
        if any(isinstance(value, (tuple, type(None))) for value in values if value is not None):
            raise Unwritten
        self.values[word] = list(values)
        return word

    def _conditions(self, fields: Mapping[str, str]) -> Iterator[tuple[str, list[bool]]]:
        """Conditions that a person would write, with where they hold."""
        same = [x == c for x, c in zip(self.arriving, self.channels, strict=True)]
        words = {word for text in fields.values() for word in text.split()}
        for name, values in self.values.items():
            if name in words and name in self.times:
                yield f"{name} != 1", [value != 1 for value in values]
            elif name in words and not isinstance(values[0], str) and name != "c":
                yield f"{name} != x.c", [value != x for value, x in zip(values, self.arriving, strict=True)]
        if "s" in self.values:
            stays = [s == 1 for s in self.values["s"]]
            both = [a and b for a, b in zip(stays, same, strict=True)]
            yield "s == 1 and x.c == c", both
            yield "s != 1 or x.c != c", [not one for one in both]
            yield "s == 1", stays
            yield "s != 1", [not one for one in stays]
        yield "x.c == c", same
        yield "x.c != c", [not one for one in same]
        for name, values in self.values.items():
            if name in words and not isinstance(values[0], str):
                yield f"{name} != 0", [value != 0 for value in values]

    def _flag(self, present: Sequence[bool], name: str) -> str:
        """An argument that says it, where nothing else does."""
        return f"{self._argument(name, [int(one) for one in present])} == 1"


def _first(values: Values) -> Any:
    return next(value for value in values if value is not None)


def _is_constant(values: Values) -> bool:
    return len({value for value in values if value is not None}) == 1


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value)
