"""The values along an axis of a sweep, as people write them: `0.25,0.5,1` or `0.25:1:0.25`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from costcalc.errors import UsageError, written
from costcalc.expression import number
from costcalc.quantity import as_text
from costcalc.spec.read import plain_value

MOST_VALUES = 100_000
_FORM = "a list as 0.25,0.5,1 or a range as 0.25:1:0.25 (first, last, step)"


def read_axis(name: str, text: str) -> list[Any]:
    """Exact values, in the order written; a range holds both ends. Raises UsageError for anything else."""
    values: list[Any] = []
    for part in written(text).split(","):
        values += _range(name, part) if ":" in part else [_value(name, part)]
        if len(values) > MOST_VALUES:
            raise UsageError(f"{name}: more than {MOST_VALUES} values", expected=_FORM)
    repeated = (
        next((value for index, value in enumerate(values) if value in values[:index]), None)
        if len(values) <= 1000
        else None
    )
    if repeated is not None:
        raise UsageError(f"{name}: {as_text(repeated)} stands twice", expected="each value once")
    return values


def _value(name: str, text: str) -> Any:
    value = plain_value(text)
    if value is None:
        raise UsageError(f"{name}: '{text.strip()[:40]}' is not a value", expected=_FORM)
    return value


def _range(name: str, text: str) -> list[Any]:
    parts = text.split(":")
    try:
        first, last, step = (Fraction(number(part)) for part in parts)
    except ValueError:
        raise UsageError(f"{name}: '{text.strip()[:40]}' is not a range", expected=_FORM) from None
    if step == 0 or last < first:
        what = "a step of zero" if step == 0 else f"the range runs backward from {first} to {last}"
        raise UsageError(f"{name}: {what}", expected=_FORM)
    count = (last - first) / step
    if count.denominator != 1:
        raise UsageError(
            f"{name}: steps of {step} from {first} do not meet {last}", expected="a step that divides the range"
        )
    if count >= MOST_VALUES:
        raise UsageError(f"{name}: more than {MOST_VALUES} values", expected=_FORM)
    exact = [first + step * index for index in range(int(count) + 1)]
    return [value.numerator if value.denominator == 1 else value for value in exact]
