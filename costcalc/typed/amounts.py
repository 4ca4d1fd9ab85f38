"""Quantities as people write them: 300M -> 300000000, 14MB -> 14000000, 512KiB -> 524288."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from costcalc.errors import UsageError
from costcalc.escape import printable

COUNT_UNITS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
BYTE_UNITS = {
    "": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
_COUNT_FORM = "a count, as 300M or 3,500,000: k, M, G (or B) and T are powers of 1000"
_BYTES_FORM = "a number of bytes, as 14MB or 512KiB: B, kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024)"
_QUANTITY = re.compile(r"([0-9]{1,3}(?:[,_][0-9]{3})+|[0-9]+)(\.[0-9]+)?\s*([A-Za-z]*)")
_LONGEST = 40


def parse_count(text: str) -> int:
    """A count from its text. Raises UsageError if it is negative, no number, or its unit is no unit of counts."""
    return _parse(text, COUNT_UNITS, _COUNT_FORM)


def parse_bytes(text: str) -> int:
    """A number of bytes from its text. Raises UsageError if it is negative, no number, or its unit is none of bytes."""
    return _parse(text, BYTE_UNITS, _BYTES_FORM)


def _parse(text: str, units: Mapping[str, int], form: str) -> int:
    plain = text.strip()
    shown = printable(plain[:_LONGEST])
    match = _QUANTITY.fullmatch(plain)
    if not match or len(plain) > _LONGEST:
        below = plain.startswith(("-", "\N{MINUS SIGN}"))
        raise UsageError(f"'{shown}' is {'below zero' if below else 'no quantity'}", expected=form)
    digits, decimals, unit = match.group(1), match.group(2) or "", match.group(3)
    if unit not in units:
        near = _likely(unit, units)
        number = plain[: match.start(3)].rstrip()
        raise UsageError(f"'{shown}': unknown unit '{unit}'", expected=form, nearest=f"{number}{near}" if near else "")
    value = Fraction(re.sub("[,_]", "", digits) + decimals) * units[unit]
    if units[unit] == 1 and value.denominator != 1:
        raise UsageError(f"'{shown}' is not a whole number", expected=form)
    return int(value)  # what is counted is whole: it is at most 1331.2 if it is at most 1331


def _likely(unit: str, units: Mapping[str, int]) -> str:
    """The unit that was meant: another case (mb), or one of bytes for a count and the reverse (M for MB)."""
    core = unit.lower().removesuffix("b").removesuffix("i")
    wanted = (unit.lower(), core + "b", core)
    return next((known for word in wanted for known in units if known and known.lower() == word), "")
