"""Numbers as text that reads back as the same number."""

from __future__ import annotations

from fractions import Fraction

from costcalc.errors import written
from costcalc.quantity.kinds import symbols_of

LONGEST_NUMBER = 40
"""Characters of a number as people write it; no number that is longer as text is taken or printed."""


def as_text(value: object) -> str:
    """A setting as text that reads back as the same number.

    A fraction is an exact decimal if it has a finite one of at most LONGEST_NUMBER characters (3/4 -> 0.75), else a
    ratio (6/7 stays). Never an exponent.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if symbols := symbols_of(value):
        return str(symbols.words(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, Fraction):
        return written(value)
    rest, powers = value.denominator, {2: 0, 5: 0}
    for prime in powers:
        while rest % prime == 0:
            rest //= prime
            powers[prime] += 1
    places = max(powers.values())
    if rest != 1 or places >= LONGEST_NUMBER:
        return written(value)
    digits = str(abs(value.numerator) * (10**places // value.denominator)).zfill(places + 1)
    decimal = ("-" if value < 0 else "") + digits[: len(digits) - places] + ("." + digits[-places:] if places else "")
    return decimal if len(decimal) <= LONGEST_NUMBER else str(value)


def is_short(value: int | Fraction) -> bool:
    """Whether the text of a number has at most LONGEST_NUMBER characters."""
    if max(abs(value.numerator), value.denominator) >= 10**LONGEST_NUMBER:  # Python itself refuses to print some
        return False
    return len(as_text(value)) <= LONGEST_NUMBER
