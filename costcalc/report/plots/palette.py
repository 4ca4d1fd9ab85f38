"""Colours, signs and dashes that tell series apart, and the sizes of letters."""

from __future__ import annotations

from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
"""Okabe and Ito's colours, told apart by people with any colour vision, without the yellow that is lost on white."""
FURTHER = (
    "#9200ff", "#6d0061", "#0000ff", "#ff00e7", "#00db00", "#004900", "#6d2400", "#ff006d", "#9e86ff", "#9ece79",
    "#3d3d61", "#aa1849", "#868600", "#3d6dff", "#7955aa", "#00dbc2", "#ff9e92", "#006161", "#615518", "#55aa00",
    "#b6aadb", "#3d009e", "#aa24b6", "#ff86ff", "#007900",
)  # fmt: skip
"""For more series than those: each as far as can be from all before it, in OKLab (Björn Ottosson's space)."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))
QUIET = "#767676"
"""For what explains the data and is not data: frontiers, leaders, grid labels."""
SCALE = "cividis"
"""A colour scale that reads the same with any colour vision, and in grey."""
SMALL = "small"
"""Letters of labels, beside those of the axes."""
SMALL_SHARE = 0.833
"""What Matplotlib's `small` is of the font's size."""
_PALEST = 0.55


def look(index: int) -> tuple[str, str]:
    """Colour and marker of the series at `index`: no colour twice among the first 32, no two alike among 200."""
    hues = (*COLOURS, *FURTHER)
    return hues[index % len(hues)], MARKERS[(index + index // len(hues)) % len(MARKERS)]


def shaded(colour: str, index: int, of: int) -> str:
    """A shade of a hue for the value at `index` of several: the first as it is, the last the palest."""
    from matplotlib.colors import to_hex, to_rgb

    white = _PALEST * index / max(of - 1, 3)
    red, green, blue = (part + (1 - part) * white for part in to_rgb(colour))
    return to_hex((red, green, blue))


def readable(colour: str) -> str:
    """A hue for letters: darkened, since thin strokes look paler than areas."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (part * 0.78 for part in to_rgb(colour))
    return to_hex((red, green, blue))
