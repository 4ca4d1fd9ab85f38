"""What varies in rows: the settings that have several values, in order, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from costcalc.errors import UsageError, nearest, one_of
from costcalc.measures import MEASURES, Measure, Sum, measure_name, measure_of
from costcalc.quantity import as_text
from costcalc.report.tables.units import short, short_bytes
from costcalc.typed.columns import PUBLISHED

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
"""Columns that say what a row is; every other column before the total that is no figure is a setting."""

_SYMBOLS = {"alpha": "α", "beta": "β"}
_LABELS = {
    "alpha": "width multiplier α",
    "beta": "resolution multiplier β",
    "resolution": "resolution (side of the input)",
    "batch": "batch (samples)",
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
        if key in DESCRIPTIONS or key in MEASURES or key.removesuffix("_at") in PUBLISHED:
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


def measure(word: str) -> str:
    """A column of figures in words, as along an axis."""
    if word in PUBLISHED:
        return f"{'top-1' if word == 'top1' else 'top-5'} accuracy, % (published)"
    return _measure(word).label or _measure(word).title


def _measure(word: str) -> Measure:
    try:
        return measure_of(measure_name(word))
    except UsageError:  # the total of a convention that is in no table
        return measure_of(word)


def unit_of(word: str) -> str:
    """The unit that follows a prefix on an axis: B for bytes, none for counts."""
    return "B" if word not in PUBLISHED and _measure(word).is_bytes else ""


def more_is_better(word: str) -> bool:
    """Whether more is better in a column."""
    return word in PUBLISHED or _measure(word).less_is_better is False


def check_columns(rows: Sequence[dict[str, Any]], *columns: str) -> None:
    """Raise UsageError if there are no rows, or none has a column that is to be drawn."""
    if not rows:
        raise UsageError("there is nothing to draw", expected="at least one point")
    for place, column in enumerate(filter(None, columns)):
        if column in PUBLISHED and place:  # whoever draws one against a cost says which points have it
            continue
        if not any(isinstance(row.get(column), int | float) for row in rows):
            known = [key for key, value in rows[0].items() if isinstance(value, int | float)]
            raise UsageError(f"no column '{column}' to draw", expected=one_of(known), nearest=nearest(column, known))


def figure(row: dict[str, Any], column: str) -> float | None:
    """A row's figure in a column, or None."""
    found = number(row.get(column)) if row.get(column) not in (None, "") else None
    return None if found is None else float(found)


def is_sum(word: str) -> bool:
    """Whether a network's figure is the sum of its layers'."""
    return isinstance(_measure(word).how, Sum)


def short_figure(word: str, value: float) -> str:
    """A figure in four significant digits, with the unit of bytes."""
    if unit_of(word):
        return short_bytes(round(value))
    return short(round(value)) if value == round(value) else f"{value:.4g}"
