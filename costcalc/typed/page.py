"""What a picture is drawn for: its title, its size and its letters, as a person asks for them."""

from __future__ import annotations

import re
from typing import NamedTuple

from costcalc.errors import UsageError, nearest, text_of, written
from costcalc.escape import printable

WIDTHS = {"column": 3.5, "page": 7.16}
"""Inches of one column, and of a whole page of two: those of IEEE's and most others' journals."""
_INCHES = {"": 1.0, "in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}
_LEAST, _MOST = 1.0, 60.0
_SMALLEST, _LARGEST = 4.0, 48.0
_SIZE = r"([0-9]+(?:\.[0-9]+)?)x([0-9]+(?:\.[0-9]+)?)([a-z]*)"
_FORM = "column, page, or WxH in inches, mm or cm: 3.5x2.5, 90x60mm, 9x6cm"


class Page(NamedTuple):
    """What a picture is drawn for; None leaves the choice to the kind of picture.

    Units: inches, and points of 1/72 inch for letters; `unit` is the one that was typed, to speak of sizes in. An empty
    title is none.
    """

    title: str | None = None
    width: float | None = None
    height: float | None = None
    font_size: float | None = None
    unit: str = ""

    def in_unit(self, inches: float) -> float:
        """A length in the unit that was typed."""
        return inches / _INCHES[self.unit]

    @property
    def unit_name(self) -> str:
        """The unit that was typed, as it stands in a sentence."""
        return unit_name(self.unit)


def unit_name(unit: str) -> str:
    """A unit as it stands in a sentence."""
    return "inches" if unit in ("", "in") else unit


def read_page(title: str | None = None, size: str | None = None, font_size: str | float | None = None) -> Page:
    """A page from what was typed. Raises UsageError for a size or letters that are none, or beyond reason."""
    width, height, unit = (None, None, "") if size is None else _size(text_of(size, "size of a picture", _FORM).strip())
    if title is not None:
        text_of(title, "title")
    return Page(title, width, height, None if font_size is None else _points(written(font_size).strip()), unit)


def _size(text: str) -> tuple[float, float | None, str]:
    if text in WIDTHS:
        return WIDTHS[text], None, ""
    shown = printable(text[:40])
    found = re.fullmatch(_SIZE, text.replace("×", "x"))
    if found is None or found.group(3) not in _INCHES:
        raise UsageError(f"'{shown}' is no size of a picture", expected=_FORM, nearest=nearest(text, list(WIDTHS)))
    width, height, unit = float(found.group(1)), float(found.group(2)), found.group(3)
    inches = _INCHES[unit]
    if _within(width * inches, height * inches):
        return width * inches, height * inches, unit
    what = "small" if min(width, height) * inches < _LEAST else "large"
    others = [other for other in ("mm", "cm") if not unit and _within(width * _INCHES[other], height * _INCHES[other])]
    raise UsageError(
        f"'{shown}': {width:g} by {height:g} {unit_name(unit)} is too {what} for a picture",
        expected=f"{_LEAST / inches:.4g} to {_MOST / inches:.4g} {unit_name(unit)} each",
        nearest=f"{shown}{others[0]}" if others else "",
    )


def _within(*sides: float) -> bool:
    """Whether all sides are such as a picture may have, in inches."""
    return all(_LEAST <= side <= _MOST for side in sides)


def _points(text: str) -> float:
    expected = f"points from {_SMALLEST:g} to {_LARGEST:g}, as 8"
    try:
        size = float(text.removesuffix("pt"))
    except ValueError:
        raise UsageError(f"'{printable(text[:40])}' is no size of letters", expected=expected) from None
    if not _SMALLEST <= size <= _LARGEST:
        raise UsageError(f"letters of {size:g} points", expected=expected)
    return size
