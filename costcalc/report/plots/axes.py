"""What varies in rows: the settings that have several values, in order, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.errors import UsageError, nearest, one_of
from costcalc.quantity import as_text

DESCRIPTIONS = frozenset(
    (
        "title",
        "input",
        "output",
        "family",
        "year",
        "paper",
        "name",
        "op",
        "convention",
        "dtype",
        "status",
        "at",
        "source",
    )
)
"""Columns that say what a row is; every other column before the total is a setting."""

_SYMBOLS = {"alpha": "α", "beta": "β"}
_LABELS = {
    "alpha": "width multiplier α",
    "beta": "resolution multiplier β",
    "resolution": "resolution (side of the input)",
    "batch": "batch (samples)",
}
_MEASURES = {
    "params": "parameters",
    "weight_bytes": "weights",
    "activation_bytes": "activations",
    "peak_activation_bytes": "peak activations",
    "traffic_bytes": "traffic",
}


class Axis(NamedTuple):
    """A setting that varies: its values as the rows have them, numbers in ascending order, words as they came.

    `places` says where each value stands: the number itself, or the rank of a word.
    """

    key: str
    values: tuple[Any, ...]
    is_number: bool
    places: dict[Any, float]

    @property
    def label(self) -> str:
        """What to write along it."""
        return _LABELS.get(self.key, self.key)

    @property
    def short(self) -> str:
        """What to write in a legend."""
        return short_name(self.key)


def short_name(key: str) -> str:
    """A setting's sign if it has one, else its name."""
    return _SYMBOLS.get(key, key)


def axes_of(rows: Sequence[dict[str, Any]], total: str) -> list[Axis]:
    """The settings that have more than one value, in the order of the columns; the network is one of them."""
    keys = list(rows[0])
    before = keys[: keys.index(total)] if total in keys else keys
    axes = []
    for key in before:
        if key in DESCRIPTIONS:
            continue
        values = list(dict.fromkeys(row.get(key) for row in rows))
        if len(values) > 1:
            axes.append(_axis(key, values))
    return axes


def _axis(key: str, values: Sequence[Any]) -> Axis:
    numbers = {value: found for value in values if (found := number(value)) is not None}
    if len(numbers) < len(values):
        return Axis(key, tuple(values), False, {value: float(rank) for rank, value in enumerate(values)})
    ordered = sorted(values, key=lambda value: numbers[value])
    return Axis(key, tuple(ordered), True, {value: float(numbers[value]) for value in ordered})


def number(value: Any) -> Fraction | None:
    """A setting as an exact number, or None if it is a word, a flag or a size such as 224x192."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def shown(value: Any) -> str:
    """A setting's value as a person writes it."""
    return value if isinstance(value, str) else "" if value is None else as_text(value)


def shown_all(row: dict[str, Any], axes: Sequence[Axis]) -> str:
    """The values of a row along several axes: `0.75, 192`."""
    return ", ".join(shown(row.get(axis.key)) for axis in axes)


def measure(total: str) -> str:
    """A column of costs in words."""
    from costcalc.report.columns import HEADINGS

    return HEADINGS.get(total, _MEASURES.get(total, total))


def unit_of(total: str) -> str:
    """The unit that follows a prefix on an axis: B for bytes, none for counts."""
    return "B" if total.endswith("_bytes") else ""


def check_column(rows: Sequence[dict[str, Any]], total: str) -> None:
    """Raise UsageError if there are no rows, or none has the column that is to be drawn."""
    if not rows:
        raise UsageError("there is nothing to draw", expected="at least one point")
    if not all(isinstance(row.get(total), int | float) for row in rows):
        known = [key for key, value in rows[0].items() if isinstance(value, int | float)]
        raise UsageError(f"no column '{total}' to draw", expected=one_of(known), nearest=nearest(total, known))


def accuracy(row: dict[str, Any]) -> float | None:
    """The published top-1 of a row in per cent, or None."""
    found = number(row.get("top1")) if row.get("top1") not in (None, "") else None
    return None if found is None else float(found)


def frontier(points: Sequence[tuple[float, float]]) -> list[int]:
    """The points that no other beats: cheaper and at least as good, or as cheap and better; cheapest first.

    `points` are (cost, accuracy); the answer is their indices.
    """
    best: list[int] = []
    for index in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1], i)):
        if not best or points[index][1] > points[best[-1]][1]:
            best.append(index)
    return best
