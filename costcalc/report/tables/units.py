"""Numbers for people: 300774272 -> 300.8M, 16927904 bytes -> 16.93 MB. Decimal units: k = 10^3, M = 10^6, G = 10^9."""

from __future__ import annotations

import re
from fractions import Fraction

UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def short(value: int | Fraction) -> str:
    """Four significant digits and a unit, all of a small whole number; past a thousand of the largest unit all digits,
    and one decimal.

    Those are computed on whole numbers: a float holds sixteen digits.
    """
    for size, unit in UNITS:
        if value >= 1000 * size:
            tenths = (10 * value + size // 2) // size
            return f"{tenths // 10}.{tenths % 10}{unit}"
        if value >= size:
            return four_digits(float(value / size)) + unit
    return str(value) if value.denominator == 1 else four_digits(float(value))


def short_bytes(value: int) -> str:
    """Four significant digits in decimal bytes: 1 MB = 10^6 bytes."""
    text = short(value)
    return f"{text[:-1]} {text[-1]}B" if text[-1].isalpha() else f"{text} B"


def grouped(value: int | Fraction) -> str:
    """All digits, in groups of three; of a fraction, which a convention may count, those of its decimal."""
    return f"{value if value.denominator == 1 else float(value):,}"


def share(part: int | Fraction, whole: int | Fraction) -> str:
    """Per cent with two decimals; nothing if there is nothing to share."""
    return f"{float(100 * part / whole):.2f}" if whole else ""


def times(ratio: float | None) -> str:
    """How many times as much, with three significant digits: 0.117, 41.8, 1,290; nothing for no ratio."""
    if ratio is None:
        return ""
    return f"{ratio:,.0f}" if ratio >= 999.5 else f"{ratio:#.3g}".rstrip(".")


_WHOLE = re.compile(r"(\* |[+-])?(\d{1,3}(?:,\d{3})+)")


def shortened(cell: str) -> str:
    """A figure of more than three digits in three and a unit: `568,740,352` -> `569 M`; another text as it is."""
    match = _WHOLE.fullmatch(cell)
    return f"{match[1] or ''}{_three_digits(int(match[2].replace(',', '')))}" if match else cell


def _three_digits(value: int) -> str:
    """Three significant digits and a unit, of a whole number above 999."""
    for size, unit in reversed(UNITS):
        digits = f"{value / size:#.3g}" if value < 999.5 * size else ""
        if digits:
            return f"{digits.rstrip('.')} {unit}"
    return f"{value / 10**12:,.0f} T"


def signed(value: float) -> str:
    """A difference with its sign: all digits of a whole number, in groups of three, else four digits."""
    return (f"{value:+,}" if isinstance(value, int) else f"{value:+,.4g}") if value else "0"


_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(part: float, whole: float, width: int) -> str:
    """A bar of eighths of a character, `width` characters for the whole."""
    eighths = round(8 * width * part / whole) if whole else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def four_digits(value: float) -> str:
    """Four significant digits, of a number below a thousand."""
    decimals = 3 if value < 9.9995 else 2 if value < 99.995 else 1
    return f"{value:.{decimals}f}"
