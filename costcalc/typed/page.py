"""What a picture is drawn for: its title, its size and its letters, as a person asks for them."""

from __future__ import annotations

import re
from typing import NamedTuple

from costcalc.errors import UsageError, nearest
from costcalc.escape import printable

WIDTHS = {"column": 3.5, "page": 7.16}
"""Inches of one column, and of a whole page of two: those of IEEE's and most others' journals."""
_INCHES = {"": 1.0, "in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}
_LEAST, _MOST = 1.0, 60.0
_SMALLEST, _LARGEST = 4.0, 48.0
_SIZE = r"([0-9]+(?:\.[0-9]+)?)x([0-9]+(?:\.[0-9]+)?)([a-z]*)"
_FORM = "column, page, or WxH in inches as 3.5x2.5 (or 90x60mm, 9x6cm)"


class Page(NamedTuple):
    """What a picture is drawn for; None leaves the choice to the kind of picture.

    Units: inches, and points of 1/72 inch for letters. An empty title is none.
    """

    title: str | None = None
    width: float | None = None
    height: float | None = None
    font_size: float | None = None


def read_page(title: str | None = None, size: str | None = None, font_size: str | float | None = None) -> Page:
    """A page from what was typed. Raises UsageError for a size or letters that are none, or beyond reason."""
    width, height = (None, None) if size is None else _size(size.strip())
    return Page(title, width, height, None if font_size is None else _points(str(font_size).strip()))


def _size(text: str) -> tuple[float, float | None]:
    if text in WIDTHS:
        return WIDTHS[text], None
    shown = printable(text[:40])
    found = re.fullmatch(_SIZE, text.replace("×", "x"))
    if found is None or found.group(3) not in _INCHES:
        raise UsageError(f"'{shown}' is no size of a picture", expected=_FORM, nearest=nearest(text, list(WIDTHS)))
    unit = _INCHES[found.group(3)]
    sides = float(found.group(1)) * unit, float(found.group(2)) * unit
    if not all(_LEAST <= side <= _MOST for side in sides):
        what = "small" if min(sides) < _LEAST else "large"
        raise UsageError(
            f"'{shown}': {sides[0]:.4g} by {sides[1]:.4g} inches is too {what} for a picture",
            expected=f"{_LEAST:g} to {_MOST:g} inches each",
        )
    return sides


def _points(text: str) -> float:
    expected = f"points from {_SMALLEST:g} to {_LARGEST:g}, as 8"
    try:
        size = float(text.removesuffix("pt"))
    except ValueError:
        raise UsageError(f"'{printable(text[:40])}' is no size of letters", expected=expected) from None
    if not _SMALLEST <= size <= _LARGEST:
        raise UsageError(f"letters of {size:g} points", expected=expected)
    return size
