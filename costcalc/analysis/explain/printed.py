"""A printed figure (`4.12G`, `25.6M`, `4231976`), and the whole numbers that may be printed so."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from costcalc.errors import UsageError

_UNITS = {"": 0, "k": 1, "K": 1, "M": 2, "m": 2, "G": 3, "B": 3, "T": 4}
_FIGURE = re.compile(
    r"([0-9][0-9,]{0,30}(?:\.[0-9]{0,20})?)(?:e([0-9]{1,2}))?\s*([kKMmGBT]?)"
    r"\s*(?:flops?|macs?|m-?adds?|mult-adds|params)?",
    re.ASCII | re.IGNORECASE,
)
_MOST_DIGITS = 24
_EXPECTED = "a figure as it is printed, as 4.12G, 569M or 4231976"


class Digits(NamedTuple):
    """How a count became a figure: in words, at how many departures from plain rounding, and which counts it fits."""

    way: str
    departures: int
    least: Decimal
    below: Decimal
    includes_end: bool = False

    def fits(self, total: int) -> bool:
        """Whether a total is printed so."""
        return self.least <= total < self.below or (self.includes_end and total == self.below)


class Printed(NamedTuple):
    """A figure as printed, its value, and the ways in which a count may have become it."""

    text: str
    value: Decimal
    ways: tuple[Digits, ...]

    def way(self, total: int) -> Digits | None:
        """The likeliest way in which a count may have become the figure, None if there is none."""
        return next((digits for digits in self.ways if digits.fits(total)), None)


def is_figure(text: str) -> bool:
    """Whether a text looks like a figure and not like a name."""
    return text[:1].isdigit()


def read_printed(text: str) -> Printed:
    """A figure as it is printed; raises UsageError for anything else.

    Half up, cut off, rounded up; the same in fewer digits where the last ones are zeros; with units of 1024.
    """
    found = _FIGURE.fullmatch(text.strip())
    if not found:
        raise UsageError(f"'{text[:40]}' is no figure", expected=_EXPECTED)
    number = Decimal(found[1].replace(",", ""))
    unit = Decimal(1000) ** _UNITS[found[3]] * Decimal(10) ** int(found[2] or 0)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if number.adjusted() + unit.adjusted() > _MOST_DIGITS:
        raise UsageError(f"'{text[:40]}' is too large", expected=f"a figure of at most {_MOST_DIGITS} digits")
    value, step = number * unit, Decimal(10) ** exponent * unit
    if not value or value % 1:
        raise UsageError(f"'{text[:40]}' is no count", expected=_EXPECTED)
    if step <= 1:
        return Printed(text, value, (Digits("", 0, value, value, includes_end=True),))
    ways = _ways(value, step, "", 0)
    zeros = len(found[1]) - len(found[1].rstrip("0")) if found[3] and "." not in found[1] else 0
    for count in range(1, zeros + 1):
        digits = len(found[1].replace(",", "").rstrip("0")) + zeros - count
        ways += _ways(value, step * 10**count, f"in {digits} digit{'s' if digits > 1 else ''}", count)
    if power := _UNITS[found[3]]:
        ratio = (Decimal(1024) / 1000) ** power
        ways += _ways(value * ratio, step * ratio, f"{found[3]} is 1024^{power}", 2)
    return Printed(text, value, tuple(sorted(ways, key=lambda digits: digits.departures)))


def _ways(value: Decimal, step: Decimal, way: str, departures: int) -> list[Digits]:
    """Rounded half up, cut off, rounded up."""

    def named(*words: str) -> str:
        return ", ".join(filter(None, (way, *words)))

    half = step / 2
    return [
        Digits(named(), departures, value - half, value + half, includes_end=True),
        Digits(named("cut off"), departures + 1, value, value + step),
        Digits(named("rounded up"), departures + 2, value - step, value),
    ]
