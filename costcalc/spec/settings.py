"""Which values a setting takes: the same rule for a file's own (defaults, variants, published rows) and a person's."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from costcalc import quantity
from costcalc.errors import UsageError, nearest, one_of
from costcalc.expression.values import CONDITION, NUMBER, WORD, kind_of
from costcalc.quantity import as_text
from costcalc.spec import read
from costcalc.spec.check import SIZE
from costcalc.spec.model import Setting
from costcalc.spec.problems import Problems
from costcalc.spec.tree import Node

MOST_SCALE = 64
MOST_SIDE = 1 << 16
MOST_BATCH = 1 << 20
LENGTH = f"of at most {quantity.LONGEST_NUMBER} characters"
_EXPECTED = {NUMBER: "a number", CONDITION: "true or false", WORD: "a word"}


def exact(value: Any) -> Any:
    """A setting's value as an exact number, bool or word; None if it is none of these. Floats are read as printed."""
    if isinstance(value, bool | int | Fraction):
        return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value
    if isinstance(value, float) and math.isfinite(value):
        return read.plain_value(format(Decimal(str(value)), "f"))
    if isinstance(value, str | float):
        return read.plain_value(str(value))
    return _of_others(value)


def _of_others(value: Any) -> Any:
    """A number of another library (NumPy's int64 and float32, Decimal) as it prints; None of anything else."""
    import numbers

    if isinstance(value, numbers.Integral):
        return int(value)
    is_real = isinstance(value, numbers.Real | Decimal) and math.isfinite(value)
    return read.plain_value(format(Decimal(str(value)), "f")) if is_real else None


def sides(resolution: Any) -> list[Any]:
    """The sides that a value of the setting `resolution` stands for: one, or height and width of `HxW`."""
    if kind_of(resolution) is WORD and SIZE.fullmatch(resolution):
        return [int(side) for side in resolution.split("x")]
    return [resolution]


def check_value(setting: Setting, value: Any, given: Any = None) -> None:
    """Raise UsageError if the setting does not take an exact value; `given` is how a person wrote it."""
    key = setting.name
    if quantity.is_exact(value) and not quantity.is_short(value):
        raise UsageError(f"{key}: a number is too long", expected=f"a number as 0.75 or 6/7, {LENGTH}")
    shown = as_text(value if given is None else given)[:40]
    expected = ""
    if key in ("alpha", "beta"):
        if not quantity.is_exact(value) or not 0 < value <= MOST_SCALE:
            expected = f"a number above 0, at most {MOST_SCALE}"
    elif key == "batch":
        if type(value) is not int or not 0 < value <= MOST_BATCH:
            expected = f"a whole number from 1 to {MOST_BATCH}"
    elif key == "resolution":
        found = sides(value)
        if len(found) > 2:
            raise UsageError(f"{key}: {shown} does not fit", expected="one side, or HxW")
        if not all(type(side) is int and 0 < side <= MOST_SIDE for side in found):
            expected = f"a whole number from 1 to {MOST_SIDE}, or HxW"
    elif quantity.is_exact(value) and not 0 <= value < quantity.LIMIT:
        expected = "a number from 0, below 2^62"
    if expected:
        wrong = "out of range" if any(sign.isdigit() for sign in shown) else "no number"
        raise UsageError(f"{key}: {shown} is {wrong}", expected=expected)
    if setting.choices and value not in setting.choices:
        raise UsageError(
            f"{key}: {shown} is not one of its values",
            expected=lambda: one_of(map(as_text, setting.choices)),
            nearest=lambda: nearest(shown, map(as_text, setting.choices)),
        )
    kind = kind_of(setting.default)
    if kind in _EXPECTED and key not in IMPLICIT and kind_of(value) is not kind:
        raise UsageError(f"{key}: {shown} does not fit", expected=_EXPECTED[kind])


IMPLICIT = {
    "alpha": Setting("alpha", 1, "width multiplier"),
    "beta": Setting("beta", 1, "resolution multiplier: multiplies the side of the input"),
    "resolution": Setting("resolution", None, "side of the input in positions, or HxW"),
    "batch": Setting("batch", 1, "samples at a time"),
}
"""Settings that every spec has."""


def read_default(key: str, node: Node | None, setting: Setting, problems: Problems) -> Setting:
    """The setting with its default, which must be a value that it takes; its choices must be of the default's kind."""
    implicit = IMPLICIT.get(key, setting)
    value = read.value(node, problems, f"setting '{key}'")
    setting = setting._replace(
        default=implicit.default if value is None else value, about=setting.about or implicit.about
    )
    if value is not None and node is not None:
        read_value(setting, node, problems)
    for choice in setting.choices:
        if kind_of(choice) is not kind_of(setting.default) and node is not None:
            problems.add(
                node, f"{key}: the choice {as_text(choice)} is not of the default's kind", "values of one kind"
            )
    return setting


def read_value(setting: Setting, node: Node, problems: Problems) -> Any:
    """A value that the file gives a setting; None (and a problem) if the setting does not take it."""
    value = read.value(node, problems, f"setting '{setting.name}'")
    try:
        if value is not None:
            check_value(setting, value)
    except UsageError as error:
        problems.refused(node, error)
    return value
