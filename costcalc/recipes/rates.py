"""Rates that a recipe leaves open: `prune=density` makes `density` a setting, as the network's own are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, TypeAlias

from costcalc.errors import UsageError, nearest
from costcalc.expression import number
from costcalc.quantity import Quantity, as_text, at_least, holds, is_open
from costcalc.spec.model import Setting

Values: TypeAlias = Mapping[str, Quantity]
"""What open rates are: numbers, or symbols of a formula."""

FINEST = 1_000_000
"""The largest denominator of a declared rate: six decimals."""
MOST_BITS = 64
MOST_RANK = 999_999_999
IN_RANGE = "above 0 and up to 1, as 0.1 or 1/10, in at most six decimals"
PARTS = re.compile(r"[:\s]+")
_NAME = re.compile(r"(density|bits|rank)(?:_[a-z0-9_]{1,30})?")
WHOLE = re.compile(r"[0-9]{1,9}")
_ABOUT = {
    "density": ("share of the weights that are kept", Fraction(1, 2)),
    "bits": ("bits of a stored value or index", 8),
    "rank": ("rank of factors", 1),
}
"""What each is, and the value at which the conditions of a formula are decided."""


def kind_of(name: str) -> str:
    """density, bits or rank for a name as `bits_fc`; "" for anything else."""
    match = _NAME.fullmatch(name)
    return match[1] if match else ""


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The open rates in the texts of a step, each once."""
    return tuple(dict.fromkeys(part for text in texts for part in PARTS.split(text) if kind_of(part)))


def setting(name: str) -> Setting:
    """An open rate as a setting, which has no default: the value in its place is where a formula decides."""
    about, value = _ABOUT[kind_of(name)]
    return Setting(name, value, about)


def stand_ins(names: Iterable[str]) -> dict[str, Any]:
    """A value for each, for whoever needs any at all."""
    return {name: setting(name).default for name in names}


def checked(name: str, value: Any) -> Any:
    """The value that a person gives an open rate, exact. Raises UsageError for one out of range."""
    text = as_text(value)
    match kind_of(name):
        case "density":
            return density(text)
        case "bits":
            return whole(text, "bits", MOST_BITS)
    return whole(text, "terms", MOST_RANK)


def density(text: str, what: str = "density", values: Values | None = None) -> Quantity:
    """A share above 0 and up to 1, in at most six decimals, or an open one."""
    if kind_of(text) == "density" and values is not None:
        found = _value(text, values)
        return found if is_open(found) else density(as_text(found), what)
    try:
        share = number(text)
    except ValueError:
        near = partial(nearest, text, ["density"])
        raise UsageError(f"'{text[:40]}' is no {what}", expected=IN_RANGE, nearest=near) from None
    if not 0 < share <= 1 or Fraction(share).denominator > FINEST:
        raise UsageError(f"{what} {text[:40]} is out of range", expected=IN_RANGE)
    return share


def whole(text: str, what: str, most: int, values: Values | None = None) -> Quantity:
    """A number of bits, terms ... from 1, or an open one."""
    if kind_of(text) in ("bits", "rank") and values is not None:
        found = _value(text, values)
        if not is_open(found):
            return whole(as_text(found), what, most)
        if most < MOST_BITS and not holds(at_least(most, found)):  # on symbols: a condition of the formula
            raise UsageError(f"{text} is above {most}", expected=f"a whole number from 1 to {most}")
        return found
    if not WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
        raise UsageError(f"'{text[:40]}' is no number of {what}", expected=f"a whole number from 1 to {most}")
    return int(text)


def _value(name: str, values: Values) -> Quantity:
    if name not in values:
        one = f"{name}={as_text(setting(name).default)}"
        raise UsageError(f"{name} has no value", expected=f"one after the network's name, as @{one}, or --set {one}")
    return values[name]
